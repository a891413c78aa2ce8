// Functions of matrices: determinants, the pseudo-inverse, the exponential.
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

Var t(const Var& x) { return swap_last_axes(x); }
Var over_matrices(const Var& g) { return expand_dims(g, {g.rank(), g.rank() + 1}); }

// ---- det, log_abs_det: composites

template <const char* op, bool holds_phase>
Type scalar_type(Inputs x, const Attrs&) {
  require_square(op, x[0]);
  Type type = x[0].type();
  type.dims.resize(type.dims.size() - 2);
  if (!holds_phase) type.dtype = real_type(type.dtype);
  return type;
}
std::vector<Var> scalar_shape(Inputs x, const Attrs&, const Type&) { return batch_of(x[0], {}); }

// 1 or -1 for each matrix: whether an even number of rows were exchanged.
Var parity(const Var& pivots) {
  Var kept = equal(pivots, iota({dim(pivots, pivots.rank() - 1)}, 0));
  return prod(where(kept, make_int(1), make_int(-1)), {pivots.rank() - 1});
}

Var expand_det(Inputs x, const Attrs&) {
  std::vector<Var> lu = apply_all("lu", {x[0]});
  return cast(parity(lu[1]), x[0].dtype()) * prod(diagonal(lu[0]), {x[0].rank() - 2});
}

Var expand_log_abs_det(Inputs x, const Attrs&) {
  return sum(log(abs(diagonal(apply_all("lu", {x[0]})[0]))), {x[0].rank() - 2});
}

Var transposed_inverse(const Var& x) { return solve(x, identity_matrix(rows_of(x), x.dtype()), true); }

Grads det_vjp(const Var& g, Inputs x, const Var&) { return {over_matrices(g) * cofactor(x[0])}; }
Grads log_abs_det_vjp(const Var& g, Inputs x, const Var&) {
  return {over_matrices(g) * conj(transposed_inverse(x[0]))};
}

// ---- cofactor: det(A) inv(A)^T, or by singular values where A has no good inverse

// The determinant over its size: 1 or -1 for real matrices.
template <class T>
T phase_of_factors(const T* lu, const lapack_int* pivots, lapack_int n) {
  T phase = 1;
  for (int64_t i = 0; i < n; ++i) {
    const T pivot = lu[i * n + i];
    if (pivot != T{0}) phase *= pivot / std::abs(pivot);
    if (pivots[i] != i + 1) phase = -phase;
  }
  return phase;
}

template <class T>
struct CofactorSpace {
  lapack_int n, size;
  T *a, *copy, *u, *vt, *spare;
  Real<T>*s, *reals;
  lapack_int *pivots, *integers;

  CofactorSpace(const HostCall& call, Workspace& space) : n(extent(call.inputs[0], 0)) {
    T wanted{};
    svd<T>('A', n, n, nullptr, nullptr, nullptr, nullptr, leading(n), &wanted, -1, nullptr, nullptr);
    size = std::max<lapack_int>(optimum(wanted), 64 * leading(n));
    for (T** part : {&a, &copy, &u, &vt}) *part = space.take<T>(work(n, n, 1));
    s = space.take<Real<T>>(n);
    spare = space.take<T>(size);
    reals = space.take<Real<T>>(std::max<int64_t>(svd_reals<T>(true, n, n), 2 * n));
    pivots = space.take<lapack_int>(n);
    integers = space.take<lapack_int>(8 * leading(n));
  }
};

// How well the matrix of these factors, of this norm, can be inverted: 1 at best, 0 at worst.
template <class T>
Real<T> reciprocal_condition(const CofactorSpace<T>& w, Real<T> norm) {
  Real<T> answer = 0;
  if constexpr (is_complex_number<T>)
    gecon<T>('1', w.n, w.a, w.n, norm, &answer, w.spare, w.reals);
  else
    gecon<T>('1', w.n, w.a, w.n, norm, &answer, w.spare, w.integers);
  return answer;
}

