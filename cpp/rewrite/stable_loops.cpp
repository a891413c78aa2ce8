#include "rewrite/stable_loops.h"

#include <algorithm>
#include <optional>
#include <unordered_set>

#include "graph/body.h"
#include "graph/leaves.h"
#include "graph/substitute.h"
#include "ops/functions.h"
#include "ops/scan.h"
#include "rewrite/passes.h"
#include "rewrite/pattern.h"

namespace croton {
namespace {

using NodeSet = std::unordered_set<const Node*>;

bool is_logarithm(const Node& node) {
  return node.op->kind == OpKind::Elementwise && (node.op->name == "log" || node.op->name == "log1p");
}

size_t count_logarithms(const Var& x) {
  std::vector<Node*> order = topological_order({&x, 1});
  return static_cast<size_t>(
      std::count_if(order.begin(), order.end(), [](Node* n) { return is_logarithm(*n); }));
}

/// The logarithm of what a loop returns: functions of elements, constants in them, among views.
struct Logarithm {
  Var loop;
  size_t result = 0;
  std::vector<Var> steps, wrappers;  // outermost first

  const Body& body() const { return *loop->attrs.body; }
  // The results that steps return; those before are last states, the one after is the number of steps.
  bool is_returned() const { return result >= body().carries && result < body().carries + body().yields; }
};

// The only operand of `node` that is no number; none if there are several, or if it is no function of
// elements.
const Var* varying_operand(const Node& node) {
  if (node.op->kind != OpKind::Elementwise || !node.op->scalar) return nullptr;
  const Var* found = nullptr;
  for (const Var& x : node.inputs) {
    Var scalar = x.rank() == 0 ? x : patterns::repeated_scalar(x);
    if (scalar && is_constant(scalar)) continue;
    if (found) return nullptr;
    found = &x;
  }
  return found;
}

std::optional<Logarithm> parse(const Var& root) {
  Logarithm parts;
  const Var* x = &root;
  while ((*x)->op != &output_op && (*x)->op != &scan_op) {
    if (const Var* operand = varying_operand(**x)) {
      parts.steps.push_back(*x);
      x = operand;
    } else if (patterns::is_wrapper(**x)) {
      parts.wrappers.push_back(*x);
      x = &(*x)->inputs[0];
    } else {
      return {};
    }
  }
  parts.loop = (*x)->op == &scan_op ? *x : (*x)->inputs[0];
  if (parts.loop->op != &scan_op) return {};
  parts.result = (*x)->op == &scan_op ? 0 : static_cast<size_t>((*x)->attrs.ints[0]);
  return parts.is_returned() ? std::optional(parts) : std::nullopt;
}

// The same functions of `x`, one element of which is one of the result.
Var applied(const Logarithm& parts, Var x) {
  for (size_t i = parts.steps.size(); i-- > 0;) {
    const Node& step = *parts.steps[i];
    const Var* operand = varying_operand(step);
    std::vector<Var> inputs;
    for (const Var& input : step.inputs)
      inputs.push_back(&input == operand ? x : input.rank() == 0 ? input : patterns::repeated_scalar(input));
    x = apply(*step.op, std::move(inputs));
  }
  return x;
}

// What the step has to return instead; empty if it has no better form there.
Var stable_inside(const Logarithm& parts) {
  const Var& returned = parts.body().outputs[parts.result];
  std::vector<Var> forms = stabilize({returned, applied(parts, returned)});
  return count_logarithms(forms[1]) <= count_logarithms(forms[0]) ? forms[1] : Var();
}

Var with_body(const Node& loop, std::vector<Var> inputs, Body body) {
  SourceScope scope(loop.source);
  return make_node(scan_op, std::move(inputs), {.body = std::make_shared<Body>(std::move(body))});
}

/// `loop` returning `x` as well, and the number of that result.
std::pair<Var, size_t> returning(const Var& loop, const Var& x) {
  Body body = *loop->attrs.body;
  for (size_t k = body.carries; k < body.yields; ++k)
    if (same(body.outputs[k], x)) return {loop, k};
  const size_t place = body.yields++;  // before the traces
  body.outputs.insert(body.outputs.begin() + static_cast<std::ptrdiff_t>(place), x);
  return {with_body(*loop, loop->inputs, std::move(body)), place};
}

// The results of `from` in `to`, which has one more at `place`.
Replacements moved_results(std::span<Node* const> order, const Var& from, const Var& to, size_t place) {
  Replacements moved;
  if (same(from, to)) return moved;
  moved.emplace(from.get(), to);
  for (Node* node : order) {
    if (node->op != &output_op || !same(node->inputs[0], from)) continue;
    const auto k = static_cast<size_t>(node->attrs.ints[0]);
    moved.emplace(node, output(to, static_cast<int>(k < place ? k : k + 1)));
  }
  return moved;
}

struct Sinking {
  std::vector<Var> outputs;
  const NodeSet& fixed;                  // loops that stay
  std::unordered_set<const Node*> left;  // logarithms without a better form
  std::vector<Var> kept{};               // so that their addresses are not used again

