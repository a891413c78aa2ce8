"""Test data of windows, pooling and convolution, against plain loops over the positions."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
from structure_rows import CUBES, ONE, Structure

import croton.tensor as T


def each(value: Any, ndim: int) -> list:
    return list(value) if isinstance(value, list | tuple) else [value] * ndim


# ---- windows
def windows(x: np.ndarray, shape: Any, axis: Any, step: Any, dilation: Any) -> np.ndarray:
    """numpy's sliding_window_view over the reach of the windows, of which every step-th element stays."""
    axes, sizes = each(axis, 1), each(shape, 1)
    steps, dilations = each(step, len(axes)), each(dilation, len(axes))
    for k, size, by, gap in zip(axes, sizes, steps, dilations, strict=True):
        reach, axis_of_x = (size - 1) * gap + 1, k % x.ndim if k >= 0 else k
        if reach > x.shape[axis_of_x]:
            shape_now = list(x.shape)
            shape_now[axis_of_x] = 0
            x = np.zeros((*shape_now, size), x.dtype)
            continue
        x = np.lib.stride_tricks.sliding_window_view(x, reach, axis_of_x)[..., ::gap]
        x = np.moveaxis(np.moveaxis(x, axis_of_x, 0)[::by], 0, axis_of_x)
    return x


def window_row(shape: Any, axis: Any, step: Any = 1, dilation: Any = 1, shapes: Any = ONE) -> Structure:
    return Structure(
        f"windows {shape} of {axis} step {step} dilation {dilation}",
        lambda x: T.sliding_window_view(x, shape, axis, step=step, dilation=dilation),
        lambda x: windows(x, shape, axis, step, dilation),
        shapes,
    )


WINDOWS = [
    window_row(2, 0),
    window_row(3, 1),
    window_row(1, 1),
    window_row(1, 0, step=2),
    window_row(2, 1, step=2),
    window_row(2, 0, step=3),
    window_row(2, 1, dilation=2),
    window_row((2, 3), (0, 1)),
    window_row((2, 2), (1, 0), step=(1, 2), dilation=(2, 1)),
    window_row((2, 2), (0, 0)),
    window_row(3, 2, step=2, shapes=CUBES),
    window_row((2, 1, 2), (0, 1, 2), shapes=CUBES),
    Structure(
        "windows of a size that the call knows",
        lambda x: T.sliding_window_view(x, x.shape[1], 0, step=2),
        lambda x: windows(x, x.shape[1], 0, 2, 1),
        [[(4, 3)], [(5, 1)], [(1, 1)], [(1, 5)], [(70, 30)]],
    ),
    Structure(
        "windows of a transpose, reversed",
        lambda x: T.sliding_window_view(x.T[::-1], 2, 0)[:, ::-1],
        lambda x: windows(x.T[::-1], 2, 0, 1, 1)[:, ::-1],
        [[(4, 3)], [(1, 5)], [(70, 30)]],
    ),
    Structure(
        "windows summed",
        lambda x: (T.sliding_window_view(T.exp(x), 3, 1) * 2).sum(axis=-1),
        lambda x: (windows(np.exp(x), 3, 1, 1, 1) * 2).sum(axis=-1),
        ONE,
        ("float64",),
        exact=False,
    ),
]


