#include "codegen/scalar_step.h"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <unordered_map>

#include "base/error.h"
#include "base/evaluate.h"
#include "codegen/backend.h"
#include "graph/leaves.h"
#include "ops/core_rows.h"
#include "ops/functions.h"
#include "ops/interpret.h"
#include "ops/interpret_values.h"
#include "ops/reduce_identity.h"

namespace croton {
namespace {

using interpreter::Shape;

constexpr int64_t max_elements = 256;  // of one array
constexpr size_t max_recorded = 8000;  // instructions, of which some turn out not to be needed

[[noreturn]] void give_up(const std::string& what) { throw NotImplemented("scalar step: " + what); }

void require_few(const Shape& shape) {
  int64_t n = 1;
  for (int64_t size : shape) {
    if (size == 0) return;
    if (size < 0 || size > max_elements / n) give_up("too many elements");
    n *= size;
  }
}

/// The instruction of each element of each node, in arrays of int64 that the reference interpreter can move.
struct Recorder {
  std::span<const Var> arguments;
  std::span<const std::vector<int64_t>> shapes;
  ScalarBuilder builder{};
  ScalarStep step{};
  std::unordered_map<const Node*, Array> ids{};

  static uint32_t id(const Array& x, int64_t position) {
    return static_cast<uint32_t>(x.as<int64_t>()[position]);
  }

  Value value(const Array& x, int64_t position) { return {&builder, id(x, position)}; }

  static Array array_of(const Shape& shape) {
    require_few(shape);
    return {DType::Int64, shape, std::make_shared<int64_t[]>(max_elements)};
  }

  static void set(const Array& x, int64_t position, const Value& value) {
    x.as<int64_t>()[position] = value.id();
  }

  // ---- constants

  bool is_constant(const Value& x) { return builder.instruction(x.id()).prim == Prim::Constant; }

  uint64_t bits(const Value& x) {
    if (!is_constant(x)) give_up("sizes or positions that depend on data");
    return builder.instruction(x.id()).payload;
  }

  // Sizes and positions as numbers.
  Array numbers(const Var& x) {
    const Array& values = ids.at(x.get());
    Array result{x.dtype(), values.shape, interpreter::copy_of(values).data};
    for (int64_t i = 0; i < values.size(); ++i) {
      const uint64_t number = bits(value(values, i));
      std::memcpy(interpreter::element(result, i), &number, size_of(x.dtype()));
    }
    return result;
  }

  Array constant(DType dtype, const Array& values) {
    Array result = array_of(values.shape);
    for (int64_t i = 0; i < values.size(); ++i) {
      uint64_t bits = 0;
      std::memcpy(&bits, interpreter::element(values, i), size_of(dtype));
      set(result, i, builder.constant_bits(dtype, bits));
    }
    return result;
  }

  // ---- leaves

  Array leaf(const Node& node) {
    if (node.op == &constant_op) return constant(node.type.dtype, *node.attrs.value);
    for (size_t k = 0; k < arguments.size(); ++k) {
      if (arguments[k].get() != &node) continue;
      Array result = array_of(shapes[k]);
      for (int64_t i = 0; i < result.size(); ++i) {
        step.elements.push_back({static_cast<int>(k), i});
        set(result, i, builder.argument(node.type.dtype));
      }
      return result;
    }
    give_up("a leaf that is no argument");
  }

  // ---- elements side by side, moved as the interpreter moves numbers

  Array moved(const Node& node, size_t data_inputs) {
    std::vector<Array> values;
    std::vector<Var> inputs;
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      const bool moves = i < data_inputs;
      values.push_back(moves ? ids.at(node.inputs[i].get()) : numbers(node.inputs[i]));
      inputs.push_back(moves ? make_input({DType::Int64, values[i].shape}, "")
                             : make_constant(std::make_shared<Array>(values[i])));
    }
    const Var like = make_node(*node.op, inputs, node.attrs);
    require_few(like.type().dims);
    return interpret_node(*like, values);
  }

  Array view(const Node& node) {
    if (node.op == &concatenate_op) return moved(node, node.inputs.size());
    return moved(node, node.op == &set_slice_op ? 2 : 1);
  }

  // ---- arithmetic

  Value apply(const ScalarProgram& program, const std::vector<Value>& x) {
    std::vector<uint64_t> known;
    for (const Value& operand : x)
      if (is_constant(operand)) known.push_back(bits(operand));
    if (known.size() == x.size())
      return builder.constant_bits(program.code[program.result].type, evaluate(program, known));
    if (builder.size() > max_recorded) give_up("too many instructions");
    return builder.inline_program(program, x);
  }

