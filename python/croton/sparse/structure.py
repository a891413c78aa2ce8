"""Sparse matrices made of coordinates, and what moves their entries: conversion, indexing, stacking."""

from __future__ import annotations

from typing import Any

from croton import _core
from croton.errors import complaint
from croton.sparse.checks import called, required, same
from croton.sparse.variable import (
    LAYOUTS,
    SparseVariable,
    as_sparse_or_tensor_variable,
    as_sparse_variable,
)
from croton.tensor.elementwise import apply, cast, where
from croton.tensor.expression import as_variable, describe, dims_of, size_node, wrap
from croton.tensor.indexing import take
from croton.tensor.joining import concatenate
from croton.tensor.movement import flatten, reshape
from croton.tensor.nonzeros import flatnonzero, nonzero, unique
from croton.tensor.ranges import arange
from croton.tensor.running import cumsum
from croton.tensor.searching import searchsorted
from croton.tensor.segments import segment_sum
from croton.tensor.sorting import argsort
from croton.tensor.variable import Variable


def length(vector: Variable) -> Variable:
    """The size of a vector, an int64 scalar."""
    return wrap(size_node(dims_of(vector._node)[0]))


# ---- from coordinates
def from_sorted(format: str, major: Variable, minor: Variable, data: Variable, sizes: Any) -> SparseVariable:
    """The matrix with these entries, whose rows (in compressed columns, columns) come in order."""
    indptr = searchsorted(major, arange(sizes[0] + 1))
    return SparseVariable(format, data, cast(minor, "int32"), cast(indptr, "int32"), sizes[1])


def from_positions(
    format: str, rows: Variable, columns: Variable, data: Variable, shape: Any
) -> SparseVariable:
    """The matrix with these entries; those in one place stay apart."""
    by_rows = LAYOUTS[format] == "csr"
    major, minor = (rows, columns) if by_rows else (columns, rows)
    order = argsort(major)
    major, minor, data = (take(part, order, axis=0) for part in (major, minor, data))
    return from_sorted(format, major, minor, data, shape if by_rows else shape[::-1])


def merged(format: str, linear: Variable, parts: list[Variable], sizes: Any) -> list[SparseVariable]:
    """Matrices with one entry for each different position major * sizes[1] + minor: the sums of each part."""
    places, group = unique(linear, return_inverse=True)
    major, minor = apply("floor_div", places, sizes[1]), apply("mod", places, sizes[1])
    return [
        from_sorted(format, major, minor, segment_sum(part, group, length(places)), sizes) for part in parts
    ]


def sizes_of(x: SparseVariable) -> tuple[Variable, Variable]:
    return x.major, x.minor


def fitted(operation: str, x: SparseVariable, to: SparseVariable) -> SparseVariable:
    """`x` in the layout of the other matrix, whose shape it has to have."""
    checked = required(x, same(operation, to, x, 0), same(operation, to, x, 1))
    return in_layout(checked, to.layout)


def linear_positions(x: SparseVariable) -> Variable:
    """major * minor size + minor of each entry, int64."""
    return x.major_indices * x.minor + cast(x.indices, "int64")


def canonical(x: SparseVariable) -> SparseVariable:
    """Indices in order, and entries in one place added."""
    return merged(x.format, linear_positions(x), [x.data], sizes_of(x))[0]


def in_layout(x: SparseVariable, layout: str) -> SparseVariable:
    """The matrix in compressed rows, or columns."""
    return x if x.layout == layout else from_positions(layout, *x.positions, x.data, x.shape)


def ensure_sorted_indices(x: Any) -> SparseVariable:
    """`x` with its entries in order; those in one place stay apart."""
    a = as_sparse_variable(x)
    order = argsort(linear_positions(a))
    data, indices = (take(part, order, axis=0) for part in (a.data, a.indices))
    return SparseVariable(a.format, data, indices, a.indptr, a.minor)


def clean(x: Any) -> SparseVariable:
    """`x` without entries of zero, in order."""
    return ensure_sorted_indices(remove0(x))


def remove0(x: Any) -> SparseVariable:
    """`x` without entries of zero."""
    a = as_sparse_variable(x)
    return _kept(a, apply("ne", a.data, 0))


