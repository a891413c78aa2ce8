"""croton.grad: its arguments, and gradients of the API's functions against finite differences."""

import numpy as np
import pytest

import croton as ct
import croton.tensor as T

RNG = np.random.default_rng(5)
M = RNG.normal(size=(3, 4))
N = RNG.normal(size=(4, 2))
V = RNG.normal(size=4)
C = RNG.normal(size=(2, 3, 4))
LABELS = np.array([3, 0, 2])


def numeric(f, arrays, k, step=1e-6):
    """Central differences of the scalar f with respect to argument k."""
    result = np.zeros_like(arrays[k])
    for position in np.ndindex(result.shape):
        sides = []
        for sign in (1, -1):
            moved = [a.copy() for a in arrays]
            moved[k][position] += sign * step
            sides.append(float(f(*moved)))
        result[position] = (sides[0] - sides[1]) / (2 * step)
    return result


# name: (function of symbols, arguments); the cost is the sum of the result times fixed numbers
DIFFERENTIABLE = {
    "polynomial": (lambda x: x**3 - 2 * x, M),
    "broadcast": (lambda x, y: x * y + y, M, V),
    "division": (lambda x, y: x / (2 + y**2), M, V),
    "dot": (T.dot, M, N),
    "dot_vector": (T.dot, M, V),
    "vector_dot": (lambda x, y: T.dot(y, x), N, V),
    "inner": (lambda x: T.dot(x, x), V),
    "dot_3d": (T.dot, C, N),
    "tensordot": (lambda x, y: T.tensordot(x, y, [[1, 2], [0, 1]]), C, M),
    "batched_dot": (lambda x: T.batched_dot(x, x.dimshuffle(0, 2, 1)), C),
    "outer": (T.outer, V, V[:2]),
    "sum_axis": (lambda x: x.sum(axis=1), M),
    "mean": (lambda x: x.mean(axis=0), M),
    "var": (lambda x: x.var(axis=1), M),
    "std": (lambda x: x.std(ddof=1), M),
    "prod": (lambda x: x.prod(axis=1), M),
    "max": (lambda x: x.max(axis=1), M),
    "norm": (lambda x: x.norm(2), M),
    "logsumexp": (lambda x: T.logsumexp(x, axis=0), M),
    "transpose": (lambda x: x.T * 2, M),
    "reshape": (lambda x: x.reshape((2, 6)), M),
    "flatten": (lambda x: x.flatten(2), C),
    "dimshuffle": (lambda x: x.dimshuffle(1, "x", 0), M),
    "concatenate": (lambda x: T.concatenate([x, 2 * x[:1]]), M),
    "stack": (lambda x: T.stack([x[0], x[1] * 3]), M),
    "slice": (lambda x: x[1:, ::-2], M),
    "slice_overlap": (lambda x: x[1:] * x[:-1], V),
    "index": (lambda x: x[-1] * x[0], M),
    "take": (lambda x: x[[0, 2, 0]], M),
    "take_columns": (lambda x: x[:, [1, 1, 3]], M),
    "pairs": (lambda x: x[np.arange(3), LABELS], M),
    "repeat": (lambda x: x.repeat(2, axis=0), M),
    "tile": (lambda x: T.tile(x, (2, 2)), M),
    "diag": (lambda x: T.diag(x, 1), V),
    "diagonal": (lambda x: x.diagonal(1), M),
    "tril": (T.tril, M),
    "where": (lambda x: T.where(x > 0, x**2, T.exp(x)), M),
    "where_nan": (lambda x: T.where(x > 0, T.log(T.maximum(x, 1e-3)), x), M),
    "clip": (lambda x: x.clip(-0.5, 0.5), M),
    "maximum": (lambda x, y: T.maximum(x, y), M, V),
    "fill": (lambda x, y: T.fill(x, y[0]), M, V),
    "broadcast_to": (lambda x: T.broadcast_to(x, (3, 4)), V),
    "softmax": (T.nnet.softmax, M),
    "logsoftmax": (T.nnet.logsoftmax, M),
    "relu": (lambda x: T.nnet.relu(x, 0.1), M),
    "elu": (T.nnet.elu, M),
    "crossentropy": (lambda x: T.nnet.categorical_crossentropy(T.nnet.softmax(x), LABELS), M),
    "binary_crossentropy": (lambda x: T.nnet.binary_crossentropy(T.nnet.sigmoid(x), 0.3), M),
    "sigmoid_crossentropy": (lambda x: T.nnet.sigmoid_binary_crossentropy(x, 0.3), M),
    "second_order": (lambda x: ct.grad((T.exp(x) * x**2).sum(), x), V),
}


@pytest.mark.parametrize("name", DIFFERENTIABLE)
def test_against_finite_differences(name):
    function, *arrays = DIFFERENTIABLE[name]
    inputs = [T.TensorType("float64", (None,) * a.ndim)(f"x{k}") for k, a in enumerate(arrays)]
    y = function(*inputs)
    weights = T.cos(T.arange(y.size)).reshape(y.shape)
    cost = (y * weights).sum()
    value = ct.function(inputs, cost, on_unused_input="ignore")
    slopes = ct.function(
        inputs, ct.grad(cost, inputs, disconnected_inputs="ignore"), on_unused_input="ignore"
    )(*arrays)
    for k, slope in enumerate(slopes):
        np.testing.assert_allclose(slope, numeric(value, arrays, k), rtol=1e-5, atol=1e-7)


