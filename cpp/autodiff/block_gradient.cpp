// The gradient of a loop that stored its states between blocks of steps only: the steps after the last whole
// block first, then a loop over blocks, from the last to the first, which takes the steps of each again.
#include "autodiff/gradient.h"
#include "autodiff/scan_gradient.h"
#include "graph/leaves.h"
#include "graph/substitute.h"
#include "ops/functions.h"
#include "ops/scan.h"

namespace croton {
namespace {

struct BlockReverse {
  const Var& node;
  Inputs g;
  Body body;
  ScanInputs inputs;
  Var taken, size, blocks, whole, rest;  // steps; those of a block; blocks; steps in these and after them

  BlockReverse(Inputs g, const Var& scan) : node(scan), g(g), body(narrowed_body(*scan)), inputs(*scan) {
    taken = body.until ? result(body.carries + body.yields) : inputs.steps;
    size = block_size(*scan);
    blocks = apply("floor_div", {taken, size});
    whole = blocks * size;
    rest = taken - whole;
  }

  Var result(size_t k) const { return output(node, static_cast<int>(k)); }
  size_t stored(size_t state) const { return body.carries + body.yields + 1 + state; }

  static Var slope_like(const Var& x, const Var& slope) { return slope ? slope : zeros_like(x); }

  // ---- rows of the steps after the last whole block, and of whole blocks

  Var last_rows(const Var& rows) const { return slice(rows, 0, whole, rest, 1); }

  Var by_block(const Var& rows) const {
    std::vector<Var> sizes = shape_of(rows);
    sizes[0] = size;
    sizes.insert(sizes.begin(), blocks);
    return reshape(slice(rows, 0, make_int(0), whole, 1), sizes);
  }

  Var by_step(const Var& rows) const {
    std::vector<Var> sizes = shape_of(rows);
    sizes.erase(sizes.begin());
    sizes[0] = whole;
    return reshape(rows, sizes);
  }

  Var outside(const Var& x) const {
    Replacements replacements;
    for (size_t k = 0; k < inputs.fixed.size(); ++k)
      replacements.emplace(body.fixed()[k].get(), inputs.fixed[k]);
    return x ? substitute(x, replacements) : x;
  }

  // ---- the steps of a part

  // The gradients of the rows, of the initial values and of the inputs that stand for fixed values, from the
  // slopes of the part's results.
  Grads gradients_of(const Var& steps, std::vector<Var> sequences, std::vector<Var> initial,
                     std::vector<Var> slopes) const {
    auto all = [](std::span<const Var> values) { return std::vector<Var>(values.begin(), values.end()); };
    Var part = scan({.steps = steps,
                     .sequences = std::move(sequences),
                     .rows = all(body.rows()),
                     .initial = std::move(initial),
                     .carried = all(body.carried()),
                     .next = all(body.next()),
                     .yields = all(body.yielded().first(body.plain_yields()))})
                   .node;
    // Products that are no results of the whole loop: nothing depends on those.
    const size_t more = part->attrs.body->plain_yields() - body.plain_yields();
    slopes.insert(slopes.end() - static_cast<std::ptrdiff_t>(body.carries + 1), more, Var());
    const Grads found = scan_gradients(slopes, part);
    const size_t first = body.sequences + body.carries;
    Grads grads(found.begin() + 1, found.begin() + 1 + static_cast<std::ptrdiff_t>(first));
    // What the part has captured are fixed values, or what it computes of them alone.
    std::vector<KnownGradient> captured;
    for (size_t k = 1 + first; k < found.size(); ++k)
      if (found[k]) captured.push_back({distinct(part->inputs[k]), found[k]});
    const std::vector<Var> fixed = gradient(captured, all(body.fixed()));
    grads.insert(grads.end(), fixed.begin(), fixed.end());
    return grads;
  }

  Grads of_rest() const {
    std::vector<Var> sequences, initial,
        slopes(g.begin(), g.begin() + static_cast<std::ptrdiff_t>(body.carries));
    for (const Var& rows : inputs.sequences) sequences.push_back(last_rows(rows));
    for (size_t k = 0; k < body.carries; ++k)
      initial.push_back(squeeze(slice(result(stored(k)), 0, blocks, make_int(1), 1), {0}));
    for (const Var& rows : g.subspan(body.carries, body.yields))
      slopes.push_back(rows ? last_rows(rows) : Var());
    slopes.emplace_back();
    return gradients_of(rest, std::move(sequences), std::move(initial), slopes);
  }

