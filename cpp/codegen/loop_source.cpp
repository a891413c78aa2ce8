#include "codegen/loop_source.h"

#include <algorithm>

#include "codegen/scalar_step.h"

namespace croton {
namespace {

constexpr size_t max_instructions = 1500;  // above them code takes too long to compile

int64_t bytes_of(DType dtype, std::span<const int64_t> shape) {
  int64_t n = static_cast<int64_t>(size_of(dtype));
  for (int64_t size : shape) n *= size;
  return n;
}

struct Builder {
  const ScheduledLoop& loop;
  std::span<const std::vector<int64_t>> shapes;
  ScalarStep step;
  LoopSource source{};
  std::vector<int> array_of{};     // of each argument
  std::vector<size_t> carry_of{};  // of each argument that is a state: its first carry

  DType dtype(int argument) const { return loop.arguments[static_cast<size_t>(argument)].dtype(); }

  // `step` rows of this shape from one step of the loop to the next.
  int add_array(DType dtype, std::span<const int64_t> shape, int64_t step) {
    const int64_t bytes = step * bytes_of(dtype, shape);
    source.arrays.push_back({dtype, loop.reversed ? -bytes : bytes, shape.empty() ? 1 : shape.back()});
    return static_cast<int>(source.arrays.size()) - 1;
  }

  int add_argument(int argument, int64_t step) {
    const auto k = static_cast<size_t>(argument);
    return array_of[k] = add_array(dtype(argument), shapes[k], step);
  }

  void add_stores(int array, int output) {
    int64_t position = 0;
    for (uint32_t id : step.outputs[static_cast<size_t>(output)])
      source.stores.push_back({array, position++, id});
  }

  void add_states() {
    for (const LoopState& state : loop.states) {
      const int array = add_argument(state.argument, 0);
      carry_of[static_cast<size_t>(state.argument)] = source.carries.size();
      int64_t position = 0;
      for (uint32_t id : step.outputs[static_cast<size_t>(state.output)])
        source.carries.push_back({{array, position++, id}});
    }
    for (const LoopState& state : loop.states) {
      if (state.trace < 0) continue;
      const auto& shape = shapes[static_cast<size_t>(state.argument)];
      add_stores(add_array(dtype(state.argument), shape, 1), state.output);
    }
  }

  void add_yields() {
    for (const LoopValue& y : loop.yields) {
      const auto k = static_cast<size_t>(y.inside);
      add_stores(add_array(loop.step[k].dtype(), step.shapes[k], 1), y.inside);
    }
  }

  bool is_state(int argument) const {
    return std::any_of(loop.states.begin(), loop.states.end(),
                       [&](const LoopState& state) { return state.argument == argument; });
  }

  void add_loads() {
    for (uint32_t id = 0; id < step.program.code.size(); ++id) {
      const ScalarInstr& instr = step.program.code[id];
      if (instr.prim != Prim::Argument) continue;
      const ScalarStep::Element& element = step.elements[instr.payload];
      const auto k = static_cast<size_t>(element.argument);
      if (is_state(element.argument))
        source.carries[carry_of[k] + static_cast<size_t>(element.position)].argument = id;
      else
        source.loads.push_back({array_of[k], element.position, id});
    }
  }

  // ---- the key

  void put(int64_t value) { source.key.append(reinterpret_cast<const char*>(&value), sizeof value); }

  void put(const LoopElement& element) {
    for (int64_t value :
         {static_cast<int64_t>(element.array), element.position, static_cast<int64_t>(element.value)})
      put(value);
  }

  void put(const ScalarInstr& instr) {
    put(static_cast<int64_t>(instr.prim) << 16 | static_cast<int64_t>(instr.type) << 8 | instr.arity);
    for (int k = 0; k < instr.arity; ++k) put(instr.args[k]);
    const bool named = instr.prim == Prim::Call || instr.prim == Prim::Fallback;
    if (named)
      source.key += library_functions()[instr.payload].name + '\0';
    else
      put(static_cast<int64_t>(instr.payload));
  }

  template <class T>
  void put_all(const std::vector<T>& values) {
    put(static_cast<int64_t>(values.size()));
    for (const T& value : values) put(value);
  }

  void make_key() {
    put_all(source.program.code);
    put(static_cast<int64_t>(source.arrays.size()));
    for (const LoopArray& array : source.arrays) {
      put(static_cast<int64_t>(array.dtype));
      put(array.step_bytes);
      put(array.row);
    }
    put_all(source.loads);
    put_all(source.stores);
    put(static_cast<int64_t>(source.carries.size()));
    for (const LoopCarry& carry : source.carries) {
      put(carry.element);
      put(carry.argument);
    }
    put(source.until);
  }

  // States that change their shapes are errors, which the step's own program reports.
  bool fits() const {
    for (const LoopState& state : loop.states)
      if (step.shapes[static_cast<size_t>(state.output)] != shapes[static_cast<size_t>(state.argument)])
        return false;
    return step.program.code.size() <= max_instructions;
  }

  LoopSource run() {
    array_of.resize(shapes.size());
    carry_of.resize(shapes.size());
    for (const LoopValue& row : loop.rows) add_argument(row.inside, row.step);
    for (const LoopValue& fixed : loop.fixed) add_argument(fixed.inside, 0);
    add_states();
    add_yields();
    add_loads();
    if (loop.until >= 0) source.until = step.outputs[static_cast<size_t>(loop.until)][0];
    source.program = std::move(step.program);
    make_key();
    return std::move(source);
  }
};

}  // namespace

std::optional<LoopSource> make_source(const ScheduledLoop& loop,
                                      std::span<const std::vector<int64_t>> shapes) {
  std::optional<ScalarStep> step = scalar_step(loop.step, loop.arguments, shapes);
  if (!step) return std::nullopt;
  Builder builder{loop, shapes, std::move(*step)};
  if (!builder.fits()) return std::nullopt;
  return builder.run();
}

std::vector<bool> varying_values(const LoopSource& source) {
  const std::vector<ScalarInstr>& code = source.program.code;
  std::vector<bool> varies(code.size());
  for (const LoopElement& element : source.loads)
    varies[element.value] = source.arrays[static_cast<size_t>(element.array)].step_bytes != 0;
  for (const LoopCarry& carry : source.carries)
    if (carry.argument >= 0) varies[static_cast<size_t>(carry.argument)] = true;
  auto join = source.joins.begin();
  for (size_t k = 0; k < code.size(); ++k) {
    for (int n = 0; n < code[k].arity; ++n)
      if (varies[code[k].args[n]]) varies[k] = true;
    if (join != source.joins.end() && join->value == k) varies[k] = varies[join++->parts[0]];
  }
  return varies;
}

}  // namespace croton
