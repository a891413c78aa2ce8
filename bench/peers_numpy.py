"""The workloads in NumPy, where plain NumPy is what people use for them."""

from collections.abc import Callable
from typing import Any

import numpy as np
from cases import long_chain

Call = Callable[[], Any]


def chain(a: Any, b: Any, c: Any) -> Call:
    return lambda: long_chain(np, a, b, c)


def softmax(x: Any) -> Call:
    def call() -> Any:
        e = np.exp(x - x.max(1, keepdims=True))
        return e / e.sum(1, keepdims=True)

    return call


def logreg(X: Any, y: Any, w: Any) -> Call:
    def call() -> Any:
        p = 1 / (1 + np.exp(-(X @ w)))
        return w - 0.1 * (X.T @ (p - y) / len(y))

    return call


def scalar(x: Any, y: Any) -> Call:
    a, b = x[()], y[()]  # NumPy's own scalars are faster than 0-d arrays
    return lambda: a * b + np.sin(a)
