#pragma once
#include <string>
#include <vector>
#include "graph/node.h"
namespace croton {
struct PassResult { std::string name; double milliseconds; size_t before = 0, after = 0; };
std::vector<PassResult> run_passes(std::vector<Var>& outputs);
}
