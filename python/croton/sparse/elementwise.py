"""Elementwise functions of sparse matrices: of stored values alone, and of all where zero stays zero."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from croton import tensor
from croton.errors import complaint
from croton.sparse.checks import broadcasting, called, required, same
from croton.sparse.structure import (
    canonical,
    csr_from_dense,
    dense_from_sparse,
    fitted,
    length,
    linear_positions,
    merged,
    remove0,
    sizes_of,
)
from croton.sparse.variable import SparseVariable, as_sparse_or_tensor_variable, as_sparse_variable
from croton.tensor.elementwise import apply, where
from croton.tensor.expression import as_variable, describe
from croton.tensor.indexing import take
from croton.tensor.joining import concatenate
from croton.tensor.reductions import sum as dense_sum
from croton.tensor.segments import segment_sum
from croton.tensor.variable import Variable

# What leaves zeros as they are, so that a function of the stored values is one of the matrix.
UNARY = (
    "arcsin", "arcsinh", "arctan", "arctanh", "ceil", "conj", "deg2rad", "expm1", "floor", "log1p", "rad2deg",
    "rint", "sgn", "sin", "sinh", "sqr", "sqrt", "tan", "tanh", "trunc",
)  # fmt: skip
STRUCTURED = ("exp", "log", "sigmoid", "pow", "minimum", "maximum", "add")


def _unary(name: str, doc: str) -> Callable[..., SparseVariable]:
    function = getattr(tensor, name)

    def of_values(x: Any, *others: Any) -> SparseVariable:
        a = as_sparse_variable(x)
        return a.with_data(function(a.data, *others))

    of_values.__doc__ = doc
    of_values.__name__ = of_values.__qualname__ = name
    return of_values


FUNCTIONS = {name: _unary(name, f"`T.{name}` of each element; zeros stay zero.") for name in UNARY} | {
    f"structured_{name}": _unary(name, f"`T.{name}` of each stored value, other elements staying zero.")
    for name in STRUCTURED
}


def neg(x: Any) -> SparseVariable:
    """-x"""
    a = as_sparse_variable(x)
    return a.with_data(-a.data)


def _are_sparse(operation: str, x: Any, y: Any) -> tuple[Any, Any, bool, bool]:
    a, b = as_sparse_or_tensor_variable(x), as_sparse_or_tensor_variable(y)
    kinds = isinstance(a, SparseVariable), isinstance(b, SparseVariable)
    if not any(kinds):
        given = f"{describe(a)} and {describe(b)}"
        raise TypeError(complaint(operation, "a sparse matrix", given, f"T.{operation} is for dense arrays"))
    return a, b, *kinds


def _by_kinds(
    operation: str,
    x: Any,
    y: Any,
    of_sparse: Callable[[Any, Any], Any],
    with_dense: Callable[[Any, Any], Any],
) -> Any:
    """A symmetric function of two sparse matrices, or of a sparse and a dense one."""
    a, b, first, second = _are_sparse(operation, x, y)
    if first and second:
        return of_sparse(a, b)
    return with_dense(a, b) if first else with_dense(b, a)


def _joined(operation: str, a: SparseVariable, b: SparseVariable) -> tuple[Variable, Variable, Variable, Any]:
    """The positions of the entries of both, and the values of each, zeros where the other's are."""
    b = fitted(operation, b, a)
    linear = concatenate([linear_positions(a), linear_positions(b)])
    first = concatenate([a.data, apply("mul", b.data, 0)])
    second = concatenate([apply("mul", a.data, 0), b.data])
    return linear, first, second, sizes_of(a)


def add_s_s(x: Any, y: Any) -> SparseVariable:
    """The sum of two sparse matrices of one shape, in the format of the first.

    Parameters
    ----------
    x, y : SparseVariable or matrix of SciPy

    Returns
    -------
    SparseVariable
        In the common dtype.

    Raises
    ------
    ValueError
        In the call, if the shapes differ.
    """
    return _sum("add", as_sparse_variable(x), as_sparse_variable(y))


def _sum(operation: str, a: SparseVariable, b: SparseVariable) -> SparseVariable:
    other = fitted(operation, b, a)
    linear = concatenate([linear_positions(a), linear_positions(other)])
    return merged(a.format, linear, [concatenate([a.data, other.data])], sizes_of(a))[0]


