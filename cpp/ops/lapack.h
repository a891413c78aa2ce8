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

/// A function of the bundled OpenBLAS, which is loaded when the first is asked for: few programs need it.
void* library_function(const char* name);

#define CROTON_LIBRARY_CALL(function, ...)                                                 \
  static auto* found = reinterpret_cast<decltype(&function)>(library_function(#function)); \
  return found(__VA_ARGS__)
#define CROTON_LAPACK(name)                                                         \
  template <class T, class... Args>                                                 \
  lapack_int name(Args... args) {                                                   \
    if constexpr (std::is_same_v<T, float>) {                                       \
      CROTON_LIBRARY_CALL(scipy_LAPACKE_s##name##_work, LAPACK_COL_MAJOR, args...); \
    } else {                                                                        \
      CROTON_LIBRARY_CALL(scipy_LAPACKE_d##name##_work, LAPACK_COL_MAJOR, args...); \
    }                                                                               \
  }
#define CROTON_BLAS(name)                                \
  template <class T, class... Args>                      \
  void name(Args... args) {                              \
    if constexpr (std::is_same_v<T, float>) {            \
      CROTON_LIBRARY_CALL(scipy_cblas_s##name, args...); \
    } else {                                             \
      CROTON_LIBRARY_CALL(scipy_cblas_d##name, args...); \
    }                                                    \
  }
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
#define CROTON_COMPLEX_LAPACK(name)                                                              \
  template <class T, class... Args>                                                              \
  lapack_int name(Args... args) {                                                                \
    if constexpr (std::is_same_v<T, float>) {                                                    \
      CROTON_LIBRARY_CALL(scipy_LAPACKE_s##name##_work, LAPACK_COL_MAJOR, args...);              \
    } else if constexpr (std::is_same_v<T, double>) {                                            \
      CROTON_LIBRARY_CALL(scipy_LAPACKE_d##name##_work, LAPACK_COL_MAJOR, args...);              \
    } else if constexpr (std::is_same_v<T, std::complex<float>>) {                               \
      CROTON_LIBRARY_CALL(scipy_LAPACKE_c##name##_work, LAPACK_COL_MAJOR, as_declared(args)...); \
    } else {                                                                                     \
      CROTON_LIBRARY_CALL(scipy_LAPACKE_z##name##_work, LAPACK_COL_MAJOR, as_declared(args)...); \
    }                                                                                            \
  }
CROTON_COMPLEX_LAPACK(potrf)
CROTON_COMPLEX_LAPACK(getrf)
CROTON_LAPACK(getri)
CROTON_LAPACK(getrs)
CROTON_LAPACK(gecon)
CROTON_LAPACK(geqrf)
CROTON_LAPACK(orgqr)
CROTON_LAPACK(gesdd)
CROTON_LAPACK(syevd)
CROTON_LAPACK(geev)
CROTON_BLAS(gemm)

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
#undef CROTON_COMPLEX_LAPACK
#undef CROTON_BLAS
#undef CROTON_LAPACK
#undef CROTON_LIBRARY_CALL

/// The number of elements of workspace that a query has answered in `answer`.
template <class T>
lapack_int optimum(T answer) {
  return std::max<lapack_int>(1, static_cast<lapack_int>(answer));
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

/// Sets a square matrix to the identity.
template <class T>
void identity(T* to, lapack_int n) {
  std::fill(to, to + static_cast<int64_t>(n) * n, T{0});
  for (int64_t i = 0; i < n; ++i) to[i * n + i] = 1;
}

/// The product of sizes, as work.
inline int64_t work(int64_t a, int64_t b, int64_t c) { return a * b * c; }

}  // namespace croton::lapack
