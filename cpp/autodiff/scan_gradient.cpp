#include "autodiff/scan_gradient.h"

#include <numeric>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "autodiff/gradient.h"
#include "graph/leaves.h"
#include "graph/substitute.h"
#include "ops/functions.h"
#include "ops/scan.h"

namespace croton {
namespace {

/// Builds the loop back through the steps of `node`.
struct Reverse {
  const Var& node;
  Body body;
  ScanInputs inputs;
  Loop loop;
  Var cost;              // sum of what the step's outputs contribute
  std::vector<Var> wrt;  // inputs of the forward step that have gradients

  Var start;  // of the rows whose steps the gradient goes through

  explicit Reverse(const Var& scan) : node(scan), body(narrowed_body(*scan)), inputs(*scan) {
    Var taken = body.until ? result(body.carries + body.yields) : inputs.steps;
    loop.steps = body.truncated > 0 ? minimum(make_int(body.truncated), taken) : taken;
    loop.reversed = !body.reversed;
    start = body.reversed ? inputs.steps - taken : taken - loop.steps;
  }

  Var result(size_t k) const { return output(node, static_cast<int>(k)); }

  // The rows of the steps that the gradient goes through.
  Var window(const Var& rows) const { return slice(rows, 0, start, loop.steps, 1); }

  // What carried value k was at the start of each of these steps.
  Var states(size_t k) const {
    Var trace = result(body.yields + k), first = expand_dims(inputs.initial[k], {0});
    if (!body.reversed) return window(concatenate({first, trace}, 0));
    return slice(concatenate({trace, first}, 0), 0, start + make_int(1), loop.steps, 1);
  }

  void add_sequence(const Var& rows, const Var& row) {
    loop.sequences.push_back(rows);
    loop.rows.push_back(row);
  }

  void replay() {
    for (size_t k = 0; k < body.sequences; ++k) add_sequence(window(inputs.sequences[k]), body.rows()[k]);
    for (size_t k = 0; k < body.carries; ++k) add_sequence(states(k), body.carried()[k]);
  }

  void add_cost(const Var& x, const Var& slope) {
    std::vector<int64_t> axes(static_cast<size_t>(x.rank()));
    std::iota(axes.begin(), axes.end(), 0);
    Var term = sum(x * conj(slope), axes);  // whose gradient by x is the slope
    cost = cost ? cost + term : term;
  }

  void seed_yields(Inputs g) {
    for (size_t k = 0; k < body.yields; ++k) {
      const Var& slope = g[body.carries + k];
      if (!slope || !is_inexact(body.yielded()[k].dtype())) continue;
      Var rows = window(slope), row = make_row(rows);
      add_sequence(rows, row);
      add_cost(body.yielded()[k], row);
    }
  }

  Var carry(const Var& initial, const Var& like) {
    Var carried = make_input(like.type(), "");
    loop.initial.push_back(initial);
    loop.carried.push_back(carried);
    return carried;
  }

  void seed_states(Inputs g) {
    for (size_t k = 0; k < body.carries; ++k) {
      const Var& initial = inputs.initial[k];
      if (!is_inexact(initial.dtype())) continue;
      Var slope = carry(g[k] ? g[k] : zeros_like(initial), initial);
      add_cost(body.next()[k], slope);
      wrt.push_back(body.carried()[k]);
    }
  }

  // What the loop stored: products, results of routines and its states.
  std::unordered_map<const Node*, size_t> stored() const {
    std::unordered_map<const Node*, size_t> results;
    for (size_t k = 0; k < body.yields; ++k) {
      const Node* node = body.yielded()[k].get();
      bool dear = k >= body.plain_yields() || is_dear(*node);
      if (dear && node->op->kind != OpKind::Leaf) results.emplace(node, body.carries + k);
    }
    return results;
  }

  // The first nodes on the way down from what the loop computes that are stored, but for those in `whole`.
  std::vector<const Node*> find_read(const std::unordered_map<const Node*, size_t>& results,
                                     std::unordered_set<const Node*>& whole) const {
    std::unordered_set<const Node*> seen;
    std::vector<const Node*> rest, found;
    for (const Var& x : roots()) rest.push_back(x.get());
    while (!rest.empty()) {
      const Node* node = rest.back();
      rest.pop_back();
      if (!seen.insert(node).second) continue;
      if (results.count(node) && !whole.count(node)) {
        found.push_back(node);
        continue;
      }
      if (node->op == &output_op) whole.insert(node->inputs[0].get());
      for (const Var& input : node->inputs) rest.push_back(input.get());
    }
    return found;
  }

