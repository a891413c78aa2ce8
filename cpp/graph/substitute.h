// The same expressions over other leaves.
#pragma once

#include <span>
#include <unordered_map>
#include <vector>

#include "graph/node.h"

namespace croton {

using Replacements = std::unordered_map<const Node*, Var>;

/// `outputs` with each node that `replacements` names replaced. Types and sizes are inferred anew; nodes that
/// nothing changes stay the same. Throws TypeError where a replacement has another dtype or rank.
std::vector<Var> substitute(std::span<const Var> outputs, const Replacements& replacements);
Var substitute(const Var& output, const Replacements& replacements);

/// `node` on these inputs: as rebuild(), but sizes are derived again from what the inputs have become. The
/// node itself if they are its own.
Var remake(const Node& node, std::vector<Var> inputs);

}  // namespace croton
