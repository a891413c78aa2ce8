"""Branches against Python's own: values, sizes, gradients, and that only the branch taken runs."""

import subprocess
import sys
from functools import partial

import numpy as np
import pytest
from checks import numeric_gradients, variables

import croton as ct
import croton.tensor as T
from croton.ifelse import ifelse

RNG = np.random.default_rng(3)
X, Y = RNG.normal(size=4), RNG.normal(size=4)
LONG, M = RNG.normal(size=7), RNG.normal(size=(3, 4))


class Seen:
    """Notes what a function computes."""

    def __init__(self):
        self.names = []

    def __call__(self, name, x):
        return ct.printing.Print(name, global_fn=lambda op, value: self.names.append(op.message))(x)

    def take(self):
        names, self.names = sorted(self.names), []
        return names


def never(x):
    """`x`, or an error if it is computed."""
    return T.opt.Assert("computed")(x, T.lt(x.sum(), -np.inf))


# name: (of a condition and arrays, expressions; the same in Python; arguments)
TABLE = {
    "values": (lambda c, x, y: ifelse(c, x * 2, y + 1), lambda c, x, y: x * 2 if c else y + 1, [X, Y]),
    "themselves": (lambda c, x, y: ifelse(c, x, y), lambda c, x, y: x if c else y, [X, Y]),
    "sizes": (lambda c, x, y: ifelse(c, x, y) * 2, lambda c, x, y: (x if c else y) * 2, [X, LONG]),
    "parts": (lambda c, x: ifelse(c, x[:2], x[::2]), lambda c, x: x[:2] if c else x[::2], [LONG]),
    "empty": (lambda c, x: ifelse(c, x[:0], x), lambda c, x: x[:0] if c else x, [X]),
    "of nothing": (lambda c, x: ifelse(c, x + 1, x - 1), lambda c, x: x, [X[:0]]),
    "in Fortran's order": (lambda c, m: ifelse(c, m, m.T @ m), lambda c, m: m if c else m.T @ m, [M.T]),
    "data sizes": (
        lambda c, x: ifelse(c, x[x > 0], x[x < 0] * 2),
        lambda c, x: x[x > 0] if c else x[x < 0] * 2,
        [LONG],
    ),
    "sum of sizes": (
        lambda c, x, y: ifelse(c, x, y).sum() + ifelse(c, x, y).shape[0],
        lambda c, x, y: (x if c else y).sum() + len(x if c else y),
        [X, LONG],
    ),
    "broadcast": (lambda c, x, m: ifelse(c, x + m, m) * x, lambda c, x, m: (x + m if c else m) * x, [X, M]),
    "by sizes": (
        lambda c, x, y: ifelse(x.shape[0] < y.shape[0], x * 2, x + y) + c,
        lambda c, x, y: (x * 2 if len(x) < len(y) else x + y) + c,
        [X, LONG],
    ),
    "by nothing": (lambda c, x: ifelse(x.shape[0], x + c, x), lambda c, x: x + c, [X[:0]]),
    "ones": (lambda c, x, y: ifelse(c, x + y, x * y), lambda c, x, y: x + y if c else x * y, [X, Y[:1]]),
    "views": (
        lambda c, m: ifelse(c, m.T + T.zeros((4, 3)), m.T[::-1] * T.zeros((4, 3))),
        lambda c, m: m.T if c else 0 * m.T[::-1],
        [M],
    ),
    "product": (lambda c, m: ifelse(c, m @ m.T, m @ m.T + 1), lambda c, m: m @ m.T + (not c), [M]),
    "nested": (
        lambda c, x: ifelse(c, ifelse(x[0] > 0, x.sum(), x.prod()), ifelse(c, x[1], x[2])),
        lambda c, x: (x.sum() if x[0] > 0 else x.prod()) if c else x[2],
        [X],
    ),
    "chain": (
        lambda c, x: ifelse(ifelse(c, x, -x).sum() > 0, x + 1, ifelse(c, x * 3, x * 4)),
        lambda c, x: x + 1 if (x if c else -x).sum() > 0 else (x * 3 if c else x * 4),
        [X],
    ),
    "complex": (
        lambda c, x: ifelse(c, x * (1 + 2j), x * 1j * T.exp(x)),
        lambda c, x: x * (1 + 2j) if c else x * 1j * np.exp(x),
        [X],
    ),
    "numbers": (lambda c, x: ifelse(c, x[0], 2.5), lambda c, x: x[0] if c else 2.5, [X]),
    "sorted": (lambda c, x: ifelse(c, T.sort(x), x), lambda c, x: np.sort(x) if c else x, [X]),
}


