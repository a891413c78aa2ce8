"""Ops written in Python: `Op`, `Apply`, `as_op`, compiled and in the interpreter."""

import os
import re
import sys
import threading
import weakref

import numpy as np
import pytest
from own_ops import Scale, SumAndDifference, UnshapedScale

import croton as ct
import croton.tensor as T
from croton.compile.ops import as_op

MODES = pytest.mark.parametrize("mode", ["FAST_RUN", "reference"])
SHAPES = [(2, 3), (1, 3), (0, 3), (1, 1), (200, 300)]
OPS = pytest.mark.parametrize("kind", [Scale, UnshapedScale])


@MODES
@OPS
@pytest.mark.parametrize("dtype", ["bool", "int8", "uint64", "float16", "float32", "float64", "complex64"])
def test_values_of_every_dtype_and_shape(mode, kind, dtype):
    x = T.matrix("x", dtype=dtype)
    f = ct.function([x], kind(1)(x.T), mode=mode)
    rng = np.random.default_rng(0)
    for shape in SHAPES:
        value = (rng.normal(size=shape) * 3).astype(dtype)
        if dtype != "bool":  # True * 1 is an integer
            got = f(value[::-1])
            assert got.dtype == value.dtype
            np.testing.assert_array_equal(got, value[::-1].T)
            continue
        with pytest.raises(TypeError, match=r"Scale{factor=1}: required result 0 of type bool.*given int64"):
            f(value)


@MODES
@OPS
def test_gradients_fusion_and_second_order(mode, kind):
    x = T.dmatrix("x")
    y = T.exp(kind(3.0)(T.sin(x)) / 4)
    (first,) = ct.grad(y.sum(), [x])
    second = ct.grad((first**2).sum(), x)
    f = ct.function([x], [y, first, second], mode=mode)
    value = np.random.default_rng(1).normal(size=(3, 4))
    sine, cosine, e = np.sin(value), np.cos(value), np.exp(0.75 * np.sin(value))
    np.testing.assert_allclose(f(value)[0], e)
    np.testing.assert_allclose(f(value)[1], 0.75 * cosine * e)
    slope = 0.75 * (0.75 * cosine**2 - sine) * e
    np.testing.assert_allclose(f(value)[2], 2 * 0.75 * cosine * e * slope)
    T.verify_grad(kind(3.0), [value])
    assert np.allclose(ct.gradient.Rop(y, x, np.ones((3, 4))).eval({x: value}), f(value)[1])


def test_equal_ops_on_equal_inputs_are_one_node():
    x, z = T.dvectors("x", "z")
    calls = []

    class Counted(Scale):
        def perform(self, node, inputs, output_storage):
            calls.append(self.factor)
            super().perform(node, inputs, output_storage)

    assert Counted(2)(x) == Counted(2)(x)
    assert Counted(2)(x) != Counted(3)(x)
    assert Counted(2)(x) != Counted(2)(z)
    assert Scale(2) == Scale(2) != Counted(2)
    assert hash(Scale(2)) == hash(Scale(2))
    ct.function([x], Counted(2)(x) + Counted(2)(x) + Counted(3)(x))([1.0])
    assert sorted(calls) == [2, 3]

    class WithoutProps(ct.Op):
        itypes = otypes = (T.dvector,)

    op = WithoutProps()
    assert op(x) == op(x) != WithoutProps()(x)
    assert op == op != WithoutProps()


def test_the_shape_alone_does_not_run_the_op():
    calls = []

    @as_op([T.dvector], [T.dvector], infer_shape=lambda node, shapes: [(shapes[0][0] + 1,)])
    def longer(x):
        calls.append(1)
        return np.append(x, 0.0)

    x = T.dvector("x")
    f = ct.function([x], longer(x).shape[0])
    assert f([1.0, 2.0]) == 3
    assert not calls
    np.testing.assert_array_equal(ct.function([x], longer(x) * 2)([1.0]), [2, 0])


