"""Compile time against size: `python nodes_worker.py KIND DEPTH` prints a line of JSON.

KIND `gradient` is the deepgraph case unrolled DEPTH times; `vectors` keeps a result of every tenth step, so
that the function has many outputs; `layers` is a forward pass through DEPTH dense layers of width 16.
"""

import sys
import time
from typing import Any

import numpy as np
from cases import deep_chain
from timing import memory_mb, print_result

import croton as ct
import croton.tensor as T


def gradient(depth: int) -> tuple[Any, Any, list[Any]]:
    x = T.dvector("x")
    return [x], ct.grad(deep_chain(T, x, depth), x), [np.linspace(-1, 1, 64)]


def vectors(depth: int) -> tuple[Any, Any, list[Any]]:
    x = T.dvector("x")
    h, kept = x, []
    for k in range(depth):
        h = T.sin(h) * (1 + 0.001 * k) + T.tanh(h * x)
        if k % 10 == 9:
            kept.append(h)
    return [x], kept or [h], [np.linspace(-1, 1, 64)]


def layers(depth: int) -> tuple[Any, Any, list[Any]]:
    x = T.dmatrix("x")
    rng = np.random.default_rng(0)
    h = x
    for _ in range(depth):
        h = T.tanh(T.dot(h, ct.shared(rng.standard_normal((16, 16)) / 4)) + 0.1)
    return [x], h, [rng.standard_normal((4, 16))]


def count_nodes(outputs: Any) -> int:
    """How many different nodes an expression has, inputs and constants included."""
    waiting = [v._node for v in (outputs if isinstance(outputs, list) else [outputs])]
    seen = set()
    while waiting:
        node = waiting.pop()
        if node._id not in seen:
            seen.add(node._id)
            waiting += node._inputs
    return len(seen)


def main() -> None:
    kind, depth = sys.argv[1], int(sys.argv[2])
    build = {"gradient": gradient, "vectors": vectors, "layers": layers}[kind]
    ct.function([], T.constant(1.0) * 2)()  # what the first function of a process pays once
    clock = time.perf_counter()
    inputs, outputs, args = build(depth)
    built = time.perf_counter()
    f = ct.function(inputs, outputs)
    compiled = time.perf_counter()
    f(*args)
    done = time.perf_counter()
    times = {"build": built - clock, "compile": compiled - built, "first call": done - compiled}
    print_result({"nodes": count_nodes(outputs), "seconds": times, "peak_mb": memory_mb("VmHWM")})


if __name__ == "__main__":
    main()
