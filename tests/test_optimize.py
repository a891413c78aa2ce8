"""croton.optimize: solutions against SciPy, and their gradients against finite differences."""

import sys

import numpy as np
import pytest
import scipy.optimize

import croton as ct
import croton.tensor as T
from croton import optimize

RNG = np.random.default_rng(0)
MATRIX = RNG.normal(size=(4, 4)) * 0.2
VECTOR = RNG.normal(size=4)


def bend(x, a, b):
    """x + tanh(a x) - b, whose Jacobian is never singular."""
    return x + T.tanh(T.dot(a, x)) - b


def bend_solution(a, b):
    found = scipy.optimize.root(lambda x: x + np.tanh(a @ x) - b, np.zeros(len(b)), tol=1e-14)
    return found.x


def valley(x, a, b):
    return (T.dot(x, T.dot(T.dot(a, a.T), x)) + (x - b) ** 2 + x**4 / 4).sum()


def valley_solution(a, b):
    def slope(x):
        return 2 * len(b) * (a @ a.T) @ x + 2 * (x - b) + x**3

    return scipy.optimize.root(slope, np.zeros(len(b)), tol=1e-14).x


def differences(solution, a, b, h=1e-6):
    """The gradients of sum(solution**2) by finite differences."""
    slopes = []
    for k, x in enumerate((a, b)):
        slope = np.zeros_like(x)
        for place in np.ndindex(x.shape):
            values = []
            for step in (h, -h):
                moved = [a.copy(), b.copy()]
                moved[k][place] += step
                values.append((solution(*moved) ** 2).sum())
            slope[place] = (values[0] - values[1]) / (2 * h)
        slopes.append(slope)
    return slopes


def solve(name, method):
    a, b = T.dmatrix("a"), T.dvector("b")
    if name == "root":
        x = optimize.root(bend, T.zeros_like(b), args=(a, b), method=method, tol=1e-12)
    elif name == "fixed_point":
        x = optimize.fixed_point(lambda x: b - T.tanh(T.dot(a, x)), T.zeros_like(b))
    else:
        tol = 1e-6 if method == "CG" else 1e-9  # SciPy's line searches fail where costs no longer differ
        x = optimize.minimize(lambda x: valley(x, a, b), T.zeros_like(b), method=method, tol=tol)
    return a, b, x


ROOTS = [("root", method) for method in ("hybr", "lm", "broyden1", "krylov")]
MINIMA = [("minimize", m) for m in ("trust-exact", "Newton-CG", "L-BFGS-B", "CG", "Nelder-Mead")]
METHODS = pytest.mark.parametrize(("name", "method"), [*ROOTS, *MINIMA, ("fixed_point", None)])


@METHODS
def test_solutions_and_gradients(name, method):
    solution = valley_solution if name == "minimize" else bend_solution
    a, b, x = solve(name, method)
    f = ct.function([a, b], [x, *ct.grad((x**2).sum(), [a, b])])
    # Only gradients are as exact as what they start from.
    tolerance = {"Nelder-Mead": 1e-4, "CG": 1e-4, "L-BFGS-B": 1e-4, "Newton-CG": 1e-4}.get(method, 1e-7)
    for count in (4, 1):
        value = MATRIX[:count, :count].copy(), VECTOR[:count].copy()
        want = [solution(*value), *differences(solution, *value)]
        for got, expected in zip(f(*value), want, strict=True):
            assert got.shape == expected.shape
            np.testing.assert_allclose(got, expected, rtol=tolerance, atol=tolerance)
    assert f(np.zeros((0, 0)), np.zeros(0))[0].shape == (0,)


@METHODS
def test_reference_mode(name, method):
    a, b, x = solve(name, method)
    outputs = [x, *ct.grad(x.sum(), [a, b])]
    wanted = ct.function([a, b], outputs)(MATRIX, VECTOR)
    for got, want in zip(ct.function([a, b], outputs, mode="reference")(MATRIX, VECTOR), wanted, strict=True):
        tolerance = 1e-4 if method == "CG" else 1e-6
        np.testing.assert_allclose(got, want, rtol=tolerance, atol=tolerance / 100)


