"""Windows that slide over an array: views, of which no element is copied."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from croton import _core
from croton.errors import complaint
from croton.tensor.expression import Node, Size, TensorLike, as_node, as_size, size_node, size_op, wrap
from croton.tensor.movement import sizes_of
from croton.tensor.reductions import normalize_axes

if TYPE_CHECKING:
    from croton.tensor.variable import Variable

__all__ = ["sliding_window_view"]


def for_each_axis(operation: str, name: str, value: Any, rank: int, least: int = 1) -> list[int]:
    """One int for each axis, `least` or more, from a single one or a sequence."""
    entries = list(value) if isinstance(value, list | tuple | np.ndarray) else [value] * rank
    whole = all(isinstance(entry, int | np.integer) and entry >= least for entry in entries)
    if len(entries) != rank or not whole:
        required = f"{name} as an integer of {least} or more, or {rank} of them"
        raise ValueError(complaint(operation, required, str(value)))
    return [int(entry) for entry in entries]


def count_windows(n: Size, size: Size, step: int, dilation: int) -> Size:
    """How many windows fit into an axis of `n` elements."""
    if size == 1 and step == 1:
        return n
    room = size_op("sub", n, size_op("mul", size_op("sub", size, 1), dilation))
    if step > 1:
        room = size_op("add", size_op("floor_div", size_op("sub", room, 1), step), 1)
    return size_op("maximum", room, 0)


def spatial_windows(
    node: Node, axes: Sequence[int], sizes: Sequence[Size], steps: Sequence[int], dilations: Sequence[int]
) -> Node:
    """Windows along `axes`; the axes of their elements become the last ones, in the order of `axes`."""
    for axis, size, step, dilation in zip(axes, sizes, steps, dilations, strict=True):
        node = _core.windows(node, axis, size_node(size), step, dilation)
        order = [k for k in range(node.ndim) if k != axis + 1]
        node = _core.dimshuffle(node, [*order, axis + 1])
    return node


def _axes(node: Node, axis: Any) -> list[int]:
    """The axes as numbers from 0, in the order given; one may occur several times."""
    if axis is None:
        return list(range(node.ndim))
    given = [axis] if isinstance(axis, int | np.integer) else list(axis)
    return [normalize_axes("sliding_window_view", node, entry)[0] for entry in given]


def sliding_window_view(
    x: TensorLike,
    window_shape: Any,
    axis: int | Sequence[int] | None = None,
    *,
    step: int | Sequence[int] = 1,
    dilation: int | Sequence[int] = 1,
) -> Variable:
    """All windows of a shape, as numpy.lib.stride_tricks.sliding_window_view, of which none is copied.

    Parameters
    ----------
    x : array_like or Variable
    window_shape : int or int scalar, or a sequence of them
        The size of the windows along each of the axes.
    axis : int or sequence of int, optional
        The axes along which the windows slide, by default all. One that occurs several times is cut again.
    step, dilation : int or sequence of int
        The distances from one window to the next, and from one element of a window to the next.

    Returns
    -------
    Variable
        The axes of `x`, counting windows now, and then those of a window. Windows that do not fit into the
        array are left out: if none does, the size is 0.

    Raises
    ------
    ValueError
        For axes outside `x`, another number of sizes than of axes, negative sizes, and steps or dilations
        that are no integers of 1 or more.

    Examples
    --------
    >>> T.sliding_window_view([1, 2, 3, 4], 3).eval()
    array([[1, 2, 3],
           [2, 3, 4]])
    >>> T.sliding_window_view([1, 2, 3, 4, 5], 2, step=2, dilation=2).eval()
    array([[1, 3],
           [3, 5]])
    """
    operation = "sliding_window_view"
    node = as_node(x)
    axes, given = _axes(node, axis), sizes_of(window_shape, operation)
    sizes = [as_size(size, operation) for size in given]
    if len(sizes) != len(axes):
        raise ValueError(complaint(operation, f"{len(axes)} sizes of a window", str(window_shape)))
    if any(isinstance(size, int) and size < 0 for size in sizes):
        raise ValueError(complaint(operation, "sizes of 0 or more", str(window_shape)))
    steps = for_each_axis(operation, "step", step, len(axes))
    dilations = for_each_axis(operation, "dilation", dilation, len(axes))
    return wrap(spatial_windows(node, axes, sizes, steps, dilations))
