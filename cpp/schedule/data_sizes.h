// Where sizes come from besides the shapes of arguments.
#pragma once

#include <span>
#include <unordered_set>
#include <vector>

#include "graph/node.h"

namespace croton {

/// The int64 scalars that `roots` use as sizes or starts of slices and that depend on more than the sizes of
/// arguments and integer arguments. Inner ones come before those that depend on them.
std::vector<Var> data_dependent_sizes(std::span<const Var> roots);

/// The integer scalar inputs that sizes are made of.
std::unordered_set<const Node*> size_arguments(std::span<const Var> roots);

}  // namespace croton
