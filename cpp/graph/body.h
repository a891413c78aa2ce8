// What a loop does in one step.
#pragma once

#include "graph/node.h"

namespace croton {

/// One step as expressions of inputs of its own, and of nothing else. `inputs` are rows of the sequences,
/// values carried from the step before, and values that stay the same; `outputs` are the next carried
/// values, what the step adds to the results, and, if `until`, whether it was the last one (a bool scalar).
/// What is yielded ends with the products of the step, for gradients, and all of `next`.
struct Body {
  std::vector<Var> inputs, outputs;
  size_t sequences = 0, carries = 0, yields = 0;
  bool until = false;
  bool reversed = false;  ///< from the last row to the first
  /// How many steps there may be is known when the loop runs, and nothing is kept but the last values.
  bool unbounded = false;
  int64_t truncated = 0;  ///< how many of the last steps gradients go through; 0: all
  Var block;              ///< if set, gradients store the carried values every so many steps only

  std::span<const Var> rows() const { return std::span(inputs).first(sequences); }
  std::span<const Var> carried() const { return std::span(inputs).subspan(sequences, carries); }
  std::span<const Var> fixed() const { return std::span(inputs).subspan(sequences + carries); }
  std::span<const Var> next() const { return std::span(outputs).first(carries); }
  size_t plain_yields() const { return unbounded ? 0 : yields - carries; }
  std::span<const Var> yielded() const { return std::span(outputs).subspan(carries, yields); }
};

/// Whether two bodies are the same expressions of the same inputs.
bool same_body(const Body& a, const Body& b);

}  // namespace croton
