"""Normalisations, losses and classes in croton.tensor.nnet against NumPy, with gradients and errors."""

import numpy as np
import pytest
import scipy.special as sp
from checks import check, compute, numeric_gradients, variables

import croton as ct
import croton.tensor as T

RNG = np.random.default_rng(23)
M = RNG.normal(size=(6, 4))
C = RNG.normal(size=(3, 4, 2, 5))
V, G = RNG.normal(size=(2, 4))
POSITIVE = RNG.uniform(0.5, 2, 4)
LABELS = np.array([3, 0, 2, 2, 1, 0])
W1, B1 = RNG.normal(size=(4, 3)), RNG.normal(size=3)
W2, B2 = RNG.normal(size=(3, 4, 2)), RNG.normal(size=(3, 2))
BLOCKS = RNG.normal(size=(3, 5, 2, 4))
INPUTS = RNG.normal(size=(2, 2, 2))
ROWS, COLUMNS = np.array([[2, 0], [1, 1]]), np.array([[4, 0, 1], [2, 2, 3]])
BIAS = RNG.normal(size=(5, 4))


def standardized(x, axes, epsilon):
    return (x - x.mean(axes, keepdims=True)) / np.sqrt(x.var(axes, keepdims=True) + epsilon)


def batch_norm(x, gamma, beta, axes, epsilon=1e-4, factor=0.1, mean=None, var=None):
    """Result, statistics and running averages, all with the axes of x."""
    n = x.size / x.mean(axes, keepdims=True).size
    m, v = x.mean(axes, keepdims=True), x.var(axes, keepdims=True)
    out = [standardized(x, axes, epsilon) * gamma + beta, m, 1 / np.sqrt(v + epsilon)]
    out += [] if mean is None else [mean * (1 - factor) + m * factor]
    return out + ([] if var is None else [var * (1 - factor) + v * n / (n - 1) * factor])


def columns(x):
    return x.reshape(1, 4, 1, 1)


def losses(x, y):
    logp = sp.log_softmax(x, axis=-1)
    p = np.exp(logp)
    return [-logp[np.arange(len(y)), y], p, p.max(-1), p.argmax(-1)]


def two_levels(x):
    first = sp.softmax(x @ W1 + B1, axis=-1)
    second = sp.softmax(np.einsum("bf,cfo->bco", x, W2) + B2, axis=-1)
    return (first[:, :, None] * second).reshape(len(x), 6)


def confusion(a, p):
    classes = np.unique(np.concatenate([a, p]))
    return [np.array([[((a == i) & (p == j)).sum() for j in classes] for i in classes]), classes]


def block_dot(w, h):
    rows = [
        [
            BIAS[COLUMNS[b, j]] + sum(h[b, i] @ w[ROWS[b, i], COLUMNS[b, j]] for i in range(2))
            for j in range(3)
        ]
        for b in range(2)
    ]
    return np.array(rows)


