// What is computed only where a branch is taken.
#pragma once

#include <span>
#include <vector>

#include "graph/node.h"

namespace croton {

/// Moves what only one branch of an ifelse needs into it, and the nodes of one condition together, so that
/// nothing of the branch that is not taken runs; bodies of loops included. Conditions that are known choose
/// here.
std::vector<Var> close_branches(std::vector<Var> outputs);

/// `values`, on which `roots` depend: each as it is where all branches that need it are taken, else zeros.
std::vector<Var> guard_by_branches(std::vector<Var> values, std::span<const Var> roots);

}  // namespace croton
