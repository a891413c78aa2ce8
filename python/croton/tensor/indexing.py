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
from croton.tensor.types import kind_of

if TYPE_CHECKING:
    from croton.tensor.variable import Variable

__all__ = ["take"]


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


def _is_array(entry: object) -> bool:
    if isinstance(entry, Expression):
        return entry.ndim > 0
    return isinstance(entry, list) or (isinstance(entry, np.ndarray) and entry.ndim > 0)


def _index_array(entry: Any) -> Node:
    node = as_node(np.asarray(entry, "int64") if isinstance(entry, list) and not entry else entry)
    if kind_of(node.dtype) not in "iu":
        raise TypeError(complaint("index", "integers", describe(entry), "cast it to 'int64'"))
    return node


def mask_positions(mask: Node) -> list[Node]:
    """The positions along each axis of the elements of `mask` that are not zero, in C order."""
    sizes = [size_node(size) for size in dims_of(mask)]
    total = sizes[0]
    for size in sizes[1:]:
        total = _core.apply("mul", [total, size])
    flat = _core.reshape(_core.cast(mask, "bool"), [total])
    count = _core.reduce("sum", _core.cast(flat, "int64"), [0], False)
    rest = _core.apply_all("nonzero", [flat, count], [])[0]
    positions = []
    for size in reversed(sizes[1:]):
        positions.append(_core.apply("mod", [rest, size]))
        rest = _core.apply("floor_div", [rest, size])
    return [rest, *reversed(positions)]


def _mask_entries(node: Node, axis: int, mask: Any) -> list[Any]:
    """A boolean mask over the axes of `node` from `axis` on, as positions along each of them."""
    given = as_node(mask)
    sizes = node.static_shape[axis : axis + given.ndim]
    pairs = zip(sizes, given.static_shape, strict=False)
    if len(sizes) < given.ndim or any(None not in pair and pair[0] != pair[1] for pair in pairs):
        required = f"a mask with the sizes of the axes from {axis} on of {describe(wrap(node))}"
        raise IndexError(complaint("index", required, describe(wrap(given))))
    if isinstance(mask, np.ndarray):
        return list(np.nonzero(mask))
    dims = dims_of(node)[axis : axis + given.ndim]
    whole = _core.broadcast_to(given, [size_node(size) for size in dims])
    return [wrap(index) for index in mask_positions(whole)]


def _is_mask(entry: object) -> bool:
    return _is_array(entry) and getattr(entry, "dtype", None) == "bool"


def _axes_of(entry: Any) -> int:
    """How many axes an entry indexes."""
    if entry is None or entry is Ellipsis:
        return 0
    return int(entry.ndim) if _is_mask(entry) else 1


def _entries(node: Node, index: Any) -> list[Any]:
    """The entries of an index: masks as positions, Ellipsis written out unless it stands for no axis."""
    entries = [
        np.asarray(entry) if isinstance(entry, list) and entry else entry
        for entry in (index if isinstance(index, tuple) else (index,))
    ]
    used = sum(_axes_of(entry) for entry in entries)
    dots = [k for k, entry in enumerate(entries) if entry is Ellipsis]
    if len(dots) > 1:
        raise IndexError(complaint("index", "at most one ...", f"{len(dots)} of them"))
    if used > node.ndim:
        given = f"{used} for {describe(wrap(node))}"
        raise IndexError(complaint("index", f"at most {node.ndim} entries", given))
    at = dots[0] if dots else len(entries)
    missing = node.ndim - used
    entries[at : at + 1] = [slice(None)] * missing if missing else [Ellipsis]
    result: list[Any] = []
    axis = 0
    for entry in entries:
        result += _mask_entries(node, axis, entry) if _is_mask(entry) else [entry]
        axis += _axes_of(entry)
    return result


