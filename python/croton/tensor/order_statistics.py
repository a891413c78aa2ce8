"""Elements by their rank: topk, median, quantiles, histograms, and the picking along an axis they need."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from croton import _core
from croton.errors import complaint
from croton.tensor.elementwise import apply, where
from croton.tensor.expression import (
    Expression,
    TensorLike,
    as_node,
    as_size,
    describe,
    dims_of,
    size_node,
    wrap,
)
from croton.tensor.indexing import getitem
from croton.tensor.movement import expand_dims, flatten, moveaxis
from croton.tensor.reductions import any as any_of
from croton.tensor.reductions import max as largest_of
from croton.tensor.reductions import min as smallest_of
from croton.tensor.reductions import normalize_axes
from croton.tensor.reductions import sum as sum_of
from croton.tensor.segments import bincount
from croton.tensor.sorting import argsort, sort
from croton.tensor.types import dtype_name, kind_of

if TYPE_CHECKING:
    from croton.tensor.variable import Variable

__all__ = [
    "argtopk",
    "histogram",
    "histogram_bin_edges",
    "median",
    "nanmedian",
    "nanpercentile",
    "nanquantile",
    "percentile",
    "quantile",
    "take_along_axis",
    "topk",
    "topk_and_argtopk",
]

Axis = int | None
# Where a quantile lies among n sorted elements: n*q + alpha + q*(1 - alpha - beta) - 1.
_PLOTTING_POSITIONS = {
    "hazen": (0.5, 0.5),
    "weibull": (0.0, 0.0),
    "median_unbiased": (1 / 3, 1 / 3),
    "normal_unbiased": (3 / 8, 3 / 8),
}
_BETWEEN = ("linear", "midpoint")
_STEPS: dict[str, Callable[[Variable], Variable]] = {
    "lower": lambda at: apply("floor", at),
    "higher": lambda at: apply("ceil", at),
    "nearest": lambda at: apply("round", at),
}


def take_along_axis(x: TensorLike, indices: TensorLike, axis: int | None = -1) -> Variable:
    """For each line of `x` along `axis`, the elements at the positions in the same line of `indices`.

    Parameters
    ----------
    x : array_like or Variable
    indices : array_like or Variable
        Integers with as many axes as `x`, which broadcast against it off `axis`.
    axis : int, optional
        None takes from the flattened `x`, with one axis of indices.

    Raises
    ------
    ValueError
        If `indices` has another number of axes, and for an axis outside `x`.

    Examples
    --------
    >>> T.take_along_axis([[3, 1, 2], [9, 7, 8]], [[1], [0]], axis=1).eval()
    array([[1],
           [9]])
    """
    array = wrap(as_node(x)) if axis is not None else flatten(x)
    index = wrap(as_node(indices))
    if index.ndim != array.ndim:
        raise ValueError(complaint("take_along_axis", f"indices with {array.ndim} axes", describe(index)))
    (k,) = normalize_axes("take_along_axis", array._node, 0 if axis is None else axis)
    dims = dims_of(array._node)
    places: list[Any] = []
    for d in range(array.ndim):
        line = _core.iota([size_node(dims[d])], 0)
        pattern = [0 if e == d else -1 for e in range(array.ndim)]
        places.append(index if d == k else wrap(_core.dimshuffle(line, pattern)))
    return getitem(array, tuple(places))


def _topk(x: TensorLike, kth: Any, axis: Axis, idx_dtype: Any) -> tuple[Variable, Variable]:
    array = wrap(as_node(x)) if axis is not None else flatten(x)
    (k,) = normalize_axes("topk", array._node, 0 if axis is None else axis)
    count = as_size(kth, "topk")
    number: Any
    if isinstance(count, int) and count == 0:
        raise ValueError(complaint("topk", "a number of elements other than 0", "0"))
    last = moveaxis(array, k, array.ndim - 1)
    order = argsort(last)
    # From the largest on, or for negative numbers from the smallest.
    down = getitem(order, (..., slice(None, None, -1)))
    if isinstance(count, int):
        chosen, number = (down, count) if count > 0 else (order, -count)
    else:
        chosen, number = where(apply("gt", kth, 0), down, order), apply("abs", kth)
    places = getitem(chosen, (..., slice(None, number)))
    values = take_along_axis(last, places)
    positions = wrap(_core.cast(places._node, dtype_name(idx_dtype)))
    return moveaxis(values, array.ndim - 1, k), moveaxis(positions, array.ndim - 1, k)


def topk_and_argtopk(
    x: TensorLike, kth: Any, axis: Axis = -1, sorted: bool = True, idx_dtype: Any = "int64"
) -> tuple[Variable, Variable]:
    """The pair (`topk`, `argtopk`), each with these arguments.

    Examples
    --------
    >>> [part.eval().tolist() for part in T.topk_and_argtopk([3, 1, 4], 2)]
    [[4, 3], [2, 0]]
    """
    return _topk(x, kth, axis, idx_dtype)


def topk(x: TensorLike, kth: Any, axis: Axis = -1, sorted: bool = True, idx_dtype: Any = "int64") -> Variable:
    """The `kth` largest elements along `axis`, the largest first; for negative `kth` the smallest, ascending.

    Parameters
    ----------
    x : array_like or Variable
        Real numbers; NaN counts as larger than all.
    kth : int or int scalar
        How many, not 0; at most the size of the axis.
    axis : int, optional
        None takes from the flattened `x`.
    sorted : bool
        Accepted as in Theano: the result always is.
    idx_dtype : str
        Of positions.

    Raises
    ------
    ValueError
        If `kth` is 0.
    TypeError
        If `kth` is no integer.

    Examples
    --------
    >>> T.topk([3, 1, 4, 1, 5], 2).eval()
    array([5, 4])
    """
    return _topk(x, kth, axis, idx_dtype)[0]


def argtopk(
    x: TensorLike, kth: Any, axis: Axis = -1, sorted: bool = True, idx_dtype: Any = "int64"
) -> Variable:
    """The positions of the elements that `topk` gives, as `idx_dtype`. Arguments as `topk`.

    Examples
    --------
    >>> T.argtopk([3, 1, 4], -2).eval()
    array([1, 0])
    """
    return _topk(x, kth, axis, idx_dtype)[1]


def _position(q: Variable, n: Variable, method: str) -> Variable:
    """Where the quantiles lie among n sorted elements, counted from 0."""
    at = (n - 1) * q
    if method in _PLOTTING_POSITIONS:
        alpha, beta = _PLOTTING_POSITIONS[method]
        at = n * q + (alpha + q * (1 - alpha - beta)) - 1
    return apply("clip", at, 0, apply("maximum", n - 1, 0))


def _quantile(
    operation: str, x: TensorLike, q: TensorLike, axis: Any, method: str, keepdims: bool, skip_nan: bool
) -> Variable:
    methods = (*_BETWEEN, *_STEPS, *_PLOTTING_POSITIONS)
    if method not in methods:
        raise ValueError(complaint(operation, f"one of the methods {', '.join(methods)}", repr(method)))
    array = wrap(as_node(x))
    if kind_of(array.dtype) != "f":
        array = wrap(_core.cast(array._node, "float64"))
    axes = normalize_axes(operation, array._node, axis)
    line = _reduced_last(array, axes)
    fractions = wrap(as_node(q))
    if not isinstance(q, Expression) and not ((np.asarray(q) >= 0) & (np.asarray(q) <= 1)).all():
        raise ValueError(complaint(operation, "fractions from 0 to 1 (percentages from 0 to 100)", str(q)))
    flat = flatten(wrap(_core.cast(fractions._node, array.dtype)))
    nan = apply("isnan", line)
    full = wrap(_core.cast(size_node(dims_of(line._node)[-1]), array.dtype))
    n = sum_of(apply("logical_not", nan), axis=-1, keepdims=True).astype(array.dtype) if skip_nan else full
    rows = [_core.dim(line._node, d) for d in range(line.ndim - 1)]
    at = _position(flat, n, method) + wrap(_core.zeros([*rows, _core.constant(1)], array.dtype))
    ordered = sort(line)
    if method in _STEPS:
        found = take_along_axis(ordered, _STEPS[method](at).astype("int64"))
    else:
        low = apply("floor", at)
        share = where(apply("eq", at, low), 0.0, 0.5) if method == "midpoint" else at - low
        below = take_along_axis(ordered, low.astype("int64"))
        above = take_along_axis(ordered, apply("ceil", at).astype("int64"))
        step = above - below
        # From the nearer end, so that a share of 1 gives it exactly; equal infinities have no difference.
        between = where(apply("lt", share, 0.5), below + step * share, above - step * (1 - share))
        found = where(apply("eq", below, above), below, between)
    empty = apply("eq", n, 0) if skip_nan else any_of(nan, axis=-1, keepdims=True)
    found = where(empty, np.nan, found).astype(array.dtype)
    front = moveaxis(found, found.ndim - 1, 0)
    result = getitem(front, 0) if fractions.ndim == 0 else front
    lead = 0 if fractions.ndim == 0 else 1
    if fractions.ndim > 1:
        sizes = [*fractions.shape, *[wrap(size_node(size)) for size in dims_of(front._node)[1:]]]
        result = front.reshape(tuple(sizes), ndim=len(sizes))
        lead = fractions.ndim
    if keepdims:
        return expand_dims(result, tuple(lead + k for k in axes))
    return result


def _reduced_last(array: Variable, axes: list[int]) -> Variable:
    """The axes to reduce as one, which is the last."""
    kept = [k for k in range(array.ndim) if k not in axes]
    moved = wrap(_core.dimshuffle(array._node, [*kept, *axes]))
    dims = dims_of(moved._node)
    total: Any = size_node(1)
    for size in dims[len(kept) :]:
        total = _core.apply("mul", [total, size_node(size)])
    sizes = [size_node(size) for size in dims[: len(kept)]]
    return wrap(_core.reshape(moved._node, [*sizes, total]))


def quantile(
    a: TensorLike, q: TensorLike, axis: Any = None, method: str = "linear", keepdims: bool = False
) -> Variable:
    """The values below which the fractions `q` of the elements along axes lie.

    Parameters
    ----------
    a : array_like or Variable
        Real numbers; integers count as float64. A line with NaN gives NaN.
    q : array_like or Variable
        From 0 to 1; its axes come first in the result.
    axis : int or tuple of int, optional
    method : str
        As in NumPy: "linear", "lower", "higher", "nearest", "midpoint", "hazen", "weibull",
        "median_unbiased" or "normal_unbiased" (Hyndman and Fan, "Sample quantiles in statistical packages",
        The American Statistician 50, 1996).
    keepdims : bool

    Returns
    -------
    Variable
        In the dtype of `a`, for integers float64.

    Raises
    ------
    ValueError
        For an unknown method, and fractions outside [0, 1] where they are known.

    Examples
    --------
    >>> T.quantile([1.0, 2.0, 3.0, 5.0], [0.5, 1.0]).eval()
    array([2.5, 5. ])
    """
    return _quantile("quantile", a, q, axis, method, keepdims, False)


def nanquantile(
    a: TensorLike, q: TensorLike, axis: Any = None, method: str = "linear", keepdims: bool = False
) -> Variable:
    """`quantile` of the elements that are not NaN; NaN where there are none. Arguments as `quantile`.

    Examples
    --------
    >>> T.nanquantile([1.0, np.nan, 3.0], 0.5).eval()
    array(2.)
    """
    return _quantile("nanquantile", a, q, axis, method, keepdims, True)


def _fractions(q: TensorLike) -> TensorLike:
    return apply("true_div", q, 100) if isinstance(q, Expression) else np.asarray(q) / 100


def percentile(
    a: TensorLike, q: TensorLike, axis: Any = None, method: str = "linear", keepdims: bool = False
) -> Variable:
    """`quantile` for percentages: `q` is from 0 to 100. Arguments as `quantile`.

    Examples
    --------
    >>> T.percentile([1.0, 2.0, 3.0, 5.0], 50).eval()
    array(2.5)
    """
    return _quantile("percentile", a, _fractions(q), axis, method, keepdims, False)


def nanpercentile(
    a: TensorLike, q: TensorLike, axis: Any = None, method: str = "linear", keepdims: bool = False
) -> Variable:
    """`nanquantile` for percentages: `q` is from 0 to 100. Arguments as `quantile`."""
    return _quantile("nanpercentile", a, _fractions(q), axis, method, keepdims, True)


def median(a: TensorLike, axis: Any = None, keepdims: bool = False) -> Variable:
    """The middle element along axes, or the mean of the two in the middle; NaN where a line has NaN.

    Parameters
    ----------
    a : array_like or Variable
        Real numbers; integers count as float64.
    axis : int or tuple of int, optional
        None means all.
    keepdims : bool
        Whether the axes stay, with size 1.

    Examples
    --------
    >>> T.median([[1.0, 9.0, 2.0], [4.0, 5.0, 6.0]], axis=1).eval()
    array([2., 5.])
    """
    return _quantile("median", a, 0.5, axis, "linear", keepdims, False)


def nanmedian(a: TensorLike, axis: Any = None, keepdims: bool = False) -> Variable:
    """`median` of the elements that are not NaN; NaN where there are none. Arguments as `median`.

    Examples
    --------
    >>> T.nanmedian([1.0, np.nan, 3.0]).eval()
    array(2.)
    """
    return _quantile("nanmedian", a, 0.5, axis, "linear", keepdims, True)


def histogram_bin_edges(a: TensorLike, bins: int = 10, range: tuple[Any, Any] | None = None) -> Variable:
    """The edges of bins of equal width.

    Parameters
    ----------
    a : array_like or Variable
        Real numbers.
    bins : int
        The number of bins.
    range : pair of float or of scalars, optional
        The outer edges; the extremes of `a` without it. Around a single value they are 1 apart.

    Returns
    -------
    Variable
        bins + 1 numbers in the dtype of `a`, for integers float64.

    Examples
    --------
    >>> T.histogram_bin_edges([1.0, 2.0, 5.0], bins=2).eval()
    array([1., 3., 5.])
    """
    array = flatten(wrap(as_node(a)))
    if kind_of(array.dtype) != "f":
        array = wrap(_core.cast(array._node, "float64"))
    outer = (smallest_of(array), largest_of(array)) if range is None else range
    low, high = (wrap(_core.cast(as_node(x), array.dtype)) for x in outer)
    # As in NumPy, bins around a single value are as wide as one altogether.
    single = apply("eq", low, high)
    low, high = where(single, low - 0.5, low), where(single, high + 0.5, high)
    line = wrap(_core.cast(_core.iota([_core.constant(bins + 1)], 0), array.dtype))
    edges = low + line * ((high - low) / bins)
    return where(apply("eq", line, bins), high, edges).astype(array.dtype)


def histogram(
    a: TensorLike,
    bins: int = 10,
    range: tuple[Any, Any] | None = None,
    density: bool = False,
    weights: TensorLike = None,
) -> tuple[Variable, Variable]:
    """How many elements of the flattened `a` lie in each bin, and the edges of the bins.

    Parameters
    ----------
    a : array_like or Variable
        Real numbers. Elements outside `range` do not count.
    bins : int
        The number of bins of equal width; all but the last are open on the right.
    range : pair of float or of scalars, optional
        The outer edges; the extremes of `a` without it.
    density : bool
        Divide by the total and the widths of the bins.
    weights : array_like or Variable, optional
        What each element counts, in the shape of `a`.

    Returns
    -------
    tuple of Variable
        int64 counts (floats for densities, the weights' dtype with weights), and bins + 1 edges.

    Examples
    --------
    >>> [part.eval() for part in T.histogram([1.0, 2.0, 2.5, 5.0], bins=2)]
    [array([3, 1]), array([1., 3., 5.])]
    """
    edges = histogram_bin_edges(a, bins, range)
    array = flatten(wrap(_core.cast(as_node(a), edges.dtype)))
    low, high = edges[0], edges[bins]
    guess = apply("floor", (array - low) * (bins / (high - low)))
    guess = apply("clip", where(apply("isnan", guess), 0.0, guess), 0, bins - 1).astype("int64")
    # Rounding may have put elements beside an edge into the wrong bin.
    guess = guess - apply("lt", array, getitem(edges, guess)).astype("int64")
    guess = apply("clip", guess, 0, bins - 1)
    above = apply("logical_and", apply("ge", array, getitem(edges, guess + 1)), apply("lt", guess, bins - 1))
    guess = guess + above.astype("int64")
    inside = apply("logical_and", apply("ge", array, low), apply("le", array, high))
    places = where(inside, guess, bins)
    counted = None if weights is None else flatten(weights)
    counts = getitem(bincount(places, counted, length=bins + 1), slice(0, bins))
    if density:
        widths = edges[1:] - edges[:-1]
        counts = counts / (sum_of(counts) * widths)
    return counts, edges
