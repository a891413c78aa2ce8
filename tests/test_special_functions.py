"""Special functions of one and more parameters against mpmath, and their limits and poles."""

import math

import mpmath as mp
import numpy as np
import pytest
import scipy.special as sp

import croton as ct
import croton.tensor as T

INF, NAN = math.inf, math.nan
COUNT = 60
PRECISION = 200


def of(low, high):
    """Numbers from low to high, evenly in their logarithm."""
    return lambda rng: math.exp(rng.uniform(math.log(low), math.log(high)))


def between(low, high):
    return lambda rng: rng.uniform(low, high)


def whole(low, high):
    return lambda rng: float(rng.integers(low, high, endpoint=True))


def lower_gamma(a, x):
    return mp.gammainc(a, 0, x, regularized=True)


def upper_gamma(a, x):
    return mp.gammainc(a, x, mp.inf, regularized=True)


def incomplete_beta(a, b, x):
    return mp.betainc(a, b, 0, x, regularized=True)


def slope(function, k):
    return lambda *x: mp.diff(lambda t: function(*x[:k], t, *x[k + 1 :]), x[k])


# name: (mpmath's function, generators of its arguments, largest error in ulp of float64)
EXACT = {
    "gammainc": (lower_gamma, (of(1e-2, 300), of(1e-2, 300)), 1),
    "gammaincc": (upper_gamma, (of(1e-2, 300), of(1e-2, 300)), 1),
    "gammainc_dx": (lambda a, x: x ** (a - 1) * mp.exp(-x) / mp.gamma(a), (of(1e-2, 300), of(1e-2, 300)), 2),
    "gammainc_da": (slope(lower_gamma, 0), (of(0.1, 50), of(0.1, 50)), 4),
    "betainc": (incomplete_beta, (of(1e-2, 60), of(1e-2, 60), between(0.01, 0.99)), 1),
    "betaincc": (
        lambda a, b, x: incomplete_beta(b, a, 1 - x),
        (of(1e-2, 60), of(1e-2, 60), between(0.01, 0.99)),
        1,
    ),
    "betainc_dx": (
        lambda a, b, x: x ** (a - 1) * (1 - x) ** (b - 1) / mp.beta(a, b),
        (of(1e-2, 60), of(1e-2, 60), between(0.01, 0.99)),
        2,
    ),
    "betainc_da": (slope(incomplete_beta, 0), (of(0.1, 20), of(0.1, 20), between(0.01, 0.99)), 8),
    "betainc_db": (slope(incomplete_beta, 1), (of(0.1, 20), of(0.1, 20), between(0.01, 0.99)), 8),
    "beta": (mp.beta, (of(1e-2, 100), of(1e-2, 100)), 1),
    "betaln": (lambda a, b: mp.log(abs(mp.beta(a, b))), (of(3, 1e6), of(3, 1e6)), 1),
    "poch": (mp.rf, (of(1e-2, 50), between(-5, 20)), 2),
    "binom": (mp.binomial, (of(1, 100), of(1e-2, 30)), 2),
    "polygamma": (lambda n, x: mp.psi(int(n), x), (whole(1, 9), between(-6, 30)), 2),
    "riemann_zeta": (mp.zeta, (between(-12, 30),), 1),
    "hurwitz_zeta": (mp.zeta, (between(1.01, 40), of(0.1, 100)), 1),
    "j0": (lambda x: mp.besselj(0, x), (of(1e-3, 100),), 16),
    "j1": (lambda x: mp.besselj(1, x), (of(1e-3, 100),), 16),
    "jv": (mp.besselj, (between(-10, 30), of(1e-2, 100)), 1),
    "y0": (lambda x: mp.bessely(0, x), (of(1e-3, 100),), 16),
    "y1": (lambda x: mp.bessely(1, x), (of(1e-3, 100),), 16),
    "yv": (mp.bessely, (between(-10, 30), of(1e-2, 100)), 1),
    "i0": (lambda x: mp.besseli(0, x), (of(1e-3, 600),), 4),
    "i1": (lambda x: mp.besseli(1, x), (of(1e-3, 600),), 4),
    "iv": (mp.besseli, (between(-10, 30), of(1e-2, 100)), 1),
    "i0e": (lambda x: mp.besseli(0, x) * mp.exp(-x), (of(1e-3, 1e5),), 4),
    "i1e": (lambda x: mp.besseli(1, x) * mp.exp(-x), (of(1e-3, 1e5),), 4),
    "ive": (lambda v, x: mp.besseli(v, x) * mp.exp(-x), (between(0, 90), of(1e-2, 1e5)), 4),
    "k0": (lambda x: mp.besselk(0, x), (of(1e-3, 600),), 4),
    "k1": (lambda x: mp.besselk(1, x), (of(1e-3, 600),), 4),
    "kv": (mp.besselk, (between(-10, 30), of(1e-2, 100)), 1),
    "k0e": (lambda x: mp.besselk(0, x) * mp.exp(x), (of(1e-3, 1e5),), 4),
    "k1e": (lambda x: mp.besselk(1, x) * mp.exp(x), (of(1e-3, 1e5),), 4),
    "kve": (lambda v, x: mp.besselk(v, x) * mp.exp(x), (between(0, 90), of(1e-2, 1e5)), 4),
    "expi": (mp.ei, (between(-30, 30),), 1),
    "exp1": (mp.e1, (of(1e-3, 100),), 1),
    "expn": (mp.expint, (whole(0, 12), of(1e-2, 50)), 1),
    "ellipk": (mp.ellipk, (between(-5, 1),), 1),
    "ellipkm1": (lambda p: mp.ellipk(1 - p), (of(1e-12, 5),), 1),
    "ellipe": (mp.ellipe, (between(-5, 1),), 1),
    "elliprd": (mp.elliprd, (of(1e-3, 10), of(1e-3, 10), of(1e-3, 10)), 1),
    "hyp2f1": (mp.hyp2f1, (between(-5, 5), between(-5, 5), of(0.5, 10), between(-30, 0.99)), 4),
    "erfcx": (lambda x: mp.exp(x * x) * mp.erfc(x), (between(-20, 60),), 5),
}


