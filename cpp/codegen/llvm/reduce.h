// How reductions combine values.
#pragma once

#include <llvm/IR/IRBuilder.h>

#include "graph/op_spec.h"

namespace croton {

/// op(a, b), element by element, on values of the compute type of `dtype`.
llvm::Value* combine(llvm::IRBuilder<>& b, const OpSpec& op, DType dtype, llvm::Value* a,
                     llvm::Value* b_value);
/// All lanes of `value` combined, pairwise in a fixed order.
llvm::Value* combine_lanes(llvm::IRBuilder<>& b, const OpSpec& op, DType dtype, llvm::Value* value,
                           int lanes);

}  // namespace croton
