"""The workloads in PyTensor: its default mode (numba), inputs trusted."""

from collections.abc import Callable
from typing import Any

import pytensor
import pytensor.tensor as pt
from cases import black_scholes, deep_chain, hier_density, long_chain

Call = Callable[[], Any]
pytensor.config.floatX = "float32"


def _call(inputs: Any, outputs: Any, *args: Any, **kwargs: Any) -> Call:
    f = pytensor.function(inputs, outputs, trust_input=True, **kwargs)
    return lambda: f(*args)


def blackscholes(S: Any, K: Any, t: Any) -> Call:
    spot, strike, time = pt.vectors("S", "K", "t")
    return _call([spot, strike, time], black_scholes(pt, pt.erf, spot, strike, time), S, K, t)


def chain(a: Any, b: Any, c: Any) -> Call:
    u, v, w = pt.vectors("a", "b", "c")
    return _call([u, v, w], long_chain(pt, u, v, w), a, b, c)


def softmax(x: Any) -> Call:
    X = pt.matrix("x")
    return _call([X], pt.special.softmax(X, axis=1), x)


def layernorm(x: Any, g: Any, b: Any, dy: Any) -> Call:
    X, DY = pt.matrices("x", "dy")
    G, B = pt.vectors("g", "b")
    centred = X - X.mean(axis=1, keepdims=True)
    variance = (centred**2).mean(axis=1, keepdims=True)
    Y = centred / pt.sqrt(variance + 1e-5) * G + B
    return _call([X, G, B, DY], [Y, *pytensor.grad((Y * DY).sum(), [X, G, B])], x, g, b, dy)


def logreg(X: Any, y: Any, w: Any) -> Call:
    x, target, weights = pt.matrix("X"), pt.vector("y"), pt.vector("w")
    z = x @ weights
    loss = (pt.softplus(z) - target * z).mean()
    return _call([x, target, weights], weights - 0.1 * pytensor.grad(loss, weights), X, y, w)


def mlp(x: Any, y: Any, Ws: Any, bs: Any) -> tuple[Call, Call]:
    X, target = pt.matrix("x"), pt.ivector("y")
    weights, biases = [pytensor.shared(W) for W in Ws], [pytensor.shared(b) for b in bs]
    h = X
    for W, b in zip(weights[:-1], biases[:-1], strict=True):
        h = pt.maximum(h @ W + b, 0)
    scores = pt.special.log_softmax(h @ weights[-1] + biases[-1], axis=1)
    loss = -scores[pt.arange(target.shape[0]), target].mean()
    params = weights + biases
    updates = [(q, q - 0.01 * g) for q, g in zip(params, pytensor.grad(loss, params), strict=True)]
    return _call([X, target], [], x, y, updates=updates), lambda: [q.get_value() for q in params]


def hier(group: Any, floor: Any, y: Any, theta: Any) -> Call:
    t = pt.dvector("theta")
    density = hier_density(pt, t, *(pt.as_tensor(v) for v in (group, floor, y)))
    return _call([t], [density, pytensor.grad(density, t)], theta)


def deepgraph(x: Any, depth: int) -> Call:
    X = pt.dvector("x")
    return _call([X], pytensor.grad(deep_chain(pt, X, depth), X), x)


def scalar(x: Any, y: Any) -> Call:
    X, Y = pt.dscalars("x", "y")
    return _call([X, Y], X * Y + pt.sin(X), x, y)