  Array elementwise(const Node& node) {
    if (node.op == &copy_op) return ids.at(node.inputs[0].get());
    if (!node.op->scalar && node.op != &cast_op) give_up("a row without a scalar program");
    std::vector<DType> types;
    std::vector<Array> x;
    std::vector<Shape> operands;
    for (const Var& input : node.inputs) {
      types.push_back(input.dtype());
      x.push_back(ids.at(input.get()));
      operands.push_back(x.back().shape);
    }
    const ScalarProgram& program = scalar_program(*node.op, types, node.type.dtype);
    Array y = array_of(interpreter::broadcast_shapes(node, x, operands));
    interpreter::for_each_index(y.shape, [&](const Shape& index, int64_t position) {
      std::vector<Value> args;
      for (const Array& operand : x)
        args.push_back(value(operand, interpreter::broadcast_position(index, operand.shape)));
      set(y, position, apply(program, args));
    });
    return y;
  }

  Value combine(const OpSpec& op, Value a, Value b) {
    if (is_bool(a.type())) return &op == &sum_op || &op == &max_op ? a | b : a & b;
    if (&op == &sum_op) return a + b;
    if (&op == &prod_op) return a * b;
    Value best = &op == &max_op ? max(b, a) : min(b, a);  // a where either is NaN
    return is_floating(a.type()) ? select(is_nan(b), b, best) : best;
  }

  // Halves first, so that the chain of dependent steps is short.
  Value fold(const OpSpec& op, std::span<const Value> x) {
    if (x.size() == 1) return x[0];
    Value low = fold(op, x.first(x.size() / 2));
    return combine(op, low, fold(op, x.subspan(x.size() / 2)));
  }

  // `x` folded over the axes in which `kept` has 1.
  Array folded(const OpSpec& op, DType dtype, const Array& x, const Shape& kept) {
    Array y = array_of(kept);
    std::vector<std::vector<Value>> parts(static_cast<size_t>(y.size()));
    interpreter::for_each_index(x.shape, [&](const Shape& index, int64_t position) {
      parts[static_cast<size_t>(interpreter::broadcast_position(index, kept))].push_back(value(x, position));
    });
    for (size_t k = 0; k < parts.size(); ++k) {
      if (parts[k].empty() && (&op == &max_op || &op == &min_op)) give_up("an extreme of nothing");
      Value all =
          parts[k].empty() ? builder.constant_bits(dtype, identity_bits(op, dtype)) : fold(op, parts[k]);
      set(y, static_cast<int64_t>(k), all);
    }
    return y;
  }

  Array reduction(const Node& node) {
    const Array& x = ids.at(node.inputs[0].get());
    Shape kept = x.shape, result;
    if (node.op == &sum_to_op) {
      for (size_t axis = 0; axis < kept.size(); ++axis)
        result.push_back(*numbers(node.inputs[axis + 1]).as<int64_t>());
      kept = result;
    } else {
      for (int64_t axis : node.attrs.ints) kept[static_cast<size_t>(axis)] = 1;
      for (size_t axis = 0; axis < kept.size(); ++axis)
        if (!std::binary_search(node.attrs.ints.begin(), node.attrs.ints.end(), static_cast<int64_t>(axis)))
          result.push_back(kept[axis]);
    }
    Array y = folded(node.op == &sum_to_op ? sum_op : *node.op, node.type.dtype, x, kept);
    y.shape = result;
    return y;
  }

  Value dot(const Node& node, const Array& a, const Array& b, int64_t first, int64_t second) {
    const int64_t terms = a.shape.back(), columns = b.shape.back();
    Value total = builder.constant(node.type.dtype, 0);
    for (int64_t k = 0; k < terms; ++k) {
      Value x = value(a, first + k), y = value(b, second + k * columns);
      if (is_bool(node.type.dtype))
        total = total | (x & y);
      else
        total = k == 0 ? x * y : fma(x, y, total);
    }
    return total;
  }

  Array matmul(const Node& node) {
    const Array &a = ids.at(node.inputs[0].get()), &b = ids.at(node.inputs[1].get());
    const int64_t rows = a.shape[a.shape.size() - 2], terms = a.shape.back(), columns = b.shape.back();
    if (terms != b.shape[b.shape.size() - 2]) give_up("a product that does not fit");
    const Shape batches[] = {Shape(a.shape.begin(), a.shape.end() - 2),
                             Shape(b.shape.begin(), b.shape.end() - 2)};
    const Array operands[] = {a, b};
    Shape batch = interpreter::broadcast_shapes(node, operands, batches), shape = batch;
    shape.insert(shape.end(), {rows, columns});
    Array y = array_of(shape);
    interpreter::for_each_index(batch, [&](const Shape& index, int64_t pair) {
      int64_t first = interpreter::broadcast_position(index, batches[0]) * rows * terms;
      int64_t second = interpreter::broadcast_position(index, batches[1]) * terms * columns;
      for (int64_t i = 0; i < rows; ++i)
        for (int64_t j = 0; j < columns; ++j)
          set(y, (pair * rows + i) * columns + j, dot(node, a, b, first + i * terms, second + j));
      if (builder.size() > max_recorded) give_up("too many instructions");
    });
    return y;
  }

