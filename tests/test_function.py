"""croton.function: arguments, results, updates, givens, defaults, copies, and shared variables."""

import threading
import warnings
from collections import OrderedDict

import numpy as np
import pytest

import croton as ct
import croton.tensor as T

A = np.arange(6.0).reshape(2, 3)


def test_the_first_program():
    rng = np.random.default_rng(0)
    X, y, w = T.matrix("X"), T.vector("y"), T.vector("w")
    E = ((T.dot(X, w) - y) ** 2).sum()
    value = ct.function([X, w, y], E, allow_input_downcast=True)
    slope = ct.function([X, w, y], ct.grad(E, w), allow_input_downcast=True)
    data, weights, target = rng.normal(size=(50, 4)), rng.normal(size=4), rng.normal(size=50)
    error = data @ weights - target
    np.testing.assert_allclose(value(data, weights, target), (error**2).sum(), rtol=1e-12)
    np.testing.assert_allclose(slope(data, weights, target), 2 * data.T @ error, rtol=1e-12)


def test_forms_of_results():
    x = T.dmatrix("x")
    s = x.sum()
    assert ct.function([x], s)(A).shape == ()
    assert isinstance(ct.function([x], s)(A), np.ndarray)
    assert [r.shape for r in ct.function([x], [s, x.T])(A)] == [(), (3, 2)]
    assert [float(r) for r in ct.function([x], (s,))(A)] == [15]
    assert ct.function([x], [], on_unused_input="ignore")(A) == []
    assert ct.function([x], on_unused_input="ignore")(A) is None
    assert ct.function([x], ct.Out(s, borrow=True))(A) == 15
    result = ct.function([x], {"total": s, "x": x})(A)
    assert list(result) == ["total", "x"]
    np.testing.assert_array_equal(result["x"], A)
    np.testing.assert_array_equal(ct.function([x], x.shape)(A), [2, 3])
    assert ct.function([], 3)() == 3
    assert ct.function([], T.constant([1.0, 2.0]) * 2)().tolist() == [2, 4]


def test_results_are_the_callers_own():
    x = T.dmatrix("x")
    f = ct.function([x], [x, x + 1, x.T])
    first = f(A)
    for result in first:
        assert not np.shares_memory(result, A)
        assert result.flags.writeable
        result[:] = 7
    second = f(A)
    np.testing.assert_array_equal(second[0], A)
    assert not np.shares_memory(first[0], second[0])
    w = ct.shared(A)
    g = ct.function([], [w, w.T])
    g()[0][:] = 9
    np.testing.assert_array_equal(w.get_value(), A)


def test_constants_are_copies():
    array = A.copy()
    f = ct.function([], T.constant(array) + 0)
    array[:] = 0
    np.testing.assert_array_equal(f(), A)


def test_keywords_and_defaults():
    x, y = T.dscalars("x", "y")
    f = ct.function([x, ct.In(y, value=3)], 10 * x + y)
    assert [float(v) for v in (f(1), f(1, 2), f(x=1), f(1, y=2), f(y=1, x=2))] == [13, 12, 13, 12, 21]
    g = ct.function([ct.In(x, name="left"), ct.In(y, name="right")], x - y)
    assert g(right=1, left=5) == 4


def test_shared_defaults():
    x = T.dscalar("x")
    w = ct.shared(1.0)
    f = ct.function([ct.In(x, value=w)], x * 2)
    assert f() == 2
    w.set_value(3.0)
    assert f() == 6


def test_ordered_updates():
    a, b = ct.shared(1.0, name="a"), ct.shared(2.0, name="b")
    updates = ct.OrderedUpdates([(a, a + 1)]) + {b: b * 2}
    ct.function([], None, updates=updates)()
    assert (a.get_value(), b.get_value()) == (2, 4)
    assert list(updates + {a: a + 1}) == [a, b]
    with pytest.raises(KeyError, match="two for a"):
        updates + {a: a * 2}
    with pytest.raises(TypeError, match="shared variables as keys"):
        ct.OrderedUpdates({"a": 1})


def test_states():
    x, total = T.dscalar("x"), T.dscalar("total")
    f = ct.function([x, ct.In(total, value=0.0, update=total + x)], total + x)
    assert [float(f(k)) for k in (1, 2, 3)] == [1, 3, 6]
    assert f["total"] == 6
    f["total"] = 10
    assert f(1) == 11
    assert f(1, total=0) == 1
    assert f[total] == 1


