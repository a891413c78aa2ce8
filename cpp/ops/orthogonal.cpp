// Factorisations with orthogonal factors: QR, singular values, eigenvalues. Vectors that belong to equal
// values are free to turn, so they have no derivative of their own: gradients take them as fixed within their
// space, which is right for functions that do not depend on how they are turned there.
#include <cstring>

#include "graph/leaves.h"
#include "ops/lapack.h"
#include "ops/linalg_rows.h"
#include "ops/rows.h"

namespace croton {
namespace {

using namespace lapack;

Var t(const Var& x) { return swap_last_axes(x); }

// x / y, but 0 where y is 0.
Var quotient(const Var& x, const Var& y) { return where(not_equal(y, scalar_like(y, 0)), x / y, 0.0); }

Var times_columns(const Var& x, const Var& factors) { return x * expand_dims(factors, {factors.rank() - 1}); }
Var times_rows(const Var& x, const Var& factors) { return x * expand_dims(factors, {factors.rank()}); }

// v_j - v_i for element i, j.
Var gaps(const Var& values) {
  return expand_dims(values, {values.rank() - 1}) - expand_dims(values, {values.rank()});
}

Var columns(const Var& x, const Var& start, const Var& count) {
  return slice(x, x.rank() - 1, start, count, 1);
}
Var rows(const Var& x, const Var& count) { return slice(x, x.rank() - 2, make_int(0), count, 1); }

Var or_zeros(const Var& g, const Var& like) { return g ? g : zeros_like(like); }

[[noreturn]] void no_convergence() {
  throw LinAlgError("required finite elements for which the iteration converges, given others");
}

// ---- qr: Q, R; attrs: {complete}

template <class T>
void qr_routine(const HostCall& call) {
  const HostArray &q = call.results[0], &r = call.results[1];
  const lapack_int m = extent(call.inputs[0], 0), n = extent(call.inputs[0], 1), k = std::min(m, n),
                   width = extent(q, 1);
  T geqrf_size = 0, orgqr_size = 0;
  geqrf<T>(m, n, nullptr, leading(m), nullptr, &geqrf_size, -1);
  orgqr<T>(m, width, k, nullptr, leading(m), nullptr, &orgqr_size, -1);
  const lapack_int size = std::max(optimum(geqrf_size), optimum(orgqr_size));
  Workspace space(call);
  T* a = space.take<T>(work(m, std::max(n, width), 1));
  T* factors = space.take<T>(k);
  T* spare = space.take<T>(size);
  if (space.planned(4 * work(m, n, k)) || m == 0) return;
  transpose(call.inputs[0].as<T>(), m, n, a);
  geqrf<T>(m, n, a, leading(m), factors, spare, size);
  if (r.wanted)
    for (int64_t i = 0; i < r.shape[0]; ++i)
      for (int64_t j = 0; j < n; ++j) r.as<T>()[i * n + j] = i <= j ? a[j * m + i] : T{0};
  if (!q.wanted) return;
  orgqr<T>(m, width, k, a, leading(m), factors, spare, size);
  transpose(a, width, m, q.as<T>());
}

std::vector<ResultSpec> qr_results(Inputs x, const Attrs& attrs) {
  require_matrix("qr", x[0]);
  Var m = rows_of(x[0]), n = columns_of(x[0]), inner = attrs.ints[0] ? m : minimum(m, n);
  return {{x[0].dtype(), batch_of(x[0], {m, inner})}, {x[0].dtype(), batch_of(x[0], {inner, n})}};
}

// A wide A is [X Y] = Q [U V] with a square U; of a tall one, Y and V have no columns.
// Roberts and Roberts, QR and LQ decomposition matrix backpropagation (2020).
Grads qr_vjp(Inputs g, Inputs x, const Var& y) {
  Var m = rows_of(x[0]), n = columns_of(x[0]), k = minimum(m, n), none = make_int(0);
  Var q = columns(y, none, k), r = rows(output(y, 1), k), gq_all = or_zeros(g[0], y);
  Var gq = columns(gq_all, none, k), gr = rows(or_zeros(g[1], output(y, 1)), k);
  if (y->attrs.ints[0]) {  // the other columns of Q follow the first
    Var rest = columns(y, k, m - k), g_rest = columns(gq_all, k, m - k);
    gq = gq - matmul(rest, matmul(t(g_rest), q));
  }
  Var u = columns(r, none, k), gu = columns(gr, none, k), gv = columns(gr, k, n - k);
  gq = gq + matmul(columns(x[0], k, n - k), t(gv));
  Var inner = matmul(u, t(gu)) - matmul(t(gq), q);
  Var symmetric = lower_triangle(inner) + t(lower_triangle(inner, 1));
  Var right = gq + matmul(q, symmetric);
  Var gx = t(solve_triangular(u, t(right), {.lower = false}));
  return {concatenate({gx, matmul(q, gv)}, x[0].rank() - 1)};
}

// ---- svd: U, S, V^T; attrs: {full}

// The row-major A is seen as A^T = V S U^T, so that LAPACK's V^T and U^T are the row-major U and V^T.
template <class T>
void svd_routine(const HostCall& call) {
  const HostArray &u = call.results[0], &s = call.results[1], &v = call.results[2];
  const lapack_int m = extent(call.inputs[0], 0), n = extent(call.inputs[0], 1), k = std::min(m, n);
  const bool vectors = u.wanted || v.wanted;
  const char job = !vectors ? 'N' : call.attrs[0] ? 'A' : 'S';
  const lapack_int u_width = std::max<lapack_int>(extent(u, 1), 1);
  T size = 1;
  if (k) gesdd<T>(job, n, m, nullptr, n, nullptr, nullptr, n, nullptr, u_width, &size, -1, nullptr);
  Workspace space(call);
  T* a = space.take<T>(work(m, n, 1));
  T* other_u = space.take<T>(u.wanted || !vectors ? 0 : u.size());
  T* other_s = space.take<T>(s.wanted ? 0 : k);
  T* other_v = space.take<T>(v.wanted || !vectors ? 0 : v.size());
  T* spare = space.take<T>(optimum(size));
  auto* integers = space.take<lapack_int>(8 * k);
  if (space.planned((vectors ? 20 : 4) * work(m, n, k))) return;
  T *to_u = u.wanted ? u.as<T>() : other_u, *to_v = v.wanted ? v.as<T>() : other_v;
  if (k == 0) {  // what is not empty of U and V is an identity
    if (u.wanted) identity(to_u, static_cast<lapack_int>(u.shape[1]));
    if (v.wanted) identity(to_v, static_cast<lapack_int>(v.shape[0]));
    return;
  }
  std::memcpy(a, call.inputs[0].data, call.inputs[0].bytes());
  lapack_int trouble = gesdd<T>(job, n, m, a, n, s.wanted ? s.as<T>() : other_s, to_v, n, to_u, u_width,
                                spare, optimum(size), integers);
  if (trouble) no_convergence();
}

std::vector<ResultSpec> svd_results(Inputs x, const Attrs& attrs) {
  require_matrix("svd", x[0]);
  Var m = rows_of(x[0]), n = columns_of(x[0]), k = minimum(m, n);
  bool full = attrs.ints[0];
  return {{x[0].dtype(), batch_of(x[0], {m, full ? m : k})},
          {x[0].dtype(), batch_of(x[0], {k})},
          {x[0].dtype(), batch_of(x[0], {full ? n : k, n})}};
}

// The part of the gradient of orthonormal columns `w` that turns them out of their space; `all` are the
// columns of the whole factor, of which `w` are the first.
Var outwards(const Var& w, const Var& gw, const Var& all, const Var& g_all, bool full) {
  Var out = gw - matmul(w, matmul(t(w), gw));
  if (!full) return out;
  Var k = columns_of(w), count = columns_of(all) - k;
  return out - matmul(columns(all, k, count), matmul(t(columns(g_all, k, count)), w));
}

// How the vectors w turn within their space, from w^T gw.
Var turned(const Var& inner, const Var& gap) { return quotient(inner - t(inner), gap); }

Grads svd_vjp(Inputs g, Inputs x, const Var& y) {
  bool full = y->attrs.ints[0];
  Var s = output(y, 1), vt = output(y, 2), k = minimum(rows_of(x[0]), columns_of(x[0])), none = make_int(0);
  Var all_v = t(vt), u = columns(y, none, k), v = columns(all_v, none, k);
  Var middle = g[1] ? diagonal_matrix(g[1]) : Var(), gap = gaps(square(s)),
      divisor = expand_dims(s, {s.rank() - 1});
  auto add = [](Var& total, const Var& term) { total = total ? total + term : term; };
  Var outer;
  if (g[0]) {
    Var gu = columns(g[0], none, k);
    add(middle, times_columns(turned(matmul(t(u), gu), gap), s));
    add(outer, matmul(quotient(outwards(u, gu, y, g[0], full), divisor), t(v)));
  }
  if (g[2]) {
    Var gv_all = t(g[2]), gv = columns(gv_all, none, k);
    add(middle, times_rows(turned(matmul(t(v), gv), gap), s));
    add(outer, matmul(u, t(quotient(outwards(v, gv, all_v, gv_all, full), divisor))));
  }
  Var total = matmul(matmul(u, middle), t(v));
  return {outer ? total + outer : total};
}

// ---- eigh: values, vectors; attrs: {lower}

template <class T>
void eigh_routine(const HostCall& call) {
  const HostArray &values = call.results[0], &vectors = call.results[1];
  const lapack_int n = extent(call.inputs[0], 0);
  const char job = vectors.wanted ? 'V' : 'N', half = call.attrs[0] ? 'U' : 'L';  // of the transpose
  T size = 1;
  lapack_int integer_size = 1;
  syevd<T>(job, half, n, nullptr, leading(n), nullptr, &size, -1, &integer_size, -1);
  Workspace space(call);
  T* a = space.take<T>(work(n, n, 1));
  T* other = space.take<T>(values.wanted ? 0 : n);
  T* spare = space.take<T>(optimum(size));
  auto* integers = space.take<lapack_int>(std::max<lapack_int>(integer_size, 1));
  if (space.planned((vectors.wanted ? 10 : 2) * work(n, n, n)) || n == 0) return;
  std::memcpy(a, call.inputs[0].data, call.inputs[0].bytes());
  T* w = values.wanted ? values.as<T>() : other;
  if (syevd<T>(job, half, n, a, leading(n), w, spare, optimum(size), integers, integer_size))
    no_convergence();
  if (vectors.wanted) transpose(a, n, n, vectors.as<T>());
}

std::vector<ResultSpec> eigh_results(Inputs x, const Attrs&) {
  require_square("eigh", x[0]);
  Var n = rows_of(x[0]);
  return {{x[0].dtype(), batch_of(x[0], {n})}, {x[0].dtype(), batch_of(x[0], {n, n})}};
}

// Only one triangle of A is read.
Grads eigh_vjp(Inputs g, Inputs, const Var& y) {
  Var v = output(y, 1), middle = g[0] ? diagonal_matrix(g[0]) : Var();
  if (g[1]) {
    Var turns = quotient(matmul(t(v), g[1]), gaps(y));
    middle = middle ? middle + turns : turns;
  }
  Var s = matmul(matmul(v, middle), t(v)), both = s + t(s);
  bool lower = y->attrs.ints[0];
  return {(lower ? lower_triangle(both) : upper_triangle(both)) - diagonal_matrix(diagonal(s))};
}

// ---- eig: values, vectors of a matrix all of whose eigenvalues are real

template <class T>
void eig_routine(const HostCall& call) {
  const HostArray &values = call.results[0], &vectors = call.results[1];
  const lapack_int n = extent(call.inputs[0], 0);
  const char job = vectors.wanted ? 'V' : 'N';
  T size = 1;
  geev<T>('N', job, n, nullptr, leading(n), nullptr, nullptr, nullptr, leading(n), nullptr, leading(n), &size,
          -1);
  Workspace space(call);
  T* a = space.take<T>(work(n, n, 1));
  T* real = space.take<T>(n);
  T* imaginary = space.take<T>(n);
  T* right = space.take<T>(vectors.wanted ? work(n, n, 1) : 0);
  T* spare = space.take<T>(optimum(size));
  if (space.planned(25 * work(n, n, n)) || n == 0) return;
  transpose(call.inputs[0].as<T>(), n, n, a);
  if (!std::all_of(a, a + work(n, n, 1), [](T x) { return x - x == 0; })) no_convergence();
  if (geev<T>('N', job, n, a, leading(n), real, imaginary, nullptr, leading(n), right, leading(n), spare,
              optimum(size)))
    no_convergence();
  if (std::any_of(imaginary, imaginary + n, [](T x) { return x != 0; }))
    throw LinAlgError("required a matrix with real eigenvalues, given one with complex ones");
  if (values.wanted) std::copy(real, real + n, values.as<T>());
  if (vectors.wanted) transpose(right, n, n, vectors.as<T>());
}

std::vector<ResultSpec> eig_results(Inputs x, const Attrs&) {
  require_square("eig", x[0]);
  Var n = rows_of(x[0]);
  return {{x[0].dtype(), batch_of(x[0], {n})}, {x[0].dtype(), batch_of(x[0], {n, n})}};
}

// The vectors have length 1: what would make them longer has no part in the derivative.
Grads eig_vjp(Inputs g, Inputs, const Var& y) {
  Var v = output(y, 1), middle = g[0] ? diagonal_matrix(g[0]) : Var();
  if (g[1]) {
    Var inner = matmul(t(v), g[1]);
    Var turns = quotient(inner - times_columns(matmul(t(v), v), diagonal(inner)), gaps(y));
    middle = middle ? middle + turns : turns;
  }
  return {solve(v, matmul(middle, t(v)), true)};
}

const OpSpec table[] = {
    {.name = "qr",
     .doc = "Q with orthonormal columns and an upper triangular R whose product is x.",
     .kind = OpKind::Library,
     .arity = 1,
     .results = qr_results,
     .routine = by_type<qr_routine<float>, qr_routine<double>>,
     .item_rank = 2,
     .results_vjp = qr_vjp},
    {.name = "svd",
     .doc = "Left singular vectors, singular values from the largest, and transposed right vectors of x.",
     .kind = OpKind::Library,
     .arity = 1,
     .results = svd_results,
     .routine = by_type<svd_routine<float>, svd_routine<double>>,
     .item_rank = 2,
     .results_vjp = svd_vjp},
    {.name = "eigh",
     .doc = "Eigenvalues from the smallest, and eigenvectors, of a symmetric x given by one triangle.",
     .kind = OpKind::Library,
     .arity = 1,
     .results = eigh_results,
     .routine = by_type<eigh_routine<float>, eigh_routine<double>>,
     .item_rank = 2,
     .equal_sizes = square_sizes,
     .results_vjp = eigh_vjp},
    {.name = "eig",
     .doc = "Eigenvalues and eigenvectors of an x that has real ones only.",
     .kind = OpKind::Library,
     .arity = 1,
     .results = eig_results,
     .routine = by_type<eig_routine<float>, eig_routine<double>>,
     .item_rank = 2,
     .equal_sizes = square_sizes,
     .results_vjp = eig_vjp},
};

}  // namespace

std::span<const OpSpec> rows::orthogonal() { return table; }

}  // namespace croton