@pytest.mark.parametrize("mode", [None, "reference"])
@pytest.mark.parametrize("name", TABLE)
def test_values(name, mode):
    symbolic, plain, arrays = TABLE[name]
    for dtype in ("float64", "float32"):
        given = [x.astype(dtype) for x in arrays]
        c, inputs = T.bscalar("c"), variables(*given)
        f = ct.function([c, *inputs], symbolic(c, *inputs), mode=mode)
        for holds in (1, 0, 1):
            got, want = f(holds, *given), np.asarray(plain(bool(holds), *given))
            assert got.shape == want.shape
            np.testing.assert_allclose(got, want, rtol=1e-5 if dtype == "float32" else 1e-12)


@pytest.mark.parametrize("value", [0, 1, -3, 0.0, 0.25, np.nan, True, False, np.float32(2), np.uint8(0)])
def test_conditions(value):
    c = T.tensor(np.asarray(value).dtype.name, shape=())
    for condition in (c, value):
        f = ct.function([c], ifelse(condition, 1, 2), on_unused_input="ignore")
        assert f(value) == (1 if value else 2)


def test_known_conditions_leave_one_branch():
    x = T.dvector("x")
    f = ct.function([x], [ifelse(T.eq(2, 2), x + 1, never(x)), *ifelse(0, [never(x)] * 2, [x, x * 2])])
    np.testing.assert_array_equal(f(X), [X + 1, X, X * 2])
    assert not any("ifelse" in op for kernel in f.compile_report().kernels for op in kernel.ops)


def test_lists_and_tuples():
    c, x = T.bscalar("c"), T.dvector("x")
    results = ifelse(c, [x, x.sum()], [x[:1], T.constant(1.0)])
    assert isinstance(results, list)
    assert isinstance(ifelse(c, (x,), (x + 1,)), tuple)
    assert ifelse(c, [], []) == []
    f = ct.function([c, x], results)
    for holds, want in ((1, [X, X.sum()]), (0, [X[:1], 1.0])):
        for got, expected in zip(f(holds, X), want, strict=True):
            np.testing.assert_allclose(got, expected)
    np.testing.assert_allclose(ct.function([c, x], results[1])(1, X), X.sum())


@pytest.mark.parametrize("mode", [None, "reference"])
def test_only_the_branch_taken_runs(mode):
    c, x, seen = T.bscalar("c"), T.dvector("x"), Seen()
    both = seen("both", x * 3)
    inner = ifelse(x[0] > 0, seen("positive", both + 1), seen("negative", both - 1))
    y = ifelse(c, seen("then", T.exp(x) + inner), seen("else", both))
    f = ct.function([c, x], y, mode=mode)
    for holds, first, names in (
        (1, 1.0, ["both", "positive", "then"]),
        (1, -1.0, ["both", "negative", "then"]),
        (0, 1.0, ["both", "else"]),
    ):
        f(holds, [first, 2.0])
        assert seen.take() == names


def test_what_is_shared_by_one_condition_runs_once():
    c, x, seen = T.bscalar("c"), T.dvector("x"), Seen()
    a = seen("a", T.exp(x))
    f = ct.function([c, x], [ifelse(c, a.sum(), x.sum()), ifelse(c, a * 2, x), ifelse(c, x, a)])
    f(1, X)
    assert seen.take() == ["a"]
    g = ct.function([c, x], [ifelse(c, a.sum(), x.sum()), ifelse(c, a * 2, x)])
    g(0, X)
    assert seen.take() == []
    g(1, X)
    assert seen.take() == ["a"]


def test_errors_of_the_branch_not_taken():
    c, m = T.bscalar("c"), T.dmatrix("m")
    singular = T.nlinalg.matrix_inverse(m).sum()
    for bad in (singular, never(m).sum(), m.flatten()[T.cast(m[0, 0], "int64") + 100], (m + m[:, :2]).sum()):
        f = ct.function([c, m], ifelse(c, bad, m.sum()))
        assert f(0, np.zeros((3, 4)) if bad is not singular else np.zeros((3, 3))) == 0
        with pytest.raises(Exception, match=r"test_ifelse\.py"):
            f(1, np.zeros((3, 4)) if bad is not singular else np.zeros((3, 3)))


