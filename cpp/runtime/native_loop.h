// Loops on few elements as one piece of code, compiled for their sizes.
#pragma once

#include <map>
#include <memory>
#include <optional>

#include "runtime/kernel_cache.h"

namespace croton {

struct NativeLoop {
  LoopKernel kernel;
  int64_t block;  // so many steps take about a millisecond
  LoadedKernel loaded;
};

/// The code of one loop by the shapes of its step's arguments.
class NativeLoops {
 public:
  /// Compiles the loop at once if its sizes are known and there is such code.
  NativeLoops(const ScheduledLoop& loop, Backend& backend);
  /// Whether that is so: then there is code for all calls.
  bool serves_all() const { return all_ != nullptr; }
  /// Null where there is no such code, where it is no faster than the step's program, where so few steps
  /// are not worth compiling it, or where the loop has come in very many sizes.
  std::shared_ptr<const NativeLoop> find(const std::vector<std::vector<int64_t>>& shapes, int64_t steps);
  /// What has been compiled.
  std::vector<LoadedKernel> kernels() const;

 private:
  using Shapes = std::vector<std::vector<int64_t>>;
  struct Entry {
    int64_t least_steps;  // from which on the code is worth compiling
    std::shared_ptr<const NativeLoop> native;
  };
  const ScheduledLoop& loop_;
  Backend& backend_;
  size_t launches_;  // of the step's program
  std::shared_ptr<const NativeLoop> all_;
  std::map<Shapes, Entry> known_;

  std::optional<LoopSource> source(const Shapes& shapes) const;
  std::shared_ptr<const NativeLoop> compile(const LoopSource& source);
};

}  // namespace croton
