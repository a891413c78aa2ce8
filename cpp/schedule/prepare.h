// Makes explicit which views have to become arrays.
#pragma once

#include <vector>

#include "graph/node.h"

namespace croton {

/// The same outputs, with a copy wherever an array is needed and a view, a leaf or a second use stands:
/// as a result of the function, or below a reshape that strides cannot express.
std::vector<Var> prepare(std::vector<Var> outputs);

}  // namespace croton
