"""x[...]: NumPy's basic indexing with symbolic bounds, and integer arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from croton import _core
from croton.errors import complaint
from croton.tensor.expression import (
    Expression,
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
from croton.tensor.movement import flatten, reshape_sizes
from croton.tensor.reductions import normalize_axes

if TYPE_CHECKING:
    from croton.tensor.variable import Variable


def _from_end(position: Size, size: Size) -> Size:
    """`position`, with negative ones counted from the end."""
    if isinstance(position, int):
        return position if position >= 0 else size_op("add", size, position)
    # Sizes are computed from sums, products, minima and maxima: -1 where the position is negative, else 0.
    sign = size_op("maximum", size_op("minimum", position, 0), -1)
    return size_op("sub", position, size_op("mul", sign, size))


def _limit(position: Size, low: Size, high: Size) -> Size:
    return size_op("maximum", size_op("minimum", position, high), low)


def _slice_bounds(index: slice, size: Size) -> tuple[Size, Size, int]:
    """Start, length and step of a slice of an axis of `size` elements, as NumPy limits them."""
    step = 1 if index.step is None else as_size(index.step, "slice")
    if not isinstance(step, int) or step == 0:
        given = "0" if step == 0 else describe(index.step)
        raise ValueError(complaint("slice", "a step that is a number other than 0", given))
    start = None if index.start is None else _from_end(as_size(index.start, "slice"), size)
    stop = None if index.stop is None else _from_end(as_size(index.stop, "slice"), size)
    if step > 0:
        first: Size = 0 if start is None else _limit(start, 0, size)
        last: Size = size if stop is None else size_op("minimum", stop, size)
        span = size_op("sub", last, first)
    else:
        end = size_op("sub", size, 1)
        first = end if start is None else _limit(start, -1, end)
        last = -1 if stop is None else size_op("maximum", stop, -1)
        span = size_op("sub", first, last)
        first = size_op("maximum", first, 0)
    stride = abs(step)
    length = span if stride == 1 else size_op("floor_div", size_op("add", span, stride - 1), stride)
    if index.start is None and index.stop is None and stride == 1:
        return first, length, step
    return first, size_op("maximum", length, 0), step


def _slice_axis(node: Node, axis: int, index: slice) -> Node:
    start, length, step = _slice_bounds(index, dims_of(node)[axis])
    return _core.slice(node, axis, size_node(start), size_node(length), step)


def _pick(node: Node, axis: int, position: Size) -> Node:
    """One position of an axis, which goes. Positions not known to be inside are checked in the call."""
    size = node.static_shape[axis]
    if size is None or not isinstance(position, int):
        return _core.take(node, size_node(position), axis)
    if not -size <= position < size:
        given = f"{position} for axis {axis} of {describe(wrap(node))}"
        raise IndexError(complaint("index", f"positions from {-size} to {size - 1}", given))
    part = _core.slice(node, axis, size_node(position % size), size_node(1), 1)
    return _core.dimshuffle(part, [k for k in range(node.ndim) if k != axis])


def take_nodes(node: Node, indices: list[Node], axis: int) -> Node:
    """The elements at pairs (triples, ...) of positions along `axis` and the axes after it."""
    if len(indices) == 1:
        return _core.take(node, indices[0], axis)
    dims = dims_of(node)
    flat: Node = _core.cast(indices[0], "int64")
    inside: Node | None = None
    total: Size = dims[axis]
    for k, index in enumerate(indices):
        size = size_node(dims[axis + k])
        wide = _core.cast(index, "int64")
        negative = _core.apply("lt", [wide, size_node(0)])
        wrapped = _core.apply("where", [negative, _core.apply("add", [wide, size]), wide])
        ok = _core.apply(
            "logical_and",
            [_core.apply("ge", [wrapped, size_node(0)]), _core.apply("lt", [wrapped, size])],
        )
        inside = ok if inside is None else _core.apply("logical_and", [inside, ok])
        if k:
            flat = _core.apply("add", [_core.apply("mul", [flat, size]), wrapped])
            total = size_op("mul", total, dims[axis + k])
        else:
            flat = wrapped
    assert inside is not None
    # A position outside its own axis may be inside the merged one: move it out, so that the call raises.
    flat = _core.apply("where", [inside, flat, size_node(total)])
    merged = reshape_sizes(node, [*dims[:axis], total, *dims[axis + len(indices) :]])._node
    return _core.take(merged, flat, axis)


def _is_array(entry: object) -> bool:
    if isinstance(entry, Expression):
        return entry.ndim > 0
    return isinstance(entry, list) or (isinstance(entry, np.ndarray) and entry.ndim > 0)


def _index_array(entry: Any) -> Node:
    node = as_node(np.asarray(entry, "int64") if isinstance(entry, list) and not entry else entry)
    if node.dtype == "bool":
        remedy = "use T.where(mask, x, 0), or integer positions"
        raise NotImplementedError(complaint("index", "integers or slices", "a boolean mask", remedy))
    if np.dtype(node.dtype).kind not in "iu":
        raise TypeError(complaint("index", "integers", describe(entry), "cast it to 'int64'"))
    return node


def _entries(node: Node, index: Any) -> list[Any]:
    """The entries of an index with Ellipsis written out: one for each axis, besides None."""
    entries = list(index) if isinstance(index, tuple) else [index]
    used = sum(1 for entry in entries if entry is not None and entry is not Ellipsis)
    dots = [k for k, entry in enumerate(entries) if entry is Ellipsis]
    if len(dots) > 1:
        raise IndexError(complaint("index", "at most one ...", f"{len(dots)} of them"))
    if used > node.ndim:
        raise IndexError(
            complaint("index", f"at most {node.ndim} entries", f"{used} for {describe(wrap(node))}")
        )
    at = dots[0] if dots else len(entries)
    return entries[:at] + [slice(None)] * (node.ndim - used) + entries[at + 1 :]


def getitem(x: TensorLike, index: Any) -> Variable:
    """x[index] with ints, slices, None, Ellipsis, int scalars, and integer arrays on adjacent axes.

    Raises
    ------
    IndexError
        For positions outside an axis: here if its size is known, else in the call.
    NotImplementedError
        For boolean masks, and for integer arrays with slices between them.
    """
    whole = wrap(as_node(x))
    node = whole._node
    axis = 0
    arrays: list[Node] = []
    first = last = -1
    for entry in _entries(node, index):
        if _is_array(entry):
            if arrays and last != axis - 1:
                remedy = "index twice"
                raise NotImplementedError(
                    complaint("index", "integer arrays on adjacent axes", str(index), remedy)
                )
            first = first if arrays else axis
            last = axis
            arrays.append(_index_array(entry))
            axis += 1
        elif entry is None:
            node = _core.dimshuffle(node, [*range(axis), -1, *range(axis, node.ndim)])
            axis += 1
        elif isinstance(entry, slice):
            node = _slice_axis(node, axis, entry)
            axis += 1
        elif isinstance(entry, bool | np.bool_ | float | str):
            raise TypeError(complaint("index", "integers, slices, None or ...", repr(entry)))
        else:
            node = _pick(node, axis, as_size(entry, "index"))
    result = wrap(take_nodes(node, arrays, first) if arrays else node)
    result._indexed = (whole, index)
    return result


def take(x: TensorLike, indices: TensorLike, axis: int | None = None, mode: str = "raise") -> Variable:
    """The elements of `x` at integer positions along `axis`, or of the flattened `x` without one.

    Parameters
    ----------
    x : array_like or Variable
    indices : array_like or Variable
        Integers of any shape, which takes the place of the axis in the result.
    axis : int, optional
    mode : {"raise", "wrap", "clip"}
        What to do about positions outside: IndexError in the call (negative ones count from the end),
        the remainder, or the nearest position inside.
    """
    node = as_node(x) if axis is not None else flatten(x)._node
    (k,) = normalize_axes("take", node, axis or 0)
    index = _core.cast(_index_array(indices), "int64")
    size = size_node(dims_of(node)[k])
    if mode == "wrap":
        index = _core.apply("mod", [index, size])
    elif mode == "clip":
        index = _core.apply("clip", [index, size_node(0), _core.apply("sub", [size, size_node(1)])])
    elif mode != "raise":
        raise ValueError(complaint("take", 'a mode of "raise", "wrap" or "clip"', repr(mode)))
    return wrap(_core.take(node, index, k))