def compiled(name, dtype="float64"):
    function = getattr(T, name)
    arity = len(EXACT[name][1]) if name in EXACT else len(SPECIAL[name][0]) - 1
    inputs = [T.tensor(dtype, shape=(None,)) for _ in range(arity)]
    return ct.function(inputs, function(*inputs))


# The same functions over wider ranges, and near the places where terms cancel.
WIDER = [
    ("hyp2f1", (between(-10, 10), between(-10, 10), of(0.5, 10), between(-5, 0.9)), 1000),
    ("hyp2f1", (whole(-6, 0), between(-10, 10), of(0.5, 10), between(-5, 5)), 100),
    ("polygamma", (whole(1, 100), between(-60, 200)), 2),
    ("poch", (between(-20, 20), whole(-20, 40)), 2),
    ("binom", (between(-20, 20), between(-10, 30)), 2),
    ("binom", (of(1, 1000), of(1e-2, 300)), 2),
    *((name, (between(3, 9),), 16) for name in ("j0", "j1", "y0", "y1")),
    *((name, (of(10, 1e8),), 16) for name in ("j0", "j1", "y0", "y1")),
]


def check_values(name, generators, bound):
    rng = np.random.default_rng([*name.encode()])
    points = [tuple(float(make(rng)) for make in generators) for _ in range(COUNT)]
    got = compiled(name)(*map(np.array, zip(*points, strict=True)))
    with mp.workprec(PRECISION):
        for point, value in zip(points, got, strict=True):
            exact = mp.re(EXACT[name][0](*map(mp.mpf, point)))
            if abs(exact) < 1e-290:
                assert abs(value) < 1e-289
                continue
            error = abs((mp.mpf(float(value)) - exact) / mp.mpf(float(np.spacing(abs(float(exact))))))
            assert error <= bound, (
                f"{name}{point} is {value}, required {mp.nstr(exact, 20)}: {float(error):.1f} ulp"
            )


