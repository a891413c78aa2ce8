// Branches: one of two groups of values, of which only that one is computed.
#pragma once

#include "graph/body.h"
#include "graph/op_spec.h"

namespace croton {

/// As expressions have it. Inputs: a bool scalar, the values where it holds, and as many where it does not.
/// Results: the values of the branch that it chooses.
extern const OpSpec ifelse_op;

/// As functions run it: attrs.body has the values of both branches as outputs, and inputs for those of the
/// node after the condition. What stands in the body is computed where its branch is taken.
extern const OpSpec lazy_ifelse_op;

/// How many values a branch of an ifelse node has.
inline size_t branch_values(const Node& node) { return node.inputs.size() / 2; }

/// The values of the branch that `condition`, a bool scalar, chooses. Throws TypeError where two that stand
/// for each other differ in dtype or rank, or there are not as many.
std::vector<Var> ifelse(const Var& condition, std::span<const Var> then_values,
                        std::span<const Var> else_values);

}  // namespace croton
