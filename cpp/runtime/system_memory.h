// Memory straight from the operating system, shaped for the pool: a 64-byte header before an aligned payload.
#pragma once

#include <cstddef>

namespace croton {

inline constexpr size_t kHeaderBytes = 64;
inline constexpr size_t kHugePage = size_t{2} << 20;

/// A payload of `bytes`, aligned to 64 bytes and, from 2 MB on, to 2 MB and backed by huge pages where the
/// system has them. The kHeaderBytes before it belong to the caller. nullptr when there is no memory.
void* system_allocate(size_t bytes);

/// Gives back what system_allocate(bytes) returned.
void system_free(void* payload, size_t bytes);

}  // namespace croton
