"""Gradients of ops written in Python, and Theano's examples of such ops."""

import numpy as np
import pytest
from own_ops import Scale, SumAndDifference, UnshapedScale

import croton as ct
import croton as theano
import croton.tensor as T
from croton.compile.ops import as_op
from croton.gradient import DisconnectedType, grad_not_implemented, grad_undefined


def test_an_op_without_a_gradient():
    x = T.dvector("x")
    op = as_op([T.dvector], [T.dvector])(lambda x: x)
    with pytest.raises(
        NotImplementedError, match="<lambda>: required an op with a gradient, given one without"
    ):
        ct.grad(op(x).sum(), x)
    cost = (ct.gradient.disconnected_grad(op(x)) * x).sum()
    np.testing.assert_array_equal(ct.grad(cost, x).eval({x: [1.0, 2.0]}), [1, 2])
    sign = as_op([T.dvector], [T.lvector], infer_shape=lambda node, s: s)(lambda x: np.sign(x).astype(int))
    with pytest.raises(ct.DisconnectedInputError):
        ct.grad((sign(x) * 2.0).sum(), x)


class Power(ct.Op):
    """x ** n by an integer array n; `answer` is what `grad` gives for n."""

    itypes = (T.dvector, T.dvector)
    otypes = (T.dvector,)

    def __init__(self, answer):
        self.answer = answer

    def perform(self, node, inputs, output_storage):
        output_storage[0][0] = inputs[0] ** inputs[1]

    def infer_shape(self, node, input_shapes):
        return input_shapes[:1]

    def L_op(self, inputs, outputs, output_gradients):
        x, n = inputs
        return [output_gradients[0] * n * outputs[0] / x, self.answer(self, n)]


