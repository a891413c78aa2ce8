// Expressions of one item as expressions of a batch of items.
#pragma once

#include <span>
#include <vector>

#include "graph/node.h"

namespace croton {

/// `outputs` for a whole batch: `inputs[k]`, a variable in them, stands for one item of `batched[k]`, which
/// has one more axis, the first; the results have it, too. What is the same for all items is computed once.
/// Throws TypeError or ValueError for a `batched[k]` that does not fit, NotImplemented (with the op and the
/// remedy) where items of a batch cannot be computed together.
std::vector<Var> vectorize(std::span<const Var> outputs, std::span<const Var> inputs,
                           std::span<const Var> batched);

/// Whether vectorize has a rule for `op`, be it one that refuses.
bool has_vectorize_rule(const OpSpec& op);

}  // namespace croton
