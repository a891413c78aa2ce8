// The value that a reduction starts from.
#pragma once

#include "graph/op_spec.h"

namespace croton {

/// The neutral element of sum, prod, max or min, as bits of `dtype` in the low bytes.
uint64_t identity_bits(const OpSpec& op, DType dtype);

}  // namespace croton
