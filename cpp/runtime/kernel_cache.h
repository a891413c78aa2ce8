// Generated code by content: built once per process, and kept on disk for the next one.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "codegen/backend.h"

namespace croton {

/// Where a kernel came from.
enum class KernelOrigin : uint8_t { Built, Disk, Memory };
inline const char* name(KernelOrigin origin) {
  return origin == KernelOrigin::Built ? "built" : origin == KernelOrigin::Disk ? "disk" : "memory";
}

struct LoadedKernel {
  void* function = nullptr;
  KernelOrigin origin = KernelOrigin::Memory;
  double milliseconds = 0;
};

/// The executable code of a nest, of a loop or of a contraction tile.
LoadedKernel load_kernel(const NestSource& source, Backend& backend);
LoadedKernel load_kernel(const LoopSource& source, Backend& backend);
LoadedKernel load_kernel(const ContractionSpec& spec, Backend& backend);

/// How many kernels this process has built from scratch.
int64_t kernels_built();

}  // namespace croton
