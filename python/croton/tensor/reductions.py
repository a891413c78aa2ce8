"""Functions that combine the elements along axes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from croton import _core
from croton.errors import complaint
from croton.tensor.elementwise import apply, isclose, where
from croton.tensor.expression import (
    Node,
    Size,
    TensorLike,
    as_node,
    as_size,
    describe,
    dims_of,
    product,
    size_node,
    size_op,
    wrap,
)
from croton.tensor.types import dtype_name, kind_of

if TYPE_CHECKING:
    from croton.tensor.variable import Variable

__all__ = [
    "all",
    "allclose",
    "any",
    "argmax",
    "argmin",
    "logsumexp",
    "makeKeepDims",
    "max",
    "max_and_argmax",
    "mean",
    "min",
    "norm",
    "prod",
    "ptp",
    "std",
    "sum",
    "var",
]

Axis = int | Sequence[int] | None


def normalize_axes(operation: str, node: Node, axis: Any) -> list[int]:
    """The axes as sorted numbers from 0; None means all."""
    if axis is None:
        return list(range(node.ndim))
    given = list(axis) if isinstance(axis, list | tuple) else [axis]
    axes = []
    for entry in given:
        number = as_size(entry, operation)
        if not isinstance(number, int):
            raise TypeError(complaint(operation, "an axis that is a number", describe(entry)))
        if not -node.ndim <= number < node.ndim:
            required = f"axes from {-node.ndim} to {node.ndim - 1}" if node.ndim else "no axis for a scalar"
            raise ValueError(complaint(operation, required, f"{number} for {describe(wrap(node))}"))
        axes.append(number % node.ndim)
    if len(set(axes)) < len(axes):
        raise ValueError(complaint(operation, "different axes", f"{axis}"))
    return sorted(axes)


def _accumulator(node: Node) -> str:
    """The dtype sums and products of `node` have: 64 bits for bools and integers."""
    return {"b": "int64", "i": "int64", "u": "uint64"}.get(kind_of(node.dtype), node.dtype)


def _reduce(name: str, node: Node, axis: Any, keepdims: bool) -> Node:
    return _core.reduce(name, node, normalize_axes(name, node, axis), keepdims)


def _accumulate(name: str, x: TensorLike, axis: Any, dtype: Any, keepdims: bool, acc_dtype: Any) -> Variable:
    node = as_node(x)
    result = dtype_name(dtype) if dtype is not None else _accumulator(node)
    work = dtype_name(acc_dtype) if acc_dtype is not None else result
    return wrap(_core.cast(_reduce(name, _core.cast(node, work), axis, keepdims), result))


def sum(
    x: TensorLike, axis: Axis = None, dtype: Any = None, keepdims: bool = False, acc_dtype: Any = None
) -> Variable:
    """The sum of the elements along axes; 0 where there are none.

    Parameters
    ----------
    x : array_like or Variable
    axis : int, sequence of int or None
        The axes to sum over; negative ones count from the last. None means all.
    dtype : optional
        The dtype of the result. By default int64 for bools and integers, uint64 for unsigned integers,
        and that of `x` for floats.
    keepdims : bool
        Whether the axes stay, with size 1.
    acc_dtype : optional
        The dtype the sum is computed in, by default `dtype`.

    Raises
    ------
    ValueError
        For axes outside `x`, or given twice.
    TypeError
        For axes that are not integers.

    Examples
    --------
    >>> T.sum([[1, 2], [3, 4]], axis=0).eval()
    array([4, 6])
    """
    return _accumulate("sum", x, axis, dtype, keepdims, acc_dtype)


def prod(
    x: TensorLike,
    axis: Axis = None,
    dtype: Any = None,
    keepdims: bool = False,
    acc_dtype: Any = None,
    no_zeros_in_input: bool = False,
) -> Variable:
    """The product of the elements along axes; 1 where there are none.

    Parameters
    ----------
    x : array_like or Variable
    axis, dtype, keepdims, acc_dtype
        As for `sum`.
    no_zeros_in_input : bool
        Accepted as in Theano: the gradient is right where elements are zero, with or without it.

    Examples
    --------
    >>> T.prod([[1, 2], [3, 4]], axis=1).eval()
    array([ 2, 12])
    """
    return _accumulate("prod", x, axis, dtype, keepdims, acc_dtype)


def count_elements(node: Node, axes: Sequence[int]) -> Size:
    """The number of elements along axes."""
    dims = dims_of(node)
    return product([dims[axis] for axis in axes])


def _inexact(node: Node) -> Node:
    """`node` as floats: integers and bools as float64."""
    return _core.cast(node, "float64") if kind_of(node.dtype) in "biu" else node


def mean(
    x: TensorLike, axis: Axis = None, dtype: Any = None, keepdims: bool = False, acc_dtype: Any = None
) -> Variable:
    """The mean of the elements along axes, NaN where there are none.

    Parameters
    ----------
    x : array_like or Variable
    axis, keepdims
        As for `sum`.
    dtype : optional
        The dtype of the result, by default float64 for bools and integers, and else that of `x`.
    acc_dtype : optional
        The dtype the sum is computed in, by default `dtype`; float32 for means of float16.

    Examples
    --------
    >>> T.mean([[1, 2], [3, 4]], axis=0).eval()
    array([2., 3.])
    """
    node = _inexact(as_node(x))
    result = dtype_name(dtype) if dtype is not None else node.dtype
    work = dtype_name(acc_dtype) if acc_dtype is not None else result
    if work in ("float16", "bfloat16"):
        work = "float32"
    axes = normalize_axes("mean", node, axis)
    total = _core.reduce("sum", _core.cast(node, work), axes, keepdims)
    count = _core.cast(size_node(count_elements(node, axes)), work)
    return wrap(_core.cast(_core.apply("true_div", [total, count]), result))


def squared_size(x: Variable) -> Variable:
    """|x|**2."""
    if kind_of(x.dtype) != "c":
        return apply("square", x)
    return apply("square", wrap(_core.real(x._node))) + apply("square", wrap(_core.imag(x._node)))


def var(
    x: TensorLike, axis: Axis = None, ddof: int = 0, keepdims: bool = False, corrected: bool = False
) -> Variable:
    """The mean squared distance from the mean: sum(|x - mean(x)|**2) / (n - ddof) for n elements.

    Parameters
    ----------
    x : array_like or Variable
        Integers and bools count as float64.
    axis, keepdims
        As for `sum`.
    ddof : int
        What is subtracted from the number of elements.
    corrected : bool
        Accepted as in Theano: the mean is always subtracted first.

    Returns
    -------
    Variable
        Real, also where `x` is complex.

    Examples
    --------
    >>> T.var([1.0, 2.0, 3.0], ddof=1).eval()
    array(1.)
    """
    node = _inexact(as_node(x))
    axes = normalize_axes("var", node, axis)
    centre = mean(wrap(node), axes, keepdims=True)
    squares = squared_size(apply("sub", wrap(node), centre))
    if not ddof:
        return mean(squares, axes, keepdims=keepdims)
    count = _core.cast(size_node(size_op("sub", count_elements(node, axes), ddof)), squares.dtype)
    return apply("true_div", sum(squares, axes, keepdims=keepdims), wrap(count))


def std(
    x: TensorLike, axis: Axis = None, ddof: int = 0, keepdims: bool = False, corrected: bool = False
) -> Variable:
    """The square root of `var`, with the same arguments.

    Examples
    --------
    >>> T.std([[1.0, 3.0], [2.0, 2.0]], axis=1).eval()
    array([1., 0.])
    """
    return apply("sqrt", var(x, axis, ddof, keepdims, corrected))


def max(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Variable:
    """The largest element along axes; NaN if there is one. Equal ones each get the whole gradient.

    Parameters
    ----------
    x : array_like or Variable
        Real numbers.
    axis, keepdims
        As for `sum`.

    Returns
    -------
    Variable
        In the dtype of `x`.

    Raises
    ------
    TypeError
        For complex numbers.
    ValueError
        In the call, where there are no elements.

    Examples
    --------
    >>> T.max([[1, 5], [3, 2]], axis=1).eval()
    array([5, 3])
    """
    return wrap(_reduce("max", as_node(x), axis, keepdims))


def min(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Variable:
    """The smallest element along axes; NaN if there is one. Equal ones each get the whole gradient.

    Parameters
    ----------
    x : array_like or Variable
        Real numbers.
    axis, keepdims
        As for `sum`.

    Returns
    -------
    Variable
        In the dtype of `x`.

    Raises
    ------
    TypeError
        For complex numbers.
    ValueError
        In the call, where there are no elements.

    Examples
    --------
    >>> T.min([[1, 5], [3, 2]], axis=1).eval()
    array([1, 2])
    """
    return wrap(_reduce("min", as_node(x), axis, keepdims))


def ptp(x: TensorLike, axis: Axis = None) -> Variable:
    """The largest minus the smallest element along axes.

    Parameters
    ----------
    x : array_like or Variable
        Real numbers, no bools.
    axis
        As for `sum`.

    Examples
    --------
    >>> T.ptp([[1, 5], [3, 2]], axis=1).eval()
    array([4, 1])
    """
    return apply("sub", max(x, axis), min(x, axis))


def _arg_extreme(name: str, x: TensorLike, axis: Any, keepdims: bool) -> Variable:
    node = as_node(x)
    axes = normalize_axes(name, node, axis)
    if len(axes) != 1:
        others = [k for k in range(node.ndim) if k not in axes]
        dims = dims_of(node)
        order = _core.dimshuffle(node, others + axes)
        sizes = [dims[k] for k in others] + [product([dims[k] for k in axes])]
        flat = _core.reshape(order, [size_node(size) for size in sizes])
        index = _first(name, flat, len(others))
        kept = [-1 if k in axes else others.index(k) for k in range(node.ndim)]
        return wrap(_core.dimshuffle(index, kept) if keepdims else index)
    index = _first(name, node, axes[0])
    if keepdims:
        index = _core.dimshuffle(index, [-1 if k == axes[0] else k - (k > axes[0]) for k in range(node.ndim)])
    return wrap(index)


def _first(name: str, node: Node, axis: int) -> Node:
    """The first position along `axis` of the extreme element; NaN counts as more extreme than any number."""
    x = wrap(node)
    best = wrap(_core.reduce(name[3:], node, [axis], True))
    hit = apply("eq", x, best)
    if kind_of(node.dtype) == "f":
        hit = apply("logical_or", hit, apply("isnan", x))
    sizes = [size_node(size) for size in dims_of(node)]
    last = apply("sub", wrap(sizes[axis]), 1)
    return _core.reduce("min", where(hit, wrap(_core.iota(sizes, axis)), last)._node, [axis], False)


def argmax(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Variable:
    """The position of the first largest element, as int64; NaN counts as largest.

    Parameters
    ----------
    x : array_like or Variable
        Real numbers.
    axis : int, sequence of int or None
        With None or several axes, the result is the position in the flattened axes.
    keepdims : bool
        Whether the axes stay, with size 1.

    Raises
    ------
    TypeError
        For complex numbers.
    ValueError
        In the call, where there are no elements.

    Examples
    --------
    >>> T.argmax([[1, 5], [3, 2]], axis=1).eval()
    array([1, 0])
    """
    return _arg_extreme("argmax", x, axis, keepdims)


def argmin(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Variable:
    """The position of the first smallest element, as int64; NaN counts as smallest. Arguments as `argmax`.

    Examples
    --------
    >>> T.argmin([[1, 5], [3, 2]], axis=1).eval()
    array([0, 1])
    """
    return _arg_extreme("argmin", x, axis, keepdims)


def max_and_argmax(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> tuple[Variable, Variable]:
    """The pair (`max`, `argmax`), each with these arguments.

    Examples
    --------
    >>> [part.eval().tolist() for part in T.max_and_argmax([[1, 5], [3, 2]], axis=1)]
    [[5, 3], [1, 0]]
    """
    return max(x, axis, keepdims), argmax(x, axis, keepdims)


def _logical(name: str, x: TensorLike, axis: Any, keepdims: bool) -> Variable:
    return wrap(_reduce(name, _core.cast(as_node(x), "bool"), axis, keepdims))


def any(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Variable:
    """Whether any element along axes is nonzero.

    Parameters
    ----------
    x : array_like or Variable
        NaN is not zero.
    axis, keepdims
        As for `sum`.

    Returns
    -------
    Variable
        Bools; False where there are no elements.

    Examples
    --------
    >>> T.any([[0, 1], [0, 0]], axis=1).eval()
    array([ True, False])
    """
    return _logical("max", x, axis, keepdims)


def all(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Variable:
    """Whether all elements along axes are nonzero.

    Parameters
    ----------
    x : array_like or Variable
        NaN is not zero.
    axis, keepdims
        As for `sum`.

    Returns
    -------
    Variable
        Bools; True where there are no elements.

    Examples
    --------
    >>> T.all([[2, 1], [0, 1]], axis=1).eval()
    array([ True, False])
    """
    return _logical("min", x, axis, keepdims)


def allclose(
    a: TensorLike, b: TensorLike, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
) -> Variable:
    """Whether all elements are close, as a bool scalar; arguments as `isclose`.

    Examples
    --------
    >>> T.allclose([1.0, 2.0], [1.0, 2.0 + 1e-9]).eval()
    array(True)
    """
    return all(isclose(a, b, rtol, atol, equal_nan))


def logsumexp(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Variable:
    """log(sum(exp(x))) along axes without overflow.

    Parameters
    ----------
    x : array_like or Variable
        Integers and bools count as float64.
    axis, keepdims
        As for `sum`.

    Raises
    ------
    ValueError
        In the call, where there are no elements.

    Examples
    --------
    >>> T.logsumexp([[-np.inf, 5.0], [0.0, -np.inf]], axis=1).eval()
    array([5., 0.])
    """
    node = _inexact(as_node(x))
    axes = normalize_axes("logsumexp", node, axis)
    result = _core.logsumexp(node, axes)
    if not keepdims:
        result = _core.dimshuffle(result, [k for k in range(node.ndim) if k not in axes])
    return wrap(result)


def root_of_sum(total: Variable, order: float = 2) -> Variable:
    """total ** (1/order) of a sum of powers, as a norm: where all of them are 0, so is the gradient."""
    some = apply("ne", total, 0)
    inner = where(some, total, 1)
    root = apply("sqrt", inner) if order == 2 else apply("pow", inner, 1 / order)
    return where(some, root, 0)


def norm(x: TensorLike, L: float = 2, axis: Axis = None) -> Variable:
    """The L-norm along axes: (sum |x|**L) ** (1/L).

    Parameters
    ----------
    x : array_like or Variable
    L : float
        inf gives the largest |x|, 0 the number of nonzero elements.
    axis
        As for `sum`.

    Returns
    -------
    Variable
        Its gradient is 0 where all elements are.

    Examples
    --------
    >>> T.norm([3.0, 4.0]).eval()
    array(5.)
    """
    size = apply("abs", x)
    if math.inf == L:
        return max(size, axis)
    if L == 0:
        return sum(apply("ne", x, 0), axis)
    if L == 1:
        return sum(size, axis)
    powers = squared_size(wrap(as_node(x))) if L == 2 else apply("pow", size, L)
    return root_of_sum(sum(powers, axis), L)


def makeKeepDims(x: TensorLike, y: TensorLike, axis: Axis) -> Variable:
    """`y`, a reduction of `x` along axes, with these axes back, of size 1.

    Parameters
    ----------
    x : array_like or Variable
    y : array_like or Variable
        Of as many axes as `x` has beside the reduced ones.
    axis : int, sequence of int or None
        The reduced axes.

    Raises
    ------
    ValueError
        If `y` has another number of axes.

    Examples
    --------
    >>> x = T.matrix("x")
    >>> T.makeKeepDims(x, x.sum(1), 1).type
    float64[?, 1]
    """
    rank, node = as_node(x).ndim, as_node(y)
    axes = normalize_axes("makeKeepDims", as_node(x), axis)
    if node.ndim != rank - len(axes):
        required = f"a reduction with {rank - len(axes)} axes"
        raise ValueError(complaint("makeKeepDims", required, describe(wrap(node))))
    kept = iter(range(node.ndim))
    return wrap(_core.dimshuffle(node, [-1 if k in axes else next(kept) for k in range(rank)]))
