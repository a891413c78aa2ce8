// Products of batches: operands that all items share stay one matrix, one set of filters.
#include "ops/functions.h"
#include "ops/vectorize_rules.h"

namespace croton::batching {
namespace {

// One row of each item with a matrix that all share: the items are the rows of one product.
Var rows_of_batch(const Var& x, const Var& matrix) {
  int row = x.rank() - 2;
  return expand_dims(matmul(squeeze(x, {row}), matrix), {row});
}

Values matmul_rule(const Call& c) {
  auto is_one = [&](size_t k, int from_end) {
    return c.node.inputs[k].type().dims[c.rank(k) - from_end] == 1;
  };
  const Var &a = c.x[0].var, &b = c.x[1].var;
  if (!c.batched(1) && c.rank(1) == 2 && is_one(0, 2)) return items(rows_of_batch(a, b));
  if (!c.batched(0) && c.rank(0) == 2 && is_one(1, 1))
    return items(swap_last_axes(rows_of_batch(swap_last_axes(b), swap_last_axes(a))));
  int rank = std::max(c.rank(0), c.rank(1));
  return items(matmul(c.aligned(0, rank), c.aligned(1, rank)));
}

// Axes of the operands: (batch, groups, channels, ...) and filters (groups, ..., channels, ...). Items become
// more of the batch, more of the results' channels (axis `channels` of the filters), or more groups.
Values filtered(const Call& c, int channels) {
  std::vector<Var> inputs = c.sizes(2);
  auto apply_to = [&](const Var& x, const Var& w) {
    inputs[0] = x;
    inputs.insert(inputs.begin() + 1, w);
    return c.remade(inputs);
  };
  const Var &x = c.x[0].var, &w = c.x[1].var;
  if (!c.batched(1)) return items(split(apply_to(merged(x, 0), w), 0, c.size, dim(x, 1)));
  if (!c.batched(0)) {
    Var y = apply_to(x, merged(moved(w, 0, channels), channels));
    return items(moved(split(y, 2, c.size, dim(w, channels + 1)), 2, 0));
  }
  Var y = apply_to(merged(moved(x, 0, 1), 1), merged(w, 0));
  return items(moved(split(y, 1, c.size, dim(w, 1)), 1, 0));
}

Values correlate_rule(const Call& c) { return filtered(c, 1); }
Values correlate_transposed_rule(const Call& c) { return filtered(c, 2); }

}  // namespace

Rules product_rules() {
  return {{"matmul", matmul_rule},
          {"correlate", correlate_rule},
          {"correlate_transposed", correlate_transposed_rule}};
}

}  // namespace croton::batching
