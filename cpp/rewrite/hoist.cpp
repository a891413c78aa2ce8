// Takes loops apart: what steps compute of rows alone comes before the loop, what no step reads after it.
// Both then are done for all steps at once, above all products.
#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "base/error.h"
#include "graph/leaves.h"
#include "graph/substitute.h"
#include "ops/core_rows.h"
#include "ops/functions.h"
#include "ops/scan.h"
#include "ops/vectorize.h"
#include "rewrite/passes.h"

namespace croton {
namespace {

using NodeSet = std::unordered_set<const Node*>;

// What the value of a node depends on, as bits.
enum Dependence : uint8_t { Fixed = 0, Rows = 1, States = 2, Loops = 4 };

// A carried value to which steps only add these terms.
struct Sum {
  size_t state;
  std::vector<Var> inside, after;
};

class LoopSplit {
 public:
  LoopSplit(const Var& node, const std::vector<bool>& wanted)
      : node_(node), wanted_(wanted), body_(narrowed_body(*node)), inputs_(*node) {
    body_.outputs = canonicalize(with_constants(body_));
    find_dependence();
  }

  // Numbers among the fixed values are none of the loop's inputs.
  std::vector<Var> with_constants(const Body& body) const {
    Replacements constants;
    for (size_t k = 0; k < inputs_.fixed.size(); ++k)
      if (const Var& x = inputs_.fixed[k]; is_constant(x) && x->attrs.value->size() == 1)
        constants.emplace(body.fixed()[k].get(), x);
    return substitute(body.outputs, constants);
  }

  // What stands for each result; nothing if the loop stays as it is.
  std::vector<Var> run() {
    carried_ = states_read(body_, wanted_);
    find_sums();
    place_steps();
    place_products_of_sums();
    place_yields();
    place_other_terms();
    find_early();
    const bool late = std::any_of(sums_.begin(), sums_.end(), [](const Sum& s) { return !s.after.empty(); });
    if (!late && late_.empty() && early_.empty()) return {};
    make_loop();
    return results();
  }

 private:
  Var node_;
  const std::vector<bool>& wanted_;
  Body body_;
  ScanInputs inputs_;
  std::unordered_map<const Node*, uint8_t> depends_;
  std::vector<bool> carried_;
  std::vector<Sum> sums_;
  NodeSet inside_;                          // what steps compute
  std::vector<Var> kept_;                   // values of steps that are read after the loop
  std::vector<size_t> late_;                // yields that come after the loop
  std::vector<std::pair<Var, Var>> early_;  // values of steps, and those of all steps
  Var loop_;                                // without what comes before and after; empty if nothing remains
  Replacements traces_;                     // of kept values

  uint8_t depends(const Var& x) const { return depends_.at(x.get()); }
  bool is_wanted(size_t result) const { return wanted_[result]; }
  size_t trace_of(size_t state) const { return body_.yields + state; }

  void find_dependence() {
    for (const Var& x : body_.rows()) depends_[x.get()] = Rows;
    for (const Var& x : body_.carried()) depends_[x.get()] = States;
    for (const Node* node : topological_order(body_.outputs)) {
      uint8_t bits = node->op == &scan_op ? Loops : Fixed;
      if (node->op != &dim_op)
        for (const Var& x : node->inputs) bits |= depends_.at(x.get());
      depends_.emplace(node, bits);
    }
  }

  // ---- what can be computed for all steps at once

  bool is_product_with_fixed(const Var& x) const {
    if (x->op->kind != OpKind::Contraction) return false;
    const bool one = x->op == &matmul_op && x->inputs[0].type().dims.back() == 1;
    return !one && (depends(x->inputs[0]) == Fixed) != (depends(x->inputs[1]) == Fixed);
  }

  bool is_batchable(const Var& x) const {
    switch (x->op->kind) {
      case OpKind::Leaf:
      case OpKind::Size: return true;
      case OpKind::Contraction: return is_product_with_fixed(x) && has_fixed_sizes(x);
      case OpKind::Elementwise:
      case OpKind::View:
      case OpKind::Reduction:
      case OpKind::Composite:
      case OpKind::Index: return has_vectorize_rule(*x->op) && has_fixed_sizes(x);
      default: return false;
    }
  }

