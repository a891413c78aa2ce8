"""Elements chosen by their values: nonzero, boolean masks, unique. Their number is known in the call only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from croton import _core
from croton.errors import complaint
from croton.tensor.elementwise import apply
from croton.tensor.expression import TensorLike, as_node, dims_of, size_node, wrap
from croton.tensor.indexing import mask_positions, take
from croton.tensor.joining import concatenate, stack
from croton.tensor.movement import flatten
from croton.tensor.running import cumsum

if TYPE_CHECKING:
    from croton.tensor.variable import Variable

__all__ = [
    "argwhere",
    "compress",
    "extract",
    "flatnonzero",
    "nonzero",
    "nonzero_values",
    "unique",
    "unique_counts",
    "unique_inverse",
    "unique_values",
]


def nonzero(a: TensorLike, return_matrix: bool = False) -> Any:
    """The positions of the elements that are not zero: one int64 vector for each axis, as a tuple.

    Parameters
    ----------
    a : array_like or Variable
        At least one axis.
    return_matrix : bool
        Return one matrix instead, with a row for each axis, as in Theano.

    Raises
    ------
    ValueError
        For a scalar.

    Examples
    --------
    >>> [index.eval() for index in T.nonzero([[3, 0], [0, 4]])]
    [array([0, 1]), array([0, 1])]
    """
    node = as_node(a)
    if node.ndim == 0:
        raise ValueError(complaint("nonzero", "at least one axis", "a scalar", "use T.atleast_1d"))
    positions = tuple(wrap(index) for index in mask_positions(node))
    return stack(list(positions)) if return_matrix else positions


def flatnonzero(a: TensorLike) -> Variable:
    """The positions in the flattened array of the elements that are not zero.

    Parameters
    ----------
    a : array_like or Variable

    Examples
    --------
    >>> T.flatnonzero([0, 5, 0, 7]).eval()
    array([1, 3])
    """
    return wrap(mask_positions(flatten(a)._node)[0])


def argwhere(a: TensorLike) -> Variable:
    """A matrix with one row for each element that is not zero: its position along each axis, as int64.

    Raises
    ------
    ValueError
        For a scalar.

    Examples
    --------
    >>> T.argwhere([[3, 0], [0, 4]]).eval()
    array([[0, 0],
           [1, 1]])
    """
    return stack(list(nonzero(a)), axis=1)


def nonzero_values(a: TensorLike) -> Variable:
    """The elements that are not zero, in C order.

    Parameters
    ----------
    a : array_like or Variable

    Examples
    --------
    >>> T.nonzero_values([0.0, 5.0, 0.0, 7.0]).eval()
    array([5., 7.])
    """
    return take(flatten(a), flatnonzero(a), axis=0)


def extract(condition: TensorLike, x: TensorLike) -> Variable:
    """The elements of the flattened `x` where the flattened `condition` is not zero.

    Parameters
    ----------
    condition, x : array_like or Variable
        The condition may be shorter.

    Raises
    ------
    IndexError
        In the call, where it holds beyond the last element.

    Examples
    --------
    >>> T.extract([[True, False], [False, True]], [[1, 2], [3, 4]]).eval()
    array([1, 4])
    """
    return take(flatten(x), flatnonzero(condition), axis=0)


def compress(condition: TensorLike, x: TensorLike, axis: int | None = None) -> Variable:
    """The slices of `x` along `axis` (elements of the flattened array without one) where `condition` holds.

    Parameters
    ----------
    condition : array_like or Variable
        A vector that may be shorter than the axis.
    x : array_like or Variable
    axis : int, optional

    Raises
    ------
    IndexError
        In the call, where the condition holds beyond the end of the axis.

    Examples
    --------
    >>> T.compress([False, True], [[1, 2], [3, 4]], axis=0).eval()
    array([[3, 4]])
    """
    return take(x, flatnonzero(condition), axis=axis)


def _groups(x: TensorLike) -> tuple[Variable, Variable, Variable, Variable]:
    """The sorted elements, where they were, which of them differ from the one before, and each rank."""
    values, order, ranks = (wrap(node) for node in _core.apply_all("sort", [flatten(x)._node], []))
    later, earlier = values[1:], values[:-1]
    both_nan = apply("logical_and", apply("ne", later, later), apply("ne", earlier, earlier))
    changes = apply("logical_and", apply("ne", later, earlier), apply("logical_not", both_nan))
    first = wrap(_core.full([size_node(1)], _core.constant(True)))
    sizes = dims_of(values._node)
    return values, order, concatenate([first, changes])[: wrap(size_node(sizes[0]))], ranks


def unique(
    ar: TensorLike, return_index: bool = False, return_inverse: bool = False, return_counts: bool = False
) -> Any:
    """The different elements of the flattened array, in order; all NaN count as one.

    Parameters
    ----------
    ar : array_like or Variable
    return_index : bool
        Also return the position of the first element of each value.
    return_inverse : bool
        Also return, in the shape of `ar`, the position in the result of each element's value.
    return_counts : bool
        Also return how often each value occurs.

    Returns
    -------
    Variable, or tuple of Variable
        The values, and what was asked for as int64, in the order above.

    Examples
    --------
    >>> T.unique([3, 1, 3, 2]).eval()
    array([1, 2, 3])
    """
    values, order, changes, ranks = _groups(ar)
    starts = flatnonzero(changes)
    results = [take(values, starts, axis=0)]
    if return_index:
        results.append(take(order, starts, axis=0))
    if return_inverse:
        group = apply("sub", cumsum(wrap(_core.cast(changes._node, "int64"))), 1)
        flat = take(group, ranks, axis=0)
        results.append(wrap(_core.reshape(flat._node, [size_node(size) for size in dims_of(as_node(ar))])))
    if return_counts:
        ends = concatenate([starts[1:], values.shape[0].reshape((1,))])[: starts.shape[0]]
        results.append(apply("sub", ends, starts))
    return results[0] if len(results) == 1 else tuple(results)


def unique_values(x: TensorLike) -> Variable:
    """`unique` without options.

    Parameters
    ----------
    x : array_like or Variable
    """
    return unique(x)  # type: ignore[no-any-return]


def unique_counts(x: TensorLike) -> tuple[Variable, Variable]:
    """The different elements, and how often each occurs.

    Parameters
    ----------
    x : array_like or Variable

    Examples
    --------
    >>> [part.eval().tolist() for part in T.unique_counts([3, 1, 3])]
    [[1, 3], [1, 2]]
    """
    return unique(x, return_counts=True)  # type: ignore[no-any-return]


def unique_inverse(x: TensorLike) -> tuple[Variable, Variable]:
    """The different elements, and the position among them of each element of `x`.

    Examples
    --------
    >>> [part.eval().tolist() for part in T.unique_inverse([3, 1, 3])]
    [[1, 3], [1, 0, 1]]
    """
    return unique(x, return_inverse=True)  # type: ignore[no-any-return]
