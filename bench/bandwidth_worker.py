"""Memory-bound work: `python bandwidth_worker.py FRAMEWORK SECONDS` prints a line of JSON in GB/s.

Bytes are counted as STREAM counts them: each array once when read and once when written. The reference is the
triad a = b + s c, by torch and numexpr into an array that exists already, and by Croton itself: whichever is
fastest counts, for it shows what the memory can give.
"""

import os
import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from timing import print_result, sample

ELEMENTS = 16_000_000  # 128 MB in float64, far beyond any cache
Kernel = tuple[str, Callable[[], Any], int]


def croton_kernels(b: Any, c: Any) -> Iterator[Kernel]:
    import croton as ct
    import croton.tensor as T

    x, y, m = T.dvector("x"), T.dvector("y"), T.dmatrix("m")
    size = b.nbytes

    def call(inputs: list[Any], output: Any, *args: Any, **kwargs: Any) -> Callable[[], Any]:
        f = ct.function(inputs, output, **kwargs)
        return lambda: f(*args)

    rows = b.reshape(-1, 1000)
    yield "triad x + 3y", call([x, y], x + 3.0 * y, b, c), 3 * size
    yield "scale 3x", call([x], 3.0 * x, b), 2 * size
    yield "map of 2 inputs, 6 ops", call([x, y], abs(x) * y + x / (1 + y * y), b, c), 3 * size
    yield "sum", call([x], x.sum(), b), size
    yield "dot", call([x, y], (x * y).sum(), b, c), 2 * size
    yield "row sums", call([m], m.sum(axis=1), rows), size
    yield "column sums", call([m], m.sum(axis=0), rows), size
    yield "matrix + row", call([m, y], m + y, rows, c[:1000].copy()), 2 * size
    yield "rows less their means", call([m], m - m.mean(axis=1, keepdims=True), rows), 2 * size
    w = ct.shared(c.copy())
    yield "update w - 0.1g", call([x], [], b, updates=[(w, w - 0.1 * x)]), 3 * size


def torch_kernels(b: Any, c: Any) -> Iterator[Kernel]:
    import torch

    torch.set_num_threads(int(os.environ["BENCH_THREADS"]))
    x, y = torch.from_numpy(b), torch.from_numpy(c)
    a = torch.zeros_like(x)
    yield "triad x + 3y", lambda: torch.add(x, y, alpha=3.0, out=a), 3 * b.nbytes


def numexpr_kernels(b: Any, c: Any) -> Iterator[Kernel]:
    import numexpr as ne

    ne.set_num_threads(int(os.environ["BENCH_THREADS"]))
    a = np.zeros_like(b)
    names = {"x": b, "y": c}
    yield "triad x + 3y", lambda: ne.evaluate("x + 3*y", local_dict=names, out=a), 3 * b.nbytes


KERNELS = {"croton": croton_kernels, "torch": torch_kernels, "numexpr": numexpr_kernels}


def main() -> None:
    framework, seconds = sys.argv[1], float(sys.argv[2])
    rng = np.random.default_rng(0)
    b, c = rng.standard_normal(ELEMENTS), rng.standard_normal(ELEMENTS)
    results = {}
    for name, call, moved in KERNELS[framework](b, c):
        timed = sample(call, seconds)
        results[name] = {"median": 1e-9 * moved / timed["median"], "best": 1e-9 * moved / timed["min"]}
    print_result(results)


if __name__ == "__main__":
    main()
