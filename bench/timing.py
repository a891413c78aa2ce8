"""Timing a call, and the memory of this process."""

import contextlib
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

SHORTEST_SAMPLE = 50e-6  # a sample of tiny calls holds as many as fill this, so the clock costs nothing


def sample(call: Callable[[], Any], seconds: float, at_least: int = 5) -> dict[str, Any]:
    """Median and least time of a call in seconds, from about `seconds` of calls after a few to warm up."""
    for _ in range(3):
        call()
    start = time.perf_counter()
    call()
    once = time.perf_counter() - start
    inner = max(1, int(SHORTEST_SAMPLE / max(once, 1e-7)))
    times = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(times) < at_least:
        start = time.perf_counter()
        for _ in range(inner):
            call()
        times.append((time.perf_counter() - start) / inner)
    return {"median": float(np.median(times)), "min": float(np.min(times)), "samples": len(times)}


def memory_mb(field: str) -> float:
    """VmRSS or VmHWM (its peak) of this process in MB; 0 where the system does not say."""
    try:
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith(field + ":"):
                return int(line.split()[1]) / 1024
    except OSError:
        pass
    return 0.0


def reset_peak() -> None:
    """Makes VmHWM start again from what is resident now."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def print_result(result: Any) -> None:
    """The one line of standard output by which a worker reports."""
    print("RESULT " + json.dumps(result), flush=True)