def _kept(a: SparseVariable, keep: Variable) -> SparseVariable:
    """The entries where `keep` holds."""
    before = concatenate([arange(1), cumsum(cast(keep, "int64"))])
    places = flatnonzero(keep)
    data, indices = take(a.data, places, axis=0), take(a.indices, places, axis=0)
    indptr = cast(take(before, a.indptr, axis=0), "int32")
    return SparseVariable(a.format, data, indices, indptr, a.minor)


# ---- dense matrices
def dense_from_sparse(x: Any) -> Variable:
    """`x` as a dense matrix; its gradient flows to the stored values.

    Examples
    --------
    >>> from croton import sparse
    >>> sparse.dense_from_sparse(sparse.square_diagonal([1.0, 2.0])).eval()
    array([[1., 0.],
           [0., 2.]])
    """
    a = as_sparse_variable(x)
    rows, columns = a.positions
    n, m = a.shape
    return reshape(segment_sum(a.data, rows * m + columns, n * m), (n, m))


def _from_dense(format: str, x: Any) -> SparseVariable:
    dense = as_variable(x)
    if dense.ndim != 2:
        raise ValueError(complaint(f"{format}_from_dense", "a matrix", describe(dense)))
    by_rows = format == "csr"
    lines = dense if by_rows else dense.T
    major, minor = nonzero(lines)
    sizes = tuple(wrap(size_node(size)) for size in dims_of(lines._node))
    return from_sorted(format, major, minor, take(flatten(lines), major * sizes[1] + minor, axis=0), sizes)


def csr_from_dense(x: Any) -> SparseVariable:
    """The elements of a dense matrix that are not zero, in compressed rows.

    Parameters
    ----------
    x : array_like or Variable
        A matrix.
    """
    return _from_dense("csr", x)


def csc_from_dense(x: Any) -> SparseVariable:
    """The elements of a dense matrix that are not zero, in compressed columns.

    Parameters
    ----------
    x : array_like or Variable
        A matrix.
    """
    return _from_dense("csc", x)


# ---- moving entries
def transpose(x: Any) -> SparseVariable:
    """The transpose: the same vectors, as compressed columns where `x` has rows."""
    a = as_sparse_variable(x)
    return SparseVariable("csc" if a.layout == "csr" else "csr", *a.parts)


def square_diagonal(diag: Any) -> SparseVariable:
    """The square matrix with this diagonal, in compressed columns.

    Parameters
    ----------
    diag : array_like or Variable
        A vector.
    """
    data = as_variable(diag)
    n = length(data)
    lines = cast(arange(n + 1), "int32")
    return SparseVariable("csc", data, lines[:n], lines, n)


def diag(x: Any) -> Variable:
    """The diagonal of a square sparse matrix as a dense vector.

    Parameters
    ----------
    x : SparseVariable or matrix of SciPy
        Of shape (n, n).

    Raises
    ------
    ValueError
        In the call, if the matrix is not square.
    """
    a = as_sparse_variable(x)
    a = required(a, (*a.shape, f"sparse.diag: required as many rows as columns in {called(a)}"))
    rows, columns = a.positions
    return segment_sum(where(apply("eq", rows, columns), a.data, 0), a.major_indices, a.major)


def _stacked(axis: int, blocks: Any, format: str | None, dtype: Any) -> SparseVariable:
    parts = [as_sparse_variable(block) for block in blocks]
    if not parts:
        raise ValueError(complaint("hstack" if axis else "vstack", "at least one matrix", "none"))
    places: list[list[Variable]] = [[], []]
    offset: Any = 0
    operation = "hstack" if axis else "vstack"
    parts[1:] = [required(part, same(operation, parts[0], part, 1 - axis)) for part in parts[1:]]
    for part in parts:
        for k, position in enumerate(part.positions):
            places[k].append(position + offset if k == axis else position)
        offset = part.shape[axis] + offset
    shape = (parts[0].shape[0], offset) if axis else (offset, parts[0].shape[1])
    data = concatenate([part.data for part in parts])
    result = from_positions(
        format or parts[0].format, concatenate(places[0]), concatenate(places[1]), data, shape
    )
    return result if dtype is None else result.astype(dtype)


def hstack(blocks: Any, format: str | None = None, dtype: Any = None) -> SparseVariable:
    """Sparse matrices side by side, by default in the format of the first.

    Parameters
    ----------
    blocks : sequence of SparseVariable or matrix of SciPy
        With equal numbers of rows.
    format : {"csr", "csc", "bsr", "coo"}, optional
    dtype : optional
        By default the common one.

    Returns
    -------
    SparseVariable

    Raises
    ------
    ValueError
        In the call, if the numbers of rows differ.

    Examples
    --------
    >>> from croton import sparse
    >>> x = sparse.csr_from_dense([[1.0, 2.0]])
    >>> sparse.hstack([x, x]).toarray().eval()
    array([[1., 2., 1., 2.]])
    """
    return _stacked(1, blocks, format, dtype)


