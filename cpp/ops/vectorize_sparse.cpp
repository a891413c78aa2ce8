// Products of batches of sparse matrices: of one matrix with more columns, or of matrices along the diagonal
// of one. Operands of products in rows: starts, ends, data, columns, the dense matrix.
#include "ops/functions.h"
#include "ops/vectorize_rules.h"

namespace croton::batching {
namespace {

// Positions of each item after those of the items before, of which each has `n`; as one vector.
Var stacked(const Call& c, const Var& positions, const Var& n) {
  return merged(positions + iota({c.size, make_int(1)}, 0) * n, 0);
}

bool only_dense(const Call& c) {
  for (size_t k = 0; k < 4; ++k)
    if (c.batched(k)) return false;
  return c.batched(4);
}

// The dense matrices beside each other.
std::vector<Var> beside(const Call& c) {
  std::vector<Var> inputs;
  for (size_t k = 0; k < 4; ++k) inputs.push_back(c.x[k].var);
  inputs.push_back(merged(moved(c.x[4].var, 0, 1), 1));
  return inputs;
}
Values apart(const Call& c, const Var& product) {
  return items(moved(split(product, 1, c.size, dim(c.x[4].var, 2)), 1, 0));
}

// The sparse matrices, of `width` columns, along a diagonal; the dense ones below each other.
std::vector<Var> along_diagonal(const Call& c, const Var& width) {
  Var data = c.each(2), entries = dim(data, 1);
  return {stacked(c, c.each(0), entries), stacked(c, c.each(1), entries), merged(data, 0),
          stacked(c, wrap_positions(c.each(3), width, 0), width), merged(c.each(4), 0)};
}

Values csr_product_rule(const Call& c) {
  if (only_dense(c)) return apart(c, c.remade(beside(c)));
  Var product = c.remade(along_diagonal(c, dim(c.each(4), 1)));
  return items(split(product, 0, c.size, dim(c.each(0), 1)));
}

Values csr_transposed_product_rule(const Call& c) {
  Var size = c.common(5);
  std::vector<Var> inputs = only_dense(c) ? beside(c) : along_diagonal(c, size);
  inputs.push_back(only_dense(c) ? size : size * c.size);
  Var product = c.remade(std::move(inputs));
  return only_dense(c) ? apart(c, product) : items(split(product, 0, c.size, size));
}

Values sampled_product_rule(const Call& c) {
  auto positions = [&](size_t k) {
    const Value& rows = c.x[k + 2];
    return rows.batched ? stacked(c, wrap_positions(c.each(k), dim(rows.var, 1), 0), dim(rows.var, 1))
                        : merged(c.each(k), 0);
  };
  auto rows = [&](size_t k) { return c.batched(k) ? merged(c.x[k].var, 0) : c.x[k].var; };
  Var products = c.remade({positions(0), positions(1), rows(2), rows(3)});
  return items(split(products, 0, c.size, dim(c.each(0), 1)));
}

Values csr_row_numbers_rule(const Call& c) {
  Var count = c.common(2), starts = c.each(0);
  Var numbers = c.remade({stacked(c, starts, count), stacked(c, c.each(1), count), count * c.size});
  Var rows = maximum(dim(starts, 1), make_int(1));
  return items(apply("mod", {split(numbers, 0, c.size, count), rows}));
}

}  // namespace

Rules sparse_rules() {
  return {{"csr_product", csr_product_rule},
          {"csr_transposed_product", csr_transposed_product_rule},
          {"sampled_product", sampled_product_rule},
          {"csr_row_numbers", csr_row_numbers_rule}};
}

}  // namespace croton::batching
