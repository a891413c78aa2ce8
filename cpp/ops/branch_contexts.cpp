#include "ops/branch_contexts.h"

#include "graph/leaves.h"
#include "ops/ifelse.h"

namespace croton {

BranchContexts::BranchContexts(std::span<Node* const> order, std::span<const Var> outputs) {
  for (const Var& output : outputs) places_[output.get()] = 0;
  for (auto it = order.rbegin(); it != order.rend(); ++it) visit(*it);
  // Results of a call are there where the call is.
  for (const Node* node : order)
    if (node->op == &output_op) places_[node] = places_.at(node->inputs[0].get());
}

int BranchContexts::branch(const Node* node, bool holds) {
  const int parent = of(node), next = static_cast<int>(list_.size());
  auto [it, fresh] = known_.try_emplace({parent, node->inputs[0].get(), holds}, next);
  if (fresh) {
    const Context& outer = (*this)[parent];
    list_.push_back({parent, outer.depth + 1, parent ? outer.outermost : next, Var(node->inputs[0]), holds});
  }
  return it->second;
}

void BranchContexts::join(const Var& x, int context) {
  auto [it, fresh] = places_.try_emplace(x.get(), context);
  if (fresh) return;
  int a = it->second, b = context;
  while (a != b) {  // up to where both are
    if ((*this)[a].depth < (*this)[b].depth) std::swap(a, b);
    a = (*this)[a].parent;
  }
  it->second = a;
}

// All users of `node` have been visited.
void BranchContexts::visit(const Node* node) {
  const int here = of(node);
  const size_t count = node->op == &ifelse_op ? branch_values(*node) : 0;
  for (size_t i = 0; i < node->inputs.size(); ++i)
    join(node->inputs[i], count && i ? branch(node, i <= count) : here);
}

}  // namespace croton