def test_types_of_gradients():
    x, w = T.fmatrix("x"), T.dvector("w")
    gx, gw = ct.grad(T.dot(x, w).sum(), [x, w])
    assert (gx.type, gw.type) == (x.type, w.type)
    assert not isinstance(ct.grad(w.sum(), w), list)
    assert isinstance(ct.grad(w.sum(), [w]), list)
    assert ct.grad(w.sum(), w).eval({w: V}).tolist() == [1] * 4


def test_with_respect_to_expressions_and_shared():
    w = ct.shared(V, name="w")
    y = w**2
    np.testing.assert_allclose(ct.grad((y**2).sum(), y).eval(), 2 * V**2)
    np.testing.assert_allclose(ct.grad((y**2).sum(), w).eval(), 4 * V**3)


def test_disconnected_inputs():
    x, y = T.dvectors("x", "y")
    cost = (x**2).sum()
    with pytest.raises(ct.DisconnectedInputError, match="y"):
        ct.grad(cost, [x, y])
    with pytest.warns(UserWarning, match="y"):
        g = ct.grad(cost, y, disconnected_inputs="warn")
    assert g.eval({y: V}).tolist() == [0] * 4
    ignore = {"disconnected_inputs": "ignore"}
    assert ct.grad(cost, y, **ignore).type == y.type
    assert ct.grad(cost, y, return_disconnected="None", **ignore) is None
    assert repr(ct.grad(cost, y, return_disconnected="Disconnected", **ignore)) == "disconnected"


def test_consider_constant():
    x = T.dvector("x")
    y = x**2
    g = ct.grad((y * x).sum(), x, consider_constant=[y])
    np.testing.assert_allclose(g.eval({x: V}), V**2)
    g = ct.grad((ct.gradient.disconnected_grad(y) * x).sum(), x)
    np.testing.assert_allclose(g.eval({x: V}), V**2)


def test_known_grads():
    x = T.dvector("x")
    y = x**2
    for known in ({y: T.constant(V)}, [(y, V)]):
        np.testing.assert_allclose(ct.grad(None, x, known_grads=known).eval({x: V}), 2 * V * V)
    np.testing.assert_allclose(ct.Lop(y, x, V).eval({x: V}), 2 * V * V)
    g = ct.grad(y.sum() + x.sum(), x, known_grads={y: T.zeros_like(y)})
    np.testing.assert_allclose(g.eval({x: V}), 1)


# name: (f of x and of w, which is no input and of which the gradient needs the shape alone; that gradient)
WITHOUT_INPUT = {
    "elementwise": (lambda w, x: w * x, lambda x, g: x * g),
    "offset": (lambda w, x: w * x + T.exp(x).sum(), lambda x, g: x * g),
    "dot": (lambda w, x: T.dot(x, w), lambda x, g: x.T @ g),
    "nested": (lambda w, x: T.dot(2 * w, x), lambda x, g: 2 * g @ x.T),
}


@pytest.mark.parametrize("name", WITHOUT_INPUT)
def test_gradients_need_no_variable_for_its_shape(name):
    f, wanted = WITHOUT_INPUT[name]
    w, x, g = T.dmatrices("w", "x", "g")
    h = ct.function([x, g], ct.Lop(f(w, x), w, g))
    for a in (V[None], M[:1], np.ones((1, 1)), M[:3, :3], M[:0, :0]):
        np.testing.assert_allclose(h(a, a), wanted(a, a))
    with pytest.raises(ct.MissingInputError, match="w"):
        ct.function([x, g], ct.Lop(f(w, x) ** 2, w, g))
    with pytest.raises(ct.MissingInputError, match="w"):
        ct.function([x], T.zeros_like(w) + x)


def test_masked_branches_give_zero_not_nan():
    x = T.dvector("x")
    g = ct.grad(T.where(x > 0, T.sqrt(x), 0).sum(), x)
    np.testing.assert_allclose(g.eval({x: [-1.0, 4.0]}), [0, 0.25])
    g = ct.grad(T.where(x > 0, T.log(x), x).sum(), x)
    np.testing.assert_allclose(g.eval({x: [0.0, -1.0, 4.0]}), [1, 1, 0.25])


def test_broadcasting_known_only_in_the_call():
    x, y = T.dmatrices("x", "y")
    f = ct.function([x, y], ct.grad((x * y).sum(), [x, y]))
    for a, b in ((M, M), (M, M[:1]), (M[:, :1], M), (M[:1], M[:, :1])):
        full = np.ones(np.broadcast_shapes(a.shape, b.shape))
        for got, other, own in zip(f(a, b), (b, a), (a, b), strict=True):
            axes = tuple(k for k in (0, 1) if own.shape[k] == 1 and full.shape[k] > 1)
            np.testing.assert_allclose(got, (full * other).sum(axes, keepdims=True), rtol=1e-12)
