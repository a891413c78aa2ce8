"""Arrays cut into parts along an axis."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

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
    size_node,
    size_op,
    wrap,
)
from croton.tensor.movement import reshape_sizes, sizes_of
from croton.tensor.reductions import normalize_axes

if TYPE_CHECKING:
    from croton.tensor.variable import Variable

__all__ = ["array_split", "dsplit", "hsplit", "split", "unstack", "vsplit"]


def _cut(x: TensorLike, axis: int, sizes: Sequence[Size]) -> list[Variable]:
    """Consecutive parts of these sizes, from the start."""
    node, parts = as_node(x), []
    start: Size = 0
    for size in sizes:
        parts.append(wrap(_core.slice(node, axis, size_node(start), size_node(size), 1)))
        start = size_op("add", start, size)
    return parts


def split(x: TensorLike, splits_size: Any, n_splits: int | None = None, axis: int = 0) -> list[Variable]:
    """The parts of `x` along `axis` of the given sizes.

    Parameters
    ----------
    x : array_like or Variable
    splits_size : int, sequence of int and int scalars, or integer vector
        The sizes, which sum to that of the axis (`array_split` takes positions); or the number of parts of
        equal size.
    n_splits : int, optional
        The number of parts; needed where `splits_size` is a vector of unknown length.
    axis : int

    Returns
    -------
    list of Variable

    Raises
    ------
    ValueError
        If the sizes do not sum to that of the axis; here if they are known, else in the call.

    Examples
    --------
    >>> [part.eval().tolist() for part in T.split([1, 2, 3, 4], [1, 3])]
    [[1], [2, 3, 4]]
    >>> [part.eval().tolist() for part in T.split([1, 2, 3, 4], 2)]
    [[1, 2], [3, 4]]
    """
    node = as_node(x)
    (k,) = normalize_axes("split", node, axis)
    dims = dims_of(node)
    if isinstance(splits_size, int):
        if splits_size < 1:
            raise ValueError(complaint("split", "1 part or more", str(splits_size)))
        sizes = [size_op("floor_div", dims[k], splits_size)] * splits_size
    else:
        sizes = sizes_of(splits_size, "split", n_splits)
    if n_splits is not None and n_splits != len(sizes):
        raise ValueError(complaint("split", f"{n_splits} sizes", str(len(sizes))))
    total: Size = 0
    for size in sizes:
        total = size_op("add", total, size)
    if isinstance(total, int) and isinstance(dims[k], int) and total != dims[k]:
        required, given = f"sizes with a sum of {dims[k]}", str(total)
        if isinstance(splits_size, int):
            required, given = f"a multiple of {splits_size} elements", str(dims[k])
        raise ValueError(complaint("split", required, given, "use array_split"))
    if total != dims[k]:
        # A view as the parts cover it: a call with another sum raises.
        node = reshape_sizes(node, [*dims[:k], total, *dims[k + 1 :]])._node
    return _cut(wrap(node), k, sizes)


def array_split(x: TensorLike, indices_or_sections: Any, axis: int = 0) -> list[Variable]:
    """The parts of `x` between the given positions, or a number of parts of almost equal size.

    Parameters
    ----------
    x : array_like or Variable
    indices_or_sections : int, or sequence of int and int scalars
        The positions to cut at, as in slices; or the number of parts, the first of which are longer by 1
        where the size is no multiple of it.
    axis : int

    Raises
    ------
    ValueError
        For less than one part, and for an axis outside `x`.

    Examples
    --------
    >>> [part.eval().tolist() for part in T.array_split([1, 2, 3, 4, 5], 2)]
    [[1, 2, 3], [4, 5]]
    >>> [part.eval().tolist() for part in T.array_split([1, 2, 3, 4, 5], [1, 4])]
    [[1], [2, 3, 4], [5]]
    """
    array = as_variable(x)
    (k,) = normalize_axes("array_split", array._node, axis)
    size = dims_of(array._node)[k]
    if isinstance(indices_or_sections, int):
        count = indices_or_sections
        if count < 1:
            raise ValueError(complaint("array_split", "1 part or more", str(count)))
        # The n-th of them has (size + count - 1 - n) // count elements.
        return _cut(
            array, k, [size_op("floor_div", size_op("add", size, count - 1 - n), count) for n in range(count)]
        )
    bounds = [None, *sizes_of(indices_or_sections, "array_split"), None]
    every = (slice(None),) * k
    cuts = [bound if bound is None or isinstance(bound, int) else wrap(bound) for bound in bounds]
    return [array[(*every, slice(*pair))] for pair in pairwise(cuts)]


def _numpy_split(operation: str, x: TensorLike, parts: Any, axis: int, rank: int) -> list[Variable]:
    """numpy.split: positions, or a number of parts of equal size."""
    node = as_node(x)
    if node.ndim < rank:
        raise ValueError(complaint(operation, f"{rank} axes or more", describe(wrap(node))))
    if isinstance(parts, Expression) and parts.ndim == 0:
        raise TypeError(complaint(operation, "a number of parts that is known", describe(parts)))
    return split(x, parts, axis=axis) if isinstance(parts, int) else array_split(x, parts, axis)


def hsplit(x: TensorLike, indices_or_sections: Any) -> list[Variable]:
    """The parts of `x` along axis 1, of vectors along axis 0.

    Parameters
    ----------
    x : array_like or Variable
    indices_or_sections : int, or sequence of int and int scalars
        The number of parts of equal size, or the positions where parts begin.

    Raises
    ------
    ValueError
        For too few axes, and if the number of parts does not divide a known size.
    TypeError
        For a number of parts that is not known.

    Examples
    --------
    >>> [part.eval().tolist() for part in T.hsplit([[1, 2, 3], [4, 5, 6]], [1])]
    [[[1], [4]], [[2, 3], [5, 6]]]
    """
    return _numpy_split("hsplit", x, indices_or_sections, int(as_node(x).ndim > 1), 1)


def vsplit(x: TensorLike, indices_or_sections: Any) -> list[Variable]:
    """The parts of `x`, of two axes or more, along axis 0. Arguments as `hsplit`.

    Examples
    --------
    >>> [part.eval().tolist() for part in T.vsplit([[1, 2], [3, 4]], 2)]
    [[[1, 2]], [[3, 4]]]
    """
    return _numpy_split("vsplit", x, indices_or_sections, 0, 2)


def dsplit(x: TensorLike, indices_or_sections: Any) -> list[Variable]:
    """The parts of `x`, of three axes or more, along axis 2. Arguments as `hsplit`.

    Examples
    --------
    >>> [part.eval().shape for part in T.dsplit(T.zeros((2, 3, 4)), [1])]
    [(2, 3, 1), (2, 3, 3)]
    """
    return _numpy_split("dsplit", x, indices_or_sections, 2, 3)


def unstack(x: TensorLike, axis: int = 0) -> tuple[Variable, ...]:
    """The slices along an axis of known size: the inverse of `stack`.

    Parameters
    ----------
    x : array_like or Variable
    axis : int

    Raises
    ------
    ValueError
        For an axis outside `x`, or one whose size is not known.

    Examples
    --------
    >>> [part.eval().tolist() for part in T.unstack([[1, 2], [3, 4]], 1)]
    [[1, 3], [2, 4]]
    """
    node = as_node(x)
    (k,) = normalize_axes("unstack", node, axis)
    size = node.static_shape[k]
    if size is None:
        remedy = "declare it with specify_shape"
        raise ValueError(complaint("unstack", f"a known size of axis {k}", describe(wrap(node)), remedy))
    return tuple(wrap(node)[(*(slice(None),) * k, n)] for n in range(size))
