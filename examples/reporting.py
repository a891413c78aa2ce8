"""Prints how a compiled function was made and how long a call takes."""

import statistics
import time
from dataclasses import dataclass
from typing import Any


@dataclass
class Compiled:
    """A compiled function with a name and arguments to call it with."""

    name: str
    function: Any
    arguments: tuple = ()


def time_per_call(compiled: Compiled, seconds: float = 0.2) -> float:
    """The median time of a call in seconds, over calls that take about `seconds` together."""
    times = []
    end = time.perf_counter() + seconds
    while not times or time.perf_counter() < end:
        start = time.perf_counter()
        compiled.function(*compiled.arguments)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def print_report(compiled: Compiled) -> None:
    """Compile time, passes, fused kernels and time per call of one function."""
    report = compiled.function.compile_report()
    step = time_per_call(compiled)
    print(f"{compiled.name}: compiled in {report.total_ms:.1f} ms, {step * 1e6:.1f} us per call")
    print("  passes: " + ", ".join(f"{name} {ms:.2f} ms" for name, ms in report.passes))
    for kernel in report.kernels:
        print(f"  kernel {kernel.name}: {', '.join(str(op) for op in kernel.ops)}")
