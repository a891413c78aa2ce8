#include "base/dtype.h"

#include <algorithm>
#include <array>

#include "base/error.h"

namespace croton {
namespace {

struct Info {
  std::string_view name;
  size_t size;
};

constexpr std::array<Info, dtype_count> infos = {{{"bool", 1},
                                                  {"int8", 1},
                                                  {"int16", 2},
                                                  {"int32", 4},
                                                  {"int64", 8},
                                                  {"uint8", 1},
                                                  {"uint16", 2},
                                                  {"uint32", 4},
                                                  {"uint64", 8},
                                                  {"float16", 2},
                                                  {"bfloat16", 2},
                                                  {"float32", 4},
                                                  {"float64", 8},
                                                  {"complex64", 8},
                                                  {"complex128", 16}}};

DType signed_of_size(size_t bytes) {
  switch (bytes) {
    case 1: return DType::Int8;
    case 2: return DType::Int16;
    case 4: return DType::Int32;
    default: return DType::Int64;
  }
}

// The float that NumPy pairs with an integer: 8 bits fit float16, 16 bits float32, wider ones float64.
DType float_holding(DType integer) {
  if (size_of(integer) == 1) return DType::Float16;
  return size_of(integer) == 2 ? DType::Float32 : DType::Float64;
}

DType promote_integers(DType a, DType b) {
  if (is_bool(a)) return b;
  if (is_bool(b)) return a;
  if (is_signed(a) == is_signed(b)) return size_of(a) >= size_of(b) ? a : b;
  DType s = is_signed(a) ? a : b, u = is_signed(a) ? b : a;
  if (size_of(s) > size_of(u)) return s;
  return u == DType::UInt64 ? DType::Float64 : signed_of_size(2 * size_of(u));
}

DType promote_floats(DType a, DType b) {
  bool halves = size_of(a) == 2 && size_of(b) == 2;
  if (halves) return a == b ? a : DType::Float32;
  return size_of(a) >= size_of(b) ? a : b;
}

}  // namespace

DType real_type(DType t) {
  if (t == DType::Complex64) return DType::Float32;
  return t == DType::Complex128 ? DType::Float64 : t;
}

std::string_view name(DType type) { return infos[static_cast<size_t>(type)].name; }

size_t size_of(DType type) { return infos[static_cast<size_t>(type)].size; }

DType dtype_from_name(std::string_view text) {
  for (size_t i = 0; i < infos.size(); ++i)
    if (infos[i].name == text) return static_cast<DType>(i);
  throw TypeError(
      "dtype: required one of bool, int8-64, uint8-64, float16, bfloat16, float32, "
      "float64, complex64, complex128; given '" +
      std::string(text) + "'");
}

DType promote(DType a, DType b) {
  if (a == b) return a;
  if (is_complex(a) || is_complex(b)) {
    DType real = promote(real_type(a), real_type(b));
    return real == DType::Float64 || is_discrete(real) ? DType::Complex128 : DType::Complex64;
  }
  if (is_discrete(a) && is_discrete(b)) return promote_integers(a, b);
  if (is_discrete(b)) std::swap(a, b);
  if (is_discrete(a)) {
    if (is_bool(a)) return b;
    DType needed = float_holding(a);
    if (b == DType::BFloat16 && needed == DType::Float16) return b;
    return promote_floats(needed, b);
  }
  return promote_floats(a, b);
}

bool can_cast_safely(DType from, DType to) {
  if (from == to) return true;
  if (is_complex(to) && !is_complex(from)) return can_cast_safely(from, real_type(to));
  bool one_way = !(is_complex(from) && !is_complex(to)) && !(is_floating(from) && is_discrete(to));
  if (from == DType::Float16 && to == DType::BFloat16) return false;
  if (from == DType::Int64 || from == DType::UInt64)
    if (to == DType::Float64) return true;  // NumPy calls this safe
  return one_way && promote(from, to) == to;
}

DType to_inexact(DType t) {
  if (is_inexact(t)) return t;
  return size_of(t) <= 2 ? DType::Float32 : DType::Float64;
}

}  // namespace croton
