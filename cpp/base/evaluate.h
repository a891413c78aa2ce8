// The reference meaning of scalar programs: one element at a time, one instruction at a time.
#pragma once

#include <cstdint>
#include <span>

#include "base/scalar_program.h"

namespace croton {

/// The result of `program` for one element. Arguments and result are raw bits in the low bytes, typed by
/// the program (the other bytes are zero); never traps.
uint64_t evaluate(const ScalarProgram& program, std::span<const uint64_t> arguments);

/// The same with the instructions' values kept in `scratch`, which is resized as needed: for loops.
uint64_t evaluate(const ScalarProgram& program, std::span<const uint64_t> arguments,
                  std::vector<uint64_t>& scratch);

}  // namespace croton
