"""Convolutions in one framework: `python convolutions_worker.py FRAMEWORK SECONDS` prints a line of JSON.

Each variant along one, two and three axes: the result and the gradients by the input and by the filters.
Results are compared with those of torch by their sums, see run.py.
"""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from timing import print_result, sample

# Batch, channels, size and filter size along each axis.
SIZES = {1: (16, 64, 1024, 5), 2: (16, 64, 32, 3), 3: (2, 32, 16, 3)}
DIRECTIONS = ["forward", "d-input", "d-weight"]


@dataclass(frozen=True)
class Variant:
    """What differs from a convolution that keeps sizes; `groups` 0 stands for one for each channel."""

    step: int = 1
    dilation: int = 1
    groups: int = 1
    transposed: bool = False


VARIANTS = {
    "plain": Variant(),
    "strided": Variant(step=2),
    "dilated": Variant(dilation=2),
    "grouped": Variant(groups=4),
    "depthwise": Variant(groups=0),
    "transposed": Variant(step=2, transposed=True),
}


@dataclass(frozen=True)
class Problem:
    """One convolution with its operands; for a transposed one, x is what the transpose is applied to."""

    variant: Variant
    ndim: int
    groups: int
    border: int
    x: Any
    w: Any
    g: Any


def problem(name: str, ndim: int) -> Problem:
    variant = VARIANTS[name]
    batch, channels, size, taps = SIZES[ndim]
    groups = variant.groups or channels
    border = (taps // 2) * variant.dilation
    small = (size - 1) // variant.step + 1
    rng = np.random.default_rng(0)
    large, little = ((batch, channels, *[n] * ndim) for n in (size, small))
    x, g = (rng.standard_normal(s, np.float32) for s in (large, little))
    w = rng.standard_normal((channels, channels // groups, *[taps] * ndim), np.float32)
    return Problem(variant, ndim, groups, border, *((g, w, x) if variant.transposed else (x, w, g)))


def croton_call(p: Problem, direction: str) -> Callable[[], Any]:
    import croton as ct
    import croton.tensor as T
    from croton.tensor.nnet.convolution import Options, convolve, gradient_of

    borders = (p.border,) * p.ndim
    options = Options("conv", p.ndim, borders, p.variant.step, False, p.variant.dilation, p.groups)
    kind = T.TensorType("float32", (None,) * (2 + p.ndim))
    x, g = kind("x"), kind("g")
    w = T.TensorType("float32", p.w.shape)("w")

    def by_input(g: Any, shape: Any) -> Any:
        return gradient_of(options, "input", w, shape, g)

    def by_filters(x: Any, g: Any) -> Any:
        return gradient_of(options, "filters", x, p.w.shape, g)

    if p.variant.transposed:  # the roles of the input and of the gradient change
        large = (x.shape[0], p.w.shape[1] * p.groups, *p.g.shape[2:])
        results = {
            "forward": lambda: ([x, w], by_input(x, large)),
            "d-input": lambda: ([g, w], convolve(g, w, options)),
            "d-weight": lambda: ([x, g], by_filters(g, x)),
        }
    else:
        results = {
            "forward": lambda: ([x, w], convolve(x, w, options)),
            "d-input": lambda: ([g, w], by_input(g, (g.shape[0], *p.x.shape[1:]))),
            "d-weight": lambda: ([x, g], by_filters(x, g)),
        }
    inputs, result = results[direction]()
    f = ct.function(inputs, result)
    args = [{"x": p.x, "w": p.w, "g": p.g}[v.name] for v in inputs]
    return lambda: f(*args)


def torch_call(p: Problem, direction: str) -> Callable[[], Any]:
    import torch

    torch.set_num_threads(int(os.environ["BENCH_THREADS"]))
    x, w, g = (torch.from_numpy(array) for array in (p.x, p.w, p.g))
    step, border, dilation = ([n] * p.ndim for n in (p.variant.step, p.border, p.variant.dilation))
    missing = p.variant.step - 1 if p.variant.transposed else 0
    options = (step, border, dilation, p.variant.transposed, [missing] * p.ndim, p.groups)
    if direction == "forward":
        return lambda: torch.ops.aten.convolution(x, w, None, *options)
    wanted = [direction == "d-input", direction == "d-weight", False]
    backward = torch.ops.aten.convolution_backward
    return lambda: backward(g, x, w, None, *options, wanted)[0 if wanted[0] else 1]


def digest(result: Any) -> list[float]:
    """A weighted sum and the norm of a result."""
    values = np.asarray(result, np.float64).ravel()
    return [float(values @ np.cos(np.arange(values.size))), float(np.linalg.norm(values))]


def main() -> None:
    framework, seconds = sys.argv[1], float(sys.argv[2])
    only = sys.argv[3:]
    make = {"croton": croton_call, "torch": torch_call}[framework]
    results = {}
    for ndim in SIZES:
        for name in VARIANTS:
            for direction in DIRECTIONS:
                label = f"{ndim}d {name} {direction}"
                if only and not all(word in label.split() for word in only):
                    continue
                call = make(problem(name, ndim), direction)
                total, norm = digest(call())
                results[label] = {**sample(call, seconds), "sum": total, "norm": norm}
    print_result(results)


if __name__ == "__main__":
    main()
