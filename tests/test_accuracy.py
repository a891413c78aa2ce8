"""Elementary and special functions against mpmath, in units of the last place over the whole range."""

import math

import mpmath as mp
import numpy as np
import pytest

import croton as ct
import croton.tensor as T

SAMPLES = 1500
mp.mp.prec = 120


def sigmoid(x):
    return 1 / (1 + mp.exp(-x)) if x > 0 else mp.exp(x) / (1 + mp.exp(x))


def softplus(x):
    return max(x, mp.mpf(0)) + mp.log1p(mp.exp(-abs(x)))


def erfcinv(x):
    """Newton's method on log(erfc), which keeps the relative precision of small x."""
    if x > 1:
        return -erfcinv(2 - x)
    if x == 1:
        return mp.mpf(0)
    target = mp.log(x)
    y = mp.sqrt(-target - mp.log(-mp.pi * target) / 2) if target < -3 else (1 - x) * mp.mpf("0.886")
    for _ in range(100):
        tail = mp.erfc(y)
        step = (mp.log(tail) - target) * tail * mp.sqrt(mp.pi) / 2 * mp.exp(y * y)
        y += step
        if abs(step) <= abs(y) * mp.mpf(2) ** -100:
            break
    return y


def erfinv(x):
    if abs(x) > 0.5:
        return mp.sign(x) * erfcinv(1 - abs(x))
    y = x * mp.sqrt(mp.pi) / 2
    for _ in range(10):
        y -= (mp.erf(y) - x) * mp.sqrt(mp.pi) / 2 * mp.exp(y * y)
    return y


# name: (reference, lower and upper end of the usual range, largest error in ulp)
UNARY = {
    "exp": (mp.exp, -20, 20, 2),
    "exp2": (lambda x: mp.power(2, x), -20, 20, 2),
    "expm1": (mp.expm1, -5, 5, 2),
    "log": (mp.log, 0, 4, 2),
    "log2": (lambda x: mp.log(x, 2), 0, 4, 2),
    "log10": (mp.log10, 0, 4, 2),
    "log1p": (mp.log1p, -1, 4, 2),
    "sigmoid": (sigmoid, -30, 30, 2),
    "softplus": (softplus, -30, 30, 2),
    "sin": (mp.sin, -20, 20, 2),
    "cos": (mp.cos, -20, 20, 2),
    "tan": (mp.tan, -20, 20, 2),
    "arcsin": (mp.asin, -1, 1, 2),
    "arccos": (mp.acos, -1, 1, 2),
    "arctan": (mp.atan, -5, 5, 2),
    "sinh": (mp.sinh, -10, 10, 2),
    "cosh": (mp.cosh, -10, 10, 2),
    "tanh": (mp.tanh, -5, 5, 2),
    "arcsinh": (mp.asinh, -10, 10, 2),
    "arccosh": (mp.acosh, 1, 10, 2),
    "arctanh": (mp.atanh, -1, 1, 2),
    "sqrt": (mp.sqrt, 0, 10, 0.5),
    "cbrt": (lambda x: mp.sign(x) * mp.cbrt(abs(x)), -10, 10, 1),
    "erf": (mp.erf, -4, 4, 2),
    "erfc": (mp.erfc, -4, 28, 2),
    "erfinv": (erfinv, -1, 1, 2),
    "erfcinv": (erfcinv, 0, 2, 2),
}