@pytest.mark.parametrize("name", EXACT)
def test_value(name):
    check_values(name, *EXACT[name][1:])


@pytest.mark.parametrize("case", range(len(WIDER)))
def test_value_in_wider_ranges(case):
    check_values(*WIDER[case])


@pytest.mark.parametrize(
    ("name", "zero"), [("j0", 2.4048255576957724), ("j1", 16.470630050877634), ("y0", 0.8935769662791675)]
)
def test_value_close_to_a_zero(name, zero):
    """Long double has 11 more digits than double: that many may cancel."""
    points = zero * (1 + np.array([-1e-3, -1e-4, 2e-4, 1e-3]))
    with mp.workprec(PRECISION):
        exact = [EXACT[name][0](mp.mpf(float(x))) for x in points]
    want = np.array([float(value) for value in exact])
    assert np.all(np.abs(compiled(name)(points) - want) <= 8 * np.spacing(np.abs(want)))


@pytest.mark.parametrize("name", EXACT)
def test_float32_is_rounded_once(name):
    """Computed in float64: within a unit of the last place of that result."""
    rng = np.random.default_rng(2)
    points = [tuple(float(make(rng)) for make in EXACT[name][1]) for _ in range(COUNT)]
    arguments = [np.array(column, "float32") for column in zip(*points, strict=True)]
    wide = compiled(name)(*(x.astype("float64") for x in arguments))
    bound = 1 if name != "erfcx" else 5
    with np.errstate(over="ignore"):
        want = wide.astype("float32")
    got = compiled(name, "float32")(*arguments)
    assert got.dtype == np.float32
    same = (got == want) | (np.isnan(got) & np.isnan(want))
    assert np.all(same | (np.abs(got - want) <= bound * np.spacing(np.abs(want))))