// By the inverse, into `to`; false if it would not be exact to most digits.
template <class T>
bool cofactor_by_inverse(const CofactorSpace<T>& w, const T* x, T* to) {
  const lapack_int n = w.n;
  std::memcpy(w.a, x, work(n, n, sizeof(T)));
  Real<T> norm = 0;
  for (int64_t j = 0; j < n; ++j) {
    Real<T> column = 0;
    for (int64_t i = 0; i < n; ++i) column += std::abs(w.a[j * n + i]);
    norm = std::max(norm, column);
  }
  if (getrf<T>(n, n, w.a, n, w.pivots)) return false;
  if (!(reciprocal_condition(w, norm) > std::pow(std::numeric_limits<Real<T>>::epsilon(), Real<T>{0.25})))
    return false;
  T det = phase_of_factors(w.a, w.pivots, n);
  for (int64_t i = 0; i < n; ++i) det *= std::abs(w.a[i * n + i]);
  getri<T>(n, w.a, n, w.pivots, w.spare, w.size);
  transpose(w.a, n, n, to);
  for (int64_t i = 0; i < work(n, n, 1); ++i) to[i] *= det;
  return true;
}

// The cofactors of U S V^H are det(U) det(V^H) conj(U) C conj(V^H) with C_i the product of all s but s_i.
template <class T>
void cofactor_by_values(const CofactorSpace<T>& w, const T* x, T* to) {
  const lapack_int n = w.n;
  std::memcpy(w.a, x, work(n, n, sizeof(T)));
  if (svd<T>('A', n, n, w.a, w.s, w.u, w.vt, n, w.spare, w.size, w.reals, w.integers))
    return std::fill(to, to + work(n, n, 1), T{std::numeric_limits<Real<T>>::quiet_NaN()});
  T phase = 1;
  for (T* factor : {w.u, w.vt}) {
    std::memcpy(w.copy, factor, work(n, n, sizeof(T)));
    getrf<T>(n, n, w.copy, n, w.pivots);
    phase *= phase_of_factors(w.copy, w.pivots, n);
    conjugate(factor, work(n, n, 1));
  }
  for (int64_t j = 0; j < n; ++j) {
    T others = phase;
    for (int64_t k = 0; k < n; ++k)
      if (k != j) others *= w.s[k];
    for (int64_t i = 0; i < n; ++i) w.u[j * n + i] *= others;
  }
  multiply(n, w.u, w.vt, to);
}

template <class T>
void cofactor_routine(const HostCall& call) {
  Workspace space(call);
  CofactorSpace<T> w(call, space);
  if (space.planned(10 * work(w.n, w.n, w.n)) || w.n == 0) return;
  const T* x = call.inputs[0].as<T>();
  T* to = call.results[0].as<T>();
  if (!cofactor_by_inverse(w, x, to)) cofactor_by_values(w, x, to);
}

template <const char* op>
std::vector<ResultSpec> square_results(Inputs x, const Attrs&) {
  require_square(op, x[0]);
  return {{x[0].dtype(), shape_of(x[0])}};
}

// Of det(A) inv(A)^T, for a matrix that has an inverse.
Grads cofactor_vjp(Inputs g, Inputs x, const Var& y) {
  Var inverse = transposed_inverse(x[0]), total = sum(g[0] * y, {y.rank() - 2, y.rank() - 1}, true);
  return {total * inverse - matmul(y, matmul(t(g[0]), inverse))};
}

// ---- expm: scaling and squaring with the Padé approximant of degree 13; Higham (2005), algorithm 2.3

constexpr double pade[] = {64764752532480000.,
                           32382376266240000.,
                           7771770303897600.,
                           1187353796428800.,
                           129060195264000.,
                           10559470521600.,
                           670442572800.,
                           33522128640.,
                           1323241920.,
                           40840800.,
                           960960.,
                           16380.,
                           182.,
                           1.};
constexpr double pade_radius = 5.371920351148152;

template <class T>
struct ExpmSpace {
  int64_t n, size;
  T *a, *a2, *a4, *a6, *u, *v, *sum;
  lapack_int* pivots;

