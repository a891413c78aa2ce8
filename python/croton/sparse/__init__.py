"""Symbolic sparse matrices: those of SciPy as arguments and results of compiled functions.

A sparse variable is three vectors and a size (`data`, `indices`, `indptr`, `minor`), on which these functions
are ordinary expressions; nothing is made dense unless a function says so. SciPy is needed by those who call
functions of sparse matrices, not to build expressions. Gradients by a sparse variable are those by its stored
values, in a matrix with entries in the same places.

Examples
--------
>>> import numpy as np, scipy.sparse
>>> import croton as ct, croton.tensor as T
>>> from croton import sparse
>>> x, w = sparse.csr_matrix("x", dtype="float64"), T.dmatrix("w")
>>> y = sparse.dot(x, w)
>>> f = ct.function([x, w], [y, ct.grad(y.sum(), x)])
>>> product, gradient = f(scipy.sparse.csr_matrix([[0.0, 2.0], [0.0, 0.0]]), np.ones((2, 3)))
>>> product
array([[2., 2., 2.],
       [0., 0., 0.]])
>>> gradient.toarray()
array([[0., 3.],
       [0., 0.]])
"""

from croton.sparse import elementwise as _elementwise
from croton.sparse import operators as _operators  # noqa: F401  # gives sparse variables their operators
from croton.sparse.conversion import (
    CSC,
    CSM,
    CSR,
    bcast,
    cast,
    ccast,
    csm_data,
    csm_indices,
    csm_indptr,
    csm_properties,
    csm_shape,
    dcast,
    fcast,
    icast,
    lcast,
    sp_ones_like,
    sp_zeros_like,
    wcast,
    zcast,
)
from croton.sparse.elementwise import (
    add,
    add_s_d,
    add_s_s,
    add_s_s_data,
    col_scale,
    eq,
    ge,
    gt,
    le,
    lt,
    mul,
    mul_s_d,
    mul_s_s,
    mul_s_v,
    neg,
    neq,
    row_scale,
    sp_sum,
    structured_add_s_v,
    sub,
)
from croton.sparse.products import (
    dot,
    sampling_dot,
    structured_dot,
    structured_dot_grad,
    true_dot,
    usmm,
)
from croton.sparse.structure import (
    clean,
    construct_sparse_from_list,
    csc_from_dense,
    csr_from_dense,
    dense_from_sparse,
    diag,
    ensure_sorted_indices,
    get_item_2d,
    get_item_2lists,
    get_item_list,
    get_item_scalar,
    hstack,
    remove0,
    square_diagonal,
    transpose,
    vstack,
)
from croton.sparse.variable import (
    SparseConstant,
    SparseSharedVariable,
    SparseType,
    SparseVariable,
    as_sparse_or_tensor_variable,
    as_sparse_variable,
    bsr_dmatrix,
    bsr_fmatrix,
    bsr_matrix,
    constant,
    coo_matrix,
    csc_dmatrix,
    csc_fmatrix,
    csc_matrix,
    csr_dmatrix,
    csr_fmatrix,
    csr_matrix,
    matrix,
)

as_sparse = as_sparse_variable
globals().update(_elementwise.FUNCTIONS)

__all__ = [
    "CSC",
    "CSM",
    "CSR",
    "SparseConstant",
    "SparseSharedVariable",
    "SparseType",
    "SparseVariable",
    "add",
    "add_s_d",
    "add_s_s",
    "add_s_s_data",
    "as_sparse",
    "as_sparse_or_tensor_variable",
    "as_sparse_variable",
    "bcast",
    "bsr_dmatrix",
    "bsr_fmatrix",
    "bsr_matrix",
    "cast",
    "ccast",
    "clean",
    "col_scale",
    "constant",
    "construct_sparse_from_list",
    "coo_matrix",
    "csc_dmatrix",
    "csc_fmatrix",
    "csc_from_dense",
    "csc_matrix",
    "csm_data",
    "csm_indices",
    "csm_indptr",
    "csm_properties",
    "csm_shape",
    "csr_dmatrix",
    "csr_fmatrix",
    "csr_from_dense",
    "csr_matrix",
    "dcast",
    "dense_from_sparse",
    "diag",
    "dot",
    "ensure_sorted_indices",
    "eq",
    "fcast",
    "ge",
    "get_item_2d",
    "get_item_2lists",
    "get_item_list",
    "get_item_scalar",
    "gt",
    "hstack",
    "icast",
    "lcast",
    "le",
    "lt",
    "matrix",
    "mul",
    "mul_s_d",
    "mul_s_s",
    "mul_s_v",
    "neg",
    "neq",
    "remove0",
    "row_scale",
    "sampling_dot",
    "sp_ones_like",
    "sp_sum",
    "sp_zeros_like",
    "square_diagonal",
    "structured_add_s_v",
    "structured_dot",
    "structured_dot_grad",
    "sub",
    "transpose",
    "true_dot",
    "usmm",
    "vstack",
    "wcast",
    "zcast",
]
