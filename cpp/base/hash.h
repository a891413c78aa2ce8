// Hash mixing for interning and for keys of kernels and plans.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace croton {

/// Mixes `value` into `seed` (the finaliser of splitmix64).
constexpr uint64_t mix(uint64_t seed, uint64_t value) {
  uint64_t x = seed + 0x9e3779b97f4a7c15ull + value;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
  return x ^ (x >> 31);
}

/// 64-bit hash of a run of bytes.
inline uint64_t hash_bytes(const void* data, size_t size, uint64_t seed = 0) {
  const char* bytes = static_cast<const char*>(data);
  uint64_t hash = mix(seed, size);
  for (; size >= 8; size -= 8, bytes += 8) {
    uint64_t word;
    std::memcpy(&word, bytes, 8);
    hash = mix(hash, word);
  }
  uint64_t word = 0;
  std::memcpy(&word, bytes, size);
  return mix(hash, word);
}

inline uint64_t hash_bytes(std::string_view text, uint64_t seed = 0) {
  return hash_bytes(text.data(), text.size(), seed);
}

}  // namespace croton
