// Eigenvalues and eigenvectors, of Hermitian and of all matrices. Vectors of equal eigenvalues, and their
// lengths and phases, have no derivative of their own: see orthogonal.cpp.
#include <cstring>

#include "graph/leaves.h"
#include "ops/lapack.h"
#include "ops/linalg_rows.h"
#include "ops/rows.h"

namespace croton {
namespace {

using namespace lapack;

// ---- eigh: values, vectors; attrs: {lower}

// syevd, or heevd, which takes a workspace of reals, too.
template <class T>
lapack_int hermitian(char job, char half, lapack_int n, T* a, Real<T>* values, T* spare, lapack_int size,
                     Real<T>* reals, lapack_int real_size, lapack_int* integers, lapack_int integer_size) {
  if constexpr (is_complex_number<T>)
    return syevd<T>(job, half, n, a, leading(n), values, spare, size, reals, real_size, integers,
                    integer_size);
  else
    return syevd<T>(job, half, n, a, leading(n), values, spare, size, integers, integer_size);
}

template <class T>
void eigh_routine(const HostCall& call) {
  const HostArray &values = call.results[0], &vectors = call.results[1];
  const lapack_int n = extent(call.inputs[0], 0);
  const char job = vectors.wanted ? 'V' : 'N', half = call.attrs[0] ? 'U' : 'L';  // of the transpose
  T size = 1;
  Real<T> real_answer = 1;
  lapack_int integer_size = 1;
  hermitian<T>(job, half, n, nullptr, nullptr, &size, -1, &real_answer, -1, &integer_size, -1);
  const lapack_int real_size = is_complex_number<T> ? optimum(real_answer) : 0;
  Workspace space(call);
  T* a = space.take<T>(work(n, n, 1));
  auto* other = space.take<Real<T>>(values.wanted ? 0 : n);
  T* spare = space.take<T>(optimum(size));
  auto* reals = space.take<Real<T>>(real_size);
  auto* integers = space.take<lapack_int>(std::max<lapack_int>(integer_size, 1));
  if (space.planned((vectors.wanted ? 10 : 2) * work(n, n, n)) || n == 0) return;
  std::memcpy(a, call.inputs[0].data, call.inputs[0].bytes());
  auto* w = values.wanted ? values.as<Real<T>>() : other;
  if (hermitian<T>(job, half, n, a, w, spare, optimum(size), reals, real_size, integers, integer_size))
    no_convergence();
  if (!vectors.wanted) return;
  transpose(a, n, n, vectors.as<T>());
  conjugate(vectors.as<T>(), work(n, n, 1));  // those of the transpose are the conjugates
}

std::vector<ResultSpec> eigh_results(Inputs x, const Attrs&) {
  require_square("eigh", x[0]);
  Var n = rows_of(x[0]);
  return {{real_type(x[0].dtype()), batch_of(x[0], {n})}, {x[0].dtype(), batch_of(x[0], {n, n})}};
}

// Giles, An extended collection of matrix derivative results (2008), section 3.1, with adjoints. Only one
// triangle of A is read, and only the real parts of its diagonal.
Grads eigh_vjp(Inputs g, Inputs, const Var& y) {
  Var v = output(y, 1), middle = g[0] ? diagonal_matrix(g[0]) : Var();
  if (g[1]) {
    Var turns = quotient(matmul(adjoint(v), g[1]), gaps(y));
    middle = middle ? middle + turns : turns;
  }
  Var s = matmul(matmul(v, middle), adjoint(v)), both = s + adjoint(s);
  bool lower = y->attrs.ints[0];
  return {(lower ? lower_triangle(both, 1) : upper_triangle(both, 1)) + diagonal_matrix(real(diagonal(s)))};
}

// ---- eig: values, vectors, which are complex

// LAPACK's vectors of real matrices: the real and the imaginary part of one of a conjugate pair, side by
// side.
template <class T>
void unpack_vectors(const T* packed, const T* imaginary, int64_t n, std::complex<T>* to) {
  for (int64_t j = 0; j < n; ++j) {
    const bool pair = imaginary[j] > 0;
    for (int64_t i = 0; i < n; ++i) {
      const std::complex<T> z{packed[j * n + i], pair ? packed[(j + 1) * n + i] : T{0}};
      to[i * n + j] = z;
      if (pair) to[i * n + j + 1] = std::conj(z);
    }
    if (pair) ++j;
  }
}

// geev, whose eigenvalues are complex numbers, or two arrays of reals in `reals`.
template <class T>
lapack_int general(char job, lapack_int n, T* a, T* values, T* right, T* spare, lapack_int size,
                   Real<T>* reals) {
  const lapack_int column = leading(n);
  if constexpr (is_complex_number<T>)
    return geev<T>('N', job, n, a, column, values, nullptr, column, right, column, spare, size, reals);
  else
    return geev<T>('N', job, n, a, column, reals, reals + n, nullptr, column, right, column, spare, size);
}

template <class T>
void eig_routine(const HostCall& call) {
  using C = std::complex<Real<T>>;
  const HostArray &values = call.results[0], &vectors = call.results[1];
  const lapack_int n = extent(call.inputs[0], 0);
  const char job = vectors.wanted ? 'V' : 'N';
  T size = 1;
  Real<T> unused[2] = {};  // is written to by the query
  general<T>(job, n, nullptr, nullptr, nullptr, &size, -1, unused);
  Workspace space(call);
  T* a = space.take<T>(work(n, n, 1));
  T* w = space.take<T>(is_complex_number<T> ? n : 0);
  T* right = space.take<T>(vectors.wanted ? work(n, n, 1) : 0);
  T* spare = space.take<T>(optimum(size));
  auto* reals = space.take<Real<T>>(2 * static_cast<int64_t>(n));
  if (space.planned(25 * work(n, n, n)) || n == 0) return;
  transpose(call.inputs[0].as<T>(), n, n, a);
  require_finite(a, work(n, n, 1));
  if (general<T>(job, n, a, w, right, spare, optimum(size), reals)) no_convergence();
  if constexpr (is_complex_number<T>) {
    if (values.wanted) std::copy(w, w + n, values.as<C>());
    if (vectors.wanted) transpose(right, n, n, vectors.as<C>());
  } else {
    if (values.wanted)
      for (int64_t i = 0; i < n; ++i) values.as<C>()[i] = {reals[i], reals[n + i]};
    if (vectors.wanted) unpack_vectors(right, reals + n, n, vectors.as<C>());
  }
}

std::vector<ResultSpec> eig_results(Inputs x, const Attrs&) {
  require_square("eig", x[0]);
  Var n = rows_of(x[0]);
  DType dtype = promote(x[0].dtype(), DType::Complex64);
  return {{dtype, batch_of(x[0], {n})}, {dtype, batch_of(x[0], {n, n})}};
}

// Boeddeker et al., On the computation of complex-valued gradients with application to statistically optimum
// beamforming (2017), section 4.3. The vectors have length 1: what would make them longer has no part in the
// derivative, and functions must not depend on their phases.
Grads eig_vjp(Inputs g, Inputs, const Var& y) {
  Var v = output(y, 1), middle = g[0] ? diagonal_matrix(g[0]) : Var();
  if (g[1]) {
    Var inner = matmul(adjoint(v), g[1]);
    Var across = inner - times_columns(matmul(adjoint(v), v), real(diagonal(inner)));
    Var turns = quotient(across, conj(gaps(y)));
    middle = middle ? middle + turns : turns;
  }
  return {conj(solve(v, conj(matmul(middle, adjoint(v))), true))};
}

const OpSpec table[] = {
    {.name = "eigh",
     .doc = "Eigenvalues from the smallest, and eigenvectors, of a Hermitian x given by one triangle.",
     .kind = OpKind::Library,
     .arity = 1,
     .results = eigh_results,
     .routine = CROTON_BY_TYPE(eigh_routine),
     .item_rank = 2,
     .equal_sizes = square_sizes,
     .results_vjp = eigh_vjp,
     .holomorphic = false},
    {.name = "eig",
     .doc = "Eigenvalues and eigenvectors of x, which are complex, of real x in conjugate pairs.",
     .kind = OpKind::Library,
     .arity = 1,
     .results = eig_results,
     .routine = CROTON_BY_TYPE(eig_routine),
     .item_rank = 2,
     .equal_sizes = square_sizes,
     .results_vjp = eig_vjp,
     .holomorphic = false},
};

}  // namespace

std::span<const OpSpec> rows::eigen() { return table; }

}  // namespace croton
