"""The workloads in numexpr."""

import os
from collections.abc import Callable
from typing import Any

import numexpr as ne

ne.set_num_threads(int(os.environ["BENCH_THREADS"]))


def chain(a: Any, b: Any, c: Any) -> Callable[[], Any]:
    arrays = {"a": a, "b": b, "c": c}
    text = "tanh(a*b+c)*exp(-a*a)+sqrt(abs(b))/(1+c*c)"
    return lambda: ne.evaluate(text, local_dict=arrays)
