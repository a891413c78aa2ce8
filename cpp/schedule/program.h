// The schedule of a whole function: its buffers and, in order, what runs.
#pragma once

#include <memory>

#include "schedule/loop_nest.h"
#include "schedule/size_table.h"
#include "schedule/views.h"

namespace croton {

enum class BufferKind : uint8_t { Argument, Shared, Constant, Intermediate, Output };

struct BufferInfo {
  BufferKind kind;
  DType dtype;
  std::vector<Size> dims;
  const Node* node;                 // whose value it holds
  int index = 0;                    // Output: which one
  int first_use = 0, last_use = 0;  // launches
};

/// c[batch, rows, columns] = sum over terms of a[batch, rows, terms] * b[batch, terms, columns], where each
/// stands for any number of indices.
struct Product {
  DType dtype;
  std::vector<Size> batch, rows, columns, terms;
  Access a, b,
      c;  // strides: batch..., then (rows..., terms...), (terms..., columns...), (rows..., columns...)
  const Node* node;
  bool is_matrix_product() const {
    return rows.size() == 1 && columns.size() == 1 && terms.size() == 1 && c.strides.back().is(1);
  }
};

struct ScheduledLoop;
struct ScheduledBranches;

/// The host routine of `node` on whole buffers: those of the inputs, and then of the results. Or a loop, or
/// two branches.
struct Call {
  const Node* node;
  std::vector<int> buffers;  // no_buffer for a result that nobody reads
  std::vector<RowBlock>
      blocks;  // of loops: where the inputs begin in their buffers, and the steps of sequences
  std::vector<std::vector<Size>> dims;
  std::shared_ptr<ScheduledLoop> loop;
  std::shared_ptr<ScheduledBranches> branches;
  std::span<const int> inputs() const { return std::span(buffers).first(node->inputs.size()); }
  std::span<const int> results() const { return std::span(buffers).subspan(node->inputs.size()); }
};

/// One entry of the program: a product or a call if one of these is set, else a nest.
struct Launch {
  LoopNest nest;
  std::unique_ptr<Product> product;
  std::unique_ptr<Call> call;
  bool guard = false;    // finds errors before the launches that write over a shared variable
  bool follows = false;  // may run chunk by chunk right behind the product before it
  bool is_nest() const { return !product && !call; }
};

struct Program {
  std::vector<Var> roots, kept;  // keep all nodes alive
  std::unique_ptr<SizeTable> sizes;
  std::vector<BufferInfo> buffers;
  std::vector<Launch> launches;
  std::vector<int> outputs;    // the buffer of each output
  std::vector<bool> in_place;  // outputs that may be written over the value of their shared variable
  int first_in_place = 0;      // from this launch on, shared variables change
};

/// A value that each step of a loop reads or writes: which argument or output of its program, and where the
/// rows or states lie outside (the number of an input or a result of the call).
struct LoopValue {
  int inside, outside;
  int64_t step = 1;  // how many rows apart the rows of a sequence lie
};

/// A value carried from step to step: an argument and an output of the step's program. `last`, `trace` and
/// `blocks` (the values between blocks of steps) are results of the call, or -1 where nobody reads them.
struct LoopState {
  int argument, output, initial;
  int last, trace, blocks;
};

/// The steps of a loop, of which only what somebody reads is left.
struct ScheduledLoop {
  Program program;             // of one step
  std::vector<Var> step;       // its outputs as expressions of the arguments
  std::vector<Var> arguments;  // of the program
  std::vector<LoopValue> rows, fixed, yields;
  std::vector<LoopState> states;
  Size steps, block;  // how many steps, and in each block of them
  int until = -1;     // the output that says whether to stop
  int taken = -1;     // the result that is the number of steps
  bool reversed = false;
  bool unbounded = false;  // the call's first input has the number of steps, rather than `steps`
};

/// One branch. `operands` are the numbers of the call's inputs that the program's arguments are.
struct ScheduledBranch {
  Program program;
  std::vector<Var> arguments;
  std::vector<int> operands;
  std::string error;  // what is wrong where it can never be taken
};

/// The branch for where the condition holds, and the other; `results` are the numbers of those of the call
/// that both compute.
struct ScheduledBranches {
  ScheduledBranch sides[2];
  std::vector<int> results;
};

/// Schedules the computation of `outputs`: fuses, lowers to loop nests, and places values in buffers.
/// `targets` gives, for each output, the shared variable whose next value it is, or null; `written` are the
/// outputs before they were rewritten, whose sizes the calls check.
Program schedule(std::vector<Var> outputs, std::vector<const Node*> targets, std::span<const Var> written);

}  // namespace croton
