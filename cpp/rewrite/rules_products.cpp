#include <algorithm>

#include "ops/core_rows.h"
#include "ops/functions.h"
#include "rewrite/rules.h"

namespace croton::rules {
namespace {

using patterns::Match;
using patterns::op;
using patterns::Wildcard;
using enum Exactness;

constexpr Wildcard x{0}, y{1};

int64_t rows(const Var& a) { return a.type().dims[a.rank() - 2]; }
int64_t columns(const Var& a) { return a.type().dims.back(); }
int product_rank(const Match& m) { return std::max(m[x].rank(), m[y].rank()); }

// Kernels for products exist in float32 and float64.
bool has_kernel(const Match& m) {
  return m.root.dtype() == DType::Float32 || m.root.dtype() == DType::Float64;
}
bool is_narrow(const Match& m) { return is_floating(m.root.dtype()) && size_of(m.root.dtype()) == 2; }

Var widened(const Match& m) {
  return cast(matmul(cast(m[x], DType::Float32), cast(m[y], DType::Float32)), m.root.dtype());
}

// Rows times columns, one more axis than the result: the middle one is reduced.
Var outer_products(const Match& m) {
  Var a = expand_dims(m[x], {m[x].rank()}), b = expand_dims(m[y], {m[y].rank() - 2});
  int64_t axis = product_rank(m) - 1;
  return is_bool(m.root.dtype()) ? reduce_max(a * b, {axis}) : sum(a * b, {axis});
}

// Whether the last two axes of `x` are those of an array the other way round.
bool is_transposed(const Var& x) {
  const std::vector<int64_t>& pattern = x->attrs.ints;
  size_t rank = pattern.size();
  return x->op == &dimshuffle_op && rank >= 2 && pattern[rank - 1] >= 0 &&
         pattern[rank - 1] < pattern[rank - 2];
}

// A product with one row or column is bound by reading the matrix: as a sum of products it fuses. The loop
// runs over the matrix as it lies in memory.
Var one_column(const Match& m) {
  int64_t last = product_rank(m) - 1;
  if (is_transposed(m[x])) return expand_dims(sum(swap_last_axes(m[x]) * m[y], {last - 1}), {last});
  return expand_dims(sum(m[x] * swap_last_axes(m[y]), {last}), {last});
}
Var one_row(const Match& m) {
  int64_t axis = product_rank(m) - 2;
  if (is_transposed(m[y])) return expand_dims(sum(m[x] * swap_last_axes(m[y]), {axis + 1}), {axis});
  return expand_dims(sum(swap_last_axes(m[x]) * m[y], {axis}), {axis});
}

// The transpose of a product is the product of the transposes, which are read in place.
Var transposed(const Match& m) {
  const Var& product = m.root->inputs[0];
  const std::vector<int64_t>& pattern = m.root->attrs.ints;
  int64_t rank = product.rank();
  if (static_cast<int64_t>(pattern.size()) != rank || !m.used_once(product)) return {};
  for (int64_t axis = 0; axis < rank; ++axis) {
    int64_t swapped = axis == rank - 1 ? rank - 2 : axis == rank - 2 ? rank - 1 : axis;
    if (pattern[axis] != swapped) return {};
  }
  return make_node(matmul_op, {swap_last_axes(m[y]), swap_last_axes(m[x])});
}

// Which of two axes `x` counts along, being of size 1 along the other; -1 if it does not.
int64_t counted_axis(const Var& x) {
  const std::vector<int64_t>& ints = x->attrs.ints;
  if (x->op == &iota_op && x.rank() == 2) return x.type().dims[1 - ints[0]] == 1 ? ints[0] : -1;
  if (x->op != &dimshuffle_op || x->inputs[0]->op != &iota_op || x->inputs[0].rank() != 1) return -1;
  return ints == std::vector<int64_t>{0, -1} ? 0 : ints == std::vector<int64_t>{-1, 0} ? 1 : -1;
}

bool is_identity(const Var& x) {
  const Var& mask = x->op == &cast_op ? x->inputs[0] : x;
  if (x.rank() != 2 || mask->op->name != "eq" || !same(dim(x, 0), dim(x, 1))) return false;
  int64_t i = counted_axis(mask->inputs[0]), j = counted_axis(mask->inputs[1]);
  return i >= 0 && j >= 0 && i != j;
}

// The diagonal of a matrix that is zero elsewhere, as a column; 1 for the identity. Empty for other matrices.
Var diagonal_column(const Var& x) {
  if (is_identity(x)) return make_scalar(x.dtype(), 1);
  if (x->op->name != "mul" || x.rank() != 2) return {};
  for (int k : {0, 1}) {
    const Var& factor = x->inputs[1 - k];
    if (!is_identity(x->inputs[k])) continue;
    if (factor.rank() == 0 || (factor.rank() == 2 && factor.type().dims[1] == 1)) return factor;
    if (factor.rank() == 1) return expand_dims(factor, {1});
    if (factor.type().dims[0] == 1) return swap_last_axes(factor);
  }
  return {};
}

// A diagonal matrix scales rows or columns. Jacobians of elementwise functions are such.
Var scaled_rows(const Match& m) {
  Var column = diagonal_column(m[x]);
  if (!column || !same(dim(m[x], 1), dim(m[y], m[y].rank() - 2))) return {};
  return is_filled_with(column, 1) ? m[y] : column * m[y];
}
Var scaled_columns(const Match& m) {
  Var column = diagonal_column(m[y]);
  if (!column || !same(dim(m[y], 0), dim(m[x], m[x].rank() - 1))) return {};
  return is_filled_with(column, 1) ? m[x] : m[x] * (column.rank() ? swap_last_axes(column) : column);
}

Var diagonal_matrix(int64_t n) {
  Var i = iota({make_int(n), make_int(1)}, 0), j = iota({make_int(1), make_int(n)}, 1);
  return cast(equal(i, j), DType::Float64) * make_input({DType::Float64, {n}}, "v");
}

// ---- batches

bool has_axis(const Var& a, int64_t axis) { return a.type().dims[axis] != 1; }

// Whether the sum of products is over axes that both operands have.
bool sums_over_batches(const Match& m) {
  const Var& product = m.root->inputs[0];
  const int rank = product.rank();
  if (!has_kernel(m) || m[x].rank() != rank || m[y].rank() != rank || !m.used_once(product)) return false;
  return std::all_of(m.root->attrs.ints.begin(), m.root->attrs.ints.end(), [&](int64_t axis) {
    return axis < rank - 2 && has_axis(m[x], axis) && has_axis(m[y], axis);
  });
}

// The axes `summed` right before the last two, and then one with the first of these.
Var with_terms(const Var& a, const std::vector<int64_t>& summed) {
  std::vector<int64_t> order;
  std::vector<Var> sizes;
  Var terms = dim(a, a.rank() - 2);
  for (int64_t axis = 0; axis < a.rank() - 2; ++axis) {
    if (std::find(summed.begin(), summed.end(), axis) != summed.end()) {
      terms = terms * dim(a, static_cast<int>(axis));
      continue;
    }
    order.push_back(axis);
    sizes.push_back(dim(a, static_cast<int>(axis)));
  }
  order.insert(order.end(), summed.begin(), summed.end());
  order.insert(order.end(), {a.rank() - 2, a.rank() - 1});
  sizes.insert(sizes.end(), {terms, dim(a, a.rank() - 1)});
  return reshape(transpose(a, std::move(order)), std::move(sizes));
}

// The sum of products is one product with all of their terms.
Var product_of_all_terms(const Match& m) {
  const std::vector<int64_t>& axes = m.root->attrs.ints;
  return matmul(swap_last_axes(with_terms(swap_last_axes(m[x]), axes)), with_terms(m[y], axes));
}

bool is_batch_with_matrix(const Match& m) {
  return has_kernel(m) && m[x].rank() > 2 && m[y].rank() == 2 && !is_transposed(m[x]);
}

// The rows of all items of a batch are those of one product.
Var product_of_all_rows(const Match& m) {
  std::vector<Var> sizes = shape_of(m[x]);
  Var rows = make_int(1);
  for (size_t axis = 0; axis + 1 < sizes.size(); ++axis) rows = rows * sizes[axis];
  Var product = matmul(reshape(m[x], {rows, sizes.back()}), m[y]);
  sizes.back() = dim(m[y], 1);
  return reshape(product, std::move(sizes));
}

Var matrix(int64_t m, int64_t n, DType dtype = DType::Float64) { return make_input({dtype, {m, n}}, "x"); }
Var matrices(int64_t count, int64_t m, int64_t n) { return make_input({DType::Float64, {count, m, n}}, "x"); }
Var product(Var a, Var b) { return make_node(matmul_op, {std::move(a), std::move(b)}); }

}  // namespace

std::vector<Rule> products() {
  patterns::Pattern any = op(matmul_op, {x, y});
  return {
      {"matmul_of_narrow_floats", any, widened, is_narrow, Accurate,
       [] { return product(matrix(3, 4, DType::Float16), matrix(4, 5, DType::Float16)); }},
      {"matmul_of_integers", any, outer_products, [](const Match& m) { return is_discrete(m.root.dtype()); },
       Exact, [] { return product(matrix(3, 4, DType::Int32), matrix(4, 5, DType::Int32)); }},
      {"matmul_of_diagonal", any, scaled_rows, Accurate,
       [] { return product(diagonal_matrix(4), matrix(4, 5)); }},
      {"matmul_by_diagonal", any, scaled_columns, Accurate,
       [] { return product(matrix(3, 4), diagonal_matrix(4)); }},
      {"matmul_of_one_term", any, [](const Match& m) { return m[x] * m[y]; },
       [](const Match& m) { return has_kernel(m) && columns(m[x]) == 1 && rows(m[y]) == 1; }, Accurate,
       [] { return product(matrix(3, 1), matrix(1, 5)); }},
      {"matmul_of_one_column", any, one_column,
       [](const Match& m) { return has_kernel(m) && columns(m[y]) == 1; }, Accurate,
       [] { return product(matrix(3, 4), matrix(4, 1)); }},
      {"matmul_of_one_row", any, one_row, [](const Match& m) { return has_kernel(m) && rows(m[x]) == 1; },
       Accurate, [] { return product(matrix(1, 4), matrix(4, 5)); }},
      {"sum_of_matmuls", op(sum_op, {any}), product_of_all_terms, sums_over_batches, Accurate,
       [] { return sum(product(swap_last_axes(matrices(2, 4, 3)), matrices(2, 4, 5)), {0}); }},
      {"matmul_of_batch_with_matrix", any, product_of_all_rows, is_batch_with_matrix, Accurate,
       [] { return product(matrices(2, 3, 4), matrix(4, 5)); }},
      {"transpose_of_matmul", op(dimshuffle_op, {any}), transposed, Accurate,
       [] { return swap_last_axes(product(matrix(3, 4), matrix(4, 5))); }},
  };
}

}  // namespace croton::rules
