// Factorisations with orthogonal or unitary factors: QR and singular values. Vectors that belong to equal
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

Var columns(const Var& x, const Var& start, const Var& count) {
  return slice(x, x.rank() - 1, start, count, 1);
}
Var rows(const Var& x, const Var& count) { return slice(x, x.rank() - 2, make_int(0), count, 1); }

Var or_zeros(const Var& g, const Var& like) { return g ? g : zeros_like(like); }

// ---- qr: Q, R; attrs: {complete}

template <class T>
void qr_routine(const HostCall& call) {
  const HostArray &q = call.results[0], &r = call.results[1];
  const lapack_int m = extent(call.inputs[0], 0), n = extent(call.inputs[0], 1), k = std::min(m, n),
                   width = extent(q, 1);
  T geqrf_size{}, orgqr_size{};
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
// Roberts and Roberts, QR and LQ decomposition matrix backpropagation (2020); the diagonal of R is real, as
// LAPACK makes it, so that complex factors are as unique as real ones.
Grads qr_vjp(Inputs g, Inputs x, const Var& y) {
  Var m = rows_of(x[0]), n = columns_of(x[0]), k = minimum(m, n), none = make_int(0);
  Var q = columns(y, none, k), r = rows(output(y, 1), k), gq_all = or_zeros(g[0], y);
  Var gq = columns(gq_all, none, k), gr = rows(or_zeros(g[1], output(y, 1)), k);
  if (y->attrs.ints[0]) {  // the other columns of Q follow the first
    Var rest = columns(y, k, m - k), g_rest = columns(gq_all, k, m - k);
    gq = gq - matmul(rest, matmul(adjoint(g_rest), q));
  }
  Var u = columns(r, none, k), gu = columns(gr, none, k), gv = columns(gr, k, n - k);
  gq = gq + matmul(columns(x[0], k, n - k), adjoint(gv));
  Var inner = matmul(u, adjoint(gu)) - matmul(adjoint(gq), q), below = lower_triangle(inner, 1);
  Var right = gq + matmul(q, below + adjoint(below) + diagonal_matrix(real(diagonal(inner))));
  Var gx = adjoint(solve_triangular(u, adjoint(right), {.lower = false}));
  return {concatenate({gx, matmul(q, gv)}, x[0].rank() - 1)};
}

// ---- svd: U, S, V^H; attrs: {full}

// The row-major A is seen as A^T, so that LAPACK's left and right factors are the row-major V^H and U.
template <class T>
void svd_routine(const HostCall& call) {
  const HostArray &u = call.results[0], &s = call.results[1], &v = call.results[2];
  const lapack_int m = extent(call.inputs[0], 0), n = extent(call.inputs[0], 1), k = std::min(m, n);
  const bool vectors = u.wanted || v.wanted;
  const char job = !vectors ? 'N' : call.attrs[0] ? 'A' : 'S';
  const lapack_int u_width = std::max<lapack_int>(extent(u, 1), 1);
  T size = 1;
  if (k) svd<T>(job, n, m, nullptr, nullptr, nullptr, nullptr, u_width, &size, -1, nullptr, nullptr);
  Workspace space(call);
  T* a = space.take<T>(work(m, n, 1));
  T* other_u = space.take<T>(u.wanted || !vectors ? 0 : u.size());
  auto* other_s = space.take<Real<T>>(s.wanted ? 0 : k);
  T* other_v = space.take<T>(v.wanted || !vectors ? 0 : v.size());
  T* spare = space.take<T>(optimum(size));
  auto* reals = space.take<Real<T>>(svd_reals<T>(vectors, m, n));
  auto* integers = space.take<lapack_int>(8 * k);
  if (space.planned((vectors ? 20 : 4) * work(m, n, k))) return;
  T *to_u = u.wanted ? u.as<T>() : other_u, *to_v = v.wanted ? v.as<T>() : other_v;
  if (k == 0) {  // what is not empty of U and V is an identity
    if (u.wanted) identity(to_u, static_cast<lapack_int>(u.shape[1]));
    if (v.wanted) identity(to_v, static_cast<lapack_int>(v.shape[0]));
    return;
  }
  std::memcpy(a, call.inputs[0].data, call.inputs[0].bytes());
  require_finite(a, work(m, n, 1));
  auto* to_s = s.wanted ? s.as<Real<T>>() : other_s;
  if (svd<T>(job, n, m, a, to_s, to_v, to_u, u_width, spare, optimum(size), reals, integers))
    no_convergence();
}

std::vector<ResultSpec> svd_results(Inputs x, const Attrs& attrs) {
  require_matrix("svd", x[0]);
  Var m = rows_of(x[0]), n = columns_of(x[0]), k = minimum(m, n);
  bool full = attrs.ints[0];
  return {{x[0].dtype(), batch_of(x[0], {m, full ? m : k})},
          {real_type(x[0].dtype()), batch_of(x[0], {k})},
          {x[0].dtype(), batch_of(x[0], {full ? n : k, n})}};
}

// The part of the gradient of orthonormal columns `w` that turns them out of their space; `all` are the
// columns of the whole factor, of which `w` are the first.
Var outwards(const Var& w, const Var& gw, const Var& all, const Var& g_all, bool full) {
  Var out = gw - matmul(w, matmul(adjoint(w), gw));
  if (!full) return out;
  Var k = columns_of(w), count = columns_of(all) - k;
  return out - matmul(columns(all, k, count), matmul(adjoint(columns(g_all, k, count)), w));
}

// What `inner` = w^H gw says of A by turns of the vectors w among each other.
Var turned(const Var& inner, const Var& gap) { return quotient(inner - adjoint(inner), gap); }

// Townsend, Differentiating the singular value decomposition (2016); Wan and Zhang, Automatic differentiation
// for complex valued SVD (2019). u_k and v_k may turn together by any phase: `phase`, of the turns against
// each other, is right for functions that do not depend on that.
Grads svd_vjp(Inputs g, Inputs x, const Var& y) {
  bool full = y->attrs.ints[0];
  Var s = output(y, 1), k = minimum(rows_of(x[0]), columns_of(x[0])), none = make_int(0);
  Var all_v = adjoint(output(y, 2)), u = columns(y, none, k), v = columns(all_v, none, k);
  Var middle = g[1] ? diagonal_matrix(g[1]) : Var(), gap = gaps(square(s)),
      divisor = expand_dims(s, {s.rank() - 1});
  auto add = [](Var& total, const Var& term) { total = total ? total + term : term; };
  Var outer, phase;
  if (g[0]) {
    Var gu = columns(g[0], none, k), inner = matmul(adjoint(u), gu);
    add(middle, times_columns(turned(inner, gap), s));
    add(phase, imag(diagonal(inner)));
    add(outer, matmul(quotient(outwards(u, gu, y, g[0], full), divisor), adjoint(v)));
  }
  if (g[2]) {
    Var gv_all = adjoint(g[2]), gv = columns(gv_all, none, k), inner = matmul(adjoint(v), gv);
    add(middle, times_rows(turned(inner, gap), s));
    add(phase, -imag(diagonal(inner)));
    add(outer, matmul(u, adjoint(quotient(outwards(v, gv, all_v, gv_all, full), divisor))));
  }
  if (phase && is_complex(y.dtype()))
    add(middle, diagonal_matrix(complex(zeros_like(s), quotient(phase, 2.0 * s))));
  Var total = matmul(matmul(u, middle), adjoint(v));
  return {outer ? total + outer : total};
}

const OpSpec table[] = {
    {.name = "qr",
     .doc = "Q with orthonormal columns and an upper triangular R whose product is x.",
     .kind = OpKind::Library,
     .arity = 1,
     .results = qr_results,
     .routine = CROTON_BY_TYPE(qr_routine),
     .item_rank = 2,
     .results_vjp = qr_vjp,
     .holomorphic = false},
    {.name = "svd",
     .doc = "Left singular vectors, singular values from the largest, and (conjugate) transposed right ones.",
     .kind = OpKind::Library,
     .arity = 1,
     .results = svd_results,
     .routine = CROTON_BY_TYPE(svd_routine),
     .item_rank = 2,
     .results_vjp = svd_vjp,
     .holomorphic = false},
};

}  // namespace

std::span<const OpSpec> rows::orthogonal() { return table; }

}  // namespace croton
