"""The workloads in JAX: arrays already on the device, `jit`, parameters donated in training steps."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from cases import black_scholes, deep_chain, gru_state, hier_density, long_chain

Call = Callable[[], Any]


def _call(function: Callable[..., Any], *args: Any) -> Call:
    compiled = jax.jit(function)
    held = [jnp.asarray(a) for a in args]
    return lambda: jax.block_until_ready(compiled(*held))


def blackscholes(S: Any, K: Any, t: Any) -> Call:
    return _call(lambda S, K, t: black_scholes(jnp, jax.scipy.special.erf, S, K, t), S, K, t)


def chain(a: Any, b: Any, c: Any) -> Call:
    return _call(lambda a, b, c: long_chain(jnp, a, b, c), a, b, c)


def softmax(x: Any) -> Call:
    return _call(lambda x: jax.nn.softmax(x, axis=1), x)


def layernorm(x: Any, g: Any, b: Any, dy: Any) -> Call:
    def value(x: Any, g: Any, b: Any) -> Any:
        mean = x.mean(1, keepdims=True)
        variance = ((x - mean) ** 2).mean(1, keepdims=True)
        return (x - mean) * jax.lax.rsqrt(variance + 1e-5) * g + b

    def value_and_gradients(x: Any, g: Any, b: Any, dy: Any) -> Any:
        y, vjp = jax.vjp(value, x, g, b)
        return (y, *vjp(dy))

    return _call(value_and_gradients, x, g, b, dy)


def logreg(X: Any, y: Any, w: Any) -> Call:
    def loss(w: Any, X: Any, y: Any) -> Any:
        z = X @ w
        return jnp.mean(jax.nn.softplus(z) - y * z)

    return _call(lambda X, y, w: w - 0.1 * jax.grad(loss)(w, X, y), X, y, w)


def _train(loss: Callable[..., Any], params: list[Any], *data: Any) -> tuple[Call, Call]:
    def step(params: Any, *data: Any) -> Any:
        return jax.tree.map(lambda p, g: p - 0.01 * g, params, jax.grad(loss)(params, *data))

    compiled = jax.jit(step, donate_argnums=0)
    state = [jnp.array(p) for p in params]
    held = [jnp.asarray(d) for d in data]

    def call() -> None:
        nonlocal state
        state = jax.block_until_ready(compiled(state, *held))

    return call, lambda: state


def mlp(x: Any, y: Any, Ws: Any, bs: Any) -> tuple[Call, Call]:
    def loss(params: Any, x: Any, y: Any) -> Any:
        layers = len(params) // 2
        h = x
        for k in range(layers):
            h = h @ params[k] + params[layers + k]
            h = jax.nn.relu(h) if k < layers - 1 else h
        return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(h), y[:, None], 1))

    return _train(loss, [*Ws, *bs], x, y)


def cnn(x: Any, y: Any, k1: Any, k2: Any, W: Any, b: Any) -> tuple[Call, Call]:
    layout = ("NCHW", "OIHW", "NCHW")

    def loss(params: Any, x: Any, y: Any) -> Any:
        h = x
        for filters in params[:2]:
            h = jax.lax.conv_general_dilated(h, filters, (1, 1), "SAME", dimension_numbers=layout)
            window = (1, 1, 2, 2)
            h = jax.lax.reduce_window(jax.nn.relu(h), -jnp.inf, jax.lax.max, window, window, "VALID")
        h = h.reshape(len(h), -1) @ params[2] + params[3]
        return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(h), y[:, None], 1))

    return _train(loss, [k1, k2, W, b], x, y)


def gru(x: Any, W: Any, U: Any, b: Any) -> tuple[Call, Call]:
    def loss(params: Any, x: Any) -> Any:
        W, U, b = params

        def step(h: Any, w: Any) -> tuple[Any, Any]:
            h = gru_state(jax.nn.sigmoid, jnp.tanh, w, h, U)
            return h, h

        _, states = jax.lax.scan(step, jnp.zeros((x.shape[1], len(U)), x.dtype), x @ W + b)
        return jnp.mean(states**2)

    return _train(loss, [W, U, b], x)


def hier(group: Any, floor: Any, y: Any, theta: Any) -> Call:
    jax.config.update("jax_enable_x64", True)
    held = [jnp.asarray(v) for v in (group, floor, y)]
    both = jax.jit(jax.value_and_grad(lambda t: hier_density(jnp, t, *held)))
    return lambda: [np.asarray(v) for v in both(theta)]


def deepgraph(x: Any, depth: int) -> Call:
    jax.config.update("jax_enable_x64", True)
    return _call(jax.grad(lambda x: deep_chain(jnp, x, depth)), x)


def scalar(x: Any, y: Any) -> Call:
    jax.config.update("jax_enable_x64", True)
    return _call(lambda x, y: x * y + jnp.sin(x), x, y)
