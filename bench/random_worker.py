"""Random numbers on one core: `python random_worker.py FRAMEWORK SECONDS` prints a line of JSON.

A million numbers of each law in float32 and float64, into a new array.
"""

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from timing import print_result, sample

ELEMENTS = 1 << 20
LAWS = ["random", "standard_normal", "standard_exponential", "standard_gamma", "poisson", "binomial"]
ARGUMENTS: dict[str, tuple[float, ...]] = {
    "standard_gamma": (2.5,),
    "poisson": (50.0,),
    "binomial": (100, 0.3),
}
SHORT = {"random": "uniform", "standard_normal": "normal"}


def croton_draw(law: str, options: dict[str, Any]) -> Callable[[], Any]:
    import croton as ct

    ct.set_num_threads(1)
    draw = getattr(ct.random.RandomStream(0), law)(*ARGUMENTS.get(law, ()), size=ELEMENTS, **options)
    return ct.function([], draw)  # type: ignore[no-any-return]


def numpy_draw(law: str, options: dict[str, Any]) -> Callable[[], Any]:
    method = getattr(np.random.default_rng(0), law)
    return lambda: method(*ARGUMENTS.get(law, ()), size=ELEMENTS, **options)


def main() -> None:
    framework, seconds = sys.argv[1], float(sys.argv[2])
    make = {"croton": croton_draw, "numpy": numpy_draw}[framework]
    results = {}
    for law in LAWS:
        for dtype in ("int64",) if law in ("poisson", "binomial") else ("float32", "float64"):
            draw = make(law, {} if dtype == "int64" else {"dtype": dtype})
            values = draw()
            if values.dtype != dtype or not np.isfinite(values).all():
                raise ValueError(f"{law}: wrong values of {values.dtype}")
            timed = sample(draw, seconds)
            results[f"{SHORT.get(law, law)} {dtype}"] = {
                "median": 1e9 * timed["median"] / ELEMENTS,
                "min": 1e9 * timed["min"] / ELEMENTS,
            }
    print_result(results)


if __name__ == "__main__":
    main()
