"""Expressions that overflow or cancel as written, found wherever they hide: views, casts, loops."""

import numpy as np
import pytest

import croton as ct
import croton.tensor as T

X = np.array([[0.5, -800.0, 720.0, 3.0], [900.0, -40.0, -1000.0, 0.25], [1e-9, 30.0, -745.0, 2.0]])
LABELS = np.array([1, 0, 2])


def log_softmax(x):
    shifted = x.astype("longdouble") - x.max(1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(1, keepdims=True))


def softplus(x):
    return np.logaddexp(0, x.astype("longdouble"))


def sigmoid(x):
    return np.exp(-softplus(-x))


def softmax(x):
    return np.exp(log_softmax(x))


def ones_by_softmax(x):
    """The gradient of the sum of log_softmax."""
    return 1 - x.shape[1] * softmax(x)


# name: (the part inside, a function of rows; the function of its result; value; gradient of the sum)
FORMS = {
    "log softmax": (T.nnet.softmax, T.log, log_softmax, ones_by_softmax),
    "log of a ratio": (
        lambda x: T.exp(x) / T.exp(x).sum(axis=1, keepdims=True),
        T.log,
        log_softmax,
        ones_by_softmax,
    ),
    "log sigmoid": (T.nnet.sigmoid, T.log, lambda x: -softplus(-x), lambda x: sigmoid(-x)),
    "log of the rest": (
        lambda x: 1 - T.nnet.sigmoid(x),
        T.log,
        lambda x: -softplus(x),
        lambda x: -sigmoid(x),
    ),
    "log of the rest outside": (
        T.nnet.sigmoid,
        lambda p: T.log(1 - p),
        lambda x: -softplus(x),
        lambda x: -sigmoid(x),
    ),
    "log1p of minus sigmoid": (
        T.nnet.sigmoid,
        lambda p: T.log1p(-p),
        lambda x: -softplus(x),
        lambda x: -sigmoid(x),
    ),
    "softplus": (T.exp, lambda e: T.log(1 + e), softplus, sigmoid),
    "softplus by log1p": (T.exp, T.log1p, softplus, sigmoid),
    "log of exp": (T.exp, T.log, lambda x: x, np.ones_like),
    "logsumexp": (
        lambda x: T.exp(x).sum(axis=1, keepdims=True),
        T.log,
        lambda x: x.max(1, keepdims=True) - log_softmax(x).max(1, keepdims=True),
        softmax,
    ),
    "cross entropy of both": (
        T.nnet.sigmoid,
        lambda p: T.nnet.binary_crossentropy(p, 0.25),
        lambda x: 0.25 * softplus(-x) + 0.75 * softplus(x),
        lambda x: sigmoid(x) - 0.25,
    ),
}


def over_rows(function, x):
    """A loop over the rows, which yields the function of each."""
    results, _ = ct.scan(lambda row: function(row[None])[0], x)
    return results


def last_state(function, x):
    """The same as the second output of a loop with a state."""
    (_, results), _ = ct.scan(lambda row, s: (s + row, function(row[None])[0]), x, [T.zeros_like(x[0]), None])
    return results


# How the part inside and the function of it come together.
WAYS = {
    "plain": lambda inner, outer, x: outer(inner(x)),
    "reshaped": lambda inner, outer, x: outer(inner(x).reshape((-1,))).reshape((x.shape[0], -1)),
    "transposed": lambda inner, outer, x: outer(inner(x).T).T,
    "reversed": lambda inner, outer, x: outer(inner(x)[::-1])[::-1],
    "taken": lambda inner, outer, x: outer(inner(x)[T.constant([2, 0, 1])])[T.constant([1, 2, 0])],
    "cast up": lambda inner, outer, x: outer(inner(x).astype("float64")),
    "inside a loop": lambda inner, outer, x: over_rows(lambda row: outer(inner(row)), x),
    "across a loop": lambda inner, outer, x: outer(over_rows(inner, x)),
    "across a loop with a state": lambda inner, outer, x: outer(last_state(inner, x)),
    "across a loop, reversed and reshaped": lambda inner, outer, x: outer(
        over_rows(inner, x)[::-1].reshape((-1,))
    ).reshape((x.shape[0], -1))[::-1],
    "out of a nested loop": lambda inner, outer, x: outer(over_rows(lambda row: over_rows(inner, row), x)),
}


def close(got, want, dtype):
    eps = 2e-6 if dtype == "float32" else 2e-15
    np.testing.assert_allclose(got, want.astype("float64"), rtol=8 * eps, atol=eps)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("form", FORMS)
def test_value_and_gradient(form, way, dtype):
    inner, outer, value, slope = FORMS[form]
    values = X.astype(dtype)
    x = T.tensor(dtype, shape=(None, None))
    y = WAYS[way](inner, outer, x)
    got, by_x = ct.function([x], [y, ct.grad(y.sum(), x)])(values)
    close(got, value(values.astype("float64")), dtype)
    close(by_x, slope(values.astype("float64")), dtype)


@pytest.mark.parametrize("form", FORMS)
def test_constants(form):
    """What is known when the function is compiled is computed as stably."""
    inner, outer, value, _ = FORMS[form]
    close(ct.function([], outer(inner(T.constant(X))))(), value(X), "float64")


@pytest.mark.parametrize("way", ["plain", "across a loop", "across a loop with a state"])
def test_cross_entropy_of_labels(way):
    x, labels = T.dmatrix("x"), T.lvector("labels")
    p = WAYS[way](T.nnet.softmax, lambda p: p, x)
    losses = [T.nnet.categorical_crossentropy(p, labels), -T.log(p[T.arange(labels.size), labels])]
    want = -log_softmax(X)[np.arange(3), LABELS]
    for loss in losses:
        got, by_x, shown = ct.function([x, labels], [loss, ct.grad(loss.sum(), x), p])(X, LABELS)
        close(got, want, "float64")
        close(by_x, softmax(X) - np.eye(4)[LABELS], "float64")
        close(shown, softmax(X), "float64")


def test_one_loop_serves_both():
    """Values, their logarithm and its gradient come from one loop forward and one back."""
    x = T.dmatrix("x")
    p = last_state(T.nnet.softmax, x)
    cost = T.log(p).sum()
    f = ct.function([x], [p, cost, ct.grad(cost, x)], profile=True)
    np.testing.assert_allclose(f(X)[1], log_softmax(X).sum().astype("float64"))
    loops = [launch for launch in f.profile().launches if any(op.name == "scan" for op in launch.ops)]
    assert len(loops) == 2
