// Branches, ops of the user's, and loops over batches: one loop whose step works on all items. Time stays the
// first axis inside.
#include <algorithm>

#include "graph/body.h"
#include "graph/leaves.h"
#include "ops/functions.h"
#include "ops/ifelse.h"
#include "ops/scan.h"
#include "ops/user_op.h"
#include "ops/vectorize_rules.h"

namespace croton::batching {
namespace {

/// A scan for a batch of its inputs.
struct BatchedScan {
  const Call& c;
  const Body& body;
  Values operands;               // sequences, initial values, fixed values
  std::vector<bool> is_batched;  // the carried values
  Loop loop;
  Values outputs;  // of the step

  explicit BatchedScan(const Call& call)
      : c(call), body(*call.node.attrs.body), operands(call.x.begin() + 1, call.x.end()) {
    for (size_t k = 0; k < body.carries; ++k) is_batched.push_back(operands[body.sequences + k].batched);
  }

  Var input_of_step(const Var& item, bool batched) const {
    if (!batched) return item;
    Type type = item.type();
    type.dims.insert(type.dims.begin(), known_size(c.size));
    return make_input(type, item->name);
  }

  /// The step, where these of the carried values are batched.
  void evaluate_step() {
    loop.rows.clear();
    loop.carried.clear();
    std::unordered_map<const Node*, Values> known;
    auto bind = [&](const Var& item, const Value& value) { known[item.get()] = {value}; };
    for (size_t k = 0; k < body.sequences; ++k) {
      loop.rows.push_back(input_of_step(body.rows()[k], operands[k].batched));
      bind(body.rows()[k], {loop.rows[k], operands[k].batched});
    }
    for (size_t k = 0; k < body.carries; ++k) {
      loop.carried.push_back(input_of_step(body.carried()[k], is_batched[k]));
      bind(body.carried()[k], {loop.carried[k], is_batched[k]});
    }
    for (size_t k = 0; k < body.fixed().size(); ++k)
      bind(body.fixed()[k], operands[body.sequences + body.carries + k]);
    outputs = evaluate(body.outputs, std::move(known), c.size);
  }

  /// A value that a step makes batched is batched from the start.
  bool spread() {
    bool more = false;
    for (size_t k = 0; k < body.carries; ++k)
      if (outputs[k].batched && !is_batched[k]) more = is_batched[k] = true;
    return more;
  }

  Var batch_of(const Value& value) const { return value.batched ? value.var : repeated(value.var, c.size); }

  /// Whether the last results are the carried values, which every loop offers anyway.
  bool has_traces() const {
    if (body.unbounded || body.yields < body.carries) return false;
    std::span<const Var> last = body.yielded().last(body.carries);
    return std::equal(last.begin(), last.end(), body.next().begin(), same);
  }

  /// How many steps there are in a block: a constant, or one of the fixed values.
  Var block() const {
    for (size_t k = 0; k < body.inputs.size(); ++k)
      if (same(body.inputs[k], body.block)) return c.common(k + 1);
    return body.block;
  }

  void fill() {
    loop.steps = c.common(0);
    loop.unbounded = body.unbounded;
    if (body.block) loop.block = block();
    loop.reversed = body.reversed;
    loop.truncated = body.truncated;
    for (size_t k = 0; k < body.sequences; ++k)
      loop.sequences.push_back(operands[k].batched ? moved(operands[k].var, 0, 1) : operands[k].var);
    for (size_t k = 0; k < body.carries; ++k) {
      const Value& initial = operands[body.sequences + k];
      loop.initial.push_back(is_batched[k] ? batch_of(initial) : initial.var);
      loop.next.push_back(is_batched[k] ? batch_of(outputs[k]) : outputs[k].var);
    }
    const size_t own = has_traces() ? body.yields - body.carries : body.yields;
    for (size_t k = 0; k < own; ++k) loop.yields.push_back(outputs[body.carries + k].var);
    if (!body.until) return;
    if (outputs.back().batched)
      c.refuse("a condition to stop that is the same for all items",
               "take a fixed number of steps and keep finished items with where()");
    loop.until = outputs.back().var;
  }

