// Running one launch of a plan: addresses, chunks, accumulators.
#pragma once

#include "runtime/memory_pool.h"
#include "runtime/plan.h"

namespace croton {

/// A block of the memory pool for the length of a call.
class PoolBlock {
 public:
  explicit PoolBlock(size_t bytes) : data_(bytes ? static_cast<char*>(pool_allocate(bytes)) : nullptr) {}
  ~PoolBlock() {
    if (data_) pool_free(data_);
  }
  PoolBlock(const PoolBlock&) = delete;
  PoolBlock& operator=(const PoolBlock&) = delete;
  char* data() const { return data_; }

 private:
  char* data_;
};

struct LaunchContext {
  char* const* buffers;  // start of each buffer of the program
  char* arena;
  char* scratch;          // of worker 0; the others follow
  int64_t scratch_bytes;  // of each worker
  int workers;
  KernelError error;
};

/// Runs launch `index` of the plan and those that follow its chunks; returns the next launch to run.
size_t run_launch(const Plan& plan, size_t index, LaunchContext& context);
[[noreturn]] void raise_index_error(const LoopNest& nest, const KernelError& error);

}  // namespace croton
