// What the rows of linear algebra are written with.
#pragma once

#include "ops/linalg.h"

namespace croton {

using OpName = std::string_view;

/// What a routine takes: float32 and float64, or their complex numbers, too.
enum class Numbers : uint8_t { Real, Any };
/// Throws TypeError unless `x` has two axes or more and LAPACK's types.
void require_matrix(const OpName& op, const Var& x, Numbers numbers = Numbers::Real);
/// The same; LinAlgError if its last two sizes are known to differ.
void require_square(const OpName& op, const Var& x, Numbers numbers = Numbers::Real);
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

/// The routine of the first input's dtype.
template <HostRoutine float32, HostRoutine float64, HostRoutine complex64 = nullptr,
          HostRoutine complex128 = nullptr>
void by_type(const HostCall& call) {
  switch (call.inputs[0].dtype) {
    case DType::Float32: return float32(call);
    case DType::Complex64: return complex64(call);
    case DType::Complex128: return complex128(call);
    default: return float64(call);
  }
}

}  // namespace croton