  // ---- the loop over blocks

  Loop loop;

  Var row_of(const Var& sequence) {
    loop.sequences.push_back(sequence);
    loop.rows.push_back(make_row(sequence));
    return loop.rows.back();
  }

  Var carry(const Var& initial) {
    loop.initial.push_back(initial);
    loop.carried.push_back(make_input(initial.type(), ""));
    return loop.carried.back();
  }

  // A value whose gradient is added up from block to block, of which the steps after them gave `last`.
  Var carry_sum(const Var& x, const Var& last) { return carry(outside(last ? last : zeros_like(x))); }

  Var states_between(const Var& stored) const { return slice(stored, 0, make_int(0), blocks, 1); }
  static bool has_gradient(const Var& x) { return is_inexact(x.dtype()); }

  void add_blocks(const Grads& last) {
    std::vector<Var> sequences, initial, slopes(body.carries), sums;
    for (const Var& rows : inputs.sequences) sequences.push_back(row_of(by_block(rows)));
    for (size_t k = 0; k < body.carries; ++k) initial.push_back(row_of(states_between(result(stored(k)))));
    for (size_t k = 0; k < body.carries; ++k)
      if (has_gradient(initial[k])) slopes[k] = carry_sum(inputs.initial[k], after_blocks(k, last));
    for (const Var& rows : g.subspan(body.carries, body.yields))
      slopes.push_back(rows ? row_of(by_block(rows)) : Var());
    slopes.emplace_back();
    const size_t first = body.sequences + body.carries;
    for (size_t k = 0; k < inputs.fixed.size(); ++k)
      if (has_gradient(inputs.fixed[k])) sums.push_back(carry_sum(inputs.fixed[k], last[first + k]));
    Grads block = gradients_of(size, sequences, initial, slopes);
    for (size_t k = 0; k < body.carries; ++k)
      if (has_gradient(initial[k]))
        loop.next.push_back(before_block(k, block[body.sequences + k], initial[k]));
    size_t sum = 0;
    for (size_t k = 0; k < inputs.fixed.size(); ++k)
      if (has_gradient(inputs.fixed[k])) {
        const Var &before = sums[sum++], &more = block[first + k];
        loop.next.push_back(more ? before + more : before);
      }
    for (size_t k = 0; k < body.sequences; ++k)
      if (has_gradient(sequences[k])) loop.yields.push_back(block[k] ? block[k] : zeros_like(sequences[k]));
  }

  // Gradients of the states that lie between blocks.
  Var after_blocks(size_t k, const Grads& last) const {
    const Var &slope = last[body.sequences + k], &more = g[stored(k)];
    if (!more) return slope;
    Var own = squeeze(slice(more, 0, blocks, make_int(1), 1), {0});
    return slope ? slope + own : own;
  }

  Var before_block(size_t k, const Var& slope, const Var& state) {
    Var found = slope ? slope : zeros_like(state);
    return g[stored(k)] ? found + row_of(states_between(g[stored(k)])) : found;
  }

  Grads run() {
    const Grads last = of_rest();
    add_blocks(last);
    loop.steps = blocks;
    loop.reversed = true;
    for (std::vector<Var>* group : {&loop.next, &loop.yields})
      for (Var& x : *group) x = outside(x);
    const LoopResults results = scan(loop);
    Grads grads(node->inputs.size());
    size_t state = 0, row = 0;
    for (size_t k = 0; k < body.sequences; ++k)
      if (const Var& x = inputs.sequences[k]; has_gradient(x))
        grads[1 + k] = joined(by_step(results.yields[row++]), outside(last[k]), x);
    for (size_t k = body.sequences; k < body.inputs.size(); ++k)
      if (has_gradient(body.inputs[k])) grads[1 + k] = results.last[state++];
    return grads;
  }

  // Rows after the last step have no gradient.
  Var joined(const Var& in_blocks, const Var& after, const Var& sequence) const {
    Var slope = after ? concatenate({in_blocks, after}, 0) : in_blocks;
    if (same(dim(sequence, 0), taken)) return slope;
    return set_slice(zeros_like(sequence), slope, 0, make_int(0), 1);
  }
};

}  // namespace

Grads block_gradients(Inputs g, const Var& node) { return BlockReverse(g, node).run(); }

}  // namespace croton
