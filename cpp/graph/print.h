// Text forms of expressions.
#pragma once

#include "graph/node.h"

namespace croton {

/// The expression as a formula, for example "sum(((x + 1) * y), axes=[0])"; at most `limit` characters.
std::string text(const Var& x, size_t limit = 2000);
/// The name of the op of `node`, which the user may have given.
std::string op_label(const Node& node);
/// The user's name for `x`, or the first 40 characters of its formula.
std::string short_text(const Var& x);
/// One numbered line per node in topological order: op, inputs, attributes, type.
std::string listing(std::span<const Var> roots);

}  // namespace croton
