"""The workloads: what each one is, its data, and the frameworks that have it.

To add a case: one entry in `CASES`, one function here that makes its data, and a function of the same name in
`croton_cases.py` and in each `peers_*.py` that can express it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

F32 = np.float32
Arrays = dict[str, Any]

# Name on the command line and in tables: module here, variant that the module knows.
FRAMEWORKS = {
    "croton": ("croton_cases", ""),
    "numpy": ("peers_numpy", ""),
    "numexpr": ("peers_numexpr", ""),
    "pytensor": ("peers_pytensor", ""),
    "torch": ("peers_torch", ""),
    "torch.compile": ("peers_torch", "compile"),
    "jax": ("peers_jax", ""),
}


@dataclass(frozen=True)
class Case:
    """One workload. `tolerance` bounds how far results may lie apart, relative to their norm."""

    what: str
    data: Callable[[np.random.Generator], Arrays]
    frameworks: str
    tolerance: float = 1e-3
    start: tuple[str, ...] = ()  # parameters: results are compared by how far they moved from these


def normal(rng: np.random.Generator, *shape: int, scale: float = 1.0) -> Any:
    return rng.standard_normal(shape, F32) * F32(scale)


def blackscholes(rng: np.random.Generator, n: int = 4_000_000) -> Arrays:
    spread = {"S": (10, 50), "K": (10, 50), "t": (0.1, 2)}
    return {name: rng.random(n, F32) * F32(high - low) + F32(low) for name, (low, high) in spread.items()}


def chain(rng: np.random.Generator, n: int = 8_000_000) -> Arrays:
    return {name: normal(rng, n) for name in "abc"}


def softmax(rng: np.random.Generator, m: int = 8192, n: int = 1024) -> Arrays:
    return {"x": normal(rng, m, n)}


def layernorm(rng: np.random.Generator, m: int = 8192, n: int = 768) -> Arrays:
    return {"x": normal(rng, m, n), "g": normal(rng, n), "b": normal(rng, n), "dy": normal(rng, m, n)}


def logreg(rng: np.random.Generator, m: int = 20_000, n: int = 784) -> Arrays:
    return {"X": normal(rng, m, n), "y": (rng.random(m) > 0.5).astype(F32), "w": normal(rng, n, scale=0.01)}


def mlp(rng: np.random.Generator, batch: int = 128) -> Arrays:
    sizes = [784, 512, 512, 10]
    return {
        "x": normal(rng, batch, sizes[0]),
        "y": rng.integers(0, sizes[-1], batch, np.int32),
        "Ws": [normal(rng, i, o, scale=(2 / i) ** 0.5) for i, o in pairwise(sizes)],
        "bs": [np.zeros(o, F32) for o in sizes[1:]],
    }


def cnn(rng: np.random.Generator, batch: int = 64) -> Arrays:
    def filters(outputs: int, channels: int, size: int = 3) -> Any:
        return normal(rng, outputs, channels, size, size, scale=(2 / (channels * size * size)) ** 0.5)

    return {
        "x": normal(rng, batch, 3, 32, 32),
        "y": rng.integers(0, 10, batch, np.int32),
        "k1": filters(32, 3),
        "k2": filters(64, 32),
        "W": normal(rng, 64 * 8 * 8, 10, scale=0.02),
        "b": np.zeros(10, F32),
    }


def gru(rng: np.random.Generator, steps: int = 100, batch: int = 32, n: int = 128) -> Arrays:
    return {
        "x": normal(rng, steps, batch, n, scale=0.08),
        "W": normal(rng, n, 3 * n, scale=0.08),
        "U": normal(rng, n, 3 * n, scale=0.08),
        "b": np.zeros(3 * n, F32),
    }


def scalar(rng: np.random.Generator) -> Arrays:
    return {"x": np.array(1.5), "y": np.array(-0.3)}


def hier(rng: np.random.Generator, groups: int = 85, observations: int = 919) -> Arrays:
    return {
        "group": rng.integers(0, groups, observations, np.int32),
        "floor": (rng.random(observations) > 0.5).astype(np.float64),
        "y": rng.standard_normal(observations),
        "theta": rng.standard_normal(groups + 5) * 0.1,
    }


def deepgraph(rng: np.random.Generator, depth: int = 300) -> Arrays:
    return {"x": rng.standard_normal(64), "depth": depth}


CASES = {
    "blackscholes": Case(
        "prices of 4M options, float32", blackscholes, "croton pytensor torch torch.compile jax"
    ),
    "chain": Case(
        "tanh(ab+c) exp(-a²) + sqrt|b| / (1+c²), 8M float32",
        chain,
        "croton numpy numexpr pytensor torch torch.compile jax",
    ),
    "softmax": Case("rows of 8192 x 1024, float32", softmax, "croton numpy pytensor torch torch.compile jax"),
    "layernorm": Case(
        "8192 x 768, float32, the value and three gradients",
        layernorm,
        "croton pytensor torch torch.compile jax",
    ),
    "logreg": Case(
        "logistic regression, 20000 x 784, float32, one step",
        logreg,
        "croton numpy pytensor torch torch.compile jax",
        start=("w",),
    ),
    "mlp": Case(
        "784-512-512-10, batch 128, float32, one SGD step",
        mlp,
        "croton pytensor torch torch.compile jax",
        tolerance=1e-2,
        start=("Ws", "bs"),
    ),
    "cnn": Case(
        "two 3x3 convolutions with pooling on 64 images of 3x32x32, float32, one SGD step",
        cnn,
        "croton torch torch.compile jax",
        tolerance=1e-2,
        start=("k1", "k2", "W", "b"),
    ),
    "gru": Case(
        "gated recurrent unit, 100 steps of 32 x 128, float32, one SGD step",
        gru,
        "croton torch jax",
        tolerance=1e-2,
        start=("W", "U", "b"),
    ),
    "hier": Case(
        "log density of a hierarchical model with gradient, 90 parameters, 919 observations, float64",
        hier,
        "croton pytensor torch torch.compile jax",
        tolerance=1e-9,
    ),
    "deepgraph": Case(
        "gradient of 300 unrolled steps on 64 float64 numbers, about 3,000 nodes",
        deepgraph,
        "croton pytensor torch torch.compile jax",
        tolerance=1e-6,
    ),
    "scalar": Case(
        "xy + sin x of two 0-d float64: the cost of a call",
        scalar,
        "croton numpy pytensor torch torch.compile jax",
        tolerance=1e-12,
    ),
}


def gru_state(sigmoid: Any, tanh: Any, w: Any, h: Any, U: Any) -> Any:
    """The next state from the step's input times W, plus b, in any framework."""
    n = 128
    update = sigmoid(w[:, :n] + h @ U[:, :n])
    reset = sigmoid(w[:, n : 2 * n] + h @ U[:, n : 2 * n])
    proposed = tanh(w[:, 2 * n :] + (reset * h) @ U[:, 2 * n :])
    return (1 - update) * h + update * proposed


