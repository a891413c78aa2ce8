"""Fifty batch sizes through one training step: kernels built after the first, and what each new plan costs.

`python plans_worker.py` prints a line of JSON. A plan's cost is the first call with a batch size less the
median of later calls with the same one. The network is small, so that the calls do not hide it.
"""

import time
from itertools import pairwise
from typing import Any

import numpy as np
from timing import print_result

import croton as ct
import croton.tensor as T
from croton import _core

SIZES = [32, *(n for n in range(1, 52) if n != 32)][:50]


def training_step() -> Any:
    rng = np.random.default_rng(0)
    sizes = [64, 32, 10]
    weights = [ct.shared((rng.standard_normal(s) / 8).astype("float32")) for s in pairwise(sizes)]
    biases = [ct.shared(np.zeros(n, "float32")) for n in sizes[1:]]
    x, y = T.fmatrix("x"), T.ivector("y")
    h = T.nnet.relu(T.dot(x, weights[0]) + biases[0])
    p = T.nnet.softmax(T.dot(h, weights[1]) + biases[1])
    loss = T.nnet.categorical_crossentropy(p, y).mean()
    params = weights + biases
    updates = [(q, q - 0.01 * g) for q, g in zip(params, ct.grad(loss, params), strict=True)]
    return ct.function([x, y], loss, updates=updates)


def timed(f: Any, *args: Any) -> float:
    start = time.perf_counter()
    f(*args)
    return time.perf_counter() - start


def main() -> None:
    rng = np.random.default_rng(1)
    f = training_step()
    kernels, costs, later = [], [], []
    for n in SIZES:
        args = rng.standard_normal((n, 64), np.float32), rng.integers(0, 10, n, np.int32)
        before = _core.kernels_built()
        first = timed(f, *args)
        kernels.append(_core.kernels_built() - before)
        usual = float(np.median([timed(f, *args) for _ in range(50)]))
        costs.append(first - usual)
        later.append(usual)
    print_result(
        {
            "sizes": len(SIZES),
            "kernels_after_first": sum(kernels[1:]),
            "built_at": [n for n, k in zip(SIZES[1:], kernels[1:], strict=True) if k],
            "plan_median": float(np.median(costs[1:])),
            "plan_max": float(np.max(costs[1:])),
            "call_median": float(np.median(later)),
        }
    )


if __name__ == "__main__":
    main()