@pytest.mark.parametrize("name", ["root", "fixed_point", "minimize"])
def test_second_derivatives(name):
    """x = b / (1 + c), by ways that know nothing of this."""
    b, c = T.dvector("b"), T.dscalar("c")
    start = T.zeros_like(b)
    x = {
        "root": lambda: optimize.root(lambda x: x * (1 + c) - b, start),
        "fixed_point": lambda: optimize.fixed_point(lambda x: b - c * x, start),
        "minimize": lambda: optimize.minimize(
            lambda x: (0.5 * (1 + c) * x**2 - b * x).sum(), start, method="trust-exact", tol=1e-12
        ),
    }[name]()
    first = ct.grad(x.sum(), c)
    outputs = [x, first, ct.grad(first, c), ct.grad(first, b)]
    got = ct.function([b, c], outputs)([1.0, 2.0], 0.5)
    want = [[1 / 1.5, 2 / 1.5], -3 / 1.5**2, 6 / 1.5**3, [-1 / 1.5**2] * 2]
    for value, expected in zip(got, want, strict=True):
        np.testing.assert_allclose(value, expected, rtol=1e-9)


def test_arrays_of_any_shape_and_other_variables():
    """Shared variables and expressions of the program that f uses are found; only they get gradients."""
    w = ct.shared(np.array([[1.0, 4.0, 9.0], [16.0, 25.0, 36.0]]), name="w")
    start, n = T.dmatrix("start"), T.lscalar("n")
    root_of = T.sqr(w)
    x = optimize.root(lambda x: x**n * (x.shape[0] - 1) - root_of, start, tol=1e-13)
    gradients = ct.grad(x.sum(), [w, root_of])
    f = ct.function([start, n], [x, *gradients], updates=[(w, w + 1)])
    value = w.get_value()
    got = f(np.sqrt(value) + 0.1, 4)
    np.testing.assert_allclose(got[0], np.sqrt(value), rtol=1e-9)
    np.testing.assert_allclose(got[1], 0.5 / np.sqrt(value), rtol=1e-9)
    np.testing.assert_allclose(got[2], 0.25 / value**1.5, rtol=1e-9)
    np.testing.assert_allclose(f(np.sqrt(value), 4)[0], np.sqrt(value + 1), rtol=1e-9)
    with pytest.raises(ct.DisconnectedInputError):
        ct.grad(x.sum(), start)


def test_in_scan():
    a = T.dvector("a")
    roots = ct.scan(
        lambda a, x: optimize.root_scalar(lambda y: y**2 - a * x, x0=x),
        sequences=[a],
        outputs_info=[np.float64(2.0)],
        return_updates=False,
    )
    f = ct.function([a], [roots, ct.grad(roots[-1], a)])
    value = np.array([3.0, 0.5, 2.0])
    got = f(value)
    x, want = 2.0, []
    for each in value:
        x = np.sqrt(each * x)
        want.append(x)
    np.testing.assert_allclose(got[0], want)
    np.testing.assert_allclose(got[1], want[-1] * np.array([1 / 8, 1 / 4, 1 / 2]) / value)


SCALARS = {
    "newton": lambda a: optimize.root_scalar(lambda x: x**3 - a, x0=1.0, tol=1e-14),
    "halley": lambda a: optimize.root_scalar(lambda x: x**3 - a, x0=1.0, method="halley", tol=1e-14),
    "brentq": lambda a: optimize.root_scalar(lambda x: x**3 - a, bracket=(0, a + 1), tol=1e-14),
    "bisect": lambda a: optimize.root_scalar(
        lambda x, b: x**3 - b, bracket=(0.0, 10.0), args=(a,), method="bisect"
    ),
    "brent": lambda a: optimize.minimize_scalar(lambda x: x**4 / 4 - a * x, tol=1e-12),
    "golden": lambda a: optimize.minimize_scalar(
        lambda x: x**4 / 4 - a * x, bracket=(0.5, 1.0), method="golden"
    ),
    "bounded": lambda a: optimize.minimize_scalar(lambda x: x**4 / 4 - a * x, bounds=(0.0, a + 1), tol=1e-9),
    "fixed_point": lambda a: optimize.fixed_point(lambda x: (2 * x + a / x**2) / 3, 1.0),
}


@pytest.mark.parametrize("name", SCALARS)
def test_numbers(name):
    """The cube root in many ways."""
    a = T.dscalar("a")
    x = SCALARS[name](a)
    f = ct.function([a], [x, ct.grad(x, a)])
    for value in (0.3, 2.0, 8.0):
        # A minimum is known to half the digits: its neighbours are as low.
        tolerance = 1e-6 if name in ("brent", "golden", "bounded") else 1e-10
        np.testing.assert_allclose(f(value), [value ** (1 / 3), value ** (-2 / 3) / 3], rtol=tolerance)


