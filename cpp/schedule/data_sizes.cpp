#include "schedule/data_sizes.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "graph/broadcast.h"
#include "graph/leaves.h"
#include "graph/op_spec.h"
#include "ops/core_rows.h"
#include "schedule/size_table.h"

namespace croton {
namespace {

struct SizeScan {
  std::unordered_map<const Node*, bool> known;
  std::unordered_set<const Node*> seen;
  std::vector<Var> found;

  bool plannable(const Node* node) {
    auto it = known.find(node);
    return it != known.end() ? it->second : known[node] = compute(node);
  }

  static bool discrete(const Node* node) { return node->type.rank() == 0 && is_discrete(node->type.dtype); }

  // Whether planning works the scalar out from its inputs.
  static bool computed(const Node* node) {
    const OpSpec* op = node->op;
    bool known =
        op == &cast_op || op == &broadcast_size_op || (op->kind == OpKind::Elementwise && op->scalar);
    return known && std::all_of(node->inputs.begin(), node->inputs.end(),
                                [](const Var& x) { return discrete(x.get()); });
  }

  bool compute(const Node* node) {
    if (!discrete(node)) return false;
    if (node->op == &constant_op || node->op == &input_op || node->op == &dim_op) return true;
    return computed(node) && std::all_of(node->inputs.begin(), node->inputs.end(),
                                         [&](const Var& x) { return plannable(x.get()); });
  }

  void consider(const Var& size) {
    if (plannable(size.get()) || !seen.insert(size.get()).second) return;
    if (!computed(size.get())) return found.push_back(size);
    for (const Var& x : size->inputs) consider(x);
  }
};

void find_arguments(const Node* node, std::unordered_set<const Node*>& visited,
                    std::unordered_set<const Node*>& found) {
  if (node->type.rank() != 0 || !visited.insert(node).second) return;
  if (node->op == &input_op) found.insert(node);
  for (const Var& input : node->inputs) find_arguments(input.get(), visited, found);
}

}  // namespace

std::unordered_set<const Node*> size_arguments(std::span<const Var> roots) {
  std::unordered_set<const Node*> visited, found;
  for (Node* node : topological_order(roots))
    for (const Var& size : planned_scalars(*node)) find_arguments(size.get(), visited, found);
  return found;
}

std::vector<Var> data_dependent_sizes(std::span<const Var> roots) {
  SizeScan scan;
  for (Node* node : topological_order(roots))
    for (const Var& size : planned_scalars(*node)) scan.consider(size);
  return std::move(scan.found);
}

}  // namespace croton
