"""Elements in order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from croton import _core
from croton.errors import complaint
from croton.tensor.elementwise import cast
from croton.tensor.expression import TensorLike, as_node, wrap
from croton.tensor.movement import flatten, flip, moveaxis
from croton.tensor.reductions import normalize_axes

if TYPE_CHECKING:
    from croton.tensor.variable import Variable

__all__ = ["argsort", "argtopk", "sort", "topk", "topk_and_argtopk"]


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
    """The elements along `axis` in ascending order, NaN last; with axis=None, those of the flattened array.

    `kind` and `order` are accepted as in NumPy: the sort is always stable.

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
    """
    return _sorted(x, axis, kind, order, 1)


def _extreme(operation: str, ordered: Variable, kth: Any, axis: int | None) -> Variable:
    """The |kth| last or first of what lies in ascending order along the axis, the most extreme one first."""
    if not isinstance(kth, int) or isinstance(kth, bool) or kth == 0:
        raise ValueError(complaint(operation, "an int other than 0 as kth", f"{kth!r:.60}"))
    (k,) = normalize_axes(operation, ordered._node, -1 if axis is None else axis)
    part = slice(-kth, None) if kth > 0 else slice(None, -kth)
    chosen = ordered[(*(slice(None),) * k, part)]
    return flip(chosen, k) if kth > 0 else chosen


def topk(
    x: TensorLike, kth: int, axis: int | None = -1, sorted: bool = True, idx_dtype: Any = "int64"
) -> Variable:
    """The `kth` largest elements along `axis`, or the -kth smallest where that is negative.

    Parameters
    ----------
    x : array_like or Variable
    kth : int
        How many. Of an axis that is shorter, all elements.
    axis : int, optional
        None means the flattened array.
    sorted, idx_dtype
        Accepted as in Theano: the most extreme element always comes first. NaN counts as the largest.

    Examples
    --------
    >>> T.topk([5, 1, 4, 2], 2).eval()
    array([5, 4])
    >>> T.topk([5, 1, 4, 2], -2).eval()
    array([1, 2])
    """
    return _extreme("topk", sort(x, axis), kth, axis)


def argtopk(
    x: TensorLike, kth: int, axis: int | None = -1, sorted: bool = True, idx_dtype: Any = "int64"
) -> Variable:
    """The positions, as `idx_dtype`, of the elements that `topk` finds.

    Examples
    --------
    >>> T.argtopk([5, 1, 4, 2], 2).eval()
    array([0, 2])
    """
    return cast(_extreme("argtopk", argsort(x, axis), kth, axis), idx_dtype)


def topk_and_argtopk(
    x: TensorLike, kth: int, axis: int | None = -1, sorted: bool = True, idx_dtype: Any = "int64"
) -> tuple[Variable, Variable]:
    """The pair (`topk`, `argtopk`)."""
    return topk(x, kth, axis), argtopk(x, kth, axis, sorted, idx_dtype)
