// Factorisations of matrices and the solutions made of them: Cholesky, LU, QR.
#include <cmath>
#include <cstring>
#include <limits>

#include "graph/leaves.h"
#include "ops/lapack.h"
#include "ops/linalg_rows.h"
#include "ops/rows.h"

namespace croton {
namespace {

using namespace lapack;

// ---- cholesky; attrs: {NaN instead of an error}

template <class T>
void cholesky_routine(const HostCall& call) {
  const lapack_int n = extent(call.inputs[0], 0);
  if (Workspace(call).planned(work(n, n, n) / 3)) return;
  T* l = call.results[0].as<T>();
  std::memcpy(l, call.inputs[0].data, call.results[0].bytes());
  lapack_int trouble = potrf<T>('U', n, l, leading(n));  // the upper triangle of the transpose
  if (trouble && call.attrs[0]) return std::fill(l, l + call.results[0].size(), T(NAN));
  if (trouble)
    throw LinAlgError("required a positive definite matrix, given one whose first " +
                      std::to_string(trouble) + " rows and columns are not");
  for (int64_t i = 0; i < n; ++i) std::fill(l + i * n + i + 1, l + (i + 1) * n, T{0});
}

std::vector<ResultSpec> cholesky_results(Inputs x, const Attrs&) {
  require_square("cholesky", x[0]);
  return {{x[0].dtype(), shape_of(x[0])}};
}

// Murray, Differentiation of the Cholesky decomposition (2016), eq. 9. Only the lower triangle of A is read,
// and only the real parts of its diagonal.
Grads cholesky_vjp(Inputs g, Inputs, const Var& l) {
  Var product = matmul(conj(swap_last_axes(l)), lower_triangle(g[0]));
  Var ends = diagonal(product);
  Var half = lower_triangle(product) - diagonal_matrix(ends - 0.5 * real(ends));
  Var right = swap_last_axes(solve_triangular(l, swap_last_axes(half), {.transposed = true}));
  Var s = conj(solve_triangular(l, conj(right), {.transposed = true}));
  return {lower_triangle(s + conj(swap_last_axes(s))) - diagonal_matrix(real(diagonal(s)))};
}

// ---- solve_triangular; attrs: {lower, transposed, unit}

template <class T>
void check_diagonal(const T* a, int64_t n) {
  for (int64_t i = 0; i < n; ++i)
    if (a[i * n + i] == T{0}) throw LinAlgError("required an invertible matrix, given a singular one");
}

template <class T>
void triangular_routine(const HostCall& call) {
  const lapack_int n = extent(call.inputs[0], 0), k = extent(call.inputs[1], 1);
  if (Workspace(call).planned(work(n, n, k))) return;
  const T* a = call.inputs[0].as<T>();
  T* x = call.results[0].as<T>();
  std::memcpy(x, call.inputs[1].data, call.results[0].bytes());
  if (!call.attrs[2]) check_diagonal(a, n);
  solve_rows(call.attrs[0] ? CblasLower : CblasUpper, call.attrs[1] ? CblasTrans : CblasNoTrans,
             call.attrs[2] ? CblasUnit : CblasNonUnit, n, k, a, x);
}

void require_right_side(const OpName& op, const Var& a, const Var& b) {
  require_square(op, a);
  require_matrix(op, b);
}

std::vector<ResultSpec> triangular_results(Inputs x, const Attrs&) {
  require_right_side("solve_triangular", x[0], x[1]);
  return {{x[1].dtype(), shape_of(x[1])}};
}

std::vector<std::pair<Var, Var>> triangular_sizes(Inputs x) {
  return {{rows_of(x[0]), columns_of(x[0])}, {rows_of(x[0]), rows_of(x[1])}};
}

Grads triangular_vjp(Inputs g, Inputs x, const Var& y) {
  const std::vector<int64_t>& attrs = y->attrs.ints;
  bool lower = attrs[0], transposed = attrs[1], unit = attrs[2];
  Var gb = solve_triangular(x[0], g[0], {lower, !transposed, unit});
  Var ga = transposed ? matmul(y, swap_last_axes(gb)) : matmul(gb, swap_last_axes(y));
  return {-(lower ? lower_triangle(ga, unit) : upper_triangle(ga, unit)), gb};
}

// ---- lu: both factors in one matrix, the rows exchanged at each step, the order of the rows of A

template <class T>
void lu_routine(const HostCall& call) {
  const lapack_int m = extent(call.inputs[0], 0), n = extent(call.inputs[0], 1), k = std::min(m, n);
  Workspace space(call);
  T* a = space.take<T>(work(m, n, 1));
  auto* pivots = space.take<lapack_int>(k);
  auto* order = space.take<int64_t>(m);
  if (space.planned(work(m, n, k))) return;
  transpose(call.inputs[0].as<T>(), m, n, a);
  if (k) getrf<T>(m, n, a, leading(m), pivots);  // singular matrices have factors, too
  for (int64_t i = 0; i < m; ++i) order[i] = i;
  for (int64_t i = 0; i < k; ++i) std::swap(order[i], order[pivots[i] - 1]);
  const HostArray &factors = call.results[0], &exchanged = call.results[1], &rows = call.results[2];
  if (factors.wanted) transpose(a, n, m, factors.as<T>());
  if (exchanged.wanted)
    for (int64_t i = 0; i < k; ++i) exchanged.as<int64_t>()[i] = pivots[i] - 1;
  if (rows.wanted) std::copy(order, order + m, rows.as<int64_t>());
}

std::vector<ResultSpec> lu_results(Inputs x, const Attrs&) {
  require_matrix("lu", x[0]);
  Var least = minimum(rows_of(x[0]), columns_of(x[0]));
  return {{x[0].dtype(), shape_of(x[0])},
          {DType::Int64, batch_of(x[0], {least})},
          {DType::Int64, batch_of(x[0], {rows_of(x[0])})}};
}

// Both factors made square by ones on the rest of their diagonals.
std::pair<Var, Var> square_factors(const Var& lu, const Var& k) {
  Var m = rows_of(lu), n = columns_of(lu), none = make_int(0);
  int row = lu.rank() - 2, column = lu.rank() - 1;
  Var l = concatenate({slice(lu, column, none, k, 1), zeros(batch_of(lu, {m, m - k}), lu.dtype())}, column);
  Var u = concatenate({slice(lu, row, none, k, 1), zeros(batch_of(lu, {n - k, n}), lu.dtype())}, row);
  Var beyond = cast(iota({n}, 0) >= k, lu.dtype()), eye = identity_matrix(n, lu.dtype());
  return {lower_triangle(l, 1) + identity_matrix(m, lu.dtype()), upper_triangle(u) + eye * beyond};
}

// dL = L tril(X), dU = triu(X) U with X = L^-1 dA[order] U^-1.
Grads lu_vjp(Inputs g, Inputs, const Var& y) {
  if (!g[0]) return {Var()};
  auto [l, u] = square_factors(y, minimum(rows_of(y), columns_of(y)));
  Var inner =
      lower_triangle(matmul(swap_last_axes(l), g[0]), 1) + upper_triangle(matmul(g[0], swap_last_axes(u)));
  Var left = solve_triangular(l, inner, {.transposed = true, .unit = true});
  Var turned = solve_triangular(u, swap_last_axes(left), {.lower = false});  // (dA[order])^T
  Var place = apply_all("sort", {output(y, 2)})[1];
  Var index = broadcast_to(expand_dims(place, {y.rank() - 2}), shape_of(turned));
  return {swap_last_axes(take_along_last(turned, index))};
}

// ---- solve: inputs A, its factors, the order of its rows, B; attrs: {transposed}

template <class T>
void solve_routine(const HostCall& call) {
  const lapack_int n = extent(call.inputs[0], 0), k = extent(call.inputs[3], 1);
  const bool transposed = call.attrs[0];
  Workspace space(call);
  T* y = space.take<T>(transposed ? work(n, k, 1) : 0);
  if (space.planned(2 * work(n, n, k))) return;
  const T *lu = call.inputs[1].as<T>(), *b = call.inputs[3].as<T>();
  const int64_t* order = call.inputs[2].as<int64_t>();
  T* x = call.results[0].as<T>();
  check_diagonal(lu, n);
  auto triangle = [&](CBLAS_UPLO half, CBLAS_TRANSPOSE form, CBLAS_DIAG diagonal, T* side) {
    solve_rows(half, form, diagonal, n, k, lu, side);
  };
  if (!transposed) {
    for (int64_t i = 0; i < n; ++i) std::copy(b + order[i] * k, b + (order[i] + 1) * k, x + i * k);
    triangle(CblasLower, CblasNoTrans, CblasUnit, x);
    return triangle(CblasUpper, CblasNoTrans, CblasNonUnit, x);
  }
  std::copy(b, b + work(n, k, 1), y);
  triangle(CblasUpper, CblasTrans, CblasNonUnit, y);
  triangle(CblasLower, CblasTrans, CblasUnit, y);
  for (int64_t i = 0; i < n; ++i) std::copy(y + i * k, y + (i + 1) * k, x + order[i] * k);
}

std::vector<ResultSpec> solve_results(Inputs x, const Attrs&) {
  require_right_side("solve", x[0], x[3]);
  return {{x[3].dtype(), shape_of(x[3])}};
}

std::vector<std::pair<Var, Var>> solve_sizes(Inputs x) {
  return {{rows_of(x[0]), columns_of(x[0])}, {rows_of(x[0]), rows_of(x[3])}};
}

Grads solve_vjp(Inputs g, Inputs x, const Var& y) {
  bool transposed = y->attrs.ints[0];
  Var gb = solve(x[0], g[0], !transposed);
  Var ga = transposed ? matmul(y, swap_last_axes(gb)) : matmul(gb, swap_last_axes(y));
  return {-ga, Var(), Var(), gb};
}

const OpSpec table[] = {
    {.name = "cholesky",
     .doc = "The lower triangular L with x = L L^T (conjugated, of complex x), from the lower triangle of x.",
     .kind = OpKind::Library,
     .arity = 1,
     .results = cholesky_results,
     .routine = CROTON_BY_TYPE(cholesky_routine),
     .item_rank = 2,
     .equal_sizes = square_sizes,
     .results_vjp = cholesky_vjp,
     .holomorphic = false},
    {.name = "solve_triangular",
     .doc = "The solution of x z = y for a triangular x.",
     .kind = OpKind::Library,
     .arity = 2,
     .results = triangular_results,
     .routine = CROTON_BY_TYPE(triangular_routine),
     .item_rank = 2,
     .equal_sizes = triangular_sizes,
     .results_vjp = triangular_vjp},
    {.name = "lu",
     .doc = "L and U of x[order] = L U in one matrix, the row exchanged with each, and the order of rows.",
     .kind = OpKind::Library,
     .arity = 1,
     .results = lu_results,
     .routine = CROTON_BY_TYPE(lu_routine),
     .item_rank = 2,
     .results_vjp = lu_vjp},
    {.name = "solve",
     .doc = "The solution of a linear system, by the factors of its matrix.",
     .kind = OpKind::Library,
     .arity = 4,
     .results = solve_results,
     .routine = CROTON_BY_TYPE(solve_routine),
     .item_rank = 2,
     .equal_sizes = solve_sizes,
     .results_vjp = solve_vjp},
};

}  // namespace

std::span<const OpSpec> rows::factorizations() { return table; }

Var cholesky(const Var& a) { return apply_all("cholesky", {as_matrix(a)}, {0})[0]; }

Var solve_triangular(const Var& a, const Var& b, Triangle triangle) {
  auto [x, y] = common_batch(a, b);
  return apply_all("solve_triangular", {x, y}, {triangle.lower, triangle.transposed, triangle.unit})[0];
}

Var solve(const Var& a, const Var& b, bool transposed) {
  auto [x, y] = common_batch(a, b);
  std::vector<Var> factors = apply_all("lu", {x});
  return apply_all("solve", {x, factors[0], factors[2], y}, {transposed})[0];
}

}  // namespace croton
