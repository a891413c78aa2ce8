"""Test data of the elementwise ops: one row for each row of the engine's table, and for what is made of them.

A row names the function that NumPy or SciPy has for the op, where to sample it, for which dtypes, how far
from the exact value the result may be, and whether it has a gradient. `test_rows.py` runs every row through
every test. The ops that are not elementwise have their rows in `structure_rows.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy.special as sp

BOOL = ("bool",)
INTS = ("int8", "int16", "int32", "int64")
UINTS = ("uint8", "uint16", "uint32", "uint64")
FLOATS = ("float16", "float32", "float64")
DISCRETE = BOOL + INTS + UINTS
NUMBERS = INTS + UINTS + FLOATS
ALL = BOOL + NUMBERS


@dataclass(frozen=True)
class Row:
    """How to test one elementwise op.

    Attributes
    ----------
    name : the op in the engine's table
    reference : the same function of NumPy arrays
    domains : for each argument, the range to sample from
    dtypes : the element types it takes
    result : how its dtype follows from the promoted one: "same", "inexact", "bool", "counting" (bool: int8)
        or "uint64"
    ulp : largest error in units of the last place of float32 and float64; 0 means NumPy's very bits
    gradient : whether it has one
    smooth : the domains for finite differences, where they are narrower
    special : whether infinities, NaN and zeros give what the reference gives
    zero_sign : whether the sign of zero does so, too
    without : special values where the reference itself is wrong, or follows another convention
    reference_ulp : the error of a reference that is no better than float64, in its units
    whole : arguments that are whole numbers in any dtype
    fixed : arguments without a derivative
    """

    name: str
    reference: Callable[..., np.ndarray]
    domains: tuple[tuple[float, float], ...] = ((-4, 4),)
    dtypes: tuple[str, ...] = ALL
    result: str = "inexact"
    ulp: float = 2
    gradient: bool = True
    smooth: tuple[tuple[float, float], ...] | None = None
    special: bool = True
    zero_sign: bool = True
    without: tuple[float, ...] = ()
    reference_ulp: float = 4
    whole: tuple[int, ...] = ()
    fixed: tuple[int, ...] = ()

    @property
    def arity(self) -> int:
        return len(self.domains)


def floating(x: np.ndarray) -> bool:
    return np.asarray(x).dtype.kind == "f"


def round_half_away(x: np.ndarray) -> np.ndarray:
    whole = np.trunc(x)
    return np.copysign(whole + np.where(np.abs(x - whole) >= 0.5, np.copysign(1, x), 0), x)


def for_floats(function: Callable[[np.ndarray], np.ndarray]) -> Callable[[np.ndarray], np.ndarray]:
    """Rounding: integers stay as they are."""
    return lambda x: function(x).astype(x.dtype) if floating(x) else x


def trigamma(x: np.ndarray) -> np.ndarray:
    """SciPy's, extended below 0 by reflection."""
    x = np.asarray(x, "float64")
    with np.errstate(all="ignore"):
        reflected = (np.pi / np.sin(np.pi * x)) ** 2 - sp.zeta(2, 1 - x)
        return np.where(x > 0, sp.zeta(2, np.maximum(x, 1e-300)), reflected)


