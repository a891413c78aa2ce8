#include "graph/substitute.h"
#include "graph/leaves.h"
namespace croton {
std::vector<Var> substitute(std::span<const Var> outputs, const std::unordered_map<const Node*, Var>& replacements) {
  std::unordered_map<const Node*, Var> done;
  for (Node* node : topological_order(outputs)) {
    if (auto it = replacements.find(node); it != replacements.end()) { done[node] = it->second; continue; }
    std::vector<Var> in; bool changed = false;
    for (const Var& x : node->inputs) { in.push_back(done.at(x.get())); changed |= in.back().get() != x.get(); }
    if (!changed) done[node] = Var(node);
    else if (node->op == &dim_op) done[node] = dim(in[0], static_cast<int>(node->attrs.ints[0]));
    else if (node->op == &broadcast_size_op) done[node] = broadcast_size(in[0], in[1]);
    else done[node] = rebuild(*node, in);
  }
  std::vector<Var> out;
  for (const Var& x : outputs) out.push_back(done.at(x.get()));
  return out;
}
}
