// The specification of a well-formed graph, as code.
#pragma once

#include <span>

#include "graph/node.h"

namespace croton {

/// Throws InternalError, naming the node, unless every node that `outputs` need is older than its users, has
/// operands of the dtypes its op computes in, and has the type that its op infers.
void verify(std::span<const Var> outputs);

/// Throws InternalError unless `after` has the dtypes, ranks and known sizes of `before`.
void verify_same_types(std::span<const Var> before, std::span<const Var> after);

}  // namespace croton
