#include "rewrite/branches.h"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "graph/body.h"
#include "graph/closure.h"
#include "graph/leaves.h"
#include "graph/substitute.h"
#include "ops/branch_contexts.h"
#include "ops/functions.h"
#include "ops/ifelse.h"
#include "rewrite/passes.h"

namespace croton {
namespace {

bool any_branches(std::span<const Var> outputs) {
  std::vector<Node*> order = topological_order(outputs);
  return std::any_of(order.begin(), order.end(), [](const Node* node) {
    return node->op == &ifelse_op || (node->attrs.body && any_branches(node->attrs.body->outputs));
  });
}

// ---- conditions that are known

// Without nodes whose condition is a constant.
std::vector<Var> choose_known(std::vector<Var> outputs) {
  std::vector<Node*> order = topological_order(outputs);
  std::vector<Var> conditions;
  std::vector<Node*> nodes;
  for (Node* node : order) {
    if (node->op != &ifelse_op) continue;
    nodes.push_back(node);
    conditions.push_back(node->inputs[0]);
  }
  conditions = canonicalize(std::move(conditions));
  Replacements chosen;
  for (size_t i = 0; i < nodes.size(); ++i) {
    if (!is_constant(conditions[i])) continue;
    const Node* node = nodes[i];
    const size_t first = is_filled_with(conditions[i], 0) ? 1 + branch_values(*node) : 1;
    chosen.emplace(node, node->inputs[first]);
    for (Node* user : order)
      if (user->op == &output_op && user->inputs[0].get() == node)
        chosen.emplace(user, node->inputs[first + static_cast<size_t>(user->attrs.ints[0])]);
  }
  if (chosen.empty()) return outputs;
  for (auto& [node, value] : chosen)  // which may be another one
    for (auto next = chosen.find(value.get()); next != chosen.end(); next = chosen.find(value.get()))
      value = next->second;
  return choose_known(substitute(outputs, chosen));
}

// ---- nodes with bodies

struct Closing {
  std::vector<Node*> order;
  BranchContexts contexts;
  std::unordered_map<const Node*, int> levels;  // how many branchings outside of branches lead to a node
  std::vector<std::vector<Node*>> outside;      // the other nodes outside of branches, by level
  std::unordered_map<int, std::vector<Node*>> members;               // of the outermost contexts
  std::unordered_map<const Node*, std::vector<Node*>> more_results;  // of branchings, after the first
  std::unordered_map<const Node*, Var> results;

  explicit Closing(std::span<const Var> outputs)
      : order(topological_order(outputs)), contexts(order, outputs) {
    for (Node* node : order) sort_in(node);
  }

  bool is_outside(const Node* node) const { return contexts.of(node) == 0 || node->op->kind == OpKind::Leaf; }

  void sort_in(Node* node) {
    int level = 0;
    for (const Var& input : node->inputs) level = std::max(level, levels.at(input.get()));
    const bool branches = node->op == &ifelse_op && is_outside(node);
    levels[node] = level += branches;
    if (outside.size() <= static_cast<size_t>(level)) outside.resize(static_cast<size_t>(level) + 1);
    if (!is_outside(node))
      members[contexts[contexts.of(node)].outermost].push_back(node);
    else if (node->op == &output_op && node->inputs[0]->op == &ifelse_op)
      more_results[node->inputs[0].get()].push_back(node);
    else if (!branches)
      outside[static_cast<size_t>(level)].push_back(node);
  }

  // Nodes of one condition, none of which depends on another.
  std::vector<std::vector<Node*>> groups() const {
    std::map<std::pair<int, uint64_t>, std::vector<Node*>> found;
    for (Node* node : order)
      if (node->op == &ifelse_op && is_outside(node))
        found[{levels.at(node), node->inputs[0]->id}].push_back(node);
    std::vector<std::vector<Node*>> all;
    for (auto& [key, nodes] : found) all.push_back(std::move(nodes));
    return all;
  }

  void rebuild(int level) {
    for (Node* node : outside[static_cast<size_t>(level)]) results[node] = rebuilt(*node);
  }

  Var rebuilt(const Node& node) const {
    std::vector<Var> inputs;
    for (const Var& x : node.inputs) inputs.push_back(results.at(x.get()));
    const bool inner = node.attrs.body && any_branches(node.attrs.body->outputs);
    if (!inner) return remake(node, std::move(inputs));
    SourceScope scope(node.source);
    auto body = std::make_shared<Body>(*node.attrs.body);
    body->outputs = close_branches(std::move(body->outputs));
    Attrs attrs = node.attrs;
    attrs.body = std::move(body);
    return make_node(*node.op, std::move(inputs), std::move(attrs));
  }

  void close(const std::vector<Node*>& group) {
    SourceScope scope(group[0]->source);
    Closure closure;
    closure.opens_views = true;
    for (bool holds : {true, false}) {
      const std::vector<Node*>& inside = members[contexts.branch(group[0], holds)];
      closure.varying.insert(inside.begin(), inside.end());
    }
    std::vector<Var> values[2];
    for (const Node* node : group)
      for (size_t k = 0; k < 2 * branch_values(*node); ++k)
        values[k >= branch_values(*node)].push_back(node->inputs[k + 1]);
    auto body = std::make_shared<Body>();
    for (std::vector<Var>& side : values) {
      std::vector<Var> closed = close_branches(closure.close(side));
      body->outputs.insert(body->outputs.end(), closed.begin(), closed.end());
    }
    body->inputs = std::move(closure.inputs);
    std::vector<Var> inputs = {results.at(group[0]->inputs[0].get())};
    for (const Var& x : closure.operands) inputs.push_back(results.at(x.get()));
    note(group, make_node(lazy_ifelse_op, std::move(inputs), {.body = body}));
  }

  void note(const std::vector<Node*>& group, const Var& call) {
    int first = 0;
    for (const Node* node : group) {
      results[node] = output(call, first);
      for (const Node* more : more_results[node])
        results[more] = output(call, first + static_cast<int>(more->attrs.ints[0]));
      first += static_cast<int>(branch_values(*node));
    }
  }

  void run() {
    int level = 0;
    rebuild(0);
    for (const std::vector<Node*>& group : groups()) {
      while (level + 1 < levels.at(group[0])) rebuild(++level);
      close(group);
    }
    while (level + 1 < static_cast<int>(outside.size())) rebuild(++level);
  }
};

}  // namespace

std::vector<Var> close_branches(std::vector<Var> outputs) {
  if (!any_branches(outputs)) return outputs;
  outputs = choose_known(std::move(outputs));
  Closing closing(outputs);
  closing.run();
  for (Var& output : outputs) output = closing.results.at(output.get());
  return outputs;
}

std::vector<Var> guard_by_branches(std::vector<Var> values, std::span<const Var> roots) {
  if (!any_branches(roots)) return values;
  std::vector<Node*> order = topological_order(roots);
  BranchContexts contexts(order, roots);
  for (Var& value : values)
    for (int at = contexts.of(value.get()); at != 0; at = contexts[at].parent) {
      const BranchContexts::Context& context = contexts[at];
      const Var zeros = zeros_like(value), &a = context.holds ? value : zeros,
                &b = context.holds ? zeros : value;
      value = ifelse(context.condition, {&a, 1}, {&b, 1})[0];
    }
  return values;
}

}  // namespace croton
