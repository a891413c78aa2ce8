// Host routines: what a library op (a factorisation, a sort) runs on whole arrays.
#pragma once

#include <cstdint>
#include <span>

#include "base/dtype.h"

namespace croton {

/// An operand or a result of one item of a batch: dense, in C order.
struct HostArray {
  DType dtype;
  std::span<const int64_t> shape;
  void* data = nullptr;
  bool wanted = true;  // false: a result that nobody reads, without memory

  int64_t size() const {
    int64_t n = 1;
    for (int64_t d : shape) n *= d;
    return n;
  }
  int64_t bytes() const { return size() * static_cast<int64_t>(size_of(dtype)); }
  template <class T>
  T* as() const {
    return static_cast<T*>(data);
  }
};

/// What one run of a routine takes.
struct HostNeeds {
  int64_t workspace = 0;  // bytes
  int64_t work = 0;       // about how many instructions
};

/// One run of a routine. While a call is planned, `needs` is set and no array has data: the routine says what
/// it takes and returns (see Workspace).
struct HostCall {
  std::span<const HostArray> inputs, results;
  std::span<const int64_t> attrs;
  int64_t items = 1;  // one behind the other, for rows that take several at once
  char* workspace = nullptr;
  HostNeeds* needs = nullptr;
};

/// Throws LinAlgError("required ..., given ...") for arrays that it has no result for; the caller adds the
/// names.
using HostRoutine = void (*)(const HostCall& call);

/// Hands out the memory that a routine works in. The same lines count it while planning.
class Workspace {
 public:
  explicit Workspace(const HostCall& call) : call_(call) {}

  template <class T>
  T* take(int64_t count) {
    int64_t at = used_;
    used_ += (count * static_cast<int64_t>(sizeof(T)) + 63) / 64 * 64;
    return call_.needs ? nullptr : reinterpret_cast<T*>(call_.workspace + at);
  }
  /// Whether the call is only planned; notes what has been taken, and how much `work` there is.
  bool planned(int64_t work) const {
    if (call_.needs) *call_.needs = {used_, work};
    return call_.needs != nullptr;
  }

 private:
  const HostCall& call_;
  int64_t used_ = 0;
};

}  // namespace croton