  // As many elements as its input has, unless sizes turn out to be 1.
  static bool is_same_elements(const Var& x) {
    if (x->op == &dimshuffle_op) return true;
    if ((x->op != &broadcast_op && x->op != &sum_to_op) || x.rank() != x->inputs[0].rank()) return false;
    const std::vector<int64_t>&from = x->inputs[0].type().dims, &to = x.type().dims;
    return std::equal(from.begin(), from.end(), to.begin(), to.end(),
                      [](int64_t a, int64_t b) { return (a == 1) == (b == 1); });
  }

  // Of a sequence that surely has as many rows as there are steps.
  bool is_row_of_steps(const Var& x) const {
    for (size_t k = 0; k < body_.sequences; ++k)
      if (same(x, body_.rows()[k])) return same(dim(inputs_.sequences[k], 0), inputs_.steps);
    return false;
  }

  // The nodes above `ends` that `x` takes; false if they cannot be computed for all steps at once.
  bool collect(const Var& x, const NodeSet& ends, std::vector<Var>& nodes, std::vector<Var>& reached) const {
    NodeSet seen;
    std::vector<Var> rest = {x};
    while (!rest.empty()) {
      Var node = rest.back();
      rest.pop_back();
      if (depends(node) == Fixed || !seen.insert(node.get()).second) continue;
      if (depends(node) & States && ends.count(node.get()) && !is_same_elements(node)) {
        reached.push_back(node);
        continue;
      }
      if (node->op->kind == OpKind::Leaf) {
        if (!is_row_of_steps(node)) return false;
        continue;
      }
      if (depends(node) & Loops || !is_batchable(node)) return false;
      nodes.push_back(node);
      rest.insert(rest.end(), node->inputs.begin(), node->inputs.end());
    }
    return true;
  }

  // Whether `x` can be computed after the loop from what is stored of it anyway.
  bool follows_from_kept(const Var& x, bool with_product) const {
    if (depends(x) == Fixed) return false;
    std::vector<Var> nodes, reached;
    if (!collect(x, inside_, nodes, reached)) return false;
    NodeSet kept;
    for (const Var& y : kept_) kept.insert(y.get());
    const bool all =
        std::all_of(reached.begin(), reached.end(), [&](const Var& y) { return kept.count(y.get()) != 0; });
    const bool product = std::any_of(nodes.begin(), nodes.end(),
                                     [&](const Var& y) { return y->op->kind == OpKind::Contraction; });
    return all && (product || !with_product || reached.empty());
  }

  // ---- what steps compute

  void place_inside(const Var& x) {
    std::vector<const Node*> rest = {x.get()};
    while (!rest.empty()) {
      const Node* node = rest.back();
      rest.pop_back();
      if (!inside_.insert(node).second) continue;
      for (const Var& input : node->inputs) rest.push_back(input.get());
    }
  }

  void keep(const Var& x) {
    place_inside(x);
    if (!contains(kept_, x)) kept_.push_back(x);
  }

  static bool contains(std::span<const Var> values, const Var& x) {
    return std::any_of(values.begin(), values.end(), [&](const Var& y) { return same(x, y); });
  }

  const Sum* sum_of(size_t state) const {
    auto it = std::find_if(sums_.begin(), sums_.end(), [&](const Sum& sum) { return sum.state == state; });
    return it == sums_.end() ? nullptr : &*it;
  }

  void place_steps() {
    for (size_t k = 0; k < body_.carries; ++k) {
      if (!carried_[k] || sum_of(k)) continue;
      place_inside(body_.next()[k]);
      if (is_wanted(trace_of(k))) keep(body_.next()[k]);
    }
  }

  // ---- sums over steps

  std::vector<Var> terms_of(const Var& x) const {
    std::vector<Var> terms, rest = {x};
    while (!rest.empty()) {
      Var node = rest.back();
      rest.pop_back();
      const bool sum = node->op->name == "add" && node.rank() == x.rank() && node.dtype() == x.dtype();
      if (sum)
        rest.insert(rest.end(), node->inputs.rbegin(), node->inputs.rend());
      else
        terms.push_back(node);
    }
    return terms;
  }

