#include "ops/fourier_kernel.h"

#define POCKETFFT_NO_MULTITHREADING
#define POCKETFFT_CACHE_SIZE 64
#include <pocketfft.h>

namespace croton {
namespace {

template <class T>
void transform_rows(const FourierRows& job) {
  using Complex = std::complex<T>;
  size_t rows = static_cast<size_t>(job.rows), n = static_cast<size_t>(job.n), half = n / 2 + 1;
  auto strides = [](size_t length, size_t size) {
    return pocketfft::stride_t{static_cast<ptrdiff_t>(length * size), static_cast<ptrdiff_t>(size)};
  };
  pocketfft::shape_t shape{rows, n}, axes{1};
  T scale = static_cast<T>(job.scale);
  auto in = [&]<class In>(In) { return static_cast<const In*>(job.in); };
  auto out = [&]<class Out>(Out) { return static_cast<Out*>(job.out); };
  auto reals = strides(n, sizeof(T)), numbers = strides(n, sizeof(Complex)),
       halves = strides(half, sizeof(Complex));
  switch (job.kind) {
    case Transform::Complex:
      return pocketfft::c2c(shape, numbers, numbers, axes, job.forward, in(Complex()), out(Complex()), scale);
    case Transform::FromReal:
      return pocketfft::r2c(shape, reals, halves, axes, job.forward, in(T()), out(Complex()), scale);
    case Transform::ToReal:
      return pocketfft::c2r(shape, halves, reals, axes, job.forward, in(Complex()), out(T()), scale);
  }
}

}  // namespace

void fourier(const FourierRows& job) {
  job.is_double ? transform_rows<double>(job) : transform_rows<float>(job);
}

}  // namespace croton
