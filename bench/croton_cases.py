"""The workloads as a user of Croton writes them: NumPy arrays in, NumPy arrays out.

A function here takes a case's data and returns the call to time, or the call and a function that reads the
parameters which the call trains.
"""

from collections.abc import Callable
from typing import Any

from cases import black_scholes, deep_chain, gru_state, hier_density, long_chain

import croton as ct
import croton.tensor as T

Call = Callable[[], Any]
ct.config.floatX = "float32"


def _call(inputs: Any, outputs: Any, *args: Any, **kwargs: Any) -> Call:
    f = ct.function(inputs, outputs, **kwargs)
    return lambda: f(*args)


def blackscholes(S: Any, K: Any, t: Any) -> Call:
    spot, strike, time = T.vectors("S", "K", "t")
    return _call([spot, strike, time], black_scholes(T, T.erf, spot, strike, time), S, K, t)


def chain(a: Any, b: Any, c: Any) -> Call:
    u, v, w = T.vectors("a", "b", "c")
    return _call([u, v, w], long_chain(T, u, v, w), a, b, c)


def softmax(x: Any) -> Call:
    X = T.matrix("x")
    return _call([X], T.nnet.softmax(X), x)


def layernorm(x: Any, g: Any, b: Any, dy: Any) -> Call:
    X, DY = T.matrices("x", "dy")
    G, B = T.vectors("g", "b")
    centred = X - X.mean(axis=1, keepdims=True)
    variance = (centred**2).mean(axis=1, keepdims=True)
    Y = centred / T.sqrt(variance + 1e-5) * G + B
    return _call([X, G, B, DY], [Y, *ct.grad((Y * DY).sum(), [X, G, B])], x, g, b, dy)


def logreg(X: Any, y: Any, w: Any) -> Call:
    x, target, weights = T.matrix("X"), T.vector("y"), T.vector("w")
    p = T.nnet.sigmoid(T.dot(x, weights))
    loss = T.nnet.binary_crossentropy(p, target).mean()
    return _call([x, target, weights], weights - 0.1 * ct.grad(loss, weights), X, y, w)


def mlp(x: Any, y: Any, Ws: Any, bs: Any) -> tuple[Call, Call]:
    X, target = T.matrix("x"), T.ivector("y")
    weights = [ct.shared(W, f"W{k}") for k, W in enumerate(Ws)]
    biases = [ct.shared(b, f"b{k}") for k, b in enumerate(bs)]
    h = X
    for W, b in zip(weights[:-1], biases[:-1], strict=True):
        h = T.nnet.relu(T.dot(h, W) + b)
    p = T.nnet.softmax(T.dot(h, weights[-1]) + biases[-1])
    loss = T.nnet.categorical_crossentropy(p, target).mean()
    params = weights + biases
    updates = [(q, q - 0.01 * g) for q, g in zip(params, ct.grad(loss, params), strict=True)]
    return _call([X, target], [], x, y, updates=updates), lambda: [q.get_value() for q in params]


def cnn(x: Any, y: Any, k1: Any, k2: Any, W: Any, b: Any) -> tuple[Call, Call]:
    X, target = T.tensor4("x"), T.ivector("y")
    params = [ct.shared(p, name) for p, name in zip((k1, k2, W, b), ("k1", "k2", "W", "b"), strict=True)]
    h = X
    for filters in params[:2]:
        h = T.nnet.relu(T.nnet.conv2d(h, filters, border_mode="half", filter_flip=False))
        h = T.signal.pool.pool_2d(h, (2, 2), ignore_border=True)
    p = T.nnet.softmax(T.dot(h.flatten(2), params[2]) + params[3])
    loss = T.nnet.categorical_crossentropy(p, target).mean()
    updates = [(q, q - 0.01 * g) for q, g in zip(params, ct.grad(loss, params), strict=True)]
    return _call([X, target], [], x, y, updates=updates), lambda: [q.get_value() for q in params]


def gru(x: Any, W: Any, U: Any, b: Any) -> tuple[Call, Call]:
    X = T.ftensor3("x")
    params = [ct.shared(p, name) for p, name in zip((W, U, b), "WUb", strict=True)]
    w, u, bias = params
    inputs = T.dot(X, w) + bias
    start = T.zeros((X.shape[1], u.shape[0]), dtype="float32")
    states, _ = ct.scan(lambda row, h: gru_state(T.nnet.sigmoid, T.tanh, row, h, u), inputs, start)
    loss = (states**2).mean()
    updates = [(q, q - 0.01 * g) for q, g in zip(params, ct.grad(loss, params), strict=True)]
    return _call([X], [], x, updates=updates), lambda: [q.get_value() for q in params]


def hier(group: Any, floor: Any, y: Any, theta: Any) -> Call:
    t = T.dvector("theta")
    density = hier_density(T, t, *(T.constant(v) for v in (group, floor, y)))
    return _call([t], [density, ct.grad(density, t)], theta)


def deepgraph(x: Any, depth: int) -> Call:
    X = T.dvector("x")
    return _call([X], ct.grad(deep_chain(T, X, depth), X), x)


def scalar(x: Any, y: Any) -> Call:
    X, Y = T.dscalars("x", "y")
    return _call([X, Y], X * Y + T.sin(X), x, y)
