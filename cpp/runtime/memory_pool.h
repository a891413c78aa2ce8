// A recycling pool for output arrays and arenas. Fresh pages cost more than the arithmetic on them, so a
// freed block serves the next request of its size, the most recently freed one first.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/array.h"

namespace croton {

/// A block of at least `bytes`, uninitialised, aligned to 64 bytes (to 2 MB from 2 MB on); it returns to the
/// pool with its last owner. Throws MemoryError when there is no memory even after the cache has been given
/// back.
Buffer allocate(size_t bytes);

/// The same without the shared owner, for the hot path; every block goes back through pool_free, from any
/// thread.
void* pool_allocate(size_t bytes);
void pool_free(void* block) noexcept;

/// Bytes that may stay cached beyond what the last seconds needed at their peak: live + cached bytes stay
/// below recent peak + limit (256 MB by default). 0: freed blocks go back to the system at once (but small
/// ones).
void set_pool_limit(size_t bytes);

/// Gives all cached blocks back to the system, save the few small ones that other threads keep for
/// themselves.
void release_pool();

struct PoolStats {
  size_t live_bytes = 0;      // in use
  size_t cached_bytes = 0;    // free, kept for reuse
  size_t peak_bytes = 0;      // the most that was ever live, within 64 KB per thread
  uint64_t fresh_blocks = 0;  // blocks that had to come from the system
};
PoolStats pool_stats();

}  // namespace croton