def add_s_s_data(x: Any, y: Any) -> SparseVariable:
    """The sum of two sparse matrices with their entries in the same places.

    Parameters
    ----------
    x, y : SparseVariable or matrix of SciPy
        That their entries are in the same places is not checked.

    Returns
    -------
    SparseVariable

    Raises
    ------
    ValueError
        In the call, if the shapes or numbers of entries differ.
    """
    a, b = as_sparse_variable(x), as_sparse_variable(y)
    entries = f"sparse.add_s_s_data: required as many entries in {called(a)} as in {called(b)}"
    pairs = same("add_s_s_data", a, b, 0), same("add_s_s_data", a, b, 1)
    checked = required(a, *pairs, (length(a.data), length(b.data), entries))
    return checked.with_data(a.data + b.data)


def add_s_d(x: Any, y: Any) -> Variable:
    """The sum of a sparse and a dense matrix, which is dense.

    Parameters
    ----------
    x : SparseVariable or matrix of SciPy
    y : array_like or Variable

    Returns
    -------
    Variable
        In the common dtype.

    Raises
    ------
    ValueError
        In the call, if the shapes do not broadcast together.
    """
    return _densely("add", as_sparse_variable(x), as_variable(y))


def _densely(title: str, a: Any, b: Any, name: str = "") -> Variable:
    """The elementwise op of a sparse and a dense operand, in either order."""
    one, other = (a, b) if isinstance(a, SparseVariable) else (b, a)
    dense = dense_from_sparse(required(one, *broadcasting(title, one, other)))
    return apply(name or title, *((dense, other) if one is a else (other, dense)))


def add(x: Any, y: Any) -> Any:
    """x + y: sparse if both are, else dense.

    Parameters
    ----------
    x, y : SparseVariable or matrix of SciPy, array_like or Variable

    Returns
    -------
    SparseVariable or Variable

    Raises
    ------
    TypeError
        If both are dense.
    ValueError
        In the call, if both are sparse and their shapes differ.
    """
    return _by_kinds("add", x, y, add_s_s, add_s_d)


def sub(x: Any, y: Any) -> Any:
    """x - y: sparse if both are, else dense.

    Parameters
    ----------
    x, y : SparseVariable or matrix of SciPy, array_like or Variable

    Returns
    -------
    SparseVariable or Variable

    Raises
    ------
    TypeError
        If both are dense.
    ValueError
        In the call, if both are sparse and their shapes differ.
    """
    a, b, first, second = _are_sparse("sub", x, y)
    if first and second:
        return _sum("sub", a, b.with_data(-b.data, b.name))
    return _densely("sub", a, b)


def structured_add_s_v(x: Any, y: Any) -> SparseVariable:
    """`x` with element j of the vector `y` added to each stored value of column j.

    Parameters
    ----------
    x : SparseVariable or matrix of SciPy
        Of shape (n, m).
    y : array_like or Variable
        A vector of m.

    Returns
    -------
    SparseVariable
        With entries in the places of those of `x`.

    Raises
    ------
    ValueError
        If `y` is no vector; in the call, if it has another length.
    """
    a, b = _of_line("structured_add_s_v", x, y, 1)
    return a.with_data(a.data + take(b, a.positions[1], axis=0))


def _of_line(operation: str, x: Any, y: Any, axis: int) -> tuple[SparseVariable, Variable]:
    """A sparse matrix, and a vector with one element for each of its rows or columns."""
    a, b = as_sparse_variable(x), as_variable(y)
    if b.ndim != 1:
        raise ValueError(complaint(f"sparse.{operation}", "a vector", describe(b)))
    return required(a, same(operation, a, b, axis)), b


def mul_s_s(x: Any, y: Any) -> SparseVariable:
    """The elementwise product of two sparse matrices of one shape, in the format of the first.

    Parameters
    ----------
    x, y : SparseVariable or matrix of SciPy

    Returns
    -------
    SparseVariable
        In the common dtype, without entries that are 0.

    Raises
    ------
    ValueError
        In the call, if the shapes differ.
    """
    a, b = as_sparse_variable(x), as_sparse_variable(y)
    other = canonical(fitted("mul", b, a))
    linear, first, second, sizes = _joined("mul", canonical(a), other)
    one, other = merged(a.format, linear, [first, second], sizes)
    return remove0(one.with_data(one.data * other.data))


def mul_s_d(x: Any, y: Any) -> SparseVariable:
    """The elementwise product of a sparse matrix with a dense one, a vector of its columns or a scalar.

    Parameters
    ----------
    x : SparseVariable or matrix of SciPy
        Of shape (n, m).
    y : array_like or Variable
        Of shape (n, m), (m,) or (); any of the sizes may be 1.

    Returns
    -------
    SparseVariable
        With entries in the places of those of `x`.

    Raises
    ------
    ValueError
        If `y` has more than two axes; in the call, if the shapes do not fit.
    """
    a, b = as_sparse_variable(x), as_variable(y)
    if b.ndim > 2:
        raise ValueError(complaint("sparse.mul", "a matrix, a vector or a scalar", describe(b)))
    a = required(a, *broadcasting("mul", a, b, both=False))
    rows, columns = a.positions
    if b.ndim == 0:
        return a.with_data(a.data * b)
    columns = where(apply("eq", b.shape[-1], 1), 0, columns)
    if b.ndim == 1:
        return a.with_data(a.data * take(b, columns, axis=0))
    rows = where(apply("eq", b.shape[0], 1), 0, rows)
    return a.with_data(a.data * b[rows, columns])


