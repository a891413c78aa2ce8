"""Shapes that are combined, declared and checked."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import TYPE_CHECKING, Any

from croton import _core
from croton.errors import complaint
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
    wrap,
)
from croton.tensor.movement import reshape_sizes, shape_nodes, sizes_of
from croton.tensor.reductions import normalize_axes

if TYPE_CHECKING:
    from croton.tensor.variable import Variable

__all__ = [
    "addbroadcast",
    "broadcast_arrays",
    "broadcast_shape",
    "broadcast_shapes",
    "broadcast_to",
    "patternbroadcast",
    "specify_shape",
    "unbroadcast",
]


def broadcast_to(x: TensorLike, shape: Any) -> Variable:
    """`x` repeated to `shape` by NumPy's rules.

    Parameters
    ----------
    x : array_like or Variable
    shape : int, sequence of int and int scalars, or integer vector of known length

    Raises
    ------
    ValueError
        If `x` does not broadcast to `shape`; here if the sizes are known, else in the call.

    Examples
    --------
    >>> T.broadcast_to([1, 2], (2, 2)).eval()
    array([[1, 2],
           [1, 2]])
    """
    return wrap(_core.broadcast_to(as_node(x), shape_nodes(shape, "broadcast_to")))


def _common_sizes(nodes: Sequence[Node]) -> list[Size]:
    """The sizes to which the nodes broadcast together."""
    total = _core.cast(nodes[0], "bool")
    for node in nodes[1:]:
        total = _core.apply("logical_or", [total, _core.cast(node, "bool")])
    return dims_of(total)


def broadcast_arrays(*arrays: TensorLike) -> tuple[Variable, ...]:
    """The arrays repeated to the shape that they broadcast to together; each keeps its dtype.

    Raises
    ------
    ValueError
        Where two sizes differ and neither is 1; here if they are known, else in the call.

    Examples
    --------
    >>> [x.eval().tolist() for x in T.broadcast_arrays([1, 2], [[0], [5]])]
    [[[1, 2], [1, 2]], [[0, 0], [5, 5]]]
    """
    nodes = [as_node(array) for array in arrays]
    if not nodes:
        return ()
    sizes = [size_node(size) for size in _common_sizes(nodes)]
    return tuple(wrap(_core.broadcast_to(node, sizes)) for node in nodes)


def broadcast_shapes(*shapes: Any) -> tuple[Variable, ...]:
    """The shape that arrays of these shapes broadcast to, as int64 scalars.

    Parameters
    ----------
    *shapes : sequence of int and int scalars, or int

    Raises
    ------
    ValueError
        Where two known sizes differ and neither is 1. Sizes that are not known are taken to fit.

    Examples
    --------
    >>> n = T.lscalar("n")
    >>> [size.eval({n: 5}).item() for size in T.broadcast_shapes((n, 1), (3,))]
    [5, 3]
    """
    given = [sizes_of(shape, "broadcast_shapes") for shape in shapes]
    rank = max((len(sizes) for sizes in given), default=0)
    wide = [[*[1] * (rank - len(sizes)), *sizes] for sizes in given]
    return tuple(wrap(size_node(reduce(_common_size, sizes))) for sizes in zip(*wide, strict=True))


def _common_size(a: Size, b: Size) -> Size:
    if a == b or b == 1:
        return a
    if a == 1:
        return b
    if isinstance(a, int) and isinstance(b, int):
        raise ValueError(complaint("broadcast_shapes", "sizes that are equal or 1", f"{a} and {b}"))
    if isinstance(a, int) or isinstance(b, int):
        return a if isinstance(a, int) else b
    return where(apply("eq", wrap(a), 1), wrap(b), wrap(a))._node


def broadcast_shape(*arrays: Any, arrays_are_shapes: bool = False) -> tuple[Variable, ...]:
    """The shape that the arrays broadcast to, as int64 scalars.

    Parameters
    ----------
    *arrays : array_like or Variable
    arrays_are_shapes : bool
        Whether they are shapes instead, as for `broadcast_shapes`.

    Raises
    ------
    ValueError
        Where two known sizes differ and neither is 1.

    Examples
    --------
    >>> [size.eval().item() for size in T.broadcast_shape([1, 2], [[0], [5]])]
    [2, 2]
    """
    if arrays_are_shapes:
        return broadcast_shapes(*arrays)
    return broadcast_shapes(*([wrap(size_node(n)) for n in dims_of(as_node(x))] for x in arrays))


def _declare(operation: str, node: Node, axis: int, size: Size) -> Node:
    """`node` with the size of one axis declared; a call with another size raises."""
    dims = dims_of(node)
    known = dims[axis]
    if isinstance(known, int) and isinstance(size, int) and known != size:
        required = f"size {size} for axis {axis}"
        raise ValueError(complaint(operation, required, describe(wrap(node))))
    return reshape_sizes(node, [*dims[:axis], size, *dims[axis + 1 :]])._node


def specify_shape(x: TensorLike, shape: Any) -> Variable:
    """`x`, of which the sizes are now known; a call with other sizes raises ValueError.

    Parameters
    ----------
    x : array_like or Variable
    shape : sequence of int, int scalars and None, or integer vector
        One entry for each axis; None leaves its size open. The size of an axis of an array without elements
        is not checked in the call.

    Raises
    ------
    ValueError
        For another number of axes, and for sizes known to be different.

    Examples
    --------
    >>> T.specify_shape(T.matrix("x"), (3, None)).type
    float64[3, ?]
    """
    node = as_node(x)
    entries = list(shape) if isinstance(shape, list | tuple) else shape_nodes(shape, "specify_shape")
    if len(entries) != node.ndim:
        raise ValueError(complaint("specify_shape", f"{node.ndim} sizes", str(len(entries))))
    for axis, entry in enumerate(entries):
        if entry is not None:
            node = _declare("specify_shape", node, axis, as_size(entry, "specify_shape"))
    return wrap(node)


def addbroadcast(x: TensorLike, *axes: int) -> Variable:
    """`x` with the size of these axes declared as 1.

    Raises
    ------
    ValueError
        For axes outside `x` or given twice, and for other sizes; here if they are known, else in the call.

    Examples
    --------
    >>> T.addbroadcast(T.matrix("x"), 1).type
    float64[?, 1]
    """
    node = as_node(x)
    for axis in normalize_axes("addbroadcast", node, axes):
        node = _declare("addbroadcast", node, axis, 1)
    return wrap(node)


def unbroadcast(x: TensorLike, *axes: int) -> Variable:
    """`x` itself: every axis of size 1 broadcasts, whether its size is known beforehand or not.

    Parameters
    ----------
    x : array_like or Variable
    *axes : int
        Checked, and of no other effect.

    Raises
    ------
    ValueError
        For axes outside `x`.

    Examples
    --------
    >>> T.unbroadcast(T.row("x"), 0).type
    float64[1, ?]
    """
    node = as_node(x)
    normalize_axes("unbroadcast", node, axes)
    return wrap(node)


def patternbroadcast(x: TensorLike, broadcastable: Sequence[bool]) -> Variable:
    """`x` with size 1 declared for the axes with a true flag; see `addbroadcast`.

    Parameters
    ----------
    x : array_like or Variable
    broadcastable : sequence of bool
        One flag for each axis.

    Raises
    ------
    ValueError
        For another number of flags, and for other sizes than 1; here if they are known, else in the call.

    Examples
    --------
    >>> T.patternbroadcast(T.matrix("x"), (True, False)).type
    float64[1, ?]
    """
    x = wrap(as_node(x))
    if len(broadcastable) != x.ndim:
        raise ValueError(complaint("patternbroadcast", f"{x.ndim} flags", str(tuple(broadcastable))))
    return addbroadcast(x, *(axis for axis, flag in enumerate(broadcastable) if flag))