# name: (x, expected), by C99's Annex F and SciPy; the sign of zero counts
INF, NAN = math.inf, math.nan
SPECIAL = {
    "exp": [(-INF, 0.0), (INF, INF), (0.0, 1.0), (NAN, NAN), (1e4, INF), (-1e4, 0.0)],
    "exp2": [(-INF, 0.0), (INF, INF), (3.0, 8.0), (-2.0, 0.25), (NAN, NAN)],
    "expm1": [(-INF, -1.0), (INF, INF), (-0.0, -0.0), (0.0, 0.0), (NAN, NAN)],
    "log": [(0.0, -INF), (-0.0, -INF), (-1.0, NAN), (1.0, 0.0), (INF, INF), (-INF, NAN), (NAN, NAN)],
    "log2": [(0.0, -INF), (8.0, 3.0), (0.125, -3.0), (INF, INF), (-1.0, NAN)],
    "log10": [(0.0, -INF), (1000.0, 3.0), (INF, INF), (-1.0, NAN)],
    "log1p": [(-1.0, -INF), (-0.0, -0.0), (0.0, 0.0), (INF, INF), (-2.0, NAN), (NAN, NAN)],
    "sigmoid": [(-INF, 0.0), (0.0, 0.5), (INF, 1.0), (NAN, NAN)],
    "softplus": [(-INF, 0.0), (INF, INF), (NAN, NAN)],
    "sin": [(0.0, 0.0), (-0.0, -0.0), (INF, NAN), (NAN, NAN)],
    "cos": [(0.0, 1.0), (-0.0, 1.0), (-INF, NAN), (NAN, NAN)],
    "tan": [(0.0, 0.0), (-0.0, -0.0), (INF, NAN), (NAN, NAN)],
    "arcsin": [(-0.0, -0.0), (2.0, NAN), (NAN, NAN)],
    "arccos": [(1.0, 0.0), (-2.0, NAN), (NAN, NAN)],
    "arctan": [(-0.0, -0.0), (NAN, NAN)],
    "sinh": [(-0.0, -0.0), (INF, INF), (-INF, -INF), (NAN, NAN)],
    "cosh": [(0.0, 1.0), (INF, INF), (-INF, INF), (NAN, NAN)],
    "tanh": [(-0.0, -0.0), (INF, 1.0), (-INF, -1.0), (NAN, NAN)],
    "arcsinh": [(-0.0, -0.0), (INF, INF), (-INF, -INF), (NAN, NAN)],
    "arccosh": [(1.0, 0.0), (0.5, NAN), (INF, INF), (NAN, NAN)],
    "arctanh": [(-0.0, -0.0), (1.0, INF), (-1.0, -INF), (2.0, NAN), (NAN, NAN)],
    "cbrt": [(-0.0, -0.0), (-27.0, -3.0), (-INF, -INF), (NAN, NAN)],
    "erf": [(-0.0, -0.0), (INF, 1.0), (-INF, -1.0), (NAN, NAN)],
    "erfc": [(0.0, 1.0), (INF, 0.0), (-INF, 2.0), (NAN, NAN)],
    "erfinv": [(0.0, 0.0), (1.0, INF), (-1.0, -INF), (2.0, NAN), (NAN, NAN)],
    "erfcinv": [(1.0, 0.0), (0.0, INF), (2.0, -INF), (3.0, NAN), (NAN, NAN)],
    # SciPy's gammaln(-inf) is -inf; C's lgamma and the limit of its poles say inf.
    "gammaln": [(-INF, INF), (INF, INF), (0.0, INF), (-3.0, INF), (1.0, 0.0), (2.0, 0.0), (NAN, NAN)],
    "gamma": [(-INF, NAN), (INF, INF), (0.0, INF), (-0.0, -INF), (-3.0, NAN), (4.0, 6.0), (NAN, NAN)],
    "digamma": [(INF, INF), (-INF, NAN), (0.0, -INF), (-0.0, INF), (-3.0, NAN), (NAN, NAN)],
    "tri_gamma": [(INF, 0.0), (0.0, INF), (-0.0, INF), (-3.0, INF), (NAN, NAN)],
}

# (x, y, expected) by C99's Annex F
POW_SPECIAL = [
    (0.0, 0.0, 1.0), (NAN, 0.0, 1.0), (1.0, NAN, 1.0), (-1.0, INF, 1.0), (-1.0, -INF, 1.0),
    (-0.0, 3.0, -0.0), (-0.0, 2.0, 0.0), (-0.0, -1.0, -INF), (0.0, -2.0, INF), (-0.0, -0.5, INF),
    (-8.0, 3.0, -512.0), (-8.0, 0.5, NAN), (-INF, 3.0, -INF), (-INF, -3.0, -0.0), (-INF, 0.5, INF),
    (0.5, INF, 0.0), (2.0, INF, INF), (0.5, -INF, INF), (2.0, -INF, 0.0), (INF, -1.0, 0.0),
    (NAN, 1.0, NAN), (2.0, NAN, NAN), (10.0, 2.0, 100.0),
]  # fmt: skip

ATAN2_SPECIAL = [
    (0.0, 0.0, 0.0), (-0.0, 0.0, -0.0), (0.0, -0.0, math.pi), (-0.0, -0.0, -math.pi), (1.0, 0.0, math.pi / 2),
    (-1.0, -0.0, -math.pi / 2), (INF, INF, math.pi / 4), (INF, -INF, 3 * math.pi / 4), (1.0, INF, 0.0),
    (-1.0, INF, -0.0), (1.0, -INF, math.pi), (NAN, 1.0, NAN), (1.0, NAN, NAN),
]  # fmt: skip

DTYPES = {"float32": (T.fvector, np.uint32), "float64": (T.dvector, np.uint64)}


