"""Running values along an axis: sums, products, extremes, linear recurrences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from croton import _core
from croton.errors import complaint
from croton.tensor.expression import Node, TensorLike, as_node, describe, nodes_of, wrap
from croton.tensor.movement import flatten, moveaxis
from croton.tensor.reductions import normalize_axes
from croton.tensor.types import dtype_name, kind_of

if TYPE_CHECKING:
    from croton.tensor.variable import Variable

__all__ = ["cummax", "cummin", "cumprod", "cumsum", "linear_recurrence"]


def _line(operation: str, x: TensorLike, axis: int | None) -> tuple[Variable, int]:
    """`x` with the axis last (flattened without one), and the axis."""
    whole = wrap(as_node(x)) if axis is not None else flatten(x)
    (k,) = normalize_axes(operation, whole._node, 0 if axis is None else axis)
    return moveaxis(whole, k, whole.ndim - 1), k


def _wide(operation: str, node: Node) -> Node:
    """In a dtype that the engine runs in."""
    kind = kind_of(node.dtype)
    if kind == "c":
        if operation in ("cummax", "cummin"):
            raise TypeError(complaint(operation, "real numbers", describe(wrap(node))))
        return node
    wide = {"f": "float64" if node.dtype == "float64" else "float32", "u": "uint64"}.get(kind, "int64")
    return _core.cast(node, wide)


def _run(operation: str, x: TensorLike, axis: int | None, dtype: Any) -> Variable:
    line, k = _line(operation, x, axis)
    node = _core.cast(line._node, dtype_name(dtype)) if dtype is not None else line._node
    wide = _wide(operation, node)
    result = _core.apply_all(operation, [wide], [])[0]
    # As in NumPy, small integers grow, and floats stay what they are.
    if dtype is not None or kind_of(node.dtype) in "fc":
        result = _core.cast(result, node.dtype)
    return moveaxis(wrap(result), line.ndim - 1, k)


def cumsum(x: TensorLike, axis: int | None = None, dtype: Any = None) -> Variable:
    """The sums of the elements so far along `axis`; along the flattened array without one.

    Parameters
    ----------
    x : array_like or Variable
        Booleans and integers are summed in 64 bits, which wrap around; floats keep their dtype.
    axis : int, optional
    dtype : str or dtype, optional
        Of the sums; `x` is cast to it first.

    Returns
    -------
    Variable
        The shape of `x`, or one axis without `axis`.

    Raises
    ------
    ValueError
        For an axis outside `x`.

    Examples
    --------
    >>> T.cumsum([[1, 2], [3, 4]], axis=0).eval()
    array([[1, 2],
           [4, 6]])
    """
    return _run("cumsum", x, axis, dtype)


def cumprod(x: TensorLike, axis: int | None = None, dtype: Any = None) -> Variable:
    """The products of the elements so far along `axis`. Arguments as `cumsum`.

    The gradient is exact beside zeros, too.

    Examples
    --------
    >>> T.cumprod([1, 2, 3, 4]).eval()
    array([ 1,  2,  6, 24])
    """
    return _run("cumprod", x, axis, dtype)


def _extreme(operation: str, x: TensorLike, axis: int | None, result: int) -> Variable:
    line, k = _line(operation, x, axis)
    found = _core.apply_all(operation, [_wide(operation, line._node)], [])[result]
    if result == 0:
        found = _core.cast(found, line.dtype)
    return moveaxis(wrap(found), line.ndim - 1, k)


def cummax(x: TensorLike, axis: int | None = None) -> Variable:
    """The largest element so far along `axis`, NaN from the first NaN on.

    Parameters
    ----------
    x : array_like or Variable
        Real numbers, of which the dtype stays. The gradient goes to the largest element.
    axis : int, optional
        Without an axis, along the flattened array.

    Raises
    ------
    TypeError
        For complex numbers.

    Examples
    --------
    >>> T.cummax([1, 3, 2, 5]).eval()
    array([1, 3, 3, 5])
    """
    return _extreme("cummax", x, axis, 0)


def cummin(x: TensorLike, axis: int | None = None) -> Variable:
    """The smallest element so far along `axis`, NaN from the first NaN on. Arguments as `cummax`.

    Examples
    --------
    >>> T.cummin([3, 4, 1, 2]).eval()
    array([3, 3, 1, 1])
    """
    return _extreme("cummin", x, axis, 0)


def linear_recurrence(a: TensorLike, b: TensorLike, axis: int = -1) -> Variable:
    """r with r[i] = a[i] * r[i-1] + b[i] along `axis`, from r[-1] = 0.

    Exponential smoothing, decayed sums and first-order filters are of this kind.

    Parameters
    ----------
    a, b : array_like or Variable
        Real numbers, broadcast with each other.
    axis : int

    Examples
    --------
    >>> T.linear_recurrence(0.5, [1.0, 1.0, 1.0]).eval()
    array([1.  , 1.5 , 1.75])
    """
    factor, term = nodes_of([a, b], "linear_recurrence")
    dtype = _core.promote(factor.dtype, term.dtype)
    # Adding zeros of both shapes broadcasts, where sizes of 1 are only known in the call, too.
    shape = _core.apply("add", [_zeros(factor, dtype), _zeros(term, dtype)])
    full = [_core.apply("add", [_core.cast(node, dtype), shape]) for node in (factor, term)]
    (k,) = normalize_axes("linear_recurrence", full[0], axis)
    lines = [moveaxis(wrap(node), k, node.ndim - 1)._node for node in full]
    wide = [_wide("linear_recurrence", node) for node in lines]
    result = _core.cast(_core.apply_all("recurrence", wide, [])[0], dtype)
    return moveaxis(wrap(result), len(full[0].static_shape) - 1, k)


def _zeros(node: Node, dtype: str) -> Node:
    return _core.zeros([_core.dim(node, axis) for axis in range(node.ndim)], dtype)