  // States that nobody reads but the addition in their own step.
  void find_sums() {
    for (size_t k = 0; k < body_.carries; ++k) {
      const Var &x = body_.carried()[k], &next = body_.next()[k];
      const bool floating = x.dtype() == DType::Float32 || x.dtype() == DType::Float64;
      if (!carried_[k] || is_wanted(trace_of(k)) || !floating || is_broadcast(x, next)) continue;
      std::vector<Var> terms = terms_of(next);
      auto self = std::find_if(terms.begin(), terms.end(), [&](const Var& y) { return same(x, y); });
      if (self == terms.end()) continue;
      terms.erase(self);
      std::vector<Var> others = terms;
      for (size_t j = 0; j < body_.carries; ++j)
        if (carried_[j] && j != k) others.push_back(body_.next()[j]);
      for (size_t j = 0; j < body_.plain_yields(); ++j)
        if (is_wanted(body_.carries + j)) others.push_back(body_.yielded()[j]);
      if (!is_read(x, others)) sums_.push_back({.state = k, .inside = std::move(terms)});
    }
  }

  // An error of the call, for states keep their shapes.
  static bool is_broadcast(const Var& x, const Var& next) {
    for (int axis = 0; axis < x.rank(); ++axis)
      if (x.type().dims[axis] == 1 && next.type().dims[axis] != 1) return true;
    return false;
  }

  // Whether any of `roots` depends on more of `x` than its sizes.
  static bool is_read(const Var& x, std::span<const Var> roots) {
    std::vector<Node*> order = topological_order(roots);
    return contains(roots, x) || std::any_of(order.begin(), order.end(), [&](const Node* node) {
             return node->op != &dim_op && is_operand(x, Var(const_cast<Node*>(node)));
           });
  }

  // The product of two values that differ from step to step which `term` is, but for linear functions.
  Var product_below(Var x) const {
    while (x->op != &matmul_op) {
      const bool first = x->op->name == "mul" && depends(x->inputs[1]) == Fixed;
      const bool second = x->op->name == "mul" && depends(x->inputs[0]) == Fixed;
      const bool linear = x->op == &sum_to_op || x->op == &dimshuffle_op || x->op == &reshape_op ||
                          x->op->name == "sum" || x->op->name == "neg";
      if (!first && !second && !linear) return {};
      x = Var(x->inputs[second ? 1 : 0]);
    }
    const bool varies = depends(x->inputs[0]) != Fixed && depends(x->inputs[1]) != Fixed;
    return varies && !(depends(x) & Loops) && has_fixed_sizes(x) ? x : Var();
  }

  static Var below_views(Var x) {
    while (is_same_elements(x)) x = Var(x->inputs[0]);
    return x;
  }

  bool can_be_kept(const Var& x) const {
    if (depends(x) & States) return has_fixed_sizes(x);
    std::vector<Var> nodes, reached;
    return collect(x, {}, nodes, reached);
  }

  // Sums of products are one product of all steps' operands.
  void place_products_of_sums() {
    for (Sum& sum : sums_) {
      std::vector<Var> inside;
      for (const Var& term : sum.inside) {
        const Var product = product_below(term);
        std::vector<Var> operands;
        if (product)
          for (const Var& x : product->inputs) operands.push_back(below_views(x));
        const bool possible = product && std::all_of(operands.begin(), operands.end(),
                                                     [&](const Var& x) { return can_be_kept(x); });
        (possible ? sum.after : inside).push_back(term);
        if (possible)
          for (const Var& x : operands)
            if (depends(x) & States) keep(x);
      }
      sum.inside = std::move(inside);
    }
  }

  // Of what is left, terms that follow from what is stored.
  void place_other_terms() {
    for (Sum& sum : sums_) {
      std::vector<Var> inside;
      for (const Var& term : sum.inside)
        (follows_from_kept(term, false) ? sum.after : inside).push_back(term);
      for (const Var& term : inside) place_inside(term);
      sum.inside = std::move(inside);
    }
  }

  // ---- results of each step

  void place_yields() {
    for (size_t k = 0; k < body_.plain_yields(); ++k) {
      if (!is_wanted(body_.carries + k)) continue;
      const Var& y = body_.yielded()[k];
      const bool computed = y->op->kind != OpKind::Leaf && depends(y) != Fixed;
      if (computed && !(depends(y) & States && inside_.count(y.get())) && follows_from_kept(y, true))
        late_.push_back(k);
      else
        keep(y);
    }
  }

  bool is_late(size_t yield) const { return std::find(late_.begin(), late_.end(), yield) != late_.end(); }

  // ---- products of rows

