// Element types of arrays: names, sizes, NumPy 2's promotion.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace croton {

// clang-format off
enum class DType : uint8_t {
  Bool, Int8, Int16, Int32, Int64, UInt8, UInt16, UInt32, UInt64,
  Float16, BFloat16, Float32, Float64, Complex64, Complex128,
};
// clang-format on
inline constexpr int dtype_count = 15;

/// NumPy's name of the type: "bool", "int8", ..., "complex128".
std::string_view name(DType type);
/// The type called `name`; throws TypeError for an unknown name.
DType dtype_from_name(std::string_view name);
/// Bytes of one element.
size_t size_of(DType type);

constexpr bool is_bool(DType t) { return t == DType::Bool; }
constexpr bool is_signed(DType t) { return t >= DType::Int8 && t <= DType::Int64; }
constexpr bool is_unsigned(DType t) { return t >= DType::UInt8 && t <= DType::UInt64; }
constexpr bool is_integer(DType t) { return is_signed(t) || is_unsigned(t); }
constexpr bool is_discrete(DType t) { return t <= DType::UInt64; }
constexpr bool is_floating(DType t) { return t >= DType::Float16 && t <= DType::Float64; }
constexpr bool is_complex(DType t) { return t >= DType::Complex64; }
constexpr bool is_inexact(DType t) { return t >= DType::Float16; }

/// The smallest type that both convert to safely, as NumPy 2 (NEP 50) has it.
DType promote(DType a, DType b);
/// Whether every value of `from` is a value of `to` (NumPy's casting="safe").
bool can_cast_safely(DType from, DType to);
/// The type that float functions of `t` compute in: ints of 8 bits and bool give float16 in NumPy;
/// Theano's float32 is kept here, 16 bits give float32, wider ints float64, inexact types themselves.
DType to_inexact(DType t);
/// The type of the parts of complex numbers; real types themselves.
DType real_type(DType t);
/// The type arithmetic on `t` runs in: float32 for the 16-bit floats, `t` otherwise.
constexpr DType compute_type(DType t) {
  return t == DType::Float16 || t == DType::BFloat16 ? DType::Float32 : t;
}

}  // namespace croton
