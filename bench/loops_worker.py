"""Loops and derivatives: `python loops_worker.py FRAMEWORK SECONDS` prints a line of JSON.

Each row is a call that returns arrays; `value` is the sum of their elements, which frameworks must agree on.
"""

import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from cases import hier, hier_density
from timing import print_result, sample

STEPS, MATRIX_STEPS, WIDTH, UNROLLED = 1_000_000, 100_000, 256, 2_000
Rows = Iterator[tuple[str, Callable[[], Any]]]

RNG = np.random.default_rng(0)
RATE, START = 3.7, 0.4
TURN = np.linalg.qr(RNG.standard_normal((3, 3)))[0]
FIRST, SHIFTS = np.eye(3), 1e-3 * RNG.standard_normal((MATRIX_STEPS, 3, 3))
# The gradient of a chaotic map overflows: this one has a fixed point.
CALM_RATE = 2.9
X = RNG.standard_normal(WIDTH)
W1, W2 = RNG.standard_normal((2, WIDTH, WIDTH)) / WIDTH**0.5
LONG, BATCH = 1_000, 32
ROWS, H, W = (
    0.1 * RNG.standard_normal(shape).astype("float32")
    for shape in ((LONG, BATCH, WIDTH), (BATCH, WIDTH), (WIDTH, WIDTH))
)
MODEL = hier(np.random.default_rng(1))


def croton_rows() -> Rows:
    import croton as ct
    import croton.tensor as T

    x, r = T.dscalars("x", "r")
    states, _ = ct.scan(lambda s: r * s * (1 - s), outputs_info=x, n_steps=STEPS)
    f = ct.function([x, r], states)
    yield "logistic map", lambda: f(START, RATE)
    g = ct.function([x, r], ct.grad(states.sum(), [x, r]))
    yield "logistic map, gradient", lambda: g(START, CALM_RATE)

    h, a, b = T.tensor("float64", shape=(3, 3)), T.tensor("float64", shape=(3, 3)), T.dtensor3()
    states, _ = ct.scan(lambda shift, s: T.dot(a, s) + shift, b, h)
    m = ct.function([h, a, b], states)
    yield "3x3 matrices", lambda: m(FIRST, TURN, SHIFTS)

    v, w1, w2 = T.dvector("v"), T.dmatrix("w1"), T.dmatrix("w2")
    j = ct.function([v, w1, w2], ct.gradient.jacobian(T.tanh(T.dot(T.tanh(T.dot(v, w1)), w2)), v))
    yield "jacobian", lambda: j(X, W1, W2)

    t = T.dvector("theta")
    density = hier_density(T, t, *(T.constant(MODEL[k]) for k in ("group", "floor", "y")))
    hessian = ct.function([t], ct.gradient.hessian(density, t))
    yield "hessian of hier", lambda: hessian(MODEL["theta"])


def jax_rows() -> Rows:
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)

    def states(x: Any, r: Any) -> Any:
        def step(s: Any, _: Any) -> tuple[Any, Any]:
            following = r * s * (1 - s)
            return following, following

        return jax.lax.scan(step, x, None, STEPS)[1]

    f = jax.jit(states)
    yield "logistic map", lambda: np.asarray(f(START, RATE))
    g = jax.jit(jax.grad(lambda x, r: states(x, r).sum(), (0, 1)))
    yield "logistic map, gradient", lambda: [np.asarray(y) for y in g(START, CALM_RATE)]

    def move(s: Any, shift: Any) -> tuple[Any, Any]:
        following = TURN @ s + shift
        return following, following

    m = jax.jit(lambda h, b: jax.lax.scan(move, h, b)[1])
    yield "3x3 matrices", lambda: np.asarray(m(FIRST, SHIFTS))
    j = jax.jit(jax.jacrev(lambda v, w1, w2: jnp.tanh(jnp.tanh(v @ w1) @ w2)))
    yield "jacobian", lambda: np.asarray(j(X, W1, W2))
    model = [jnp.asarray(MODEL[k]) for k in ("group", "floor", "y")]
    hessian = jax.jit(jax.hessian(lambda theta: hier_density(jnp, theta, *model)))
    yield "hessian of hier", lambda: np.asarray(hessian(MODEL["theta"]))


def numba_rows() -> Rows:
    import numba

    @numba.njit
    def states(x: float, r: float, n: int) -> Any:
        out = np.empty(n)
        for k in range(n):
            x = r * x * (1 - x)
            out[k] = x
        return out

    yield "logistic map", lambda: states(START, RATE, STEPS)


def checkpoints(seconds: float) -> dict[str, Any]:
    """The gradient of 1,000 steps that stores all states, and of one that stores a few."""
    import croton as ct
    import croton.tensor as T

    rows, h, w = T.ftensor3("rows"), T.fmatrix("h"), T.fmatrix("w")
    results = {}
    for name, options in {"stored": {}, "checkpoints": {"checkpoint": True}}.items():
        states, _ = ct.scan(lambda row, s: T.tanh(row + T.dot(s, w)), rows, h, **options)
        f = ct.function([rows, h, w], ct.grad(states[-1].sum(), w))
        timed = sample(lambda f=f: f(ROWS, H, W), seconds)
        timed["arena_mb"] = f.memory_report().arena_bytes / 1e6
        results[f"1,000 steps, {name}"] = timed | {"value": float(f(ROWS, H, W).sum())}
    return results


def unrolled() -> dict[str, Any]:
    """The time to write and compile 2,000 steps of 6 nodes, and their gradient, without a loop."""
    import croton as ct
    import croton.tensor as T

    start = time.perf_counter()
    x, a = T.dvector("x"), T.dvector("a")
    h = x
    for _ in range(UNROLLED):
        h = T.tanh(h * a + x) * 0.5 + T.sin(h)
    f = ct.function([x, a], ct.grad(h.sum(), [x, a]))
    seconds = time.perf_counter() - start
    values = f(np.linspace(0, 1, 8), np.linspace(0.1, 0.2, 8))
    return {"2,000 unrolled steps": {"compile": seconds, "value": float(sum(v.sum() for v in values))}}


def total(result: Any) -> float:
    return float(sum(np.sum(part) for part in (result if isinstance(result, list) else [result])))


def main() -> None:
    framework, seconds = sys.argv[1], float(sys.argv[2])
    rows = {"croton": croton_rows, "jax": jax_rows, "numba": numba_rows}[framework]
    results = {}
    for name, call in rows():
        timed = sample(call, seconds)
        results[name] = {key: timed[key] for key in ("median", "min")} | {"value": total(call())}
    if framework == "croton":
        results |= unrolled() | checkpoints(seconds)
    print_result(results)


if __name__ == "__main__":
    main()