def test_loops_in_the_branch_not_taken():
    """One whose number of steps decides sizes, and that would not end."""
    n, seen = T.lscalar("n"), Seen()
    rows, _ = ct.scan(lambda k: (seen("row", k + 1), ct.scan_module.until(k > 5)), [T.arange(n)])
    f = ct.function([n], ifelse(n > 3, rows, T.zeros((2,), "int64")))
    np.testing.assert_array_equal(f(2), [0, 0])
    assert seen.take() == []
    np.testing.assert_array_equal(f(20), np.arange(7) + 1)
    x = T.dscalar("x")
    y = ifelse(x < 0, ct.while_loop(lambda s: T.neq(s, -8.0), lambda s: s * 2, x), x * 3.0)
    g = ct.function([x], [y, ct.grad(y, x)])
    assert [float(r) for r in g(1.0)] == [3.0, 3.0]
    assert [float(r) for r in g(-1.0)] == [-8.0, 8.0]


GRADIENTS = {
    "values": (lambda c, x, y: ifelse(c, T.sin(x) * y, x * y**2).sum(), [X, Y]),
    "sizes": (lambda c, x, y: (ifelse(c, T.sin(x), y**2) ** 2).sum(), [X, LONG]),
    "lists": (lambda c, x, y: T.dot(*ifelse(c, [x, T.cos(y)], [x * y, y])), [X, Y]),
    "broadcast": (lambda c, x, m: T.tanh(ifelse(c, x * m, m + x)).sum(), [X, M]),
    "nested": (lambda c, x, y: ifelse(c, ifelse(y[0] > 0, x**3, x * y), T.exp(x)).prod(), [X, Y]),
    "both": (lambda c, x, y: (ifelse(c, T.exp(x * y), T.sin(x * y)) * x * y).sum(), [X, Y]),
    "twice": (lambda c, x, y: (ifelse(c, T.exp(x) * y, y) * ifelse(c, T.exp(x), x)).sum(), [X, Y]),
    "chain": (lambda c, x, y: ifelse(c, ifelse(c, x, y) ** 2, ifelse(c, x, T.cos(y))).sum(), [X, Y]),
    "product": (lambda c, m, x: ifelse(c, (m @ x) ** 2, T.exp(m).sum(1)).sum(), [M, X]),
    "inverse": (lambda c, m: ifelse(c, T.nlinalg.matrix_inverse(m @ m.T), m @ m.T).sum(), [M]),
    "part": (lambda c, x: ifelse(c, (x[x > 0] ** 2).sum(), x[1]), [LONG]),
}


@pytest.mark.parametrize("name", GRADIENTS)
@pytest.mark.parametrize("holds", [0, 1])
def test_gradients(name, holds):
    cost, arrays = GRADIENTS[name]
    c, inputs = T.bscalar("c"), variables(*arrays)
    y = cost(c, *inputs)
    slopes = ct.grad(y, inputs, disconnected_inputs="ignore")
    f, g = ct.function([c, *inputs], y), ct.function([c, *inputs], slopes, on_unused_input="ignore")
    for got, want in zip(g(holds, *arrays), numeric_gradients(lambda *a: f(holds, *a), arrays), strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-6, atol=1e-8)
    second = ct.grad(sum((s**2).sum() for s in slopes), inputs, disconnected_inputs="ignore")
    square = ct.function([c, *inputs], sum((s**2).sum() for s in slopes), on_unused_input="ignore")
    h = ct.function([c, *inputs], second, on_unused_input="ignore")
    for got, want in zip(
        h(holds, *arrays), numeric_gradients(lambda *a: square(holds, *a), arrays), strict=True
    ):
        np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-7)


def test_gradients_of_intermediate_values():
    c, x = T.bscalar("c"), T.dvector("x")
    a, b = T.exp(x), T.sin(x)
    y = ifelse(c, a * 2, b * 3)
    f = ct.function([c, x], ct.grad((y**2).sum(), [a, y, b, x]))
    for holds in (0, 1):
        da, dy, db, dx = f(holds, X)
        value = np.exp(X) * 2 if holds else np.sin(X) * 3
        np.testing.assert_allclose(dy, 2 * value)
        np.testing.assert_allclose(da, 4 * value * holds)
        np.testing.assert_allclose(db, 6 * value * (1 - holds))
        np.testing.assert_allclose(dx, 4 * value * np.exp(X) if holds else 6 * value * np.cos(X))