def compiled(name, dtype, arity=1):
    inputs = [DTYPES[dtype][0]() for _ in range(arity)]
    return ct.function(inputs, getattr(T, name)(*inputs))


def samples(rng, dtype, low, high, count):
    """Random bit patterns, the usual range, and small numbers of every size."""
    words = DTYPES[dtype][1]
    bits = rng.integers(0, np.iinfo(words).max, count, dtype=words).view(dtype)
    usual = rng.uniform(low, high, count).astype(dtype)
    small = np.ldexp(rng.uniform(0.5, 1, count) * rng.choice([-1, 1], count), rng.integers(-30, 5, count))
    x = np.concatenate([bits, usual, small.astype(dtype)])
    return x[np.isfinite(x)]


def ulp_error(got, exact, dtype):
    """The error of `got` in units of the last place of the exact value."""
    info = np.finfo(dtype)
    if not mp.isfinite(exact):
        return 0.0 if got == float(exact) else INF
    if math.isinf(got):
        got = mp.sign(got) * mp.ldexp(1, info.maxexp)
    exponent = mp.frexp(exact)[1] if exact else info.minexp
    unit = mp.ldexp(1, max(exponent - info.nmant - 1, info.minexp - info.nmant))
    limit = mp.ldexp(1, info.maxexp)
    if abs(exact) > limit:
        exact = mp.sign(exact) * limit
    return float(abs(mp.mpf(got) - exact) / unit)


def worst(f, reference, dtype, *arguments):
    results = f(*arguments)
    worst_error, where = 0.0, None
    for point, got in zip(zip(*arguments, strict=True), results, strict=True):
        exact = reference(*(mp.mpf(float(p)) for p in point))
        if isinstance(exact, mp.mpc):
            assert math.isnan(got), f"{point} -> {got}, required NaN"
            continue
        error = ulp_error(float(got), exact, dtype)
        if not error <= worst_error:
            worst_error, where = error, point
    return worst_error, where


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", UNARY)
def test_unary(name, dtype):
    reference, low, high, bound = UNARY[name]
    x = samples(np.random.default_rng(7), dtype, low, high, SAMPLES)
    outside = {
        "erfinv": abs(x) >= 1,
        "erfcinv": (x <= 0) | (x >= 2),
        "log1p": x <= -1,
        "arctanh": abs(x) >= 1,
    }
    logs = {"log", "log2", "log10", "sqrt"}
    x = x[~outside.get(name, x <= 0 if name in logs else np.zeros(x.shape, bool))]
    # The exact exponential of these has more digits than mpmath cares to compute.
    if name in {"exp", "exp2", "expm1", "sinh", "cosh", "sigmoid", "softplus", "erfc", "tanh", "erf"}:
        x = x[abs(x) < 2000]
    error, where = worst(compiled(name, dtype), reference, dtype, x)
    assert error <= bound, f"{name}({where}) is off by {error:.2f} ulp"


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", SPECIAL)
def test_special_values(name, dtype):
    x, expected = (np.array(column, dtype) for column in zip(*SPECIAL[name], strict=True))
    got = compiled(name, dtype)(x)
    np.testing.assert_array_equal(got, expected)
    number = ~np.isnan(expected)
    np.testing.assert_array_equal(np.signbit(got)[number], np.signbit(expected)[number])


GAMMA = {"gammaln": mp.loggamma, "digamma": lambda x: mp.psi(0, x), "tri_gamma": lambda x: mp.psi(1, x)}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", GAMMA)
def test_gamma_family(name, dtype):
    """Of positive numbers, closely where the formula changes and around zeros."""
    rng = np.random.default_rng(11)
    x = np.concatenate([np.exp2(rng.uniform(-30, 20, 1000)), rng.uniform(0, 12, 1000)])
    edges = np.repeat([0.25, 1, 1.25, 2, 2.25, 3.25, 7.25, 10], 50)
    x = np.concatenate([x, edges * (1 + rng.uniform(-1e-3, 1e-3, edges.size))])
    if name == "digamma":
        x = x[x > 2.5]
    bound = 1 if dtype == "float32" else 8 if name == "digamma" else 4
    error, where = worst(compiled(name, dtype), GAMMA[name], dtype, x.astype(dtype))
    assert error <= bound, f"{name}({where}) is off by {error:.2f} ulp"


