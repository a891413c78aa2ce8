#include "rewrite/rewrite.h"

#include <algorithm>

#include "base/error.h"
#include "graph/substitute.h"
#include "ops/functions.h"

namespace croton {
namespace {

using patterns::Match;
using patterns::Pattern;

constexpr int max_chain = 48;  // replacements of replacements; only rules that undo each other get there

bool root_fits(const Pattern& pattern, const OpSpec& op) {
  if (pattern.kind == Pattern::Kind::Named) return root_fits(pattern.args[0], op);
  return pattern.kind == Pattern::Kind::OfKind ? op.kind == pattern.op_kind : pattern.op == &op;
}

bool same_shape(const Var& a, const Var& b) {
  if (a.rank() != b.rank()) return false;
  for (int axis = 0; axis < a.rank(); ++axis)
    if (!same(dim(a, axis), dim(b, axis))) return false;
  return true;
}

// `x` in the shape of `like`, which it replaces.
Var conform(const Var& x, const Var& like, const Rule& rule) {
  if (x.dtype() != like.dtype())
    throw InternalError("internal error: rule " + std::string(rule.name) + " changed the dtype");
  return same_shape(x, like) ? x : broadcast_to(x, shape_of(like));
}

class Rewriter final : patterns::UseCounts {
 public:
  Rewriter(const RuleSet& rules, std::span<const Var> outputs, std::span<const Var> fixed) : rules_(rules) {
    entries_.reserve(1000);
    for (const Var& output : outputs) acquire(output);
    for (const Var& x : fixed) entry(x).result = x;
  }

  Var run(const Var& output) {
    stack_.push_back({output, {}, 0});
    while (!stack_.empty()) step();
    return entries_.at(output.get()).result;
  }

 private:
  struct Entry {
    Var node, result;  // `node` keeps the address in use
    int uses = 0;
  };
  struct Frame {
    Var node, next;      // once `next` is rewritten, its result is that of `node`
    int chain;           // replacements that led here
    bool ready = false;  // inputs are rewritten, or above on the stack
  };
  const RuleSet& rules_;
  std::unordered_map<const Node*, Entry> entries_;
  std::vector<Frame> stack_;

  Entry& entry(const Var& x) {
    Entry& found = entries_[x.get()];
    if (!found.node) found.node = x;
    return found;
  }

  int uses(const Node* node) const override {
    auto found = entries_.find(node);
    return found == entries_.end() ? 1 : found->second.uses;
  }

  // Nodes without uses do not use their inputs.
  void acquire(const Var& root) {
    if (entry(root).uses++) return;
    std::vector<Node*> todo = {root.get()};
    while (!todo.empty()) {
      Node* node = todo.back();
      todo.pop_back();
      for (const Var& input : node->inputs)
        if (entry(input).uses++ == 0) todo.push_back(input.get());
    }
  }

  void release(const Var& root) {
    if (--entry(root).uses) return;
    std::vector<Node*> todo = {root.get()};
    while (!todo.empty()) {
      Node* node = todo.back();
      todo.pop_back();
      for (const Var& input : node->inputs)
        if (--entry(input).uses == 0) todo.push_back(input.get());
    }
  }

  void step() {
    Frame& frame = stack_.back();
    Entry& here = entry(frame.node);
    if (!here.result && frame.next) set_result(here, entry(frame.next).result);
    if (here.result) return stack_.pop_back();
    if (!frame.ready) {
      frame.ready = true;
      if (push_inputs(frame)) return;
    }
    Var next = improve(frame.node, frame.chain);
    if (same(next, frame.node)) {
      here.result = std::move(next);
      return stack_.pop_back();
    }
    int chain = frame.chain + 1;
    frame.next = next;
    stack_.push_back({std::move(next), {}, chain});
  }

  bool push_inputs(const Frame& frame) {
    const Node* node = frame.node.get();  // kept by its entry: `frame` moves when the stack grows
    int chain = frame.chain;
    size_t before = stack_.size();
    for (const Var& input : node->inputs)
      if (!entry(input).result) stack_.push_back({input, {}, chain});
    return stack_.size() > before;
  }

  void set_result(Entry& here, const Var& result) {
    here.result = result;
    entry(result).uses += here.uses - 1;  // it was held by `next`
  }

  // `node` on the results of its inputs, or what the first rule that applies makes of it.
  Var improve(const Var& node, int chain) {
    bool changed = false;
    for (const Var& input : node->inputs) changed |= !same(entries_.at(input.get()).result, input);
    Var next = changed ? remake(*node, results_of(node->inputs)) : apply_rules(node, chain);
    if (!next || same(next, node)) return node;
    acquire(next);
    for (const Var& input : node->inputs) release(entries_.at(input.get()).result);
    return next;
  }

  std::vector<Var> results_of(const std::vector<Var>& inputs) const {
    std::vector<Var> results;
    results.reserve(inputs.size());
    for (const Var& input : inputs) results.push_back(entries_.at(input.get()).result);
    return results;
  }

  // The rules are about real numbers.
  static bool touches_complex(const Node& node) {
    return is_complex(node.type.dtype) || std::any_of(node.inputs.begin(), node.inputs.end(),
                                                      [](const Var& x) { return is_complex(x.dtype()); });
  }

  Var apply_rules(const Var& node, int chain) {
    if (node->op->kind == OpKind::Leaf || chain > max_chain || touches_complex(*node)) return {};
    Match match;
    match.root = node;
    match.counts = this;
    SourceScope scope(node->source);
    return rules_.apply(match);
  }
};

// Also below the root: of |z|^2, say.
bool binds_complex(const Match& match) {
  return std::any_of(match.bound.begin(), match.bound.end(),
                     [](const Var& x) { return x && is_complex(x.dtype()); });
}

}  // namespace

RuleSet::RuleSet(std::vector<Rule> rules) : rules_(std::move(rules)) {
  for (const OpSpec* op : op_table())
    for (const Rule& rule : rules_)
      if (root_fits(rule.pattern, *op))
        by_op_[op].push_back({&rule, 1u << patterns::count_orders(rule.pattern)});
}

Var RuleSet::apply(Match& match) const {
  auto found = by_op_.find(match.root->op);
  if (found == by_op_.end()) return {};
  for (const auto& [rule, orders] : found->second)
    for (unsigned order = 0; order < orders; ++order) {
      match.clear();
      if (!patterns::fits(rule->pattern, match.root, order, match) || binds_complex(match) ||
          (rule->guard && !rule->guard(match)))
        continue;
      Var result = rule->replacement(match);
      if (!result) continue;
      result = conform(result, match.root, *rule);
      if (!same(result, match.root)) return result;
    }
  return {};
}

std::vector<Var> rewrite(std::vector<Var> outputs, const RuleSet& rules, std::span<const Var> fixed) {
  Rewriter rewriter(rules, outputs, fixed);
  for (Var& output : outputs) output = rewriter.run(output);
  return outputs;
}

std::vector<Var> rewrite(std::vector<Var> outputs, std::span<const Rule> rules) {
  RuleSet set({rules.begin(), rules.end()});
  return rewrite(std::move(outputs), set);
}

}  // namespace croton
