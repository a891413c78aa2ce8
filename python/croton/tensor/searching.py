"""Numbers in sorted vectors: searchsorted, digitize, interp."""

from __future__ import annotations

from typing import TYPE_CHECKING

from croton import _core
from croton.errors import complaint
from croton.tensor.elementwise import apply, floats_of, where
from croton.tensor.expression import (
    TensorLike,
    describe,
    dims_of,
    nodes_of,
    same_dtype,
    size_node,
    wrap,
)
from croton.tensor.movement import flatten
from croton.tensor.types import kind_of

if TYPE_CHECKING:
    from croton.tensor.variable import Variable

__all__ = ["digitize", "interp", "searchsorted"]


def searchsorted(x: TensorLike, v: TensorLike, side: str = "left", sorter: TensorLike = None) -> Variable:
    """Where in the sorted vector `x` the elements of `v` belong, so that it stays sorted.

    Parameters
    ----------
    x : array_like or Variable
        A vector in ascending order, NaN last.
    v : array_like or Variable
    side : {"left", "right"}
        Before or after elements of equal value.
    sorter : array_like or Variable, optional
        The integer positions that sort `x`, if it is not sorted.

    Returns
    -------
    Variable
        int64 in the shape of `v`; without gradient.

    Raises
    ------
    ValueError
        For another `side`, and if `x` is no vector.

    Examples
    --------
    >>> T.searchsorted([1, 3, 5], [0, 3, 9]).eval()
    array([0, 1, 3])
    """
    if side not in ("left", "right"):
        raise ValueError(complaint("searchsorted", 'a side of "left" or "right"', repr(side)))
    line, value = same_dtype(nodes_of([x, v], "searchsorted"))
    if line.ndim != 1:
        raise ValueError(complaint("searchsorted", "a sorted vector", describe(wrap(line))))
    if sorter is not None:
        line = wrap(line)[sorter]._node
    dtype = line.dtype
    if dtype != "uint64":
        dtype = _core.promote(dtype, "float32" if kind_of(dtype) == "f" else "int32")
    sought = _core.cast(flatten(wrap(value))._node, dtype)
    (found,) = _core.apply_all("searchsorted", [_core.cast(line, dtype), sought], [side == "right"])
    return wrap(_core.reshape(found, [size_node(size) for size in dims_of(value)]))


def digitize(x: TensorLike, bins: TensorLike, right: bool = False) -> Variable:
    """The number of the bin that each element of `x` is in: how many of `bins` are not above it.

    Parameters
    ----------
    x : array_like or Variable
    bins : array_like or Variable
        A vector in ascending order.
    right : bool
        Whether a number equal to one of `bins` counts as below it.

    Examples
    --------
    >>> T.digitize([0.5, 1.0, 7.0], [1.0, 2.0]).eval()
    array([0, 1, 2])
    """
    return searchsorted(bins, x, "left" if right else "right")


def interp(
    x: TensorLike, xp: TensorLike, fp: TensorLike, left: TensorLike = None, right: TensorLike = None
) -> Variable:
    """The straight lines between the points (xp, fp) at `x`.

    Parameters
    ----------
    x : array_like or Variable
    xp, fp : array_like or Variable
        Vectors of equal size, one element or more; `xp` in ascending order. The gradient flows to all three.
    left, right : array_like or Variable, optional
        The value before the first and after the last point, by default the first and the last of `fp`.

    Raises
    ------
    ValueError
        If `xp` or `fp` is no vector.

    Examples
    --------
    >>> T.interp([0.5, 9.0], [0.0, 1.0, 2.0], [0.0, 10.0, 30.0]).eval()
    array([ 5., 30.])
    """
    at, points, values = floats_of(*nodes_of([x, xp, fp], "interp"))
    if points.ndim != 1 or values.ndim != 1:
        given = f"{describe(points)} and {describe(values)}"
        raise ValueError(complaint("interp", "vectors of points and values", given))
    end = points.shape[0] - 1
    before = apply("clip", searchsorted(points, at, "right") - 1, 0, end)
    after = apply("minimum", before + 1, end)
    gap = points[after] - points[before]
    part = where(gap > 0, (at - points[before]) / where(gap > 0, gap, 1), 0)
    # A part of 0 keeps infinite values out.
    line = values[before] + where(part > 0, part * (values[after] - values[before]), 0)
    line = where(at < points[0], values[0] if left is None else left, line)
    line = where(at > points[end], values[end] if right is None else right, line)
    return where(apply("isnan", at), at, line)