def test_updates_are_simultaneous():
    a, b = ct.shared(1.0, name="a"), ct.shared(2.0, name="b")
    f = ct.function([], [a, b], updates=[(a, b), (b, a + b)])
    assert [float(v) for v in f()] == [1, 2]
    assert (a.get_value(), b.get_value()) == (2, 3)
    f()
    assert (a.get_value(), b.get_value()) == (3, 5)


@pytest.mark.parametrize("make", [list, dict, OrderedDict])
def test_forms_of_updates(make):
    a = ct.shared(np.float32(1), name="a")
    f = ct.function([], None, updates=make([(a, 2 * a)]))
    f()
    assert a.get_value() == 2
    assert a.get_value().dtype == "float32"


def test_updates_take_plain_numbers_and_narrower_types():
    n, x = ct.shared(5), ct.shared(np.zeros(2))
    ct.function([], None, updates=[(n, 0), (x, x.astype("float32") + 1)])()
    assert n.get_value() == 0
    np.testing.assert_array_equal(x.get_value(), [1, 1])


def test_update_changes_the_shape():
    w = ct.shared(np.ones(2))
    f = ct.function([], w.sum(), updates=[(w, T.concatenate([w, w]))])
    assert [float(f()) for _ in range(3)] == [2, 4, 8]


def test_default_updates():
    n = ct.shared(0, name="n")
    n.default_update = n + 1
    f, g = ct.function([], n), ct.function([], n, no_default_updates=True)
    assert [int(f()), int(f()), int(g()), int(g())] == [0, 1, 2, 2]
    h = ct.function([], n, updates=[(n, n + 10)])
    assert [int(h()), int(h())] == [2, 12]
    assert int(ct.function([], n, no_default_updates=[n])()) == 22
    n.default_update = None
    k = ct.function([], n)
    assert [int(k()), int(k())] == [22, 22]


def test_givens():
    data = ct.shared(np.arange(10.0), name="data")
    x, i = T.dvector("x"), T.lscalar("i")
    f = ct.function([i], x.sum(), givens={x: data[i * 2 : (i + 1) * 2]})
    assert [float(f(k)) for k in range(5)] == [1, 5, 9, 13, 17]
    y = x * 2
    g = ct.function([x], y + 1, givens=[(y, x + 10)])
    np.testing.assert_array_equal(g([1.0]), [12])
    a, b = T.dscalars("a", "b")
    assert ct.function([a, b], a - b, givens=[(a, b), (b, a)])(1, 5) == 4
    assert ct.function([], a + 1, givens={a: 2})() == 3


def test_clone():
    x, y = T.dvectors("x", "y")
    z = ct.clone((x**2).sum(), replace={x: y + 1})
    assert ct.function([y], z)([1.0, 2.0]) == 13


def test_copy():
    w, v = ct.shared(1.0, name="w"), ct.shared(10.0, name="v")
    x = T.dscalar("x")
    f = ct.function([x], w * x, updates=[(w, w + 1)], name="f")
    g = f.copy(swap={w: v}, name="g")
    h = f.copy(delete_updates=True)
    assert [float(g(1)), float(g(1)), float(f(1)), float(h(1)), float(h(1))] == [10, 11, 1, 2, 2]
    assert (f.name, g.name) == ("f", "g")
    assert f.get_shared() == [w]
    assert g.get_shared() == [v]


def test_report():
    x = T.dvector("x")
    f = ct.function([x], T.exp(x).sum(), name="sum of exp")
    f([1.0])
    report = f.compile_report()
    assert report.total_ms > 0
    assert report.plans == 1
    assert any("exp" in kernel.ops for kernel in report.kernels)
    assert all(ms >= 0 for _, ms in report.passes)
    assert "sum of exp" in str(report)
    assert f.trust_input is False
    f.free()
    assert f([0.0]) == 1


def test_modes_agree():
    x = T.dmatrix("x")
    w = ct.shared(np.ones(3), name="w")
    y = T.tanh(x * w).sum(axis=0)
    f = ct.function([x], y, updates=[(w, w + y)], mode="reference")
    g = ct.function([x], y, mode="FAST_COMPILE")
    np.testing.assert_allclose(g(A), f(A), rtol=1e-12)
    np.testing.assert_allclose(w.get_value(), 1 + np.tanh(A).sum(0), rtol=1e-12)
    np.testing.assert_allclose(g(A), f(A), rtol=1e-12)


