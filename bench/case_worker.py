"""One case in one framework: `python case_worker.py CASE FRAMEWORK SECONDS` prints a line of JSON."""

import importlib
import sys
import time
from typing import Any

import numpy as np
from cases import CASES, FRAMEWORKS
from timing import memory_mb, print_result, reset_peak, sample


def as_arrays(value: Any) -> list[Any]:
    """The results of a call in any framework as a list of arrays."""
    if isinstance(value, list | tuple):
        return [array for part in value for array in as_arrays(part)]
    return [np.asarray(value.detach() if hasattr(value, "detach") else value)]


def digest(array: Any, start: Any = None) -> list[float]:
    """Two weighted sums of the elements and their norm, by which frameworks are compared; little memory."""
    flat, origin = array.reshape(-1), None if start is None else start.reshape(-1)
    plain = wavy = squares = 0.0
    step = 1 << 16
    for low in range(0, flat.size, step):
        part = flat[low : low + step].astype(np.float64)
        if origin is not None:
            part -= origin[low : low + step]
        plain += float(part.sum())
        wavy += float(part @ np.cos(np.arange(low, low + part.size, dtype=np.float64)))
        squares += float(part @ part)
    return [plain, wavy, squares**0.5]


def builder(framework: str, case: str) -> Any:
    """The function that builds the case, all arguments but the data given."""
    name, variant = FRAMEWORKS[framework]
    module = importlib.import_module(name)
    function = getattr(module, case)
    variants = getattr(module, "VARIANTS", None)
    return function if variants is None else lambda **data: function(variants[variant], **data)


def main() -> None:
    case, framework, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
    data = CASES[case].data(np.random.default_rng(0))
    start = [array for name in CASES[case].start for array in as_arrays(data[name])]
    start = [array.copy() for array in start]
    build = builder(framework, case)
    before = memory_mb("VmRSS")
    reset_peak()

    clock, processor = time.perf_counter(), time.process_time()
    built = build(**data)
    call, read = built if isinstance(built, tuple) else (built, None)
    value = call()
    first = {"first": time.perf_counter() - clock, "first_cpu": time.process_time() - processor}

    results = as_arrays(value if read is None else read())
    origins = start or [None] * len(results)
    digests = [digest(array, origin) for array, origin in zip(results, origins, strict=True)]
    del value, results
    timed = sample(call, seconds)
    peak = memory_mb("VmHWM")
    print_result({**first, **timed, "peak_mb": peak, "grown_mb": peak - before, "digests": digests})


if __name__ == "__main__":
    main()