  // With what is computed of each of their elements at once.
  void find_early() {
    std::unordered_map<const Node*, int> users;
    for (const Node* node : inside_)
      for (const Var& x : node->inputs) ++users[x.get()];
    for (const Var& x : kept_) ++users[x.get()];
    std::vector<Var> found;
    for (Node* node : topological_order(body_.outputs)) {
      Var x(node);
      std::vector<Var> nodes, reached;
      if (!inside_.count(node) || depends(x) != Rows) continue;
      auto extended = std::find_if(found.begin(), found.end(), [&](const Var& y) {
        return x->op->kind == OpKind::Elementwise && users[y.get()] == 1 && is_operand(y, x) &&
               same_sizes(x, y);
      });
      const bool starts = is_product_with_fixed(x);
      if ((!starts && extended == found.end()) || !collect(x, {}, nodes, reached)) continue;
      if (starts)
        found.push_back(x);
      else
        *extended = x;
    }
    for (const Var& x : found) early_.emplace_back(x, of_all_steps(x));
  }

  static bool is_operand(const Var& x, const Var& of) { return contains(of->inputs, x); }

  static bool same_sizes(const Var& x, const Var& y) {
    std::vector<Var> a = shape_of(x), b = shape_of(y);
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), same) && x.dtype() == y.dtype();
  }

  // ---- the new loop

  Replacements outside() const { return outside_of(body_, node_->inputs); }

  // A value of a step for all of them, along a new first axis.
  Var of_all_steps(const Var& x) const {
    Replacements replacements = outside();
    std::vector<Var> items, batches;
    for (size_t k = 0; k < body_.sequences; ++k) {
      if (!is_row_of_steps(body_.rows()[k])) continue;  // which is read for its sizes
      replacements.erase(body_.rows()[k].get());
      items.push_back(body_.rows()[k]);
      batches.push_back(inputs_.sequences[k]);
    }
    for (const Var& y : kept_) {
      auto trace = traces_.find(y.get());
      if (trace == traces_.end()) continue;
      items.push_back(make_input(y.type(), ""));
      batches.push_back(trace->second);
      replacements.insert_or_assign(y.get(), items.back());
    }
    const Var expression = substitute(x, replacements);
    std::vector<Node*> order = topological_order({&expression, 1});
    const NodeSet read(order.begin(), order.end());
    std::vector<Var> inputs, sequences;
    for (size_t k = 0; k < items.size(); ++k) {
      if (!read.count(items[k].get())) continue;
      inputs.push_back(items[k]);
      sequences.push_back(batches[k]);
    }
    return vectorize({&expression, 1}, inputs, sequences)[0];
  }

  bool stays(size_t state) const {
    const Sum* sum = sum_of(state);
    return carried_[state] && (!sum || sum->after.empty() || !sum->inside.empty());
  }

  Var next_of(size_t state) const {
    const Sum* sum = sum_of(state);
    if (!sum || sum->after.empty()) return body_.next()[state];
    Var next = body_.carried()[state];
    for (const Var& term : sum->inside) next = next + term;
    return next;
  }

  void make_loop() {
    std::vector<Var> next, yields;
    for (size_t k = 0; k < body_.carries; ++k)
      if (stays(k)) next.push_back(next_of(k));
    for (const Var& x : kept_)
      if (!contains(next, x)) yields.push_back(x);
    if (next.empty() && yields.empty()) return;
    auto body = std::make_shared<Body>();
    body->carries = next.size();
    body->yields = yields.size() + next.size();
    body->reversed = body_.reversed;
    body->truncated = body_.truncated;
    for (const std::vector<Var>& group : {next, yields, next})
      body->outputs.insert(body->outputs.end(), group.begin(), group.end());
    Replacements rows;
    for (const auto& [x, sequence] : early_) rows.emplace(x.get(), make_row(sequence));
    body->outputs = substitute(body->outputs, rows);
    loop_ = make_node(scan_op, operands(*body, rows), {.body = body});
    for (size_t k = 0; k < yields.size(); ++k) traces_.emplace(yields[k].get(), result(next.size() + k));
    for (size_t k = 0; k < next.size(); ++k) traces_.emplace(next[k].get(), result(body->yields + k));
  }

  Var result(size_t k) const { return output(loop_, static_cast<int>(k)); }

