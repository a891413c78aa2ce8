#include "ops/vectorize.h"

#include "base/error.h"
#include "graph/broadcast.h"
#include "graph/leaves.h"
#include "graph/substitute.h"
#include "ops/core_rows.h"
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

  Value value_of(const Var& x) const { return known.at(x.get())[0]; }

  Values unbatched(const Node& node, const Values& inputs) const {
    std::vector<Var> vars;
    bool changed = false;
    for (size_t k = 0; k < inputs.size(); ++k) {
      vars.push_back(inputs[k].var);
      changed |= !same(inputs[k].var, node.inputs[k]);
    }
    return {{changed ? remake(node, std::move(vars)) : Var(const_cast<Node*>(&node)), false}};
  }

  Values visit(const Node& node) const {
    Values inputs;
    bool any = false;
    for (const Var& input : node.inputs) {
      inputs.push_back(value_of(input));
      any |= inputs.back().batched;
    }
    if (node.op == &output_op)
      if (const Values& results = known.at(node.inputs[0].get()); results.size() > 1)
        return {results[static_cast<size_t>(node.attrs.ints[0])]};
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
  for (const Node* node : topological_order(outputs))
    if (!walk.known.count(node)) walk.known.emplace(node, walk.visit(*node));
  Values results;
  for (const Var& output : outputs) results.push_back(walk.value_of(output));
  return results;
}

// ---- what rules are written with

Var repeated(const Var& x, const Var& size) {
  std::vector<Var> sizes = shape_of(x);
  sizes.insert(sizes.begin(), size);
  return broadcast_to(x, std::move(sizes));
}

Var moved(const Var& x, int from, int to) {
  std::vector<int64_t> pattern;
  for (int axis = 0; axis < x.rank(); ++axis)
    if (axis != from) pattern.push_back(axis);
  pattern.insert(pattern.begin() + to, from);
  return dimshuffle(x, std::move(pattern));
}

Var merged(const Var& x, int axis) {
  std::vector<Var> sizes = shape_of(x);
  sizes[axis] = sizes[axis] * sizes[axis + 1];
  sizes.erase(sizes.begin() + axis + 1);
  return reshape(x, std::move(sizes));
}

Var split(const Var& x, int axis, const Var& first, const Var& second) {
  std::vector<Var> sizes = shape_of(x);
  sizes[axis] = second;
  sizes.insert(sizes.begin() + axis, first);
  return reshape(x, std::move(sizes));
}

Var Call::each(size_t k) const { return x[k].batched ? x[k].var : repeated(x[k].var, size); }

Var Call::aligned(size_t k, int rank) const {
  if (!x[k].batched) return x[k].var;
  std::vector<int64_t> axes;
  for (int axis = x[k].var.rank(); axis <= rank; ++axis) axes.push_back(axis - x[k].var.rank() + 1);
  return expand_dims(x[k].var, std::move(axes));
}

Var Call::common(size_t k) const {
  if (!x[k].batched) return x[k].var;
  refuse("the same " + describe(node.inputs[k]) + " for all items",
         "compute it from what is not batched, or the items one by one with scan");
}

std::vector<Var> Call::sizes(size_t first) const {
  std::vector<Var> all = {size};
  for (size_t k = first; k < x.size(); ++k) all.push_back(common(k));
  return all;
}

Var Call::remade(std::vector<Var> inputs) const { return remade(std::move(inputs), node.attrs.ints); }

Var Call::remade(std::vector<Var> inputs, std::vector<int64_t> ints) const {
  return make_node(*node.op, std::move(inputs), {.ints = std::move(ints)});
}

void Call::refuse(const std::string& required, const std::string& remedy) const {
  throw NotImplemented("vectorize: " + std::string(node.op->name) + " required " + required +
                       ", given a batch of different ones; " + remedy + source_text(node.source));
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
