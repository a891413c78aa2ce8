"""Factors of matrices: triangular, orthogonal and diagonal ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from croton import _core
from croton.errors import complaint
from croton.tensor import diagonals
from croton.tensor.elementwise import apply, cast
from croton.tensor.expression import TensorLike, size_node, wrap
from croton.tensor.linalg.matrices import call, columns, matrix, rows, transposed

if TYPE_CHECKING:
    from croton.tensor.variable import Variable


def cholesky(a: TensorLike, *, upper: bool = False) -> Variable:
    """The lower triangular L with a = L L^H, or the upper triangular U with a = U^H U.

    Only that triangle of `a` is read. The transpose ^H is conjugated, which changes complex numbers only.

    Parameters
    ----------
    a : array_like or Variable
        Of shape (..., n, n), Hermitian (of real numbers: symmetric) and positive definite.
    upper : bool
        Whether the upper factor is returned.

    Returns
    -------
    Variable
        Of the shape of `a`, in its dtype; integers give float64.

    Raises
    ------
    ValueError
        If `a` is no matrix, or not square.
    numpy.linalg.LinAlgError
        In the call, if `a` is not positive definite.

    Examples
    --------
    >>> import croton.tensor as T
    >>> T.linalg.cholesky([[4.0, 2.0], [2.0, 5.0]]).eval()
    array([[2., 0.],
           [1., 2.]])
    """
    a = wrap(matrix("cholesky", a))
    (lower,) = call("cholesky", transposed(a) if upper else a, [0])
    return transposed(lower) if upper else lower


def lu_factor(a: TensorLike) -> tuple[Variable, Variable]:
    """L (below the diagonal, of ones) and U in one matrix, and the row exchanged with each row in turn."""
    factors, pivots, _ = call("lu", a)
    return factors, pivots


def lu(a: TensorLike) -> tuple[Variable, Variable, Variable]:
    """The triple (P, L, U) with a = P L U: a permutation, a unit lower and an upper triangular matrix."""
    factors, _, order = call("lu", a)
    k = apply("minimum", rows(factors), columns(factors))
    lower = diagonals.tril(factors[..., :k], -1) + diagonals.eye(rows(factors), k, 0, factors.dtype)
    place = wrap(_core.dimshuffle(order._node, [*range(order.ndim - 1), -1, order.ndim - 1]))
    row = wrap(_core.iota([rows(factors)._node, size_node(1)], 0))
    return cast(apply("eq", row, place), factors.dtype), lower, diagonals.triu(factors[..., :k, :])


def qr(a: TensorLike, mode: str = "reduced") -> Any:
    """Q with orthonormal columns and R upper triangular, with a real diagonal, with a = Q R.

    Parameters
    ----------
    a : array_like or Variable
        Of shape (..., m, n).
    mode : {"reduced", "complete", "r"}
        Q of shape (m, min(m, n)); or (m, m); or R alone.

    Returns
    -------
    (Q, R), or R alone : Variable
        In the dtype of `a`; integers give float64. R has as many rows as Q has columns.

    Raises
    ------
    ValueError
        For another mode, or if `a` is no matrix.
    """
    if mode not in ("reduced", "complete", "r"):
        raise ValueError(complaint("qr", 'a mode of "reduced", "complete" or "r"', repr(mode)))
    q, r = call("qr", a, [mode == "complete"])
    return r if mode == "r" else (q, r)


def svd(a: TensorLike, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    """The triple (U, S, V^H) with a = U diag(S) V^H, S from the largest; S alone unless `compute_uv`.

    With `full_matrices`, U and V are square; else they have min(m, n) columns. V^H is the transpose of V, of
    complex numbers conjugated.

    Parameters
    ----------
    a : array_like or Variable
        Of shape (..., m, n).
    full_matrices, compute_uv : bool

    Returns
    -------
    (U, S, V^H), or S alone : Variable
        Of shapes (..., m, m), (..., k) and (..., n, n) with k = min(m, n), or (..., m, k) and (..., k, n)
        without `full_matrices`; in the dtype of `a`, or float64 for integers. S is real.

    Raises
    ------
    ValueError
        If `a` is no matrix.
    numpy.linalg.LinAlgError
        In the call, for elements that are not finite.

    Examples
    --------
    >>> T.linalg.svd([[3.0, 0.0], [0.0, 4.0]], compute_uv=False).eval()
    array([4., 3.])
    """
    u, s, v = call("svd", a, [bool(full_matrices and compute_uv)])
    return (u, s, v) if compute_uv else s


def svdvals(a: TensorLike) -> Variable:
    """The singular values from the largest."""
    return call("svd", a, [0])[1]
