"""Matrices by their diagonals and triangles."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING, Any

import numpy as np

from croton import _core
from croton.errors import complaint
from croton.tensor import reductions
from croton.tensor.elementwise import apply, where
from croton.tensor.expression import (
    TensorLike,
    as_node,
    as_size,
    describe,
    dims_of,
    product,
    size_node,
    size_op,
    wrap,
)
from croton.tensor.joining import concatenate
from croton.tensor.movement import flatten
from croton.tensor.reductions import normalize_axes
from croton.tensor.types import dtype_name

if TYPE_CHECKING:
    from croton.tensor.variable import Variable

__all__ = [
    "diag",
    "diagflat",
    "diagonal",
    "eye",
    "fill_diagonal",
    "fill_diagonal_offset",
    "identity",
    "identity_like",
    "trace",
    "tri",
    "tril",
    "tril_indices",
    "tril_indices_from",
    "triu",
    "triu_indices",
    "triu_indices_from",
]


def _positions(rows: Any, columns: Any) -> tuple[Variable, Variable]:
    """The row and the column number, as matrices that broadcast."""
    i = _core.iota([size_node(as_size(rows))], 0)
    j = _core.iota([size_node(as_size(columns))], 0)
    return wrap(_core.dimshuffle(i, [0, -1])), wrap(_core.dimshuffle(j, [-1, 0]))


def tri(N: Any, M: Any = None, k: Any = 0, dtype: Any = "floatX") -> Variable:
    """An N x M matrix of ones on and below diagonal `k`, and zeros above.

    Parameters
    ----------
    N, M, k : int or int scalar
        The numbers of rows and of columns, by default as many, and the diagonal: 0 is the main one.
    dtype : optional

    Examples
    --------
    >>> T.tri(2, 3, 1).eval()
    array([[1., 1., 0.],
           [1., 1., 1.]])
    """
    i, j = _positions(N, N if M is None else M)
    return wrap(_core.cast(apply("le", j, apply("add", i, k))._node, dtype_name(dtype or "floatX")))


def eye(n: Any, m: Any = None, k: Any = 0, dtype: Any = "floatX") -> Variable:
    """An n x m matrix of ones on diagonal `k` and zeros elsewhere.

    Parameters
    ----------
    n, m, k : int or int scalar
        By default `m` is `n`. Diagonals above the main one have a positive `k`.
    dtype : optional

    Examples
    --------
    >>> T.eye(2, 3, 1).eval()
    array([[0., 1., 0.],
           [0., 0., 1.]])
    """
    i, j = _positions(n, n if m is None else m)
    return wrap(_core.cast(apply("eq", j, apply("add", i, k))._node, dtype_name(dtype or "floatX")))


def identity(n: Any, dtype: Any = "floatX") -> Variable:
    """The n x n matrix of ones on the main diagonal and zeros elsewhere; see `eye`.

    Parameters
    ----------
    n : int or int scalar
    dtype : optional
        By default floatX.

    Examples
    --------
    >>> T.identity(2).eval()
    array([[1., 0.],
           [0., 1.]])
    """
    return eye(n, dtype=dtype)


def identity_like(x: TensorLike) -> Variable:
    """The identity in the shape and dtype of the matrix `x`.

    Raises
    ------
    ValueError
        If `x` is no matrix.

    Examples
    --------
    >>> T.identity_like([[5, 6], [7, 8]]).eval()
    array([[1, 0],
           [0, 1]])
    """
    node = as_node(x)
    if node.ndim != 2:
        raise ValueError(complaint("identity_like", "a matrix", describe(wrap(node))))
    rows, columns = dims_of(node)
    return eye(wrap(size_node(rows)), wrap(size_node(columns)), 0, node.dtype)


def _masked(operation: str, x: TensorLike, keep: str, k: Any) -> Variable:
    node = as_node(x)
    if node.ndim < 2:
        raise ValueError(complaint(operation, "a matrix, or more axes", describe(wrap(node))))
    dims = dims_of(node)
    i, j = _positions(wrap(size_node(dims[-2])), wrap(size_node(dims[-1])))
    return where(apply(keep, j, apply("add", i, k)), wrap(node), wrap(_core.zeros([], node.dtype)))


def tril(x: TensorLike, k: Any = 0) -> Variable:
    """`x` with zeros above diagonal `k` of its last two axes.

    Parameters
    ----------
    x : array_like or Variable
        Of two axes or more.
    k : int or int scalar
        0 for the main diagonal, positive above it, negative below.

    Raises
    ------
    ValueError
        For fewer than two axes.

    Examples
    --------
    >>> T.tril([[1, 2], [3, 4]]).eval()
    array([[1, 0],
           [3, 4]])
    """
    return _masked("tril", x, "le", k)


def triu(x: TensorLike, k: Any = 0) -> Variable:
    """`x` with zeros below diagonal `k` of its last two axes. Arguments as `tril`.

    Examples
    --------
    >>> T.triu([[1, 2], [3, 4]]).eval()
    array([[1, 2],
           [0, 4]])
    """
    return _masked("triu", x, "ge", k)


def diag(v: TensorLike, k: int = 0) -> Variable:
    """The matrix with the vector `v` on diagonal `k`, or diagonal `k` of the matrix `v`.

    Parameters
    ----------
    v : array_like or Variable
    k : int
        0 for the main diagonal, positive above it, negative below.

    Raises
    ------
    ValueError
        If `v` is neither a vector nor a matrix.

    Examples
    --------
    >>> T.diag([1, 2], 1).eval()
    array([[0, 1, 0],
           [0, 0, 2],
           [0, 0, 0]])
    """
    node = as_node(v)
    if node.ndim == 2:
        return diagonal(wrap(node), k)
    if node.ndim != 1:
        raise ValueError(complaint("diag", "a vector or a matrix", describe(wrap(node))))
    side = wrap(size_node(size_op("add", dims_of(node)[0], builtins.abs(k))))
    i, j = _positions(side, side)
    rest = _core.zeros([size_node(builtins.abs(k))], node.dtype)
    rows = wrap(node) if k == 0 else concatenate([wrap(node), wrap(rest)][:: 1 if k > 0 else -1])
    nothing = wrap(_core.zeros([], node.dtype))
    return where(apply("eq", j, apply("add", i, k)), rows.dimshuffle(0, "x"), nothing)


def diagflat(v: TensorLike, k: int = 0) -> Variable:
    """The matrix with all elements of `v`, of any rank, on diagonal `k`; see `diag`.

    Examples
    --------
    >>> T.diagflat([[1], [2]]).eval()
    array([[1, 0],
           [0, 2]])
    """
    return diag(flatten(v), k)


def diagonal(x: TensorLike, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Variable:
    """Diagonal `offset` of the planes of two axes, as the last axis.

    Parameters
    ----------
    x : array_like or Variable
        Of two axes or more.
    offset : int
        0 for the main diagonal, positive above it, negative below.
    axis1, axis2 : int
        The axis of the rows and of the columns.

    Raises
    ------
    ValueError
        For fewer than two axes, for axes outside `x`, and for two equal ones.

    Examples
    --------
    >>> T.diagonal([[1, 2, 3], [4, 5, 6]], 1).eval()
    array([2, 6])
    """
    node = as_node(x)
    if node.ndim < 2:
        raise ValueError(complaint("diagonal", "a matrix, or more axes", describe(wrap(node))))
    (a,), (b,) = normalize_axes("diagonal", node, axis1), normalize_axes("diagonal", node, axis2)
    if a == b:
        raise ValueError(complaint("diagonal", "two different axes", f"{axis1} and {axis2}"))
    dims = dims_of(node)
    others = [k for k in range(node.ndim) if k not in (a, b)]
    down, right = builtins.max(-offset, 0), builtins.max(offset, 0)
    length = size_op("minimum", size_op("sub", dims[a], down), size_op("sub", dims[b], right))
    line = wrap(_core.iota([size_node(size_op("maximum", length, 0))], 0))
    steps = [wrap(size_node(product(dims[k + 1 :]))) for k in range(node.ndim)]
    # Positions among all elements: those off the diagonal are never looked at.
    position = (line + down) * steps[a] + (line + right) * steps[b]
    for place, k in enumerate(others):
        index = wrap(_core.iota([size_node(dims[k])], 0)) * steps[k]
        position = position + index.dimshuffle(0, *["x"] * (len(others) - place))
    return wrap(_core.take(flatten(wrap(node))._node, position._node, 0))


def trace(x: TensorLike, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None) -> Variable:
    """The sum of diagonal `offset` of the planes of two axes.

    Parameters
    ----------
    x, offset, axis1, axis2
        As for `diagonal`, which also says what is raised.
    dtype : optional
        As for `sum`.

    Examples
    --------
    >>> T.trace([[1, 2], [3, 4]]).eval()
    array(5)
    """
    return reductions.sum(diagonal(x, offset, axis1, axis2), axis=-1, dtype=dtype)


def _check_value(operation: str, x: TensorLike, value: TensorLike) -> tuple[Variable, Variable]:
    array, number = wrap(as_node(x)), wrap(as_node(value))
    if number.ndim:
        raise ValueError(complaint(operation, "a scalar as value", describe(number)))
    return array, wrap(_core.cast(number._node, array.dtype))


def fill_diagonal(a: TensorLike, val: TensorLike) -> Variable:
    """`a` with the scalar `val` on its main diagonal, where the positions along all axes are equal.

    Parameters
    ----------
    a : array_like or Variable
        Of two axes or more.
    val : scalar
        Cast to the dtype of `a`.

    Raises
    ------
    ValueError
        If `val` is no scalar, or `a` has fewer than two axes.

    Examples
    --------
    >>> T.fill_diagonal([[1, 2], [3, 4]], 0).eval()
    array([[0, 2],
           [3, 0]])
    """
    array, value = _check_value("fill_diagonal", a, val)
    if array.ndim < 2:
        raise ValueError(complaint("fill_diagonal", "a matrix, or more axes", describe(array)))
    lines = [wrap(_core.iota([size_node(size)], 0)) for size in dims_of(array._node)]
    axes = [
        line.dimshuffle([0 if k == axis else "x" for k in range(array.ndim)])
        for axis, line in enumerate(lines)
    ]
    hit = apply("eq", axes[0], axes[1])
    for axis in axes[2:]:
        hit = apply("logical_and", hit, apply("eq", axes[0], axis))
    return where(hit, value, array)


def fill_diagonal_offset(a: TensorLike, val: TensorLike, offset: Any) -> Variable:
    """The matrix `a` with the scalar `val` on diagonal `offset`.

    Parameters
    ----------
    a : array_like or Variable
    val : scalar
        Cast to the dtype of `a`.
    offset : int or int scalar
        0 for the main diagonal, positive above it, negative below.

    Raises
    ------
    ValueError
        If `val` is no scalar, or `a` no matrix.

    Examples
    --------
    >>> T.fill_diagonal_offset([[1, 2], [3, 4]], 0, 1).eval()
    array([[1, 0],
           [3, 4]])
    """
    array, value = _check_value("fill_diagonal_offset", a, val)
    if array.ndim != 2:
        raise ValueError(complaint("fill_diagonal_offset", "a matrix", describe(array)))
    rows, columns = (wrap(size_node(size)) for size in dims_of(array._node))
    i, j = _positions(rows, columns)
    return where(apply("eq", j, apply("add", i, offset)), value, array)


def _known(operation: str, *sizes: Any) -> list[int]:
    numbers = [as_size(size, operation) for size in sizes]
    if not all(isinstance(number, int) for number in numbers):
        raise TypeError(complaint(operation, "known sizes", ", ".join(map(describe, sizes))))
    return numbers  # type: ignore[return-value]


def tril_indices(n: Any, k: Any = 0, m: Any = None) -> tuple[Variable, ...]:
    """The rows and the columns of the elements on and below diagonal `k` of an n x m matrix.

    Parameters
    ----------
    n, k, m : int
        By default `m` is `n`.

    Returns
    -------
    tuple of Variable
        Two int64 vectors.

    Raises
    ------
    TypeError
        For sizes that are not known.

    Examples
    --------
    >>> [index.eval().tolist() for index in T.tril_indices(2)]
    [[0, 1, 1], [0, 0, 1]]
    """
    rows, below, columns = _known("tril_indices", n, k, n if m is None else m)
    return tuple(wrap(_core.constant(index)) for index in np.tril_indices(rows, below, columns))


def triu_indices(n: Any, k: Any = 0, m: Any = None) -> tuple[Variable, ...]:
    """The rows and the columns of the elements on and above diagonal `k`. Arguments as `tril_indices`.

    Examples
    --------
    >>> [index.eval().tolist() for index in T.triu_indices(2)]
    [[0, 0, 1], [0, 1, 1]]
    """
    rows, above, columns = _known("triu_indices", n, k, n if m is None else m)
    return tuple(wrap(_core.constant(index)) for index in np.triu_indices(rows, above, columns))


def _matrix_sizes(operation: str, x: TensorLike) -> list[Any]:
    node = as_node(x)
    if node.ndim != 2:
        raise ValueError(complaint(operation, "a matrix", describe(wrap(node))))
    return [wrap(size_node(size)) for size in dims_of(node)]


def tril_indices_from(x: TensorLike, k: Any = 0) -> tuple[Variable, ...]:
    """`tril_indices` for the sizes of `x`.

    Parameters
    ----------
    x : array_like or Variable
        A matrix of known sizes.
    k : int

    Raises
    ------
    ValueError
        If `x` is no matrix.
    TypeError
        If its sizes are not known.
    """
    rows, columns = _matrix_sizes("tril_indices_from", x)
    return tril_indices(rows, k, columns)


def triu_indices_from(x: TensorLike, k: Any = 0) -> tuple[Variable, ...]:
    """`triu_indices` for the sizes of `x`. Arguments as `tril_indices_from`."""
    rows, columns = _matrix_sizes("triu_indices_from", x)
    return triu_indices(rows, k, columns)