# name: (arguments..., expected)
SPECIAL = {
    "gammainc": [
        (0, 1, 1), (0, 0, NAN), (2, 0, 0), (2, INF, 1), (INF, 2, 0), (INF, INF, NAN), (-1, 1, NAN),
        (1, -1, NAN), (NAN, 1, NAN), (1, NAN, NAN), (5e-324, 1, 1), (1.7e308, 1, 0), (1, 1.7e308, 1),
    ],
    "gammaincc": [
        (0, 1, 0), (0, 0, NAN), (2, 0, 1), (2, INF, 0), (INF, 2, 1), (INF, INF, NAN), (-1, 1, NAN),
        (1, -1, NAN), (NAN, 1, NAN), (1, 1e308, 0),
    ],
    "gammaincinv": [
        (2, 0, 0), (2, 1, INF), (0, 0.5, 0), (2, -0.1, NAN), (2, 1.1, NAN), (-1, 0.5, NAN), (NAN, 0.5, NAN),
    ],
    "gammainccinv": [(2, 0, INF), (2, 1, 0), (0, 0.5, 0), (2, -0.1, NAN), (2, 1.1, NAN), (-1, 0.5, NAN)],
    "gammainc_dx": [(1, 0, 1), (0.5, 0, INF), (2, 0, 0), (2, INF, 0), (-1, 1, NAN), (2, NAN, NAN)],
    "gammainc_da": [(1, 0, 0), (1, INF, 0), (0, 1, NAN), (-1, 1, NAN), (1, NAN, NAN)],
    "betainc": [
        (1, 2, 0, 0), (1, 2, 1, 1), (0, 1, 0.5, 1), (1, 0, 0.5, 0), (1, 0, 1, 1), (0, 0, 0.5, NAN),
        (2, INF, 0.5, 1), (1, 1, -0.1, NAN), (1, 1, 1.1, NAN), (-1, 1, 0.5, NAN), (1, 1, NAN, NAN),
        (1e300, 1e300, 0.5, 0.5), (1e300, 1e300, 0.4, 0),
    ],
    "betaincc": [(1, 2, 0, 1), (1, 2, 1, 0), (0, 1, 0.5, 0), (1, 1, NAN, NAN)],
    "betaincinv": [
        (1, 2, 0, 0), (1, 2, 1, 1), (1, 1, 0.25, 0.25), (-1, 1, 0.5, NAN), (1, 1, 1.5, NAN),
        (1e300, 1e300, 0.5, 0.5),
    ],
    "betainccinv": [(1, 2, 0, 1), (1, 2, 1, 0), (1, -1, 0.5, NAN)],
    "betainc_dx": [(1, 3, 0, 3), (2, 3, 0, 0), (0.5, 3, 0, INF), (3, 1, 1, 3), (1, 1, 2, NAN)],
    "betainc_da": [(1, 1, 0, 0), (1, 1, 1, 0), (-1, 1, 0.5, NAN), (1, 1, NAN, NAN)],
    "betainc_db": [(1, 1, 0, 0), (1, 1, 1, 0), (1, -1, 0.5, NAN)],
    "beta": [
        (0, 1, INF), (-1, 2, INF), (-3, 2, 1 / 6), (INF, 1, 0), (-0.5, -0.5, 0), (NAN, 1, NAN),
        (1, 1e-320, INF),
    ],
    "betaln": [(0, 1, INF), (INF, 1, -INF), (1, 1, 0), (NAN, 1, NAN), (1e300, 1e-300, math.log(1e300))],
    "binom": [
        (5, 2, 10), (5, -1, 0), (5, 7, 0), (-1, 2, NAN), (-2.5, 3, -6.5625), (100, 98, 4950),
        (1e18, 2, 5e35), (0, 0, 1), (NAN, 1, NAN),
    ],
    "poch": [
        (0, 2, 0), (-2, 2, 2), (-2, 3, 0), (-2.5, 1.5, INF), (2, -2, INF), (2, -3, INF), (-2, 1.5, 0),
        (-3, -1, -0.25), (3, 0, 1), (NAN, 1, NAN),
    ],
    "polygamma": [
        (1, 0, INF), (1, -2, INF), (1, INF, 0), (1.5, 2, NAN), (-1, 2, NAN), (2, NAN, NAN), (NAN, 2, NAN),
    ],
    "riemann_zeta": [(1, INF), (INF, 1), (0, -0.5), (-2, 0), (NAN, NAN)],
    "hurwitz_zeta": [
        (1, 2, INF), (2, 0, INF), (2, -1, INF), (0.5, 2, NAN), (2, INF, 0), (2.5, -1.5, NAN), (INF, 2, 0),
        (NAN, 1, NAN), (1e300, 3, 0),
    ],
    "j0": [(0, 1), (INF, 0), (-INF, 0), (NAN, NAN)],
    "j1": [(0, 0), (INF, 0), (NAN, NAN)],
    "jv": [
        (0, 0, 1), (2, 0, 0), (0.5, -1, NAN), (2, INF, 0), (NAN, 1, NAN), (1, NAN, NAN), (INF, 1, NAN),
        (-0.5, 0, INF),
    ],
    "y0": [(0, -INF), (-1, NAN), (INF, 0), (NAN, NAN)],
    "y1": [(0, -INF), (-1, NAN), (INF, 0), (5e-324, -INF), (NAN, NAN)],
    "yv": [
        (0, 0, -INF), (2.5, 0, -INF), (-1, 0, INF), (-0.5, 0, 0), (1, -1, NAN), (1, INF, 0),
        (10000, 1, -INF), (1, NAN, NAN),
    ],
    "i0": [(0, 1), (INF, INF), (-INF, INF), (800, INF), (NAN, NAN)],
    "i1": [(0, 0), (INF, INF), (-INF, -INF), (NAN, NAN)],
    "iv": [(0, 0, 1), (1, 0, 0), (1, -INF, -INF), (0.5, -1, NAN), (1, NAN, NAN), (NAN, 1, NAN)],
    "i0e": [(0, 1), (INF, 0), (-INF, 0), (NAN, NAN)],
    "i1e": [(0, 0), (INF, 0), (NAN, NAN)],
    "ive": [(0, 0, 1), (2, INF, 0), (0.5, -1, NAN), (1, NAN, NAN)],
    "k0": [(0, INF), (-1, NAN), (INF, 0), (NAN, NAN)],
    "k1": [(0, INF), (-1, NAN), (INF, 0), (5e-324, INF), (NAN, NAN)],
    "kv": [(0, 0, INF), (-2.5, 0, INF), (1, -1, NAN), (2, INF, 0), (1, NAN, NAN), (NAN, 1, NAN)],
    "k0e": [(0, INF), (-1, NAN), (INF, 0), (NAN, NAN)],
    "k1e": [(0, INF), (-1, NAN), (INF, 0), (NAN, NAN)],
    "kve": [(0, 0, INF), (1, -1, NAN), (2, INF, 0), (1, NAN, NAN)],
    "expi": [(0, -INF), (INF, INF), (-INF, 0), (NAN, NAN)],
    "exp1": [(0, INF), (INF, 0), (-1, NAN), (NAN, NAN)],
    "expn": [
        (0, 0, INF), (1, 0, INF), (2, 0, 1), (3, 0, 0.5), (2, INF, 0), (1.5, 1, NAN), (-1, 1, NAN),
        (1, -1, NAN), (1, NAN, NAN),
    ],
    "ellipk": [(1, INF), (1.5, NAN), (-INF, 0), (0, math.pi / 2), (NAN, NAN)],
    "ellipkm1": [(0, INF), (-1, NAN), (INF, 0), (NAN, NAN)],
    "ellipe": [(1, 1), (1.5, NAN), (-INF, INF), (0, math.pi / 2), (NAN, NAN)],
    "elliprd": [(0, 0, 1, INF), (1, 1, 0, INF), (-1, 1, 1, NAN), (1, 1, 1, 1)],
    "hyp2f1": [
        (1, 1, 3, 1, 2), (1, 2, 3, 1, INF), (1, 2, 3, 0, 1), (0, 2, 3, 5, 1), (1, 1, 2, 1.5, NAN),
        (-2, 1, 0.5, 3, 13), (1, 1, -1, 0.5, INF), (-1, 1, -2, 0.5, 1.25), (1, 1, 2, -1e9, NAN),
        (NAN, 1, 2, 0.5, NAN), (1, 1, 2, NAN, NAN), (1, 1, 2, -INF, NAN), (1, INF, 2, 0.5, NAN),
        (60.5, -60.5, 1.5, 0.5, NAN),
    ],
    "owens_t": [(INF, 1, 0), (0, 1, 0.125), (0, INF, 0.25), (1, 0, 0), (NAN, 1, NAN), (1, NAN, NAN)],
    "erfcx": [(INF, 0), (-INF, INF), (0, 1), (-27, INF), (NAN, NAN)],
}  # fmt: skip