def mul_s_v(x: Any, y: Any) -> SparseVariable:
    """Column j of the sparse matrix `x` times element j of the vector `y`."""
    return mul_s_d(x, y)


def mul(x: Any, y: Any) -> SparseVariable:
    """x * y, element by element: sparse, as at least one of them must be.

    Parameters
    ----------
    x, y : SparseVariable or matrix of SciPy, array_like or Variable

    Returns
    -------
    SparseVariable

    Raises
    ------
    TypeError
        If both are dense.
    ValueError
        In the call, if both are sparse and their shapes differ.

    Examples
    --------
    >>> from croton import sparse
    >>> sparse.mul(sparse.csr_from_dense([[1.0, 0.0], [0.0, 3.0]]), [10.0, 20.0]).toarray().eval()
    array([[10.,  0.],
           [ 0., 60.]])
    """
    product: SparseVariable = _by_kinds("mul", x, y, mul_s_s, mul_s_d)
    return product


def col_scale(x: Any, s: Any) -> SparseVariable:
    """Column j of `x` times element j of the vector `s`.

    Parameters
    ----------
    x : SparseVariable or matrix of SciPy
        Of shape (n, m).
    s : array_like or Variable
        A vector of m.

    Returns
    -------
    SparseVariable
        With entries in the places of those of `x`.

    Raises
    ------
    ValueError
        If `s` is no vector; in the call, if it has another length.
    """
    return mul_s_d(*_of_line("col_scale", x, s, 1))


def row_scale(x: Any, s: Any) -> SparseVariable:
    """Row i of `x` times element i of the vector `s`.

    Parameters
    ----------
    x : SparseVariable or matrix of SciPy
        Of shape (n, m).
    s : array_like or Variable
        A vector of n.

    Returns
    -------
    SparseVariable
        With entries in the places of those of `x`.

    Raises
    ------
    ValueError
        If `s` is no vector; in the call, if it has another length.
    """
    a, b = _of_line("row_scale", x, s, 0)
    return a.with_data(a.data * take(b, a.positions[0], axis=0))


def sp_sum(x: Any, axis: int | None = None, sparse_grad: bool = False) -> Variable:
    """The sum of all elements, or along an axis, as a dense array; the gradient is that of stored values.

    Parameters
    ----------
    x : SparseVariable or matrix of SciPy
    axis : {0, 1, None}
    sparse_grad : bool
        Accepted as in Theano.

    Returns
    -------
    Variable
        A vector, or a scalar without an axis.

    Raises
    ------
    ValueError
        For another axis.

    Examples
    --------
    >>> from croton import sparse
    >>> x = sparse.csr_from_dense([[1.0, 2.0], [0.0, 3.0]])
    >>> sparse.sp_sum(x, axis=0).eval()
    array([1., 5.])
    """
    a = as_sparse_variable(x)
    if axis is None:
        return dense_sum(a.data)
    if axis not in (0, 1, -1, -2):
        raise ValueError(complaint("sp_sum", "an axis of 0, 1 or None", repr(axis)))
    kept = 1 - axis % 2
    return segment_sum(a.data, a.positions[kept], a.shape[kept])


# ---- comparisons
def _comparison(name: str) -> Callable[[Any, Any], Any]:
    title = "neq" if name == "ne" else name

    def function(x: Any, y: Any) -> Any:
        a, b, first, second = _are_sparse(title, x, y)
        if not (first and second):
            return _densely(title, a, b, name)
        if name in ("eq", "le", "ge"):  # true where both are zero
            dense = dense_from_sparse(fitted(title, b, a))
            return csr_from_dense(apply(name, dense_from_sparse(a), dense))
        linear, left, right, sizes = _joined(title, a, b)
        one, other = merged(a.format, linear, [left, right], sizes)
        return remove0(one.with_data(apply(name, one.data, other.data)))

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"Where x {name} y: a sparse matrix of bools if both are sparse, else a dense one."
    return function


eq, neq, lt, gt, le, ge = (_comparison(name) for name in ("eq", "ne", "lt", "gt", "le", "ge"))
