"""Reductions that leave NaN out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from croton import _core
from croton.tensor import reductions
from croton.tensor.elementwise import apply, where
from croton.tensor.expression import TensorLike, as_variable, wrap
from croton.tensor.reductions import Axis, normalize_axes
from croton.tensor.types import kind_of

if TYPE_CHECKING:
    from croton.tensor.variable import Variable

__all__ = ["nanmax", "nanmean", "nanmin", "nanprod", "nanstd", "nansum", "nanvar"]


def _without_nan(x: TensorLike, instead: float) -> Variable:
    array = as_variable(x)
    return where(apply("isnan", array), instead, array) if kind_of(array.dtype) in "fc" else array


def nansum(x: TensorLike, axis: Axis = None, dtype: Any = None, keepdims: bool = False) -> Variable:
    """The sum of the elements along axes that are not NaN; 0 where there are none. Arguments as `sum`.

    Examples
    --------
    >>> T.nansum([1.0, np.nan, 2.0]).eval()
    array(3.)
    """
    return reductions.sum(_without_nan(x, 0), axis, dtype, keepdims)


def nanprod(x: TensorLike, axis: Axis = None, dtype: Any = None, keepdims: bool = False) -> Variable:
    """The product of the elements along axes that are not NaN; 1 where there are none. Arguments as `sum`.

    Examples
    --------
    >>> T.nanprod([2.0, np.nan, 3.0]).eval()
    array(6.)
    """
    return reductions.prod(_without_nan(x, 1), axis, dtype, keepdims)


def _extreme(x: TensorLike, axis: Axis, keepdims: bool, sign: int) -> Variable:
    array = as_variable(x)
    reduce = reductions.max if sign > 0 else reductions.min
    if kind_of(array.dtype) != "f":
        return reduce(array, axis, keepdims)
    missing = apply("isnan", array)
    # Python's float has no dtype of its own: an infinity takes that of the array.
    best = reduce(where(missing, float(-sign * np.inf), array), axis, keepdims)
    return where(reductions.all(missing, axis, keepdims), float("nan"), best)


def nanmax(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Variable:
    """The largest element along axes that is not NaN; NaN if there is none. Arguments as `max`.

    Examples
    --------
    >>> T.nanmax([1.0, np.nan, 2.0]).eval()
    array(2.)
    """
    return _extreme(x, axis, keepdims, 1)


def nanmin(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Variable:
    """The smallest element along axes that is not NaN; NaN if there is none. Arguments as `min`.

    Examples
    --------
    >>> T.nanmin([3.0, np.nan, 2.0]).eval()
    array(2.)
    """
    return _extreme(x, axis, keepdims, -1)


def _count(array: Variable, axis: Axis, keepdims: bool) -> Variable:
    """How many elements are not NaN, as floats."""
    return reductions.sum(~apply("isnan", array), axis, keepdims=keepdims)


def nanmean(x: TensorLike, axis: Axis = None, dtype: Any = None, keepdims: bool = False) -> Variable:
    """The mean of the elements along axes that are not NaN; NaN if there are none. Arguments as `mean`.

    Examples
    --------
    >>> T.nanmean([[1.0, np.nan], [2.0, 4.0]], axis=0).eval()
    array([1.5, 4. ])
    """
    array = as_variable(x)
    if kind_of(array.dtype) in "biu":
        return reductions.mean(array, axis, dtype, keepdims)
    result = array.dtype if dtype is None else dtype
    # float16 counts to 65,504 only, and sums would be rounded.
    wide = array.astype("float32") if array.dtype in ("float16", "bfloat16") else array
    total = reductions.sum(_without_nan(wide, 0), axis, keepdims=keepdims)
    return (total / _count(wide, axis, keepdims).astype(wide.dtype)).astype(result)


def nanvar(x: TensorLike, axis: Axis = None, ddof: int = 0, keepdims: bool = False) -> Variable:
    """The variance of the elements along axes that are not NaN, a real number. Arguments as `var`.

    NaN where there are no more than `ddof` of them.

    Examples
    --------
    >>> T.nanvar([1.0, np.nan, 3.0]).eval()
    array(1.)
    """
    array = as_variable(x)
    if kind_of(array.dtype) in "biu":
        return reductions.var(array, axis, ddof, keepdims)
    wide = array.astype("float32") if array.dtype in ("float16", "bfloat16") else array
    axes = normalize_axes("nanvar", array._node, axis)
    distance = _without_nan(wide - nanmean(wide, axes, keepdims=True), 0)
    count = _count(wide, axes, keepdims) - ddof
    squares = apply("square", distance)
    if kind_of(array.dtype) == "c":
        parts = (wrap(part(distance._node)) for part in (_core.real, _core.imag))
        squares = apply("add", *(apply("square", part) for part in parts))
    total = reductions.sum(squares, axes, keepdims=keepdims)
    result = where(count > 0, total / count.astype(total.dtype), float("nan"))
    return result.astype(array.dtype) if wide is not array else result


def nanstd(x: TensorLike, axis: Axis = None, ddof: int = 0, keepdims: bool = False) -> Variable:
    """The square root of `nanvar`, with the same arguments.

    Examples
    --------
    >>> T.nanstd([1.0, np.nan, 3.0]).eval()
    array(1.)
    """
    return apply("sqrt", nanvar(x, axis, ddof, keepdims))