  ExpmSpace(const HostCall& call, Workspace& space) : n(extent(call.inputs[0], 0)), size(n * n) {
    for (T** part : {&a, &a2, &a4, &a6, &u, &v, &sum}) *part = space.take<T>(size);
    pivots = space.take<lapack_int>(n);
  }
  void multiply(const T* x, const T* y, T* to) const {
    lapack::multiply(static_cast<lapack_int>(n), x, y, to);
  }
  // to = a6 (c[6] a6 + c[4] a4 + c[2] a2) + b[6] a6 + b[4] a4 + b[2] a2 + b[0], for every second coefficient.
  void half(int first, T* to) const {
    auto c = [&](int k) { return static_cast<Real<T>>(pade[first + k]); };
    for (int64_t i = 0; i < size; ++i) sum[i] = c(12) * a6[i] + c(10) * a4[i] + c(8) * a2[i];
    multiply(a6, sum, to);
    for (int64_t i = 0; i < size; ++i) to[i] += c(6) * a6[i] + c(4) * a4[i] + c(2) * a2[i];
    for (int64_t i = 0; i < n; ++i) to[i * n + i] += c(0);
  }
};

// The largest sum of absolute values in a row.
template <class T>
Real<T> row_norm(const T* a, int64_t n) {
  Real<T> norm = 0;
  for (int64_t i = 0; i < n; ++i) {
    Real<T> row = 0;
    for (int64_t j = 0; j < n; ++j) row += std::abs(a[i * n + j]);
    if (!(row <= norm)) norm = row;  // NaN stays
  }
  return norm;
}

template <class T>
void expm_routine(const HostCall& call) {
  Workspace space(call);
  ExpmSpace<T> w(call, space);
  if (space.planned(20 * work(w.n, w.n, w.n)) || w.n == 0) return;
  const T* x = call.inputs[0].as<T>();  // seen as its transpose, like the result
  T* to = call.results[0].as<T>();
  const Real<T> norm = row_norm(x, w.n);
  if (!std::isfinite(norm)) return std::fill(to, to + w.size, T{std::numeric_limits<Real<T>>::quiet_NaN()});
  const int squarings = norm > pade_radius ? std::ilogb(norm / pade_radius) + 1 : 0;
  const Real<T> scale = std::ldexp(Real<T>{1}, -squarings);
  for (int64_t i = 0; i < w.size; ++i) w.a[i] = x[i] * scale;
  w.multiply(w.a, w.a, w.a2);
  w.multiply(w.a2, w.a2, w.a4);
  w.multiply(w.a4, w.a2, w.a6);
  w.half(1, w.v);
  w.multiply(w.a, w.v, w.u);
  w.half(0, w.v);
  for (int64_t i = 0; i < w.size; ++i) {
    to[i] = w.v[i] + w.u[i];
    w.a[i] = w.v[i] - w.u[i];
  }
  const lapack_int n = static_cast<lapack_int>(w.n);
  getrf<T>(n, n, w.a, n, w.pivots);
  getrs<T>('N', n, n, w.a, n, w.pivots, to, n);
  for (int k = 0; k < squarings; ++k) {
    w.multiply(to, to, w.sum);
    std::memcpy(to, w.sum, w.size * sizeof(T));
  }
}

// The derivative in direction G at A^T is a block of the exponential of [[A^T, G], [0, A^T]].
Grads expm_vjp(Inputs g, Inputs x, const Var&) {
  Var n = rows_of(x[0]), a = t(x[0]);
  int last = x[0].rank() - 1;
  Var block = concatenate({concatenate({a, g[0]}, last), concatenate({zeros_like(a), a}, last)}, last - 1);
  return {slice(slice(expm(block), last - 1, make_int(0), n, 1), last, n, n, 1)};
}

// ---- pinv: inputs A, cutoff

Type pinv_type(Inputs x, const Attrs&) {
  require_matrix("pinv", x[0]);
  Type type = x[0].type();
  std::swap(type.dims[type.dims.size() - 2], type.dims.back());
  return type;
}
std::vector<Var> pinv_shape(Inputs x, const Attrs&, const Type&) {
  return batch_of(x[0], {columns_of(x[0]), rows_of(x[0])});
}

