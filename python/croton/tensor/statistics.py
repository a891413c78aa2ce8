"""Statistics of arrays: weighted means, covariances, differences, comparisons as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from croton import _core
from croton.errors import complaint
from croton.tensor import reductions
from croton.tensor.diagonals import diagonal
from croton.tensor.elementwise import apply
from croton.tensor.expression import TensorLike, as_variable, describe, nodes_of, size_node, wrap
from croton.tensor.joining import concatenate
from croton.tensor.products import dot
from croton.tensor.reductions import Axis, normalize_axes
from croton.tensor.types import kind_of

if TYPE_CHECKING:
    from croton.tensor.variable import Variable

__all__ = ["array_equal", "average", "corrcoef", "count_nonzero", "cov", "diff", "trapezoid"]


def count_nonzero(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Variable:
    """The number of elements along axes that are not zero, as int64.

    Parameters
    ----------
    x : array_like or Variable
        NaN is not zero.
    axis, keepdims
        As for `sum`.

    Examples
    --------
    >>> T.count_nonzero([[0, 1], [2, 3]], axis=1).eval()
    array([1, 2])
    """
    return reductions.sum(apply("ne", x, 0), axis, keepdims=keepdims)


def average(
    x: TensorLike,
    axis: Axis = None,
    weights: TensorLike = None,
    returned: bool = False,
    keepdims: bool = False,
) -> Any:
    """The weighted mean along axes: sum(x * weights) / sum(weights).

    Parameters
    ----------
    x : array_like or Variable
    axis : int, sequence of int or None
    weights : array_like or Variable, optional
        In the shape of `x`, or with one axis for each of `axis`. By default all are 1.
    returned : bool
        Whether to return the pair (mean, sum of the weights).
    keepdims : bool

    Raises
    ------
    ValueError
        For weights of another number of axes, and for axes outside `x`.

    Examples
    --------
    >>> T.average([1.0, 4.0], weights=[2, 1]).eval()
    array(2.)
    """
    array = as_variable(x)
    axes = normalize_axes("average", array._node, axis)
    if weights is None:
        mean = reductions.mean(array, axes, keepdims=keepdims)
        count = size_node(reductions.count_elements(array._node, axes))
        total = wrap(_core.cast(count, mean.dtype))
    else:
        array, factor = (wrap(node) for node in nodes_of([array, weights], "average"))
        if factor.ndim != array.ndim:
            if factor.ndim != len(axes):
                required = f"weights with {array.ndim} or {len(axes)} axes"
                raise ValueError(complaint("average", required, describe(factor)))
            given = [axis] if isinstance(axis, int) else list(axis or range(array.ndim))
            places = [int(k) % array.ndim for k in given]
            factor = factor.dimshuffle([places.index(k) if k in places else "x" for k in range(array.ndim)])
        dtype = _core.promote(array.dtype, factor.dtype)
        dtype = "float64" if kind_of(dtype) in "biu" else dtype
        products = array.astype(dtype) * factor.astype(dtype)
        wide = wrap(_core.broadcast_to(factor.astype(dtype)._node, [n._node for n in products.shape]))
        total = reductions.sum(wide, axes, keepdims=keepdims)
        mean = reductions.sum(products, axes, keepdims=keepdims) / total
    if not returned:
        return mean
    return mean, wrap(_core.broadcast_to(total._node, [size._node for size in mean.shape]))


def cov(
    m: TensorLike,
    y: TensorLike = None,
    rowvar: bool = True,
    bias: bool = False,
    ddof: int | None = None,
    fweights: TensorLike = None,
    aweights: TensorLike = None,
) -> Variable:
    """The covariance matrix of variables with several observations each.

    Parameters
    ----------
    m : array_like or Variable
        A matrix with one row for each variable, or the vector of a single one.
    y : array_like or Variable, optional
        Further variables, in the form of `m`.
    rowvar : bool
        False means one column for each variable.
    bias : bool
        Whether to divide by the number of observations instead of that less 1.
    ddof : int, optional
        What to subtract from the number of observations, whatever `bias` is.
    fweights, aweights : array_like or Variable, optional
        Vectors with the frequency and the importance of each observation.

    Returns
    -------
    Variable
        In the dtype of `m`, or float64 for integers; a scalar for a single variable that is known to be one.

    Raises
    ------
    ValueError
        For more than two axes, and for weights that are no vectors.

    Examples
    --------
    >>> T.cov([[0.0, 1.0, 2.0], [2.0, 1.0, 0.0]]).eval()
    array([[ 1., -1.],
           [-1.,  1.]])
    """
    rows = _observations("cov", m, rowvar)
    if y is not None:
        rows = concatenate([rows, _observations("cov", y, rowvar)])
    ddof = (0 if bias else 1) if ddof is None else ddof
    weights = None
    for part in (fweights, aweights):
        if part is not None:
            vector = as_variable(part).astype(_real(rows).dtype)
            if vector.ndim != 1:
                raise ValueError(complaint("cov", "vectors as weights", describe(vector)))
            weights = vector if weights is None else weights * vector
    mean, total = average(rows, 1, weights, returned=True)
    factor = _real(total[0]) - ddof
    if aweights is not None and weights is not None:
        again = reductions.sum(weights * as_variable(aweights).astype(weights.dtype))
        factor = _real(total[0]) - ddof * again / _real(total[0])
    centred = rows - mean.dimshuffle(0, "x")
    weighted = centred if weights is None else centred * weights
    other = wrap(_core.conj(weighted._node)) if kind_of(rows.dtype) == "c" else weighted
    return (dot(centred, other.T) / apply("maximum", factor, 0)).squeeze()


def _real(x: Variable) -> Variable:
    """The real part."""
    return wrap(_core.real(x._node)) if kind_of(x.dtype) == "c" else x


def _observations(operation: str, x: TensorLike, rowvar: bool) -> Variable:
    array = as_variable(x)
    if array.ndim > 2:
        raise ValueError(complaint(operation, "vectors or matrices", describe(array)))
    if kind_of(array.dtype) in "biu":
        array = array.astype("float64")
    if array.ndim == 2:
        return array if rowvar else array.T
    return array.dimshuffle("x", *range(array.ndim)) if array.ndim else array.dimshuffle("x", "x")


def corrcoef(x: TensorLike, y: TensorLike = None, rowvar: bool = True) -> Variable:
    """The correlation coefficients of variables, in [-1, 1]; of complex ones, both parts are.

    Parameters
    ----------
    x, y, rowvar
        As `m`, `y` and `rowvar` of `cov`.

    Raises
    ------
    ValueError
        For more than two axes.

    Examples
    --------
    >>> T.corrcoef([[0.0, 1.0, 2.0], [4.0, 2.0, 0.0]]).eval()
    array([[ 1., -1.],
           [-1.,  1.]])
    """
    c = cov(x, y, rowvar)
    if c.ndim == 0:
        return c / c
    scale = apply("sqrt", _real(diagonal(c)))
    share = c / scale.dimshuffle(0, "x") / scale
    if kind_of(share.dtype) != "c":
        return apply("clip", share, -1, 1)
    parts = (apply("clip", wrap(part(share._node)), -1, 1) for part in (_core.real, _core.imag))
    return wrap(_core.complex(*(part._node for part in parts)))


def diff(x: TensorLike, n: int = 1, axis: int = -1) -> Variable:
    """The differences of neighbours along `axis`, `n` times; for bools, whether they differ.

    Parameters
    ----------
    x : array_like or Variable
    n : int
        0 or more.
    axis : int

    Returns
    -------
    Variable
        Of a size less by `n` along the axis, or 0.

    Raises
    ------
    ValueError
        For other `n`, and for an axis outside `x`.

    Examples
    --------
    >>> T.diff([1, 4, 9, 16]).eval()
    array([3, 5, 7])
    >>> T.diff([1, 4, 9, 16], 2).eval()
    array([2, 2])
    """
    array = as_variable(x)
    (k,) = normalize_axes("diff", array._node, axis)
    if not isinstance(n, int) or n < 0:
        raise ValueError(complaint("diff", "a number of times of 0 or more", repr(n)))
    every = (slice(None),) * k
    for _ in range(n):
        operation = "ne" if array.dtype == "bool" else "sub"
        array = apply(operation, array[(*every, slice(1, None))], array[(*every, slice(None, -1))])
    return array


def array_equal(a: TensorLike, b: TensorLike, equal_nan: bool = False) -> Variable:
    """Whether two arrays have the same shape and elements, as a bool scalar.

    Where sizes are not known beforehand, different ones are an error in the call, unless they broadcast.

    Parameters
    ----------
    a, b : array_like or Variable
    equal_nan : bool
        Whether NaN equals NaN.

    Examples
    --------
    >>> T.array_equal([1, 2], [1, 2]).eval()
    array(True)
    """
    x, y = nodes_of([a, b], "array_equal")
    sizes = zip(x.static_shape, y.static_shape, strict=False)
    if x.ndim != y.ndim or any(m != n for m, n in sizes if m is not None and n is not None):
        return wrap(_core.constant(False))
    same = apply("eq", wrap(x), wrap(y))
    if equal_nan:
        same = apply(
            "logical_or", same, apply("logical_and", apply("isnan", wrap(x)), apply("isnan", wrap(y)))
        )
    return reductions.all(same)


def trapezoid(y: TensorLike, x: TensorLike = None, dx: TensorLike = 1.0, axis: int = -1) -> Variable:
    """The integral along `axis` by the trapezoidal rule.

    Parameters
    ----------
    y : array_like or Variable
    x : array_like or Variable, optional
        Where `y` is sampled: a vector, or an array in the shape of `y`. By default points `dx` apart.
    dx : array_like or Variable
    axis : int

    Examples
    --------
    >>> T.trapezoid([1.0, 2.0, 3.0]).eval()
    array(4.)
    """
    array = as_variable(y)
    (k,) = normalize_axes("trapezoid", array._node, axis)
    every = (slice(None),) * k
    pairs = apply("add", array[(*every, slice(1, None))], array[(*every, slice(None, -1))])
    if x is None:
        gaps: TensorLike = dx
    else:
        points = as_variable(x)
        if points.ndim == 1:
            points = points.dimshuffle([0 if axis == k else "x" for axis in range(array.ndim)])
        gaps = diff(points, axis=k)
    return reductions.sum(apply("true_div", apply("mul", pairs, gaps), 2.0), axis=k)