# name: (function of variables, function of arrays, arguments)
LIKE = {
    "batch_normalization": (
        lambda x, g, b: T.nnet.batch_normalization(x, g, b, x.mean(0), x.std(0)),
        lambda x, g, b: standardized(x, 0, 0) * g + b,
        M,
        G,
        V,
    ),
    "train": (
        lambda x, g, b: [
            y.reshape((-1, 4)) for y in T.nnet.batch_normalization_train(x, g, b, running_mean=b)
        ],
        lambda x, g, b: batch_norm(x, g, b, 0, mean=b.reshape(1, 4)),
        M,
        G,
        V,
    ),
    "train_spatial": (
        lambda x, g, b, m, v: T.nnet.batch_normalization_train(
            x, *(p.dimshuffle("x", 0, "x", "x") for p in (g, b)), "spatial", 1e-3, 0.3, columns(V), columns(G)
        ),
        lambda x, g, b, m, v: batch_norm(
            x, columns(g), columns(b), (0, 2, 3), 1e-3, 0.3, columns(m), columns(v)
        ),
        C,
        G,
        V,
        V,
        G,
    ),
    "train_flat_parameters": (
        lambda x, g, b: T.nnet.batch_normalization_train(x, g, b, (0, 2, 3), running_var=g)[1:],
        lambda x, g, b: [y.reshape(4) for y in batch_norm(x, 1, 0, (0, 2, 3), mean=None, var=columns(g))[1:]],
        C,
        G,
        V,
    ),
    "train_float32": (
        lambda x, g, b: T.nnet.batch_normalization_train(x, g, b)[0],
        lambda x, g, b: batch_norm(*(y.astype("float64") for y in (x, g, b)), 0)[0].astype("float32"),
        M.astype("float32"),
        G.astype("float32"),
        V.astype("float32"),
    ),
    "test": (
        lambda x, g, b, m, v: T.nnet.batch_normalization_test(x, g, b, m, v, epsilon=0.5),
        lambda x, g, b, m, v: (x - m) / np.sqrt(v + 0.5) * g + b,
        M,
        G,
        V,
        V,
        POSITIVE,
    ),
    "test_spatial": (
        lambda x, g, b, m, v: T.nnet.bn.batch_normalization_test(x, g, b, m, v, "spatial"),
        lambda x, *p: (x - columns(p[2])) / np.sqrt(columns(p[3]) + 1e-4) * columns(p[0]) + columns(p[1]),
        C,
        G,
        V,
        V,
        POSITIVE,
    ),
    "layer_norm": (
        lambda x, g, b: T.nnet.layer_norm(x, g, b),
        lambda x, g, b: standardized(x, -1, 1e-5) * g + b,
        M,
        G,
        V,
    ),
    "layer_norm_axes": (
        lambda x: T.nnet.layer_norm(x, axis=(1, 2, 3), epsilon=0.1),
        lambda x: standardized(x, (1, 2, 3), 0.1),
        C,
    ),
    "layer_norm_int": (
        lambda x: T.nnet.layer_norm(x),
        lambda x: standardized(x, -1, 1e-5),
        np.arange(8).reshape(2, 4) ** 2,
    ),
    "layer_norm_empty": (T.nnet.layer_norm, lambda x: x, M[:0]),
    "layer_norm_one": (T.nnet.layer_norm, lambda x: x * 0, M[:, :1]),
    "rms_norm": (
        lambda x, g: T.nnet.rms_norm(x, g),
        lambda x, g: x / np.sqrt((x**2).mean(-1, keepdims=True) + 1e-6) * g,
        C.transpose(0, 2, 3, 1),
        G,
    ),
    "group_norm": (
        lambda x, g, b: T.nnet.group_norm(x, 2, g, b),
        lambda x, g, b: (
            standardized(x.reshape(3, 2, 2, 2, 5), (2, 3, 4), 1e-5).reshape(x.shape) * columns(g) + columns(b)
        ),
        C,
        G,
        V,
    ),
    "group_norm_matrix": (
        lambda x: T.nnet.group_norm(x, 4),
        lambda x: x * 0,
        M,
    ),
    "softmax_with_bias": (T.nnet.softmax_with_bias, lambda x, b: sp.softmax(x + b, axis=-1), M, V),
    "with_argmax": (
        T.nnet.crossentropy_softmax_argmax_1hot_with_bias,
        lambda x, b, y: [losses(x + b, y)[k] for k in (0, 1, 3)],
        M,
        V,
        LABELS,
    ),
    "with_max_and_argmax": (T.nnet.crossentropy_softmax_max_and_argmax_1hot, losses, M * 300, LABELS),
    "with_bias_max_and_argmax": (
        T.nnet.crossentropy_softmax_max_and_argmax_1hot_with_bias,
        lambda x, b, y: losses(x + b, y),
        M,
        V,
        LABELS,
    ),
    "with_logits": (
        lambda x: T.nnet.binary_crossentropy_with_logits(x, 0.25),
        lambda x: np.logaddexp(0, x) - 0.25 * x,
        np.append(V, [800.0, -800.0]),
    ),
    "h_softmax": (
        lambda x: T.nnet.h_softmax(x, x.shape[0], 5, 3, 2, W1, B1, W2, B2),
        lambda x: two_levels(x)[:, :5],
        M,
    ),
    "h_softmax_target": (
        lambda x, y: T.nnet.h_softmax(x, x.shape[0], 6, 3, 2, W1, B1, W2, B2, y),
        lambda x, y: two_levels(x)[np.arange(6), y],
        M,
        LABELS + 2,
    ),
    "h_softmax_nothing": (
        lambda x: T.nnet.h_softmax(x, x.shape[0], 6, 3, 2, W1, B1, W2, B2),
        two_levels,
        M[:0],
    ),
    "prepend": (
        lambda x: [
            T.nnet.prepend_scalar_to_each_row(7, x),
            T.nnet.prepend_0_to_each_row(x),
            T.nnet.prepend_1_to_each_row(x),
        ],
        lambda x: [np.insert(x, 0, value, axis=1) for value in (7, 0, 1)],
        M,
    ),
    "prepend_nothing": (T.nnet.prepend_1_to_each_row, lambda x: np.ones((6, 1)), M[:, :0]),
    "prepend_int": (T.nnet.prepend_0_to_each_row, lambda x: np.insert(x, 0, 0, axis=1), ROWS),
    "confusion": (T.nnet.confusion_matrix, confusion, LABELS, LABELS[::-1]),
    "confusion_other_classes": (T.nnet.confusion_matrix, confusion, LABELS * 9, LABELS * 9 - 5),
    "block_dot": (
        lambda w, h: T.nnet.sparse_block_dot(w, h, ROWS, BIAS, COLUMNS),
        block_dot,
        BLOCKS,
        INPUTS,
    ),
    "block_dot_single": (
        lambda w, h: T.nnet.sparse_block_dot(w, h, ROWS[0], BIAS, COLUMNS[0]),
        lambda w, h: block_dot(w, np.stack([h, h]))[0],
        BLOCKS,
        INPUTS[0],
    ),
}


