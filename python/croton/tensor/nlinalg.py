"""Theano's names for linear algebra that NumPy has, too; see `croton.tensor.linalg`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from croton.tensor import diagonals, linalg
from croton.tensor.expression import as_variable
from croton.tensor.gradient import Lop
from croton.tensor.linalg import det as det
from croton.tensor.linalg import eig as eig
from croton.tensor.linalg import eigh as eigh
from croton.tensor.linalg import lstsq as lstsq
from croton.tensor.linalg import matrix_power as matrix_power
from croton.tensor.linalg import pinv as pinv
from croton.tensor.linalg import qr as qr
from croton.tensor.linalg import svd as svd
from croton.tensor.linalg import tensorinv as tensorinv
from croton.tensor.linalg import tensorsolve as tensorsolve
from croton.tensor.linalg import trace as trace

if TYPE_CHECKING:
    from croton.tensor.expression import TensorLike
    from croton.tensor.variable import Variable

matrix_inverse = linalg.inv
diag = diagonals.diag


def matrix_dot(*arrays: TensorLike) -> Variable:
    """The matrix product of all arguments, from left to right."""
    return linalg.multi_dot(arrays)


def extract_diag(x: TensorLike) -> Variable:
    """The diagonal of a matrix."""
    return diagonals.diagonal(x)


def alloc_diag(x: TensorLike) -> Variable:
    """The matrix with the vector `x` on its diagonal."""
    return diagonals.diag(x)


def norm(x: TensorLike, ord: Any) -> Variable:
    """`linalg.norm`; infinity may also be written "inf".

    Parameters
    ----------
    x : array_like or Variable
    ord : number, str or None
        As in `linalg.norm`.

    Returns
    -------
    Variable
        A scalar.

    Raises
    ------
    ValueError
        For another order, or for any where there are neither one nor two axes.
    """
    named = {"inf": float("inf"), "-inf": float("-inf")}
    return linalg.norm(x, named.get(ord, ord) if isinstance(ord, str) else ord)


def _op(function: Callable[..., Any]) -> Callable[..., Callable[..., Any]]:
    """Theano's op of this name: called with options, it gives the function with them."""

    def make(**options: Any) -> Callable[..., Any]:
        return partial(function, **options)

    make.__doc__ = f"`{function.__name__}` with these keyword arguments."
    return make


MatrixInverse = _op(matrix_inverse)
MatrixPinv = _op(pinv)
AllocDiag = _op(alloc_diag)
ExtractDiag = _op(extract_diag)
Det = _op(det)
Eig = _op(eig)
Eigh = _op(eigh)
QRFull = _op(qr)
QRIncomplete = _op(qr)
SVD = _op(svd)
TensorInv = _op(tensorinv)
TensorSolve = _op(tensorsolve)


class EighGrad:
    """The gradient of `eigh` by `x`, from its results `w` and `v` and the gradients `W` and `V` by those."""

    def __init__(self, UPLO: str = "L") -> None:
        self.UPLO = UPLO

    def __call__(self, x: TensorLike, w: TensorLike, v: TensorLike, W: TensorLike, V: TensorLike) -> Variable:
        a = as_variable(x)
        gradient: Variable = Lop(list(eigh(a, self.UPLO)), a, [W, V])
        return gradient