def test_gradients_are_as_lazy():
    c, x, seen = T.bscalar("c"), T.dvector("x"), Seen()
    y = ifelse(c, seen("then", T.sqrt(x)).sum(), seen("else", x * 2).sum())
    f = ct.function([c, x], ct.grad(y, x))
    assert f(0, [0.0, 4.0]).tolist() == [2.0, 2.0]  # without 0 * inf
    assert "then" not in seen.take()
    np.testing.assert_array_equal(f(1, [0.0, 4.0]), [np.inf, 0.25])
    assert "else" not in seen.take()
    inverse = ifelse(c, T.nlinalg.matrix_inverse(T.outer(x, x)).sum(), (x**2).sum())
    g = ct.function([c, x], [inverse, ct.grad(inverse, x)])
    np.testing.assert_allclose(g(0, X)[1], 2 * X)
    with pytest.raises(np.linalg.LinAlgError, match=r"test_ifelse\.py"):
        g(1, [1.0, 0.0])


def test_in_loops_and_loops_in_branches():
    x, c = T.dvector("x"), T.bscalar("c")
    rows, _ = ct.scan(lambda r, s: ifelse(r > 0, s + r, s * 2 - T.log(-r)), x, T.constant(1.0))
    cost = ifelse(c, rows[-1], ct.scan(lambda r, s: s * T.cos(r), x, T.constant(1.0))[0][-1])
    f, g = ct.function([c, x], cost), ct.function([c, x], ct.grad(cost, x))

    def plain(holds, x):
        s = 1.0
        for r in x:
            s = (s + r if r > 0 else s * 2 - np.log(-r)) if holds else s * np.cos(r)
        return s

    for holds in (0, 1):
        np.testing.assert_allclose(f(holds, LONG), plain(holds, LONG))
        (want,) = numeric_gradients(partial(plain, holds), [LONG])
        np.testing.assert_allclose(g(holds, LONG), want, rtol=1e-6, atol=1e-8)


def test_states_in_branches():
    """Sizes that are equal, though not by the same expression."""
    x, s, w, m = T.dvector("x"), T.dvector("s"), T.dvector("w"), T.dmatrix("m")

    def step(r, s):
        inner = ifelse(s[0] > 0, w * 2, s + T.dot(m, w))
        return ifelse(r > 0, T.tanh(w + s), ifelse(r < -1, inner, s))

    rows, _ = ct.scan(step, x, s)
    f = ct.function([x, s, w, m], [rows[-1], ct.grad(rows[-1].sum(), w)])

    def plain(w, s):
        for r in LONG:
            inner = w * 2 if s[0] > 0 else s + M[:, :3] @ w
            s = np.tanh(w + s) if r > 0 else inner if r < -1 else s
        return s

    last, slope = f(LONG, X[:3], Y[:3], M[:, :3])
    np.testing.assert_allclose(last, plain(Y[:3], X[:3]))
    (want,) = numeric_gradients(lambda w: plain(w, X[:3]).sum(), [Y[:3]])
    np.testing.assert_allclose(slope, want, rtol=1e-6, atol=1e-8)
    other, _ = ct.scan(lambda r: ifelse(r > 0, s, w).sum(), x)
    g = ct.function([x, s, w], other)
    assert g([1.0, -1.0], [1.0], [2.0]).tolist() == [1, 2]
    with pytest.raises(ValueError, match=r"required equal sizes, given 1 and 2 .*test_ifelse\.py"):
        g([1.0, -1.0], [1.0], [2.0, 3.0])