def vstack(blocks: Any, format: str | None = None, dtype: Any = None) -> SparseVariable:
    """Sparse matrices one below the other, by default in the format of the first.

    Parameters
    ----------
    blocks : sequence of SparseVariable or matrix of SciPy
        With equal numbers of columns.
    format : {"csr", "csc", "bsr", "coo"}, optional
    dtype : optional
        By default the common one.

    Returns
    -------
    SparseVariable

    Raises
    ------
    ValueError
        In the call, if the numbers of columns differ.
    """
    return _stacked(0, blocks, format, dtype)


def construct_sparse_from_list(x: Any, values: Any, ilist: Any) -> SparseVariable:
    """The matrix of the shape of `x` with the rows of `values` at the rows `ilist`, and nothing elsewhere.

    Parameters
    ----------
    x : array_like or Variable
        A matrix, of which only the shape counts.
    values : array_like or Variable
        Of shape (k, m), m being the columns of `x`.
    ilist : array_like or Variable
        k positions of rows; the values for one row add up.

    Returns
    -------
    SparseVariable
        In compressed rows.
    """
    n, m = as_variable(x).shape
    rows = as_variable(values)
    linear = reshape(cast(ilist, "int64").dimshuffle(0, "x") * m + arange(m), (-1,))
    return merged("csr", linear, [flatten(rows)], (n, m))[0]


# ---- indexing
def expansion(x: SparseVariable, lines: Variable) -> tuple[Variable, Variable, Variable]:
    """The entries of these compressed lines: the place in `lines`, that in `x`, and a new indptr."""
    starts, ends = (take(part, lines, axis=0) for part in (x.starts, x.ends))
    indptr = concatenate([arange(1), cumsum(ends - starts)])
    total = indptr[-1]
    nodes = [indptr[:-1]._node, indptr[1:]._node, total._node]
    number = wrap(_core.apply_all("csr_row_numbers", nodes, [])[0])
    return number, arange(total) + take(starts - indptr[:-1], number, axis=0), indptr


def get_item_list(x: Any, index: Any) -> SparseVariable:
    """The rows of `x` with these numbers, in their order; negative ones count from the end.

    Parameters
    ----------
    x : SparseVariable or matrix of SciPy
    index : array_like or Variable
        A vector of integers.

    Returns
    -------
    SparseVariable

    Raises
    ------
    IndexError
        In the call, for a row that does not exist.
    """
    given = as_sparse_variable(x)
    a = in_layout(given, "csr")
    format = given.format if a is given else "csr"
    _, places, indptr = expansion(a, _inside(index, a.major, 0))
    data, indices = take(a.data, places, axis=0), take(a.indices, places, axis=0)
    return SparseVariable(format, data, indices, cast(indptr, "int32"), a.minor)


def _wrapped(index: Any, size: Variable) -> Variable:
    position = cast(index, "int64")
    return where(position < 0, position + size, position)


def _inside(index: Any, size: Variable, axis: int) -> Variable:
    """Positions along an axis, counted from the start; a call with others than it has raises IndexError."""
    return wrap(_core.wrap_positions(cast(index, "int64")._node, size._node, axis))


def get_item_2lists(x: Any, ind1: Any, ind2: Any) -> Variable:
    """The elements at rows `ind1` and columns `ind2`, as a dense vector.

    Parameters
    ----------
    x : SparseVariable or matrix of SciPy
    ind1, ind2 : array_like or Variable
        Vectors of integers, of equal length; negative ones count from the end.

    Returns
    -------
    Variable
        A vector, with 0 where there is no entry.

    Raises
    ------
    IndexError
        In the call, for positions outside the matrix.
    """
    a = canonical(in_layout(as_sparse_variable(x), "csr"))
    n, m = a.shape
    wanted = _inside(ind1, n, 0) * m + _inside(ind2, m, 1)
    places = linear_positions(a)
    # One place more, which is nobody's: there may be no entries at all.
    end = reshape(n * m, (1,))
    at = searchsorted(places, wanted)
    found = apply("eq", take(concatenate([places, end]), at, axis=0), wanted)
    data = concatenate([a.data, cast(end * 0, a.dtype)])
    return where(found, take(data, at, axis=0), 0)


