// The derivatives of branches: what flows into a branch is zero where it is not taken, and nothing of it is
// computed there.
#pragma once

#include "graph/op_spec.h"

namespace croton {

/// The gradients of the inputs of the ifelse node, from those of its results (empty where nothing depends on
/// them): each an ifelse with zeros in the other branch.
Grads ifelse_gradients(Inputs g, const Var& node);

/// The tangents of its results from those of its inputs (empty where one does not change).
std::vector<Var> ifelse_tangents(Inputs changes, const Var& node);

/// A branch outside of which a gradient is zero.
struct BranchMask {
  Var condition;
  bool holds;
};

/// Removes the branches outside of which all of `g` (but for empty ones) are zero, the outermost first: a
/// derivative is then taken inside of them, so that 0 * inf is never formed and only one branch runs.
std::vector<BranchMask> take_masks(std::vector<Var>& g);
/// `g` where all of `masks` hold, else zeros; in the shape of `x`.
Var masked(Var g, const Var& x, std::span<const BranchMask> masks);
/// a + b, branch by branch where they have the same ones.
Var add_masked(const Var& a, const Var& b);

/// Whether `x` is zero wherever it is.
bool is_zero(Var x);

}  // namespace croton
