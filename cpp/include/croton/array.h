// Arrays from C++: dense, in C order, counted references to their memory (copies share it).
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "base/array.h"
#include "base/error.h"

namespace croton {

/// The DType of a C++ number type.
template <class T>
constexpr DType dtype_of();
template <>
constexpr DType dtype_of<bool>() {
  return DType::Bool;
}
template <>
constexpr DType dtype_of<int8_t>() {
  return DType::Int8;
}
template <>
constexpr DType dtype_of<int16_t>() {
  return DType::Int16;
}
template <>
constexpr DType dtype_of<int32_t>() {
  return DType::Int32;
}
template <>
constexpr DType dtype_of<int64_t>() {
  return DType::Int64;
}
template <>
constexpr DType dtype_of<uint8_t>() {
  return DType::UInt8;
}
template <>
constexpr DType dtype_of<uint16_t>() {
  return DType::UInt16;
}
template <>
constexpr DType dtype_of<uint32_t>() {
  return DType::UInt32;
}
template <>
constexpr DType dtype_of<uint64_t>() {
  return DType::UInt64;
}
template <>
constexpr DType dtype_of<float>() {
  return DType::Float32;
}
template <>
constexpr DType dtype_of<double>() {
  return DType::Float64;
}

/// An array of this type and shape, uninitialised. Throws ValueError for a negative size, MemoryError.
Array empty_array(DType dtype, std::vector<int64_t> shape);

/// Throws TypeError unless `array` holds `dtype`.
void require_dtype(const Array& array, DType dtype);

/// The elements, for reading and writing. Throws TypeError if they are not of type T.
template <class T>
std::span<T> elements(const Array& array) {
  require_dtype(array, dtype_of<T>());
  return {array.as<T>(), static_cast<size_t>(array.size())};
}

/// The value of an array with one element. Throws TypeError for another type, ValueError for another size.
template <class T>
T item(const Array& array) {
  if (array.size() != 1)
    throw ValueError("item: required one element, given " + std::to_string(array.size()));
  return elements<T>(array)[0];
}

/// An array of this shape with a copy of `values`. Throws ValueError if their number does not fit.
template <class T>
Array make_array(std::vector<int64_t> shape, std::span<const T> values) {
  Array array = empty_array(dtype_of<T>(), std::move(shape));
  if (static_cast<size_t>(array.size()) != values.size())
    throw ValueError("make_array: required " + std::to_string(array.size()) +
                     " values for the shape, given " + std::to_string(values.size()));
  std::copy(values.begin(), values.end(), array.as<T>());
  return array;
}
template <class T>
Array make_array(std::vector<int64_t> shape, const std::vector<T>& values) {
  return make_array<T>(std::move(shape), std::span<const T>(values));
}
template <class T>
Array make_array(std::vector<int64_t> shape, std::initializer_list<T> values) {
  return make_array<T>(std::move(shape), std::span<const T>(values.begin(), values.size()));
}

/// An array without axes.
template <class T>
Array make_array(T value) {
  return make_array<T>({}, std::span<const T>(&value, 1));
}

/// A copy in memory of its own.
Array copy_array(const Array& array);

}  // namespace croton
