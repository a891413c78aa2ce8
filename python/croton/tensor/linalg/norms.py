"""Norms of vectors and matrices, and condition numbers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from croton import _core
from croton.errors import complaint
from croton.tensor import reductions
from croton.tensor.elementwise import apply, cast, where
from croton.tensor.expression import TensorLike, as_node, describe, wrap
from croton.tensor.linalg.factors import svdvals
from croton.tensor.linalg.matrices import floats, matrix
from croton.tensor.linalg.solutions import inv
from croton.tensor.reductions import normalize_axes, root_of_sum, squared_size

if TYPE_CHECKING:
    from croton.tensor.variable import Variable


def norm(x: TensorLike, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Variable:
    """The norm of vectors or matrices, as numpy.linalg.norm.

    Parameters
    ----------
    x : array_like or Variable
    ord : number, inf, -inf, "fro", "nuc" or None
        For vectors, (sum |x|**ord) ** (1/ord), or its limit; None is 2. For matrices "fro" (and None) is the
        root of the sum of squares, "nuc" the sum of the singular values, 2 and -2 the largest and smallest of
        them, 1 and -1 the largest and smallest sum of a column, inf and -inf of a row.
    axis : int, pair of int or None
        The axis of vectors, or the two of matrices. None: all axes, of which there must be one or two unless
        `ord` is None.
    keepdims : bool

    Returns
    -------
    Variable
        Real, without the axes, or with `keepdims` with size 1 along them; integers give float64.

    Raises
    ------
    ValueError
        For another order, or for any where there are neither one nor two axes.

    Examples
    --------
    >>> T.linalg.norm([[3.0, 4.0], [0.0, 1.0]], axis=1).eval()
    array([5., 1.])
    """
    node = floats(as_node(x))
    if axis is None and ord is None:
        return root_of_sum(reductions.sum(squared_size(wrap(node)), keepdims=keepdims))
    axes = normalize_axes("norm", node, axis)
    if len(axes) == 1:
        return _vector_norm(wrap(node), ord, axes[0], keepdims)
    if len(axes) != 2:
        raise ValueError(complaint("norm", "one axis or two", f"{len(axes)} of {describe(wrap(node))}"))
    given = list(axis) if axis is not None else axes
    return _matrix_norm(wrap(node), ord, [k % node.ndim for k in given], keepdims)


def _vector_norm(x: Variable, ord: Any, axis: int, keepdims: bool) -> Variable:
    if isinstance(ord, str):
        raise ValueError(complaint("norm", "a number as the order of a vector norm", repr(ord)))
    size = apply("abs", x)
    if ord is None or ord == 2:
        return root_of_sum(reductions.sum(squared_size(x), axis, keepdims=keepdims))
    if ord == math.inf:
        return reductions.max(size, axis, keepdims)
    if ord == -math.inf:
        return reductions.min(size, axis, keepdims)
    if ord == 0:
        return reductions.sum(cast(apply("ne", x, 0), size.dtype), axis, keepdims=keepdims)
    if ord == 1:
        return reductions.sum(size, axis, keepdims=keepdims)
    return root_of_sum(reductions.sum(apply("pow", size, ord), axis, keepdims=keepdims), ord)


def _matrix_norm(x: Variable, ord: Any, axes: list[int], keepdims: bool) -> Variable:
    row, column = axes
    if ord is None or ord == "fro":
        return root_of_sum(reductions.sum(squared_size(x), axes, keepdims=keepdims))
    extreme = reductions.min if isinstance(ord, int | float) and ord < 0 else reductions.max
    if ord in (1, -1, math.inf, -math.inf):
        summed, other = (row, column) if ord in (1, -1) else (column, row)
        result = extreme(reductions.sum(apply("abs", x), summed, keepdims=True), other, keepdims=True)
    elif ord in (2, -2, "nuc"):
        rest = [k for k in range(x.ndim) if k not in axes]
        values = svdvals(wrap(_core.dimshuffle(x._node, [*rest, row, column])))
        combined = reductions.sum(values, -1) if ord == "nuc" else extreme(values, -1)
        pattern = [-1 if k in axes else rest.index(k) for k in range(x.ndim)]
        result = wrap(_core.dimshuffle(combined._node, pattern))
    else:
        choices = 'an order of 1, -1, 2, -2, inf, -inf, "fro" or "nuc"'
        raise ValueError(complaint("norm", choices, repr(ord)))
    if keepdims:
        return result
    return wrap(_core.dimshuffle(result._node, [k for k in range(x.ndim) if k not in axes]))


def cond(x: TensorLike, p: Any = None) -> Variable:
    """The condition number of matrices: the norm of `x` times that of its inverse.

    Parameters
    ----------
    x : array_like or Variable
        Of shape (..., n, n), or for the orders 2 and -2 of any two last sizes.
    p : optional
        The order of a matrix norm as in `norm`, by default 2: the largest over the smallest singular value.

    Returns
    -------
    Variable
        Of shape (...): infinity for singular matrices and the orders 2 and -2.

    Raises
    ------
    ValueError
        If `x` is no matrix, or not square for other orders than 2 and -2; for another order.
    numpy.linalg.LinAlgError
        In the call, for singular matrices and orders other than 2 and -2, where NumPy gives infinity.

    Examples
    --------
    >>> T.linalg.cond([[1.0, 0.0], [0.0, 4.0]]).eval()
    array(4.)
    """
    a = wrap(matrix("cond", x))
    if p not in (None, 2, -2):
        return norm(a, p, (-2, -1)) * norm(inv(a), p, (-2, -1))
    values = svdvals(a)
    ends = values[..., 0], values[..., -1]
    ratio = ends[1] / ends[0] if p == -2 else ends[0] / ends[1]
    return where(apply("isnan", ratio), math.inf, ratio)
