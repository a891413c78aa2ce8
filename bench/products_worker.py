"""Matrix products in one framework: `python products_worker.py FRAMEWORK SECONDS` prints a line of JSON.

Each shape in float32 and float64, with either operand stored transposed or not. Some rows of each
result are checked against float64 products of NumPy.
"""

import os
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from timing import print_result, sample

# Batches (0: none), rows, sum, columns.
SHAPES = [
    (0, 2048, 2048, 2048),
    (0, 512, 512, 512),
    (0, 128, 784, 512),
    (0, 128, 512, 512),
    (0, 512, 128, 784),
    (0, 64, 64, 64),
    (0, 32, 128, 384),
    (0, 16, 16, 16),
    (0, 8, 8, 8),
    (64, 256, 64, 256),
    (0, 1, 784, 512),
    (0, 20000, 784, 10),
]
FORMS = ["nn", "nt", "tn", "tt"]
DTYPES = ["float32", "float64"]
IDLE = 0.1  # seconds: after the check NumPy's threads wait for more work, and take time from others
Product = Callable[[Any, Any], Any]


def label(shape: tuple[int, int, int, int]) -> str:
    batches, m, k, n = shape
    return (f"{batches} of " if batches else "") + f"{m}x{k}x{n}"


def croton_product(dtype: str, form: str, batches: int) -> Product:
    import croton as ct
    import croton.tensor as T

    kind = T.TensorType(dtype, (None,) * (3 if batches else 2))
    a, b = kind("a"), kind("b")
    left = a.swapaxes(-1, -2) if form[0] == "t" else a
    right = b.swapaxes(-1, -2) if form[1] == "t" else b
    return ct.function([a, b], T.matmul(left, right))


def array_product(dtype: str, form: str, batches: int) -> Product:
    """For NumPy's arrays and torch's tensors alike."""
    if form == "nn":
        return lambda a, b: a @ b
    if form == "tn":
        return lambda a, b: a.swapaxes(-1, -2) @ b
    if form == "nt":
        return lambda a, b: a @ b.swapaxes(-1, -2)
    return lambda a, b: a.swapaxes(-1, -2) @ b.swapaxes(-1, -2)


def keep(array: Any) -> Any:
    return array


def prepare(framework: str) -> tuple[Callable[[str, str, int], Product], Callable[[Any], Any]]:
    """How the framework makes a product, and how it takes an array."""
    if framework == "croton":
        return croton_product, keep
    if framework == "torch":
        import torch

        torch.set_num_threads(int(os.environ["BENCH_THREADS"]))
        return array_product, torch.from_numpy
    return array_product, keep


def operand(rng: np.random.Generator, batches: int, rows: int, columns: int, dtype: str, flip: bool) -> Any:
    """A matrix of rows x columns, or a batch of them, stored as columns x rows if `flip`."""
    sizes = (columns, rows) if flip else (rows, columns)
    return rng.standard_normal((batches, *sizes) if batches else sizes, np.dtype(dtype))


def check(product: Any, a: Any, b: Any, form: str, k: int, what: str) -> None:
    """Raises ValueError if the first or last rows of the product are wrong."""
    left = a.swapaxes(-1, -2) if form[0] == "t" else a
    right = b.swapaxes(-1, -2) if form[1] == "t" else b
    for rows in (slice(0, 4), slice(-4, None)):
        exact = left[..., rows, :].astype(np.float64) @ right.astype(np.float64)
        error = float(np.abs(np.asarray(product)[..., rows, :] - exact).max()) / k**0.5
        if error > 100 * np.finfo(a.dtype).eps:
            raise ValueError(f"{what}: off by {error:.2g}")


def main() -> None:
    framework, seconds = sys.argv[1], float(sys.argv[2])
    make, take = prepare(framework)
    rng = np.random.default_rng(0)
    results = {}
    for dtype in DTYPES:
        for form in FORMS:
            for shape in SHAPES:
                batches, m, k, n = shape
                product = make(dtype, form, batches)
                a = operand(rng, batches, m, k, dtype, form[0] == "t")
                b = operand(rng, batches, k, n, dtype, form[1] == "t")
                held = take(a), take(b)
                what = f"{dtype} {form} {label(shape)}"
                check(product(*held), a, b, form, k, what)
                time.sleep(IDLE)
                timed = sample(lambda f=product, x=held: f(*x), seconds)
                results[what] = {**timed, "gflops": 2e-9 * max(batches, 1) * m * k * n / timed["median"]}
    print_result(results)


if __name__ == "__main__":
    main()
