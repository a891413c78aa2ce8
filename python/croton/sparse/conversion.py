"""Sparse matrices from their parts, and parts of sparse matrices; other dtypes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from croton.errors import complaint
from croton.sparse.variable import LAYOUTS, SparseVariable, as_sparse_variable
from croton.tensor.constructors import PREFIXES
from croton.tensor.creation import ones_like, zeros_like
from croton.tensor.expression import as_variable, describe, size_node, wrap
from croton.tensor.joining import stack
from croton.tensor.movement import sizes_of
from croton.tensor.variable import Variable


class CSM:
    """Makes sparse matrices of a format from data, indices, indptr and shape.

    The gradient flows to the data.

    Parameters
    ----------
    format : {"csr", "csc"}

    Raises
    ------
    ValueError
        For another format; when it is called, unless it is given three vectors and two sizes.

    Examples
    --------
    >>> from croton import sparse
    >>> x = sparse.CSR([1.0, 2.0], [1, 0], [0, 1, 2], (2, 2))
    >>> x.toarray().eval()
    array([[0., 1.],
           [2., 0.]])
    """

    def __init__(self, format: str) -> None:
        if format not in ("csr", "csc"):
            raise ValueError(complaint("CSM", "the format csr or csc", repr(format)))
        self.format = format

    def __call__(self, data: Any, indices: Any, indptr: Any, shape: Any) -> SparseVariable:
        parts = [as_variable(part) for part in (data, indices, indptr)]
        if any(part.ndim != 1 for part in parts):
            raise ValueError(complaint("CSM", "three vectors", ", ".join(map(describe, parts))))
        sizes = [wrap(size_node(size)) for size in sizes_of(shape, "CSM", 2)]
        if len(sizes) != 2:
            raise ValueError(complaint("CSM", "a shape of two sizes", str(len(sizes))))
        return SparseVariable(self.format, parts[0], parts[1], parts[2], sizes[LAYOUTS[self.format] == "csr"])


CSR, CSC = CSM("csr"), CSM("csc")


def csm_properties(csm: Any) -> tuple[Variable, Variable, Variable, Variable]:
    """Data, indices, indptr and shape of a sparse matrix, as vectors.

    Parameters
    ----------
    csm : SparseVariable or matrix of SciPy
    """
    return csm_data(csm), csm_indices(csm), csm_indptr(csm), csm_shape(csm)


def csm_data(csm: Any) -> Variable:
    """The stored values, a vector.

    Parameters
    ----------
    csm : SparseVariable or matrix of SciPy
    """
    return as_sparse_variable(csm).data


def csm_indices(csm: Any) -> Variable:
    """The column (in compressed columns, the row) of each value.

    Parameters
    ----------
    csm : SparseVariable or matrix of SciPy
    """
    return as_sparse_variable(csm).indices


def csm_indptr(csm: Any) -> Variable:
    """Where each row (column) begins, and the number of all values.

    Parameters
    ----------
    csm : SparseVariable or matrix of SciPy
    """
    return as_sparse_variable(csm).indptr


def csm_shape(csm: Any) -> Variable:
    """The numbers of rows and columns, an int64 vector.

    Parameters
    ----------
    csm : SparseVariable or matrix of SciPy
    """
    return stack(list(as_sparse_variable(csm).shape))


def sp_ones_like(x: Any) -> SparseVariable:
    """1 in the place of each stored value.

    Parameters
    ----------
    x : SparseVariable or matrix of SciPy
    """
    a = as_sparse_variable(x)
    return a.with_data(ones_like(a.data))


def sp_zeros_like(x: Any) -> SparseVariable:
    """A matrix of the shape and format of `x` without values."""
    a = as_sparse_variable(x)
    return SparseVariable(a.format, a.data[:0], a.indices[:0], zeros_like(a.indptr), a.minor)


def cast(x: Any, dtype: Any) -> SparseVariable:
    """The stored values as another dtype.

    Parameters
    ----------
    x : SparseVariable or matrix of SciPy
    dtype : str or NumPy dtype

    Returns
    -------
    SparseVariable
        With entries in the places of those of `x`.
    """
    return as_sparse_variable(x).astype(dtype)


def _caster(dtype: str) -> Callable[[Any], SparseVariable]:
    def function(x: Any) -> SparseVariable:
        return cast(x, dtype)

    function.__doc__ = f"The stored values as {dtype}."
    return function


bcast, wcast, icast, lcast, fcast, dcast, ccast, zcast = (_caster(PREFIXES[prefix]) for prefix in "bwilfdcz")
