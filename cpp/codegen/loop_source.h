// A loop on few elements ready for code generation: one function that keeps the carried values in registers.
#pragma once

#include <optional>
#include <string>

#include "base/scalar_program.h"
#include "schedule/program.h"

namespace croton {

/// What the function reads or writes: its address in the first step, and how many bytes further on (before,
/// if negative) that of the next step is.
struct LoopArray {
  DType dtype;
  int64_t step_bytes;
  int64_t row;  // how many elements its last axis has
};

/// Element `position` of an array, and the instruction of the program whose value it is.
struct LoopElement {
  int array;
  int64_t position;
  uint32_t value;
};

/// An element that is carried in a register: it comes from memory, and returns there after the last step.
struct LoopCarry {
  LoopElement element;    // the value is that after a step
  int64_t argument = -1;  // of the program: its value before it; -1 if the step does not ask
};

/// A vector of values that are the same one, or that no step changes.
struct LoopJoin {
  uint32_t value;  // an instruction after its parts
  std::vector<uint32_t> parts;
};

struct LoopSource {
  ScalarProgram program;          // of one step
  std::vector<uint32_t> lanes;    // of each value of the program; empty: they are scalars
  std::vector<LoopJoin> joins;    // in the order of their values
  std::vector<LoopArray> arrays;  // rows, fixed values, states, traces of states that have them, yields
  std::vector<LoopElement> loads, stores;
  std::vector<LoopCarry> carries;
  int64_t until = -1;  // the instruction that says whether to stop
  std::string key;
};

/// The source of a loop whose arguments have these shapes. Nothing where a step takes so many elements that
/// vectors of them are faster, or does what single elements do not say.
std::optional<LoopSource> make_source(const ScheduledLoop& loop,
                                      std::span<const std::vector<int64_t>> shapes);

/// Which values of the program differ from step to step.
std::vector<bool> varying_values(const LoopSource& source);

/// Generated code of a loop, for one step or more. `arrays` has their addresses for the first of them. Gives
/// how many steps it took, negative if the last one said to stop.
using LoopKernel = int64_t (*)(void* const* arrays, int64_t steps);

}  // namespace croton