  // Of the new loop: those that its steps read.
  std::vector<Var> operands(Body& body, const Replacements& rows) const {
    std::vector<Node*> order = topological_order(body.outputs);
    const NodeSet read(order.begin(), order.end());
    std::vector<Var> outside = {inputs_.steps};
    auto add = [&](const Var& inner, const Var& outer, bool needed) {
      if (!needed && !read.count(inner.get())) return;
      body.inputs.push_back(inner);
      outside.push_back(outer);
    };
    for (size_t k = 0; k < body_.sequences; ++k) add(body_.rows()[k], inputs_.sequences[k], false);
    for (const auto& [x, sequence] : early_) add(rows.at(x.get()), sequence, false);
    body.sequences = body.inputs.size();
    for (size_t k = 0; k < body_.carries; ++k)
      if (stays(k)) add(body_.carried()[k], inputs_.initial[k], true);
    for (size_t k = 0; k < body_.carries; ++k)  // others are read for their sizes
      if (!stays(k)) add(body_.carried()[k], inputs_.initial[k], false);
    for (size_t k = 0; k < inputs_.fixed.size(); ++k) add(body_.fixed()[k], inputs_.fixed[k], false);
    return outside;
  }

  // ---- what stands for the results

  Var total(const Var& term) const {
    const Var product = product_below(term);
    if (!product) return sum(of_all_steps(term), {0});
    Replacements replacements = outside();
    replacements.insert_or_assign(product.get(), sum(of_all_steps(product), {0}));
    return substitute(term, replacements);
  }

  std::vector<Var> results() const {
    std::vector<Var> all(wanted_.size());
    size_t state = 0;
    for (size_t k = 0; k < body_.carries; ++k) {
      if (!carried_[k]) continue;
      const Sum* sum = sum_of(k);
      if (stays(k)) all[trace_of(k)] = result(loop_->attrs.body->yields + state);
      all[k] = stays(k) ? result(state++) : inputs_.initial[k];
      if (sum)
        for (const Var& term : sum->after) all[k] = all[k] + total(term);
    }
    for (size_t k = 0; k < body_.plain_yields(); ++k) {
      if (!is_wanted(body_.carries + k)) continue;
      const Var& y = body_.yielded()[k];
      all[body_.carries + k] = is_late(k) ? of_all_steps(y) : traces_.at(y.get());
    }
    all[body_.carries + body_.yields] = inputs_.steps;
    return all;
  }
};

// Which results of each loop somebody reads.
std::unordered_map<const Node*, std::vector<bool>> results_read(std::span<Node* const> order,
                                                                std::span<const Var> outputs) {
  std::unordered_map<const Node*, std::vector<bool>> read;
  auto mark = [&](const Node* loop, size_t result) {
    if (loop->op != &scan_op) return;
    std::vector<bool>& all = read[loop];
    if (all.empty()) all.resize(loop->op->results(loop->inputs, loop->attrs).size());
    all[result] = true;
  };
  for (const Node* node : order)
    for (const Var& x : node->inputs)
      mark(x.get(), node->op == &output_op ? static_cast<size_t>(node->attrs.ints[0]) : 0);
  for (const Var& x : outputs) mark(x.get(), 0);
  return read;
}

std::vector<Var> split(const Var& loop, const std::vector<bool>& wanted) {
  const Body& body = *loop->attrs.body;
  // Steps that are not taken cost nothing inside; and blocks are there to store little.
  if (body.until || body.unbounded || body.block) return {};
  try {
    return LoopSplit(loop, wanted).run();
  } catch (const NotImplemented&) {
    return {};
  }
}

}  // namespace

std::vector<Var> hoist(std::vector<Var> outputs) {
  std::vector<Node*> order = topological_order(outputs);
  const auto read = results_read(order, outputs);
  if (read.empty()) return outputs;
  std::unordered_map<const Node*, Var> replaced;
  std::unordered_map<const Node*, std::vector<Var>> results;
  for (Node* node : order) {
    auto known = node->op == &output_op ? results.find(node->inputs[0].get()) : results.end();
    if (known != results.end()) {
      replaced[node] = known->second[static_cast<size_t>(node->attrs.ints[0])];
      continue;
    }
    std::vector<Var> inputs;
    for (const Var& x : node->inputs) inputs.push_back(replaced.at(x.get()));
    SourceScope scope(node->source);
    Var x = remake(*node, std::move(inputs));
    replaced[node] = x;
    if (node->op != &scan_op) continue;
    std::vector<Var> parts = split(x, read.at(node));
    if (parts.empty()) continue;
    replaced[node] = parts[0] ? parts[0] : x;
    results[node] = std::move(parts);
  }
  for (Var& x : outputs) x = replaced.at(x.get());
  return outputs;
}

}  // namespace croton
