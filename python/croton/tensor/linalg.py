"""Linear algebra by NumPy's and SciPy's names: `T.linalg.solve`, `T.linalg.svd`, ...

Matrices are the last two axes, and leading axes are batches. Integers are computed in float64. A matrix
without the inverse or decomposition that is asked for raises numpy.linalg.LinAlgError in the call. Singular
values and eigenvalues have gradients everywhere; the vectors that belong to equal ones are free to turn, and
a function of them has an infinite gradient, or NaN.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from croton import _core
from croton.errors import complaint
from croton.tensor import creation, diagonals, products, reductions
from croton.tensor.elementwise import apply, cast
from croton.tensor.expression import (
    Node,
    TensorLike,
    as_node,
    describe,
    dims_of,
    nodes_of,
    product,
    size_node,
    wrap,
)
from croton.tensor.movement import reshape_sizes
from croton.tensor.products import kron as kron
from croton.tensor.reductions import normalize_axes, root_of_sum, squared_size

if TYPE_CHECKING:
    from croton.tensor.variable import Variable


def _floats(node: Node) -> Node:
    """Integers and bools as float64."""
    return node if node.dtype.startswith(("float", "complex", "bfloat")) else _core.cast(node, "float64")


def _matrix(operation: str, a: TensorLike) -> Node:
    node = _floats(as_node(a))
    if node.ndim < 2:
        raise ValueError(complaint(operation, "a matrix, or more axes", describe(wrap(node))))
    return node


def _call(operation: str, a: TensorLike, attributes: Sequence[int] = ()) -> list[Variable]:
    """All results of a library op."""
    return [wrap(node) for node in _core.apply_all(operation, [_matrix(operation, a)], list(attributes))]


def _transposed(x: Variable) -> Variable:
    order = list(range(x.ndim))
    return wrap(_core.dimshuffle(x._node, [*order[:-2], x.ndim - 1, x.ndim - 2]))


def _rows(x: Variable) -> Variable:
    return wrap(size_node(dims_of(x._node)[-2]))


def _columns(x: Variable) -> Variable:
    return wrap(size_node(dims_of(x._node)[-1]))


# ---- factorisations


def cholesky(a: TensorLike, *, upper: bool = False) -> Variable:
    """The lower triangular L with a = L L^T, or the upper triangular U with a = U^T U.

    Only that triangle of `a` is read. Complex matrices are Hermitian, and transposes conjugated.

    Parameters
    ----------
    a : array_like or Variable
        Of shape (..., n, n), symmetric and positive definite.
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
    a = wrap(_matrix("cholesky", a))
    (lower,) = _call("cholesky", _transposed(a) if upper else a, [0])
    return _transposed(lower) if upper else lower


def lu_factor(a: TensorLike) -> tuple[Variable, Variable]:
    """L (below the diagonal, of ones) and U in one matrix, and the row exchanged with each row in turn."""
    factors, pivots, _ = _call("lu", a)
    return factors, pivots


def lu(a: TensorLike) -> tuple[Variable, Variable, Variable]:
    """The triple (P, L, U) with a = P L U: a permutation, a unit lower and an upper triangular matrix."""
    factors, _, order = _call("lu", a)
    k = apply("minimum", _rows(factors), _columns(factors))
    lower = diagonals.tril(factors[..., :k], -1) + diagonals.eye(_rows(factors), k, 0, factors.dtype)
    place = wrap(_core.dimshuffle(order._node, [*range(order.ndim - 1), -1, order.ndim - 1]))
    row = wrap(_core.iota([_rows(factors)._node, size_node(1)], 0))
    return cast(apply("eq", row, place), factors.dtype), lower, diagonals.triu(factors[..., :k, :])


def qr(a: TensorLike, mode: str = "reduced") -> Any:
    """Q with orthonormal columns and R upper triangular with a = Q R.

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
    ValueError, TypeError
        For another mode, or if `a` is no matrix; for complex numbers.
    """
    if mode not in ("reduced", "complete", "r"):
        raise ValueError(complaint("qr", 'a mode of "reduced", "complete" or "r"', repr(mode)))
    q, r = _call("qr", a, [mode == "complete"])
    return r if mode == "r" else (q, r)