@MODES
def test_sizes_that_depend_on_data(mode):
    """The op runs once for each call, whatever is made of its results."""
    calls = []

    @as_op([T.dvector, T.dscalar], [T.dvector, T.lvector, T.lscalar])
    def above(x, limit):
        calls.append(1)
        return x[x > limit], np.flatnonzero(x > limit), np.int64((x > limit).sum())

    x, limit = T.dvector("x"), T.dscalar("limit")
    values, places, count = above(x * 2, limit)
    padded = T.concatenate([values, values**2])
    f = ct.function([x, limit], [padded, places, count, values.sum(), values.shape[0]], mode=mode)
    rng = np.random.default_rng(2)
    for n in (0, 1, 2, 7, 1000):
        value = rng.normal(size=n)
        chosen = 2 * value[2 * value > 0.5]
        calls.clear()
        got = f(value, 0.5)
        if mode == "FAST_RUN":
            assert len(calls) == 1
        np.testing.assert_allclose(got[0], np.concatenate([chosen, chosen**2]))
        np.testing.assert_array_equal(got[1], np.flatnonzero(2 * value > 0.5))
        assert got[2] == got[4] == len(chosen)
        np.testing.assert_allclose(got[3], chosen.sum())


def test_sizes_of_one_op_decide_about_another():
    @as_op([T.dvector], [T.dvector])
    def positive(x):
        return x[x > 0]

    x = T.dvector("x")
    y = positive(positive(x) - 1)
    f = ct.function([x], [y, y.sum()])
    got = f([0.5, 3.0, -1.0, 2.0])
    np.testing.assert_array_equal(got[0], [2, 1])
    assert got[1] == 3


@MODES
def test_results_in_scan(mode):
    """Called in each step, also by gradients through the loop."""
    x = T.dvector("x")
    states = ct.scan(lambda h: Scale(0.5)(T.tanh(h)), outputs_info=[x], n_steps=4, return_updates=False)
    gradient = ct.grad(states[-1].sum(), x)

    def run(value):
        for _ in range(4):
            value = 0.5 * np.tanh(value)
        return value

    value = np.array([0.3, -2.0])
    got = ct.function([x], [states[-1], gradient], mode=mode)(value)
    np.testing.assert_allclose(got[0], run(value))
    h = 1e-6
    np.testing.assert_allclose(got[1], (run(value + h) - run(value - h)) / (2 * h), rtol=1e-8)


def test_unknown_sizes_in_scan_are_an_error_that_names_the_op():
    x = T.dvector("x")
    y = ct.scan(lambda h: UnshapedScale(2)(h), outputs_info=[x], n_steps=2, return_updates=False)
    with pytest.raises(NotImplementedError, match=r"size: required.*shapes of UnshapedScale"):
        ct.function([x], y)([1.0])


# ---- several inputs and outputs


@MODES
def test_several_outputs(mode):
    x, y = T.dmatrices("x", "y")
    total, difference = SumAndDifference()(x, y)
    rng = np.random.default_rng(3)
    a, b = rng.normal(size=(2, 3, 4))
    f = ct.function([x, y], [total, difference], mode=mode)
    np.testing.assert_array_equal(f(a, b), [a + b, a - b])
    np.testing.assert_array_equal(ct.function([x, y], difference, mode=mode)(a, b), a - b)
    for output, slope in ((total, 1), (difference, -1)):
        g = ct.function([x, y], ct.grad((2 * output).sum(), y), on_unused_input="ignore", mode=mode)
        np.testing.assert_array_equal(g(a, b), np.full((3, 4), 2 * slope))


def test_default_output_and_lists():
    class Second(SumAndDifference):
        default_output = 1

    a = np.array([[1.0, 2.0]])
    np.testing.assert_array_equal(Second()(a, a).eval(), a - a)
    node = Second().make_node(a, a)
    assert (node.nin, node.nout, node.out) == (2, 2, node.outputs[1])
    assert len(Second()(a, a, return_list=True)) == 2
    np.testing.assert_array_equal(node.clone_with_new_inputs([a, 2 * a]).outputs[0].eval(), 3 * a)
    with pytest.raises(ValueError, match="required one output, given 2"):
        SumAndDifference().make_node(a, a).default_output()


def test_no_inputs():
    @as_op([], [T.dvector])
    def made():
        return np.arange(3.0)

    np.testing.assert_array_equal((made() + 1).eval(), [1, 2, 3])


