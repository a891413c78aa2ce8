"""Positions of elements: as one number or several, as one-hot vectors, as permutations, as choices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from croton import _core
from croton.errors import complaint
from croton.tensor.broadcasting import broadcast_arrays
from croton.tensor.elementwise import apply, where
from croton.tensor.expression import (
    TensorLike,
    as_node,
    as_size,
    as_variable,
    describe,
    dims_of,
    nodes_of,
    product,
    same_dtype,
    size_node,
    wrap,
)
from croton.tensor.movement import expand_dims, sizes_of
from croton.tensor.types import dtype_name, kind_of

if TYPE_CHECKING:
    from croton.tensor.variable import Variable

__all__ = [
    "choose",
    "inverse_permutation",
    "one_hot",
    "permute_row_elements",
    "ravel_multi_index",
    "select",
    "to_one_hot",
    "unravel_index",
]


def _integers(operation: str, x: TensorLike) -> Variable:
    node = as_node(x)
    if kind_of(node.dtype) not in "iu":
        raise TypeError(complaint(operation, "integers", describe(wrap(node)), "cast it to 'int64'"))
    return wrap(_core.cast(node, "int64"))


def _inside(index: Variable, size: Variable) -> Variable:
    """`index`, of which every element must be from 0 to size - 1: a call with others raises IndexError."""
    # The check takes negative positions for those from the end.
    return wrap(_core.wrap_positions(where(index < 0, size, index)._node, size._node, 0))


def _checked(result: Variable, inside: Variable) -> Variable:
    """`result`, whose shape is that of `inside`, once `inside` has been checked."""
    return apply("after", result, inside)


def unravel_index(
    indices: TensorLike, dims: Any, order: str = "C", ndim: int | None = None
) -> list[Variable]:
    """The positions along each axis of elements that are counted through an array of shape `dims`.

    Parameters
    ----------
    indices : array_like or Variable
        Integers.
    dims : sequence of int and int scalars, or integer vector
    order : {"C", "F"}
        Whether the last axis runs fastest, or the first.
    ndim : int, optional
        The length of `dims` if that is a vector of unknown length.

    Returns
    -------
    list of Variable
        One int64 array in the shape of `indices` for each axis.

    Raises
    ------
    IndexError
        In the call, for indices outside the array.

    Examples
    --------
    >>> [x.eval().tolist() for x in T.unravel_index([1, 5], (2, 3))]
    [[0, 1], [1, 2]]
    """
    sizes = sizes_of(dims, "unravel_index", ndim)
    inside = _inside(_integers("unravel_index", indices), wrap(size_node(product(sizes))))
    rest, parts = inside, []
    for size in reversed(sizes) if _c_order("unravel_index", order) else sizes:
        n = wrap(size_node(size))
        parts.append(_checked(rest % n, inside))
        rest = rest // n
    return parts[::-1] if order == "C" else parts


def _c_order(operation: str, order: str) -> bool:
    if order not in ("C", "F"):
        raise ValueError(complaint(operation, 'an order of "C" or "F"', repr(order)))
    return order == "C"


def ravel_multi_index(
    multi_index: Sequence[TensorLike],
    dims: Any,
    mode: str = "raise",
    order: str = "C",
    ndim: int | None = None,
) -> Variable:
    """Where elements with these positions along each axis are, counted through an array of shape `dims`.

    Parameters
    ----------
    multi_index : sequence of array_like or Variable
        Integers, one array for each axis.
    dims, order, ndim
        As for `unravel_index`.
    mode : {"raise", "wrap", "clip"}
        What to do about positions outside: IndexError in the call, the remainder, or the nearest one inside.

    Raises
    ------
    ValueError
        For another mode or order, for no axes, and if there are not as many arrays as sizes.
    TypeError
        For positions that are not integers.

    Examples
    --------
    >>> T.ravel_multi_index(([0, 1], [1, 2]), (2, 3)).eval()
    array([1, 5])
    """
    sizes = sizes_of(dims, "ravel_multi_index", len(multi_index) if ndim is None else ndim)
    if mode not in ("raise", "wrap", "clip"):
        raise ValueError(complaint("ravel_multi_index", 'a mode of "raise", "wrap" or "clip"', repr(mode)))
    if len(multi_index) != len(sizes):
        raise ValueError(complaint("ravel_multi_index", f"{len(sizes)} arrays", str(len(multi_index))))
    pairs = list(zip(multi_index, sizes, strict=True))
    flat: Variable | None = None
    for index, size in pairs if _c_order("ravel_multi_index", order) else pairs[::-1]:
        position, n = _integers("ravel_multi_index", index), wrap(size_node(size))
        if mode == "raise":
            position = _inside(position, n)
        else:
            position = position % n if mode == "wrap" else apply("clip", position, 0, n - 1)
        flat = position if flat is None else flat * n + position
    if flat is None:
        raise ValueError(complaint("ravel_multi_index", "one axis or more", "none"))
    return flat


def one_hot(x: TensorLike, num_classes: Any, dtype: Any = "floatX", axis: int = -1) -> Variable:
    """Ones at the positions `x` along a new axis of size `num_classes`, and zeros elsewhere.

    Parameters
    ----------
    x : array_like or Variable
        Integers; those outside give zeros only.
    num_classes : int or int scalar
    dtype : optional
    axis : int
        Where the new axis lies in the result.

    Examples
    --------
    >>> T.one_hot([2, 0], 3).eval()
    array([[0., 0., 1.],
           [1., 0., 0.]])
    """
    index = expand_dims(_integers("one_hot", x), axis)
    line = wrap(_core.iota([size_node(as_size(num_classes, "one_hot"))], 0))
    place = axis % index.ndim
    line = line.dimshuffle([0 if k == place else "x" for k in range(index.ndim)])
    return wrap(_core.cast(apply("eq", index, line)._node, dtype_name(dtype)))


def to_one_hot(y: TensorLike, nb_class: Any, dtype: Any = None) -> Variable:
    """The matrix with one row for each integer of the vector `y`; see `one_hot`.

    Parameters
    ----------
    y : array_like or Variable
        Integers; others than 0 to nb_class - 1 give a row of zeros.
    nb_class : int or int scalar
    dtype : optional
        By default floatX.

    Raises
    ------
    ValueError
        If `y` is no vector.
    TypeError
        If it is not of integers.

    Examples
    --------
    >>> T.to_one_hot([1, 0], 2).eval()
    array([[0., 1.],
           [1., 0.]])
    """
    if as_node(y).ndim != 1:
        raise ValueError(complaint("to_one_hot", "a vector", describe(as_variable(y))))
    return one_hot(y, nb_class, dtype or "floatX")


def choose(a: TensorLike, choices: Any, mode: str = "raise") -> Variable:
    """For each element, that of the array of `choices` which the integer in `a` names.

    Parameters
    ----------
    a : array_like or Variable
        Integers. It and the choices broadcast together.
    choices : sequence of array_like or Variable, or Variable with a first axis of known size
    mode : {"raise", "wrap", "clip"}
        What to do about integers that name no choice: IndexError in the call, the remainder, or the nearest.

    Raises
    ------
    ValueError
        For no choices, or another mode.

    Examples
    --------
    >>> T.choose([1, 0, 1], [[1, 2, 3], [10, 20, 30]]).eval()
    array([10,  2, 30])
    """
    parts = (
        list(choices) if not isinstance(choices, np.ndarray) else [choices[k] for k in range(len(choices))]
    )
    if not parts:
        raise ValueError(complaint("choose", "one choice or more", "none"))
    nodes = same_dtype(nodes_of(parts, "choose"))
    index, count = _integers("choose", a), len(nodes)
    if mode == "wrap":
        index = index % count
    elif mode == "clip":
        index = apply("clip", index, 0, count - 1)
    elif mode == "raise":
        index = _inside(index, wrap(size_node(count)))
    else:
        raise ValueError(complaint("choose", 'a mode of "raise", "wrap" or "clip"', repr(mode)))
    index, *options = broadcast_arrays(index, *map(wrap, nodes))
    result = options[-1]
    for k in range(count - 2, -1, -1):
        result = where(apply("eq", index, k), options[k], result)
    return _checked(result, index) if mode == "raise" else result


def select(
    condlist: Sequence[TensorLike], choicelist: Sequence[TensorLike], default: TensorLike = 0
) -> Variable:
    """For each element that of the first choice whose condition is true, or `default`.

    Parameters
    ----------
    condlist, choicelist : sequence of array_like or Variable
        As many bool arrays as choices; all broadcast together.
    default : array_like or Variable

    Raises
    ------
    ValueError
        For no conditions, or another number of choices.

    Examples
    --------
    >>> T.select([[True, False], [True, True]], [[1, 2], [3, 4]]).eval()
    array([1, 4])
    """
    if len(condlist) != len(choicelist) or not condlist:
        given = f"{len(condlist)} conditions and {len(choicelist)} choices"
        raise ValueError(complaint("select", "as many conditions as choices, and one at least", given))
    *choices, result = map(wrap, same_dtype(nodes_of([*choicelist, default], "select")))
    for condition, choice in zip(reversed(condlist), reversed(choices), strict=True):
        result = where(condition, choice, result)
    return result


def inverse_permutation(perm: TensorLike) -> Variable:
    """The permutations that undo those of `perm`: vectors of positions along the last axis.

    Parameters
    ----------
    perm : array_like or Variable
        A vector or a matrix of integers.

    Raises
    ------
    ValueError
        For other ranks.
    IndexError
        In the call, for positions outside.

    Examples
    --------
    >>> T.inverse_permutation([2, 0, 1]).eval()
    array([1, 2, 0])
    """
    index = _integers("inverse_permutation", perm)
    if index.ndim not in (1, 2):
        raise ValueError(complaint("inverse_permutation", "a vector or a matrix", describe(index)))
    dims = dims_of(index._node)
    count = product(dims)
    flat = index if index.ndim == 1 else _row_offsets(index) + index
    places = wrap(_core.iota([size_node(size) for size in dims], index.ndim - 1))
    empty = _core.zeros([size_node(count)], "int64")
    spread = _core.scatter(empty, places.flatten()._node, flat.flatten()._node, 0, "set")
    return wrap(_core.reshape(spread, [size_node(size) for size in dims]))


def _row_offsets(matrix: Variable) -> Variable:
    """The position of the first element of each row among all elements, as a column."""
    rows, columns = (size_node(size) for size in dims_of(matrix._node))
    return (wrap(_core.iota([rows], 0)) * wrap(columns)).dimshuffle(0, "x")


def permute_row_elements(x: TensorLike, y: TensorLike, inverse: int = 0) -> Variable:
    """The elements of each row of `x` at the positions in that row of `y`.

    Parameters
    ----------
    x : array_like or Variable
        A vector or a matrix.
    y : array_like or Variable
        Permutations, a vector or a matrix; one row of either serves all rows of the other.
    inverse : bool
        Whether to undo the permutations instead.

    Raises
    ------
    ValueError
        For more than two axes.

    Examples
    --------
    >>> T.permute_row_elements([[5, 6, 7]], [[2, 0, 1]]).eval()
    array([[7, 5, 6]])
    """
    index = inverse_permutation(y) if inverse else _integers("permute_row_elements", y)
    array = as_variable(x)
    if array.ndim == 1 and index.ndim == 1:
        return wrap(_core.take(array._node, index._node, 0))
    array, index = broadcast_arrays(array, index)
    if array.ndim != 2:
        raise ValueError(complaint("permute_row_elements", "vectors or matrices", describe(array)))
    flat = _core.take(array.flatten()._node, (_row_offsets(index) + index)._node, 0)
    return wrap(flat)
