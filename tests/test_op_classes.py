"""Theano's ops as objects: each makes the very expression that the function of its name makes."""

import numpy as np
import pytest

import croton as ct
import croton.tensor as T
from croton.tensor.nnet import abstract_conv as conv

x, y, v = T.dmatrix("x"), T.dmatrix("y"), T.dvector("v")
i, j, flags = T.lscalar("i"), T.lvector("j"), T.vector("flags", dtype="bool")
cube, images, filters = T.dtensor3("cube"), T.dtensor4("images"), T.dtensor4("filters")
volumes, bodies = T.dtensor5("volumes"), T.dtensor5("bodies")
RNG = np.random.default_rng(12)

# name: (what the op makes, what the function makes)
EQUAL = {
    "Argmax": (T.Argmax(1)(x), T.argmax(x, 1)),
    "MaxAndArgmax": (T.MaxAndArgmax(0)(x), T.max_and_argmax(x, 0)),
    "Mean": (T.Mean()(x), T.mean(x)),
    "Mean of rows": (T.Mean(1)(x), T.mean(x, 1)),
    "DimShuffle": (T.DimShuffle((False, False), (1, "x", 0))(x), x.dimshuffle(1, "x", 0)),
    "Rebroadcast": (T.Rebroadcast((0, True))(x), T.patternbroadcast(x, (True, False))),
    "SpecifyShape": (T.SpecifyShape()(x, (2, 3)), T.specify_shape(x, (2, 3))),
    "Split": (T.Split(2)(x, 1, [1, 2]), T.split(x, [1, 2], 2, 1)),
    "DiffOp": (T.DiffOp(2, 0)(x), T.diff(x, 2, 0)),
    "Choose": (T.Choose("clip")(j, [v, v]), T.choose(j, [v, v], "clip")),
    "PermuteRowElements": (T.PermuteRowElements()(x, j, 1), T.permute_row_elements(x, j, 1)),
    "Subtensor": (T.Subtensor([slice(None, i.type, 2), 0])(x, i), x[:i:2, 0]),
    "IncSubtensor": (T.IncSubtensor([i.type])(x, v, i), T.inc_subtensor(x[i], v)),
    "IncSubtensor set": (
        T.IncSubtensor([slice(1, None)], set_instead_of_inc=True)(x, 0.0),
        T.set_subtensor(x[1:], 0.0),
    ),
    "AdvancedSubtensor1": (T.AdvancedSubtensor1()(x, j), T.advanced_subtensor1(x, j)),
    "AdvancedSubtensor": (T.AdvancedSubtensor()(x, j, j), T.advanced_subtensor(x, j, j)),
    "AdvancedBooleanSubtensor": (T.AdvancedBooleanSubtensor()(x, flags), x[flags]),
    "AdvancedIncSubtensor1": (T.AdvancedIncSubtensor1()(x, y, j), T.advanced_inc_subtensor1(x, y, j)),
    "AdvancedIncSubtensor": (
        T.AdvancedIncSubtensor(set_instead_of_inc=True)(x, v, j, j),
        T.advanced_set_subtensor(x, v, j, j),
    ),
    "AdvancedBooleanIncSubtensor": (
        T.AdvancedBooleanIncSubtensor()(v, 1.0, flags),
        T.inc_subtensor(v[flags], 1.0),
    ),
    "MakeSlice": (v[T.make_slice(1, i)], v[1:i]),
    "tensor_from_scalar": (T.tensor_from_scalar(i), i),
    "scalar_from_tensor": (T.scalar_from_tensor(i), i),
    "transfer": (T.transfer(x, "cpu"), x),
    "gemm": (T.blas.gemm(x, 2.0, x, y, 3.0), 3.0 * x + 2.0 * T.dot(x, y)),
    "gemv": (T.blas.gemv(v, 2.0, x, v, 3.0), 3.0 * v + 2.0 * T.dot(x, v)),
    "ger": (T.blas.ger(x, 2.0, v, v), x + 2.0 * T.outer(v, v)),
    "Dot22": (T.blas.Dot22()(x, y), T.dot(x, y)),
    "Dot22Scalar": (T.blas.Dot22Scalar()(x, y, 2.0), T.dot(x, y) * 2.0),
    "BatchedDot": (T.blas.BatchedDot()(cube, cube), T.batched_dot(cube, cube)),
    "Softmax": (T.nnet.Softmax()(x), T.nnet.softmax(x)),
    "LogSoftmax": (T.nnet.LogSoftmax()(x), T.nnet.logsoftmax(x)),
    "SoftmaxWithBias": (T.nnet.SoftmaxWithBias()(x, v), T.nnet.softmax_with_bias(x, v)),
    "CrossentropyCategorical1Hot": (
        T.nnet.CrossentropyCategorical1Hot()(x, j),
        T.nnet.crossentropy_categorical_1hot(x, j),
    ),
    "CrossentropySoftmaxArgmax1HotWithBias": (
        T.nnet.CrossentropySoftmaxArgmax1HotWithBias()(x, v, j),
        T.nnet.crossentropy_softmax_argmax_1hot_with_bias(x, v, j),
    ),
    "Prepend_scalar_to_each_row": (
        T.nnet.Prepend_scalar_to_each_row()(2.0, x),
        T.nnet.prepend_scalar_to_each_row(2.0, x),
    ),
    "Prepend_scalar_constant_to_each_row": (
        T.nnet.Prepend_scalar_constant_to_each_row(2.0)(x),
        T.nnet.prepend_scalar_to_each_row(2.0, x),
    ),
    "scalar_sigmoid": (T.nnet.scalar_sigmoid(i), T.nnet.sigmoid(i)),
    "sparse_block_dot": (T.nnet.nnet.sparse_block_dot, T.nnet.sparse_block_dot),
    "AbstractConv2d": (
        conv.AbstractConv2d(border_mode="half", subsample=(2, 1))(images, filters),
        T.nnet.conv2d(images, filters, border_mode="half", subsample=(2, 1)),
    ),
    "AbstractConv3d": (conv.AbstractConv3d()(volumes, bodies), T.nnet.conv3d(volumes, bodies)),
    "ConvOp": (
        T.nnet.ConvOp((3, 8, 8), (2, 2), 5, None, 1, 2, "full")(images, filters),
        T.nnet.conv2d(images, filters, (None, 3, 8, 8), (5, 3, 2, 2), "full", (1, 2)),
    ),
    "CorrMM": (
        T.nnet.corr.CorrMM((1, 2))(images, filters),
        T.nnet.conv2d(images, filters, border_mode=(1, 2), filter_flip=False),
    ),
    "Corr3dMM": (
        T.nnet.corr3d.Corr3dMM()(volumes, bodies),
        T.nnet.conv3d(volumes, bodies, filter_flip=False),
    ),
}


