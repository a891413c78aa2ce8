// The reference meaning of every op: a graph evaluated node by node with plain loops, without schedule,
// fusion or generated code. It is what compiled results are tested against, mode="reference", and how
// constants are folded; it is written to be read, not to be fast.
#pragma once

#include <span>
#include <unordered_map>
#include <vector>

#include "graph/op_spec.h"

namespace croton {

/// Values of leaves: inputs and shared variables (constants carry their own).
using Bindings = std::unordered_map<const Node*, Array>;

/// The value of each output, in memory of its own. A shared variable without a binding has the value that
/// its storage holds. Throws ValueError or IndexError for sizes or indices that do not fit, TypeError for a
/// leaf of another dtype, NotImplemented for complex arithmetic; messages name op, operands and the
/// user's line.
std::vector<Array> interpret(std::span<const Var> outputs, const Bindings& leaves);

/// One node, which is no input or shared variable, from the values of its inputs.
Array interpret_node(const Node& node, std::span<const Array> inputs);

}  // namespace croton
