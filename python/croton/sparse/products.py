"""Products with sparse matrices. Gradients flow to dense operands and to stored values."""

from __future__ import annotations

from typing import Any

from croton import _core
from croton.errors import complaint
from croton.sparse.checks import required, same
from croton.sparse.structure import expansion, in_layout, merged, transpose
from croton.sparse.variable import SparseVariable, as_sparse_or_tensor_variable, as_sparse_variable
from croton.tensor.elementwise import cast
from croton.tensor.expression import as_variable, describe, wrap
from croton.tensor.indexing import take
from croton.tensor.products import dot as dense_dot
from croton.tensor.segments import segment_sum
from croton.tensor.variable import Variable


def _sparse_dense(a: SparseVariable, b: Variable) -> Variable:
    """A sparse matrix times a dense matrix."""
    dtype = _core.promote(a.dtype, b.dtype)
    rows, columns = a.positions if dtype not in ("float32", "float64") else (None, None)
    if rows is not None and columns is not None:
        terms = cast(a.data, dtype).dimshuffle(0, "x") * take(cast(b, dtype), columns, axis=0)
        return segment_sum(terms, rows, a.shape[0])
    parts = [a.starts, a.ends, cast(a.data, dtype), cast(a.indices, "int64"), cast(b, dtype)]
    name = "csr_product"
    if a.layout == "csc":
        name = "csr_transposed_product"
        parts.append(a.minor)
    return wrap(_core.apply_all(name, [part._node for part in parts], [])[0])


def _sparse_sparse(a: SparseVariable, b: SparseVariable) -> SparseVariable:
    """Each entry (i, k) of `a` meets the entries of row k of `b`."""
    rows, shared = a.positions
    pair = same("dot", a, b, 1, 0)
    b = required(in_layout(b, "csr"), pair)
    number, places, _ = expansion(b, shared)
    data = take(a.data, number, axis=0) * take(b.data, places, axis=0)
    row, column = take(rows, number, axis=0), cast(take(b.indices, places, axis=0), "int64")
    n, m = a.shape[0], b.shape[1]
    if a.layout == "csr":
        return merged(a.format, row * m + column, [data], (n, m))[0]
    return merged(a.format, column * n + row, [data], (m, n))[0]


def dot(x: Any, y: Any) -> Any:
    """The product of matrices, or of a matrix and a vector: sparse if both are, else dense.

    Parameters
    ----------
    x, y : SparseVariable or matrix of SciPy, array_like or Variable

    Returns
    -------
    SparseVariable or Variable
        In the common dtype.

    Raises
    ------
    ValueError
        If the dense operand is neither a vector nor a matrix, or if the sizes differ; in the call, if
        they are known only there.

    Examples
    --------
    >>> from croton import sparse
    >>> sparse.dot(sparse.square_diagonal([1.0, 2.0]), [[3.0], [4.0]]).eval()
    array([[3.],
           [8.]])
    """
    a, b = as_sparse_or_tensor_variable(x), as_sparse_or_tensor_variable(y)
    sparse = isinstance(a, SparseVariable), isinstance(b, SparseVariable)
    if all(sparse):
        return _sparse_sparse(a, b)
    if not any(sparse):
        return dense_dot(a, b)
    dense = b if sparse[0] else a
    if dense.ndim not in (1, 2):
        raise ValueError(complaint("sparse.dot", "a matrix or vector beside the sparse one", describe(dense)))
    if sparse[0]:
        a = required(a, same("dot", a, b, 1, 0))
        return _sparse_dense(a, b) if b.ndim == 2 else _sparse_dense(a, b.dimshuffle(0, "x"))[:, 0]
    b = required(b, same("dot", b, a, 0, 1))
    if a.ndim == 1:
        return _sparse_dense(transpose(b), a.dimshuffle(0, "x"))[:, 0]
    return _sparse_dense(transpose(b), a.T).T


def structured_dot(x: Any, y: Any) -> Any:
    """`dot` of a sparse matrix and a matrix.

    Parameters
    ----------
    x : SparseVariable or matrix of SciPy
    y : SparseVariable or matrix of SciPy, array_like or Variable

    Returns
    -------
    SparseVariable or Variable

    Raises
    ------
    TypeError
        If `x` is dense.
    """
    return dot(as_sparse_variable(x), y)


def true_dot(x: Any, y: Any, grad_preserves_dense: bool = True) -> Any:
    """`dot`; the last argument is accepted as in Theano."""
    return dot(x, y)


def usmm(alpha: Any, x: Any, y: Any, z: Any) -> Any:
    """alpha x y + z, one of x and y being sparse.

    Parameters
    ----------
    alpha : array_like or Variable
        A scalar.
    x, y : SparseVariable or matrix of SciPy, array_like or Variable
    z : array_like or Variable

    Returns
    -------
    Variable
        Dense, as `z` is.
    """
    return alpha * dot(x, y) + z


def _sampled(rows: Variable, columns: Variable, x: Variable, y: Variable) -> Variable:
    dtype = _core.promote(x.dtype, y.dtype)
    wide = dtype if dtype in ("float32", "float64") else "float64"
    nodes = [rows._node, columns._node, cast(x, wide)._node, cast(y, wide)._node]
    return cast(wrap(_core.apply_all("sampled_product", nodes, [])[0]), dtype)


def sampling_dot(x: Any, y: Any, p: Any) -> SparseVariable:
    """p * dot(x, y.T), of which only the elements where `p` has entries are computed.

    Parameters
    ----------
    x, y : array_like or Variable
        Dense, of shapes (n, k) and (m, k).
    p : SparseVariable
        Of shape (n, m).

    Returns
    -------
    SparseVariable
        With entries in the places of those of `p`.

    Raises
    ------
    TypeError
        If `x` or `y` is sparse.
    ValueError
        If the sizes differ; in the call, if they are known only there.
    """
    pattern, a, b = as_sparse_variable(p), as_sparse_or_tensor_variable(x), as_sparse_or_tensor_variable(y)
    if isinstance(a, SparseVariable) or isinstance(b, SparseVariable):
        raise TypeError(complaint("sampling_dot", "dense x and y", f"{describe(a)} and {describe(b)}"))
    name = "sampling_dot"
    pattern = required(pattern, same(name, pattern, a, 0), same(name, pattern, b, 1, 0), same(name, a, b, 1))
    return pattern.with_data(pattern.data * _sampled(*pattern.positions, a, b))


def structured_dot_grad(sparse_A: Any, dense_B: Any, ga: Any) -> SparseVariable:
    """The gradient of structured_dot(A, B) by the values of A, from the gradient `ga` of the product.

    Parameters
    ----------
    sparse_A : SparseVariable or matrix of SciPy
        (n, k)
    dense_B : array_like or Variable
        (k, m)
    ga : array_like or Variable
        (n, m)

    Returns
    -------
    SparseVariable
        With entries in the places of those of A.
    """
    a, b = as_sparse_variable(sparse_A), as_variable(dense_B)
    return a.with_data(_sampled(*a.positions, as_variable(ga), b))
