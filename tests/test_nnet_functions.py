"""Activations, attention, CTC and local response in croton.tensor.nnet against NumPy and SciPy."""

import itertools

import numpy as np
import pytest
import scipy.special as sp
from checks import check, compute, numeric_gradients, variables

import croton as ct
import croton.tensor as T

RNG = np.random.default_rng(31)
X = np.append(RNG.normal(size=10) * 3, [0.0, 1.0, -1.0, 0.5, -0.5, 3.0, -3.0, 40.0, -40.0, 800.0, -800.0])
X = np.append(X, RNG.normal(size=3)).reshape(6, 4)
SMOOTH = RNG.normal(size=(3, 4)) * 2 + 0.01
SLOPES = RNG.uniform(0.1, 0.5, 4)
C = RNG.normal(size=(2, 7, 3))


def sigmoid(x):
    return sp.expit(x)


def sparsemax(x):
    """By bisection for the threshold whose result sums to 1."""
    low, high = x.max(-1, keepdims=True) - 1, x.max(-1, keepdims=True)
    for _ in range(200):
        middle = (low + high) / 2
        large = np.maximum(x - middle, 0).sum(-1, keepdims=True) > 1
        low, high = np.where(large, middle, low), np.where(large, high, middle)
    return np.maximum(x - high, 0)


def local_response(x, n=5, alpha=1e-4, beta=0.75, k=2.0):
    result = np.empty_like(x)
    for c in range(x.shape[1]):
        near = x[:, max(0, c - n // 2) : c + n // 2 + 1]
        result[:, c] = x[:, c] / (k + alpha * (near**2).sum(1)) ** beta
    return result


# name: (function of variables, function of arrays)
ACTIVATIONS = {
    "leaky_relu": (T.nnet.leaky_relu, lambda x: np.where(x > 0, x, 0.01 * x)),
    "leaky_relu_slope": (lambda x: T.nnet.leaky_relu(x, 0.3), lambda x: np.where(x > 0, x, 0.3 * x)),
    "prelu": (lambda x: T.nnet.prelu(x, SLOPES), lambda x: np.where(x > 0, x, SLOPES * x)),
    "prelu_scalar": (lambda x: T.nnet.prelu(x, 0.25), lambda x: np.where(x > 0, x, 0.25 * x)),
    "relu6": (T.nnet.relu6, lambda x: np.clip(x, 0, 6)),
    "celu": (
        lambda x: T.nnet.celu(x, 1.5),
        lambda x: np.maximum(x, 0) + 1.5 * np.expm1(np.minimum(x, 0) / 1.5),
    ),
    "gelu": (T.nnet.gelu, lambda x: x * sp.ndtr(x)),
    "gelu_tanh": (
        lambda x: T.nnet.gelu(x, approximate=True),
        lambda x: x / 2 * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))),
    ),
    "silu": (T.nnet.silu, lambda x: x * sigmoid(x)),
    "swish": (lambda x: T.nnet.swish(x, 1.7), lambda x: x * sigmoid(1.7 * x)),
    "hard_silu": (T.nnet.hard_silu, lambda x: x * np.clip(x + 3, 0, 6) / 6),
    "mish": (T.nnet.mish, lambda x: x * np.tanh(np.logaddexp(0, x))),
    "glu": (T.nnet.glu, lambda x: x[:, :2] * sigmoid(x[:, 2:])),
    "glu_axis": (lambda x: T.nnet.glu(x[:2], axis=0), lambda x: x[:1] * sigmoid(x[1:2])),
    "log_sigmoid": (T.nnet.log_sigmoid, lambda x: sp.log_expit(x)),
    "hard_tanh": (lambda x: T.nnet.hard_tanh(x, -2, 1.5), lambda x: np.clip(x, -2, 1.5)),
    "tanh_shrink": (T.nnet.tanh_shrink, lambda x: x - np.tanh(x)),
    "soft_shrink": (
        lambda x: T.nnet.soft_shrink(x, 0.7),
        lambda x: np.sign(x) * np.maximum(np.abs(x) - 0.7, 0),
    ),
    "hard_shrink": (T.nnet.hard_shrink, lambda x: np.where(np.abs(x) > 0.5, x, 0)),
    "threshold": (lambda x: T.nnet.threshold(x, 0.1, -7), lambda x: np.where(x > 0.1, x, -7.0)),
    "squareplus": (T.nnet.squareplus, lambda x: (x + np.sqrt(x * x + 4)) / 2),
    "sparse_plus": (
        T.nnet.sparse_plus,
        lambda x: np.where(x <= -1, 0, np.where(x >= 1, x, (x + 1) ** 2 / 4)),
    ),
    "sparse_sigmoid": (T.nnet.sparse_sigmoid, lambda x: np.clip((x + 1) / 2, 0, 1)),
    "softmin": (lambda x: T.nnet.softmin(x, 0), lambda x: sp.softmax(-x, axis=0)),
    "sparsemax": (T.nnet.sparsemax, sparsemax),
    "sparsemax_axis": (lambda x: T.nnet.sparsemax(x, axis=0), lambda x: sparsemax(x.T).T),
}


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation(name):
    symbolic, reference = ACTIVATIONS[name]
    with np.errstate(over="ignore"):
        check(symbolic, reference, X, rtol=1e-11)
    if name not in ("prelu", "prelu_scalar"):  # their slopes are float64
        small = X.clip(-30, 30).astype("float32")
        got = compute(symbolic, small)
        assert got.dtype == "float32"
        np.testing.assert_allclose(got, reference(small.astype("float64")), rtol=1e-5, atol=3e-6)


