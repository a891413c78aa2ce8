"""Functions of matrices: determinants, powers, the exponential."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from croton import _core
from croton.errors import complaint
from croton.tensor import creation, diagonals, products
from croton.tensor.expression import TensorLike, as_node, describe, wrap
from croton.tensor.linalg.matrices import call, matrix, rows
from croton.tensor.linalg.solutions import inv

if TYPE_CHECKING:
    from croton.tensor.variable import Variable


def det(a: TensorLike) -> Variable:
    """The determinant. Its gradient exists for singular matrices, too."""
    return call("det", a)[0]


def slogdet(a: TensorLike) -> tuple[Variable, Variable]:
    """The sign of the determinant (det / |det| of complex ones), and the logarithm of its absolute value."""
    node = matrix("slogdet", a)
    return wrap(_core.det_sign(node)), call("log_abs_det", wrap(node))[0]


def expm(a: TensorLike) -> Variable:
    """The exponential of a square matrix: the sum of a^k / k! over all k."""
    return call("expm", a)[0]


def matrix_power(a: TensorLike, n: int) -> Variable:
    """The product of `n` times `a`; for a negative `n`, of its inverse.

    Parameters
    ----------
    a : array_like or Variable
        Of shape (..., n, n).
    n : int
        0 gives the identity.

    Returns
    -------
    Variable
        Of the shape and dtype of `a`; for a negative `n`, integers give float64.

    Raises
    ------
    TypeError
        If `n` is no integer.
    ValueError
        If `a` is no matrix, or not square.

    Examples
    --------
    >>> T.linalg.matrix_power([[1, 1], [1, 0]], 5).eval()
    array([[8, 5],
           [5, 3]])
    """
    if not isinstance(n, int | np.integer):
        raise TypeError(complaint("matrix_power", "an integer exponent", repr(n)))
    base = wrap(as_node(a) if n > 0 else matrix("matrix_power", a))
    if base.ndim < 2:
        raise ValueError(complaint("matrix_power", "a matrix, or more axes", describe(base)))
    if n < 0:
        return matrix_power(inv(base), -n)
    if n == 0:
        return creation.zeros_like(base) + diagonals.eye(rows(base), None, 0, base.dtype)
    power: Variable | None = None
    while n:
        if n % 2:
            power = base if power is None else products.matmul(power, base)
        n //= 2
        base = products.matmul(base, base) if n else base
    assert power is not None
    return power


def multi_dot(arrays: Sequence[TensorLike]) -> Variable:
    """The matrix product of all arrays, from left to right."""
    if not arrays:
        raise ValueError(complaint("multi_dot", "at least one array", "none"))
    result = wrap(as_node(arrays[0]))
    for other in arrays[1:]:
        result = products.dot(result, other)
    return result


def trace(a: TensorLike) -> Variable:
    """The sum of the diagonal of each matrix."""
    return diagonals.trace(a, 0, -2, -1)
