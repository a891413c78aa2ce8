// Loop nests: what a group of fused nodes becomes, and what every backend compiles.
//
// The loops run over rows (the leading `row_dims` extents, which threads share) and, inside each row, over
// the inner extents, once per pass; the last inner extent is the vectorised one. A reduction over the inner
// extents ends with its pass and is a row value from then on; a reduction over rows adds to memory.
//
//   invariant steps
//   for each row:
//     for each pass:  row steps (scalars);  for each inner element: inner steps (vectors)
#pragma once

#include <string>
#include <vector>

#include "graph/op_spec.h"
#include "schedule/size.h"

namespace croton {

/// An affine map from loop indices to an element of a buffer.
struct Access {
  int buffer;  // of the program; scratch_buffer for a row of scratch memory
  DType dtype;
  std::vector<Size> strides;  // in elements, one for each extent
  Size offset;
  bool written = false;
};
inline constexpr int scratch_buffer = -1;
inline constexpr int no_buffer = -2;  // an index, not a place in memory

enum class StepKind : uint8_t {
  Constant,    // bits
  Parameter,   // a size, as int64
  Index,       // access.offset + sum of strides * loop indices, as int64 (access.buffer is unused)
  Load,        // access
  Store,       // args[0] to access; to a complex one its parts args[0] and args[1]
  Apply,       // elementwise op on args
  Reduce,      // op over the inner extents of args[0]; a row value in the next pass
  Accumulate,  // memory at access = op(memory, args[0])
  Gather,      // the element at access + index * stride; index = args[0], negative from the end
  Scatter,     // memory at access + index * stride = op(memory, args[1]), or args[1]; index = args[0]
  Check,       // index = args[0], which must be in range; counted from the start
};

struct Step {
  StepKind kind;
  DType dtype;  // of its value; for Store and the like of the memory
  const OpSpec* op = nullptr;
  std::vector<int> args;       // earlier steps
  int access = -1;             // index in `accesses`
  int part = -1;               // Load, Gather of a complex access: 0 real, 1 imaginary, -1 whole elements
  Size size = 0;               // Parameter: the value; Gather, Scatter, Check: extent of the indexed axis
  Size stride = 0;             // Gather, Scatter: of the indexed axis
  uint64_t bits = 0;           // Constant
  const Node* node = nullptr;  // what it computes, for messages
};

struct LoopPass {
  std::vector<int> row;    // steps before the loop over inner elements
  std::vector<int> inner;  // steps of one inner element
};

struct LoopNest {
  std::vector<Size> extents;
  int row_dims = 0;
  int kept_dims = 0;  // leading row extents that no accumulation runs over
  std::vector<Access> accesses;
  std::vector<Step> steps;
  std::vector<int> invariant;
  std::vector<LoopPass> passes;
  bool serial = false;  // scatters: rows must not run at once

  bool has(StepKind kind) const;
  /// Whether a scatter's index is the same along a row, so that the row's elements go to different places.
  bool scatters_rows() const;

  int inner_dims() const { return static_cast<int>(extents.size()) - row_dims; }
};

/// A readable listing, for reports and for tests of fusion.
std::string text(const LoopNest& nest);
/// Whether it computes something, rather than move or provide it.
bool computes(const Step& step);
/// The names of the ops it computes, in order; "copy" where there is none.
std::vector<std::string> op_names(const LoopNest& nest);

}  // namespace croton