@pytest.mark.parametrize("mode", [None, "reference"])
def test_states_whose_sizes_branches_give_in_different_words(mode):
    """Of a product, of what is fixed, and of the state itself."""
    x, s, w = T.dmatrix("x"), T.dvector("s"), T.dmatrix("w")
    twice = T.concatenate([s, s])[:3] * 2.0
    states, _ = ct.scan(
        lambda r, s: ifelse(r.sum() > 0, T.dot(s, w), ifelse(r[0] > -1, twice - s, s * 2)), x, s
    )
    f = ct.function([x, s, w], [states, *ct.grad(states.sum(), [s, w])], mode=mode)
    rows = np.array([[1.0, 2.0, 3.0], [-0.5, 0.0, 0.0], [-2.0, 0.0, 0.0]])
    start, matrix = np.array([1.0, 2.0, 3.0]), np.arange(9.0).reshape(3, 3)
    for count in (3, 2, 1, 0):
        got = f(rows[:count], start, matrix)
        first = start @ matrix
        want = [first, 2 * start - first, 4 * start - 2 * first][:count]
        np.testing.assert_allclose(got[0], np.reshape(want, (count, 3)))
        ones, signs = np.ones(3), sum([1, -1, -2][:count])
        np.testing.assert_allclose(got[1], signs * matrix @ ones + [0, 0, 2, 6][count])
        np.testing.assert_allclose(got[2], signs * np.outer(start, ones))


@pytest.mark.parametrize("mode", [None, "reference"])
def test_yields_whose_sizes_a_fixed_condition_gives(mode):
    c, x, w = T.bscalar("c"), T.dmatrix("x"), T.dmatrix("w")
    rows, _ = ct.scan(lambda r: ifelse(c, T.dot(r, w), T.exp(r)), x)
    f = ct.function([c, x, w], rows, mode=mode)
    square = np.outer(X, Y)
    for count in (3, 1, 0):
        np.testing.assert_allclose(f(1, M[:count], square), M[:count] @ square)
        np.testing.assert_allclose(f(0, M[:count], square), np.exp(M[:count]))


def test_a_step_prints_the_branch_taken():
    x, seen = T.dvector("x"), Seen()
    rows, _ = ct.scan(lambda r: ifelse(r > 0, seen("+", r * 2), seen("-", -r)), x)
    np.testing.assert_array_equal(ct.function([x], rows)([1.0, -2.0, 3.0, 0.0]), [2, 2, 6, 0])
    assert seen.take() == ["+", "+", "-", "-"]


def test_what_no_step_changes_is_as_lazy():
    x, m, seen = T.dvector("x"), T.dmatrix("m"), Seen()
    inverse = T.nlinalg.matrix_inverse(seen("inverse", m * 2)).sum()
    rows, _ = ct.scan(lambda r: ifelse(r > 0, r * inverse, r + T.exp(m).sum()), x)
    f = ct.function([x, m], rows)
    np.testing.assert_array_equal(f([-1.0, -2.0], np.zeros((2, 2))), [3.0, 2.0])
    assert seen.take() == []
    np.testing.assert_allclose(f([1.0, 2.0], np.eye(2)), [1.0, 2.0])
    assert set(seen.take()) == {"inverse"}


def test_shared_variables():
    c, total = T.bscalar("c"), ct.shared(np.zeros(3))
    f = ct.function([c], total.sum(), updates={total: ifelse(c, total + 1, total * 2)})
    assert [f(k) for k in (1, 1, 0, 0)] == [0, 3, 6, 12]
    np.testing.assert_array_equal(total.get_value(), [8, 8, 8])
    draws = ct.random.RandomStream(1)
    g = ct.function([c], ifelse(c, draws.normal(size=(3,)), T.zeros((3,))))
    assert g(0).tolist() == [0, 0, 0]
    assert not np.array_equal(g(1), g(1))


def test_deep_and_many():
    x = T.dscalar("x")
    y = x
    for k in range(60):
        y = ifelse(y > k, y * 1.5, y + 1)
    z = x
    for k in range(30):
        z = ifelse(x > k, z + 1, T.constant(float(k)))
    f = ct.function([x], [y, z, ct.grad(y, x)])

    def plain(x):
        y, slope, z = x, 1.0, x
        for k in range(60):
            y, slope = (y * 1.5, slope * 1.5) if y > k else (y + 1, slope)
        for k in range(30):
            z = z + 1 if x > k else float(k)
        return y, z, slope

    for value in (-3.0, 0.5, 11.3):
        np.testing.assert_allclose(f(value), plain(value))


def test_mistakes():
    c, x = T.bscalar("c"), T.dvector("x")
    with pytest.raises(TypeError, match=r"ifelse: required a scalar as the condition.*T\.switch"):
        ifelse(x > 0, x, x)
    with pytest.raises(TypeError, match=r"same dtype and number of axes, given .* and .*astype.*test_ifelse"):
        ifelse(c, x, T.fvector())
    with pytest.raises(TypeError, match="same dtype and number of axes"):
        ifelse(c, x, T.dmatrix())
    with pytest.raises(TypeError, match="same dtype and number of axes"):
        ifelse(c, T.lscalar(), 0.5)
    with pytest.raises(ValueError, match="as many values in both branches, given 1 and 2"):
        ifelse(c, [x], [x, x])
    with pytest.raises(ValueError, match="a list for both branches"):
        ifelse(c, [x], x)


