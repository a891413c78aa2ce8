#include "graph/scalar_io.h"

#include <bit>
#include <cmath>
#include <cstring>

#include "base/error.h"
#include "base/half.h"

namespace croton {
namespace {

template <class T>
double read(const void* data) {
  T value;
  std::memcpy(&value, data, sizeof value);
  return static_cast<double>(value);
}

template <class T>
void write(double value, void* data) {
  T converted = static_cast<T>(value);
  std::memcpy(data, &converted, sizeof converted);
}

}  // namespace

double load_scalar(DType type, const void* data) {
  switch (type) {
    case DType::Bool: return read<uint8_t>(data) != 0;
    case DType::Int8: return read<int8_t>(data);
    case DType::Int16: return read<int16_t>(data);
    case DType::Int32: return read<int32_t>(data);
    case DType::Int64: return read<int64_t>(data);
    case DType::UInt8: return read<uint8_t>(data);
    case DType::UInt16: return read<uint16_t>(data);
    case DType::UInt32: return read<uint32_t>(data);
    case DType::UInt64: return read<uint64_t>(data);
    case DType::Float16: return half_to_float(*static_cast<const uint16_t*>(data));
    case DType::BFloat16: return bfloat16_to_float(*static_cast<const uint16_t*>(data));
    case DType::Float32: return read<float>(data);
    case DType::Float64: return read<double>(data);
    default: throw NotImplemented("constant: complex values have no single real number");
  }
}

void store_scalar(DType type, double value, void* data) {
  switch (type) {
    case DType::Bool: return write<uint8_t>(value != 0, data);
    case DType::Int8: return write<int8_t>(value, data);
    case DType::Int16: return write<int16_t>(value, data);
    case DType::Int32: return write<int32_t>(value, data);
    case DType::Int64: return write<int64_t>(value, data);
    case DType::UInt8: return write<uint8_t>(value, data);
    case DType::UInt16: return write<uint16_t>(value, data);
    case DType::UInt32: return write<uint32_t>(value, data);
    case DType::UInt64: return write<uint64_t>(value, data);
    case DType::Float16: return write<uint16_t>(float_to_half(static_cast<float>(value)), data);
    case DType::BFloat16: return write<uint16_t>(float_to_bfloat16(static_cast<float>(value)), data);
    case DType::Float32: return write<float>(value, data);
    case DType::Float64: return write<double>(value, data);
    case DType::Complex64: write<float>(value, data); return write<float>(0, static_cast<char*>(data) + 4);
    case DType::Complex128: write<double>(value, data); return write<double>(0, static_cast<char*>(data) + 8);
  }
}

}  // namespace croton
