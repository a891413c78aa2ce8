// A loop nest ready for code generation: sizes and constants become numbered run-time parameters, so that
// one piece of machine code serves every shape, and equal structures have equal keys.
#pragma once

#include <string>
#include <vector>

#include "schedule/loop_nest.h"

namespace croton {

/// How an access moves along one loop.
struct StrideCode {
  enum Kind : uint8_t { Zero, One, Parameter } kind = Zero;
  int parameter = -1;
  bool operator==(const StrideCode&) const = default;
};

struct NestSource {
  const LoopNest* nest;
  std::vector<Size> sizes;                       // parameters 0 ... : evaluated for each plan
  std::vector<uint64_t> constants;               // parameters after them: bits
  std::vector<int> extents;                      // parameter of each extent
  std::vector<std::vector<StrideCode>> strides;  // of each access, for each loop
  std::vector<int> offsets;                      // Index accesses: parameter of the offset, else -1
  std::vector<int> step_parameter;               // Parameter, Constant, Gather, Scatter: their size or bits
  std::vector<StrideCode> step_stride;           // Gather, Scatter
  std::string key;

  int parameter_count() const { return static_cast<int>(sizes.size() + constants.size()); }
};

NestSource make_source(const LoopNest& nest);

/// Generated code of a nest. `pointers` has one entry for each access and then one to an error record; rows
/// and columns (of the last inner extent) run from the first to before the last.
using NestKernel = void (*)(void* const* pointers, const int64_t* parameters, int64_t first_row,
                            int64_t last_row, int64_t first_column, int64_t last_column, int64_t flags);

/// flags: stores may bypass the cache (aligned rows of results too large for it).
inline constexpr int64_t streaming_flag = 1;

/// What a kernel reports of an index out of range; `step` is 0 while there is none.
struct KernelError {
  int64_t step = 0;  // number of the Gather or Scatter step + 1
  int64_t index = 0;
};

}  // namespace croton
