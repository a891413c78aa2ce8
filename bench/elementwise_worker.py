"""Elementwise functions: `python elementwise_worker.py FRAMEWORK SECONDS [NAME ...]` prints a line of JSON.

Every function of the op table that torch has, of a million numbers in float32 and float64, into a new array.
"""

import os
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from timing import print_result, sample

ELEMENTS = 1_000_000
WIDE, SMALL = (-100, 100), (-4, 4)
RANGES = {  # of each argument
    "add sub mul true_div floor_div mod copysign hypot": (WIDE, (1, 100)),
    "maximum minimum fmax fmin arctan2 logaddexp": (SMALL, SMALL),
    "eq ne lt le gt ge logical_and logical_or logical_xor": (SMALL, SMALL),
    "neg abs sign square relu floor ceil trunc round deg2rad rad2deg": (WIDE,),
    "isnan isinf isfinite logical_not": (SMALL,),
    "sqrt rsqrt reciprocal log log2 log10 log1p": ((0.01, 100),),
    "exp exp2 expm1 sigmoid softplus sin cos arctan arcsinh": ((-10, 10),),
    "tan sinh cosh tanh erf erfc": (SMALL,),
    "arcsin arccos arctanh erfinv": ((-0.99, 0.99),),
    "gammaln digamma trigamma": ((0.5, 30),),
    "arccosh": ((1, 10),),
    "pow": ((0.1, 5), (0, 3)),
    "xlogy": ((0, 5), (0.1, 5)),
    "clip": (WIDE, (-50, -30), (30, 50)),
    "where": (SMALL, WIDE, WIDE),
}
FUNCTIONS = {name: ranges for names, ranges in RANGES.items() for name in names.split()}
IN_TORCH = {
    "true_div": "div",
    "floor_div": "floor_divide",
    "mod": "remainder",
    "clip": "clamp",
    "gammaln": "lgamma",
    "softplus": "nn.functional.softplus",
}


def arguments(name: str, dtype: str) -> list[Any]:
    rng = np.random.default_rng(0)
    found = [rng.uniform(low, high, ELEMENTS).astype(dtype) for low, high in FUNCTIONS[name]]
    return [found[0] > 0, *found[1:]] if name == "where" else found


def croton_function(name: str, values: list[Any]) -> Callable[[], Any]:
    import croton as ct
    import croton.tensor as T

    ct.set_num_threads(int(os.environ["BENCH_THREADS"]))
    inputs = [T.tensor(x.dtype.name, (False,)) for x in values]
    f = ct.function(inputs, getattr(T, name)(*inputs))
    return lambda: f(*values)


def torch_function(name: str, values: list[Any]) -> Callable[[], Any]:
    import torch

    torch.set_num_threads(int(os.environ["BENCH_THREADS"]))
    tensors = [torch.from_numpy(x) for x in values]
    if name == "trigamma":
        return lambda: torch.polygamma(1, tensors[0])
    f: Any = torch
    for part in IN_TORCH.get(name, name).split("."):
        f = getattr(f, part)
    return lambda: f(*tensors)


def main() -> None:
    framework, seconds = sys.argv[1], float(sys.argv[2])
    make = {"croton": croton_function, "torch": torch_function}[framework]
    results = {}
    for name in sys.argv[3:] or FUNCTIONS:
        for dtype in ("float32", "float64"):
            timed = sample(make(name, arguments(name, dtype)), seconds)
            results[f"{name} {dtype}"] = {key: 1e9 * timed[key] / ELEMENTS for key in ("median", "min")}
    print_result(results)


if __name__ == "__main__":
    main()
