#include "ops/scan.h"

#include <algorithm>
#include <unordered_set>

#include "base/error.h"
#include "graph/broadcast.h"
#include "graph/closure.h"
#include "graph/leaves.h"
#include "graph/substitute.h"
#include "ops/branch_contexts.h"
#include "ops/core_rows.h"
#include "ops/functions.h"

namespace croton {
namespace {

[[noreturn]] void fail(const std::string& text) {
  throw TypeError("scan: " + text + source_text(SourceScope::current()));
}

Type row_type(const Var& sequence) {
  const std::vector<int64_t>& dims = sequence.type().dims;
  return {sequence.dtype(), {dims.begin() + 1, dims.end()}};
}

// Any row: for sizes only.
Var first_row(const Var& sequence) { return squeeze(slice(sequence, 0, make_int(0), make_int(1), 1), {0}); }

// Rewrites a step so that all it depends on are inputs of its body.
Closure closure_of(const Loop& loop) {
  Closure closure;
  std::vector<Var> outputs = loop.next;
  outputs.insert(outputs.end(), loop.yields.begin(), loop.yields.end());
  if (loop.until) outputs.push_back(loop.until);
  for (const auto* bound : {&loop.rows, &loop.carried})
    for (const Var& x : *bound) closure.bind(x);
  const std::vector<Node*> order = topological_order(outputs);
  const BranchContexts contexts(order, outputs);
  for (Node* node : order) {
    // What may fail or be seen is left to the steps that take its branch.
    const OpKind kind = node->op->kind;
    if (contexts.of(node) != 0 && (kind == OpKind::Library || kind == OpKind::Gather))
      closure.varying.insert(node);
    for (const Var& input : node->inputs)
      if (closure.varying.count(input.get())) closure.varying.insert(node);
  }
  return closure;
}

void check_state(const Var& initial, const Var& next, size_t k) {
  if (initial.dtype() == next.dtype() && initial.rank() == next.rank()) return;
  fail("required the step's next value of state " + std::to_string(k) +
       " to be of the type of its initial one, " + describe(initial) + ", given " + describe(next));
}

void check(const Loop& loop) {
  for (const Var& x : loop.sequences)
    if (x.rank() == 0) fail("required sequences with one axis or more, given " + describe(x));
  for (size_t k = 0; k < loop.initial.size(); ++k) check_state(loop.initial[k], loop.next[k], k);
  if (loop.until && (loop.until.rank() != 0 || !is_bool(loop.until.dtype())))
    fail("required a bool scalar as the condition to stop, given " + describe(loop.until));
}

// ---- what gradients store

// Products and results of routines, which gradients read rather than compute again; but not those of a
// branch, which only steps that take it compute.
std::vector<Var> dear_values(std::span<const Var> outputs) {
  std::unordered_set<const Node*> known;
  for (const Var& x : outputs) known.insert(x.get());
  std::vector<Var> found;
  const std::vector<Node*> order = topological_order(outputs);
  const BranchContexts contexts(order, outputs);
  for (Node* node : order) {
    const bool always = contexts.of(node) == 0 && !known.count(node);
    if (always && is_dear(*node) && has_fixed_sizes(Var(node))) found.emplace_back(node);
  }
  return found;
}

// ---- the row

// Whether more of `varying` than sizes decides on `x`.
bool depends_on(const Var& x, std::span<const Var> varying) {
  std::vector<Var> rest = {x};
  std::unordered_set<const Node*> seen;
  while (!rest.empty()) {
    Var node = rest.back();
    rest.pop_back();
    if (node->op == &dim_op || !seen.insert(node.get()).second) continue;
    if (std::any_of(varying.begin(), varying.end(), [&](const Var& y) { return same(node, y); })) return true;
    rest.insert(rest.end(), node->inputs.begin(), node->inputs.end());
  }
  return false;
}

// The sizes of a value that steps yield. They are the same in all steps, so what a step chooses by its values
// between two sizes is either of them.
std::vector<Var> yielded_sizes(const Body& body, const Var& y) {
  std::vector<Var> sizes = shape_of(y);
  const std::span<const Var> varying = std::span(body.inputs).first(body.sequences + body.carries);
  Replacements chosen;
  for (Node* node : topological_order(sizes))
    if (node->op->name == "where" && depends_on(node->inputs[0], varying))
      chosen.emplace(node, substitute(node->inputs[1], chosen));
  return chosen.empty() ? sizes : substitute(sizes, chosen);
}

std::vector<ResultSpec> scan_results(Inputs inputs, const Attrs& attrs) {
  const Body& body = *attrs.body;
  std::vector<ResultSpec> results;
  Replacements outside = outside_of(body, inputs);
  for (size_t k = 0; k < body.carries; ++k) {
    const Var& initial = inputs[1 + body.sequences + k];
    results.push_back({initial.dtype(), shape_of(initial)});
  }
  for (const Var& y : body.yielded()) {
    std::vector<Var> sizes = {inputs[0]};
    for (const Var& size : substitute(yielded_sizes(body, y), outside)) sizes.push_back(size);
    results.push_back({y.dtype(), std::move(sizes)});
  }
  results.push_back({DType::Int64, {}});
  if (!body.block) return results;
  Var blocks = apply("floor_div", {inputs[0], substitute(body.block, outside)}) + make_int(1);
  for (size_t k = 0; k < body.carries; ++k) {
    std::vector<Var> sizes = results[k].sizes;
    sizes.insert(sizes.begin(), blocks);
    results.push_back({results[k].dtype, std::move(sizes)});
  }
  return results;
}

}  // namespace

const OpSpec scan_op{.name = "scan",
                     .doc = "A step repeated over rows of sequences, with values carried along.",
                     .kind = OpKind::Library,
                     .arity = -1,
                     .results = scan_results};

Var last_of_trace(const Var& x) {
  const bool cut =
      x->op == &slice_op && x->attrs.ints == std::vector<int64_t>{0, 1} && is_filled_with(x->inputs[1], 0);
  const Var& trace = cut ? x->inputs[0] : x;
  if (trace->op != &output_op || trace->inputs[0]->op != &scan_op) return {};
  const Var& loop = trace->inputs[0];
  const Body& body = *loop->attrs.body;
  if (body.unbounded) return {};
  const auto first = static_cast<int64_t>(body.yields), number = trace->attrs.ints[0];
  if (body.reversed || number < first || number >= first + static_cast<int64_t>(body.carries)) return {};
  const int taken = static_cast<int>(body.carries + body.yields);
  // Rows after the last step that was taken are zeros.
  if (cut ? !same(x->inputs[2], output(loop, taken)) : body.until) return {};
  Var last = expand_dims(output(loop, static_cast<int>(number - first)), {0});
  return slice(last, 0, make_int(0), minimum(loop->inputs[0], make_int(1)), 1);
}

ScanInputs::ScanInputs(const Node& node) : steps(node.inputs[0]) {
  const Body& body = *node.attrs.body;
  std::span<const Var> all = std::span(node.inputs).subspan(1);
  sequences = all.first(body.sequences);
  initial = all.subspan(body.sequences, body.carries);
  fixed = all.subspan(body.sequences + body.carries);
}

bool is_dear(const Node& node) {
  const OpSpec* op = node.op == &output_op ? node.inputs[0]->op : node.op;
  return op->kind == OpKind::Contraction || (op->kind == OpKind::Library && op != &scan_op);
}

bool has_fixed_sizes(const Var& x) {
  std::vector<Var> rest = shape_of(x);
  std::unordered_set<const Node*> seen;
  while (!rest.empty()) {
    Var size = rest.back();
    rest.pop_back();
    if (size->op == &dim_op || is_constant(size) || !seen.insert(size.get()).second) continue;
    if (size->inputs.empty()) return false;
    rest.insert(rest.end(), size->inputs.begin(), size->inputs.end());
  }
  return true;
}

Replacements outside_of(const Body& body, std::span<const Var> inputs) {
  Replacements outside;
  for (size_t k = 0; k < body.inputs.size(); ++k) {
    const Var& operand = inputs[k + 1];
    outside.emplace(body.inputs[k].get(), k < body.sequences ? first_row(operand) : operand);
  }
  return outside;
}

std::vector<bool> states_read(const Body& body, const std::vector<bool>& wanted) {
  const size_t taken = body.carries + body.yields;
  std::vector<bool> read(body.carries);
  std::vector<Var> roots;
  for (size_t k = 0; k < body.plain_yields(); ++k)
    if (wanted[body.carries + k]) roots.push_back(body.yielded()[k]);
  if (body.until) roots.push_back(body.outputs.back());
  for (size_t k = 0; k < body.carries; ++k)
    read[k] = wanted[k] || wanted[body.yields + k] || (body.block && wanted[taken + 1 + k]);
  for (size_t found = body.carries + 1; found > 0;) {
    std::vector<Var> all = roots;
    for (size_t k = 0; k < body.carries; ++k)
      if (read[k]) all.push_back(body.next()[k]);
    std::vector<Node*> order = topological_order(all);
    std::unordered_set<const Node*> reached(order.begin(), order.end());
    found = 0;
    for (size_t k = 0; k < body.carries; ++k)
      if (!read[k] && reached.count(body.carried()[k].get())) read[k] = static_cast<bool>(++found);
  }
  return read;
}

Var make_row(const Var& sequence) { return make_input(row_type(sequence), ""); }

Var block_size(const Node& node) {
  const Body& body = *node.attrs.body;
  return substitute(body.block, outside_of(body, node.inputs));
}

Body narrowed_body(const Node& node) { return narrowed_body(node, *node.attrs.body); }

Body narrowed_body(const Node& node, Body body) {
  Replacements replacements;
  for (size_t k = 0; k < body.inputs.size(); ++k) {
    const Var& operand = node.inputs[k + 1];
    Type type = k < body.sequences ? row_type(operand) : operand.type();
    if (type == body.inputs[k].type()) continue;
    Var narrow = make_input(type, body.inputs[k]->name);
    replacements.emplace(body.inputs[k].get(), narrow);
    body.inputs[k] = narrow;
  }
  if (!replacements.empty()) body.outputs = substitute(body.outputs, replacements);
  return body;
}

LoopResults scan(const Loop& loop) {
  check(loop);
  auto body = std::make_shared<Body>();
  body->sequences = loop.sequences.size();
  body->carries = loop.initial.size();
  body->unbounded = loop.unbounded;
  body->until = static_cast<bool>(loop.until);
  body->reversed = loop.reversed;
  body->truncated = loop.truncated;
  Closure closure = closure_of(loop);
  const std::vector<Var> next = closure.close(loop.next);
  const std::vector<Var> yields = loop.unbounded ? std::vector<Var>() : closure.close(loop.yields);
  if (loop.block) body->block = is_constant(loop.block) ? loop.block : closure.capture(loop.block);
  std::vector<Var>& outputs = body->outputs;
  auto append = [&](const std::vector<Var>& values) {
    outputs.insert(outputs.end(), values.begin(), values.end());
  };
  append(next);
  append(yields);
  std::vector<Var> until, dear;
  if (loop.until) until = closure.close({&loop.until, 1});
  append(until);
  if (!loop.unbounded) {
    dear = dear_values(outputs);
    outputs.resize(next.size() + yields.size());
    append(dear);
    append(next);
    append(until);
    body->yields = yields.size() + dear.size() + next.size();  // of which those nobody reads cost nothing
  }
  std::vector<Var> inputs = {loop.steps};
  for (std::span<const Var> group :
       {std::span(loop.sequences), std::span(loop.initial), std::span<const Var>(closure.operands)})
    inputs.insert(inputs.end(), group.begin(), group.end());
  for (std::span<const Var> group :
       {std::span(loop.rows), std::span(loop.carried), std::span<const Var>(closure.inputs)})
    body->inputs.insert(body->inputs.end(), group.begin(), group.end());
  Var node = make_node(scan_op, std::move(inputs), {.body = body});
  LoopResults results{.node = node};
  int k = 0;
  for (size_t i = 0; i < loop.initial.size(); ++i) results.last.push_back(output(node, k++));
  for (size_t i = 0; i < yields.size(); ++i) results.yields.push_back(output(node, k++));
  k += static_cast<int>(dear.size());
  const size_t traces = loop.unbounded ? 0 : next.size();
  for (size_t i = 0; i < traces; ++i) results.traces.push_back(output(node, k++));
  results.steps = output(node, k++);
  for (size_t i = 0; loop.block && i < next.size(); ++i) results.blocks.push_back(output(node, k++));
  return results;
}

}  // namespace croton
