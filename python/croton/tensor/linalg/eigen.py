"""Eigenvalues and eigenvectors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from croton.errors import complaint
from croton.tensor.expression import TensorLike
from croton.tensor.linalg.matrices import call

if TYPE_CHECKING:
    from croton.tensor.variable import Variable


def eigh(a: TensorLike, UPLO: str = "L") -> tuple[Variable, Variable]:
    """Eigenvalues from the smallest, and eigenvectors as columns, of a Hermitian matrix.

    Of real numbers that is a symmetric one.

    Only the lower triangle of `a` is read, or with UPLO="U" the upper one.

    Parameters
    ----------
    a : array_like or Variable
        Of shape (..., n, n).
    UPLO : {"L", "U"}

    Returns
    -------
    values, vectors : Variable
        Of shapes (..., n) and (..., n, n), in the dtype of `a`, values in that of its parts; integers give
        float64. Column k of the vectors belongs to value k.

    Raises
    ------
    ValueError
        For another UPLO, or if `a` is no matrix or not square.
    numpy.linalg.LinAlgError
        In the call, for elements that are not finite.

    Examples
    --------
    >>> T.linalg.eigh([[2.0, 1j], [-1j, 2.0]])[0].eval()
    array([1., 3.])
    """
    if UPLO not in ("L", "U", "l", "u"):
        raise ValueError(complaint("eigh", 'UPLO of "L" or "U"', repr(UPLO)))
    values, vectors = call("eigh", a, [UPLO in "Ll"])
    return values, vectors


def eigvalsh(a: TensorLike, UPLO: str = "L") -> Variable:
    """The eigenvalues, from the smallest, of a Hermitian matrix. Arguments as `eigh`."""
    return eigh(a, UPLO)[0]


def eig(a: TensorLike) -> tuple[Variable, Variable]:
    """Eigenvalues, and eigenvectors of length 1 as columns, of any square matrix.

    Both are always complex, also where all eigenvalues are real: the dtype is known before the call. Those of
    a real matrix are in conjugate pairs. A matrix without n independent eigenvectors has no gradient.

    Parameters
    ----------
    a : array_like or Variable
        Of shape (..., n, n).

    Returns
    -------
    values, vectors : Variable
        Of shapes (..., n) and (..., n, n): complex64 of float32 and complex64, else complex128. Column k of
        the vectors belongs to value k.

    Raises
    ------
    ValueError
        If `a` is no matrix, or not square.
    numpy.linalg.LinAlgError
        In the call, for elements that are not finite.

    Examples
    --------
    >>> T.linalg.eig([[0.0, -1.0], [1.0, 0.0]])[0].eval()
    array([0.+1.j, 0.-1.j])
    """
    values, vectors = call("eig", a)
    return values, vectors


def eigvals(a: TensorLike) -> Variable:
    """The eigenvalues of any square matrix, complex ones; see `eig`."""
    return eig(a)[0]
