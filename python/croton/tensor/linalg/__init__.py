"""Linear algebra by NumPy's and SciPy's names: `T.linalg.solve`, `T.linalg.svd`, ...

Matrices are the last two axes, and leading axes are batches. They are of float32, float64 or complex numbers
of these; integers are computed in float64. A matrix without the inverse or decomposition that is asked for
raises numpy.linalg.LinAlgError in the call.

Singular values and eigenvalues have gradients everywhere. The vectors that belong to equal ones are free to
turn, and complex vectors have any phase: gradients are finite, and right for functions that do not depend on
how they are turned.
"""

from croton.tensor.linalg.eigen import eig, eigh, eigvals, eigvalsh
from croton.tensor.linalg.factors import cholesky, lu, lu_factor, qr, svd, svdvals
from croton.tensor.linalg.functions import det, expm, matrix_power, multi_dot, slogdet, trace
from croton.tensor.linalg.norms import cond, norm
from croton.tensor.linalg.solutions import (
    inv,
    lstsq,
    matrix_rank,
    pinv,
    solve,
    solve_triangular,
    tensorinv,
    tensorsolve,
)
from croton.tensor.products import kron

__all__ = [
    "cholesky",
    "cond",
    "det",
    "eig",
    "eigh",
    "eigvals",
    "eigvalsh",
    "expm",
    "inv",
    "kron",
    "lstsq",
    "lu",
    "lu_factor",
    "matrix_power",
    "matrix_rank",
    "multi_dot",
    "norm",
    "pinv",
    "qr",
    "slogdet",
    "solve",
    "solve_triangular",
    "svd",
    "svdvals",
    "tensorinv",
    "tensorsolve",
    "trace",
]
