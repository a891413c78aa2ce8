"""Arrays with borders: pad."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from croton import _core
from croton.errors import complaint
from croton.tensor import reductions
from croton.tensor.elementwise import apply, where
from croton.tensor.expression import (
    Node,
    Size,
    TensorLike,
    as_node,
    as_size,
    describe,
    dims_of,
    size_node,
    size_op,
    wrap,
)
from croton.tensor.types import kind_of

if TYPE_CHECKING:
    from croton.tensor.variable import Variable

__all__ = ["pad"]

REPEATING = ("edge", "reflect", "symmetric", "wrap")
STATISTICS = ("maximum", "mean", "minimum")
MODES = ("constant", "empty", "linear_ramp", *REPEATING, *STATISTICS)


def _pairs(value: Any, rank: int, name: str) -> list[tuple[Any, Any]]:
    """One (before, after) for each axis from a single value, one pair, or a pair for each axis."""
    if isinstance(value, dict):
        value = [value.get(k, value.get(k - rank, 0)) for k in range(rank)]
        value = [entry if isinstance(entry, list | tuple) else (entry, entry) for entry in value]
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if not isinstance(value, list | tuple):
        return [(value, value)] * rank
    entries = [tuple(entry) if isinstance(entry, list | tuple) else entry for entry in value]
    if len(entries) == 2 and not any(isinstance(entry, tuple) for entry in entries):
        return [(entries[0], entries[1])] * rank
    pairs = [entry * 2 if isinstance(entry, tuple) and len(entry) == 1 else entry for entry in entries]
    pairs = [entry if isinstance(entry, tuple) else (entry, entry) for entry in pairs]
    if len(pairs) == 1:
        pairs = pairs * rank
    if len(pairs) != rank or any(len(entry) != 2 for entry in pairs):
        raise ValueError(complaint("pad", f"{name} as one value, a pair, or {rank} pairs", str(value)))
    return pairs


def _repeated(node: Node, axis: int, index: Variable, mode: str, odd: bool) -> Node:
    """The elements of the array that stand at these positions outside of it, along `axis`."""
    n = wrap(size_node(dims_of(node)[axis]))
    if mode in ("edge", "wrap"):
        index = apply("clip", index, 0, n - 1) if mode == "edge" else index % n
        return _core.take(node, index._node, axis)
    # There and back again: "symmetric" shows the ends twice, "reflect" once.
    once = int(mode == "reflect")
    period = apply("maximum", (n - once) * 2, 1)
    there = index % period
    back = apply("minimum", there, period - 1 + once - there)
    result = wrap(_core.take(node, back._node, axis))
    if not odd:
        return result._node
    pattern: list[Any] = [0 if k == axis else "x" for k in range(node.ndim)]
    first, last = (wrap(_edge(node, axis, at_end)) for at_end in (False, True))
    turned = where((there >= n).dimshuffle(pattern), last * 2 - result, result)
    rounds = wrap(_core.cast((index // period).dimshuffle(pattern)._node, node.dtype))
    return (turned + rounds * (last - first) * 2)._node


def _edge(node: Node, axis: int, at_end: bool) -> Node:
    position = size_op("sub", dims_of(node)[axis], 1) if at_end else 0
    return _core.slice(node, axis, size_node(position), size_node(1), 1)


def _statistic(mode: str, node: Node, axis: int, length: Any, at_end: bool) -> Variable:
    """The statistic over the first or last `length` elements of the axis; over all without a length."""
    size = dims_of(node)[axis]
    if length is not None:
        count = size_op("minimum", as_size(length, "pad"), size)
        start = size_op("sub", size, count) if at_end else 0
        node = _core.slice(node, axis, size_node(start), size_node(count), 1)
    if mode == "mean":
        value = reductions.mean(wrap(node), axis, keepdims=True)
        whole = kind_of(node.dtype) in "iu"
        return wrap(_core.cast((apply("round", value) if whole else value)._node, node.dtype))
    return wrap(_core.reduce(mode[:3], node, [axis], True))


def _ramp(node: Node, axis: int, end: TensorLike, width: Size, at_end: bool) -> Variable:
    """From the edge of the array (left out) in equal steps to `end`."""
    step = wrap(_core.iota([size_node(width)], 0))
    step = step + 1 if at_end else wrap(size_node(width)) - step
    step = step.dimshuffle([0 if k == axis else "x" for k in range(node.ndim)])
    work = node.dtype if kind_of(node.dtype) == "f" else "float64"
    part = wrap(_core.cast(step._node, work)) / wrap(_core.cast(size_node(width), work))
    first = wrap(_core.cast(_edge(node, axis, at_end), work))
    ramp = first + part * (wrap(_core.cast(as_node(end), work)) - first)
    if kind_of(node.dtype) in "iu":
        ramp = apply("floor", ramp)
    return wrap(_core.cast(ramp._node, node.dtype))


def _border(node: Node, axis: int, at_end: bool, width: Size, mode: str, option: Any) -> Node:
    """What comes before or after the array along `axis`."""
    dims = dims_of(node)
    if mode in REPEATING:
        index = wrap(_core.iota([size_node(width)], 0))
        index = index + wrap(size_node(dims[axis])) if at_end else index - wrap(size_node(width))
        return _repeated(node, axis, index, mode, option)
    if mode == "linear_ramp":
        value = _ramp(node, axis, option, width, at_end)._node
    elif mode in STATISTICS:
        value = _statistic(mode, node, axis, option, at_end)._node
    else:
        value = _core.cast(as_node(option), node.dtype)
        if value.ndim:
            raise ValueError(complaint("pad", "scalars as constant_values", describe(wrap(value))))
    sizes = [size_node(size) for size in (*dims[:axis], width, *dims[axis + 1 :])]
    return _core.broadcast_to(value, sizes)


def pad(
    x: TensorLike,
    pad_width: Any,
    mode: str = "constant",
    constant_values: Any = 0,
    end_values: Any = 0,
    stat_length: Any = None,
    reflect_type: str = "even",
) -> Variable:
    """`x` with a border on each side, as numpy.pad.

    Parameters
    ----------
    x : array_like or Variable
    pad_width : int or int scalar, (before, after), ((before, after), ...) or {axis: (before, after)}
        The widths of the border: for all axes, or for each.
    mode : str
        "constant" (`constant_values`), "empty" (zeros), "edge" (the outermost elements), "linear_ramp" (from
        the edge to `end_values`), "reflect", "symmetric", "wrap" (the array again), "maximum", "mean",
        "minimum" (of the `stat_length` outermost elements, by default of all).
    constant_values, end_values, stat_length : optional
        In the forms of `pad_width`, for the modes that use them.
    reflect_type : {"even", "odd"}
        For "reflect" and "symmetric": "odd" shows twice the edge less the reflected elements.

    Raises
    ------
    ValueError
        For an unknown mode, or widths below 0.
    IndexError
        In the call, if an axis without elements is to be repeated.

    Examples
    --------
    >>> T.pad([1, 2, 3], (2, 1), "reflect").eval()
    array([3, 2, 1, 2, 3, 2])
    """
    node = as_node(x)
    if mode not in MODES:
        raise ValueError(complaint("pad", f"a mode of {', '.join(MODES)}", repr(mode)))
    if reflect_type not in ("even", "odd"):
        raise ValueError(complaint("pad", 'a reflect_type of "even" or "odd"', repr(reflect_type)))
    option: Any = reflect_type == "odd"
    if mode not in REPEATING:
        option = {"constant": constant_values, "linear_ramp": end_values, "empty": 0}.get(mode, stat_length)
    options = _pairs(option, node.ndim, "options")
    for axis, widths in enumerate(_pairs(pad_width, node.ndim, "widths")):
        before, after = (as_size(width, "pad") for width in widths)
        if any(isinstance(width, int) and width < 0 for width in (before, after)):
            raise ValueError(complaint("pad", "widths of 0 or more", str(pad_width)))
        parts = [node]
        if before != 0:
            parts.insert(0, _border(node, axis, False, before, mode, options[axis][0]))
        if after != 0:
            parts.append(_border(node, axis, True, after, mode, options[axis][1]))
        node = _core.concatenate(parts, axis)
    return wrap(node)