@pytest.mark.parametrize("name", SPECIAL)
def test_special_values(name):
    *arguments, expected = map(np.array, zip(*(map(float, row) for row in SPECIAL[name]), strict=True))
    np.testing.assert_allclose(compiled(name)(*arguments), expected, rtol=2e-16, err_msg=name)


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        # By the asymptotic expansions of DLMF 8.11.12 and 8.17.10's limit: 1/2 + 1/(3 sqrt(2 pi a)).
        ("gammainc", (1e10, 1e10), 0.5 + 1 / (3 * math.sqrt(2 * math.pi * 1e10))),
        ("gammaincc", (1e12, 1e12), 0.5 - 1 / (3 * math.sqrt(2 * math.pi * 1e12))),
        ("betainc", (1e13, 1e13, 0.5), 0.5),
        ("betainc_dx", (1e13, 1e13, 0.5), 2 * math.sqrt(2e13 / math.tau)),
    ],
)
def test_large_parameters(name, arguments, expected):
    np.testing.assert_allclose(compiled(name)(*([x] for x in arguments)), expected, rtol=4e-14)


def test_large_parameters_join():
    """On either side of where the expansions take over, the functions agree."""
    below, above = 1e8 * (1 - 1e-12), 1e8 * (1 + 1e-12)
    for name in ("gammainc", "gammaincc"):
        f = compiled(name)
        x = 1e8 + 1e4 * np.linspace(-4, 4, 9)
        np.testing.assert_allclose(f(np.full(9, below), x), f(np.full(9, above), x), rtol=1e-7)
    p = np.linspace(0.01, 0.99, 9)
    for name in ("gammaincinv", "gammainccinv"):
        f = compiled(name)
        np.testing.assert_allclose(f(np.full(9, below), p), f(np.full(9, above), p), rtol=4e-12)


