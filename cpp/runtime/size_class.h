// Sizes of pool blocks: eight steps per power of two, so that rounding up wastes at most an eighth.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace croton {

inline constexpr size_t kMaxBlockBytes = size_t{1} << 46;

/// The class of a request of `bytes` <= kMaxBlockBytes: 64, 128 ... 512, then eight steps from 2^k to
/// 2^(k+1).
constexpr int size_class(size_t bytes) {
  if (bytes <= 512) return bytes == 0 ? 0 : static_cast<int>((bytes - 1) / 64);
  int log = std::bit_width(bytes - 1) - 1;
  return 8 * (log - 8) + static_cast<int>(((bytes - 1) >> (log - 3)) & 7);
}

/// The bytes of blocks of a class.
constexpr size_t class_bytes(int index) {
  if (index < 8) return size_t{64} * (index + 1);
  int log = index / 8 + 8;
  return static_cast<size_t>(index % 8 + 9) << (log - 3);
}

inline constexpr int kSizeClasses = size_class(kMaxBlockBytes) + 1;

}  // namespace croton
