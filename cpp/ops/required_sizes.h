// Sizes that an operation needs to be equal, with what the user is told where they differ.
#pragma once

#include <cstdint>
#include <string>

#include "graph/node.h"

namespace croton {

/// Keeps `text` ("sparse.add: required as many rows in 'a' as in 'b'") for the life of the process, and
/// returns its number: the attribute of the row "required_sizes".
int64_t keep_requirement(const std::string& text);
/// The text of a node of that row; empty for all others.
std::string requirement(const Node& node);

}  // namespace croton
