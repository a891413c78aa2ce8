// What the rows of linear algebra are written with.
#pragma once

#include <algorithm>

#include "ops/linalg.h"

namespace croton {

using OpName = std::string_view;

/// Throws TypeError unless `x` has two axes or more and LAPACK's types.
void require_matrix(const OpName& op, const Var& x);
/// The same; ValueError if its last two sizes are known to differ.
void require_square(const OpName& op, const Var& x);
/// The sizes that the last two axes of the first input have in common.
std::vector<std::pair<Var, Var>> square_sizes(Inputs x);

Var rows_of(const Var& x);
Var columns_of(const Var& x);
/// The sizes of the leading axes of `x`, and then `sizes`.
std::vector<Var> batch_of(const Var& x, std::vector<Var> sizes);
/// Integers as floats.
Var as_matrix(const Var& x);
/// Two operands in their common dtype, with their leading axes broadcast.
std::pair<Var, Var> common_batch(const Var& a, const Var& b);
Var identity_matrix(const Var& size, DType dtype);

/// The transpose, conjugated.
Var adjoint(const Var& x);
/// Each column, or row, of `x` times its factor.
Var times_columns(const Var& x, const Var& factors);
Var times_rows(const Var& x, const Var& factors);
/// values[j] - values[i] for element i, j.
Var gaps(const Var& values);
/// x / y, but 0 where y is 0: by the gap of equal values, whose vectors have no derivative of their own.
Var quotient(const Var& x, const Var& y);
/// Throws the error of an iteration that has not converged.
[[noreturn]] void no_convergence();
/// The same for elements with which LAPACK's iterations end anywhere.
template <class T>
void require_finite(const T* x, int64_t count) {
  if (!std::all_of(x, x + count, [](T z) { return z - z == T{0}; })) no_convergence();
}

/// The routine of the first input's dtype.
template <HostRoutine float32, HostRoutine float64, HostRoutine complex64, HostRoutine complex128>
void by_type(const HostCall& call) {
  switch (call.inputs[0].dtype) {
    case DType::Float32: return float32(call);
    case DType::Complex64: return complex64(call);
    case DType::Complex128: return complex128(call);
    default: return float64(call);
  }
}

#define CROTON_BY_TYPE(routine) \
  by_type<routine<float>, routine<double>, routine<std::complex<float>>, routine<std::complex<double>>>

}  // namespace croton