  // ---- scatter: where each value goes is what `take` finds there in an array of positions

  Array scatter(const Node& node) {
    Array y = interpreter::copy_of(ids.at(node.inputs[0].get()));
    const Array &values = ids.at(node.inputs[1].get()), index = numbers(node.inputs[2]);
    Array places = array_of(y.shape);
    std::iota(places.as<int64_t>(), places.as<int64_t>() + places.size(), int64_t{0});
    const Var from = make_input({DType::Int64, y.shape}, ""), at = make_input({index.dtype, index.shape}, "");
    const Array operands[] = {places, index};
    const Array to = interpret_node(*take(from, at, static_cast<int>(node.attrs.ints[0])), operands);
    if (to.shape != values.shape) give_up("values that do not fit");
    const auto mode = static_cast<ScatterMode>(node.attrs.ints[1]);
    const OpSpec& op = mode == ScatterMode::Min ? min_op : mode == ScatterMode::Max ? max_op : sum_op;
    for (int64_t i = 0; i < values.size(); ++i) {
      const int64_t place = to.as<int64_t>()[i];
      Value x = value(values, i);
      set(y, place, mode == ScatterMode::Set ? x : combine(op, value(y, place), x));
    }
    return y;
  }

  // ---- all of them

  Array size(const Node& node) {
    int64_t n = 0;
    if (node.op == &dim_op) {
      n = ids.at(node.inputs[0].get()).shape[static_cast<size_t>(node.attrs.ints[0])];
    } else {
      int64_t a = *numbers(node.inputs[0]).as<int64_t>(), b = *numbers(node.inputs[1]).as<int64_t>();
      n = a == 1 ? b : a;
    }
    return constant(DType::Int64, interpreter::make_size(n));
  }

  Array visit(const Node& node) {
    const DType dtype = node.type.dtype;
    if (is_complex(dtype) || compute_type(dtype) != dtype) give_up("a dtype that is not computed in");
    switch (node.op->kind) {
      case OpKind::Leaf: return leaf(node);
      case OpKind::Elementwise: return elementwise(node);
      case OpKind::View:
      case OpKind::Concatenate: return view(node);
      case OpKind::Index: return constant(DType::Int64, moved(node, 0));
      case OpKind::Gather: return moved(node, 1);
      case OpKind::Scatter: return node.op == &scatter_op ? scatter(node) : view(node);
      case OpKind::Reduction: return reduction(node);
      case OpKind::Size: return size(node);
      case OpKind::Contraction:
        if (node.op == &matmul_op) return matmul(node);
        break;
      default: break;
    }
    give_up(std::string(node.op->name));
  }

  ScalarStep run(std::span<const Var> outputs) {
    for (Node* node : topological_order(outputs)) ids[node] = visit(*node);
    for (const Var& output : outputs) {
      const Array& x = ids.at(output.get());
      step.shapes.push_back(x.shape);
      step.outputs.emplace_back();
      for (int64_t i = 0; i < x.size(); ++i) step.outputs.back().push_back(id(x, i));
    }
    step.program = builder.finish({&builder, 0});  // its results are the outputs
    return std::move(step);
  }
};

// Leaves only what outputs depend on.
void prune(ScalarStep& step) {
  std::vector<ScalarInstr>& code = step.program.code;
  std::vector<bool> used(code.size());
  for (const auto& output : step.outputs)
    for (uint32_t id : output) used[id] = true;
  for (size_t k = code.size(); k-- > 0;)
    for (int n = 0; used[k] && n < code[k].arity; ++n) used[code[k].args[n]] = true;
  std::vector<uint32_t> place(code.size());
  ScalarProgram program;
  std::vector<ScalarStep::Element> elements;
  for (size_t k = 0; k < code.size(); ++k) {
    if (!used[k]) continue;
    ScalarInstr instr = code[k];
    for (int n = 0; n < instr.arity; ++n) instr.args[n] = place[instr.args[n]];
    if (instr.prim == Prim::Argument) {
      elements.push_back(step.elements[instr.payload]);
      instr.payload = program.arguments.size();
      program.arguments.push_back(instr.type);
    }
    place[k] = static_cast<uint32_t>(program.code.size());
    program.code.push_back(instr);
  }
  for (auto& output : step.outputs)
    for (uint32_t& id : output) id = place[id];
  step.program = std::move(program);
  step.elements = std::move(elements);
}

}  // namespace

std::optional<ScalarStep> scalar_step(std::span<const Var> outputs, std::span<const Var> arguments,
                                      std::span<const std::vector<int64_t>> shapes) {
  try {
    ScalarStep step = Recorder{arguments, shapes}.run(outputs);
    prune(step);
    return step;
  } catch (const InternalError&) {
    throw;
  } catch (const Error&) {  // also of sizes and positions that do not fit, which the run reports
    return std::nullopt;
  }
}

}  // namespace croton
