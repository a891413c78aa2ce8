// The rows that the graph itself needs: leaves, and sizes of axes.
#pragma once

#include "graph/op_spec.h"

namespace croton {

extern const OpSpec input_op;     // attrs.ints: identity, strides if not dense
extern const OpSpec constant_op;  // attrs.value
extern const OpSpec shared_op;    // attrs.shared
extern const OpSpec dim_op;       // size of axis attrs.ints[0] of a leaf
/// The size of an axis along which two sizes broadcast: the one that is not 1.
extern const OpSpec broadcast_size_op;
Var broadcast_size(const Var& a, const Var& b);

}  // namespace croton
