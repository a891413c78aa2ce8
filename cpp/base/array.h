// Arrays as the engine passes them around: dense data in C order, and the storage of shared variables.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "base/dtype.h"

namespace croton {

/// Memory with an owner: a pool block, a NumPy array kept alive, or plain allocation.
using Buffer = std::shared_ptr<void>;

/// A dense array in C order.
struct Array {
  DType dtype = DType::Float64;
  std::vector<int64_t> shape;
  Buffer data;

  int64_t size() const {
    int64_t n = 1;
    for (int64_t d : shape) n *= d;
    return n;
  }
  size_t bytes() const { return static_cast<size_t>(size()) * size_of(dtype); }
  template <class T>
  T* as() const {
    return static_cast<T*>(data.get());
  }
};

/// What a shared variable holds; functions read and replace it between calls, under the mutex.
struct SharedStorage {
  std::mutex mutex;
  Array value;
};

}  // namespace croton