def test_float32():
    a = T.fvector("a")
    start = T.ones_like(a)
    ways = [
        optimize.root(lambda x: x**2 - a, start, tol=1e-4),
        optimize.fixed_point(lambda x: (x + a / x) / 2, start),
    ]
    f = ct.function([a], [*ways, ct.grad(ways[0].sum(), a)])
    got = f(np.array([4.0, 9.0], "float32"))
    assert {x.dtype for x in got} == {np.dtype("float32")}
    np.testing.assert_allclose(got[0], [2, 3], rtol=1e-4)
    np.testing.assert_allclose(got[1], [2, 3], rtol=1e-6)
    np.testing.assert_allclose(got[2], [1 / 4, 1 / 6], rtol=1e-4)


HOPELESS = {
    "root": lambda a, **k: optimize.root(lambda x: x**2 + a, np.ones(1), **k),
    "minimize": lambda a, **k: optimize.minimize(
        lambda x: a * x.sum(), np.ones(1), options={"maxiter": 3}, **k
    ),
    "root_scalar": lambda a, **k: optimize.root_scalar(lambda x: x**2 + a, x0=0.5, **k),
    "fixed_point": lambda a, **k: optimize.fixed_point(lambda x: 2 * x + a, 1.0, max_steps=5, **k),
}


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("name", HOPELESS)
def test_no_solution(name):
    a = T.dscalar("a")
    w = ct.shared(0.0)
    f = ct.function([a], HOPELESS[name](a).sum(), updates=[(w, w + 1)])
    with pytest.raises(ct.errors.ConvergenceError, match=rf"{name}: required a .*test_optimize\.py:\d+"):
        f(1.0)
    assert w.get_value() == 0
    x, success = HOPELESS[name](a, return_success=True)
    values = ct.function([a], [x, success])(1.0)
    assert values[1].dtype == bool
    assert not values[1]


def test_success():
    a = T.dscalar("a")
    pairs = [
        optimize.root(lambda x: x - a, np.zeros(2), return_success=True),
        optimize.fixed_point(lambda x: x / 2 + a, 0.0, return_success=True),
        optimize.minimize_scalar(lambda x: (x - a) ** 2, return_success=True),
        optimize.minimize_scalar(lambda x: (x - a) ** 2, bounds=np.array([0.0, 9.0]), return_success=True),
    ]
    f = ct.function([a], [x for pair in pairs for x in pair])
    assert all(f(3.0)[1::2])
    np.testing.assert_allclose(f(3.0)[2], 6)


def test_wrong_arguments():
    x = T.dvector("x")
    rows = [
        (lambda: optimize.root(lambda x: x.sum(), x), ValueError, r"root: required f\(x\) like x of type"),
        (lambda: optimize.fixed_point(lambda x: x.sum(), x), ValueError, "fixed_point: required f"),
        (lambda: optimize.minimize(lambda x: x, x), ValueError, r"minimize: required a scalar f\(x\)"),
        (lambda: optimize.root(lambda x: x, T.lvector()), TypeError, "a start of real floats"),
        (lambda: optimize.root(lambda x: x, T.zvector()), TypeError, "a start of real floats"),
        (lambda: optimize.root_scalar(lambda x: x), ValueError, "required x0 or bracket, given neither"),
        (lambda: optimize.root_scalar(lambda x: x, 1.0, (0, 1)), ValueError, "given both"),
        (lambda: optimize.root_scalar(lambda x: x, x), ValueError, "root_scalar: required scalars"),
        (
            lambda: optimize.root_scalar(lambda x: x, bracket=[1.0]),
            ValueError,
            "bracket of 2 scalars, given 1",
        ),
        (lambda: optimize.minimize_scalar(lambda x: x, (0, 1), (0, 1)), ValueError, "given both"),
        (lambda: optimize.minimize_scalar(lambda x: x, ()), ValueError, "bracket of 2 or 3 scalars, given 0"),
        (
            lambda: optimize.minimize_scalar(lambda x: x, bounds=()),
            ValueError,
            "bounds of 2 scalars, given 0",
        ),
        (lambda: optimize.fixed_point(lambda x: x, x, max_steps=0), ValueError, "max_steps of 1 or more"),
        (lambda: optimize.root(lambda x: T.ones_like(x), x), ct.DisconnectedInputError, "x of type"),
    ]
    for call, error, message in rows:
        with pytest.raises(error, match=message):
            call()


def test_without_scipy(monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy.optimize", None)
    with pytest.raises(
        ImportError, match=r"root: required the package scipy.*pip install croton\[optimize\]"
    ):
        optimize.root(lambda x: x - 1, np.zeros(2))
    assert optimize.fixed_point(lambda x: x / 2, 1.0, tol=1e-3).eval() < 0.01
