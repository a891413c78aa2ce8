// Discrete Fourier transforms of rows, by the library pocketfft.
#pragma once

#include <cstdint>

namespace croton {

enum class Transform : uint8_t { Complex, FromReal, ToReal };

/// `rows` transforms of length `n`, one behind the other in memory. Of real numbers, the first n/2 + 1
/// coefficients stand for all.
struct FourierRows {
  Transform kind;
  bool forward;    // e^(-2 pi i j k / n), or with a plus
  bool is_double;  // else float32
  int64_t rows, n;
  double scale;  // of the result
  const void* in;
  void* out;
};

/// The last 64 lengths keep what they need of sines and cosines.
void fourier(const FourierRows& job);

}  // namespace croton