@pytest.mark.parametrize("name", EQUAL)
def test_same_expression(name):
    made, wanted = EQUAL[name]
    assert made == wanted


def check_gradient(op, forward, arguments, wrt=0):
    """`op` of the arguments, the results and a gradient by them is the gradient that `grad` takes."""
    values = [ct.shared(value) for value in arguments]
    results = forward(*values)
    points = [T.constant(RNG.normal(size=r.eval().shape)) for r in results]
    got = op(values, results, points)
    want = T.Lop(list(results), values[wrt], points)
    np.testing.assert_allclose(got.eval(), want.eval(), rtol=1e-10, atol=1e-12)


SPD = np.array([[4.0, 1.0, 0.5], [1.0, 3.0, 0.2], [0.5, 0.2, 2.0]])
SCORES, CLASSES = RNG.normal(size=(3, 4)), np.array([1, 3, 0])
GRADIENTS = {
    "EighGrad": (lambda a, r, g: T.nlinalg.EighGrad()(*a, *r, *g), T.nlinalg.eigh, [SPD]),
    "CholeskyGrad": (
        lambda a, r, g: T.slinalg.CholeskyGrad()(*a, *r, *g),
        lambda a: [T.slinalg.cholesky(a)],
        [SPD],
    ),
    "EigvalshGrad": (
        lambda a, r, g: T.slinalg.EigvalshGrad()(*a, *g)[0],
        lambda a, b: [T.slinalg.eigvalsh(a, b)],
        [SPD, np.eye(3) + 0.1],
    ),
    "ExpmGrad": (lambda a, r, g: T.slinalg.ExpmGrad()(*a, *g), lambda a: [T.slinalg.expm(a)], [SPD / 4]),
    "SoftmaxGrad": (
        lambda a, r, g: T.nnet.softmax_grad(*g, *r),
        lambda s: [T.nnet.softmax(s)],
        [SCORES],
    ),
    "CrossentropyCategorical1HotGrad": (
        lambda a, r, g: T.nnet.crossentropy_categorical_1hot_grad(*g, *a, CLASSES),
        lambda p: [T.nnet.crossentropy_categorical_1hot(p, CLASSES)],
        [np.exp(SCORES)],
    ),
    "CrossentropySoftmax1HotWithBiasDx": (
        lambda a, r, g: T.nnet.crossentropy_softmax_1hot_with_bias_dx(*g, T.nnet.softmax(a[0]), CLASSES),
        lambda s: [T.nnet.crossentropy_softmax_1hot(s, CLASSES)[0]],
        [SCORES],
    ),
    "AbstractConv2d_gradInputs": (
        lambda a, r, g: conv.AbstractConv2d_gradInputs(subsample=(2, 1))(a[1], g[0], (6, 5)),
        lambda s, w: [T.nnet.conv2d(s, w, subsample=(2, 1))],
        [RNG.normal(size=(2, 3, 6, 5)), RNG.normal(size=(4, 3, 2, 3))],
    ),
    "AbstractConv2d_gradWeights": (
        lambda a, r, g: conv.AbstractConv2d_gradWeights(num_groups=2)(a[1], g[0], (2, 3)),
        lambda w, s: [T.nnet.conv2d(s, w, num_groups=2)],
        [RNG.normal(size=(4, 2, 2, 3)), RNG.normal(size=(2, 4, 6, 5))],
    ),
    "AbstractConv3d_gradInputs": (
        lambda a, r, g: conv.AbstractConv3d_gradInputs()(a[1], g[0], (3, 4, 5)),
        lambda s, w: [T.nnet.conv3d(s, w)],
        [RNG.normal(size=(2, 1, 3, 4, 5)), RNG.normal(size=(2, 1, 2, 2, 2))],
    ),
    "AbstractConv3d_gradWeights": (
        lambda a, r, g: conv.AbstractConv3d_gradWeights(border_mode=1)(a[1], g[0], (2, 2, 2)),
        lambda w, s: [T.nnet.conv3d(s, w, border_mode=1)],
        [RNG.normal(size=(2, 1, 2, 2, 2)), RNG.normal(size=(2, 1, 3, 4, 5))],
    ),
}