  // Moves one logarithm into its loop; false if there is none to move.
  bool step() {
    std::vector<Node*> order = topological_order(outputs);
    for (Node* node : order) {
      if (!is_logarithm(*node) || left.count(node)) continue;
      std::optional<Logarithm> parts = parse(Var(node));
      if (parts && fixed.count(parts->loop.get())) parts.reset();
      Var inside = parts ? stable_inside(*parts) : Var();
      if (inside) {
        sink(order, Var(node), *parts, inside);
        return true;
      }
      left.insert(node);
      kept.push_back(Var(node));
    }
    return false;
  }

  void sink(std::span<Node* const> order, const Var& root, const Logarithm& parts, const Var& inside) {
    auto [loop, place] = returning(parts.loop, inside);
    std::vector<Var> roots = outputs;
    roots.push_back(root);
    roots.insert(roots.end(), parts.wrappers.begin(), parts.wrappers.end());
    roots = substitute(roots, moved_results(order, parts.loop, loop, place));
    std::span<const Var> wrappers = std::span(roots).subspan(outputs.size() + 1);
    Var result = cast(patterns::rewrap(wrappers, output(loop, static_cast<int>(place))), root.dtype());
    Replacements replaced;
    replaced.emplace(roots[outputs.size()].get(), result);
    outputs = substitute(std::span(roots).first(outputs.size()), replaced);
  }
};

bool is_loop(const Node* node) { return node->op == &scan_op; }

// Steps in stable form, those of loops inside them, too.
std::vector<Var> stabilize_steps(const std::vector<Var>& outputs, std::span<Node* const> order,
                                 const NodeSet& fixed) {
  Replacements results;
  auto result_of = [&](const Var& x) {
    auto found = results.find(x.get());
    return found == results.end() ? x : found->second;
  };
  for (Node* node : order) {
    std::vector<Var> inputs;
    for (const Var& x : node->inputs) inputs.push_back(result_of(x));
    bool changed = !std::equal(inputs.begin(), inputs.end(), node->inputs.begin(), same);
    if (is_loop(node) && !fixed.count(node)) {
      Body body = *node->attrs.body;
      body.outputs = stabilize(body.outputs);
      if (changed || !same_body(body, *node->attrs.body))
        results.emplace(node, with_body(*node, std::move(inputs), std::move(body)));
    } else if (changed) {
      results.emplace(node, remake(*node, std::move(inputs)));
    }
  }
  std::vector<Var> stable;
  for (const Var& x : outputs) stable.push_back(result_of(x));
  return stable;
}

}  // namespace

std::vector<Var> stabilize_loops(std::vector<Var> outputs, std::span<const Var> fixed) {
  std::vector<Node*> order = topological_order(outputs);
  if (std::none_of(order.begin(), order.end(), is_loop)) return outputs;
  NodeSet stay;
  for (Node* node : topological_order(fixed))
    if (is_loop(node)) stay.insert(node);
  Sinking sinking{stabilize_steps(outputs, order, stay), stay, {}};
  while (sinking.step()) {
  }
  return std::move(sinking.outputs);
}

}  // namespace croton