# ---- pooling
def count_windows(n: int, size: int, step: int, ignore_border: bool) -> int:
    """Theano's rule: without ignore_border, as many as begin before an end has been reached."""
    if ignore_border:
        return max(0, (n - size) // step + 1)
    if step >= size:
        return (n - 1) // step + 1
    return max(0, (n - 1 - size) // step + 1) + 1


def pooled(x: np.ndarray, ws: Any, ignore_border: bool, stride: Any, pad: Any, mode: str) -> np.ndarray:
    """Window by window."""
    ndim = len(ws)
    stride, pad = each(ws if stride is None else stride, ndim), each(pad, ndim)
    lead, dims = x.shape[: x.ndim - ndim], x.shape[x.ndim - ndim :]
    grid = [
        count_windows(n + 2 * p, w, s, ignore_border)
        for n, w, s, p in zip(dims, ws, stride, pad, strict=True)
    ]
    result = np.zeros((*lead, *grid), "float64" if mode.startswith("average") else x.dtype)
    for at in np.ndindex(*grid):
        index, full = [], 1
        for k, s, w, p, n in zip(at, stride, ws, pad, dims, strict=True):
            begin, end = k * s - p, min(k * s - p + w, n + p)
            full *= end - begin
            index.append(slice(max(begin, 0), max(min(end, n), 0)))
        part = x[(..., *index)]
        axes = tuple(range(-ndim, 0))
        if mode == "max":
            result[(..., *at)] = part.max(axis=axes)
        else:
            there = int(np.prod(part.shape[-ndim:]))
            divisor = {"sum": 1, "average_inc_pad": full}.get(mode, there)
            result[(..., *at)] = part.sum(axis=axes, dtype=result.dtype) / divisor
    return result


IMAGES = [[(1, 2, 4, 5)], [(2, 1, 5, 4)], [(2, 0, 4, 4)], [(1, 1, 2, 2)], [(2, 3, 17, 33)]]


def pooling(mode: str, ws: Any, ignore_border: bool, stride: Any, pad: Any) -> Structure:
    options = {"ws": ws, "ignore_border": ignore_border, "stride": stride, "pad": pad, "mode": mode}
    return Structure(
        f"pool {mode} {ws} {stride} {pad}{' ignoring borders' if ignore_border else ''}",
        lambda x: T.signal.pool.pool_2d(x, **options),
        lambda x: pooled(x, **options),
        IMAGES,
        ("int8", "float32", "float64") if mode == "max" else ("float32", "float64"),
        exact=mode == "max",
    )


POOLS = [
    pooling(mode, *options)
    for mode in ("max", "sum", "average_inc_pad", "average_exc_pad")
    for options in [
        ((2, 2), True, None, 0),
        ((2, 2), False, None, 0),
        ((2, 3), False, (1, 2), 0),
        ((3, 2), True, (2, 1), (1, 0)),
        ((3, 2), False, (2, 1), (1, 1)),
        ((2, 1), False, (3, 2), (0, 0)),
    ]
]
POOLS += [
    Structure(
        "pool of a vector",
        lambda x: T.signal.pool.pool_1d(x, 3, True, 1, 1),
        lambda x: pooled(x, (3,), True, 1, 1, "max"),
        [[(5,)], [(1,)], [(300,)]],
        ("float64",),
    ),
    Structure(
        "pool of volumes",
        lambda x: T.signal.pool.pool_3d(x, (2, 2, 1), False, mode="average_exc_pad"),
        lambda x: pooled(x, (2, 2, 1), False, None, 0, "average_exc_pad"),
        [[(1, 3, 4, 2)], [(2, 8, 9, 5)]],
        ("float64",),
        exact=False,
    ),
    Structure(
        "pool of the same size",
        lambda x: T.signal.pool.max_pool_2d_same_size(x, (2, 3)),
        lambda x: np.where(
            x
            == pooled(x, (2, 3), False, None, 0, "max")
            .repeat(2, -2)
            .repeat(3, -1)[..., : x.shape[-2], : x.shape[-1]],
            x,
            0,
        ),
        [[(1, 2, 4, 5)], [(2, 1, 5, 6)]],
        ("float32", "float64"),
    ),
]


# ---- convolution
def borders(mode: Any, sizes: Any, dilations: Any) -> list[tuple[int, int]]:
    reach = [(size - 1) * gap for size, gap in zip(sizes, dilations, strict=True)]
    if mode == "full":
        return [(n, n) for n in reach]
    if mode == "half":
        return [((n + 1) // 2, (n + 1) // 2) for n in reach]
    entries = each(0 if mode == "valid" else mode, len(sizes))
    return [tuple(entry) if isinstance(entry, tuple) else (entry, entry) for entry in entries]


def convolved(
    x: np.ndarray,
    w: np.ndarray,
    border_mode: Any = "valid",
    subsample: Any = 1,
    filter_flip: bool = True,
    filter_dilation: Any = 1,
    num_groups: int = 1,
    unshared: bool = False,
) -> np.ndarray:
    """Position by position and group by group."""
    ndim = x.ndim - 2
    steps, gaps = each(subsample, ndim), each(filter_dilation, ndim)
    sizes = w.shape[w.ndim - ndim :]
    around = borders(border_mode, sizes, gaps)
    if filter_flip:
        w = np.flip(w, tuple(range(w.ndim - ndim, w.ndim)))
    x = np.pad(x, [(0, 0), (0, 0), *around])
    grid = [
        max(0, (n - (size - 1) * gap - 1) // step + 1)
        for n, size, step, gap in zip(x.shape[2:], sizes, steps, gaps, strict=True)
    ]
    result = np.zeros((x.shape[0], w.shape[0], *grid), x.dtype)
    channels, outputs = x.shape[1] // num_groups, w.shape[0] // num_groups
    for at, group in itertools.product(np.ndindex(*grid), range(num_groups)):
        own = slice(group * outputs, (group + 1) * outputs)
        index = [
            slice(k * step, k * step + (size - 1) * gap + 1, gap)
            for k, step, size, gap in zip(at, steps, sizes, gaps, strict=True)
        ]
        part = x[(slice(None), slice(group * channels, (group + 1) * channels), *index)]
        filters = w[(own, *at)] if unshared else w[own]
        every = tuple(range(1, part.ndim))
        result[(slice(None), own, *at)] = np.tensordot(part, filters, (every, every))
    return result


def convolution(name: str, shapes: Any, **options: Any) -> Structure:
    function = getattr(T.nnet, name)
    text = " ".join(f"{key}={value}" for key, value in options.items())
    return Structure(
        f"{name} {text}",
        lambda x, w: function(x, w, **options),
        lambda x, w: convolved(x, w, **options),
        shapes,
        ("float32", "float64"),
        exact=False,
    )


SMALL = [
    [(1, 2, 4, 5), (3, 2, 2, 3)],
    [(2, 1, 5, 4), (1, 1, 3, 3)],
    [(0, 2, 4, 4), (3, 2, 3, 3)],
    [(3, 4, 17, 13), (5, 4, 3, 3)],
]
OPTIONS: list[dict[str, Any]] = [
    {},
    {"filter_flip": False},
    {"border_mode": "full"},
    {"border_mode": "half"},
    {"border_mode": 1, "subsample": (2, 1)},
    {"border_mode": (2, 0), "filter_dilation": (2, 1)},
    {"border_mode": ((1, 0), (0, 2)), "subsample": 2, "filter_flip": False},
    {"border_mode": "full", "subsample": (1, 3), "filter_dilation": (1, 2)},
    {"border_mode": "half", "filter_dilation": 2},
]
GROUPED = [[(1, 4, 3, 4), (6, 2, 2, 2)], [(2, 6, 5, 4), (4, 3, 3, 1)], [(3, 8, 17, 13), (6, 4, 3, 3)]]
DEPTHWISE = [[(1, 2, 4, 4), (4, 1, 2, 3)], [(2, 2, 5, 4), (2, 1, 3, 3)], [(3, 2, 17, 13), (6, 1, 3, 3)]]
CONVOLUTIONS = [
    *(convolution("conv2d", SMALL, **options) for options in OPTIONS),
    *(convolution("conv2d", GROUPED, num_groups=2, **options) for options in OPTIONS[::3]),
    *(convolution("conv2d", DEPTHWISE, num_groups=2, **options) for options in OPTIONS[::3]),
    convolution("conv2d", [[(2, 3, 4, 4), (5, 3, 1, 1)], [(2, 3, 1, 1), (5, 3, 1, 1)]]),
    convolution("conv2d", [[(2, 2, 3, 4), (3, 2, 3, 2, 2, 2)]], unshared=True),
    convolution("conv2d", [[(2, 4, 3, 3), (2, 2, 2, 2, 2, 2)]], unshared=True, num_groups=2),
    convolution("conv1d", [[(2, 3, 6), (4, 3, 3)], [(1, 1, 3), (1, 1, 3)], [(3, 5, 100), (7, 5, 9)]]),
    convolution("conv1d", [[(2, 3, 6), (4, 3, 3)]], border_mode="half", subsample=2, filter_dilation=2),
    convolution("conv3d", [[(1, 2, 3, 4, 3), (2, 2, 2, 2, 3)], [(2, 3, 7, 6, 5), (4, 3, 3, 2, 1)]]),
    convolution("conv3d", [[(1, 2, 2, 3, 2), (2, 2, 1, 2, 2)]], border_mode="full", subsample=(1, 2, 1)),
]
CONVOLUTION_ROWS = WINDOWS + POOLS + CONVOLUTIONS
