"""Products with factors and something added, under the names that Theano has for its calls of BLAS.

The products of any expression are computed as well as these.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from croton.tensor.expression import TensorLike, as_variable
from croton.tensor.products import batched_dot as _batched_dot
from croton.tensor.products import dot as _dot
from croton.tensor.products import outer as _outer

if TYPE_CHECKING:
    from croton.tensor.variable import Variable


def gemm(z: TensorLike, a: TensorLike, x: TensorLike, y: TensorLike, b: TensorLike) -> Variable:
    """b z + a x y, of matrices.

    Parameters
    ----------
    z, x, y : array_like or Variable
        Matrices.
    a, b : array_like or Variable
        Scalars.

    Examples
    --------
    >>> T.blas.gemm([[1.0]], 2.0, [[3.0]], [[4.0]], 5.0).eval()
    array([[29.]])
    """
    result: Variable = as_variable(b) * z + as_variable(a) * _dot(x, y)
    return result


def gemv(y: TensorLike, alpha: TensorLike, A: TensorLike, x: TensorLike, beta: TensorLike) -> Variable:
    """beta y + alpha A x, of vectors and a matrix.

    Parameters
    ----------
    y, x : array_like or Variable
        Vectors.
    A : array_like or Variable
        A matrix.
    alpha, beta : array_like or Variable
        Scalars.

    Examples
    --------
    >>> from croton.tensor.blas import gemv
    >>> gemv([1.0, 1.0], 2.0, [[1.0, 2.0], [3.0, 4.0]], [1.0, 1.0], 1.0).eval()
    array([ 7., 15.])
    """
    return gemm(y, alpha, A, x, beta)


def ger(A: TensorLike, alpha: TensorLike, x: TensorLike, y: TensorLike) -> Variable:
    """A + alpha x y^T, of a matrix and vectors.

    Parameters
    ----------
    A : array_like or Variable
        A matrix.
    alpha : array_like or Variable
        A scalar.
    x, y : array_like or Variable
        Vectors.

    Examples
    --------
    >>> from croton.tensor.blas import ger
    >>> ger(np.zeros((2, 2)), 2.0, [1.0, 2.0], [1.0, 10.0]).eval()
    array([[ 2., 20.],
           [ 4., 40.]])
    """
    return as_variable(A) + as_variable(alpha) * _outer(x, y)


@dataclass(frozen=True)
class Dot22:
    """`dot` of matrices."""

    def __call__(self, x: TensorLike, y: TensorLike) -> Variable:
        return _dot(x, y)


@dataclass(frozen=True)
class Dot22Scalar:
    """`dot` of matrices, times a scalar."""

    def __call__(self, x: TensorLike, y: TensorLike, a: TensorLike) -> Variable:
        result: Variable = _dot(x, y) * a
        return result


@dataclass(frozen=True)
class BatchedDot:
    """`batched_dot`."""

    def __call__(self, x: TensorLike, y: TensorLike) -> Variable:
        return _batched_dot(x, y)