class Selection:
    """What x[index] reads: slices along axes, then axes permuted, dropped and inserted, then positions.

    Parameters
    ----------
    node : Node
        The array that is indexed.
    index : object
        As between the brackets of NumPy.

    Raises
    ------
    IndexError
        For positions outside an axis whose size is known; in the call for all others.
    """

    def __init__(self, node: Node, index: Any) -> None:
        self.slices: list[tuple[int, Size, Size, int]] = []  # axis, start, length, step
        self.pattern: list[int] = []  # dimshuffle of what the slices leave
        self.arrays: list[tuple[int, Node]] = []  # axis of the array, positions along it
        entries = _entries(node, index)
        numbers = any(_is_array(entry) for entry in entries)
        axis = 0
        advanced: list[int] = []  # places among the entries of arrays and, beside them, of integers
        for place, entry in enumerate(entries):
            if entry is None:
                self.pattern.append(-1)
            if entry is None or entry is Ellipsis:
                continue
            if not isinstance(entry, slice) and numbers:
                advanced.append(place)
            self._add(node, axis, entry)
            axis += 1
        # As in NumPy, positions with slices, None or ... between them come first in the result.
        apart = bool(advanced) and advanced[-1] - advanced[0] >= len(advanced)
        used = [k for k, _ in self.arrays]
        rest = [k for k in self.pattern if k not in used]
        if used and (apart or not self._adjacent(used)):
            self.pattern = used + rest
        self.first = self.pattern.index(used[0]) if used else 0

    def _adjacent(self, axes: list[int]) -> bool:
        first = self.pattern.index(axes[0])
        return self.pattern[first : first + len(axes)] == axes

    def _add(self, node: Node, axis: int, entry: Any) -> None:
        if isinstance(entry, bool | np.bool_ | float | str):
            raise TypeError(complaint("index", "integers, slices, None, masks or ...", repr(entry)))
        size = node.static_shape[axis]
        if isinstance(entry, slice):
            start, length, step = _slice_bounds(entry, dims_of(node)[axis])
            self.slices.append((axis, start, length, step))
            self.pattern.append(axis)
            return
        if _is_array(entry):
            self.arrays.append((axis, _index_array(entry)))
            self.pattern.append(axis)
            return
        position = as_size(entry, "index")
        if size is None or not isinstance(position, int):
            self.arrays.append((axis, size_node(position)))
            self.pattern.append(axis)
        elif -size <= position < size:
            self.slices.append((axis, position % size, 1, 1))
        else:
            given = f"{position} for axis {axis} of {describe(wrap(node))}"
            raise IndexError(complaint("index", f"positions from {-size} to {size - 1}", given))

    def _positions(self, node: Node) -> Node:
        """The positions along the axes of the arrays, counted in C order as if these were one axis."""
        if len(self.arrays) == 1:
            return self.arrays[0][1]
        dims = dims_of(node)
        flat: Node | None = None
        for axis, index in self.arrays:
            size = size_node(dims[axis])
            wrapped = _core.wrap_positions(_core.cast(index, "int64"), size, axis)
            flat = (
                wrapped if flat is None else _core.apply("add", [_core.apply("mul", [flat, size]), wrapped])
            )
        assert flat is not None
        return flat

    def _merge(self, shuffled: Node) -> Node:
        """The axes of the arrays as one."""
        count = len(self.arrays)
        if count == 1:
            return shuffled
        dims = dims_of(shuffled)
        merged: Size = 1
        for size in dims[self.first : self.first + count]:
            merged = size_op("mul", merged, size)
        return reshape_sizes(shuffled, [*dims[: self.first], merged, *dims[self.first + count :]])._node

    def _sliced(self, node: Node) -> list[Node]:
        parts = [node]
        for axis, start, length, step in self.slices:
            parts.append(_core.slice(parts[-1], axis, size_node(start), size_node(length), step))
        return parts

    def read(self, node: Node) -> Node:
        """x[index]"""
        view = _core.dimshuffle(self._sliced(node)[-1], self.pattern)
        return _core.take(self._merge(view), self._positions(node), self.first) if self.arrays else view

    def write(self, node: Node, values: Node, mode: str) -> Node:
        """x with `values`, of the shape of x[index], put there ("set") or added to what is there ("add")."""
        parts = self._sliced(node)
        new = _core.dimshuffle(parts[-1], self.pattern)
        if self.arrays:
            sizes = [size_node(size) for size in dims_of(new)]
            merged = self._merge(new)
            new = _core.scatter(merged, values, self._positions(node), self.first, mode)
            new = _core.reshape(new, sizes)
        else:
            new = values if mode == "set" else _core.apply("add", [new, values])
        new = _core.dimshuffle(
            new, [self.pattern.index(k) if k in self.pattern else -1 for k in range(node.ndim)]
        )
        for part, (axis, start, _, step) in zip(reversed(parts[:-1]), reversed(self.slices), strict=True):
            new = _core.set_slice(part, new, axis, size_node(start), step)
        return new


def getitem(x: TensorLike, index: Any) -> Variable:
    """x[index] with all of NumPy's indices: integers, slices, None, Ellipsis, integer arrays, boolean masks.

    Parameters
    ----------
    x : array_like or Variable
    index : any of these, or a tuple of them

    Raises
    ------
    IndexError
        For more entries than axes, and for positions outside an axis: here if its size is known, else in the
        call.
    TypeError
        For anything else, such as floats.
    """
    whole = wrap(as_node(x))
    result = wrap(Selection(whole._node, index).read(whole._node))
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

    Raises
    ------
    ValueError
        For another mode, and for an axis outside `x`.

    Examples
    --------
    >>> T.take([[1, 2, 3], [4, 5, 6]], [2, 0], axis=1).eval()
    array([[3, 1],
           [6, 4]])
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
