// Unsigned keys in the order of the elements that they stand for, and quicksort of keys in wide vectors.
#pragma once

#include <cstdint>

#include "base/dtype.h"

namespace croton {

/// What turns the bits of a dtype into keys, and back. Every NaN becomes the largest key.
template <class Key>
struct KeyMap {
  static constexpr Key top = Key{1} << (8 * sizeof(Key) - 1), ones = static_cast<Key>(~Key{0});
  Key flipped;          // bits to flip in every element
  Key flipped_below_0;  // bits to flip in negative ones
  Key infinity;         // larger bits beside the sign are NaN

  static KeyMap of(DType dtype) {
    if (is_floating(dtype)) return {top, ones, infinity_of(dtype)};
    Key sign = is_signed(dtype) ? top : Key{0};
    return {sign, sign, ones};
  }
  /// Keys as they are.
  static KeyMap of_keys() { return {0, 0, ones}; }

  Key key(Key bits) const {
    if (static_cast<Key>(bits & ~top) > infinity) return ones;
    return static_cast<Key>(bits ^ (bits & top ? flipped_below_0 : flipped));
  }
  Key bits(Key key) const {
    bool negative = flipped && !(key & top);
    return static_cast<Key>(key ^ (negative ? flipped_below_0 : flipped));
  }
  /// The same key for both zeros: neither goes first.
  Key key_of_zeros(Key bits) const { return key(infinity != ones && bits == top ? Key{0} : bits); }

 private:
  static Key infinity_of(DType dtype) {
    switch (dtype) {
      case DType::Float16: return static_cast<Key>(0x7C00);
      case DType::BFloat16: return static_cast<Key>(0x7F80);
      case DType::Float32: return static_cast<Key>(0x7F800000);
      default: return static_cast<Key>(0x7FF0000000000000);
    }
  }
};

/// Whether this processor has the vectors for `sort_in_vectors`.
bool can_sort_in_vectors();
/// The elements of `from` in order, as bits.
void sort_in_vectors(const uint32_t* from, uint32_t* to, int64_t n, KeyMap<uint32_t> map);
void sort_in_vectors(const uint64_t* from, uint64_t* to, int64_t n, KeyMap<uint64_t> map);

}  // namespace croton
