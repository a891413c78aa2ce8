// Ops that the user writes, and expressions whose gradients the user gives.
#pragma once

#include "graph/user_op.h"
#include "ops/functions.h"

namespace croton {

/// Inputs: operands, then the sizes of all results; attrs.ints: dtype and rank of each result.
extern const OpSpec user_op;

/// Whether derivatives go from input `i` of `node` to its result: not where others take their place.
bool passes_derivatives(const Node& node, size_t i);

/// How the results of the node change with its inputs, by what the user wrote for that.
std::vector<Var> user_tangents(std::span<const Var> changes, const Var& node);

/// The results of `op` on `operands`.
std::vector<Var> call_user_op(std::shared_ptr<const UserOp> op, std::vector<Var> operands,
                              const std::vector<ResultSpec>& results);

/// `outputs`, whose gradients by `inputs` are those that `op` gives: its operands are `outputs`, then
/// `inputs`.
std::vector<Var> with_gradients(std::shared_ptr<const UserOp> op, const std::vector<Var>& outputs,
                                const std::vector<Var>& inputs);

}  // namespace croton