def check_gradients(build, *arrays):
    inputs = variables(*arrays)
    y = build(*inputs)
    cost = (y * T.cos(T.arange(y.size)).reshape(y.shape)).sum()
    slopes = ct.function(inputs, ct.grad(cost, inputs))(*arrays)
    for slope, want in zip(slopes, numeric_gradients(ct.function(inputs, cost), arrays), strict=True):
        np.testing.assert_allclose(slope, want, rtol=2e-6, atol=1e-7)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation_gradient(name):
    check_gradients(ACTIVATIONS[name][0], SMOOTH)


def test_far_negative_gelu_keeps_its_digits():
    x = np.array([-8.0, -20.0, -37.0])
    np.testing.assert_allclose(compute(T.nnet.gelu, x), x * sp.ndtr(x), rtol=1e-12)


@pytest.mark.parametrize(
    "options",
    [{}, {"n": 1, "alpha": 0.5}, {"n": 3, "alpha": 0.2, "beta": 0.5, "k": 1.0}, {"n": 9, "alpha": 0.1}],
    ids=str,
)
def test_local_response(options):
    check(lambda x: T.nnet.local_response_norm(x, **options), lambda x: local_response(x, **options), C)
    check_gradients(lambda x: T.nnet.local_response_norm(x, **options), C)
    check(
        lambda x: T.nnet.local_response_norm(x.swapaxes(1, -1), **options, axis=-1),
        lambda x: local_response(x, **options).swapaxes(1, -1),
        C,
    )


# ---- attention


def attention(q, k, v, visible=None, added=0.0, scale=None):
    scores = np.einsum("...ie,...je->...ij", q, k) * (scale or 1 / np.sqrt(q.shape[-1])) + added
    if visible is not None:
        scores = np.where(visible, scores, -np.inf)
    weights = np.exp(scores - scores.max(-1, keepdims=True, initial=-1e9))
    total = weights.sum(-1, keepdims=True)
    return np.einsum("...ij,...jd->...id", weights / np.where(total == 0, 1, total), v)