Var expand_pinv(Inputs x, const Attrs&) {
  std::vector<Var> factors = apply_all("svd", {x[0]}, {0});
  Var s = factors[1], first = equal(iota({dim(s, s.rank() - 1)}, 0), make_int(0));
  Var largest = sum(where(first, s, 0.0), {s.rank() - 1}, true);  // 0 where there is none
  Var some = s > x[1] * largest;
  Var inverse = where(some, 1.0 / where(some, s, 1.0), 0.0);
  return matmul(adjoint(factors[2]), times_rows(adjoint(factors[0]), inverse));
}

// Golub and Pereyra, The differentiation of pseudo-inverses (1973), eq. 4.12.
Grads pinv_vjp(const Var& g, Inputs x, const Var& p) {
  Var m = identity_matrix(rows_of(x[0]), p.dtype()), n = identity_matrix(columns_of(x[0]), p.dtype());
  Var h = adjoint(p), from = adjoint(g);
  Var direct = matmul(h, matmul(g, h));
  Var left = matmul(matmul(m - matmul(x[0], p), from), matmul(p, h));
  Var right = matmul(matmul(h, p), matmul(from, n - matmul(p, x[0])));
  return {left + right - direct, Var()};
}

constexpr char det_name[] = "det", log_abs_det_name[] = "log_abs_det", cofactor_name[] = "cofactor",
               expm_name[] = "expm";

const OpSpec table[] = {
    {.name = det_name,
     .doc = "The determinant of x.",
     .kind = OpKind::Composite,
     .infer = scalar_type<det_name, true>,
     .shape = scalar_shape,
     .equal_sizes = square_sizes,
     .vjp = det_vjp,
     .expand = expand_det},
    {.name = log_abs_det_name,
     .doc = "The logarithm of the absolute value of the determinant of x.",
     .kind = OpKind::Composite,
     .infer = scalar_type<log_abs_det_name, false>,
     .shape = scalar_shape,
     .equal_sizes = square_sizes,
     .vjp = log_abs_det_vjp,
     .expand = expand_log_abs_det},
    {.name = cofactor_name,
     .doc = "The cofactors of x: the derivative of its determinant.",
     .kind = OpKind::Library,
     .results = square_results<cofactor_name>,
     .routine = CROTON_BY_TYPE(cofactor_routine),
     .item_rank = 2,
     .equal_sizes = square_sizes,
     .results_vjp = cofactor_vjp},
    {.name = expm_name,
     .doc = "The exponential of the matrix x.",
     .kind = OpKind::Library,
     .results = square_results<expm_name>,
     .routine = CROTON_BY_TYPE(expm_routine),
     .item_rank = 2,
     .equal_sizes = square_sizes,
     .results_vjp = expm_vjp},
    {.name = "pinv",
     .doc = "The pseudo-inverse of x; singular values up to y times the largest count as 0.",
     .kind = OpKind::Composite,
     .arity = 2,
     .infer = pinv_type,
     .shape = pinv_shape,
     .vjp = pinv_vjp,
     .holomorphic = false,
     .expand = expand_pinv},
};

}  // namespace

std::span<const OpSpec> rows::matrix_functions() { return table; }

Var det(const Var& a) { return apply_all("det", {as_matrix(a)})[0]; }
Var log_abs_det(const Var& a) { return apply_all("log_abs_det", {as_matrix(a)})[0]; }
Var det_sign(const Var& a) {
  std::vector<Var> lu = apply_all("lu", {as_matrix(a)});
  Var signs = prod(sign(diagonal(lu[0])), {a.rank() - 2});
  Var all = cast(parity(lu[1]), signs.dtype()) * signs;
  return is_complex(all.dtype()) ? all : stop_gradient(all);
}
Var cofactor(const Var& a) { return apply_all("cofactor", {as_matrix(a)})[0]; }
Var expm(const Var& a) { return apply_all("expm", {as_matrix(a)})[0]; }
Var pinv(const Var& a, const Var& cutoff) {
  Var x = as_matrix(a);
  return apply_all("pinv", {x, cast(cutoff, real_type(x.dtype()))})[0];
}

}  // namespace croton
