"""Arrays side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from croton import _core
from croton.errors import complaint
from croton.tensor.expression import (
    Expression,
    Size,
    TensorLike,
    as_node,
    as_variable,
    describe,
    dims_of,
    nodes_of,
    same_dtype,
    size_node,
    size_op,
    stack_nodes,
    wrap,
)
from croton.tensor.movement import atleast_1d, atleast_2d, atleast_3d, flatten, moveaxis, reshape_sizes
from croton.tensor.reductions import normalize_axes

if TYPE_CHECKING:
    from croton.tensor.variable import Variable

__all__ = [
    "append",
    "column_stack",
    "concatenate",
    "delete",
    "dstack",
    "horizontal_stack",
    "hstack",
    "insert",
    "join",
    "stack",
    "stacklists",
    "vertical_stack",
    "vstack",
]


def concatenate(tensors: Sequence[TensorLike], axis: int | None = 0) -> Variable:
    """Arrays of equal rank side by side along `axis`, in their common dtype.

    Parameters
    ----------
    tensors : sequence of array_like or Variable
        Of equal sizes but along `axis`.
    axis : int or None
        None flattens the arrays first.

    Raises
    ------
    TypeError
        For no arrays, and for an array in place of the sequence.
    ValueError
        For different ranks, for sizes that differ elsewhere, and for an axis that is not there.

    Examples
    --------
    >>> T.concatenate([[1, 2], [3]]).eval()
    array([1, 2, 3])
    """
    if isinstance(tensors, Expression) or not tensors:
        raise TypeError(complaint("concatenate", "a list of at least one array", describe(tensors)))
    nodes = same_dtype(nodes_of(tensors, "concatenate"))
    if axis is None:
        return concatenate([flatten(wrap(node)) for node in nodes])
    return wrap(_core.concatenate(nodes, normalize_axes("concatenate", nodes[0], axis)[0]))


def join(axis: int, *tensors: TensorLike) -> Variable:
    """`concatenate` with the axis first.

    Parameters
    ----------
    axis : int
    *tensors : array_like or Variable

    Examples
    --------
    >>> T.join(1, [[1], [2]], [[3], [4]]).eval()
    array([[1, 3],
           [2, 4]])
    """
    return concatenate(tensors, axis)


def stack(tensors: Any, *others: Any, axis: int = 0) -> Variable:
    """Arrays of equal shape along a new axis, in their common dtype.

    Parameters
    ----------
    tensors : sequence of array_like or Variable
    *others
        The rest, where the arrays come as separate arguments as in old Theano.
    axis : int
        The position of the new axis in the result.

    Raises
    ------
    ValueError
        For no arrays, different shapes, or a position outside the result.

    Examples
    --------
    >>> T.stack([[1, 2], [3, 4]], axis=1).eval()
    array([[1, 3],
           [2, 4]])
    """
    if others and isinstance(tensors, list | tuple):
        axis, *others = others  # type: ignore[assignment]
    parts = tensors if isinstance(tensors, list | tuple) else [tensors, *others]
    if not parts:
        raise ValueError(complaint("stack", "at least one array", "none"))
    nodes = nodes_of(parts, "stack")
    rank = nodes[0].ndim + 1
    if not -rank <= axis < rank:
        raise ValueError(complaint("stack", f"an axis from {-rank} to {rank - 1}", str(axis)))
    return wrap(stack_nodes(nodes, axis % rank))


def stacklists(tensors: Any) -> Variable:
    """Nested lists of scalars or arrays as one array.

    Parameters
    ----------
    tensors : array_like or Variable, or list of such
        Lists of one nesting have equal lengths, and arrays equal shapes.

    Examples
    --------
    >>> T.stacklists([[1, 2], [3, 4]]).eval().shape
    (2, 2)
    """
    if isinstance(tensors, list | tuple):
        return stack([stacklists(part) for part in tensors])
    return wrap(as_node(tensors))


def horizontal_stack(*tensors: TensorLike) -> Variable:
    """Matrices side by side.

    Parameters
    ----------
    *tensors : array_like or Variable
    """
    return concatenate(tensors, 1)


def vertical_stack(*tensors: TensorLike) -> Variable:
    """Matrices on top of each other.

    Parameters
    ----------
    *tensors : array_like or Variable
    """
    return concatenate(tensors, 0)


def hstack(tensors: Sequence[TensorLike]) -> Variable:
    """Arrays side by side along axis 1; vectors and scalars along axis 0.

    Parameters
    ----------
    tensors : sequence of array_like or Variable

    Examples
    --------
    >>> T.hstack([[1, 2], 3]).eval()
    array([1, 2, 3])
    """
    parts = [atleast_1d(part) for part in tensors]
    return concatenate(parts, 0 if parts and parts[0].ndim == 1 else 1)


def vstack(tensors: Sequence[TensorLike]) -> Variable:
    """Arrays on top of each other; a vector is a row.

    Parameters
    ----------
    tensors : sequence of array_like or Variable

    Examples
    --------
    >>> T.vstack([[1, 2], [3, 4]]).eval()
    array([[1, 2],
           [3, 4]])
    """
    return concatenate([atleast_2d(part) for part in tensors], 0)


def dstack(tensors: Sequence[TensorLike]) -> Variable:
    """Arrays behind each other along axis 2; see `atleast_3d` for arrays of lower rank.

    Parameters
    ----------
    tensors : sequence of array_like or Variable

    Examples
    --------
    >>> T.dstack([[1, 2], [3, 4]]).eval()
    array([[[1, 3],
            [2, 4]]])
    """
    return concatenate([atleast_3d(part) for part in tensors], 2)


def column_stack(tensors: Sequence[TensorLike]) -> Variable:
    """Vectors as the columns of a matrix; matrices side by side.

    Parameters
    ----------
    tensors : sequence of array_like or Variable

    Examples
    --------
    >>> T.column_stack([[1, 2], [3, 4]]).eval()
    array([[1, 3],
           [2, 4]])
    """
    parts = [as_variable(part) for part in tensors]
    return concatenate([part if part.ndim > 1 else atleast_2d(part).T for part in parts], 1)


def append(x: TensorLike, values: TensorLike, axis: int | None = None) -> Variable:
    """`values` after `x` along `axis`; without an axis, both flattened.

    Parameters
    ----------
    x, values : array_like or Variable
        Of equal sizes but along `axis`.
    axis : int, optional

    Raises
    ------
    ValueError
        For different ranks, or sizes that differ elsewhere.

    Examples
    --------
    >>> T.append([1, 2], [[3, 4]]).eval()
    array([1, 2, 3, 4])
    """
    return concatenate([x, values], axis)


def _piece(x: Variable, axis: int, start: Size, stop: Size) -> Variable:
    length = size_op("sub", stop, start)
    return wrap(_core.slice(x._node, axis, size_node(start), size_node(length), 1))


def _places(
    operation: str, x: TensorLike, obj: Any, axis: int | None, ends: int
) -> tuple[Variable, int, list[tuple[Size, int]]]:
    """The array, the axis, and ordered pairs of a position from the start and its place in `obj`.

    Positions may be as large as the size plus `ends` less 1. Where the size is unknown, it becomes one that
    holds them all; a call with less raises.
    """
    array = as_variable(x) if axis is not None else flatten(x)
    (k,) = normalize_axes(operation, array._node, axis or 0)
    dims = dims_of(array._node)
    size = dims[k]
    if isinstance(obj, slice) and isinstance(size, int):
        obj = np.arange(size)[obj]
    elif isinstance(obj, list | tuple) and not obj:
        obj = np.arange(0)
    if isinstance(obj, slice | Expression) or np.asarray(obj).dtype.kind not in "iu":
        remedy = "declare the size of the axis with specify_shape" if isinstance(obj, slice) else ""
        raise TypeError(complaint(operation, "known integer positions", describe(obj), remedy))
    given = [int(entry) for entry in np.ravel(np.asarray(obj))]
    if not isinstance(size, int):
        if len(given) > 1 and min(given) < 0:
            remedy = "count from the start, or declare the size of the axis with specify_shape"
            raise ValueError(complaint(operation, "positions in a known order", str(obj), remedy))
        need = max([entry + 1 - ends if entry >= 0 else -entry for entry in given], default=0)
        size = size_op("maximum", size, need)
        array = reshape_sizes(array._node, [*dims[:k], size, *dims[k + 1 :]])
    elif any(not -size <= entry < size + ends for entry in given):
        required = f"positions from {-size} to {size + ends - 1}"
        raise IndexError(complaint(operation, required, str(obj)))
    found = [(entry if entry >= 0 else size_op("add", size, entry), n) for n, entry in enumerate(given)]
    return array, k, found if len(found) < 2 else sorted(found)


def insert(x: TensorLike, obj: Any, values: TensorLike, axis: int | None = None) -> Variable:
    """`x` with values inserted before the given positions of `axis`.

    Parameters
    ----------
    x : array_like or Variable
    obj : int, slice or sequence of int
        Known positions in `x`.
    values : array_like or Variable
        Cast to the dtype of `x`. For several positions, one each (or one, which broadcasts); for a single
        one, as many as there are.
    axis : int, optional
        Without an axis, `x` is flattened first.

    Raises
    ------
    IndexError
        For positions outside the axis; ValueError in the call where its size is unknown.

    Examples
    --------
    >>> T.insert([1, 2, 3], [1, 3], [7, 8]).eval()
    array([1, 7, 2, 3, 8])
    """
    array, k, places = _places("insert", x, obj, axis, 1)
    dims = dims_of(array._node)
    new = wrap(_core.cast(as_node(values), array.dtype))
    if new.ndim > array.ndim:
        raise ValueError(complaint("insert", f"values with at most {array.ndim} axes", describe(new)))
    new = new.dimshuffle(["x"] * (array.ndim - new.ndim) + list(range(new.ndim)))
    if np.ndim(obj) == 0 and not isinstance(obj, slice):
        new = moveaxis(new, 0, k)
    count = dims_of(new._node)[k] if len(places) == 1 else len(places)
    whole = [size_node(size) for size in (*dims[:k], count, *dims[k + 1 :])]
    new = wrap(_core.broadcast_to(new._node, whole))
    parts: list[Variable] = []
    start: Size = 0
    for position, n in places:
        one = new if len(places) == 1 else _piece(new, k, n, n + 1)
        parts += [_piece(array, k, start, position), one]
        start = position
    return concatenate([*parts, _piece(array, k, start, dims[k])], k)


def delete(x: TensorLike, obj: Any, axis: int | None = None) -> Variable:
    """`x` without the given positions of `axis`.

    Parameters
    ----------
    x : array_like or Variable
    obj : int, slice or sequence of int
        Known positions in `x`.
    axis : int, optional
        Without an axis, `x` is flattened first.

    Raises
    ------
    IndexError
        For positions outside the axis; ValueError in the call where its size is unknown.

    Examples
    --------
    >>> T.delete([1, 2, 3, 4], [0, -1]).eval()
    array([2, 3])
    """
    array, k, places = _places("delete", x, obj, axis, 0)
    parts: list[Variable] = []
    start: Size = 0
    for position in dict.fromkeys(position for position, _ in places):
        parts.append(_piece(array, k, start, position))
        start = size_op("add", position, 1)
    return concatenate([*parts, _piece(array, k, start, dims_of(array._node)[k])], k)