@pytest.mark.parametrize(
    ("inverse", "function", "parameters"),
    [
        ("gammaincinv", "gammainc", 1),
        ("gammainccinv", "gammaincc", 1),
        ("betaincinv", "betainc", 2),
        ("betainccinv", "betaincc", 2),
    ],
)
def test_inverses(inverse, function, parameters):
    rng = np.random.default_rng(5)
    a = [np.exp(rng.uniform(np.log(0.3), np.log(1e9), 200)) for _ in range(parameters)]
    p = rng.uniform(0.01, 0.99, 200)
    np.testing.assert_allclose(compiled(function)(*a, compiled(inverse)(*a, p)), p, rtol=3e-7, atol=0)
    small = [x[x < 100] for x in a]
    n = min(map(len, small))
    small, p = [x[:n] for x in small], p[:n]
    np.testing.assert_allclose(
        compiled(function)(*small, compiled(inverse)(*small, p)), p, rtol=1e-13, atol=0
    )


def test_zeta_takes_one_argument_or_two():
    x, q = T.dvector("x"), T.dvector("q")
    values = np.array([1.5, 3.0]), np.array([0.5, 2.0])
    np.testing.assert_allclose(T.zeta(x).eval({x: values[0]}), sp.zeta(values[0]), rtol=1e-14)
    np.testing.assert_allclose(ct.function([x, q], T.zeta(x, q))(*values), sp.zeta(*values), rtol=1e-14)


@pytest.mark.parametrize("d", [1, 2, 5])
def test_multigammaln(d):
    a = np.linspace(3, 30, 7)
    x = T.dvector("x")
    np.testing.assert_allclose(T.multigammaln(x, d).eval({x: a}), sp.multigammaln(a, d), rtol=1e-13)
    gradient = ct.grad(T.multigammaln(x, d).sum(), x).eval({x: a})
    np.testing.assert_allclose(gradient, sum(sp.digamma(a - k / 2) for k in range(d)), rtol=1e-12)
    with pytest.raises(ValueError, match="multigammaln: required a dimension of 1 or more, given 0"):
        T.multigammaln(x, 0)


@pytest.mark.parametrize("name", ["gammainc", "gammaincc", "betainc"])
def test_second_derivatives(name):
    """By the last argument of derivatives by any, against finite differences of the first ones."""
    points = [np.array([1.5, 3.0]), np.array([2.0, 0.7]), np.array([0.3, 0.6])][
        -2 if name != "betainc" else 0 :
    ]
    inputs = [T.dvector() for _ in points]
    first = ct.grad(getattr(T, name)(*inputs).sum(), inputs)
    f = ct.function(inputs, first)
    seconds = ct.function(inputs, [ct.grad(g.sum(), inputs[-1]) for g in first])(*points)
    high, low = (f(*points[:-1], points[-1] + h) for h in (1e-6, -1e-6))
    for second, above, below in zip(seconds, high, low, strict=True):
        np.testing.assert_allclose(second, (above - below) / 2e-6, rtol=1e-7)
