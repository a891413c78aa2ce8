"""The same elements under other shapes and orders of axes. Nothing moves unless a result is asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
    product,
    size_node,
    size_op,
    wrap,
)
from croton.tensor.reductions import normalize_axes

if TYPE_CHECKING:
    from croton.tensor.variable import Variable

__all__ = [
    "atleast_1d",
    "atleast_2d",
    "atleast_3d",
    "dimshuffle",
    "expand_dims",
    "flatten",
    "flip",
    "fliplr",
    "flipud",
    "is_flat",
    "matrix_transpose",
    "moveaxis",
    "ravel",
    "reshape",
    "rollaxis",
    "rot90",
    "shape_padaxis",
    "shape_padleft",
    "shape_padright",
    "squeeze",
    "swapaxes",
    "transpose",
]


def sizes_of(shape: Any, operation: str = "shape", ndim: int | None = None) -> list[Size]:
    """The sizes in `shape`: an integer, a sequence of integers and int scalars, or an integer vector."""
    if isinstance(shape, Expression) and shape._node._op == "constant":
        shape = shape._node._value()
    if isinstance(shape, np.ndarray):
        shape = shape.tolist()
    if isinstance(shape, list | tuple):
        return [as_size(size, operation) for size in shape]
    if isinstance(shape, Expression) and shape.ndim == 1:
        length = shape._node.static_shape[0] if ndim is None else ndim
        if length is None:
            remedy = "give the rank with ndim=, or a tuple of scalars"
            raise ValueError(complaint(operation, "a vector of known length", describe(shape), remedy))
        return [as_size(_core.take(shape._node, size_node(k), 0), operation) for k in range(length)]
    return [as_size(shape, operation)]


def shape_nodes(shape: Any, operation: str = "shape") -> list[Node]:
    """The sizes in `shape` as nodes; negative ones are an error."""
    sizes = sizes_of(shape, operation)
    if any(isinstance(size, int) and size < 0 for size in sizes):
        raise ValueError(complaint(operation, "sizes of 0 or more", str(shape)))
    return [size_node(size) for size in sizes]


def dimshuffle(x: TensorLike, *pattern: Any) -> Variable:
    """The axes of `x` in the order of `pattern`.

    Parameters
    ----------
    x : array_like or Variable
    *pattern : int or "x"
        Also as one list. "x" inserts an axis of size 1; negative axes count from the last.

    Raises
    ------
    ValueError
        For axes outside `x` or given twice, and where an axis is left out that is not known to have size 1.

    Examples
    --------
    >>> T.vector("v").dimshuffle("x", 0).ndim
    2
    """
    node = as_node(x)
    entries = pattern[0] if len(pattern) == 1 and isinstance(pattern[0], list | tuple) else pattern
    axes = []
    for entry in entries:
        if isinstance(entry, str) and entry == "x":
            axes.append(-1)
            continue
        if not isinstance(entry, int | np.integer) or not -node.ndim <= entry < node.ndim:
            required = f'axes below {node.ndim} or "x"'
            raise ValueError(complaint("dimshuffle", required, f"{entry!r} for {describe(wrap(node))}"))
        axes.append(int(entry) % node.ndim)
    used = [axis for axis in axes if axis >= 0]
    if len(set(used)) < len(used):
        raise ValueError(complaint("dimshuffle", "each axis at most once", str(tuple(entries))))
    for axis in set(range(node.ndim)) - set(used):
        if node.static_shape[axis] != 1:
            remedy = "index the axis, or declare its size as 1"
            required = f"a size known to be 1 for axis {axis}, which is left out"
            raise ValueError(complaint("dimshuffle", required, describe(wrap(node)), remedy))
    return wrap(_core.dimshuffle(node, axes))


def transpose(x: TensorLike, axes: Sequence[int] | None = None) -> Variable:
    """The axes in the order of `axes`, by default reversed.

    Parameters
    ----------
    x : array_like or Variable
    axes : sequence of int, optional
        All axes of `x`, each once.

    Raises
    ------
    ValueError
        If `axes` is no permutation of the axes.

    Examples
    --------
    >>> T.transpose(T.zeros((2, 3, 4)), (1, 0, 2)).type
    float64[3, 2, 4]
    """
    node = as_node(x)
    if axes is None:
        return wrap(_core.dimshuffle(node, list(range(node.ndim))[::-1]))
    if len(axes) != node.ndim:
        raise ValueError(complaint("transpose", f"{node.ndim} axes", str(tuple(axes))))
    return dimshuffle(wrap(node), *axes)


def swapaxes(x: TensorLike, axis1: int, axis2: int) -> Variable:
    """Two axes exchanged.

    Parameters
    ----------
    x : array_like or Variable
    axis1, axis2 : int

    Raises
    ------
    ValueError
        For axes outside `x`.

    Examples
    --------
    >>> T.swapaxes(T.zeros((2, 3, 4)), 0, -1).type
    float64[4, 3, 2]
    """
    node = as_node(x)
    (a,), (b,) = normalize_axes("swapaxes", node, axis1), normalize_axes("swapaxes", node, axis2)
    order = list(range(node.ndim))
    order[a], order[b] = b, a
    return wrap(_core.dimshuffle(node, order))


def matrix_transpose(x: TensorLike) -> Variable:
    """The last two axes exchanged: every matrix transposed.

    Parameters
    ----------
    x : array_like or Variable
        With two axes or more.

    Raises
    ------
    ValueError
        For fewer than two axes.
    """
    return swapaxes(x, -1, -2)


def _axis_list(operation: str, node: Node, axis: int | Sequence[int]) -> list[int]:
    """The axes in the order given, as numbers from 0."""
    given = [axis] if isinstance(axis, int) else list(axis)
    normalize_axes(operation, node, given)
    return [int(entry) % node.ndim for entry in given]


def moveaxis(x: TensorLike, source: int | Sequence[int], destination: int | Sequence[int]) -> Variable:
    """Axes moved to other positions; the others stay in order.

    Parameters
    ----------
    x : array_like or Variable
    source, destination : int or sequence of int
        As many positions after as before.

    Raises
    ------
    ValueError
        For axes outside `x` or given twice, and for unequal numbers of them.

    Examples
    --------
    >>> T.moveaxis(T.zeros((2, 3, 4)), 0, -1).eval().shape
    (3, 4, 2)
    """
    node = as_node(x)
    old, new = _axis_list("moveaxis", node, source), _axis_list("moveaxis", node, destination)
    if len(old) != len(new):
        raise ValueError(complaint("moveaxis", f"{len(old)} destinations", str(destination)))
    order = [axis for axis in range(node.ndim) if axis not in old]
    for position, axis in sorted(zip(new, old, strict=True)):
        order.insert(position, axis)
    return wrap(_core.dimshuffle(node, order))


def rollaxis(x: TensorLike, axis: int, start: int = 0) -> Variable:
    """`axis` moved backwards until it lies before the axis that was at `start`; see `moveaxis`.

    Parameters
    ----------
    x : array_like or Variable
    axis : int
    start : int
        From -x.ndim to x.ndim, which moves the axis to the end.

    Raises
    ------
    ValueError
        For an axis or a start outside.

    Examples
    --------
    >>> T.rollaxis(T.zeros((2, 3, 4)), 2, 1).eval().shape
    (2, 4, 3)
    """
    node = as_node(x)
    (old,) = normalize_axes("rollaxis", node, axis)
    if not -node.ndim <= start <= node.ndim:
        raise ValueError(complaint("rollaxis", f"a start from {-node.ndim} to {node.ndim}", str(start)))
    new = start + node.ndim if start < 0 else start
    return moveaxis(wrap(node), old, new - (new > old))


def reshape_sizes(node: Node, sizes: Sequence[Size]) -> Variable:
    """`node` with these sizes, one of which may be -1: what is left of the number of elements."""
    free = [k for k, size in enumerate(sizes) if isinstance(size, int) and size < 0]
    if len(free) > 1 or any(sizes[k] != -1 for k in free):
        given = ", ".join(str(size) if isinstance(size, int) else "?" for size in sizes)
        raise ValueError(complaint("reshape", "sizes of 0 or more, and at most one -1", f"({given})"))
    sizes = list(sizes)
    if free:
        # Sizes that occur on both sides cancel: (n, a, b) -> (n, -1) needs no division.
        dims, others = dims_of(node), [size for size in sizes if size is not sizes[free[0]]]
        others = [size for k, size in enumerate(sizes) if k != free[0]]
        for size in list(others):
            if size in dims and size != 0:
                dims.remove(size)
                others.remove(size)
        total, known = product(dims), product(others)
        if isinstance(total, int) and isinstance(known, int) and (known == 0 or total % known):
            required = f"sizes whose product divides that of {describe(wrap(node))}"
            raise ValueError(
                complaint("reshape", required, str([s if isinstance(s, int) else "?" for s in sizes]))
            )
        sizes[free[0]] = size_op("floor_div", total, known) if others else total
    return wrap(_core.reshape(node, [size_node(size) for size in sizes]))


def reshape(x: TensorLike, newshape: Any, ndim: int | None = None) -> Variable:
    """The elements of `x` in C order under another shape.

    Parameters
    ----------
    x : array_like or Variable
    newshape : int, sequence of int and int scalars, or integer vector
        One size may be -1: what is left of the number of elements.
    ndim : int, optional
        The length of `newshape` if that is a vector of unknown length.

    Raises
    ------
    ValueError
        If the number of elements differs; here if sizes are known, else in the call.

    Examples
    --------
    >>> T.reshape([[1, 2], [3, 4], [5, 6]], (2, -1)).eval()
    array([[1, 2, 3],
           [4, 5, 6]])
    """
    return reshape_sizes(as_node(x), sizes_of(newshape, "reshape", ndim))


def flatten(x: TensorLike, ndim: int = 1) -> Variable:
    """The first `ndim` - 1 axes as they are and all others as one (Theano's flatten).

    Parameters
    ----------
    x : array_like or Variable
    ndim : int
        The rank of the result, from 1 to that of `x`; 1 makes a scalar a vector.

    Raises
    ------
    ValueError
        For other ranks.

    Examples
    --------
    >>> T.flatten(T.zeros((2, 3, 4)), 2).type
    float64[2, 12]
    """
    node = as_node(x)
    if not isinstance(ndim, int) or ndim < 1 or ndim > max(node.ndim, 1):
        raise ValueError(complaint("flatten", f"ndim from 1 to {max(node.ndim, 1)}", repr(ndim)))
    dims = dims_of(node)
    return reshape_sizes(node, [*dims[: ndim - 1], product(dims[ndim - 1 :])])


def ravel(x: TensorLike) -> Variable:
    """All elements in one axis.

    Parameters
    ----------
    x : array_like or Variable
    """
    return flatten(x)


def squeeze(x: TensorLike, axis: Any = None) -> Variable:
    """Without the given axes of size 1; by default without all whose size is known to be 1.

    Parameters
    ----------
    x : array_like or Variable
    axis : int or sequence of int, optional

    Raises
    ------
    ValueError
        If a given axis has another size than 1; here if it is known, else in the call.

    Examples
    --------
    >>> T.squeeze(T.zeros((1, 3, 1)), 0).type
    float64[3, 1]
    """
    node = as_node(x)
    if axis is None:
        axes = [k for k, size in enumerate(node.static_shape) if size == 1]
    else:
        axes = normalize_axes("squeeze", node, axis)
        for k in axes:
            if node.static_shape[k] is None:
                # Known from here on; a call with another size raises.
                dims = dims_of(node)
                dims[k] = 1
                node = reshape_sizes(node, dims)._node
            elif node.static_shape[k] != 1:
                raise ValueError(complaint("squeeze", f"size 1 for axis {k}", describe(wrap(node))))
    return wrap(_core.dimshuffle(node, [k for k in range(node.ndim) if k not in axes]))


def expand_dims(x: TensorLike, axis: Any) -> Variable:
    """New axes of size 1 at positions `axis` of the result.

    Parameters
    ----------
    x : array_like or Variable
    axis : int or sequence of int
        Negative ones count from the last axis of the result.

    Raises
    ------
    ValueError
        For positions outside the result.

    Examples
    --------
    >>> T.expand_dims([1, 2], (0, 2)).type
    int64[1, 2, 1]
    """
    node = as_node(x)
    given = list(axis) if isinstance(axis, list | tuple) else [axis]
    rank = node.ndim + len(given)
    for entry in given:
        if not -rank <= entry < rank:
            raise ValueError(complaint("expand_dims", f"axes from {-rank} to {rank - 1}", str(entry)))
    new = {entry % rank for entry in given}
    if len(new) != len(given):
        raise ValueError(complaint("expand_dims", "different axes", str(axis)))
    old = iter(range(node.ndim))
    return wrap(_core.dimshuffle(node, [-1 if k in new else next(old) for k in range(rank)]))


def shape_padleft(x: TensorLike, n_ones: int = 1) -> Variable:
    """`n_ones` new first axes of size 1.

    Parameters
    ----------
    x : array_like or Variable
    n_ones : int

    Examples
    --------
    >>> T.shape_padleft([1, 2], 2).type
    int64[1, 1, 2]
    """
    node = as_node(x)
    return wrap(_core.dimshuffle(node, [-1] * n_ones + list(range(node.ndim))))


def shape_padright(x: TensorLike, n_ones: int = 1) -> Variable:
    """`n_ones` new last axes of size 1.

    Parameters
    ----------
    x : array_like or Variable
    n_ones : int

    Examples
    --------
    >>> T.shape_padright([1, 2]).type
    int64[2, 1]
    """
    node = as_node(x)
    return wrap(_core.dimshuffle(node, list(range(node.ndim)) + [-1] * n_ones))


def shape_padaxis(x: TensorLike, axis: int) -> Variable:
    """A new axis of size 1 at position `axis`; see `expand_dims`.

    Parameters
    ----------
    x : array_like or Variable
    axis : int
        Its place in the result.
    """
    return expand_dims(x, axis)


def is_flat(x: TensorLike, ndim: int = 1) -> bool:
    """Whether `x` has `ndim` axes, as `flatten(ndim)` gives.

    Examples
    --------
    >>> T.is_flat(T.matrix("x"))
    False
    """
    return as_node(x).ndim == ndim


def _atleast(rank: int, arrays: Sequence[TensorLike], pattern: Callable[[int], list[int]]) -> Any:
    nodes = [as_node(array) for array in arrays]
    results = [wrap(_core.dimshuffle(n, pattern(n.ndim)) if n.ndim < rank else n) for n in nodes]
    return results[0] if len(results) == 1 else tuple(results)


def atleast_1d(*arrays: TensorLike) -> Any:
    """Each array with at least one axis; several arrays give a tuple.

    Examples
    --------
    >>> T.atleast_1d(3.0).eval()
    array([3.])
    """
    return _atleast(1, arrays, lambda rank: [-1])


def atleast_2d(*arrays: TensorLike) -> Any:
    """Each array with at least two axes: a vector becomes a row.

    Parameters
    ----------
    *arrays : array_like or Variable

    Examples
    --------
    >>> T.atleast_2d([1, 2]).eval()
    array([[1, 2]])
    """
    return _atleast(2, arrays, lambda rank: [-1] * (2 - rank) + list(range(rank)))


def atleast_3d(*arrays: TensorLike) -> Any:
    """Each array with at least three axes: (n,) becomes (1, n, 1), and (m, n) becomes (m, n, 1).

    Parameters
    ----------
    *arrays : array_like or Variable

    Examples
    --------
    >>> T.atleast_3d([1, 2]).eval().shape
    (1, 2, 1)
    """
    return _atleast(3, arrays, lambda rank: [[-1, -1, -1], [-1, 0, -1], [0, 1, -1]][rank])


def flip(x: TensorLike, axis: int | Sequence[int] | None = None) -> Variable:
    """The elements along the axes in reverse order; without an axis, along all.

    Parameters
    ----------
    x : array_like or Variable
    axis : int, sequence of int or None

    Raises
    ------
    ValueError
        For axes outside `x`, or given twice.

    Examples
    --------
    >>> T.flip([[1, 2], [3, 4]], axis=1).eval()
    array([[2, 1],
           [4, 3]])
    """
    node = as_node(x)
    for k in normalize_axes("flip", node, axis):
        size = dims_of(node)[k]
        last = size_op("maximum", size_op("sub", size, 1), 0)
        node = _core.slice(node, k, size_node(last), size_node(size), -1)
    return wrap(node)


def fliplr(x: TensorLike) -> Variable:
    """Axis 1 reversed; see `flip`.

    Parameters
    ----------
    x : array_like or Variable
        With two axes or more.
    """
    return flip(x, 1)


def flipud(x: TensorLike) -> Variable:
    """Axis 0 reversed; see `flip`.

    Parameters
    ----------
    x : array_like or Variable
        With one axis or more.
    """
    return flip(x, 0)


def rot90(x: TensorLike, k: int = 1, axes: Sequence[int] = (0, 1)) -> Variable:
    """A plane of `x` turned by `k` times 90 degrees from the first of `axes` towards the second.

    Parameters
    ----------
    x : array_like or Variable
    k : int
        Negative numbers turn the other way.
    axes : pair of int

    Raises
    ------
    ValueError
        For axes outside `x`, or not two different ones.

    Examples
    --------
    >>> T.rot90([[1, 2], [3, 4]]).eval()
    array([[2, 4],
           [1, 3]])
    """
    node = as_node(x)
    plane = _axis_list("rot90", node, axes)
    if len(plane) != 2:
        raise ValueError(complaint("rot90", "two axes", str(tuple(axes))))
    a, b = plane
    turns = k % 4
    if turns == 0:
        return wrap(node)
    if turns == 2:
        return flip(wrap(node), plane)
    if turns == 1:
        return swapaxes(flip(wrap(node), b), a, b)
    return flip(swapaxes(wrap(node), a, b), b)
