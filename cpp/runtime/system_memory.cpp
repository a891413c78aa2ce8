#include "runtime/system_memory.h"

#include <cstdint>
#include <cstdlib>

#if defined(__linux__)
#include <sys/mman.h>
#elif defined(_WIN32)
#include <malloc.h>
#endif

namespace croton {
namespace {

void* heap_allocate(size_t bytes) {
#if defined(_WIN32)
  void* start = _aligned_malloc(bytes + kHeaderBytes, 64);
#else
  void* start = std::aligned_alloc(64, bytes + kHeaderBytes);
#endif
  return start ? static_cast<char*>(start) + kHeaderBytes : nullptr;
}

void heap_free(void* payload) {
  void* start = static_cast<char*>(payload) - kHeaderBytes;
#if defined(_WIN32)
  _aligned_free(start);
#else
  std::free(start);
#endif
}

#if defined(__linux__)

// The page before the payload holds the header.
constexpr size_t kPage = 4096;

size_t mapped_bytes(size_t bytes) { return (bytes + kPage - 1) / kPage * kPage; }

void* map_huge(size_t bytes) {
  size_t size = mapped_bytes(bytes);
  size_t reserved = size + kPage + kHugePage;
  void* start = mmap(nullptr, reserved, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (start == MAP_FAILED) return nullptr;
  uintptr_t first = reinterpret_cast<uintptr_t>(start);
  uintptr_t payload = (first + kPage + kHugePage - 1) / kHugePage * kHugePage;
  uintptr_t end = first + reserved;
  if (payload - kPage > first) munmap(start, payload - kPage - first);
  if (end > payload + size) munmap(reinterpret_cast<void*>(payload + size), end - payload - size);
  madvise(reinterpret_cast<void*>(payload), size, MADV_HUGEPAGE);
  return reinterpret_cast<void*>(payload);
}

#endif

}  // namespace

void* system_allocate(size_t bytes) {
#if defined(__linux__)
  if (bytes >= kHugePage) return map_huge(bytes);
#endif
  return heap_allocate(bytes);
}

void system_free(void* payload, size_t bytes) {
#if defined(__linux__)
  if (bytes >= kHugePage) {
    munmap(static_cast<char*>(payload) - kPage, mapped_bytes(bytes) + kPage);
    return;
  }
#endif
  (void)bytes;
  heap_free(payload);
}

}  // namespace croton
