// The rows that the graph itself needs: leaves, sizes of axes, results of nodes with several.
#pragma once

#include "graph/op_spec.h"

namespace croton {

extern const OpSpec input_op;     // attrs.ints: identity, strides if not dense
extern const OpSpec constant_op;  // attrs.value
extern const OpSpec shared_op;    // attrs.shared
extern const OpSpec dim_op;       // size of axis attrs.ints[0] of a leaf
/// A gradient that does not exist: it is an error to ask for it, with the leaf's name as the message.
extern const OpSpec null_gradient_op;
/// The size of an axis along which two sizes broadcast: the one that is not 1.
extern const OpSpec broadcast_size_op;
Var broadcast_size(const Var& a, const Var& b);

extern const OpSpec output_op;  // result attrs.ints[0] of a node that has several
/// Result `k` of `call`, which is itself the first.
Var output(const Var& call, int k);

}  // namespace croton
