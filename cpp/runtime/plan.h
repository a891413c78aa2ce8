// A plan: everything about a call that depends on the shapes of its arguments, worked out once.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "codegen/indexed_contraction.h"
#include "runtime/kernel_cache.h"
#include "schedule/program.h"

namespace croton {

/// A place in memory: a buffer of the program and a distance from its start.
struct Location {
  int buffer;
  int64_t offset;  // bytes
};

/// An accumulation over rows: what its memory starts from, and how the parts of several chunks combine.
struct AccumulatorPlan {
  int access;
  const OpSpec* op;
  DType dtype;
  int64_t elements;        // of one part: one accumulation for fixed kept indices
  int64_t partial_offset;  // of the parts in the arena, where there is more than one chunk
};

struct NestPlan {
  NestKernel kernel;
  std::vector<int64_t> parameters;
  std::vector<Location> accesses;
  int64_t kept = 1;               // accumulations run for each of these on its own
  int64_t rows = 1, columns = 1;  // rows for each kept index
  int64_t row_chunk = 1, column_chunk = 1;
  int64_t row_chunks = 1, column_chunks = 1;
  int64_t flags = 0;
  int64_t scratch_bytes = 0;
  std::vector<AccumulatorPlan> accumulators;
  bool partial = false;  // accumulators add up in parts, one for each chunk
  int64_t chunks() const { return kept * row_chunks * column_chunks; }
};

struct ProductPlan {
  ContractionPlan plan;                  // of a matrix product
  std::unique_ptr<IndexedPlan> indexed;  // of any other
  std::vector<ContractionKernel> kernels;
  Location a, b, c;
  int64_t rows = 0;                          // of one batch
  int64_t elements = 0, partial_offset = 0;  // of the result; of its parts in the arena, if there are several
  DType dtype = DType::Float32;
  int64_t chunks() const { return indexed ? indexed->chunks : plan.chunks; }
};

class Executable;
class NativeLoops;
struct NativeLoop;

/// Memory that a loop reads or writes step by step: which argument or output of the step's program it is,
/// the buffer outside, the bytes from one step to the next, and those before the first.
struct CursorPlan {
  int inside, buffer;
  int64_t step_bytes, offset = 0;
};

/// A value carried from step to step: it goes to the trace or, without one, to two places in turn, of which
/// one is the result or in the arena. Of a native loop: to and from registers, by way of the first place.
struct StatePlan {
  int argument, output;
  int initial, last, trace, blocks;  // buffers, no_buffer for those that nobody reads
  int64_t bytes, offset;             // of one value; of the first in its buffer
  int64_t places[2];                 // in the arena
};

/// A loop: the program of a step and what changes from step to step.
struct LoopPlan {
  std::shared_ptr<const NativeLoop> native;  // the whole of it; if there is none, `step` runs
  Executable* step;
  int64_t steps, block;
  int limit;  // the buffer that has the number of steps instead, or no_buffer
  int64_t limit_offset;
  std::vector<std::vector<int64_t>> argument_shapes;
  std::vector<CursorPlan> rows, fixed, yields;
  std::vector<StatePlan> states;
  size_t outputs;
  int until, taken;  // an output, a buffer; -1 for none
  bool reversed;
  bool replans;  // sizes in a step depend on values
};

/// One branch: its program, and the buffers and shapes of its arguments. Without a program, `error` says why
/// it cannot be taken.
struct BranchPlan {
  Executable* program;
  std::vector<int> operands;
  std::vector<std::vector<int64_t>> shapes;
  std::string error;
};

/// The branch for where the condition holds, and the other; both write `results`.
struct BranchesPlan {
  int condition;
  BranchPlan sides[2];
  std::vector<int> results;
  std::vector<int64_t> result_bytes;
};

/// A host routine, cut into chunks of items; or a loop, or two branches.
struct CallPlan {
  std::shared_ptr<LoopPlan> loop;
  std::shared_ptr<BranchesPlan> branches;
  const Node* node;
  std::vector<int> buffers;  // of inputs, then results
  std::vector<std::vector<int64_t>> shapes;
  std::vector<HostArray> arrays;  // one item of each, without data
  int64_t items = 1, chunk = 1, chunks = 1;
};

struct LaunchPlan {
  NestPlan nest;
  std::unique_ptr<ProductPlan> product;
  std::unique_ptr<CallPlan> call;
  bool follows = false;  // runs on each chunk of the product before it
};

struct Plan {
  std::vector<int64_t> signature;            // sizes of all arguments and shared variables
  std::vector<int64_t> atoms;                // values of the program's unknown sizes
  std::vector<std::vector<int64_t>> shapes;  // of outputs
  std::vector<int64_t> output_bytes;
  std::vector<int64_t> arena_offsets;          // of intermediates; -1 for other buffers
  int64_t arena_bytes = 0, scratch_bytes = 0;  // scratch: for each worker
  std::vector<LaunchPlan> launches;
  bool brief = true;  // over within microseconds: nothing is worth a thread or giving up a lock
};

/// The code of a program's nests, in the order of its launches (empty entries for what is no nest).
struct ProgramCode {
  std::vector<NestSource> sources;
  std::vector<NestKernel> kernels;
  std::vector<std::shared_ptr<Executable>> loops;                    // steps of loops without native code
  std::vector<std::shared_ptr<NativeLoops>> native;                  // of loops
  std::vector<std::array<std::shared_ptr<Executable>, 2>> branches;  // the programs of branches
  std::vector<std::pair<ContractionSpec, ContractionKernel>> contractions;  // all that products may use
};

/// Works out a plan for sizes `atoms` (of program.sizes).
Plan make_plan(const Program& program, const ProgramCode& code, std::vector<int64_t> atoms, Backend& backend);

}  // namespace croton