def get_item_scalar(x: Any, index: tuple[Any, Any]) -> Variable:
    """The element at (row, column), a dense scalar.

    Parameters
    ----------
    x : SparseVariable or matrix of SciPy
    index : pair of int or scalars
        Negative ones count from the end.

    Returns
    -------
    Variable
        0 where there is no entry.

    Raises
    ------
    IndexError
        In the call, for a position outside the matrix.
    """
    a = as_sparse_variable(x)
    hits = [apply("eq", a.positions[k], _inside(index[k], a.shape[k], k)) for k in range(2)]
    return where(apply("logical_and", *hits), a.data, 0).sum()


def _bounds(part: Any, size: Variable) -> tuple[Variable, int, Variable]:
    """First position, step and number of the positions that a slice chooses."""
    if not isinstance(part, slice):
        raise TypeError(complaint("get_item_2d", "slices", describe(part), "take rows with get_item_list"))
    step = 1 if part.step is None else part.step
    if not isinstance(step, int) or step < 1:
        raise NotImplementedError(complaint("get_item_2d", "a positive step", repr(part.step)))
    ends = [
        apply("clip", _wrapped(end, size), 0, size) if end is not None else default
        for end, default in ((part.start, size * 0), (part.stop, size))
    ]
    return ends[0], step, apply("maximum", apply("floor_div", ends[1] - ends[0] + (step - 1), step), 0)


def get_item_2d(x: Any, index: Any) -> SparseVariable:
    """The part of `x` within slices of rows and columns, of positive steps.

    Parameters
    ----------
    x : SparseVariable or matrix of SciPy
    index : slice, or pair of them
        Of rows, or of rows and columns.

    Returns
    -------
    SparseVariable

    Raises
    ------
    TypeError
        For anything but slices.
    NotImplementedError
        For a step that is no int of 1 or more.
    """
    a = as_sparse_variable(x)
    pair = index if isinstance(index, tuple) else (index, slice(None))
    chosen, places, shape = [], [], []
    for position, part, size in zip(a.positions, pair, a.shape, strict=True):
        start, step, count = _bounds(part, size)
        offset = position - start
        place = apply("floor_div", offset, step)
        inside = apply("logical_and", offset >= 0, place < count)
        chosen.append(apply("logical_and", inside, apply("eq", apply("mod", offset, step), 0)))
        places.append(place)
        shape.append(count)
    keep = flatnonzero(apply("logical_and", *chosen))
    rows, columns, data = (take(part, keep, axis=0) for part in (*places, a.data))
    major_first = (rows, columns, data, shape) if a.layout == "csr" else (columns, rows, data, shape[::-1])
    return from_sorted(a.format, *major_first)


def get_item(x: SparseVariable, index: Any) -> Any:
    """`x[index]`: rows by a list or slices, elements by two positions or two lists.

    Parameters
    ----------
    x : SparseVariable
    index : slice, array_like or Variable, or pair of them

    Returns
    -------
    SparseVariable, or Variable for elements

    Raises
    ------
    IndexError
        For more than two indices.
    NotImplementedError
        For a list beside a slice or a position, and for steps that are no int of 1 or more.
    """
    if not isinstance(index, tuple):
        return get_item_2d(x, index) if isinstance(index, slice) else _rows(x, index)
    if len(index) != 2:
        raise IndexError(complaint("sparse index", "one or two indices", str(len(index))))
    if all(isinstance(part, slice) for part in index):
        return get_item_2d(x, index)
    ranks = [None if isinstance(part, slice) else as_sparse_or_tensor_variable(part).ndim for part in index]
    if ranks == [0, 0]:
        return get_item_scalar(x, index)
    if ranks == [1, 1]:
        return get_item_2lists(x, *index)
    spans = [
        part if isinstance(part, slice) else _single(_inside(part, x.shape[k], k))
        for k, part in enumerate(index)
    ]
    if 1 in ranks:
        raise NotImplementedError(complaint("sparse index", "two slices, positions or lists", repr(index)))
    return get_item_2d(x, tuple(spans))


def _single(position: Variable) -> slice:
    return slice(position, position + 1)


def _rows(x: SparseVariable, index: Any) -> SparseVariable:
    rows = as_variable(index)
    return get_item_list(x, rows if rows.ndim else rows.dimshuffle("x"))
