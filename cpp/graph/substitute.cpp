#include "graph/substitute.h"

#include <algorithm>

#include "base/error.h"
#include "graph/broadcast.h"
#include "graph/leaves.h"
#include "graph/op_spec.h"

namespace croton {
namespace {

void check_replacement(const Node& from, const Var& to) {
  if (from.type.dtype == to.dtype() && from.type.rank() == to.rank()) return;
  throw TypeError("substitute: required a replacement of type " + to_string(from.type) + ", given " +
                  describe(to) + source_text(SourceScope::current()));
}

/// Depth first with a stack of its own: graphs may be deeper than the call stack.
struct Substitution {
  std::unordered_map<const Node*, Var> results;
  std::vector<const Node*> stack;

  bool push_inputs(const Node& node) {
    size_t before = stack.size();
    for (const Var& input : node.inputs)
      if (!results.count(input.get())) stack.push_back(input.get());
    return stack.size() > before;
  }

  Var result_of(const Node* node) {
    std::vector<Var> inputs;
    for (const Var& input : node->inputs) inputs.push_back(results.at(input.get()));
    return remake(*node, std::move(inputs));
  }

  void visit(const Var& root) {
    stack.push_back(root.get());
    while (!stack.empty()) {
      const Node* node = stack.back();
      if (!results.count(node)) {
        if (push_inputs(*node)) continue;
        results.emplace(node, result_of(node));
      }
      stack.pop_back();
    }
  }
};

}  // namespace

Var remake(const Node& node, std::vector<Var> inputs) {
  if (std::equal(inputs.begin(), inputs.end(), node.inputs.begin(), node.inputs.end(), same))
    return Var(const_cast<Node*>(&node));
  if (node.op == &dim_op) return dim(inputs[0], static_cast<int>(node.attrs.ints[0]));
  if (node.op == &broadcast_size_op) return broadcast_size(inputs[0], inputs[1]);
  return rebuild(node, std::move(inputs));
}

std::vector<Var> substitute(std::span<const Var> outputs, const Replacements& replacements) {
  Substitution pass;
  for (const auto& [from, to] : replacements) {
    check_replacement(*from, to);
    pass.results.emplace(from, to);
  }
  std::vector<Var> results;
  for (const Var& output : outputs) {
    pass.visit(output);
    results.push_back(pass.results.at(output.get()));
  }
  return results;
}

Var substitute(const Var& output, const Replacements& replacements) {
  return substitute(std::span(&output, 1), replacements)[0];
}

}  // namespace croton
