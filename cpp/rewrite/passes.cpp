#include "rewrite/passes.h"
#include <unordered_map>
#include "graph/op_spec.h"
namespace croton {
static bool has_composite(std::span<const Var> roots) { for (Node* n : topological_order(roots)) if (n->op->kind == OpKind::Composite) return true; return false; }
std::vector<PassResult> run_passes(std::vector<Var>& outputs) {
  while (has_composite(outputs)) {
  std::unordered_map<const Node*, Var> done;
  for (Node* node : topological_order(outputs)) {
    std::vector<Var> in; bool changed = false;
    for (const Var& x : node->inputs) { in.push_back(done.at(x.get())); changed |= in.back().get() != x.get(); }
    Var y = node->op->kind == OpKind::Composite ? node->op->expand(in, node->attrs) : changed ? rebuild(*node, in) : Var(node);
    done[node] = y;
  }
  for (Var& x : outputs) x = done.at(x.get());
  }
  return {};
}
}
