"""Theano's names for linear algebra that SciPy has; see `croton.tensor.linalg`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from croton import _core
from croton.errors import complaint
from croton.tensor import diagonals, linalg
from croton.tensor.expression import as_variable, wrap
from croton.tensor.gradient import Lop
from croton.tensor.linalg import expm as expm
from croton.tensor.linalg import kron as kron
from croton.tensor.linalg.matrices import adjoint, call, matrix, transposed
from croton.tensor.nlinalg import _op

if TYPE_CHECKING:
    from croton.tensor.expression import TensorLike
    from croton.tensor.variable import Variable

STRUCTURES = ("general", "symmetric", "lower_triangular", "upper_triangular")


def cholesky(x: TensorLike, lower: bool = True, on_error: str = "raise") -> Variable:
    """The triangular L with x = L L^H, or without `lower` L^H; only that triangle of `x` is read.

    A matrix that is not positive definite raises LinAlgError in the call or, with on_error="nan", gives NaN.

    Parameters
    ----------
    x : array_like or Variable
        Of shape (..., n, n), Hermitian (of real numbers: symmetric) and positive definite.
    lower : bool
    on_error : {"raise", "nan"}

    Returns
    -------
    Variable
        Of the shape of `x`; integers give float64.

    Raises
    ------
    ValueError
        For another `on_error`, or if `x` is no matrix or not square.
    """
    if on_error not in ("raise", "nan"):
        raise ValueError(complaint("cholesky", 'on_error of "raise" or "nan"', repr(on_error)))
    node = matrix("cholesky", x)
    pattern = [*range(node.ndim - 2), node.ndim - 1, node.ndim - 2]
    source = node if lower else _core.dimshuffle(node, pattern)
    (factor,) = call("cholesky", wrap(source), [on_error == "nan"])
    return factor if lower else transposed(factor)


def solve(a: TensorLike, b: TensorLike, A_structure: str = "general", lower: bool = False) -> Variable:
    """The x with a x = b; a triangular structure says which triangle of `a` is read.

    Parameters
    ----------
    a : array_like or Variable
        Of shape (..., n, n).
    b : array_like or Variable
        A vector of n, or of shape (..., n, k).
    A_structure : {"general", "symmetric", "lower_triangular", "upper_triangular"}
        "symmetric" is computed as "general".
    lower : bool
        Accepted as in Theano.

    Returns
    -------
    Variable
        Of the shape of `b`.

    Raises
    ------
    ValueError
        For another structure, if `a` is not square, or if the sizes differ.
    """
    if A_structure not in STRUCTURES:
        raise ValueError(complaint("solve", f"A_structure of {', '.join(STRUCTURES)}", repr(A_structure)))
    if A_structure.endswith("triangular"):
        return linalg.solve_triangular(a, b, lower=A_structure == "lower_triangular")
    return linalg.solve(a, b)


def solve_lower_triangular(a: TensorLike, b: TensorLike) -> Variable:
    """The x with a x = b for a lower triangular `a`."""
    return linalg.solve_triangular(a, b, lower=True)


def solve_upper_triangular(a: TensorLike, b: TensorLike) -> Variable:
    """The x with a x = b for an upper triangular `a`."""
    return linalg.solve_triangular(a, b)


def solve_symmetric(a: TensorLike, b: TensorLike) -> Variable:
    """The x with a x = b for a symmetric `a`."""
    return linalg.solve(a, b)


def eigvalsh(a: TensorLike, b: TensorLike | None = None, lower: bool = True) -> Variable:
    """The eigenvalues of a Hermitian `a`, or the w of a x = w b x for a positive definite `b`, in order.

    Only one triangle of each is read.

    Parameters
    ----------
    a, b : array_like or Variable
        Of shape (..., n, n).
    lower : bool
        Which triangle is read.

    Returns
    -------
    Variable
        Of shape (..., n), from the smallest; integers give float64.

    Raises
    ------
    ValueError
        If a matrix is not square.
    numpy.linalg.LinAlgError
        In the call, if `b` is not positive definite.

    Examples
    --------
    >>> T.slinalg.eigvalsh([[2.0, 0.0], [0.0, 3.0]], [[1.0, 0.0], [0.0, 3.0]]).eval().round(12)
    array([1., 2.])
    """
    if b is None:
        return linalg.eigvalsh(a, "L" if lower else "U")
    half, strict = (diagonals.tril, -1) if lower else (diagonals.triu, 1)
    whole = half(a) + adjoint(half(a, strict))
    factor = cholesky(b, lower)
    factor = factor if lower else adjoint(factor)
    left = linalg.solve_triangular(factor, whole, lower=True)
    return linalg.eigvalsh(linalg.solve_triangular(factor, adjoint(left), lower=True))


Cholesky = _op(cholesky)
Solve = _op(solve)
Eigvalsh = _op(eigvalsh)
Expm = _op(expm)


class CholeskyGrad:
    """The gradient of `cholesky` by the matrix `x`, from its factor `l` and the gradient `dz` by that."""

    def __init__(self, lower: bool = True) -> None:
        self.lower = lower

    def __call__(self, x: TensorLike, l: TensorLike, dz: TensorLike) -> Variable:
        a = as_variable(x)
        gradient: Variable = Lop(cholesky(a, self.lower), a, dz)
        return gradient


class EigvalshGrad:
    """The gradients of `eigvalsh(a, b)` by both matrices, from the gradient `gw` by the eigenvalues."""

    def __init__(self, lower: bool = True) -> None:
        self.lower = lower

    def __call__(self, a: TensorLike, b: TensorLike, gw: TensorLike) -> list[Variable]:
        x, y = as_variable(a), as_variable(b)
        gradient: list[Variable] = Lop(eigvalsh(x, y, self.lower), [x, y], gw)
        return gradient


class ExpmGrad:
    """The gradient of `expm` by the matrix `A`, from the gradient `gw` by its result."""

    def __call__(self, A: TensorLike, gw: TensorLike) -> Variable:
        a = as_variable(A)
        gradient: Variable = Lop(expm(a), a, gw)
        return gradient
