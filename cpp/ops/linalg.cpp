// What the rows of linear algebra share, and expressions made of them.
#include "ops/linalg.h"

#include "base/error.h"
#include "graph/broadcast.h"
#include "graph/leaves.h"
#include "ops/linalg_rows.h"
#include "ops/rows.h"

namespace croton {

std::vector<Var> apply_all(std::string_view op, std::vector<Var> inputs, std::vector<int64_t> attrs) {
  const OpSpec& spec = find_op(op);
  Var first = make_node(spec, std::move(inputs), {.ints = std::move(attrs)});
  std::vector<Var> results = {first};
  if (spec.results)
    for (size_t k = 1; k < spec.results(first->inputs, first->attrs).size(); ++k)
      results.push_back(output(first, static_cast<int>(k)));
  return results;
}

// ---- types

void require_matrix(const OpName& op, const Var& x) {
  DType type = real_type(x.dtype());
  bool floats = type == DType::Float32 || type == DType::Float64;
  if (floats && x.rank() >= 2) return;
  throw TypeError(std::string(op) +
                  ": required a matrix of float32 or float64, or of complex numbers of these, or a batch of "
                  "them; given " +
                  describe(x) + source_text(SourceScope::current()));
}

void require_square(const OpName& op, const Var& x) {
  require_matrix(op, x);
  int64_t m = x.type().dims[x.rank() - 2], n = x.type().dims[x.rank() - 1];
  if (m != unknown && n != unknown && m != n)
    throw ValueError(std::string(op) + ": required a square matrix, given " + describe(x) +
                     source_text(SourceScope::current()));
}

Var rows_of(const Var& x) { return dim(x, x.rank() - 2); }
Var columns_of(const Var& x) { return dim(x, x.rank() - 1); }

std::vector<std::pair<Var, Var>> square_sizes(Inputs x) { return {{rows_of(x[0]), columns_of(x[0])}}; }

std::vector<Var> batch_of(const Var& x, std::vector<Var> sizes) {
  std::vector<Var> all = shape_of(x);
  all.erase(all.end() - 2, all.end());
  all.insert(all.end(), sizes.begin(), sizes.end());
  return all;
}

Var as_matrix(const Var& x) { return is_discrete(x.dtype()) ? cast(x, DType::Float64) : x; }

std::pair<Var, Var> common_batch(const Var& a, const Var& b) {
  DType dtype = promote(a.dtype(), b.dtype());
  Var x = as_matrix(cast(a, dtype)), y = as_matrix(cast(b, dtype));
  if (x.rank() == 2 && y.rank() == 2) return {x, y};
  int rank = std::max(x.rank(), y.rank());
  std::vector<Var> batch;
  for (int axis = 0; axis < rank - 2; ++axis) {
    int i = aligned_axis(x, axis, rank), j = aligned_axis(y, axis, rank);
    batch.push_back(broadcast_size(i < 0 ? make_int(1) : dim(x, i), j < 0 ? make_int(1) : dim(y, j)));
  }
  auto widened = [&](const Var& m) {
    std::vector<Var> sizes = batch;
    sizes.push_back(rows_of(m));
    sizes.push_back(columns_of(m));
    return broadcast_to(m, std::move(sizes));
  };
  return {widened(x), widened(y)};
}

// ---- parts of matrices

namespace {

// Row and column of each element, as matrices that broadcast.
std::pair<Var, Var> positions(const Var& rows, const Var& columns) {
  return {iota({rows, make_int(1)}, 0), iota({make_int(1), columns}, 1)};
}

}  // namespace

Var lower_triangle(const Var& x, int64_t offset) {
  auto [i, j] = positions(rows_of(x), columns_of(x));
  return where(i >= j + static_cast<double>(offset), x, 0.0);
}

Var upper_triangle(const Var& x, int64_t offset) {
  auto [i, j] = positions(rows_of(x), columns_of(x));
  return where(j >= i + static_cast<double>(offset), x, 0.0);
}

Var diagonal(const Var& x) {
  auto [i, j] = positions(rows_of(x), columns_of(x));
  return sum(where(equal(i, j), x, 0.0), {x.rank() - 1});
}

Var diagonal_matrix(const Var& x) {
  auto [i, j] = positions(dim(x, x.rank() - 1), dim(x, x.rank() - 1));
  return where(equal(i, j), expand_dims(x, {x.rank()}), 0.0);
}

Var identity_matrix(const Var& size, DType dtype) {
  auto [i, j] = positions(size, size);
  return cast(equal(i, j), dtype);
}

Var adjoint(const Var& x) { return conj(swap_last_axes(x)); }

// ---- gradients of vectors

Var times_columns(const Var& x, const Var& factors) { return x * expand_dims(factors, {factors.rank() - 1}); }
Var times_rows(const Var& x, const Var& factors) { return x * expand_dims(factors, {factors.rank()}); }

Var gaps(const Var& values) {
  return expand_dims(values, {values.rank() - 1}) - expand_dims(values, {values.rank()});
}

// Divided by 1 where y is 0, since the second derivative of 1 / 0 would be NaN there.
Var quotient(const Var& x, const Var& y) {
  Var some = not_equal(y, scalar_like(y, 0));
  return where(some, x / where(some, y, 1.0), 0.0);
}

void no_convergence() {
  throw LinAlgError("required finite elements for which the iteration converges, given others");
}

std::vector<const OpSpec*> rows::library() {
  std::vector<const OpSpec*> all;
  for (auto rows : {sorting(), searching(), running(), factorizations(), orthogonal(), eigen(),
                    matrix_functions(), sequences(), sparse_products(), fourier(), observing()})
    for (const OpSpec& row : rows) all.push_back(&row);
  return all;
}

}  // namespace croton
