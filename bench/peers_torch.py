"""The workloads in PyTorch, eager or through `torch.compile`; the first argument of each is that choice."""

import os
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from cases import black_scholes, deep_chain, gru_state, hier_density, long_chain

Call = Callable[[], Any]
Wrap = Callable[[Any], Any]

torch.set_num_threads(int(os.environ["BENCH_THREADS"]))
VARIANTS: dict[str, Wrap] = {"": lambda f: f, "compile": torch.compile}


def _tensors(*arrays: Any) -> list[Any]:
    return [torch.from_numpy(a) for a in arrays]


def _call(function: Callable[..., Any], *arrays: Any) -> Call:
    held = _tensors(*arrays)
    return lambda: function(*held)


def blackscholes(wrap: Wrap, S: Any, K: Any, t: Any) -> Call:
    return _call(wrap(lambda S, K, t: black_scholes(torch, torch.erf, S, K, t)), S, K, t)


def chain(wrap: Wrap, a: Any, b: Any, c: Any) -> Call:
    return _call(wrap(lambda a, b, c: long_chain(torch, a, b, c)), a, b, c)


def softmax(wrap: Wrap, x: Any) -> Call:
    return _call(wrap(lambda x: torch.softmax(x, 1)), x)


def layernorm(wrap: Wrap, x: Any, g: Any, b: Any, dy: Any) -> Call:
    x, g, b, dy = _tensors(x, g, b, dy)
    wanted = [p.requires_grad_() for p in (x, g, b)]
    value = wrap(lambda x, g, b: F.layer_norm(x, (x.shape[1],), g, b))

    def call() -> Any:
        y = value(x, g, b)
        return (y, *torch.autograd.grad(y, wanted, dy))

    return call


def logreg(wrap: Wrap, X: Any, y: Any, w: Any) -> Call:
    X, y, w = _tensors(X, y, w)
    w.requires_grad_()
    loss = wrap(lambda w, X, y: F.binary_cross_entropy_with_logits(X @ w, y))

    def call() -> Any:
        (g,) = torch.autograd.grad(loss(w, X, y), w)
        with torch.no_grad():
            return w - 0.1 * g

    return call


def _train(loss: Callable[..., Any], params: list[Any], *data: Any) -> tuple[Call, Call]:
    held = [torch.tensor(p, requires_grad=True) for p in params]
    inputs = _tensors(*data)
    optimizer = torch.optim.SGD(held, lr=0.01)

    def call() -> Any:
        optimizer.zero_grad(set_to_none=True)
        value = loss(held, *inputs)
        value.backward()
        optimizer.step()
        return value

    return call, lambda: held


def mlp(wrap: Wrap, x: Any, y: Any, Ws: Any, bs: Any) -> tuple[Call, Call]:
    def loss(params: Any, x: Any, y: Any) -> Any:
        layers = len(params) // 2
        h = x
        for k in range(layers):
            h = torch.addmm(params[layers + k], h, params[k])
            h = F.relu(h) if k < layers - 1 else h
        return F.cross_entropy(h, y)

    return _train(wrap(loss), [*Ws, *bs], x, y.astype(np.int64))


def cnn(wrap: Wrap, x: Any, y: Any, k1: Any, k2: Any, W: Any, b: Any) -> tuple[Call, Call]:
    def loss(params: Any, x: Any, y: Any) -> Any:
        h = x
        for filters in params[:2]:
            h = F.max_pool2d(F.relu(F.conv2d(h, filters, padding=1)), 2)
        return F.cross_entropy(torch.addmm(params[3], h.flatten(1), params[2]), y)

    return _train(wrap(loss), [k1, k2, W, b], x, y.astype(np.int64))


def gru(wrap: Wrap, x: Any, W: Any, U: Any, b: Any) -> tuple[Call, Call]:
    def loss(params: Any, x: Any) -> Any:
        W, U, b = params
        h, states = torch.zeros(x.shape[1], len(U)), []
        for row in x @ W + b:
            h = gru_state(torch.sigmoid, torch.tanh, row, h, U)
            states.append(h)
        return (torch.stack(states) ** 2).mean()

    return _train(wrap(loss), [W, U, b], x)


def hier(wrap: Wrap, group: Any, floor: Any, y: Any, theta: Any) -> Call:
    held = _tensors(group.astype(np.int64), floor, y)
    density = wrap(lambda t: hier_density(torch, t, *held))

    def call() -> Any:
        t = torch.tensor(theta, requires_grad=True)
        value = density(t)
        (g,) = torch.autograd.grad(value, t)
        return value.item(), g.numpy()

    return call


def deepgraph(wrap: Wrap, x: Any, depth: int) -> Call:
    value = wrap(lambda x: deep_chain(torch, x, depth))

    def call() -> Any:
        t = torch.tensor(x, requires_grad=True)
        return torch.autograd.grad(value(t), t)

    return call


def scalar(wrap: Wrap, x: Any, y: Any) -> Call:
    return _call(wrap(lambda x, y: x * y + torch.sin(x)), x, y)
