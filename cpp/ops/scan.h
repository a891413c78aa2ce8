// Loops: a step repeated over the rows of sequences, with values carried from one step to the next.
#pragma once

#include <unordered_map>

#include "graph/body.h"
#include "graph/op_spec.h"

namespace croton {

/// Inputs: the number of steps, sequences, initial values, fixed values; attrs.body the step. Results: the
/// last carried values, then all that was yielded, along a new first axis, and the number of steps taken; in
/// loops of blocks also the carried values before each block and after the last whole one.
extern const OpSpec scan_op;

/// What a loop is made of, in the words of whoever writes it.
struct Loop {
  Var steps;                          ///< how many, int64
  std::vector<Var> sequences, rows;   ///< arrays, and the inputs that stand for one row of each
  std::vector<Var> initial, carried;  ///< first values, and the inputs that stand for the current ones
  std::vector<Var> next, yields;      ///< expressions of rows, carried and anything else
  Var until;                          ///< empty, or a bool scalar: the loop ends after a step where it holds
  int64_t truncated = 0;              ///< how many of the last steps gradients go through; 0: all
  bool unbounded = false;  ///< `steps` is a limit that no size depends on; there are no yields and traces
  bool reversed = false;   ///< rows come last to first; results lie as the rows do
  Var block;               ///< if set, gradients store the carried values every so many steps only
};

/// The results of a loop.
struct LoopResults {
  Var node;
  std::vector<Var> last;    ///< of each carried value
  std::vector<Var> yields;  ///< along the first axis
  std::vector<Var> traces;  ///< the carried values after each step
  Var steps;                ///< how many were taken
  std::vector<Var> blocks;  ///< the carried values between blocks, if there are any
};

/// The loop. Whatever the step does not change is computed once, before it. Throws TypeError or ValueError
/// where a next value differs from its initial one in dtype or shape.
LoopResults scan(const Loop& loop);

/// Where `x` is a trace, of which only the last row is asked for: an array of that row alone, or of none if
/// there are no steps. Empty for anything else.
Var last_of_trace(const Var& x);

/// The parts of a scan node's inputs.
struct ScanInputs {
  explicit ScanInputs(const Node& node);
  Var steps;
  std::span<const Var> sequences, initial, fixed;
};

/// Whether gradients of a step read the value of `node` rather than compute it again: products, and results
/// of routines other than loops.
bool is_dear(const Node& node);

/// Whether the sizes of a value of a step are the same in all steps, and known before the first.
bool has_fixed_sizes(const Var& x);

/// What stands outside of the loop for the inputs of its body: for rows any row, so that it is good for
/// sizes.
std::unordered_map<const Node*, Var> outside_of(const Body& body, std::span<const Var> inputs);

/// The carried values that any of the results in `wanted` depends on.
std::vector<bool> states_read(const Body& body, const std::vector<bool>& wanted);

/// An input that stands for one row of `sequence`.
Var make_row(const Var& sequence);

/// How many steps there are in a block of the scan node.
Var block_size(const Node& node);

/// Whether input `i` of `node` is a sequence of a loop.
inline bool is_sequence(const Node& node, size_t i) {
  return node.op == &scan_op && i >= 1 && i <= node.attrs.body->sequences;
}

/// The body with inputs of the sizes that are known of the node's.
Body narrowed_body(const Node& node);
/// The same for parts of it.
Body narrowed_body(const Node& node, Body body);

}  // namespace croton