Q, K, V = RNG.normal(size=(2, 3, 4, 5)), RNG.normal(size=(2, 3, 6, 5)), RNG.normal(size=(2, 3, 6, 2))
MASK = RNG.random((4, 6)) < 0.6
MASK[2] = False
BIAS = RNG.normal(size=(3, 4, 6))
PAST = np.tri(4, 6, dtype=bool)

# name: (options, what the reference gets)
ATTENTION = {
    "plain": ({}, {}),
    "scale": ({"scale": 0.3}, {"scale": 0.3}),
    "mask": ({"attn_mask": MASK}, {"visible": MASK}),
    "added": ({"attn_mask": BIAS}, {"added": BIAS}),
    "causal": ({"is_causal": True}, {"visible": PAST}),
    "causal_mask": ({"is_causal": True, "attn_mask": MASK}, {"visible": MASK & PAST}),
    "causal_added": ({"is_causal": True, "attn_mask": BIAS}, {"visible": PAST, "added": BIAS}),
}


@pytest.mark.parametrize("name", ATTENTION)
def test_attention(name):
    options, given = ATTENTION[name]
    attend = T.nnet.scaled_dot_product_attention
    check(lambda *x: attend(*x, **options), lambda *x: attention(*x, **given), Q, K, V, rtol=1e-11)
    check_gradients(lambda *x: attend(*x, **options), Q[0], K[0], V[0])


def test_attention_without_batches_and_with_shared_heads():
    attend = T.nnet.scaled_dot_product_attention
    check(attend, attention, Q[0, 0], K[0, 0], V[0, 0], rtol=1e-11)
    check(attend, attention, Q, K[:, :1], V[:, :1], rtol=1e-11)
    wide = np.concatenate([Q, Q * 0.5], axis=1)
    check(
        lambda *x: attend(*x, enable_gqa=True),
        lambda q, k, v: attention(q, k.repeat(2, axis=1), v.repeat(2, axis=1)),
        wide,
        K,
        V,
        rtol=1e-11,
    )


def test_attention_of_no_rows():
    assert compute(T.nnet.scaled_dot_product_attention, Q[:, :, :0], K, V).shape == (2, 3, 0, 2)


# ---- connectionist temporal classification


def collapse(path, blank):
    return [key for key, _ in itertools.groupby(path) if key != blank]


def ctc(x, labels, steps, blank=0):
    """The sum over all paths, one by one."""
    losses = []
    for n in range(x.shape[1]):
        log_p = sp.log_softmax(x[: steps[n], n], axis=-1)
        target = list(itertools.takewhile(lambda label: label >= 0, labels[n]))
        paths = itertools.product(range(x.shape[2]), repeat=steps[n])
        fitting = [sum(log_p[t, c] for t, c in enumerate(p)) for p in paths if collapse(p, blank) == target]
        losses.append(-np.logaddexp.reduce(fitting) if fitting else np.inf)
    return np.array(losses)


ACTIVATED = RNG.normal(size=(5, 6, 3)) * 2
LABELS = np.array([[1, 2, -1], [1, 1, -1], [-1, 2, 2], [2, 1, 2], [2, 2, 2], [1, -1, 1]])
STEPS = np.array([5, 4, 3, 5, 5, 0])  # the last but one just fits, the last does not


def test_ctc_sums_all_paths():
    check(T.nnet.ctc_loss, ctc, ACTIVATED, LABELS, STEPS)
    labels = np.where(LABELS == 2, 0, LABELS)
    check(lambda *x: T.nnet.ctc_loss(*x, blank=2), lambda *x: ctc(*x, 2), ACTIVATED, labels, STEPS)
    got = compute(T.nnet.ctc.ctc, ACTIVATED.astype("float32"), LABELS.astype("int32"), STEPS)
    assert got.dtype == "float32"
    np.testing.assert_allclose(got, ctc(ACTIVATED, LABELS, STEPS), rtol=1e-6)


