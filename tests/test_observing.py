"""Print, Assert, Raise: what happens while a function runs, in compiled code and in the interpreter."""

import numpy as np
import pytest

import croton as ct
import croton.tensor as T
from croton.printing import Print
from croton.raise_op import Assert, PdbBreakpoint, Raise, assert_op

MODES = pytest.mark.parametrize("mode", ["FAST_RUN", "reference"])
SHAPES = [(2, 3), (1, 3), (0, 3), (300, 400)]


def recorder(seen, label=""):
    return Print(global_fn=lambda op, array: seen.append((label, array)))


@MODES
@pytest.mark.parametrize("dtype", ["bool", "int8", "uint64", "float16", "float32", "float64"])
def test_print_shows_the_array(mode, dtype):
    """The very array, whatever its dtype and shape, and the value passes unchanged."""
    x = T.matrix("x", dtype=dtype)
    seen = []
    f = ct.function([x], recorder(seen)(x.T), mode=mode)
    for shape in SHAPES:
        value = np.random.default_rng(0).normal(size=shape).astype(dtype)
        np.testing.assert_array_equal(f(value), value.T)
        _, array = seen.pop()
        assert array.dtype == value.dtype
        np.testing.assert_array_equal(array, value.T)
        assert not seen


@MODES
def test_print_of_attributes(mode, capsys):
    x = T.dvector("x")
    y = Print("sum:", attrs=("__str__", "shape", "dtype", "min"))(x.sum())
    assert ct.function([x], 2 * y, mode=mode)([1.0, 2.0]) == 6
    assert capsys.readouterr().out == (
        "sum: __str__ = 3.0\nsum: shape = ()\nsum: dtype = float64\nsum: min = 3.0\n"
    )


@MODES
def test_print_lets_gradients_through_and_prints_once(mode):
    x = T.dvector("x")
    seen = []
    y = T.log(recorder(seen)(T.exp(x)))
    f = ct.function([x], [y.sum(), ct.grad(y.sum(), x)], mode=mode)
    value, gradient = f([1.0, 2.0])
    np.testing.assert_allclose([value, *gradient], [3, 1, 1])
    assert len(seen) == 1


@MODES
def test_prints_keep_their_order_and_are_not_merged(mode):
    x = T.dvector("x")
    seen = []
    first = recorder(seen, "first")(x)
    second = recorder(seen, "second")(first * 2)
    third = recorder(seen, "third")(second.sum())
    again = recorder(seen, "again")(first * 2)
    f = ct.function([x], [third + again.sum()], mode=mode)
    f([1.0, 2.0])
    labels = [label for label, _ in seen]
    assert sorted(labels) == ["again", "first", "second", "third"]
    assert labels.index("first") < labels.index("second") < labels.index("third")


@MODES
def test_print_of_what_nothing_needs(mode):
    x = T.dvector("x")
    seen = []
    recorder(seen)(x)
    shape_only = recorder(seen)(x + 1).shape[0]
    assert ct.function([x], x.sum() + shape_only, mode=mode)([1.0]) == 2
    assert not seen


@MODES
def test_print_of_a_size(mode):
    n = T.lscalar("n")
    seen = []
    f = ct.function([n], T.zeros((recorder(seen)(n), 2)), mode=mode)
    assert f(3).shape == (3, 2)
    assert [int(array) for _, array in seen] == [3]


@MODES
def test_an_error_of_the_function_that_prints_comes_out(mode):
    w = ct.shared(1.0, name="w")

    def fail(op, array):
        raise KeyError("mine")

    f = ct.function([], Print(global_fn=fail)(w), updates=[(w, w + 1)], mode=mode)
    with pytest.raises(KeyError, match="mine"):
        f()
    assert w.get_value() == 1


def test_shared_variables_inside_a_print():
    """What would wait for the call that waits for it is refused."""
    x, w = T.dscalar("x"), ct.shared(1.0, name="w")
    read, update = ct.function([], w), ct.function([], [], updates=[(w, w + 0)])
    uses = {"read": read, "get": w.get_value, "update": update, "set": lambda: w.set_value(1.0)}
    for name, use in uses.items():
        y = Print(global_fn=lambda op, array, use=use: use())(x)
        assert ct.function([x], y * 2)(1.0) == 2
        reader, writer = ct.function([x], y * w), ct.function([x], y, updates=[(w, w + y * 0)])
        for f in (reader, writer):
            if f is reader and name in ("read", "get"):
                assert f(1.0) == 1
                continue
            with pytest.raises(ValueError, match="required none in what a running function calls"):
                f(1.0)
    assert w.get_value() == 1


