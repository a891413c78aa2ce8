// What the parts of the interpreter share: arrays element by element, indices, and errors.
#pragma once

#include <cmath>
#include <limits>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/error.h"
#include "graph/broadcast.h"
#include "graph/op_spec.h"
#include "graph/scalar_io.h"

namespace croton::interpreter {

using Values = std::span<const Array>;
using Shape = std::vector<int64_t>;

// ---- the meaning of each kind of op; `x` are the values of the inputs of `node`
Array elementwise(const Node& node, Values x);
Array cast(const Node& node, Values x);
Array real(const Node& node, Values x);
Array imag(const Node& node, Values x);
Array complex(const Node& node, Values x);
Array dimshuffle(const Node& node, Values x);
Array broadcast_to(const Node& node, Values x);
Array reshape(const Node& node, Values x);
Array slice(const Node& node, Values x);
Array windows(const Node& node, Values x);
Array set_slice(const Node& node, Values x);
Array concatenate(const Node& node, Values x);
Array iota(const Node& node, Values x);
Array take(const Node& node, Values x);
Array scatter(const Node& node, Values x);
Array reduce(const Node& node, Values x);
Array sum_to(const Node& node, Values x);
Array matmul(const Node& node, Values x);
Array correlate(const Node& node, Values x);
Array correlate_transposed(const Node& node, Values x);
Array dim(const Node& node, Values x);
Array broadcast_size(const Node& node, Values x);

// ---- errors

/// "op: required `required`, given 'x' of type float64[3] and ...; `detail` (file:line)".
std::string complaint(const Node& node, Values x, const std::string& required,
                      const std::string& detail = "");
/// Throws ValueError with that message unless `fits`.
void require(bool fits, const Node& node, Values x, const std::string& required);
/// Throws NotImplemented if an operand is complex.
void require_real(const Node& node, Values x);

// ---- arrays

/// A zero-filled array; throws ValueError for a negative size and MemoryError where memory ends.
Array make_array(const Node& node, Values x, DType dtype, Shape shape);
/// A 0-d int64 array.
Array make_size(int64_t value);
/// The same elements in memory of their own.
Array copy_of(const Array& x);
/// The address of the element at `position`, counted in C order.
inline char* element(const Array& x, int64_t position) {
  return x.as<char>() + position * static_cast<int64_t>(size_of(x.dtype));
}
/// Copies one element, of any dtype.
void copy_element(const Array& from, int64_t from_position, const Array& to, int64_t to_position);
/// The value of a size or start: a 0-d int64 array.
int64_t scalar_of(const Array& x);
/// The values of `sizes`.
Shape sizes_of(Values sizes);
/// An integer element; what is above the range of int64 becomes its largest value.
int64_t integer_at(const Array& x, int64_t position);

// ---- indices

/// Calls f(index, position) for each element of an array of this shape, in C order.
template <class F>
void for_each_index(const Shape& shape, F f) {
  int64_t count = 1;
  for (int64_t size : shape) count *= size;
  Shape index(shape.size(), 0);
  for (int64_t position = 0; position < count; ++position) {
    f(std::as_const(index), position);
    for (size_t axis = shape.size(); axis-- > 0;) {
      if (++index[axis] < shape[axis]) break;
      index[axis] = 0;
    }
  }
}
/// Position in C order of the element at `index`.
int64_t position_of(const Shape& index, const Shape& shape);
/// Position of the element of an array of `shape` that broadcasting puts at `index` of the result.
int64_t broadcast_position(const Shape& index, const Shape& shape);
/// The shape that all of `shapes` broadcast to; throws ValueError.
Shape broadcast_shapes(const Node& node, Values x, std::span<const Shape> shapes);

// ---- accumulation: floats in double, integers in 64 bits that wrap around, bools as 0 and 1

enum class Fold : uint8_t { Sum, Prod, Max, Min };
/// The fold of a reduction row; sum and product of bools are "any" and "all".
Fold fold_of(const OpSpec& op, DType dtype);

template <class T>
T combine(Fold fold, T a, T b) {
  if constexpr (std::is_same_v<T, double>) {
    if (fold == Fold::Sum) return a + b;
    if (fold == Fold::Prod) return a * b;
    if (std::isnan(a) || std::isnan(b)) return std::numeric_limits<double>::quiet_NaN();
  } else {
    if (fold == Fold::Sum) return static_cast<T>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
    if (fold == Fold::Prod) return static_cast<T>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
  }
  return (fold == Fold::Max ? b > a : b < a) ? b : a;
}

/// The element of this dtype at `data` as an accumulator.
template <class T>
T load(DType dtype, const void* data);
/// Rounds an accumulator to the dtype; integers keep their low bits.
template <class T>
void store(DType dtype, T value, void* data);
template <>
double load<double>(DType dtype, const void* data);
template <>
int64_t load<int64_t>(DType dtype, const void* data);
template <>
uint64_t load<uint64_t>(DType dtype, const void* data);
template <>
void store<double>(DType dtype, double value, void* data);
template <>
void store<int64_t>(DType dtype, int64_t value, void* data);
template <>
void store<uint64_t>(DType dtype, uint64_t value, void* data);

/// Calls f with an accumulator of the type for this dtype: double, int64_t or uint64_t.
template <class F>
auto with_accumulator(DType dtype, F f) {
  if (is_floating(dtype)) return f(double{});
  if (is_signed(dtype)) return f(int64_t{});
  check_internal(!is_complex(dtype), "no accumulator for complex numbers");
  return f(uint64_t{});
}

}  // namespace croton::interpreter
