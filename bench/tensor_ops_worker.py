"""Sorting, searching and counting on one core: `python tensor_ops_worker.py FRAMEWORK SECONDS` prints JSON.

A million random elements of each dtype, results into a new array.
"""

import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from timing import print_result, sample

ELEMENTS = 1_000_000
BINS = {"few": 1000, "many": ELEMENTS}  # within the first cache, and beyond the second
DTYPES = ["float32", "float64", "int32", "int64"]
Case = tuple[str, Callable[..., Any], tuple[Any, ...]]


def numbers(dtype: str, seed: int = 0) -> Any:
    rng = np.random.default_rng(seed)
    if dtype.startswith("float"):
        return rng.standard_normal(ELEMENTS).astype(dtype)
    return rng.integers(-(2**31), 2**31, ELEMENTS).astype(dtype)


def places(bins: int, dtype: str = "int64") -> Any:
    return np.random.default_rng(1).integers(0, bins, ELEMENTS).astype(dtype)


def numpy_add_at(x: Any, k: Any, v: Any) -> Any:
    total = x.copy()
    np.add.at(total, k, v)
    return total


def cases(f: Any) -> Iterator[Case]:
    """Each with the function of framework `f` and its arguments."""
    for dtype in DTYPES:
        x = numbers(dtype)
        for name in ("sort", "argsort", "cumsum"):
            yield f"{name} {dtype}", f(name), (x,)
        for word, bins in BINS.items():
            line, k = np.sort(x[:bins]), places(bins)
            yield f"take {word} {dtype}", f("take"), (x[:bins].copy(), k)
            yield f"add_at {word} {dtype}", f("add_at"), (x[:bins].copy(), k, x)
            yield f"searchsorted {word} {dtype}", f("searchsorted"), (line, numbers(dtype, 2))
            if dtype.startswith("int"):
                yield f"bincount {word} {dtype}", f("bincount", bins), (places(bins, dtype),)
            else:
                yield f"bincount weights {word} {dtype}", f("bincount", bins), (k, x)


def croton_function(name: str, bins: int = 0) -> Callable[..., Any]:
    import croton as ct
    import croton.tensor as T

    ct.set_num_threads(1)

    def compiled(*arguments: Any) -> Callable[..., Any]:
        inputs = [T.tensor(x.dtype.name, (False,) * x.ndim) for x in arguments]
        x, *rest = inputs
        if name == "add_at":
            result = T.inc_subtensor(x[rest[0]], rest[1])
        elif name == "bincount":
            result = T.bincount(x, *rest, length=bins)
        else:
            result = getattr(T, name)(*inputs)
        return ct.function(inputs, result)  # type: ignore[no-any-return]

    return compiled


def numpy_function(name: str, bins: int = 0) -> Callable[..., Any]:
    if name == "bincount":
        return lambda *_: lambda x, *weights: np.bincount(x, *weights, minlength=bins)
    return lambda *_: numpy_add_at if name == "add_at" else getattr(np, name)


def main() -> None:
    framework, seconds = sys.argv[1], float(sys.argv[2])
    results = {}
    for name, make, arguments in cases({"croton": croton_function, "numpy": numpy_function}[framework]):
        call = make(*arguments)
        timed = sample(lambda call=call, arguments=arguments: call(*arguments), seconds)
        results[name] = {key: 1e9 * timed[key] / ELEMENTS for key in ("median", "min")}
    print_result(results)


if __name__ == "__main__":
    main()