def test_print_takes_names_and_shows_itself():
    with pytest.raises(TypeError, match="a sequence of names"):
        Print("m", attrs="shape")
    assert repr(Print("m", ("shape",))) == "Print('m', attrs=('shape',))"


# ---- assertions


@MODES
def test_assert_holds_or_raises(mode):
    x = T.dmatrix("x")
    checked = T.opt.Assert("x must be positive")(x, T.all(x > 0), x.shape[0] > 1)
    f = ct.function([x], T.log(checked).sum(), mode=mode)
    assert f(np.ones((2, 3))) == 0
    for wrong in (-np.ones((2, 3)), np.ones((1, 3)), np.full((2, 3), np.nan)):
        with pytest.raises(AssertionError, match=r"x must be positive \(.*test_observing.py:\d+\)"):
            f(wrong)
    assert f(np.ones((2, 3))) == 0


@MODES
def test_assert_in_updates_and_gradients(mode):
    x, w = T.dvector("x"), ct.shared(np.ones(2), name="w")
    cost = (assert_op(w, T.all(x >= 0), x.shape[0] > 0) * x).sum()
    gradient = ct.grad(cost, w)
    f = ct.function([x], cost, updates=[(w, w - assert_op(gradient, x.sum() < 10))], mode=mode)
    assert f([1.0, 2.0]) == 3
    np.testing.assert_array_equal(w.get_value(), [0, -1])
    for wrong in ([-1.0, 1.0], [9.0, 9.0]):
        with pytest.raises(AssertionError):
            f(wrong)
    np.testing.assert_array_equal(w.get_value(), [0, -1])


def test_assert_second_derivative_by_differences():
    T.verify_grad(lambda x: Assert("m")(T.exp(x), T.all(x > -9)) ** 2, [np.linspace(-1, 1, 4)])
    x = T.dscalar("x")
    second = ct.grad(ct.grad(Assert("m")(x**3, x > 0), x), x)
    assert second.eval({x: 2.0}) == 12


def test_true_conditions_are_left_out():
    x = T.dvector("x")
    assert assert_op(x, True, np.ones(3), T.constant(1)) == x
    assert assert_op(x, x.sum() > 0) != x
    with pytest.raises(AssertionError, match="never"):
        ct.function([x], Assert("never")(x, False))([1.0])
    with pytest.raises(TypeError, match="a value and conditions"):
        assert_op(x)
    with pytest.raises(TypeError, match="required a message"):
        Assert(3)


@MODES
def test_raise_and_breakpoint(mode, monkeypatch):
    x, y = T.dvector("x"), T.dvector("y")
    f = ct.function([x], Raise("not this", KeyError)(x) * 2, mode=mode)
    with pytest.raises(KeyError, match="not this"):
        f([1.0])
    with pytest.raises(TypeError, match="a type of exception"):
        Raise("m", "KeyError")
    stops = []
    monkeypatch.setattr("builtins.breakpoint", lambda: stops.append(1))
    a, b = PdbBreakpoint("here")(x.sum() > 1, x, y)
    g = ct.function([x, y], [a + b, ct.grad((a * b).sum(), x)], mode=mode)
    total, gradient = g([1.0], [3.0])
    assert (total[0], gradient[0], len(stops)) == (4, 3, 0)
    g([2.0], [3.0])
    assert len(stops) == 1


def test_many_threads_print():
    """A function that prints may be called from several threads at once."""
    from concurrent.futures import ThreadPoolExecutor

    x = T.dmatrix("x")
    seen = []
    f = ct.function([x], T.exp(recorder(seen)(x * 2)).sum())
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda k: f(np.full((200, 200), float(k))), range(20)))
    assert len(seen) == 20
    np.testing.assert_allclose(results, [40000 * np.exp(2 * k) for k in range(20)])


@MODES
def test_prints_and_assertions_in_loops(mode):
    """They act in each step that is computed."""
    x = T.dvector("x")
    seen = []

    def step(row, total):
        return Assert("too much")(recorder(seen)(total + row), total < 5)

    totals, updates = ct.scan(step, sequences=x, outputs_info=T.constant(0.0))
    f = ct.function([x], [totals[-1], ct.grad(totals.sum(), x)], updates=updates, mode=mode)
    last, gradient = f([1.0, 2.0, 3.0])
    assert last == 6
    np.testing.assert_array_equal(gradient, [3, 2, 1])
    assert {1, 3, 6} <= {float(array) for _, array in seen}
    with pytest.raises(AssertionError, match="too much"):
        f([4.0, 4.0, 4.0])