  // Reads what is stored rather than computing it again. A node of which another result is needed stays
  // whole.
  void read_stored() {
    const std::unordered_map<const Node*, size_t> results = stored();
    std::unordered_set<const Node*> whole;
    std::vector<const Node*> found = find_read(results, whole);
    for (size_t before = 0; before != whole.size();) {
      before = whole.size();
      found = find_read(results, whole);
    }
    Replacements replacements;
    for (const Node* node : found) {
      Var rows = window(result(results.at(node))), row = make_row(rows);
      add_sequence(rows, row);
      replacements.emplace(node, row);
    }
    loop.next = substitute(loop.next, replacements);
    loop.yields = substitute(loop.yields, replacements);
  }

  std::vector<Var> roots() const {
    std::vector<Var> all = loop.next;
    all.insert(all.end(), loop.yields.begin(), loop.yields.end());
    return all;
  }

  // Sequences that no step reads.
  void drop_unread() {
    std::vector<Node*> order = topological_order(roots());
    std::unordered_set<const Node*> read(order.begin(), order.end());
    std::vector<Var> sequences = std::exchange(loop.sequences, {}), rows = std::exchange(loop.rows, {});
    for (size_t k = 0; k < rows.size(); ++k)
      if (read.count(rows[k].get())) add_sequence(sequences[k], rows[k]);
  }

  /// Sums over steps; the inside of fixed values is again what it is outside.
  std::vector<Var> sum_fixed() {
    std::vector<Var> sums;
    for (size_t k = 0; k < inputs.fixed.size(); ++k) {
      if (!is_inexact(inputs.fixed[k].dtype())) continue;
      sums.push_back(carry(zeros_like(inputs.fixed[k]), inputs.fixed[k]));
      wrt.push_back(body.fixed()[k]);
    }
    return sums;
  }

  Grads run(Inputs g) {
    replay();
    seed_yields(g);
    seed_states(g);
    const size_t states = wrt.size();
    std::vector<Var> sums = sum_fixed();
    const size_t rows = wrt.size();
    for (const Var& x : body.rows())
      if (is_inexact(x.dtype())) wrt.push_back(x);
    const KnownGradient seed{cost, scalar_like(cost, 1)};
    std::vector<Var> slopes = gradient({&seed, 1}, wrt, {});
    for (size_t k = 0; k < wrt.size(); ++k) {
      Var slope = slopes[k] ? slopes[k] : zeros_like(wrt[k]);
      if (k < states)
        loop.next.push_back(slope);
      else if (k < rows)
        loop.next.push_back(sums[k - states] + slope);
      else
        loop.yields.push_back(slope);
    }
    read_stored();
    drop_unread();
    Replacements outside;
    for (size_t k = 0; k < inputs.fixed.size(); ++k) outside.emplace(body.fixed()[k].get(), inputs.fixed[k]);
    loop.next = substitute(loop.next, outside);
    loop.yields = substitute(loop.yields, outside);
    return collect(scan(loop), states);
  }

  // Rows that the gradient does not go through have none.
  Var padded(const Var& slope, const Var& sequence) const {
    if (same(dim(sequence, 0), loop.steps)) return slope;
    return set_slice(zeros_like(sequence), slope, 0, start, 1);
  }

  Grads collect(const LoopResults& results, size_t states) const {
    Grads grads(node->inputs.size());
    size_t state = 0, sum = states, row = 0;
    for (size_t k = 0; k < body.sequences; ++k)
      if (is_inexact(inputs.sequences[k].dtype()))
        grads[1 + k] = padded(results.yields[row++], inputs.sequences[k]);
    for (size_t k = 0; k < body.carries; ++k)
      if (is_inexact(inputs.initial[k].dtype())) grads[1 + body.sequences + k] = results.last[state++];
    for (size_t k = 0; k < inputs.fixed.size(); ++k)
      if (is_inexact(inputs.fixed[k].dtype()))
        grads[1 + body.sequences + body.carries + k] = results.last[sum++];
    return grads;
  }
};

// The loop once more, for as many steps as it took, with the states that it carried.
Var counted(const Var& node) {
  auto body = std::make_shared<Body>(*node->attrs.body);
  const int taken = static_cast<int>(body->carries);
  body->until = body->unbounded = false;
  body->outputs.resize(body->carries);
  body->yields = body->carries;
  const std::vector<Var> next = body->outputs;
  body->outputs.insert(body->outputs.end(), next.begin(), next.end());
  std::vector<Var> inputs = node->inputs;
  inputs[0] = output(node, taken);
  return make_node(scan_op, std::move(inputs), {.body = std::move(body)});
}

}  // namespace

Grads scan_gradients(Inputs g, const Var& node) {
  const Body& body = *node->attrs.body;
  if (body.unbounded) {
    std::vector<Var> all(g.begin(), g.begin() + static_cast<std::ptrdiff_t>(body.carries));
    all.resize(2 * body.carries + 1);
    const Var loop = counted(node);
    return Reverse(loop).run(all);
  }
  const bool blocks = body.block && body.carries > 0 && body.truncated == 0 && !body.reversed;
  return blocks ? block_gradients(g, node) : Reverse(node).run(g);
}

}  // namespace croton
