#pragma once
#include <unordered_map>
#include "graph/node.h"
namespace croton {
std::vector<Var> substitute(std::span<const Var> outputs, const std::unordered_map<const Node*, Var>& replacements);
}