def test_unused_inputs():
    x, y = T.dscalars("x", "y")
    with pytest.raises(ct.UnusedInputError, match="y"):
        ct.function([x, y], x)
    assert ct.function([x, y], x, on_unused_input="ignore")(1, 2) == 1
    with pytest.warns(UserWarning, match="y"):
        ct.function([x, y], x, on_unused_input="warn")
    with ct.config.change_flags(on_unused_input="ignore"), warnings.catch_warnings():
        warnings.simplefilter("error")
        ct.function([x, y], x)


class TestShared:
    def test_values(self):
        array = A.copy()
        w = ct.shared(array, name="w")
        array[:] = 0
        np.testing.assert_array_equal(w.get_value(), A)
        w.get_value()[:] = 0
        np.testing.assert_array_equal(w.get_value(), A)
        w.set_value(A[:1, :2] * 2)
        np.testing.assert_array_equal(w.get_value(), A[:1, :2] * 2)
        w.zero()
        np.testing.assert_array_equal(w.get_value(), np.zeros((1, 2)))

    def test_types(self):
        assert (ct.shared(1).dtype, ct.shared(1).ndim) == ("int64", 0)
        assert ct.shared(1.0).dtype == "float64"
        assert ct.shared(np.float32(1)).dtype == "float32"
        assert ct.shared([1, 2]).type.shape == (None,)
        assert ct.shared(np.ones((1, 3)), broadcastable=(True, False)).type.shape == (1, None)
        assert isinstance(ct.shared(1), ct.SharedVariable)

    def test_clone_shares(self):
        w = ct.shared(1.0)
        twin = w.clone()
        w.set_value(5.0)
        assert twin.get_value() == 5

    @pytest.mark.parametrize("value", [None, "text", object(), [[1], [2, 3]], {"a": 1}])
    def test_no_numbers(self, value):
        with pytest.raises(TypeError, match="shared: required numbers"):
            ct.shared(value)

    def test_set_value_keeps_the_type(self):
        w = ct.shared(np.zeros(3, "float32"), name="w")
        for bad in (np.zeros(3), np.zeros((3, 1), "float32"), None, "text"):
            with pytest.raises(TypeError, match="'w': required a vector of float32"):
                w.set_value(bad)
        w.set_value([1, 2])
        np.testing.assert_array_equal(w.get_value(), np.array([1, 2], "float32"))
        with pytest.raises(ValueError, match="size 1"):
            ct.shared(np.ones((1, 3)), broadcastable=(True, False)).set_value(np.ones((2, 3)))


def test_many_threads_call_one_function():
    x = T.dmatrix("x")
    f = ct.function([x], T.tanh(x).sum(axis=0))
    arrays = [np.full((k + 1, 50), 0.1 * k) for k in range(8)]
    wrong = []

    def work(array):
        for _ in range(50):
            if not np.allclose(f(array), np.tanh(array).sum(0)):
                wrong.append(array.shape)

    threads = [threading.Thread(target=work, args=(array,)) for array in arrays]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_printing(capsys):
    x = T.dvector("x")
    y = T.exp(x) + 1
    assert ct.pp(y) == "(exp(x) + 1)"
    ct.debugprint(y)
    assert "exp" in capsys.readouterr().out
    assert "exp" in ct.printing.debugprint(ct.function([x], y), file="str")


def test_config():
    assert ct.config.floatX == "float64"
    with ct.config.change_flags(floatX="float32"):
        assert T.vector().dtype == "float32"
    with pytest.raises(ValueError, match="floatX: required one of"):
        ct.config.floatX = "float63"
    with pytest.raises(AttributeError, match="config: required one of"):
        ct.config.floatY = 1


def test_verify_compares_with_the_reference(monkeypatch):
    x, w = T.dmatrix("x"), ct.shared(np.ones(3), name="w")
    f = ct.function([x], [T.exp(x) * w, T.argmax(x, axis=1)], updates=[(w, w + x.sum(axis=0))])
    values = np.arange(6.0).reshape(2, 3) / 7
    f.verify(values)
    np.testing.assert_array_equal(w.get_value(), np.ones(3))
    interpret = ct._core.interpret

    def wrong(nodes, leaves):
        results = interpret(nodes, leaves)
        results[2] = results[2] + np.array([0, 1e-3, 0])
        return results

    monkeypatch.setattr(ct._core, "interpret", wrong)
    with pytest.raises(AssertionError, match=r"the new value of 'w' differs first at \(1,\)"):
        f.verify(values)
