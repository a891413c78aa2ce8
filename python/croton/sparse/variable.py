"""Sparse matrices in compressed rows or columns: three vectors and a size, each a symbolic variable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from croton import _core
from croton.config import config
from croton.errors import complaint
from croton.shared import _kinds, shared
from croton.tensor import constructors
from croton.tensor.elementwise import apply, cast
from croton.tensor.expression import as_node, describe, dims_of, size_node, wrap
from croton.tensor.types import dtype_name, kind_of
from croton.tensor.variable import Shape, Variable

# How each of SciPy's formats is kept: as compressed rows or columns. Results have the format again.
LAYOUTS = {"csr": "csr", "csc": "csc", "bsr": "csr", "coo": "csr"}


def is_scipy(value: object) -> bool:
    """Whether `value` is a sparse matrix of SciPy, which is imported by whoever made it."""
    return type(value).__module__.startswith("scipy.sparse") and hasattr(value, "tocsr")


class SparseType:
    """The format and dtype of sparse matrices; calling it makes an input.

    Parameters
    ----------
    format : {"csr", "csc", "bsr", "coo"}
    dtype : str or NumPy dtype
    broadcastable : optional
        Accepted as in Theano.

    Raises
    ------
    ValueError
        For another format.

    Examples
    --------
    >>> from croton import sparse
    >>> sparse.SparseType("csr", "float64")("x")
    x
    """

    ndim = 2

    def __init__(self, format: str, dtype: Any, broadcastable: Any = None) -> None:
        if format not in LAYOUTS:
            raise ValueError(complaint("SparseType", f"a format of {', '.join(LAYOUTS)}", repr(format)))
        self.format = format
        self.dtype = dtype_name(dtype)

    def __call__(self, name: str | None = None) -> SparseVariable:
        def part(suffix: str, dtype: str, rank: int) -> Variable:
            return constructors.tensor(dtype, shape=(None,) * rank, name=name and f"{name}.{suffix}")

        size = "columns" if LAYOUTS[self.format] == "csr" else "rows"
        parts = part("data", self.dtype, 1), part("indices", "int32", 1), part("indptr", "int32", 1)
        return SparseVariable(self.format, *parts, part(size, "int64", 0), name)

    make_variable = __call__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SparseType) and (self.format, self.dtype) == (other.format, other.dtype)

    def __hash__(self) -> int:
        return hash((self.format, self.dtype))

    def __repr__(self) -> str:
        return f"Sparse({self.dtype}, {self.format})"


class SparseVariable:
    """A symbolic sparse matrix.

    Attributes
    ----------
    data, indices, indptr : Variable
        As in SciPy: the values, the column (in compressed columns, the row) of each, and where rows begin.
    minor : Variable
        The number of columns (of rows), an int64 scalar.
    format : str
        "csr", "csc", "bsr" or "coo"; the last two are compressed rows, but calls return what they say.
    """

    ndim = 2
    __array_priority__ = 2000
    __array_ufunc__ = None

    def __init__(
        self,
        format: str,
        data: Variable,
        indices: Variable,
        indptr: Variable,
        minor: Any,
        name: str | None = None,
    ) -> None:
        self.format, self.name = format, name
        self.data, self.indices, self.indptr = data, indices, indptr
        self.minor: Variable = cast(minor, "int64")

    @property
    def layout(self) -> str:
        """ "csr" or "csc"."""
        return LAYOUTS[self.format]

    @property
    def type(self) -> SparseType:
        return SparseType(self.format, self.dtype)

    @property
    def dtype(self) -> str:
        return self.data.dtype

    @property
    def parts(self) -> tuple[Variable, Variable, Variable, Variable]:
        """What stands for it among the inputs and outputs of a function."""
        return self.data, self.indices, self.indptr, self.minor

    @property
    def major(self) -> Variable:
        """The number of compressed rows (columns), an int64 scalar."""
        return apply("sub", wrap(size_node(dims_of(self.indptr._node)[0])), 1)

    @property
    def shape(self) -> Shape:
        """The numbers of rows and columns, int64 scalars."""
        sizes = (self.major, self.minor)
        return Shape(sizes if self.layout == "csr" else sizes[::-1])

    @property
    def starts(self) -> Variable:
        return cast(self.indptr[:-1], "int64")

    @property
    def ends(self) -> Variable:
        return cast(self.indptr[1:], "int64")

    @property
    def major_indices(self) -> Variable:
        """The row (in compressed columns, the column) of each value."""
        size = size_node(dims_of(self.data._node)[0])
        return wrap(_core.apply_all("csr_row_numbers", [self.starts._node, self.ends._node, size], [])[0])

    @property
    def positions(self) -> tuple[Variable, Variable]:
        """Row and column of each value, int64."""
        pair = self.major_indices, cast(self.indices, "int64")
        return pair if self.layout == "csr" else pair[::-1]

    def with_data(self, data: Variable, name: str | None = None) -> SparseVariable:
        """Other values in the same places."""
        return SparseVariable(self.format, data, self.indices, self.indptr, self.minor, name)

    def astype(self, dtype: Any) -> SparseVariable:
        """The matrix with its values as `dtype`."""
        return self.with_data(cast(self.data, dtype))

    def _gradient_from(self, data: Variable) -> SparseVariable:
        """The gradient by this matrix: by each of its values."""
        return self.with_data(data, f"(d/d{self.name})" if self.name else None)

    def __bool__(self) -> bool:
        raise TypeError(
            complaint("bool", "a number", describe(self), "symbolic matrices have no truth value")
        )

    if TYPE_CHECKING:  # operators.py adds operators and methods

        def __getattr__(self, name: str) -> Any: ...

    def __str__(self) -> str:
        return self.name or f"Sparse({self.data})"

    __repr__ = __str__


class SparseConstant(SparseVariable):
    """A sparse matrix of numbers."""


class SparseSharedVariable(SparseVariable):
    """A sparse matrix that compiled functions share, read and update; its number of values may change."""

    def get_value(self, borrow: bool = False, return_internal_type: bool = False) -> Any:
        """The value as a matrix of SciPy.

        Parameters
        ----------
        borrow, return_internal_type : bool
            Accepted as in Theano.

        Returns
        -------
        matrix of SciPy
            In the variable's format.
        """
        return to_scipy(self.format, *(part.get_value() for part in self.parts))  # type: ignore[attr-defined]

    def set_value(self, new_value: Any, borrow: bool = False) -> None:
        """Replaces the value by that of a matrix of SciPy.

        Parameters
        ----------
        new_value : matrix of SciPy
            Of any format and shape.
        borrow : bool
            Accepted as in Theano.

        Raises
        ------
        TypeError
            For anything else, or a dtype that does not fit in the variable's.
        """
        for part, value in zip(self.parts, from_scipy("set_value", new_value, self.type), strict=True):
            part.set_value(value)  # type: ignore[attr-defined]


# ---- SciPy's matrices
def from_scipy(operation: str, value: Any, wanted: SparseType | None = None) -> tuple[Any, Any, Any, Any]:
    """Data, indices, indptr and minor size of a matrix of SciPy, as the type has them."""
    if not is_scipy(value):
        raise TypeError(
            complaint(operation, "a sparse matrix of SciPy", f"{type(value).__name__}", "sparse.csr_matrix")
        )
    layout = LAYOUTS.get(wanted.format if wanted else value.format, "csr")
    matrix = value.tocsr() if layout == "csr" else value.tocsc()
    if wanted and matrix.dtype != wanted.dtype and not np.can_cast(matrix.dtype, wanted.dtype):
        remedy = f"convert it with .astype('{wanted.dtype}')"
        raise TypeError(complaint(operation, f"a matrix of {wanted.dtype}", f"one of {matrix.dtype}", remedy))
    if matrix.nnz > np.iinfo("int32").max or max(matrix.shape) > np.iinfo("int32").max:
        raise ValueError(complaint(operation, "fewer than 2**31 rows, columns and values", f"{matrix.shape}"))
    data = matrix.data.astype(wanted.dtype, copy=False) if wanted else matrix.data
    indices, indptr = (x.astype("int32", copy=False) for x in (matrix.indices, matrix.indptr))
    return data, indices, indptr, np.int64(matrix.shape[layout == "csr"])


def to_scipy(format: str, data: Any, indices: Any, indptr: Any, minor: Any) -> Any:
    """The matrix of SciPy with these parts."""
    import scipy.sparse  # type: ignore[import-untyped, unused-ignore]

    major, layout = len(indptr) - 1, LAYOUTS[format]
    shape = (major, int(minor)) if layout == "csr" else (int(minor), major)
    make = scipy.sparse.csr_matrix if layout == "csr" else scipy.sparse.csc_matrix
    return make((data, indices, indptr), shape=shape).asformat(format)


def constant(value: Any, name: str | None = None) -> SparseConstant:
    """A sparse matrix of SciPy as a constant.

    Parameters
    ----------
    value : matrix of SciPy
    name : str, optional

    Returns
    -------
    SparseConstant
        In its format, or in compressed rows for formats other than csr, csc, bsr and coo.

    Raises
    ------
    TypeError
        For anything else.
    ValueError
        For 2**31 or more rows, columns or values.
    """
    data, indices, indptr, minor = (wrap(as_node(np.asarray(part))) for part in from_scipy("constant", value))
    format = value.format if value.format in LAYOUTS else "csr"
    return SparseConstant(format, data, indices, indptr, minor, name)


def shared_sparse(value: Any, name: str | None = None) -> SparseSharedVariable:
    """A shared variable with a sparse matrix of SciPy as its first value.

    Parameters
    ----------
    value : matrix of SciPy
    name : str, optional

    Returns
    -------
    SparseSharedVariable
        In its format, or in compressed rows for formats other than csr, csc, bsr and coo.

    Raises
    ------
    TypeError
        For anything else.
    ValueError
        For 2**31 or more rows, columns or values.
    """
    suffixes = "data", "indices", "indptr", "size"
    data, indices, indptr, minor = (
        shared(np.asarray(part), name and f"{name}.{suffix}")
        for part, suffix in zip(from_scipy("shared", value), suffixes, strict=True)
    )
    format = value.format if value.format in LAYOUTS else "csr"
    return SparseSharedVariable(format, data, indices, indptr, minor, name)


_kinds.append((is_scipy, shared_sparse))


# ---- inputs
def matrix(format: str, name: str | None = None, dtype: Any = None) -> SparseVariable:
    """An input of sparse matrices in this format; of floatX by default.

    Parameters
    ----------
    format : {"csr", "csc", "bsr", "coo"}
    name : str, optional
    dtype : optional

    Returns
    -------
    SparseVariable

    Raises
    ------
    ValueError
        For another format.

    Examples
    --------
    >>> from croton import sparse
    >>> sparse.matrix("csc", "x", dtype="float32").type
    Sparse(float32, csc)
    """
    return SparseType(format, dtype or config.floatX)(name)


def csr_matrix(name: str | None = None, dtype: Any = None) -> SparseVariable:
    """An input of matrices in compressed rows.

    Parameters
    ----------
    name : str, optional
    dtype : optional
        By default floatX.
    """
    return matrix("csr", name, dtype)


def csc_matrix(name: str | None = None, dtype: Any = None) -> SparseVariable:
    """An input of matrices in compressed columns.

    Parameters
    ----------
    name : str, optional
    dtype : optional
        By default floatX.
    """
    return matrix("csc", name, dtype)


def bsr_matrix(name: str | None = None, dtype: Any = None) -> SparseVariable:
    """An input of matrices in SciPy's blocks, which are kept as compressed rows.

    Parameters
    ----------
    name : str, optional
    dtype : optional
        By default floatX.
    """
    return matrix("bsr", name, dtype)


def coo_matrix(name: str | None = None, dtype: Any = None) -> SparseVariable:
    """An input of matrices by coordinates, which are kept as compressed rows.

    Parameters
    ----------
    name : str, optional
    dtype : optional
        By default floatX.
    """
    return matrix("coo", name, dtype)


csr_dmatrix, csr_fmatrix = SparseType("csr", "float64"), SparseType("csr", "float32")
csc_dmatrix, csc_fmatrix = SparseType("csc", "float64"), SparseType("csc", "float32")
bsr_dmatrix, bsr_fmatrix = SparseType("bsr", "float64"), SparseType("bsr", "float32")


def as_sparse_variable(x: Any, name: str | None = None) -> SparseVariable:
    """A sparse variable as it is, and a sparse matrix of SciPy as a constant.

    Parameters
    ----------
    x : SparseVariable or matrix of SciPy
    name : str, optional
        Of the constant.

    Returns
    -------
    SparseVariable

    Raises
    ------
    TypeError
        For anything else.
    """
    if isinstance(x, SparseVariable):
        return x
    if is_scipy(x):
        return constant(x, name)
    raise TypeError(
        complaint("as_sparse_variable", "a sparse matrix", describe(x), "csr_from_dense makes one")
    )


def as_sparse_or_tensor_variable(x: Any, name: str | None = None) -> Any:
    """A sparse variable of what is sparse, and a dense one of all else.

    Parameters
    ----------
    x : SparseVariable, matrix of SciPy, array_like or Variable
    name : str, optional
        Of a sparse constant.

    Returns
    -------
    SparseVariable or Variable
    """
    if isinstance(x, SparseVariable) or is_scipy(x):
        return as_sparse_variable(x, name)
    return x if isinstance(x, Variable) else wrap(as_node(x))


def is_float(x: Any) -> bool:
    return kind_of(x.dtype) == "f"