@pytest.mark.parametrize(("name", "order"), [("digamma", 0), ("tri_gamma", 1)])
def test_beside_poles(name, order):
    x = np.array([s * 10.0**-k - n for s in (1, -1) for k in (1, 5, 9, 12) for n in (0, 1, 2, 7)])
    x = np.concatenate([x, [-1e-20, 1e-20, -1e-100, 1e-100]])
    want = [float(mp.psi(order, mp.mpf(v))) for v in x]
    np.testing.assert_allclose(compiled(name, "float64")(x), want, rtol=1e-12)


@pytest.mark.parametrize("dtype", DTYPES)
def test_pow(dtype):
    rng = np.random.default_rng(8)
    x = np.exp2(rng.uniform(-20, 20, SAMPLES)).astype(dtype)
    limit = 150 if dtype == "float32" else 1075
    y = (rng.uniform(-limit, limit, SAMPLES) / np.log2(x)).astype(dtype)
    near = rng.uniform(0.5, 2, SAMPLES).astype(dtype)
    x, y = np.concatenate([x, near]), np.concatenate([y, rng.uniform(-150, 150, SAMPLES).astype(dtype)])
    error, where = worst(compiled("pow", dtype, 2), mp.power, dtype, x, y)
    assert error <= 2, f"pow{where} is off by {error:.2f} ulp"


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("name", "rows"), [("pow", POW_SPECIAL), ("arctan2", ATAN2_SPECIAL)])
def test_binary_special_values(name, rows, dtype):
    x, y, expected = (np.array(column, dtype) for column in zip(*rows, strict=True))
    got = compiled(name, dtype, 2)(x, y)
    tolerance = 2 * np.finfo(dtype).eps if name == "arctan2" else 0
    np.testing.assert_allclose(got, expected, rtol=tolerance)
    number = ~np.isnan(expected)
    np.testing.assert_array_equal(np.signbit(got)[number], np.signbit(expected)[number])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("name", "reference"), [("arctan2", mp.atan2), ("hypot", mp.hypot)])
def test_binary(name, reference, dtype):
    rng = np.random.default_rng(9)
    x = samples(rng, dtype, -10, 10, SAMPLES)
    y = rng.permutation(x)
    error, where = worst(compiled(name, dtype, 2), reference, dtype, x, y)
    assert error <= 2, f"{name}{where} is off by {error:.2f} ulp"


@pytest.mark.parametrize("dtype", DTYPES)
def test_logaddexp(dtype):
    """Near its zeros the error is that of results of size 1/8."""
    rng = np.random.default_rng(10)
    part = rng.uniform(0.05, 0.95, SAMPLES)
    total = rng.uniform(-0.5, 0.5, SAMPLES)
    x = np.concatenate([rng.uniform(-30, 30, SAMPLES), rng.uniform(-3, 1, SAMPLES), total + np.log(part)])
    y = np.concatenate([rng.uniform(-30, 30, SAMPLES), rng.uniform(-3, 1, SAMPLES), total + np.log1p(-part)])
    x, y = x.astype(dtype), y.astype(dtype)
    for a, b, got in zip(x, y, compiled("logaddexp", dtype, 2)(x, y), strict=True):
        a, b = mp.mpf(float(a)), mp.mpf(float(b))
        exact = max(a, b) + mp.log1p(mp.exp(-abs(a - b)))
        unit = float(np.spacing(np.abs(np.asarray(max(abs(exact), 0.125), dtype))))
        error = float(abs(mp.mpf(float(got)) - exact) / unit)
        assert error <= 2, f"logaddexp({a}, {b}) is off by {error:.2f} units"


def relative_error(got, exact):
    """The root mean square."""
    return float(np.sqrt(np.mean(((got - exact) / exact) ** 2)))


@pytest.mark.parametrize(("rows", "columns"), [(400, 112), (100, 4800), (40, 32_000), (6, 1_000_000)])
@pytest.mark.parametrize("axes", [(1,), (1, 2)])
def test_float32_sums_are_as_accurate_as_pairwise_ones(rows, columns, axes):
    """Along rows, and along two axes that memory does not make one."""
    x = np.random.default_rng(0).random((rows, columns), "float32")
    x = x if axes == (1,) else x.reshape(rows, -1, 16)[:, :, ::2]
    v = T.TensorType("float32", (None,) * x.ndim)("v")
    sums, powers = ct.function([v], [v.sum(axes), T.exp(v).sum(axes)])(x)
    exact = x.sum(axes, dtype="float64")
    assert relative_error(sums, exact) < 1.1 * relative_error(x.sum(axes), exact)
    exact = np.exp(x.astype("float64")).sum(axes)
    assert relative_error(powers, exact) < 1.1 * relative_error(np.exp(x).sum(axes), exact)