  Values run() {
    do evaluate_step();
    while (spread());
    fill();
    LoopResults results = scan(loop);
    Values all;
    auto add_rows = [&](const Var& rows, bool batched) {
      all.push_back({batched ? moved(rows, 1, 0) : rows, batched});
    };
    for (size_t k = 0; k < body.carries; ++k) all.push_back({results.last[k], is_batched[k]});
    for (size_t k = 0; k < loop.yields.size(); ++k)
      add_rows(results.yields[k], outputs[body.carries + k].batched);
    if (has_traces())
      for (size_t k = 0; k < body.carries; ++k) add_rows(results.traces[k], is_batched[k]);
    all.push_back({results.steps, false});
    if (!body.block) return all;
    for (size_t k = 0; k < body.carries; ++k) add_rows(results.blocks[k], is_batched[k]);
    return all;
  }
};

Values scan_rule(const Call& c) { return BatchedScan(c).run(); }

// Results of items that choose differently lie beside each other.
void require_equal_sizes(const Call& c, const Type& a, const Type& b) {
  for (size_t axis = 0; axis < a.dims.size(); ++axis)
    if (a.dims[axis] != unknown && b.dims[axis] != unknown && a.dims[axis] != b.dims[axis])
      c.refuse("one condition for all items, or branches of equal sizes, not " + to_string(a) + " and " +
                   to_string(b),
               "bring both branches to one size");
}

// Items that choose differently take both branches.
Values ifelse_rule(const Call& c) {
  const size_t count = branch_values(c.node);
  std::vector<Var> sides[2];
  Values results;
  for (size_t k = 0; k < count; ++k) {
    const size_t a = 1 + k, b = 1 + count + k;
    if (c.batched(0)) {
      const int rank = c.rank(a);
      require_equal_sizes(c, c.node.inputs[a].type(), c.node.inputs[b].type());
      results.push_back({where(c.aligned(0, rank), c.each(a), c.each(b)), true});
      continue;
    }
    const bool batched = c.batched(a) || c.batched(b);
    sides[0].push_back(batched ? c.each(a) : c.x[a].var);
    sides[1].push_back(batched ? c.each(b) : c.x[b].var);
    results.push_back({Var(), batched});
  }
  if (c.batched(0)) return results;
  const std::vector<Var> chosen = ifelse(c.x[0].var, sides[0], sides[1]);
  for (size_t k = 0; k < count; ++k) results[k].var = chosen[k];
  return results;
}

// Made when a function is compiled, after all batches.
Values lazy_ifelse_rule(const Call& c) {
  c.refuse("branches of expressions", "vectorize the expression that the function is compiled from");
}

// One item after the other: what the user wrote knows no batches.
Values user_op_rule(const Call& c) {
  Loop loop{.steps = c.size};
  std::vector<Var> inputs;
  for (size_t k = 0; k < c.x.size(); ++k) {
    if (k >= c.node.attrs.user->arity) c.common(k);
    inputs.push_back(c.batched(k) ? make_row(c.x[k].var) : c.x[k].var);
    if (!c.batched(k)) continue;
    loop.sequences.push_back(c.x[k].var);
    loop.rows.push_back(inputs.back());
  }
  const Var item = c.remade(std::move(inputs));
  for (size_t k = 0; k < c.node.attrs.ints.size() / 2; ++k)
    loop.yields.push_back(output(item, static_cast<int>(k)));
  Values results;
  for (const Var& rows : scan(loop).yields) results.push_back({rows, true});
  return results;
}

Values gradient_of_rule(const Call& c) { return items(c.remade({c.each(0), c.each(1)})); }

}  // namespace

Rules loop_rules() {
  return {{"gradient_of", gradient_of_rule},
          {"ifelse", ifelse_rule},
          {"lazy_ifelse", lazy_ifelse_rule},
          {"scan", scan_rule},
          {"user_op", user_op_rule}};
}

}  // namespace croton::batching