@pytest.mark.parametrize("name", GRADIENTS)
def test_gradient_ops(name):
    check_gradient(*GRADIENTS[name])


def test_block_products():
    W, h, b = RNG.normal(size=(3, 4, 2, 5)), RNG.normal(size=(2, 2, 2)), RNG.normal(size=(4, 5))
    rows, columns = np.array([[0, 2], [1, 1]]), np.array([[3], [0]])
    o = RNG.normal(size=(2, 1, 5))
    with_bias = T.nnet.sparse_block_dot(W, h, rows, b, columns).eval() - b[columns]
    got = T.nnet.blocksparse.sparse_block_gemv(o, W, h, rows, columns).eval()
    np.testing.assert_allclose(got, o + with_bias)
    want = W.copy()
    g = RNG.normal(size=(2, 1, 5))
    for n in range(2):
        for k in range(2):
            want[rows[n, k], columns[n, 0]] += 0.5 * np.outer(h[n, k], g[n, 0])
    got = T.nnet.blocksparse.sparse_block_outer(W, h, g, rows, columns, 0.5).eval()
    np.testing.assert_allclose(got, want)


@pytest.mark.parametrize("border", ["valid", "full", 1, (0, 2)])
@pytest.mark.parametrize("dilation", [(1, 1), (2, 3)])
def test_shape_of_filters(border, dilation):
    image, kernel = (8, 3, 11, 12), (16, 3, 2, 4)
    top = conv.get_conv_output_shape(image, kernel, border, (1, 1), dilation)
    assert conv.get_conv_gradweights_shape(image, top, border, (1, 1), dilation) == kernel
    assert conv.get_conv_gradweights_shape(image, top, border, (1, 2), dilation) == (16, 3, 2, None)
    assert conv.get_conv_gradweights_shape((8, 3, None, 12), top, "half", (1, 1)) == (16, 3, None, None)


