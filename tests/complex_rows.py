"""Functions of complex numbers: what NumPy and mpmath have for each, and where to try it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import mpmath as mp
import numpy as np

import croton.tensor as T

RNG = np.random.default_rng(7)
ANGLES = RNG.uniform(-np.pi, np.pi, 60)
PLANE = RNG.normal(size=200) * 10.0 ** RNG.integers(-6, 3, 200)
POINTS = np.concatenate(
    [
        PLANE[:100] + 1j * PLANE[100:],
        np.exp(1j * ANGLES) * (1 + 10.0 ** -RNG.uniform(1, 16, 60)),  # where logarithms are near 0
        np.array([1, -1, 1j, -1j, 0.5, -2, 2j, 1e-9 + 1j, 1e8 - 1e-8j]),
    ]
)
SMOOTH = np.array([0.4 + 0.3j, -0.7 + 1.1j, 1.3 - 0.6j, -0.2 - 0.5j])  # off all branch cuts
VALUES = [0.0, -0.0, 1.0, -1.0, 2.0, -2.0, 0.5, np.inf, -np.inf]
GRID = np.array([complex(x, y) for x in VALUES for y in VALUES])


@dataclass(frozen=True)
class Unary:
    """A function of one complex number.

    Attributes
    ----------
    name : in `croton.tensor` and in NumPy
    exact : the function of mpmath; None where it is no more exact than NumPy's
    grid : whether signs of zero and infinities give what NumPy gives
    """

    name: str
    exact: Callable[..., Any] | None = None
    grid: bool = True
    gradient: bool = True

    def symbolic(self, z: Any) -> Any:
        return getattr(T, self.name)(z)

    def reference(self, a: np.ndarray) -> np.ndarray:
        return np.asarray(getattr(np, self.name)(a))


def _log(base: int) -> Callable[..., Any]:
    return lambda z: mp.log(z) / mp.log(base)


UNARY = [
    Unary("exp", mp.exp),
    Unary("exp2", grid=False),  # exp(z log(2)), as NumPy: the product is rounded
    Unary("expm1", mp.expm1),
    Unary("log", mp.log),
    Unary("log2", _log(2)),
    Unary("log10", _log(10)),
    Unary("log1p", lambda z: mp.log(1 + z)),
    Unary("sqrt", mp.sqrt),
    Unary("sin", mp.sin),
    Unary("cos", mp.cos),
    Unary("tan", mp.tan),
    Unary("arcsin", mp.asin),
    Unary("arccos", mp.acos),
    Unary("arctan", mp.atan),
    Unary("sinh", mp.sinh),
    Unary("cosh", mp.cosh),
    Unary("tanh", mp.tanh),
    Unary("arcsinh", mp.asinh),
    Unary("arccosh", mp.acosh),
    Unary("arctanh", mp.atanh),
    Unary("reciprocal", lambda z: 1 / z, grid=False),  # 1 / 0 is inf + nan i, as NumPy's 1 / (0 + 0j)
    Unary("square", lambda z: z * z, grid=False),  # NumPy's inf - inf is NaN
    Unary("negative"),
    Unary("conj"),
    Unary("abs", lambda z: abs(z)),
    Unary("angle", mp.arg),
    Unary("sign", lambda z: z / abs(z) if z else z, grid=False),
    Unary("real"),
    Unary("imag"),
    Unary("isnan", gradient=False),
    Unary("isinf", gradient=False),
    Unary("isfinite", gradient=False),
    Unary("isreal", gradient=False),
    Unary("iscomplex", gradient=False),
]

BINARY: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "add": (T.add, np.add),
    "sub": (T.sub, np.subtract),
    "mul": (T.mul, np.multiply),
    "true_div": (T.true_div, np.divide),
    "pow": (T.pow, np.power),
    "eq": (T.eq, np.equal),
    "ne": (T.neq, np.not_equal),
    "where": (lambda z, w: T.where(z.real > 0, z, w), lambda a, b: np.where(a.real > 0, a, b)),
    "switch_zero": (lambda z, w: T.switch(w.imag > 0, z, 0), lambda a, b: np.where(b.imag > 0, a, 0)),
    "and": (T.logical_and, np.logical_and),
    "isclose": (T.isclose, np.isclose),
}

# Of a matrix.
WHOLE: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "sum": (lambda z: z.sum(0), lambda a: a.sum(0)),
    "sum of all": (lambda z: z.sum(), lambda a: a.sum()),
    "mean": (lambda z: z.mean(1), lambda a: a.mean(1)),
    "prod": (lambda z: z.prod(1), lambda a: a.prod(1)),
    "prod of all": (lambda z: z.prod(), lambda a: a.prod()),
    "var": (lambda z: z.var(1), lambda a: a.var(1)),
    "std": (lambda z: z.std(axis=0, ddof=1), lambda a: a.std(axis=0, ddof=1)),
    "norm": (lambda z: z.norm(), np.linalg.norm),
    "norm 1": (lambda z: z.norm(1, axis=1), lambda a: np.linalg.norm(a, 1, axis=1)),
    "any": (lambda z: T.any(z, 0), lambda a: a.any(0)),
    "all": (lambda z: T.all(z, 1), lambda a: a.all(1)),
    "cumsum": (lambda z: T.cumsum(z, 1), lambda a: a.cumsum(1)),
    "cumprod": (lambda z: T.cumprod(z, 0), lambda a: a.cumprod(0)),
    "dot": (lambda z: z.dot(z.T), lambda a: a @ a.T),
    "dot with reals": (lambda z: z.real.dot(z.T), lambda a: a.real @ a.T),
    "dot by reals": (lambda z: z.dot(z.imag.T), lambda a: a @ a.imag.T),
    "vector": (lambda z: z[0].dot(z.T), lambda a: a[0] @ a.T),
    "batches": (lambda z: T.matmul(z[:, None, :], z[None].dimshuffle(0, 2, 1)),
                lambda a: np.matmul(a[:, None, :], a[None].transpose(0, 2, 1))),
    "tensordot": (lambda z: T.tensordot(z, z, 2), lambda a: np.tensordot(a, a, 2)),
    "outer": (lambda z: T.outer(z[0], z[1]), lambda a: np.outer(a[0], a[1])),
    "vdot": (lambda z: T.vdot(z, z * z), lambda a: np.vdot(a, a * a)),
    "vecdot": (lambda z: T.vecdot(z, z * z), lambda a: np.vecdot(a, a * a)),
    "einsum": (lambda z: T.einsum("ij,kj->ik", z, z), lambda a: np.einsum("ij,kj->ik", a, a)),
    "trace": (lambda z: T.trace(z), np.trace),
    "power 3": (lambda z: z**3, lambda a: a**3),
    "power -2": (lambda z: z**-2, lambda a: a**-2),
    "power 0": (lambda z: z**0, lambda a: a**0),
    "power 0.5": (lambda z: z**0.5, lambda a: a**0.5),
    "power 1.7": (lambda z: z**1.7, lambda a: a**1.7),
    "power 1j": (lambda z: z**1j, lambda a: a**1j),
    "base 2": (lambda z: 2**z, lambda a: 2**a),
    "numbers": (lambda z: (2 * z + 1 - 1j) / 3, lambda a: (2 * a + 1 - 1j) / 3),
    "by number": (lambda z: 1 / z - 2j / z, lambda a: 1 / a - 2j / a),
    "of reals": (lambda z: T.exp(1j * z.real), lambda a: np.exp(1j * a.real)),
    "row": (lambda z: z * z[0] + z[:, :1].real, lambda a: a * a[0] + a[:, :1].real),
    "join": (lambda z: T.concatenate([z, T.exp(z)]), lambda a: np.concatenate([a, np.exp(a)])),
    "stack": (lambda z: T.stack([z, z.real, 1j * z]), lambda a: np.stack([a, a.real, 1j * a])),
    "slices": (lambda z: T.exp(z)[::-1, 1:], lambda a: np.exp(a)[::-1, 1:]),
    "reshape": (lambda z: abs(z.reshape((-1,))) * z.T.flatten(), lambda a: abs(a.reshape(-1)) * a.T.ravel()),
    "take": (lambda z: z[T.constant([0, -1, 0])] * z[:1], lambda a: a[[0, -1, 0]] * a[:1]),
    "take of result": (lambda z: (z * z)[T.constant([1, -1])], lambda a: (a * a)[[1, -1]]),
    "transposed take": (lambda z: abs(z[T.constant([0, -1])].T), lambda a: abs(a[[0, -1]].T)),
    "set": (lambda z: T.set_subtensor(z[1:, ::2], 2 * z[1:, ::2]), lambda a: _changed(a, a[1:, ::2])),
    "increase": (lambda z: T.inc_subtensor(z[1:, ::2], z[1:, ::2]), lambda a: _changed(a, a[1:, ::2])),
    "scatter": (lambda z: T.inc_subtensor(z[T.constant([0, 0])], 1j),
                lambda a: a + np.array([[2j], [0], [0], [0]], a.dtype)),
    "repeat": (lambda z: T.repeat(z + 1, 2, axis=1), lambda a: np.repeat(a + 1, 2, axis=1)),
    "polar": (lambda z: T.complex_from_polar(abs(z), T.angle(z)), lambda a: a),
    "pair": (lambda z: T.complex(z.imag, z.real[0]), lambda a: a.imag + 1j * a.real[0]),
}  # fmt: skip


def _changed(a: np.ndarray, part: np.ndarray) -> np.ndarray:
    result = a.copy()
    result[1:, ::2] += part
    return result
