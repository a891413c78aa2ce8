#include "ops/interpret_values.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "graph/print.h"
#include "ops/core_rows.h"

namespace croton::interpreter {

// ---- errors

std::string complaint(const Node& node, Values x, const std::string& required, const std::string& detail) {
  std::string message = std::string(node.op->name) + ": required " + required;
  for (size_t i = 0; i < x.size(); ++i) {
    message += i == 0 ? ", given " : " and ";
    message += short_text(node.inputs[i]);
    bool is_size = x[i].shape.empty() && is_integer(x[i].dtype);
    if (!is_size)
      message += " of type " + to_string(Type{x[i].dtype, x[i].shape});
    else if (!is_constant(node.inputs[i]))
      message += " = " + std::to_string(integer_at(x[i], 0));
  }
  if (!detail.empty()) message += "; " + detail;
  return message + source_text(node.source);
}

void require(bool fits, const Node& node, Values x, const std::string& required) {
  if (!fits) throw ValueError(complaint(node, x, required));
}

void require_real(const Node& node, Values x) {
  for (const Array& operand : x)
    if (is_complex(operand.dtype)) throw NotImplemented(complaint(node, x, "real operands"));
}

// ---- arrays

Array make_array(const Node& node, Values x, DType dtype, Shape shape) {
  size_t bytes = size_of(dtype);
  bool empty = std::find(shape.begin(), shape.end(), 0) != shape.end(), overflow = false;
  for (int64_t size : shape) {
    require(size >= 0, node, x, "sizes that are not negative");
    if (!empty) overflow |= __builtin_mul_overflow(bytes, static_cast<size_t>(size), &bytes);
  }
  if (empty) bytes = 1;  // an address of its own all the same
  overflow |= bytes > static_cast<size_t>(std::numeric_limits<int64_t>::max());
  char* data = overflow ? nullptr : new (std::nothrow) char[bytes]();
  if (!data) throw MemoryError(complaint(node, x, "memory for an array " + to_string(Type{dtype, shape})));
  return {dtype, std::move(shape), Buffer(data, std::default_delete<char[]>())};
}

Array make_size(int64_t value) { return {DType::Int64, {}, std::make_shared<int64_t>(value)}; }

Array copy_of(const Array& x) {
  size_t bytes = x.bytes();
  Array copy{x.dtype, x.shape, Buffer(new char[std::max<size_t>(bytes, 1)], std::default_delete<char[]>())};
  if (bytes) std::memcpy(copy.data.get(), x.data.get(), bytes);
  return copy;
}

void copy_element(const Array& from, int64_t from_position, const Array& to, int64_t to_position) {
  std::memcpy(element(to, to_position), element(from, from_position), size_of(from.dtype));
}

int64_t scalar_of(const Array& x) {
  check_internal(x.dtype == DType::Int64 && x.shape.empty(), "a size is not an int64 scalar");
  return *x.as<int64_t>();
}

Shape sizes_of(Values sizes) {
  Shape shape;
  for (const Array& size : sizes) shape.push_back(scalar_of(size));
  return shape;
}

int64_t integer_at(const Array& x, int64_t position) {
  if (is_signed(x.dtype)) return load<int64_t>(x.dtype, element(x, position));
  constexpr uint64_t largest = std::numeric_limits<int64_t>::max();
  return static_cast<int64_t>(std::min(largest, load<uint64_t>(x.dtype, element(x, position))));
}

// ---- indices

int64_t position_of(const Shape& index, const Shape& shape) {
  int64_t position = 0;
  for (size_t axis = 0; axis < shape.size(); ++axis) position = position * shape[axis] + index[axis];
  return position;
}

int64_t broadcast_position(const Shape& index, const Shape& shape) {
  size_t extra = index.size() - shape.size();
  int64_t position = 0;
  for (size_t axis = 0; axis < shape.size(); ++axis)
    position = position * shape[axis] + (shape[axis] == 1 ? 0 : index[axis + extra]);
  return position;
}

Shape broadcast_shapes(const Node& node, Values x, std::span<const Shape> shapes) {
  size_t rank = 0;
  for (const Shape& shape : shapes) rank = std::max(rank, shape.size());
  Shape result(rank, 1);
  for (const Shape& shape : shapes)
    for (size_t axis = 0; axis < shape.size(); ++axis) {
      int64_t size = shape[axis], at = static_cast<int64_t>(axis + rank - shape.size());
      int64_t& common = result[at];
      if (common == 1) common = size;
      if (size != 1 && size != common)
        throw ValueError(complaint(node, x, "shapes that broadcast together",
                                   "axis " + std::to_string(at) + " has sizes " + std::to_string(common) +
                                       " and " + std::to_string(size)));
    }
  return result;
}

// ---- accumulation

Fold fold_of(const OpSpec& op, DType dtype) {
  if (&op == &sum_op) return is_bool(dtype) ? Fold::Max : Fold::Sum;
  if (&op == &prod_op) return is_bool(dtype) ? Fold::Min : Fold::Prod;
  check_internal(&op == &max_op || &op == &min_op, "not a reduction");
  return &op == &max_op ? Fold::Max : Fold::Min;
}

namespace {

template <class T>
T read(const void* data) {
  T value;
  std::memcpy(&value, data, sizeof value);
  return value;
}

template <class Stored, class T>
void write(T value, void* data) {
  Stored stored = static_cast<Stored>(value);
  std::memcpy(data, &stored, sizeof stored);
}

}  // namespace

template <>
double load<double>(DType dtype, const void* data) {
  return load_scalar(dtype, data);
}

template <>
int64_t load<int64_t>(DType dtype, const void* data) {
  switch (dtype) {
    case DType::Int8: return read<int8_t>(data);
    case DType::Int16: return read<int16_t>(data);
    case DType::Int32: return read<int32_t>(data);
    case DType::Int64: return read<int64_t>(data);
    default: throw InternalError("interpreter: not a signed integer");
  }
}

template <>
uint64_t load<uint64_t>(DType dtype, const void* data) {
  switch (dtype) {
    case DType::Bool: return read<uint8_t>(data) != 0;
    case DType::UInt8: return read<uint8_t>(data);
    case DType::UInt16: return read<uint16_t>(data);
    case DType::UInt32: return read<uint32_t>(data);
    case DType::UInt64: return read<uint64_t>(data);
    default: throw InternalError("interpreter: not an unsigned integer");
  }
}

template <>
void store<double>(DType dtype, double value, void* data) {
  store_scalar(dtype, value, data);
}

template <>
void store<uint64_t>(DType dtype, uint64_t value, void* data) {
  switch (size_of(dtype)) {
    case 1: return write<uint8_t>(value, data);
    case 2: return write<uint16_t>(value, data);
    case 4: return write<uint32_t>(value, data);
    default: return write<uint64_t>(value, data);
  }
}

template <>
void store<int64_t>(DType dtype, int64_t value, void* data) {
  store(dtype, static_cast<uint64_t>(value), data);
}

}  // namespace croton::interpreter
