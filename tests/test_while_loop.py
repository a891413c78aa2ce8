"""Loops that go on while a condition holds, against Python's own."""

import math

import numpy as np
import pytest
from checks import numeric_gradients, variables

import croton as ct
import croton.tensor as T

RNG = np.random.default_rng(8)
X, A = RNG.normal(size=3), RNG.normal(size=(3, 3)) * 0.3


def plain(condition, body, state, limit=10**9):
    """The loop in Python, on a list of states."""
    state, steps = list(state), 0
    while steps < limit and condition(*state):
        state, steps = list(body(*state)), steps + 1
    return state


# name: (condition, body; on lists of states, in NumPy and in expressions; initial states)
TABLE = {
    "greatest divisor": (lambda a, b: a * 0 + b, lambda a, b: [b, a % b], [252, 105]),
    "no step": (lambda x: x > 10, lambda x: [x * 2], [3.0]),
    "one step": (lambda x: x < 3.5, lambda x: [x * 2], [3.0]),
    "newton": (lambda x, y: abs(x * x - y) > 1e-9, lambda x, y: [0.5 * (x + y / x), y], [1.0, 2.0]),
    "arrays": (lambda x: (x * x).sum() > 1e-3, lambda x: [x * 0.5 - x * x * 0.01], [X]),
    "two shapes": (
        lambda n, x, a: n < 7,
        lambda n, x, a: [n + 1, a @ x + 1, a * 0.9],
        [0, X, A],
    ),
    "swapped": (lambda n, x, y: n < 5, lambda n, x, y: [n + 1, y, x], [0, X, 2 * X]),
    "empty": (lambda n, x: n < 4, lambda n, x: [n + 1, x + 1], [0, X[:0]]),
    "truth": (lambda go, n: go, lambda go, n: [n < 5, n + 1], [True, 0]),
    "narrow": (lambda x: x < 100, lambda x: [x * x + 1], [np.float32(1.5)]),
}


@pytest.mark.parametrize("mode", [None, "reference"])
@pytest.mark.parametrize("name", TABLE)
def test_values(name, mode):
    condition, body, given = TABLE[name]
    arrays = [np.asarray(x) for x in given]
    inputs = variables(*arrays)
    for limit in (None, 0, 1, 3):
        last = ct.while_loop(condition, body, inputs, max_steps=limit)
        f = ct.function(inputs, last, on_unused_input="ignore", mode=mode)
        want = plain(condition, body, arrays, 10**9 if limit is None else limit)
        for got, expected, start in zip(f(*arrays), want, arrays, strict=True):
            assert got.dtype == start.dtype
            np.testing.assert_allclose(got, expected, rtol=1e-5 if got.dtype == "float32" else 1e-12)


def test_structure_of_the_states():
    x = T.dscalar("x")
    assert isinstance(ct.while_loop(lambda s: s < 3, lambda s: s + 1, x), ct.Variable)
    assert isinstance(ct.while_loop(lambda s: s < 3, lambda s: s + 1, [x]), list)
    assert isinstance(ct.while_loop(lambda s, t: s < 3, lambda s, t: (s + 1, t), (x, x)), tuple)
    assert ct.while_loop(lambda s: s < 3, lambda s: s + 2, 0).eval() == 4


def test_limits_and_values_around_the_loop():
    x, n, d = T.dscalar("x"), T.iscalar("n"), ct.shared(0.5)
    f = ct.function([x, n], ct.while_loop(lambda s: s < x, lambda s: s + d * x, x * 0, max_steps=n))
    assert f(10.0, 100) == 10
    assert f(10.0, 1) == 5
    assert f(10.0, 0) == f(-1.0, 5) == 0
    d.set_value(0.25)
    assert f(10.0, 3) == 7.5


def test_nested():
    x = T.dscalar("x")
    y = ct.while_loop(lambda s: s < 99, lambda s: ct.while_loop(lambda t: t < 3 * s, lambda t: t * x, s), x)
    want = 1.5
    while want < 99:
        limit = 3 * want
        while want < limit:
            want *= 1.5
    np.testing.assert_allclose(ct.function([x], y)(1.5), want)
    with pytest.raises(NotImplementedError, match="test_while_loop"):  # sizes that differ between steps
        ct.function([x], ct.grad(y, x))


def test_updates():
    total = ct.shared(np.arange(3.0))
    last = ct.while_loop(lambda s: s.sum() < 100, lambda s: s * 2, total)
    f = ct.function([], last.sum(), updates={total: last})
    assert f() == 192
    assert f() == 192
    np.testing.assert_array_equal(total.get_value(), np.arange(3.0) * 64)


