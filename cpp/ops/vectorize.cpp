#include "ops/vectorize.h"

#include <algorithm>
#include <unordered_set>

#include "base/error.h"
#include "graph/broadcast.h"
#include "graph/leaves.h"
#include "graph/substitute.h"
#include "ops/functions.h"
#include "ops/vectorize_rules.h"

namespace croton {
namespace batching {
namespace {

// ---- rules that serve all ops of a kind

Values elementwise(const Call& c) {
  std::vector<Var> inputs;
  for (size_t k = 0; k < c.x.size(); ++k) inputs.push_back(c.aligned(k, c.node.type.rank()));
  return items(c.remade(std::move(inputs)));
}

Values reduction(const Call& c) {
  std::vector<int64_t> axes = c.node.attrs.ints;
  for (int64_t& axis : axes) ++axis;
  return items(c.remade({c.x[0].var}, std::move(axes)));
}

// The size of an axis is that of one item.
Values size_of_axis(const Call& c) {
  if (c.node.op == &dim_op) return {{dim(c.x[0].var, c.axis() + 1), false}};
  return {{broadcast_size(c.common(0), c.common(1)), false}};
}

const Rules& named_rules() {
  static const Rules all = [] {
    Rules rules;
    for (Rules family : {movement_rules(), indexing_rules(), product_rules(), composite_rules(),
                         library_rules(), sparse_rules(), loop_rules()})
      rules.merge(family);
    return rules;
  }();
  return all;
}

Rule rule_of(const OpSpec& op) {
  if (auto named = named_rules().find(op.name); named != named_rules().end()) return named->second;
  switch (op.kind) {
    case OpKind::Elementwise: return elementwise;
    case OpKind::Reduction: return reduction;
    case OpKind::Size: return size_of_axis;
    case OpKind::Library: return op.item_rank > 0 ? all_batched : nullptr;
    default: return nullptr;
  }
}

struct Walk {
  std::unordered_map<const Node*, Values> known;
  Var size;

  // Nodes that no known one can have an influence on stay what they are.
  Value value_of(const Var& x) const {
    auto value = known.find(x.get());
    return value == known.end() ? Value{x, false} : value->second[0];
  }

  // Those that may depend on known ones, each after its inputs.
  std::vector<const Node*> order(std::span<const Var> outputs) const {
    uint64_t oldest = UINT64_MAX;
    for (const auto& [node, value] : known) oldest = std::min(oldest, node->id);
    std::unordered_set<const Node*> seen;
    std::vector<const Node*> nodes;
    auto reach = [&](const Var& x) {
      if (x->id > oldest && !known.count(x.get()) && seen.insert(x.get()).second) nodes.push_back(x.get());
    };
    for (const Var& output : outputs) reach(output);
    for (size_t k = 0; k < nodes.size(); ++k)
      for (const Var& input : nodes[k]->inputs) reach(input);
    std::sort(nodes.begin(), nodes.end(), [](auto* a, auto* b) { return a->id < b->id; });
    return nodes;
  }

  Values unbatched(const Node& node, const Values& inputs) const {
    std::vector<Var> vars;
    for (const Value& input : inputs) vars.push_back(input.var);
    return {{remake(node, std::move(vars)), false}};
  }

  Values visit(const Node& node) const {
    Values inputs;
    bool any = false;
    for (const Var& input : node.inputs) {
      inputs.push_back(value_of(input));
      any |= inputs.back().batched;
    }
    if (node.op == &output_op)
      if (auto call = known.find(node.inputs[0].get()); call != known.end() && call->second.size() > 1)
        return {call->second[static_cast<size_t>(node.attrs.ints[0])]};
    if (!any) return unbatched(node, inputs);
    SourceScope scope(node.source);
    Call call{node, inputs, size};
    Rule rule = rule_of(*node.op);
    if (!rule) call.refuse("an op with a rule for batches", "compute the items one by one with scan");
    return rule(call);
  }
};

}  // namespace

Values evaluate(std::span<const Var> outputs, std::unordered_map<const Node*, Values> known,
                const Var& size) {
  Walk walk{std::move(known), size};
  for (const Node* node : walk.order(outputs)) walk.known.emplace(node, walk.visit(*node));
  Values results;
  for (const Var& output : outputs) results.push_back(walk.value_of(output));
  return results;
}

}  // namespace batching

namespace {

using batching::Values;

[[noreturn]] void misfit(const Var& input, const Var& batched, const std::string& required) {
  throw ValueError("vectorize: required " + required + " in place of " + describe(input) + ", given " +
                   describe(batched) + source_text(SourceScope::current()));
}

void check(const Var& input, const Var& batched) {
  if (input.dtype() != batched.dtype() || input.rank() + 1 != batched.rank())
    misfit(input, batched, "the same dtype and one more axis");
  for (int axis = 0; axis < input.rank(); ++axis) {
    int64_t item = input.type().dims[axis], given = batched.type().dims[axis + 1];
    if (item != unknown && given != unknown && item != given)
      misfit(input, batched, "a first axis and the sizes of the item");
  }
}

// A batch that has to have `size` items: a call with another number is an error, also with one.
Var sized(const Var& batched, const Var& size) {
  int64_t given = batched.type().dims[0], wanted = known_size(size);
  if (given != unknown && wanted != unknown && given != wanted)
    throw ValueError("vectorize: required batches of one size, given " + std::to_string(wanted) + " and " +
                     std::to_string(given) + " items" + source_text(SourceScope::current()));
  std::vector<Var> sizes = shape_of(batched);
  sizes[0] = size;
  return reshape(batched, std::move(sizes));
}

// The size of the batch, a known one if there is.
Var batch_size(std::span<const Var> batched) {
  for (const Var& x : batched)
    if (x.type().dims[0] != unknown) return dim(x, 0);
  return dim(batched[0], 0);
}

}  // namespace

std::vector<Var> vectorize(std::span<const Var> outputs, std::span<const Var> inputs,
                           std::span<const Var> batched) {
  if (inputs.empty() || inputs.size() != batched.size())
    throw ValueError("vectorize: required a batch for each of one or more inputs, given " +
                     std::to_string(batched.size()) + " for " + std::to_string(inputs.size()) +
                     source_text(SourceScope::current()));
  for (size_t k = 0; k < inputs.size(); ++k) check(inputs[k], batched[k]);
  const Var size = batch_size(batched);
  std::unordered_map<const Node*, Values> known;
  for (size_t k = 0; k < inputs.size(); ++k)
    known[inputs[k].get()] = batching::items(sized(batched[k], size));
  std::vector<Var> results;
  for (const batching::Value& value : batching::evaluate(outputs, std::move(known), size))
    results.push_back(value.batched ? value.var : batching::repeated(value.var, size));
  return results;
}

bool has_vectorize_rule(const OpSpec& op) {
  return op.kind == OpKind::Leaf || op.kind == OpKind::Output || batching::rule_of(op);
}

}  // namespace croton
