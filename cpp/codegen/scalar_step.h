// A step of a loop on few elements, as straight-line code on each of them.
#pragma once

#include <optional>

#include "base/scalar_program.h"
#include "graph/node.h"

namespace croton {

/// What the step of a loop computes, element by element, for arguments of known sizes.
struct ScalarStep {
  struct Element {
    int argument;  // of the step
    int64_t position;
  };
  ScalarProgram program;                       // of several results, given by `outputs`
  std::vector<Element> elements;               // what each argument of the program is
  std::vector<std::vector<uint32_t>> outputs;  // the instructions of the elements of each output
  std::vector<std::vector<int64_t>> shapes;    // of outputs
};

/// `outputs` as expressions of `arguments`, which have these shapes. Nothing if that takes very many
/// instructions, or what single elements do not say: library calls, positions that depend on data, dtypes
/// that are not computed in.
std::optional<ScalarStep> scalar_step(std::span<const Var> outputs, std::span<const Var> arguments,
                                      std::span<const std::vector<int64_t>> shapes);

}  // namespace croton