ANSWERS = {
    "disconnected": (lambda op, n: DisconnectedType()(), ct.DisconnectedInputError, "n of type"),
    "None": (lambda op, n: None, ct.DisconnectedInputError, "n of type"),
    "undefined": (
        lambda op, n: grad_undefined(op, 1, n, "no"),
        ct.gradient.NullTypeGradError,
        "undefined: no",
    ),
    "missing": (
        lambda op, n: grad_not_implemented(op, 1, n),
        ct.gradient.NullTypeGradError,
        "Power: required no gradient by this input, given one by input 1, n of type.*it is not implemented",
    ),
    "rank": (lambda op, n: n.sum(), ValueError, "Power.grad: required a derivative like n of type"),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_inputs_without_a_gradient(name):
    answer, error, message = ANSWERS[name]
    x, n = T.dvectors("x", "n")
    y = Power(answer)(x, n)
    if name != "rank":
        np.testing.assert_allclose(ct.grad(y.sum(), x).eval({x: [2.0, 3.0], n: [3.0, 1.0]}), [12, 1])
    with pytest.raises(error, match=message):
        ct.grad(y.sum(), n)


def test_connection_pattern():
    class Shared(SumAndDifference):
        def connection_pattern(self, node):
            assert len(node.inputs) == 2
            return [[True, True], [False, True]]

    x, y = T.dmatrices("x", "y")
    total, difference = Shared()(x, y)
    with pytest.raises(ct.DisconnectedInputError):
        ct.grad(total.sum(), y)
    value = np.ones((1, 2))
    np.testing.assert_array_equal(ct.grad(difference.sum(), y).eval({x: value, y: value}), -value)


def test_r_op_alone_serves_as_gradient():
    class Cube(ct.Op):
        itypes = otypes = (T.dvector,)

        def perform(self, node, inputs, output_storage):
            output_storage[0][0] = inputs[0] ** 3

        def infer_shape(self, node, input_shapes):
            return input_shapes

        def R_op(self, inputs, eval_points):
            return [3 * inputs[0] ** 2 * eval_points[0]]

    x = T.dvector("x")
    y = Cube()(x)
    np.testing.assert_allclose(ct.grad(y.sum(), x).eval({x: [1.0, 2.0]}), [3, 12])
    np.testing.assert_allclose(ct.gradient.Rop(y, x, [1.0, 10.0]).eval({x: [1.0, 2.0]}), [3, 120])


def test_wrong_number_of_gradients():
    class Wrong(Scale):
        def grad(self, inputs, output_gradients):
            return output_gradients * 2

    x = T.dvector("x")
    with pytest.raises(ValueError, match="grad: required a derivative for each of 1 variables, given 2"):
        ct.grad(Wrong(2)(x).sum(), x)


def test_complex_gradients_are_as_everywhere():
    """dC/dx + i dC/dy of a real cost, as Theano's ops give it."""

    class Square(ct.Op):
        itypes = otypes = (T.zvector,)

        def perform(self, node, inputs, output_storage):
            output_storage[0][0] = inputs[0] ** 2

        def infer_shape(self, node, input_shapes):
            return input_shapes

        def grad(self, inputs, output_gradients):
            return [2 * T.conj(inputs[0]) * output_gradients[0]]

    z = T.zvector("z")
    value = np.array([1 + 2j, -0.5j])
    costs = [(T.sin(y).real ** 2).sum() for y in (Square()(z), z**2)]
    f = ct.function([z], [ct.grad(cost, z) for cost in costs])
    np.testing.assert_allclose(*f(value))


# ---- Theano's documentation


def test_examples_of_theano():
    """From Theano's tutorial on ops, with only the import changed."""

    class AXPBOp(theano.Op):
        __props__ = ("a", "b")

        def __init__(self, a, b):
            self.a = a
            self.b = b
            super().__init__()

        def make_node(self, x):
            x = theano.tensor.as_tensor_variable(x)
            return theano.Apply(self, [x], [x.type()])

        def perform(self, node, inputs, output_storage):
            x = inputs[0]
            z = output_storage[0]
            z[0] = self.a * x + self.b

        def infer_shape(self, node, i0_shapes):
            return i0_shapes

        def grad(self, inputs, output_grads):
            return [self.a * output_grads[0]]

    mult4plus5op, another, mult2plus3op = AXPBOp(4, 5), AXPBOp(4, 5), AXPBOp(2, 3)
    assert mult4plus5op == another
    assert mult4plus5op != mult2plus3op
    assert str(mult4plus5op) == "AXPBOp{a=4, b=5}"
    x = theano.tensor.matrix()
    inp = np.random.default_rng(0).normal(size=(5, 4)).astype(theano.config.floatX)
    for op in (mult4plus5op, mult2plus3op):
        np.testing.assert_allclose(theano.function([x], op(x))(inp), op.a * inp + op.b)
        theano.tensor.verify_grad(op, [inp], rng=np.random.RandomState(0))


def test_more_examples_of_theano():
    class Fibby(theano.Op):
        __props__ = ()

        def make_node(self, x):
            x_ = theano.tensor.as_tensor_variable(x)
            assert x_.ndim == 1
            return theano.Apply(self, inputs=[x_], outputs=[x_.type()])

        def perform(self, node, inputs, output_storage):
            (x,) = inputs
            y = output_storage[0][0] = x.copy()
            for i in range(2, len(x)):
                y[i] = y[i - 1] * y[i - 2] + x[i]

    v = theano.tensor.dvector()
    np.testing.assert_array_equal(theano.function([v], Fibby()(v))(np.ones(5)), [1, 1, 2, 3, 7])

    @theano.compile.ops.as_op(
        itypes=[theano.tensor.fmatrix, theano.tensor.fmatrix],
        otypes=[theano.tensor.fmatrix],
        infer_shape=lambda node, shapes: [shapes[0][:-1] + shapes[1][-1:]],
    )
    def numpy_dot(a, b):
        return np.dot(a, b)

    a, b = theano.tensor.fmatrices("a", "b")
    left, right = np.ones((2, 3), "float32"), np.ones((3, 4), "float32")
    np.testing.assert_array_equal(theano.function([a, b], numpy_dot(a, b))(left, right), 3 * np.ones((2, 4)))


# ---- forward mode


def test_forward_mode_of_ops():
    """By `R_op` where there is one, else by the gradients; also of results whose sizes depend on data."""
    x = T.dvector("x")
    value, direction = np.array([1.0, 2.0]), np.array([1.0, 10.0])
    seen = []

    class Known(Scale):
        def R_op(self, inputs, eval_points):
            seen.append(len(eval_points))
            return [eval_points[0] * self.factor]

    class KnownUnshaped(Known):
        def infer_shape(self, node, input_shapes):
            raise NotImplementedError

    for kind, calls in ((Scale, 0), (UnshapedScale, 0), (Known, 1), (KnownUnshaped, 1)):
        seen.clear()
        product = ct.gradient.Rop(kind(3.0)(x) ** 2, x, direction)
        np.testing.assert_allclose(product.eval({x: value}), 18 * value * direction)
        assert seen == [1] * calls
    total, difference = SumAndDifference()(x[None], T.exp(x)[None])
    product = ct.gradient.Rop(total * difference, x, direction)
    want = 2 * (value - np.exp(2 * value)) * direction
    np.testing.assert_allclose(product.eval({x: value})[0], want)


def test_forward_mode_without_derivatives():
    x, n = T.dvectors("x", "n")
    y = Power(lambda op, n: grad_undefined(op, 1, n))(x, n)
    product = ct.gradient.Rop(y, x, [1.0, 2.0])
    np.testing.assert_allclose(product.eval({x: [2.0, 3.0], n: [3.0, 1.0]}), [12, 2])
    with pytest.raises(ct.gradient.NullTypeGradError, match="it is undefined"):
        ct.gradient.Rop(y, n, [1.0, 2.0])
    with pytest.raises(NotImplementedError, match="required an op with a gradient"):
        ct.gradient.Rop(as_op([T.dvector], [T.dvector])(abs)(x), x, [1.0, 2.0])

    class Wrong(Scale):
        def R_op(self, inputs, eval_points):
            return [eval_points[0].sum()]

    with pytest.raises(ValueError, match="R_op: required a derivative like"):
        ct.gradient.Rop(Wrong(2.0)(x), x, [1.0, 2.0])


def test_batches_of_ops_in_python():
    """An op in Python sees one item after the other; gradients that are given stay those of each item."""
    double = as_op(itypes=[T.dvector], otypes=[T.dvector], infer_shape=lambda node, shapes: shapes)(
        lambda x: 2 * x
    )
    X, u = np.arange(6.0).reshape(2, 3), T.dvector("u")
    x = T.dmatrix("x")
    got = ct.function([x, u], ct.vectorize(lambda row: double(row) + double(u))(x))(X, X[0])
    np.testing.assert_array_equal(got, 2 * X + 2 * X[0])
    steep = ct.custom_vjp(
        lambda a: T.sin(a), lambda inputs, outputs, gradients: [10 * inputs[0] * gradients[0]]
    )
    batch = ct.vectorize(steep)(x)
    np.testing.assert_allclose(ct.function([x], batch)(X), np.sin(X))
    np.testing.assert_allclose(ct.function([x], ct.grad(batch.sum(), x))(X), 10 * X)
    slopes = ct.gradient.jacobian(steep(u), u)
    np.testing.assert_allclose(ct.function([u], slopes)(X[1]), np.diag(10 * X[1]))