def test_gradients_clipped_and_undefined():
    clipped = ct.gradient.grad_clip(x, -1.0, v)
    value = np.array([[-3.0, 0.25], [0.1, 5.0]])
    f = ct.function([x, v], [clipped, ct.grad((clipped**2).sum(), x)])
    same, gradient = f(value, [2.0, 3.0])
    np.testing.assert_array_equal(same, value)
    np.testing.assert_array_equal(gradient, np.clip(2 * value, -1, [2, 3]))
    undefined = ct.gradient.undefined_grad(x)
    np.testing.assert_array_equal(undefined.eval({x: value}), value)
    with pytest.raises(ct.gradient.NullTypeGradError, match=r"no gradient through this.*test_op_classes.py"):
        ct.grad(undefined.sum(), x)
    assert issubclass(ct.gradient.NullTypeGradError, TypeError)
    lost = ct.grad(v.sum(), x, disconnected_inputs="ignore", return_disconnected="Disconnected")
    assert lost is ct.gradient.disconnected_type
    assert isinstance(lost.type, ct.gradient.DisconnectedType)


def test_numpy_scalar():
    assert T.numpy_scalar([[3.0]]) == 3
    with pytest.raises(T.EmptyConstantError):
        T.numpy_scalar([])
    with pytest.raises(T.NotScalarConstantError):
        T.numpy_scalar([1, 2])


def test_transfers_are_asked_in_turn(monkeypatch):
    monkeypatch.setattr("croton.tensor.op_classes._transfers", [])
    T.register_transfer(lambda var, target: var + 1 if target == "mars" else None)
    assert T.transfer(x, "mars") == x + 1
    with pytest.raises(ValueError, match="a device that there is: 'cpu', given 'cuda'"):
        T.transfer(x, "cuda")


ERRORS = {
    "DimShuffle": (lambda: T.DimShuffle((True, False), (0, 1))(x), TypeError, "an array with the flags"),
    "Rebroadcast": (lambda: T.Rebroadcast((2, True))(x), ValueError, "Rebroadcast: required axes of x"),
    "few": (lambda: T.Subtensor([i.type, i.type])(x, i), ValueError, "an input for each type"),
    "many": (lambda: T.Subtensor([0])(x, i), ValueError, "an input for each type"),
    "scalar": (lambda: T.scalar_from_tensor(x), TypeError, "required an array without axes"),
    "tensor": (lambda: T.as_tensor_variable("a"), T.AsTensorError, "required numbers or a symbolic variable"),
}


@pytest.mark.parametrize("name", ERRORS)
def test_error(name):
    call, error, message = ERRORS[name]
    with pytest.raises(error, match=message):
        call()