def test_theanos_example():
    """The program of Theano's tutorial on conditions."""
    a, b = T.scalars("a", "b")
    x, y = T.matrices("x", "y")
    z_switch = T.switch(T.lt(a, b), T.mean(x), T.mean(y))
    z_lazy = ct.ifelse.ifelse(T.lt(a, b), T.mean(x), T.mean(y))
    f_switch = ct.function([a, b, x, y], z_switch)
    f_lazy = ct.function([a, b, x, y], z_lazy)
    big1, big2 = np.ones((100, 100)), np.zeros((50, 10))
    for first, second in ((0.0, 1.0), (1.0, 0.0)):
        assert f_switch(first, second, big1, big2) == f_lazy(first, second, big1, big2)


def test_reports():
    c, x = T.bscalar("c"), T.dvector("x")
    y = ifelse(c, T.exp(x), x)
    assert ct.debugprint(y, file="str").startswith("ifelse")
    f = ct.function([c, x], y, profile=True)
    f(1, X)
    assert {op.name for launch in f.profile().launches for op in launch.ops} == {"ne", "lazy_ifelse"}
    assert "lazy_ifelse" in ct.printing.html(f)
    assert f.memory_report().results[0].shape == X.shape


def test_modes_that_look_at_all_values():
    c, x = T.bscalar("c"), T.dvector("x")
    y = ifelse(c, T.log(x).sum(), (x * 2).sum())
    for mode in ("NanGuardMode", "DebugMode"):
        f = ct.function([c, x], [y, ct.grad(y, x)], mode=mode)
        assert f(0, [-1.0, 1.0])[0] == 0
        np.testing.assert_allclose(f(1, [1.0, np.e])[0], 1)
    guarded = ct.function([c, x], y, mode="NanGuardMode")
    with pytest.raises(AssertionError, match=r"test_ifelse\.py"):
        guarded(1, [-1.0, 1.0])


ENDLESS = """
import os, signal, threading
import croton as ct, croton.tensor as T
x = T.dscalar("x")
kwargs = {"max_steps": 2**62} if %r else {}
f = ct.function([x], ct.ifelse(x > 0, ct.while_loop(lambda s: s > 0, lambda s: s + 1, x, **kwargs), x))
try:
    threading.Timer(0.5, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
    f(1.0)
except KeyboardInterrupt:
    print("stopped", f(-1.0))
"""


@pytest.mark.parametrize("limited", [False, True])
def test_interrupts(limited):
    run = subprocess.run(
        [sys.executable, "-c", ENDLESS % limited], capture_output=True, text=True, timeout=600, check=True
    )
    assert run.stdout == "stopped -1.0\n"


def test_batches():
    """Items that choose differently get both branches; a common choice stays lazy."""
    c, x, y, seen = T.bvector("c"), T.dmatrix("x"), T.dvector("y"), Seen()
    choose = ct.vectorize(lambda c, x: ifelse(c, x * 2, y))
    values = np.arange(6.0).reshape(2, 3), np.array([7.0, 8.0, 9.0])
    got = ct.function([c, x, y], choose(c, x))([1, 0], *values)
    np.testing.assert_array_equal(got, [[0, 2, 4], [7, 8, 9]])
    one = T.bscalar("one")
    common = ct.vectorize(lambda x: ifelse(one, [x * 2, y], [seen("no", x) + y, y + 1]))
    f = ct.function([one, x, y], common(x))
    np.testing.assert_array_equal(f(1, *values)[0], values[0] * 2)
    assert seen.take() == []
    np.testing.assert_array_equal(f(0, *values)[0], values[0] + values[1])
    slopes = ct.gradient.jacobian(ifelse(one, y**2, T.exp(y)), y)
    g = ct.function([one, y], slopes)
    np.testing.assert_allclose(g(1, values[1]), np.diag(2 * values[1]))
    np.testing.assert_allclose(g(0, values[1]), np.diag(np.exp(values[1])))