def hier_density(xp: Any, theta: Any, group: Any, floor: Any, y: Any) -> Any:
    """The log density of `hier`, in any framework whose module `xp` has exp and log1p."""
    groups, n = 85, 919
    z = theta[:groups]
    mean_a, mean_b, log_sa, log_se, shift = (theta[groups + k] for k in range(5))
    sa, se = xp.exp(log_sa), xp.exp(log_se)
    mean = (mean_a + z * sa)[group] + (mean_b + shift) * floor
    fit = -0.5 * ((y - mean) ** 2).sum() / (se * se) - n * log_se - 0.5 * (z * z).sum()
    prior = -0.5 * (mean_a**2 + mean_b**2 + shift**2) / 25
    scales = log_sa - xp.log1p((sa / 5) ** 2) + log_se - xp.log1p((se / 5) ** 2)
    return fit + prior + scales


def deep_chain(xp: Any, x: Any, depth: int) -> Any:
    """The value of `deepgraph`, in any framework whose module `xp` has sin and tanh."""
    h = x
    for k in range(depth):
        h = xp.sin(h) * (1 + 0.001 * k) + xp.tanh(h * x)
    return h.sum()


def black_scholes(xp: Any, erf: Any, S: Any, K: Any, t: Any) -> Any:
    """The value of `blackscholes`; Python numbers are weak, so everything stays float32."""
    r, v = 0.02, 0.3
    root = v * xp.sqrt(t)
    d1 = (xp.log(S / K) + (r + 0.5 * v * v) * t) / root
    d2 = d1 - root

    def normal_cdf(z: Any) -> Any:
        return 0.5 * (1 + erf(z * 0.7071067811865475))

    return S * normal_cdf(d1) - K * xp.exp(-r * t) * normal_cdf(d2)


def long_chain(xp: Any, a: Any, b: Any, c: Any) -> Any:
    """The value of `chain`."""
    return xp.tanh(a * b + c) * xp.exp(-a * a) + xp.sqrt(abs(b)) / (1 + c * c)
