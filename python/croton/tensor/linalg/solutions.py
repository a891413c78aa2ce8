"""Solutions of linear equations, exact ones and those of least squares."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from croton import _core
from croton.errors import complaint
from croton.tensor import diagonals, products, reductions
from croton.tensor.elementwise import apply, cast
from croton.tensor.expression import Node, TensorLike, as_node, describe, dims_of, nodes_of, product, wrap
from croton.tensor.linalg.factors import svdvals
from croton.tensor.linalg.matrices import columns, floats, matrix, rows
from croton.tensor.movement import reshape_sizes
from croton.tensor.reductions import normalize_axes, squared_size
from croton.tensor.types import REAL_TYPES

if TYPE_CHECKING:
    from croton.tensor.variable import Variable


def solve(a: TensorLike, b: TensorLike) -> Variable:
    """The x with a x = b.

    Parameters
    ----------
    a : array_like or Variable
        Of shape (..., n, n). A singular matrix raises LinAlgError in the call.
    b : array_like or Variable
        A vector of n, or of shape (..., n, k).

    Returns
    -------
    Variable
        Of the shape of `b`, in the common dtype of both, or float64 for integers.

    Raises
    ------
    ValueError
        If `a` is not square, or the sizes differ.

    Examples
    --------
    >>> import croton.tensor as T
    >>> T.linalg.solve([[2.0, 0.0], [0.0, 4.0]], [2.0, 2.0]).eval()
    array([1. , 0.5])
    """
    return _with_right_side("solve", a, b, lambda x, y: _core.solve(x, y, False))


def _with_right_side(operation: str, a: TensorLike, b: TensorLike, solver: Any) -> Variable:
    x, y = nodes_of([a, b], operation)
    result = solver(matrix(operation, wrap(x)), _right_side(operation, y))
    return _first_column(wrap(result)) if y.ndim == 1 else wrap(result)


def _right_side(operation: str, b: Node) -> Node:
    """A vector as a matrix of one column."""
    if b.ndim == 0:
        raise ValueError(complaint(operation, "a vector or a matrix on the right", describe(wrap(b))))
    return b if b.ndim > 1 else _core.dimshuffle(b, [0, -1])


def _first_column(x: Variable) -> Variable:
    return wrap(_core.dimshuffle(x._node, list(range(x.ndim - 1))))


def solve_triangular(
    a: TensorLike, b: TensorLike, trans: Any = 0, lower: bool = False, unit_diagonal: bool = False
) -> Variable:
    """The x with a x = b for a triangular `a`; with a^T x = b if `trans` is 1 or "T", a^H x = b if 2 or "C".

    The other triangle is not read, nor with `unit_diagonal` the diagonal. Argument `b` as in `solve`.

    Parameters
    ----------
    a : array_like or Variable
        Of shape (..., n, n).
    b : array_like or Variable
        A vector of n, or of shape (..., n, k).
    trans : {0, 1, 2, "N", "T", "C"}
        Whether `a` is transposed, and conjugated, too.
    lower : bool
        Whether `a` is lower triangular, else upper.
    unit_diagonal : bool
        Whether the diagonal counts as ones.

    Returns
    -------
    Variable
        Of the shape of `b`.

    Raises
    ------
    ValueError
        For another `trans`, if `a` is not square, or if the sizes differ.

    Examples
    --------
    >>> T.linalg.solve_triangular([[2.0, 0.0], [1.0, 1.0]], [2.0, 3.0], lower=True).eval()
    array([1., 2.])
    """
    if trans not in (0, 1, 2, "N", "T", "C"):
        raise ValueError(complaint("solve_triangular", 'trans of 0, 1, 2, "N", "T" or "C"', repr(trans)))
    transposed, conjugated = trans not in (0, "N"), trans in (2, "C")

    def solver(x: Node, y: Node) -> Node:
        triangle = _core.conj(x) if conjugated else x
        return _core.solve_triangular(triangle, y, lower, transposed, unit_diagonal)

    return _with_right_side("solve_triangular", a, b, solver)


def inv(a: TensorLike) -> Variable:
    """The inverse of a square matrix; a singular one raises LinAlgError in the call."""
    x = matrix("inv", a)
    return solve(wrap(x), diagonals.eye(rows(wrap(x)), None, 0, x.dtype))


def tensorinv(a: TensorLike, ind: int = 2) -> Variable:
    """The inverse of `a` as a matrix of its first `ind` axes by the others.

    Parameters
    ----------
    a : array_like or Variable
        The product of its first `ind` sizes is that of the others.
    ind : int
        At least 1, and below a.ndim; else ValueError.

    Returns
    -------
    Variable
        Of shape a.shape[ind:] + a.shape[:ind].
    """
    node = as_node(a)
    if not 0 < ind < node.ndim:
        raise ValueError(complaint("tensorinv", f"0 < ind < {node.ndim}", str(ind)))
    dims = dims_of(node)
    first, last = dims[:ind], dims[ind:]
    inverse = inv(reshape_sizes(node, [product(first), product(last)]))
    return reshape_sizes(inverse._node, [*last, *first])


def tensorsolve(a: TensorLike, b: TensorLike, axes: Sequence[int] | None = None) -> Variable:
    """The x with tensordot(a, x, x.ndim) = b; the axes of `a` in `axes` are moved to its end first.

    Parameters
    ----------
    a : array_like or Variable
        Of shape b.shape + x.shape.
    b : array_like or Variable
        With as many elements as x.
    axes : sequence of int, optional

    Returns
    -------
    Variable
        x, of shape a.shape[b.ndim:].
    """
    x, y = nodes_of([a, b], "tensorsolve")
    if axes is not None:
        moved = normalize_axes("tensorsolve", x, list(axes))
        order = [k for k in range(x.ndim) if k not in moved] + [k % x.ndim for k in axes]
        x = _core.dimshuffle(x, order)
    rest = dims_of(x)[y.ndim :]
    matrix = reshape_sizes(x, [product(dims_of(y)), product(rest)])
    return reshape_sizes(solve(matrix, reshape_sizes(y, [product(dims_of(y))]))._node, rest)


def pinv(a: TensorLike, rcond: TensorLike = 1e-15) -> Variable:
    """The pseudo-inverse; singular values up to `rcond` times the largest count as 0."""
    x = matrix("pinv", a)
    return wrap(_core.apply_all("pinv", [x, _core.cast(as_node(rcond), part_type(x.dtype))], [])[0])


def lstsq(
    a: TensorLike, b: TensorLike, rcond: float | None = None
) -> tuple[Variable, Variable, Variable, Variable]:
    """The shortest x that makes |a x - b| smallest.

    Parameters
    ----------
    a, b : array_like or Variable
        Of shapes (..., m, n), and (m,) or (..., m, k).
    rcond : float, optional
        Singular values up to `rcond` times the largest count as 0. By default the spacing of floats at 1
        times the larger of m and n.

    Returns
    -------
    x, residuals, rank, singular values : Variable
        `residuals` has the sums of squares of each column of |a x - b|. NumPy leaves them out where they are
        0 by the shape or undefined by the rank; here they are always there.

    Raises
    ------
    ValueError
        If `a` is no matrix, or `b` a scalar, or their sizes differ.

    Examples
    --------
    >>> T.linalg.lstsq([[1.0], [1.0]], [1.0, 3.0])[0].eval().round(12)
    array([2.])
    """
    x, y = (floats(node) for node in nodes_of([a, b], "lstsq"))
    system, right = wrap(matrix("lstsq", wrap(x))), wrap(_right_side("lstsq", y))
    values, limit = svdvals(system), _cutoff(system) if rcond is None else rcond
    solution = products.matmul(pinv(system, limit), right)
    residuals = reductions.sum(squared_size(products.matmul(system, solution) - right), axis=-2)
    return _first_column(solution) if y.ndim == 1 else solution, residuals, _rank(values, limit), values


def part_type(dtype: str) -> str:
    """The dtype of the real part."""
    return REAL_TYPES.get(dtype, dtype)


def _cutoff(a: Variable) -> Variable:
    larger = apply("maximum", rows(a), columns(a))
    return cast(larger, part_type(a.dtype)) * float(np.finfo(a.dtype).eps)


def _rank(values: Variable, cutoff: Any) -> Variable:
    some = apply("gt", values, reductions.max(values, axis=-1, keepdims=True) * cutoff)
    return reductions.sum(cast(some, "int64"), axis=-1)


def matrix_rank(a: TensorLike, rtol: float | None = None) -> Variable:
    """How many singular values are more than `rtol` times the largest, as int64. `rtol` as in `lstsq`."""
    given = wrap(matrix("matrix_rank", a))
    return _rank(svdvals(given), _cutoff(given) if rtol is None else rtol)