def svd(a: TensorLike, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    """The triple (U, S, V^T) with a = U diag(S) V^T, S from the largest; S alone unless `compute_uv`.

    With `full_matrices`, U and V are square; else they have min(m, n) columns.

    Parameters
    ----------
    a : array_like or Variable
        Of shape (..., m, n).
    full_matrices, compute_uv : bool

    Returns
    -------
    (U, S, V^T), or S alone : Variable
        Of shapes (..., m, m), (..., k) and (..., n, n) with k = min(m, n), or (..., m, k) and (..., k, n)
        without `full_matrices`; in the dtype of `a`, or float64 for integers.

    Raises
    ------
    ValueError, TypeError
        If `a` is no matrix; for complex numbers.

    Examples
    --------
    >>> T.linalg.svd([[3.0, 0.0], [0.0, 4.0]], compute_uv=False).eval()
    array([4., 3.])
    """
    u, s, v = _call("svd", a, [bool(full_matrices and compute_uv)])
    return (u, s, v) if compute_uv else s


def svdvals(a: TensorLike) -> Variable:
    """The singular values from the largest."""
    return _call("svd", a, [0])[1]


def eigh(a: TensorLike, UPLO: str = "L") -> tuple[Variable, Variable]:
    """Eigenvalues from the smallest, and eigenvectors as columns, of a symmetric matrix.

    Only the lower triangle of `a` is read, or with UPLO="U" the upper one.

    Parameters
    ----------
    a : $AV
        Of shape (..., n, n).
    UPLO : {"L", "U"}

    Returns
    -------
    values, vectors : Variable
        Of shapes (..., n) and (..., n, n), in the dtype of `a`; integers give float64. Column k of the
        vectors belongs to value k.

    Raises
    ------
    ValueError, TypeError
        For another UPLO, or if `a` is no matrix or not square; for complex numbers.
    """
    if UPLO not in ("L", "U", "l", "u"):
        raise ValueError(complaint("eigh", 'UPLO of "L" or "U"', repr(UPLO)))
    values, vectors = _call("eigh", a, [UPLO in "Ll"])
    return values, vectors


def eigvalsh(a: TensorLike, UPLO: str = "L") -> Variable:
    """The eigenvalues, from the smallest, of a symmetric matrix. Arguments as `eigh`."""
    return eigh(a, UPLO)[0]


def eig(a: TensorLike) -> tuple[Variable, Variable]:
    """Eigenvalues, and eigenvectors of length 1 as columns, of a matrix that has real ones only.

    A matrix with complex eigenvalues raises LinAlgError in the call.
    """
    values, vectors = _call("eig", a)
    return values, vectors


def eigvals(a: TensorLike) -> Variable:
    """The eigenvalues of a matrix that has real ones only."""
    return eig(a)[0]


# ---- solutions


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
    x = _matrix(operation, wrap(x))
    if y.ndim == 0:
        raise ValueError(complaint(operation, "a vector or a matrix on the right", describe(wrap(y))))
    if y.ndim > 1:
        return wrap(solver(x, y))
    column = solver(x, _core.dimshuffle(y, [0, -1]))
    return wrap(_core.dimshuffle(column, list(range(column.ndim - 1))))


def solve_triangular(
    a: TensorLike, b: TensorLike, trans: Any = 0, lower: bool = False, unit_diagonal: bool = False
) -> Variable:
    """The x with a x = b for a triangular `a`, or with a^T x = b if `trans` is 1 or "T".

    The other triangle is not read, nor with `unit_diagonal` the diagonal. Argument `b` as in `solve`.

    Parameters
    ----------
    a : array_like or Variable
        Of shape (..., n, n).
    b : array_like or Variable
        A vector of n, or of shape (..., n, k).
    trans : {0, 1, "N", "T"}
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
    if trans not in (0, 1, "N", "T"):
        raise ValueError(complaint("solve_triangular", 'trans of 0, 1, "N" or "T"', repr(trans)))
    transposed = trans in (1, "T")
    return _with_right_side(
        "solve_triangular",
        a,
        b,
        lambda x, y: _core.solve_triangular(x, y, lower, transposed, unit_diagonal),
    )


def inv(a: TensorLike) -> Variable:
    """The inverse of a square matrix; a singular one raises LinAlgError in the call."""
    x = _matrix("inv", a)
    return solve(wrap(x), diagonals.eye(_rows(wrap(x)), None, 0, x.dtype))


def pinv(a: TensorLike, rcond: TensorLike = 1e-15) -> Variable:
    """The pseudo-inverse; singular values up to `rcond` times the largest count as 0."""
    x = _matrix("pinv", a)
    return wrap(_core.apply_all("pinv", [x, _core.cast(as_node(rcond), x.dtype)], [])[0])


def lstsq(
    a: TensorLike, b: TensorLike, rcond: float | None = None
) -> tuple[Variable, Variable, Variable, Variable]:
    """The shortest x that makes |a x - b| smallest.

    Parameters
    ----------
    a, b : array_like or Variable
        Of shapes (m, n), and (m,) or (m, k).
    rcond : float, optional
        Singular values up to `rcond` times the largest count as 0. By default the spacing of floats at 1
        times the larger of m and n.

    Returns
    -------
    x, residuals, rank, singular values : Variable
        `residuals` has the sums of squares of each column of a x - b. NumPy leaves them out where they are
        0 by the shape or undefined by the rank; here they are always there.

    Raises
    ------
    ValueError
        If `a` is no matrix, or `b` neither a vector nor a matrix, or their sizes differ.
    """
    x, y = (_floats(node) for node in nodes_of([a, b], "lstsq"))
    if x.ndim != 2 or y.ndim not in (1, 2):
        given = f"{describe(wrap(x))} and {describe(wrap(y))}"
        raise ValueError(complaint("lstsq", "a matrix, and a vector or a matrix", given))
    matrix, values = wrap(x), svdvals(wrap(x))
    limit = _cutoff(matrix) if rcond is None else rcond
    solution = products.dot(pinv(matrix, limit), wrap(y))
    squares = apply("square", products.dot(matrix, solution) - wrap(y))
    residuals = reductions.sum(squares, axis=0, keepdims=y.ndim == 1)
    return solution, residuals, _rank(values, limit), values


def _cutoff(matrix: Variable) -> Variable:
    larger = apply("maximum", _rows(matrix), _columns(matrix))
    return cast(larger, matrix.dtype) * float(np.finfo(matrix.dtype).eps)


def _rank(values: Variable, cutoff: Any) -> Variable:
    some = apply("gt", values, reductions.max(values, axis=-1, keepdims=True) * cutoff)
    return reductions.sum(cast(some, "int64"), axis=-1)


def matrix_rank(a: TensorLike, rtol: float | None = None) -> Variable:
    """How many singular values are more than `rtol` times the largest, as int64. `rtol` as in `lstsq`."""
    matrix = wrap(_matrix("matrix_rank", a))
    return _rank(svdvals(matrix), _cutoff(matrix) if rtol is None else rtol)


# ---- functions of matrices


def det(a: TensorLike) -> Variable:
    """The determinant. Its gradient exists for singular matrices, too."""
    return _call("det", a)[0]


def slogdet(a: TensorLike) -> tuple[Variable, Variable]:
    """The sign of the determinant (det / |det| of complex ones), and the logarithm of its absolute value."""
    node = _matrix("slogdet", a)
    return wrap(_core.det_sign(node)), _call("log_abs_det", wrap(node))[0]


def expm(a: TensorLike) -> Variable:
    """The exponential of a square matrix."""
    return _call("expm", a)[0]


def matrix_power(a: TensorLike, n: int) -> Variable:
    """The product of `n` times `a`; for a negative `n`, of its inverse.

    Parameters
    ----------
    a : $AV
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
    base = wrap(as_node(a) if n > 0 else _matrix("matrix_power", a))
    if base.ndim < 2:
        raise ValueError(complaint("matrix_power", "a matrix, or more axes", describe(base)))
    if n < 0:
        return matrix_power(inv(base), -n)
    if n == 0:
        return creation.zeros_like(base) + diagonals.eye(_rows(base), None, 0, base.dtype)
    power: Variable | None = None
    while n:
        if n % 2:
            power = base if power is None else products.matmul(power, base)
        n //= 2
        base = products.matmul(base, base) if n else base
    assert power is not None
    return power


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
        Without the axes, or with `keepdims` with size 1 along them; integers give float64.

    Raises
    ------
    ValueError
        For another order, or for any where there are neither one nor two axes.

    Examples
    --------
    >>> T.linalg.norm([[3.0, 4.0], [0.0, 1.0]], axis=1).eval()
    array([5., 1.])
    """
    node = _floats(as_node(x))
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
        return reductions.sum(cast(apply("ne", x, 0), x.dtype), axis, keepdims=keepdims)
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


# ---- products and tensors


def multi_dot(arrays: Sequence[TensorLike]) -> Variable:
    """The matrix product of all arrays, from left to right."""
    if not arrays:
        raise ValueError(complaint("multi_dot", "at least one array", "none"))
    result = wrap(as_node(arrays[0]))
    for other in arrays[1:]:
        result = products.dot(result, other)
    return result


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


def trace(a: TensorLike) -> Variable:
    """The sum of the diagonal of each matrix."""
    return diagonals.trace(a, 0, -2, -1)
