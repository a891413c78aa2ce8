// What tests of contractions share: memory that faults just before or after each array, and kernels.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <string>

#include "codegen/backend.h"
#include "codegen/contraction.h"

namespace croton {

/// `count` elements between two pages that nobody may touch; they end or begin at one of them.
template <class T>
class GuardedArray {
 public:
  GuardedArray(int64_t count, bool at_end, T fill) {
    const size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE)),
                 bytes = static_cast<size_t>(count) * sizeof(T);
    body_ = std::max(page, (bytes + page - 1) / page * page);
    length_ = body_ + 2 * page;
    base_ = static_cast<char*>(
        mmap(nullptr, length_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    mprotect(base_, page, PROT_NONE);
    mprotect(base_ + page + body_, page, PROT_NONE);
    data = reinterpret_cast<T*>(base_ + page + (at_end ? body_ - bytes : 0));
    std::fill(data, data + count, fill);
  }
  GuardedArray(const GuardedArray&) = delete;
  ~GuardedArray() { munmap(base_, length_); }
  T* data;

 private:
  char* base_;
  size_t body_, length_;
};

inline ContractionKernel kernel(const ContractionSpec& spec) {
  static std::map<std::string, ContractionKernel> kernels;
  auto& found = kernels[spec.key()];
  if (!found) {
    std::string symbol = "test_" + spec.key();
    found =
        reinterpret_cast<ContractionKernel>(llvm_backend().load(llvm_backend().build(spec, symbol), symbol));
  }
  return found;
}

}  // namespace croton
