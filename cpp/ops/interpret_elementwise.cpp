// Elementwise rows: their scalar programs, evaluated one element at a time.
#include <bit>
#include <cstring>

#include "base/evaluate.h"
#include "base/half.h"
#include "ops/core_rows.h"
#include "ops/interpret_values.h"

namespace croton::interpreter {
namespace {

// The element as an argument of a scalar program: its bits, 16-bit floats as float32.
uint64_t load_bits(const Array& x, int64_t position) {
  uint64_t bits = 0;
  std::memcpy(&bits, element(x, position), size_of(x.dtype));
  if (x.dtype == DType::Bool) return bits != 0;
  if (x.dtype == DType::Float16) return std::bit_cast<uint32_t>(half_to_float(static_cast<uint16_t>(bits)));
  if (x.dtype == DType::BFloat16)
    return std::bit_cast<uint32_t>(bfloat16_to_float(static_cast<uint16_t>(bits)));
  return bits;
}

void store_bits(const Array& x, int64_t position, uint64_t bits) {
  float value = std::bit_cast<float>(static_cast<uint32_t>(bits));
  if (x.dtype == DType::Float16) bits = float_to_half(value);
  if (x.dtype == DType::BFloat16) bits = float_to_bfloat16(value);
  std::memcpy(element(x, position), &bits, size_of(x.dtype));
}

Array apply(const ScalarProgram& program, const Node& node, Values x) {
  DType result = node.type.dtype;
  check_internal(program.code[program.result].type == compute_type(result),
                 "a scalar program's result is not of its node's type");
  std::vector<Shape> shapes;
  for (const Array& operand : x) shapes.push_back(operand.shape);
  Array y = make_array(node, x, result, broadcast_shapes(node, x, shapes));
  std::vector<uint64_t> arguments(x.size()), scratch;
  for_each_index(y.shape, [&](const Shape& index, int64_t position) {
    for (size_t i = 0; i < x.size(); ++i)
      arguments[i] = load_bits(x[i], broadcast_position(index, x[i].shape));
    store_bits(y, position, evaluate(program, arguments, scratch));
  });
  return y;
}

}  // namespace

Array elementwise(const Node& node, Values x) {
  if (node.op == &copy_op) return copy_of(x[0]);
  require_real(node, x);
  std::vector<DType> types;
  for (const Array& operand : x) types.push_back(compute_type(operand.dtype));
  return apply(record(node.op->scalar, types), node, x);
}

Array cast(const Node& node, Values x) {
  if (node.type.dtype == x[0].dtype) return copy_of(x[0]);
  require_real(node, x);
  if (is_complex(node.type.dtype)) throw NotImplemented(complaint(node, x, "a real dtype to cast to"));
  ScalarBuilder builder;
  Value argument = builder.argument(compute_type(x[0].dtype));
  return apply(builder.finish(convert(argument, compute_type(node.type.dtype))), node, x);
}

}  // namespace croton::interpreter