def test_observers_see_each_step():
    x, seen = T.dscalar("x"), []
    note = ct.printing.Print("", global_fn=lambda op, value: seen.append(float(value)))
    f = ct.function([x], ct.while_loop(lambda s: s < 5, lambda s: note(s + 1), x))
    assert f(2.5) == 5.5
    assert seen == [3.5, 4.5, 5.5]
    small = T.opt.Assert("too far")
    g = ct.function([x], ct.while_loop(lambda s: s < 5, lambda s: small(s + 1, s < 4), x))
    assert g(6.0) == 6
    with pytest.raises(AssertionError, match=r"too far.*test_while_loop"):
        g(0.0)


GRADIENTS = {
    "squares": (lambda x: ct.while_loop(lambda s: s < 50, lambda s: s * s, x), [np.array(1.3)]),
    "no step": (lambda x: ct.while_loop(lambda s: s < 0, lambda s: s * s, x) * 3, [np.array(1.3)]),
    "fixed point": (
        lambda x, a: ct.while_loop(
            lambda s, d: T.abs(d).max() > 1e-4,
            lambda s, d: [T.tanh(a @ s + x), T.tanh(a @ s + x) - s],
            [x, x],
        )[0].sum(),
        [X, A],
    ),
    "limited": (
        lambda x: ct.while_loop(lambda s: T.eq(1, 1), lambda s: T.sin(s) * x + s, x, max_steps=5).sum(),
        [X],
    ),
    "in a branch": (
        lambda x: ct.ifelse(x > 1, ct.while_loop(lambda s: s < 9, lambda s: s * x, x), x**3),
        [np.array(1.31)],
    ),
    "branch inside": (
        lambda x: ct.while_loop(lambda s: s < 30, lambda s: ct.ifelse(s < 4, s * x, s + x**2), x),
        [np.array(1.31)],
    ),
}


@pytest.mark.parametrize("name", GRADIENTS)
def test_gradients(name):
    build, arrays = GRADIENTS[name]
    inputs = variables(*arrays)
    y = build(*inputs)
    slopes = ct.grad(y, inputs)
    f, g = ct.function(inputs, y), ct.function(inputs, [*slopes, y])
    *got, value = g(*arrays)
    np.testing.assert_allclose(value, f(*arrays))
    for slope, want in zip(got, numeric_gradients(f, arrays), strict=True):
        np.testing.assert_allclose(slope, want, rtol=1e-6, atol=1e-8)
    total = sum((s**2).sum() for s in slopes)
    square = ct.function(inputs, total)
    second = ct.function(inputs, ct.grad(total, inputs, disconnected_inputs="ignore"))
    for slope, want in zip(second(*arrays), numeric_gradients(square, arrays), strict=True):
        np.testing.assert_allclose(slope, want, rtol=1e-5, atol=1e-6)


def test_gradients_take_memory_for_the_steps_there_were():
    x = T.dscalar("x")
    y = ct.while_loop(lambda s: s < 1e6, lambda s: s * x, x, max_steps=10**12)
    f = ct.function([x], ct.grad(y, x))
    steps = math.ceil(math.log(1e6) / math.log(1.1)) - 1
    np.testing.assert_allclose(f(1.1), (steps + 1) * 1.1**steps)
    assert sum(b.bytes for b in f.memory_report().buffers) < 10**5


def test_mistakes():
    x, v = T.dscalar("x"), T.dvector("v")
    with pytest.raises(TypeError, match=r"while_loop: required a scalar as the condition.*test_while_loop"):
        ct.while_loop(lambda s: s > 0, lambda s: s + 1, v)
    with pytest.raises(TypeError, match=r"state 0 as its initial one, float64 with 0 axes"):
        ct.while_loop(lambda s: s > 0, lambda s: s + v, x)
    with pytest.raises(TypeError, match=r"state 0 as its initial one, int64.*astype\('int64'\)"):
        ct.while_loop(lambda s: s > 0, lambda s: s / 2, 3)
    with pytest.raises(ValueError, match="as many next states as there are in initial, 2, given 1"):
        ct.while_loop(lambda s, t: s > 0, lambda s, t: s, [x, x])
    with pytest.raises(ValueError, match="at least one state"):
        ct.while_loop(lambda: True, lambda: [], [])
    with pytest.raises(TypeError, match="max_steps as an integer"):
        ct.while_loop(lambda s: s > 0, lambda s: s, x, max_steps=1.5)
    draws = ct.random.RandomStream(1)
    with pytest.raises(ValueError, match=r"steps without updates.*scan"):
        ct.while_loop(lambda s: s > 0, lambda s: s + draws.normal(), x)
    grows = ct.function([v], ct.while_loop(lambda s: s.sum() < 5, lambda s: T.concatenate([s, s]), v))
    with pytest.raises(ValueError, match="keep the shape"):
        grows([1.0])
