// Decompositions and solutions of matrices, and sorting: ops that run host routines. Matrices are the last
// two axes; leading axes are batches.
#pragma once

#include "ops/functions.h"

namespace croton {

/// All results of a library op, or the one of a composite.
std::vector<Var> apply_all(std::string_view op, std::vector<Var> inputs, std::vector<int64_t> attrs = {});

/// Elements of `x` along its last axis at the positions in `index`, whose other axes are those of x.
Var take_along_last(const Var& x, const Var& index);

/// The lower factor L of A = L L^T (L L^H of complex A), from the lower triangle of A.
Var cholesky(const Var& a);
/// X with A X = B, or A^T X = B; `b` is a matrix, and leading axes broadcast.
Var solve(const Var& a, const Var& b, bool transposed = false);
/// The same for a triangular `a`, the other half of which is not read; `unit`: ones on its diagonal.
struct Triangle {
  bool lower = true, transposed = false, unit = false;
};
Var solve_triangular(const Var& a, const Var& b, Triangle triangle);

/// The determinant, and the logarithm of its absolute value.
Var det(const Var& a);
Var log_abs_det(const Var& a);
/// Its sign, through which no gradient flows; of complex matrices its direction, which has one.
Var det_sign(const Var& a);
/// The derivative of the determinant, element by element: finite for singular matrices, too.
Var cofactor(const Var& a);
/// The pseudo-inverse; singular values up to `cutoff` times the largest count as 0.
Var pinv(const Var& a, const Var& cutoff);
/// The exponential of a square matrix.
Var expm(const Var& a);

/// `x` where row >= column + offset in its last two axes, else 0.
Var lower_triangle(const Var& x, int64_t offset = 0);
Var upper_triangle(const Var& x, int64_t offset = 0);
/// The diagonal of square matrices; a diagonal matrix from the last axis.
Var diagonal(const Var& x);
Var diagonal_matrix(const Var& x);

}  // namespace croton
