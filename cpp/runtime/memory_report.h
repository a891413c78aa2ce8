// What a plan keeps in memory, and what it copies.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "runtime/plan.h"

namespace croton {

/// A value in the arena, or the partial results of an accumulation in several chunks.
struct BufferReport {
  std::string value;  // the expression
  DType dtype;
  std::vector<int64_t> shape;
  int64_t bytes, offset;
  int first, last;  // the launches that it lives through
  Source source;
};

/// Elements that move without being computed.
struct CopyReport {
  std::string value, reason;
  int64_t bytes;
  Source source;
};

struct ResultReport {
  DType dtype;
  std::vector<int64_t> shape;
  int64_t bytes;
  bool in_place;  // written over the old value of its shared variable
};

struct MemoryReport {
  int64_t arena_bytes;    // of all intermediates, which share it by lifetime
  int64_t scratch_bytes;  // beside it, for each thread
  std::vector<BufferReport> buffers;
  std::vector<ResultReport> results;  // outputs, then updates
  std::vector<CopyReport> copies;
};

MemoryReport memory_report(const Program& program, const Plan& plan);

}  // namespace croton
