// LAPACK and BLAS by type: `potrf<float>(...)` is spotrf. Matrices are column-major here, so that a row-major
// array is seen as its transpose.
#pragma once

#include <cblas.h>
#include <lapacke.h>

#include <algorithm>
#include <complex>
#include <type_traits>

#include "base/error.h"
#include "base/host_call.h"

namespace croton::lapack {

template <class T>
struct Parts {
  using type = T;
};
template <class T>
struct Parts<std::complex<T>> {
  using type = T;
};
/// The type of the real part of a number.
template <class T>
using Real = typename Parts<T>::type;
template <class T>
inline constexpr bool is_complex_number = !std::is_same_v<T, Real<T>>;

/// A function of the bundled OpenBLAS, which is loaded when the first is asked for: few programs need it.
void* library_function(const char* name);

#define CROTON_LIBRARY_CALL(function, ...)                                                 \
  static auto* found = reinterpret_cast<decltype(&function)>(library_function(#function)); \
  return found(__VA_ARGS__)
// LAPACKE's complex numbers have the memory of C++'s.
template <class A>
auto as_declared(A a) {
  if constexpr (std::is_same_v<A, std::complex<float>*>)
    return reinterpret_cast<lapack_complex_float*>(a);
  else if constexpr (std::is_same_v<A, std::complex<double>*>)
    return reinterpret_cast<lapack_complex_double*>(a);
  else
    return a;
}
#define CROTON_LAPACK(name, complex_name)                                                                \
  template <class T, class... Args>                                                                      \
  lapack_int name(Args... args) {                                                                        \
    if constexpr (std::is_same_v<T, float>) {                                                            \
      CROTON_LIBRARY_CALL(scipy_LAPACKE_s##name##_work, LAPACK_COL_MAJOR, args...);                      \
    } else if constexpr (std::is_same_v<T, double>) {                                                    \
      CROTON_LIBRARY_CALL(scipy_LAPACKE_d##name##_work, LAPACK_COL_MAJOR, args...);                      \
    } else if constexpr (std::is_same_v<T, std::complex<float>>) {                                       \
      CROTON_LIBRARY_CALL(scipy_LAPACKE_c##complex_name##_work, LAPACK_COL_MAJOR, as_declared(args)...); \
    } else {                                                                                             \
      CROTON_LIBRARY_CALL(scipy_LAPACKE_z##complex_name##_work, LAPACK_COL_MAJOR, as_declared(args)...); \
    }                                                                                                    \
  }
CROTON_LAPACK(potrf, potrf)
CROTON_LAPACK(getrf, getrf)
CROTON_LAPACK(getri, getri)
CROTON_LAPACK(getrs, getrs)
CROTON_LAPACK(gecon, gecon)
CROTON_LAPACK(geqrf, geqrf)
CROTON_LAPACK(orgqr, ungqr)
CROTON_LAPACK(gesdd, gesdd)
CROTON_LAPACK(syevd, heevd)
CROTON_LAPACK(geev, geev)

/// `to` = `x` times `y`, all of n by n elements and column-major.
template <class T>
void multiply(lapack_int n, const T* x, const T* y, T* to) {
  const T one{1}, none{0};
  constexpr auto order = CblasColMajor;
  constexpr auto as_is = CblasNoTrans;
  if constexpr (std::is_same_v<T, float>) {
    CROTON_LIBRARY_CALL(scipy_cblas_sgemm, order, as_is, as_is, n, n, n, one, x, n, y, n, none, to, n);
  } else if constexpr (std::is_same_v<T, double>) {
    CROTON_LIBRARY_CALL(scipy_cblas_dgemm, order, as_is, as_is, n, n, n, one, x, n, y, n, none, to, n);
  } else if constexpr (std::is_same_v<T, std::complex<float>>) {
    CROTON_LIBRARY_CALL(scipy_cblas_cgemm, order, as_is, as_is, n, n, n, &one, x, n, y, n, &none, to, n);
  } else {
    CROTON_LIBRARY_CALL(scipy_cblas_zgemm, order, as_is, as_is, n, n, n, &one, x, n, y, n, &none, to, n);
  }
}

/// `x` (n, k) becomes the solution of a y = x with a triangular `a`, or with its transpose; both row-major.
template <class T>
void solve_rows(CBLAS_UPLO half, CBLAS_TRANSPOSE form, CBLAS_DIAG diagonal, lapack_int n, lapack_int k,
                const T* a, T* x) {
  const lapack_int row = std::max<lapack_int>(n, 1), side = std::max<lapack_int>(k, 1);
  const T one{1};
  if constexpr (std::is_same_v<T, float>) {
    CROTON_LIBRARY_CALL(scipy_cblas_strsm, CblasRowMajor, CblasLeft, half, form, diagonal, n, k, one, a, row,
                        x, side);
  } else if constexpr (std::is_same_v<T, double>) {
    CROTON_LIBRARY_CALL(scipy_cblas_dtrsm, CblasRowMajor, CblasLeft, half, form, diagonal, n, k, one, a, row,
                        x, side);
  } else if constexpr (std::is_same_v<T, std::complex<float>>) {
    CROTON_LIBRARY_CALL(scipy_cblas_ctrsm, CblasRowMajor, CblasLeft, half, form, diagonal, n, k, &one, a, row,
                        x, side);
  } else {
    CROTON_LIBRARY_CALL(scipy_cblas_ztrsm, CblasRowMajor, CblasLeft, half, form, diagonal, n, k, &one, a, row,
                        x, side);
  }
}
#undef CROTON_LAPACK
#undef CROTON_LIBRARY_CALL

/// The number of elements of workspace that a query has answered in `answer`.
template <class T>
lapack_int optimum(T answer) {
  return std::max<lapack_int>(1, static_cast<lapack_int>(std::real(answer)));
}

/// A size as LAPACK takes it.
inline lapack_int extent(const HostArray& x, size_t axis) {
  if (x.size() > 0x7fffffff)
    throw ValueError("linear algebra: required matrices of less than 2**31 elements");
  return static_cast<lapack_int>(x.shape[axis]);
}
/// The distance between columns of `n` elements.
inline lapack_int leading(lapack_int n) { return std::max<lapack_int>(n, 1); }

/// `to` = the transpose of the row-major `from`.
template <class T>
void transpose(const T* from, lapack_int rows, lapack_int columns, T* to) {
  constexpr lapack_int block = 16;
  for (lapack_int i0 = 0; i0 < rows; i0 += block)
    for (lapack_int j0 = 0; j0 < columns; j0 += block)
      for (lapack_int i = i0; i < std::min(i0 + block, rows); ++i)
        for (lapack_int j = j0; j < std::min(j0 + block, columns); ++j)
          to[static_cast<int64_t>(j) * rows + i] = from[static_cast<int64_t>(i) * columns + j];
}

/// Replaces `count` elements by their conjugates.
template <class T>
void conjugate(T* x, int64_t count) {
  if constexpr (is_complex_number<T>)
    for (int64_t i = 0; i < count; ++i) x[i] = std::conj(x[i]);
}

/// Sets a square matrix to the identity.
template <class T>
void identity(T* to, lapack_int n) {
  std::fill(to, to + static_cast<int64_t>(n) * n, T{0});
  for (int64_t i = 0; i < n; ++i) to[i * n + i] = 1;
}

/// Singular values of the column-major m by n matrix `a`, and with `job` 'A' or 'S' their vectors, as gesdd
/// has it; `reals` are as many as `svd_reals` says.
template <class T>
lapack_int svd(char job, lapack_int m, lapack_int n, T* a, Real<T>* s, T* u, T* vt, lapack_int vt_rows,
               T* spare, lapack_int size, Real<T>* reals, lapack_int* integers) {
  const lapack_int column = leading(m);
  if constexpr (is_complex_number<T>)
    return gesdd<T>(job, m, n, a, column, s, u, column, vt, vt_rows, spare, size, reals, integers);
  else
    return gesdd<T>(job, m, n, a, column, s, u, column, vt, vt_rows, spare, size, integers);
}
/// As LAPACK's manual has it; real numbers take none.
template <class T>
int64_t svd_reals(bool vectors, int64_t m, int64_t n) {
  const int64_t less = std::min(m, n), more = std::max(m, n);
  if (!is_complex_number<T>) return 0;
  return vectors ? less * std::max(5 * less + 5, 2 * more + 2 * less + 1) : 7 * less;
}

/// The product of sizes, as work.
inline int64_t work(int64_t a, int64_t b, int64_t c) { return a * b * c; }

}  // namespace croton::lapack
