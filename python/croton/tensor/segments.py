"""Sums, means and maxima of the elements that share a number: bincount and the segments of an axis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from croton import _core
from croton.errors import complaint
from croton.tensor.elementwise import apply
from croton.tensor.expression import (
    Node,
    Size,
    TensorLike,
    as_node,
    as_size,
    constant_node,
    describe,
    dims_of,
    size_node,
    size_op,
    wrap,
)
from croton.tensor.types import kind_of

if TYPE_CHECKING:
    from croton.tensor.variable import Variable

__all__ = ["bincount", "segment_max", "segment_mean", "segment_min", "segment_sum"]


def _count_of(operation: str, index: Node, count: Any) -> Size:
    """How many numbers there are: as given, or one more than the largest where the numbers are known."""
    if count is not None:
        return as_size(count, operation)
    known = index._value() if index._op == "constant" else None
    if known is None:
        remedy = "say how many there are with length= or num_segments="
        raise NotImplementedError(complaint(operation, "known numbers", describe(wrap(index)), remedy))
    return int(known.max(initial=-1)) + 1


def _numbers(operation: str, x: TensorLike) -> Node:
    node = as_node(x)
    if kind_of(node.dtype) not in "iu":
        raise TypeError(complaint(operation, "integers", describe(wrap(node)), "cast it to 'int64'"))
    return _core.cast(node, "int64")


def _sums(values: Node, index: Node, count: Size) -> Variable:
    """The sums of the slices of `values` that share a number."""
    sizes = [size_node(size) for size in (count, *dims_of(values)[1:])]
    return wrap(_core.scatter(_core.zeros(sizes, values.dtype), values, index, 0, "add"))


def bincount(
    x: TensorLike,
    weights: TensorLike = None,
    minlength: Any = None,
    assert_nonneg: bool = False,
    length: Any = None,
) -> Variable:
    """How often each of the numbers 0, 1, ... occurs in the vector `x`, or the sum of its weights.

    Parameters
    ----------
    x : array_like or Variable
        A vector of integers from 0 on.
    weights : array_like or Variable, optional
        One for each element of `x`; the gradient flows to them.
    minlength : int, optional
        The least length of the result.
    assert_nonneg : bool
        Accepted as in Theano. Negative numbers that are known are an error in any case.
    length : int or int scalar, optional
        The length of the result. It may be left out only where `x` is constant: the largest number plus one.

    Returns
    -------
    Variable
        An int64 vector; with weights, of their dtype (float64 for integers).

    Raises
    ------
    IndexError
        In the call, for numbers not below `length`.

    Examples
    --------
    >>> T.bincount([0, 2, 2]).eval()
    array([1, 0, 2])
    """
    index = _numbers("bincount", x)
    if index.ndim != 1:
        raise ValueError(complaint("bincount", "a vector", describe(wrap(index))))
    known = index._value() if index._op == "constant" else None
    if known is not None and (known < 0).any():
        raise ValueError(complaint("bincount", "integers of 0 or more", str(known.min())))
    count = _count_of("bincount", index, length)
    if length is None and minlength is not None:
        count = size_op("maximum", count, as_size(minlength, "bincount"))
    values = wrap(as_node(1 if weights is None else weights))
    if weights is not None and kind_of(values.dtype) in "biu":
        values = values.astype("float64")
    whole = _core.broadcast_to(values._node, [size_node(size) for size in dims_of(index)])
    return _sums(whole, index, count)


def segment_sum(data: TensorLike, segment_ids: TensorLike, num_segments: Any = None) -> Variable:
    """The sums of the slices of `data` along its first axis that share a number.

    Parameters
    ----------
    data : array_like or Variable
        Of shape (n, ...).
    segment_ids : array_like or Variable
        n integers from 0 on, in any order.
    num_segments : int or int scalar, optional
        It may be left out only where `segment_ids` is constant: the largest number plus one.

    Returns
    -------
    Variable
        Of shape (num_segments, ...) and the dtype of `data`; 0 for numbers that do not occur.

    Raises
    ------
    IndexError
        In the call, for numbers not below `num_segments`.

    Examples
    --------
    >>> T.segment_sum([1.0, 2.0, 4.0], [0, 2, 0]).eval()
    array([5., 0., 2.])
    """
    array, index, count = _segments("segment_sum", data, segment_ids, num_segments)
    return _sums(array, index, count)


def _segments(operation: str, data: TensorLike, ids: TensorLike, count: Any) -> tuple[Node, Node, Size]:
    array, index = as_node(data), _numbers(operation, ids)
    if index.ndim != 1 or array.ndim < 1:
        given = f"{describe(wrap(array))} and {describe(wrap(index))}"
        raise ValueError(complaint(operation, "data with an axis, and a vector of numbers", given))
    m, n = array.static_shape[0], index.static_shape[0]
    if m is not None and n is not None and m != n:
        raise ValueError(complaint(operation, f"{m} numbers", str(n)))
    return array, index, _count_of(operation, index, count)


def segment_mean(data: TensorLike, segment_ids: TensorLike, num_segments: Any = None) -> Variable:
    """The means of the slices that share a number; 0 for numbers that do not occur.

    Arguments as `segment_sum`; integers count as float64.

    Examples
    --------
    >>> T.segment_mean([1.0, 2.0, 4.0], [0, 2, 0]).eval()
    array([2.5, 0. , 2. ])
    """
    array, index, count = _segments("segment_mean", data, segment_ids, num_segments)
    if kind_of(array.dtype) in "biu":
        array = _core.cast(array, "float64")
    total = _sums(array, index, count)
    ones = _core.full(
        [size_node(size) for size in dims_of(index)], _core.cast(_core.constant(1.0), array.dtype)
    )
    sizes = apply("maximum", _sums(ones, index, count), 1)
    return total / sizes.dimshuffle(0, *["x"] * (array.ndim - 1))


def _extreme(name: str, data: TensorLike, ids: TensorLike, num_segments: Any) -> Variable:
    array, index, count = _segments(f"segment_{name}", data, ids, num_segments)
    if kind_of(array.dtype) == "b":
        array = _core.cast(array, "int8")
    floats = kind_of(array.dtype) == "f"
    limits = (-np.inf, np.inf) if floats else (np.iinfo(array.dtype).min, np.iinfo(array.dtype).max)
    none = _core.cast(constant_node(limits[name == "min"]), array.dtype)
    sizes = [size_node(size) for size in (count, *dims_of(array)[1:])]
    return wrap(_core.scatter(_core.full(sizes, none), array, index, 0, name))


def segment_max(data: TensorLike, segment_ids: TensorLike, num_segments: Any = None) -> Variable:
    """The largest of the slices that share a number. Arguments as `segment_sum`.

    The least value of the dtype (-inf for floats) stands for numbers that do not occur.

    Examples
    --------
    >>> T.segment_max([1.0, 2.0, 4.0], [0, 2, 0]).eval()
    array([  4., -inf,   2.])
    """
    return _extreme("max", data, segment_ids, num_segments)


def segment_min(data: TensorLike, segment_ids: TensorLike, num_segments: Any = None) -> Variable:
    """The smallest of the slices that share a number. Arguments as `segment_sum`.

    The largest value of the dtype (inf for floats) stands for numbers that do not occur.

    Examples
    --------
    >>> T.segment_min([1.0, 2.0, 4.0], [0, 2, 0]).eval()
    array([ 1., inf,  2.])
    """
    return _extreme("min", data, segment_ids, num_segments)