def test_constants_as_inputs_and_plain_numbers():
    @as_op([T.fvector, T.fscalar], [T.fvector], infer_shape=lambda node, shapes: shapes[:1])
    def scaled(x, factor):
        assert factor.dtype == "float32"
        return x * factor

    np.testing.assert_array_equal(scaled(np.ones(2, "float32"), 2.5).eval(), [2.5, 2.5])
    with pytest.raises(TypeError, match=r"scaled: required an input of type float32\[\?\], given"):
        scaled(T.dvector("x"), 2.0)
    with pytest.raises(TypeError, match="scaled: required 2 inputs, given 1"):
        scaled(T.fvector("x"))


def test_results_may_be_plain_numbers():
    for kind, value in ((T.dscalar, 2), (T.dscalar, 2.5), (T.lscalar, 7), (T.scalar("b", "bool").type, True)):
        give = as_op([], [kind])(lambda value=value: value)
        assert give().eval() == value
    with pytest.raises(TypeError, match=r"required result 0 of type int64.*given float64"):
        as_op([], [T.lscalar])(lambda: 2.5)().eval()


# ---- what perform may do


def test_inputs_are_copies_that_may_be_kept_changed_and_given_back():
    kept = []

    @as_op([T.dvector], [T.dvector], infer_shape=lambda node, shapes: shapes)
    def careless(x):
        kept.append(x)
        x += 1
        return x

    w = ct.shared(np.zeros(3), name="w")
    x = T.dvector("x")
    f = ct.function([x], [careless(x), careless(w)])
    value = np.zeros(3)
    np.testing.assert_array_equal(f(value), [[1, 1, 1], [1, 1, 1]])
    np.testing.assert_array_equal(value, [0, 0, 0])
    np.testing.assert_array_equal(w.get_value(), [0, 0, 0])
    del f
    np.testing.assert_array_equal(kept, [[1, 1, 1], [1, 1, 1]])


@MODES
def test_errors_come_out_as_they_are_and_nothing_changes(mode):
    class Broken(Scale):
        def perform(self, node, inputs, output_storage):
            raise KeyError("mine")

    w, v = ct.shared(np.zeros(2), name="w"), ct.shared(np.zeros(2), name="v")
    y = Broken(2)(w)
    f = ct.function([], [], updates=[(v, v + 1), (w, w + y)], mode=mode)
    with pytest.raises(KeyError, match="mine") as caught:
        f()
    if sys.version_info >= (3, 11):  # before, exceptions have no notes
        (note,) = caught.value.__notes__
        assert re.fullmatch(r"raised by the op Broken{factor=2} \(.*test_own_ops.py:\d+\)", note)
    assert not w.get_value().any()
    assert not v.get_value().any()


WRONG = {
    "None": (lambda x: None, ValueError, r"given None; put an array into output_storage\[0\]\[0\]"),
    "rank": (lambda x: x[None], ValueError, r"required result 0 of type float64\[2\], given float64\[1, 2\]"),
    "size": (lambda x: x[:1], ValueError, r"required result 0 of type float64\[2\], given float64\[1\]"),
    "dtype": (lambda x: x.astype("float32"), TypeError, r"given float32\[2\]; cast it"),
    "text": (lambda x: "abc", TypeError, "required numbers or bool"),
    "number": (lambda x: (x, x), ValueError, "required 1 results, given 2"),
}


@pytest.mark.parametrize("what", WRONG)
def test_wrong_results(what):
    wrong, error, message = WRONG[what]
    op = as_op([T.dvector], [T.dvector], infer_shape=lambda node, shapes: shapes)(wrong)
    x = T.dvector("x")
    with pytest.raises(error, match=message):
        ct.function([x], op(x))([1.0, 2.0])


def test_wrong_results_of_unknown_shape():
    x = T.dvector("x")
    for wrong in (lambda x: None, lambda x: x[None]):
        with pytest.raises(ValueError, match=r"<lambda>: required result 0 of type float64\[\?\], given"):
            ct.function([x], as_op([T.dvector], [T.dvector])(wrong)(x))([1.0, 2.0])


def test_errors_while_building():
    x = T.dvector("x")
    with pytest.raises(NotImplementedError, match="Op: required itypes and otypes, or make_node"):
        ct.Op()(x)
    with pytest.raises(TypeError, match=r"required outputs like x.type\(\), given 3"):
        ct.Apply(Scale(2), [x], [3])
    with pytest.raises(TypeError, match=r"as_op: required types like T.dvector as otypes, given 'float64'"):
        as_op([T.dvector], ["float64"])
    shapes = [[(1,), (2,)], [(1, 2)]]  # of two results, and with two axes
    for given in shapes:
        op = as_op([T.dvector], [T.dvector], infer_shape=lambda node, _, given=given: given)(abs)
        with pytest.raises(ValueError, match=r"abs.infer_shape: required 1 s"):
            op(x)

    class NoPerform(ct.Op):
        itypes = otypes = (T.dscalar,)

    with pytest.raises(NotImplementedError, match="NoPerform: required a method perform"):
        NoPerform()(1.0).eval()


