#include "runtime/accumulate.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <type_traits>

#include "base/error.h"
#include "base/half.h"
#include "ops/core_rows.h"
#include "ops/reduce_identity.h"

namespace croton {
namespace {

template <class T>
struct Sum {
  static T apply(T a, T b) { return static_cast<T>(a + b); }
};
template <class T>
struct Prod {
  static T apply(T a, T b) { return static_cast<T>(a * b); }
};
template <class T>
struct Max {
  static T apply(T a, T b) { return b != b || b > a ? b : a; }
};
template <class T>
struct Min {
  static T apply(T a, T b) { return b != b || b < a ? b : a; }
};

template <class T, template <class> class Op>
void combine(const T* parts, int64_t rows, int64_t count, T* result) {
  std::memcpy(result, parts, static_cast<size_t>(count) * sizeof(T));
  for (int64_t row = 1; row < rows; ++row)
    for (int64_t k = 0; k < count; ++k) result[k] = Op<T>::apply(result[k], parts[row * count + k]);
}

// In double, a piece of the row at a time.
void sum_floats(const float* parts, int64_t rows, int64_t count, float* result) {
  std::array<double, 256> sums;
  for (int64_t from = 0; from < count; from += 256) {
    const int64_t n = std::min<int64_t>(count - from, 256);
    std::fill(sums.begin(), sums.end(), -0.0);
    for (int64_t row = 0; row < rows; ++row)
      for (int64_t k = 0; k < n; ++k) sums[k] += static_cast<double>(parts[row * count + from + k]);
    for (int64_t k = 0; k < n; ++k) result[from + k] = static_cast<float>(sums[k]);
  }
}

template <class T>
void combine_as(const OpSpec* op, const void* parts, int64_t rows, int64_t count, void* result) {
  const T* from = static_cast<const T*>(parts);
  T* to = static_cast<T*>(result);
  if constexpr (std::is_same_v<T, float>)
    if (op == &sum_op) return sum_floats(from, rows, count, to);
  if (op == &sum_op)
    combine<T, Sum>(from, rows, count, to);
  else if (op == &prod_op)
    combine<T, Prod>(from, rows, count, to);
  else if (op == &max_op)
    combine<T, Max>(from, rows, count, to);
  else
    combine<T, Min>(from, rows, count, to);
}

// bool: sum and max are "or", prod and min "and".
void combine_bool(const OpSpec* op, const uint8_t* parts, int64_t rows, int64_t count, uint8_t* result) {
  bool any = op == &sum_op || op == &max_op;
  for (int64_t k = 0; k < count; ++k) {
    bool value = parts[k];
    for (int64_t row = 1; row < rows; ++row) {
      bool other = parts[row * count + k];
      value = any ? value | other : value & other;
    }
    result[k] = value;
  }
}

template <float (*Read)(uint16_t), uint16_t (*Write)(float)>
void combine_16_bits(const OpSpec* op, const uint16_t* parts, int64_t rows, int64_t count, uint16_t* result) {
  for (int64_t k = 0; k < count; ++k) {
    float value = Read(parts[k]);
    for (int64_t row = 1; row < rows; ++row) {
      float other = Read(parts[row * count + k]);
      combine_as<float>(op, std::array{value, other}.data(), 2, 1, &value);
    }
    result[k] = Write(value);
  }
}

}  // namespace

void fill_identity(const OpSpec* op, DType dtype, void* memory, int64_t count) {
  uint64_t bits = identity_bits(*op, dtype);
  size_t size = size_of(dtype);
  char* to = static_cast<char*>(memory);
  if (bits == 0) {
    std::memset(to, 0, static_cast<size_t>(count) * size);
    return;
  }
  for (int64_t k = 0; k < count; ++k) std::memcpy(to + static_cast<size_t>(k) * size, &bits, size);
}

void combine_rows(const OpSpec* op, DType dtype, const void* parts, int64_t rows, int64_t count,
                  void* result) {
  switch (dtype) {
    case DType::Bool:
      return combine_bool(op, static_cast<const uint8_t*>(parts), rows, count, static_cast<uint8_t*>(result));
    case DType::Int8: return combine_as<int8_t>(op, parts, rows, count, result);
    case DType::Int16: return combine_as<int16_t>(op, parts, rows, count, result);
    case DType::Int32: return combine_as<int32_t>(op, parts, rows, count, result);
    case DType::Int64: return combine_as<int64_t>(op, parts, rows, count, result);
    case DType::UInt8: return combine_as<uint8_t>(op, parts, rows, count, result);
    case DType::UInt16: return combine_as<uint16_t>(op, parts, rows, count, result);
    case DType::UInt32: return combine_as<uint32_t>(op, parts, rows, count, result);
    case DType::UInt64: return combine_as<uint64_t>(op, parts, rows, count, result);
    case DType::Float16:
      return combine_16_bits<half_to_float, float_to_half>(op, static_cast<const uint16_t*>(parts), rows,
                                                           count, static_cast<uint16_t*>(result));
    case DType::BFloat16:
      return combine_16_bits<bfloat16_to_float, float_to_bfloat16>(
          op, static_cast<const uint16_t*>(parts), rows, count, static_cast<uint16_t*>(result));
    case DType::Float32: return combine_as<float>(op, parts, rows, count, result);
    case DType::Float64: return combine_as<double>(op, parts, rows, count, result);
    default: throw InternalError("no accumulator for complex numbers");
  }
}

}  // namespace croton