@pytest.mark.parametrize("name", LIKE)
def test_value(name):
    symbolic, expected, *arrays = LIKE[name]
    check(symbolic, expected, *arrays, rtol=1e-11)


GRADIENTS = {
    "train": (lambda x, g, b: T.nnet.batch_normalization_train(x, g, b)[0], M, G, V),
    "train_running": (
        lambda x: sum(y.sum() for y in T.nnet.batch_normalization_train(x, G, V, running_var=V)[1:]),
        M,
    ),
    "layer_norm": (T.nnet.layer_norm, M, G, V),
    "rms_norm": (T.nnet.rms_norm, M, G),
    "group_norm": (lambda x, g: T.nnet.group_norm(x, 2, g), C, G),
    "h_softmax": (lambda x, w: T.nnet.h_softmax(x, 6, 6, 3, 2, w, B1, W2, B2), M, W1),
    "h_softmax_target": (lambda x, w: T.nnet.h_softmax(x, 6, 6, 3, 2, W1, B1, w, B2, LABELS), M, W2),
    "block_dot": (lambda w, h: T.nnet.sparse_block_dot(w, h, ROWS, BIAS, COLUMNS), BLOCKS, INPUTS),
    "prepend": (lambda x: T.nnet.prepend_1_to_each_row(x), M),
}


@pytest.mark.parametrize("name", GRADIENTS)
def test_gradient(name):
    build, *arrays = GRADIENTS[name]
    inputs = variables(*arrays)
    y = build(*inputs)
    cost = (y * T.cos(T.arange(y.size)).reshape(y.shape)).sum()
    slopes = ct.function(inputs, ct.grad(cost, inputs))(*arrays)
    wanted = numeric_gradients(ct.function(inputs, cost), arrays)
    for slope, want in zip(slopes, wanted, strict=True):
        np.testing.assert_allclose(slope, want, rtol=1e-5, atol=1e-7)


def test_variance_of_one_is_no_number():
    """One example leaves nothing to estimate a variance from."""
    got = compute(lambda x: T.nnet.batch_normalization_train(x, V, V, running_var=G)[-1], M[:1])
    assert np.isnan(got).all()


# name: (what to call, a part of the message)
ERRORS = {
    "axes": (lambda x: T.nnet.batch_normalization_train(x, V, V, "per-channel"), "per-activation"),
    "parameters": (lambda x: T.nnet.batch_normalization_test(x, V, V, M[None], V), "parameters with 1 or 2"),
    "no_axes": (lambda x: T.nnet.batch_normalization_train(x[0, 0], V, V), "at least one axis"),
    "groups": (lambda x: T.nnet.group_norm(T.specify_shape(x, (6, 4)), 3), "a divisor of 4"),
    "no_groups": (lambda x: T.nnet.group_norm(x, 0), "a divisor of the channels"),
    "no_channels": (lambda x: T.nnet.group_norm(x[0], 1), "at least two axes"),
}


@pytest.mark.parametrize("name", ERRORS)
def test_error(name):
    build, message = ERRORS[name]
    with pytest.raises(ValueError, match=f"normalization|group_norm: required .*{message}"):
        build(T.dmatrix("x"))