@MODES
@OPS
def test_without_axes(mode, kind):
    x = T.dscalar("x")
    assert ct.function([x], kind(3.0)(x), mode=mode)(2.0) == 6


# ---- graphs, threads, memory


def test_clones_and_givens_keep_the_op():
    x, z = T.dmatrices("x", "z")
    y = Scale(2.0)(x)
    (clone,) = ct.clone([y], {x: z + 1})
    assert clone == Scale(2.0)(z + 1)
    f = ct.function([z], [y, ct.grad((y**2).sum(), x)], givens={x: z.T})
    value = np.arange(6.0).reshape(2, 3)
    np.testing.assert_array_equal(f(value)[0], 2 * value.T)
    np.testing.assert_array_equal(f(value)[1], 8 * value.T)


def test_debug_modes_see_the_op():
    x = T.dvector("x")

    @as_op([T.dvector], [T.dvector])
    def positive(x):
        return x[x > 0]

    for y in (Scale(2.0)(x), positive(x), SumAndDifference()(x[None], x[None])[1]):
        f = ct.function([x], T.exp(y), mode="DebugMode")
        np.testing.assert_array_equal(f([1.0, -1.0]), ct.function([x], T.exp(y))([1.0, -1.0]))
    assert "positive" in ct.printing.debugprint(positive(x), file="str")
    assert str(Scale(12)(x)) == "Scale{factor=12}(x)"


def test_many_threads():
    x = T.dmatrix("x")

    @as_op([T.dmatrix], [T.dvector])
    def positive(x):
        return x[x > 0]

    y = positive(T.dot(x, x))
    f = ct.function([x], [y, Scale(2.0)(x)])
    failures = []

    def work(seed):
        rng = np.random.default_rng(seed)
        for _ in range(50):
            value = rng.normal(size=(8, 8))
            product, scaled = value @ value, 2 * value
            got = f(value)
            if not (np.allclose(got[0], product[product > 0]) and np.array_equal(got[1], scaled)):
                failures.append(seed)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def test_functions_inside_perform():
    z = T.dvector("z")
    inner = ct.function([z], T.exp(z))
    outer = as_op([T.dvector], [T.dvector], infer_shape=lambda node, s: s)(lambda x: inner(x))
    x = T.dvector("x")
    np.testing.assert_allclose(ct.function([x], outer(x) * 2)([0.0, 1.0]), [2, 2 * np.e])


def test_ops_go_with_what_uses_them():
    x = T.dvector("x")
    op = as_op([T.dvector], [T.dvector], infer_shape=lambda node, s: s)(lambda x: x)
    y = op(x)
    f = ct.function([x], y + 1)
    alive = weakref.ref(op)
    del op, y
    np.testing.assert_array_equal(f([1.0]), [2])
    assert alive() is not None
    del f
    import gc

    gc.collect()
    assert alive() is None


def test_the_line_of_an_op_is_that_of_its_use():
    x = T.dvector("x")
    op = Scale(2)
    line = sys._getframe().f_lineno + 1
    y = op(x)
    assert y._node._source[1] == line
    assert y._node._source[0].endswith("test_own_ops.py")


def test_forked_processes():
    """An op runs in a child process as in its parent."""
    x = T.dvector("x")
    f = ct.function([x], Scale(2.0)(T.exp(x)))
    f(np.zeros(2))
    child = os.fork()
    if child == 0:
        os._exit(0 if np.array_equal(f(np.zeros(2)), [2, 2]) else 1)
    assert os.waitpid(child, 0)[1] == 0


def test_test_values():
    with ct.change_flags(compute_test_value="raise"):
        x = T.dvector("x")
        x.tag.test_value = np.ones(3)
        with pytest.raises(ValueError, match="required"):
            T.dot(Scale(2.0)(x), np.ones(4))
        assert UnshapedScale(2.0)(x).tag.test_value.shape == (3,)
