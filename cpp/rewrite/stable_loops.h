// Stable forms inside loops, and across what they return.
#pragma once

#include <span>
#include <vector>

#include "graph/node.h"

namespace croton {

/// `outputs` with the steps of their loops in stable form, and with logarithms of what a step returns
/// computed inside the step where they have a stable form there: log(p) outside of a loop whose steps end in
/// a softmax. Loops that `fixed` depends on stay.
std::vector<Var> stabilize_loops(std::vector<Var> outputs, std::span<const Var> fixed);

}  // namespace croton