def clip(x: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    return np.minimum(high, np.maximum(low, x))


def unary(name: str, reference: Callable[..., np.ndarray], low: float, high: float, **options) -> Row:
    return Row(name, reference, ((low, high),), **options)


def binary(
    name: str, reference: Callable[..., np.ndarray], low: float = -4, high: float = 4, **options
) -> Row:
    return Row(name, reference, ((low, high),) * 2, **options)


exact = {"result": "same", "ulp": 0}
predicate = {"result": "bool", "ulp": 0, "gradient": False}
bits = {"result": "same", "ulp": 0, "gradient": False, "dtypes": DISCRETE}

ARITHMETIC = [
    binary("add", np.add, -100, 100, **exact),
    binary("sub", np.subtract, -100, 100, dtypes=NUMBERS, **exact),
    binary("mul", np.multiply, -100, 100, **exact),
    binary("true_div", np.true_divide, 0.5, 100, ulp=0),
    binary("floor_div", np.floor_divide, 1, 100, result="counting", ulp=0, gradient=False),
    binary("mod", np.remainder, 1, 100, result="counting", ulp=0),
    unary("neg", np.negative, -100, 100, dtypes=NUMBERS, **exact),
    unary("abs", np.abs, -100, 100, **exact),
    unary("sign", np.sign, -100, 100, dtypes=NUMBERS, zero_sign=False, **exact),
    binary("copysign", np.copysign, -4, 4, ulp=0),
    unary("reciprocal", lambda x: 1 / x, 0.5, 100, ulp=0),
    unary("square", lambda x: x * x, -100, 100, **exact),
    unary("sqrt", np.sqrt, 0, 100, ulp=0, smooth=((0.5, 100),)),
    unary("rsqrt", lambda x: 1 / np.sqrt(x), 0.5, 100),
    unary("cbrt", np.cbrt, -100, 100, smooth=((0.5, 100),)),
    Row("pow", np.power, ((0.1, 5), (0, 3)), result="counting"),
    binary("hypot", np.hypot, -100, 100),
    binary("maximum", np.maximum, -100, 100, zero_sign=False, **exact),
    binary("minimum", np.minimum, -100, 100, zero_sign=False, **exact),
    binary("fmax", np.fmax, -100, 100, zero_sign=False, **exact),
    binary("fmin", np.fmin, -100, 100, zero_sign=False, **exact),
    Row("clip", clip, ((-9, 9), (-6, -3), (3, 6)), zero_sign=False, **exact),
    Row("where", np.where, ((-2, 2), (-100, 100), (-100, 100)), **exact),
]

EXPONENTIAL = [
    unary("exp", np.exp, -10, 10),
    unary("exp2", np.exp2, -10, 10),
    unary("expm1", np.expm1, -4, 4),
    unary("log", np.log, 0.01, 100),
    unary("log2", np.log2, 0.01, 100),
    unary("log10", np.log10, 0.01, 100),
    unary("log1p", np.log1p, -0.9, 100),
    # Below 0 it has zeros, near which the error is a matter of its absolute size.
    binary("logaddexp", np.logaddexp, 0, 10),
    # Exact values near the unit circle need more digits than the reference has: see test_complex.py.
    binary("loghypot", lambda x, y: np.log(np.hypot(x, y)), 2, 100),
    Row("xlogy", sp.xlogy, ((0, 5), (0.1, 5)), zero_sign=False),
    unary("sigmoid", sp.expit, -10, 10),
    unary("softplus", lambda x: np.logaddexp(x * 0, x), -10, 10, special=False),
    unary("relu", lambda x: np.maximum(x, x.dtype.type(0)), -9, 9, dtypes=NUMBERS, zero_sign=False, **exact),
]

TRIGONOMETRIC = [
    unary("sin", np.sin, -10, 10),
    unary("cos", np.cos, -10, 10),
    unary("tan", np.tan, -1.5, 1.5),
    unary("arcsin", np.arcsin, -1, 1, smooth=((-0.9, 0.9),)),
    unary("arccos", np.arccos, -1, 1, smooth=((-0.9, 0.9),)),
    unary("arctan", np.arctan, -10, 10),
    binary("arctan2", np.arctan2, -4, 4),
    unary("sinh", np.sinh, -5, 5),
    unary("cosh", np.cosh, -5, 5),
    unary("tanh", np.tanh, -4, 4),
    unary("arcsinh", np.arcsinh, -10, 10),
    unary("arccosh", np.arccosh, 1, 10, smooth=((1.5, 10),)),
    unary("arctanh", np.arctanh, -0.99, 0.99, smooth=((-0.8, 0.8),)),
    unary("deg2rad", np.deg2rad, -360, 360, ulp=1),
    unary("rad2deg", np.rad2deg, -7, 7, ulp=1),
]


def gamma_density(a: np.ndarray, x: np.ndarray) -> np.ndarray:
    return np.exp(sp.xlogy(a - 1, x) - x - sp.gammaln(a))


def beta_density(a: np.ndarray, b: np.ndarray, x: np.ndarray) -> np.ndarray:
    return np.exp(sp.xlogy(a - 1, x) + sp.xlog1py(b - 1, -x) - sp.betaln(a, b))


def slope(function: Callable[..., np.ndarray], k: int) -> Callable[..., np.ndarray]:
    """The derivative of a function by argument `k`, of eighth order in the step."""

    def derivative(*arguments: np.ndarray) -> np.ndarray:
        total, step = 0.0, 1e-2
        for count, weight in enumerate((4 / 5, -1 / 5, 4 / 105, -1 / 280), 1):
            for sign in (1, -1):
                moved = list(arguments)
                moved[k] = moved[k] + sign * count * step
                total = total + sign * weight * function(*moved)
        return total / step

    return derivative


gammainc_da = slope(sp.gammainc, 0)
betainc_da, betainc_db = slope(sp.betainc, 0), slope(sp.betainc, 1)
BETA = ((0.5, 5), (0.5, 5), (0.1, 0.9))
ORDERS_0_1 = ("j0", "j1", "y0", "y1", "i0", "i1", "i0e", "i1e", "k0", "k1", "k0e", "k1e")

SPECIAL = [
    unary("erf", sp.erf, -4, 4),
    unary("erfc", sp.erfc, -4, 4, reference_ulp=14),
    unary("erfinv", sp.erfinv, -0.99, 0.99, smooth=((-0.9, 0.9),)),
    # SciPy's is infinite for subnormal arguments.
    unary("erfcinv", sp.erfcinv, 0.01, 1.99, smooth=((0.1, 1.9),), without=(5e-324,)),
    # 2.5 keeps away from the zeros. At -inf C99 has inf, SciPy -inf.
    unary("gammaln", sp.gammaln, 2.5, 30, ulp=4, without=(-np.inf,)),
    unary("gamma", sp.gamma, 0.5, 6, ulp=8),
    unary("digamma", sp.digamma, 2.5, 30, ulp=8),
    unary("trigamma", trigamma, 0.5, 30, ulp=8, special=False),
    unary("erfcx", sp.erfcx, -4, 20, ulp=5),
    Row(
        "polygamma",
        sp.polygamma,
        ((1, 4), (0.5, 30)),
        whole=(0,),
        fixed=(0,),
        reference_ulp=60,
        special=False,
    ),
    binary("beta", sp.beta, 0.5, 6, reference_ulp=60, special=False),
    binary("betaln", sp.betaln, 3, 20, reference_ulp=60, special=False),
    Row("binom", sp.binom, ((8, 12), (0.5, 6)), reference_ulp=60, special=False),
    Row("poch", sp.poch, ((0.5, 6), (0.5, 4)), reference_ulp=60, special=False),
]

INCOMPLETE = [
    binary("gammainc", sp.gammainc, 0.5, 9, reference_ulp=60, special=False),
    binary("gammaincc", sp.gammaincc, 0.5, 9, reference_ulp=60, special=False),
    binary("gammainc_dx", gamma_density, 0.5, 9, reference_ulp=200, special=False),
    binary("gammainc_da", gammainc_da, 0.5, 9, reference_ulp=1e8, special=False, fixed=(0,)),
    Row("gammaincinv", sp.gammaincinv, ((0.5, 9), (0.1, 0.9)), reference_ulp=1000, special=False),
    Row("gammainccinv", sp.gammainccinv, ((0.5, 9), (0.1, 0.9)), reference_ulp=1000, special=False),
    Row("betainc", sp.betainc, BETA, reference_ulp=60, special=False),
    Row("betaincc", sp.betaincc, BETA, reference_ulp=60, special=False),
    Row("betainc_dx", beta_density, BETA, reference_ulp=200, special=False),
    Row("betainc_da", betainc_da, BETA, reference_ulp=1e8, special=False, fixed=(0, 1)),
    Row("betainc_db", betainc_db, BETA, reference_ulp=1e8, special=False, fixed=(0, 1)),
    Row("betaincinv", sp.betaincinv, BETA, reference_ulp=1000, special=False),
    Row("betainccinv", sp.betainccinv, BETA, reference_ulp=1000, special=False),
]


def bessel(name: str) -> Row:
    return Row(name, getattr(sp, name), ((0, 4), (0.5, 9)), fixed=(0,), reference_ulp=1e5, special=False)


# References lose digits near zeros; test_special_functions.py compares with mpmath.
BESSEL = [
    *(unary(name, getattr(sp, name), 0.5, 9, ulp=4, reference_ulp=1e5, special=False) for name in ORDERS_0_1),
    *(bessel(name) for name in ("jv", "yv", "iv", "ive", "kv", "kve")),
]

INTEGRALS = [
    unary("expi", sp.expi, 0.5, 9, reference_ulp=60, special=False),
    unary("exp1", sp.exp1, 0.5, 9, reference_ulp=60, special=False),
    Row("expn", sp.expn, ((0, 5), (0.5, 9)), whole=(0,), fixed=(0,), reference_ulp=60, special=False),
    unary("ellipk", sp.ellipk, -4, 0.9),
    unary("ellipkm1", sp.ellipkm1, 0.1, 4),
    unary("ellipe", sp.ellipe, -4, 0.9),
    Row("elliprd", sp.elliprd, ((0, 4), (0.5, 4), (0.5, 4)), gradient=False, fixed=(0, 1, 2), special=False),
    Row(
        "hyp2f1",
        sp.hyp2f1,
        ((0.5, 3), (0.5, 3), (1, 5), (-0.5, 0.5)),
        fixed=(0, 1, 2),
        reference_ulp=1000,
        special=False,
    ),
    binary("owens_t", sp.owens_t, -4, 4, reference_ulp=1e5, special=False),
    unary("riemann_zeta", sp.zeta, 1.5, 9, gradient=False, fixed=(0,), reference_ulp=60, special=False),
    Row("hurwitz_zeta", sp.zeta, ((1.5, 9), (0.5, 9)), fixed=(0,), reference_ulp=1e4, special=False),
]

ROUNDING = [
    unary("floor", for_floats(np.floor), -9, 9, gradient=False, **exact),
    unary("ceil", for_floats(np.ceil), -9, 9, gradient=False, **exact),
    unary("trunc", for_floats(np.trunc), -9, 9, gradient=False, **exact),
    unary("round", for_floats(np.rint), -9, 9, gradient=False, **exact),
    unary("round_half_away_from_zero", for_floats(round_half_away), -9, 9, gradient=False, **exact),
]

COMPARISON = [
    binary("eq", np.equal, -2, 2, **predicate),
    binary("ne", np.not_equal, -2, 2, **predicate),
    binary("lt", np.less, -2, 2, **predicate),
    binary("le", np.less_equal, -2, 2, **predicate),
    binary("gt", np.greater, -2, 2, **predicate),
    binary("ge", np.greater_equal, -2, 2, **predicate),
    unary("isnan", np.isnan, -2, 2, **predicate),
    unary("isinf", np.isinf, -2, 2, **predicate),
    unary("isfinite", np.isfinite, -2, 2, **predicate),
    binary("logical_and", np.logical_and, -2, 2, **predicate),
    binary("logical_or", np.logical_or, -2, 2, **predicate),
    binary("logical_xor", np.logical_xor, -2, 2, **predicate),
    unary("logical_not", np.logical_not, -2, 2, **predicate),
]

BITWISE = [
    binary("bitwise_and", np.bitwise_and, -100, 100, **bits),
    binary("bitwise_or", np.bitwise_or, -100, 100, **bits),
    binary("bitwise_xor", np.bitwise_xor, -100, 100, **bits),
    unary("invert", np.invert, -100, 100, **bits),
    Row("left_shift", np.left_shift, ((-100, 100), (-3, 70)), **{**bits, "result": "counting"}),
    Row("right_shift", np.right_shift, ((-100, 100), (-3, 70)), **{**bits, "result": "counting"}),
]


def philox(words: int) -> Callable[..., np.ndarray]:
    """Words 0 and 1, or words 2 and 3, of Philox 4x32-10 as its authors write it down."""

    def block(counter: np.ndarray, key: np.ndarray, stream: np.ndarray) -> np.ndarray:
        low = np.uint64(2**32 - 1)
        values = [np.asarray(x, "uint64") for x in (counter, stream, key)]
        c0, c1, c2, c3, k0, k1 = (half for x in values for half in (x & low, x >> np.uint64(32)))
        for _ in range(10):
            a, b = np.uint64(0xD2511F53) * c0, np.uint64(0xCD9E8D57) * c2
            c0, c1, c2, c3 = b >> np.uint64(32) ^ c1 ^ k0, b & low, a >> np.uint64(32) ^ c3 ^ k1, a & low
            k0, k1 = k0 + np.uint64(0x9E3779B9) & low, k1 + np.uint64(0xBB67AE85) & low
        first, second = (c0, c1) if words == 0 else (c2, c3)
        return first | second << np.uint64(32)

    return block


def mul_high(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    product = np.frompyfunc(lambda a, b: int(a) * int(b) >> 64, 2, 1)
    return np.asarray(product(x, y)).astype("uint64")


words = {"result": "uint64", "ulp": 0, "gradient": False, "dtypes": ("uint8", "uint64")}
WORD = (0, 2**63 - 1)
RANDOM = [
    Row("philox", philox(0), (WORD,) * 3, **words),
    Row("philox_second", philox(2), (WORD,) * 3, **words),
    Row("mul_high", mul_high, (WORD,) * 2, **words),
]
# Draws by random bits have no other function to agree with: test_random_laws.py compares their distributions.
DRAWS = {
    "draw_binomial",
    "draw_exponential",
    "draw_gamma",
    "draw_hypergeometric",
    "draw_poisson",
    "draw_vonmises",
    "draw_zipf",
}

OPS = (
    ARITHMETIC
    + EXPONENTIAL
    + TRIGONOMETRIC
    + SPECIAL
    + INCOMPLETE
    + BESSEL
    + INTEGRALS
    + ROUNDING
    + COMPARISON
    + BITWISE
    + RANDOM
)
BY_NAME = {row.name: row for row in OPS}

# Functions of T that are made of these: several roundings, which float16 shows.
SINGLE = ("int32", "float32", "float64")
COMPOSED = [
    binary("heaviside", np.heaviside, -4, 4, ulp=0),
    binary("fmod", np.fmod, 1, 100, result="counting", ulp=0),
    binary("logaddexp2", np.logaddexp2, 0, 10, ulp=4, dtypes=SINGLE),
    unary("sinc", np.sinc, -0.9, 0.9, ulp=8, dtypes=SINGLE, special=False),
    unary("signbit", np.signbit, -2, 2, **predicate),
    unary("isposinf", np.isposinf, -2, 2, **predicate),
    unary("isneginf", np.isneginf, -2, 2, **predicate),
    unary("nan_to_num", np.nan_to_num, -9, 9, **exact),
    unary("rint", np.rint, -9, 9, ulp=0, gradient=False),
    unary("fabs", np.fabs, -9, 9, ulp=0),
    unary("fix", for_floats(np.fix), -9, 9, gradient=False, **exact),
    unary("positive", lambda x: x, -9, 9, **exact),
    unary("expit", sp.expit, -10, 10),
    unary("log1pexp", lambda x: np.logaddexp(x * 0, x), -10, 10, special=False),
    unary("log_expit", sp.log_expit, -10, 10, dtypes=NUMBERS, reference_ulp=8),
    unary("logit", sp.logit, 0.01, 0.99, ulp=4, dtypes=SINGLE, smooth=((0.1, 0.9),)),
    unary("log1mexp", lambda x: np.log(-np.expm1(x)), -10, -0.01, ulp=6, dtypes=SINGLE),
    Row("xlog1py", sp.xlog1py, ((0, 5), (-0.9, 5)), dtypes=SINGLE, zero_sign=False),
    unary("entr", sp.entr, 0.01, 4, dtypes=SINGLE, zero_sign=False),
    binary("rel_entr", sp.rel_entr, 0.1, 4, ulp=6, dtypes=SINGLE, zero_sign=False),
    # Near x = y it is the small difference of large numbers.
    # SciPy's is -inf where x / y underflows.
    Row(
        "kl_div",
        sp.kl_div,
        ((0.1, 1), (3, 4)),
        ulp=8,
        dtypes=SINGLE,
        zero_sign=False,
        without=(5e-324, 2.2250738585072014e-308),
    ),
    Row("huber", sp.huber, ((0.5, 2), (-4, 4)), dtypes=SINGLE),
    Row("pseudo_huber", sp.pseudo_huber, ((0.5, 2), (-4, 4)), ulp=6, dtypes=SINGLE, special=False),
    # The rounding of x counts x**2 times.
    unary("ndtr", sp.ndtr, -4, 4, ulp=16, dtypes=SINGLE),
    unary("log_ndtr", sp.log_ndtr, -30, 5, ulp=32, dtypes=SINGLE, special=False, reference_ulp=60),
    unary("factorial", lambda n: sp.gamma(n + 1), 0, 6, ulp=8, dtypes=SINGLE, special=False),
    binary(
        "chi2sf",
        lambda x, k: sp.chdtrc(k, x),
        0.5,
        9,
        ulp=8,
        dtypes=SINGLE,
        special=False,
        reference_ulp=1000,
    ),
    binary(
        "gammau",
        lambda k, x: sp.gammaincc(k, x) * sp.gamma(k),
        0.5,
        9,
        ulp=8,
        dtypes=SINGLE,
        special=False,
        reference_ulp=60,
    ),
    binary(
        "gammal",
        lambda k, x: sp.gammainc(k, x) * sp.gamma(k),
        0.5,
        9,
        ulp=8,
        dtypes=SINGLE,
        special=False,
        reference_ulp=60,
    ),
    unary("ndtri", sp.ndtri, 0.01, 0.99, ulp=8, dtypes=SINGLE, smooth=((0.1, 0.9),)),
]
ROWS = OPS + COMPOSED

INEXACT = {"bool": "float32", "int8": "float32", "uint8": "float32", "int16": "float32", "uint16": "float32"}


def to_inexact(dtype: str) -> str:
    """The dtype in which functions of real numbers compute. For integers never float16, unlike in NumPy."""
    return dtype if dtype in FLOATS else INEXACT.get(dtype, "float64")


def result_dtype(row: Row, *dtypes: str) -> str:
    """The dtype of the op's result for arguments of these dtypes."""
    if row.name == "where":
        dtypes = dtypes[1:]
    dtype = np.result_type(*dtypes).name
    kinds = {
        "bool": "bool",
        "uint64": "uint64",
        "inexact": to_inexact(dtype),
        "counting": "int8" if dtype == "bool" else dtype,
    }
    return kinds.get(row.result, dtype)


def sample(
    row: Row, dtypes: tuple[str, ...], shapes: tuple[tuple[int, ...], ...], seed: int = 0
) -> list[np.ndarray]:
    """Arguments of the given dtypes and shapes from the row's domains."""
    rng = np.random.default_rng([seed, *row.name.encode()])
    arguments = []
    for k, (dtype, shape, (low, high)) in enumerate(zip(dtypes, shapes, row.domains, strict=True)):
        if k in row.whole and dtype in FLOATS:
            value = rng.integers(low, high, shape, endpoint=True)
        elif dtype == "bool":
            # Where zero is outside the domain, so is False.
            value = rng.integers(0, 2, shape) if low <= 0 else np.ones(shape)
        elif dtype in FLOATS:
            value = rng.uniform(low, high, shape)
        else:
            info = np.iinfo(dtype)
            low = max(int(np.ceil(low)), info.min)
            high = max(low, min(int(high), info.max))
            value = rng.integers(low, high, shape, endpoint=True)
        arguments.append(np.asarray(value).astype(dtype))
    return arguments