def test_ctc_gradient():
    x = T.dtensor3("x")
    weights = np.cos(np.arange(5))
    cost = (T.nnet.ctc_loss(x, LABELS[:5], STEPS[:5]) * weights).sum()
    value = ACTIVATED[:, :5]
    slope = ct.function([x], ct.grad(cost, x))(value)
    np.testing.assert_allclose(
        slope, numeric_gradients(ct.function([x], cost), [value])[0], rtol=1e-6, atol=1e-8
    )


def test_ctc_of_labels_that_do_not_fit_has_no_slope():
    x = T.dtensor3("x")
    loss = T.nnet.ctc_loss(x, [[1, 1]], [2])
    value, slope = ct.function([x], [loss, ct.grad(loss.sum(), x)])(ACTIVATED[:2, :1])
    assert value == np.inf
    assert not slope.any()


def test_ctc_of_long_sequences_does_not_underflow():
    x = np.zeros((2000, 1, 30))
    got = compute(T.nnet.ctc_loss, x, np.arange(400)[None] % 29 + 1, np.array([2000]))
    assert np.isfinite(got).all()
    assert 4000 < got[0] < 2000 * np.log(30)


def test_ctc_as_an_op():
    x = T.dtensor3("x")
    loss = T.nnet.ctc.ConnectionistTemporalClassification(compute_grad=False)(x, LABELS, STEPS)
    np.testing.assert_allclose(ct.function([x], loss)(ACTIVATED), ctc(ACTIVATED, LABELS, STEPS))
    with pytest.raises(ValueError, match="depend"):
        ct.grad(loss.sum(), x)


def test_ctc_has_one_derivative():
    x = T.dtensor3("x")
    slope = ct.grad(T.nnet.ctc_loss(x, LABELS, STEPS).sum(), x)
    with pytest.raises(NotImplementedError, match="ctc: required one derivative"):
        ct.grad((slope**2).sum(), x)


@pytest.mark.parametrize(
    ("labels", "steps", "message"),
    [
        ([[3]], [5], "labels below 3 other than the blank 0, given 3 at position 0"),
        ([[1, 0]], [5], "given 0 at position 1"),
        ([[1]], [6], "numbers of steps from 0 to 5, given 6"),
        ([[1]], [-1], "given -1"),
    ],
)
def test_ctc_names_what_does_not_fit(labels, steps, message):
    with pytest.raises(IndexError, match=f"ctc: required .*{message}"):
        compute(lambda x: T.nnet.ctc_loss(x, labels, steps), ACTIVATED[:, :1])


# name: (what to call with a matrix, the error, a part of the message)
ERRORS = {
    "glu": (lambda x: T.nnet.glu(T.specify_shape(x, (2, 3))), ValueError, "glu: required an even size"),
    "prelu": (lambda x: T.nnet.prelu(x, [0.1], axis=2), ValueError, "prelu: required an axis"),
    "even": (lambda x: T.nnet.local_response_norm(x, 4), ValueError, "an odd number of channels, given 4"),
    "no_axis": (lambda x: T.nnet.local_response_norm(x, axis=2), ValueError, "local_response_norm: required"),
    "attention": (
        lambda x: T.nnet.scaled_dot_product_attention(x[0], x, x),
        ValueError,
        "at least two axes",
    ),
    "heads": (
        lambda x: T.nnet.scaled_dot_product_attention(x, x, x, enable_gqa=True),
        ValueError,
        "an axis of heads",
    ),
    "ctc": (lambda x: T.nnet.ctc_loss(x, [[1]], [1]), ValueError, "ctc: required activations with 3 axes"),
    "labels": (
        lambda x: T.nnet.ctc_loss(x.dimshuffle(0, "x", 1), [[1.0]], [1]),
        TypeError,
        "ctc: required integer labels",
    ),
}


@pytest.mark.parametrize("name", ERRORS)
def test_error(name):
    build, error, message = ERRORS[name]
    with pytest.raises(error, match=message):
        build(T.dmatrix("x"))
