"""Elements in order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from croton import _core
from croton.errors import complaint
from croton.tensor.expression import TensorLike, as_node, wrap
from croton.tensor.movement import flatten, moveaxis
from croton.tensor.reductions import normalize_axes

if TYPE_CHECKING:
    from croton.tensor.variable import Variable

__all__ = ["argsort", "sort"]


def _sorted(x: TensorLike, axis: int | None, kind: Any, order: Any, result: int) -> Variable:
    if order is not None:
        raise ValueError(complaint("sort", "order=None, since arrays have no fields", repr(order)))
    if kind not in (None, "quicksort", "mergesort", "heapsort", "stable"):
        raise ValueError(complaint("sort", "a kind that NumPy knows", repr(kind)))
    node = as_node(x) if axis is not None else flatten(x)._node
    (k,) = normalize_axes("sort", node, -1 if axis is None else axis)
    last = node.ndim - 1
    line = moveaxis(wrap(node), k, last)._node
    return moveaxis(wrap(_core.apply_all("sort", [line], [])[result]), last, k)


def sort(x: TensorLike, axis: int | None = -1, kind: str | None = None, order: None = None) -> Variable:
    """The elements along `axis` in ascending order, NaN last.

    Parameters
    ----------
    x : array_like or Variable
        Real numbers.
    axis : int, optional
        None sorts the flattened array.
    kind : str, optional
        Accepted as in NumPy: the sort is always stable.
    order : None
        Accepted as in NumPy.

    Raises
    ------
    TypeError
        For complex numbers.
    ValueError
        For a kind that NumPy does not know, another `order` than None, or an axis outside `x`.

    Examples
    --------
    >>> import croton.tensor as T
    >>> T.sort([3.0, 1.0, 2.0]).eval()
    array([1., 2., 3.])
    """
    return _sorted(x, axis, kind, order, 0)


def argsort(x: TensorLike, axis: int | None = -1, kind: str | None = None, order: None = None) -> Variable:
    """The positions, as int64, of the elements along `axis` in ascending order; equal ones keep their order.

    Arguments as `sort`.

    Examples
    --------
    >>> T.argsort([3.0, 1.0, 2.0]).eval()
    array([1, 2, 0])
    """
    return _sorted(x, axis, kind, order, 1)
