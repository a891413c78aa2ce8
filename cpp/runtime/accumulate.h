// Accumulators of reductions over rows: their start, and the sum of the parts of several chunks.
#pragma once

#include <cstdint>

#include "graph/op_spec.h"

namespace croton {

/// Sets `count` elements to the neutral element of the reduction `op`.
void fill_identity(const OpSpec* op, DType dtype, void* memory, int64_t count);

/// result[k] = op over the `rows` rows of `parts`, each of `count` elements, in order.
void combine_rows(const OpSpec* op, DType dtype, const void* parts, int64_t rows, int64_t count,
                  void* result);

}  // namespace croton
