// Quicksort of 32 and 64 bit keys in vectors of 512 bits: partitions by compression of lanes, and sorting
// networks for what fits 16 registers. Compiled for such processors alone, and entered only there.
#include <algorithm>
#include <bit>

#include "base/error.h"
#include "ops/sort_keys.h"

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#include <immintrin.h>
#pragma GCC diagnostic ignored "-Wuninitialized"  // in the compiler's own header
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC push_options
#pragma GCC target("avx512f,avx512dq,bmi2,popcnt")
#define CROTON_INLINE inline __attribute__((always_inline))
#define CROTON_UNROLL _Pragma("GCC unroll 16")

namespace croton {
namespace {

using Vector = __m512i;

// Vectors of keys.
template <class Key>
struct Lanes;

#define CROTON_LANES(bits)                                                                                   \
  template <>                                                                                                \
  struct Lanes<uint##bits##_t> {                                                                             \
    using Key = uint##bits##_t;                                                                              \
    static constexpr int count = 512 / bits;                                                                 \
    using Mask = decltype(_mm512_cmplt_epu##bits##_mask(Vector{}, Vector{}));                                \
    static CROTON_INLINE Vector load(const Key* from) { return _mm512_loadu_si512(from); }                   \
    static CROTON_INLINE Vector load(const Key* from, Mask m, Vector rest) {                                 \
      return _mm512_mask_loadu_epi##bits(rest, m, from);                                                     \
    }                                                                                                        \
    static CROTON_INLINE void store(Key* to, Vector x) { _mm512_storeu_si512(to, x); }                       \
    static CROTON_INLINE void store(Key* to, Vector x, Mask m) { _mm512_mask_storeu_epi##bits(to, m, x); }   \
    static CROTON_INLINE Vector all(Key x) { return _mm512_set1_epi##bits(static_cast<int##bits##_t>(x)); }  \
    static CROTON_INLINE Vector min(Vector a, Vector b) { return _mm512_min_epu##bits(a, b); }               \
    static CROTON_INLINE Vector max(Vector a, Vector b) { return _mm512_max_epu##bits(a, b); }               \
    static CROTON_INLINE Mask less(Vector a, Vector b) { return _mm512_cmplt_epu##bits##_mask(a, b); }       \
    static CROTON_INLINE Vector select(Mask m, Vector a, Vector b) {                                         \
      return _mm512_mask_blend_epi##bits(m, b, a);                                                           \
    }                                                                                                        \
    static CROTON_INLINE Vector compress(Vector x, Mask m) { return _mm512_maskz_compress_epi##bits(m, x); } \
    static CROTON_INLINE Vector permute(Vector x, Vector index) {                                            \
      return _mm512_permutexvar_epi##bits(index, x);                                                         \
    }                                                                                                        \
    static CROTON_INLINE Vector permute(Vector a, Vector b, Vector index) {                                  \
      return _mm512_permutex2var_epi##bits(a, index, b);                                                     \
    }                                                                                                        \
    static CROTON_INLINE Mask first(int64_t n) {                                                             \
      return static_cast<Mask>(_bzhi_u32(~0u, static_cast<unsigned>(n)));                                    \
    }                                                                                                        \
  };
CROTON_LANES(32)
CROTON_LANES(64)
#undef CROTON_LANES

// A KeyMap for vectors.
template <class Key>
struct VectorMap {
  using L = Lanes<Key>;
  Vector flipped, flipped_below_0, infinity, key_flipped_below_0;

  explicit VectorMap(KeyMap<Key> map)
      : flipped(L::all(map.flipped)),
        flipped_below_0(L::all(map.flipped_below_0)),
        infinity(L::all(map.infinity)),
        key_flipped_below_0(map.flipped ? flipped_below_0 : flipped) {}
  static CROTON_INLINE Vector magnitude() { return L::all(KeyMap<Key>::top - 1); }
  CROTON_INLINE Vector key(Vector bits) const {
    Vector key = bits ^ L::select(L::less(magnitude(), bits), flipped_below_0, flipped);
    return L::select(L::less(infinity, bits & magnitude()), L::all(KeyMap<Key>::ones), key);
  }
  CROTON_INLINE Vector bits(Vector key) const {
    return key ^ L::select(L::less(magnitude(), key), flipped, key_flipped_below_0);
  }
};

// ---- up to 16 registers

// An index for each lane.
template <class Key>
struct Pattern {
  alignas(64) Key at[Lanes<Key>::count];
  constexpr explicit Pattern(auto index) : at() {
    for (int k = 0; k < Lanes<Key>::count; ++k) at[k] = static_cast<Key>(index(k));
  }
  CROTON_INLINE Vector vector() const { return _mm512_load_si512(at); }
};
template <class Key, int bits>
constexpr Pattern<Key> lanes_xor([](int k) { return k ^ bits; });
template <class Key, int start>
constexpr Pattern<Key> interleaved([](int k) { return start + k / 2 + k % 2 * Lanes<Key>::count; });

// A bitonic network. The keys are in order first within each lane, across the registers, where exchanges are
// cheap; then runs of lanes are merged.
template <class Key, int registers>
struct Network {
  using L = Lanes<Key>;
  Vector v[registers];

  template <int bit>
  static CROTON_INLINE Vector smaller_first(Vector x, Vector partner) {
    constexpr auto with_bit =
        static_cast<typename L::Mask>(0xAAAACCCCF0F0FF00 >> (48 - 16 * std::countr_zero(0u + bit)));
    return L::select(with_bit, L::max(x, partner), L::min(x, partner));
  }
  CROTON_INLINE void exchange(int i, int j) {
    Vector smaller = L::min(v[i], v[j]);
    v[j] = L::max(v[i], v[j]);
    v[i] = smaller;
  }
  template <int distance>
  CROTON_INLINE void clean_columns() {
    if constexpr (distance > 0) {
      CROTON_UNROLL for (int i = 0; i < registers; ++i) if (!(i & distance)) exchange(i, i + distance);
      clean_columns<distance / 2>();
    }
  }
  template <int size>
  CROTON_INLINE void sort_columns() {
    if constexpr (size > 1) {
      sort_columns<size / 2>();
      CROTON_UNROLL for (int i = 0; i < registers; ++i) if (int j = i ^ (size - 1); i < j) exchange(i, j);
      clean_columns<size / 4>();
    }
  }
  template <int distance>
  CROTON_INLINE void clean_lanes() {
    if constexpr (distance > 0) {
      Vector index = lanes_xor<Key, distance>.vector();
      CROTON_UNROLL for (int i = 0; i < registers; ++i) v[i] =
          smaller_first<distance>(v[i], L::permute(v[i], index));
      clean_lanes<distance / 2>();
    }
  }
  // From runs of `width` lanes on.
  template <int width>
  CROTON_INLINE void merge_lanes() {
    if constexpr (width < L::count) {
      Vector mirrored = lanes_xor<Key, 2 * width - 1>.vector();
      CROTON_UNROLL for (int i = 0; i < (registers + 1) / 2; ++i) {
        Vector a = v[i], b = v[registers - 1 - i];
        v[i] = smaller_first<width>(a, L::permute(b, mirrored));
        v[registers - 1 - i] = smaller_first<width>(b, L::permute(a, mirrored));
      }
      clean_lanes<width / 2>();
      clean_columns<registers / 2>();
      merge_lanes<2 * width>();
    }
  }
  // Lane after lane becomes register after register.
  template <int rounds>
  CROTON_INLINE void transpose() {
    if constexpr (rounds > 1) {
      Vector low = interleaved<Key, 0>.vector(), high = interleaved<Key, L::count / 2>.vector(), w[registers];
      CROTON_UNROLL for (int i = 0; i < registers; ++i) w[i] =
          L::permute(v[i / 2], v[(i + registers) / 2], i % 2 ? high : low);
      CROTON_UNROLL for (int i = 0; i < registers; ++i) v[i] = w[i];
      transpose<rounds / 2>();
    }
  }
  // n keys, up to as many as there are lanes, which become bits.
  static __attribute__((noinline)) void sort(Key* keys, int64_t n, const VectorMap<Key>& map) {
    Network s;
    auto used = [n](int i) { return L::first(std::clamp<int64_t>(n - i * L::count, 0, L::count)); };
    CROTON_UNROLL for (int i = 0; i < registers; ++i) s.v[i] =
        L::load(keys + i * L::count, used(i), L::all(KeyMap<Key>::ones));
    s.template sort_columns<registers>();
    s.template merge_lanes<1>();
    s.template transpose<registers>();
    CROTON_UNROLL for (int i = 0; i < registers; ++i)
        L::store(keys + i * L::count, map.bits(s.v[i]), used(i));
  }
};

template <class Key>
constexpr int64_t network_keys = 16 * Lanes<Key>::count;

template <class Key>
void sort_few(Key* keys, int64_t n, const VectorMap<Key>& map) {
  constexpr int lanes = Lanes<Key>::count;
  if (n <= lanes) return Network<Key, 1>::sort(keys, n, map);
  if (n <= 2 * lanes) return Network<Key, 2>::sort(keys, n, map);
  if (n <= 4 * lanes) return Network<Key, 4>::sort(keys, n, map);
  if (n <= 8 * lanes) return Network<Key, 8>::sort(keys, n, map);
  Network<Key, 16>::sort(keys, n, map);
}

// ---- partitions

// For each mask of 8 lanes, those in it and then the others: one permutation is quicker than two
// compressions.
struct Orders {
  uint8_t lanes[256][8];
  constexpr Orders() : lanes() {
    for (int mask = 0; mask < 256; ++mask)
      for (int k = 0, next = 0; k < 16; ++k)
        if ((mask >> k % 8 & 1) == (k < 8)) lanes[mask][next++] = static_cast<uint8_t>(k % 8);
  }
};
alignas(64) constexpr Orders orders;

// Sends keys below the pivot (or equal to it) up from `front`, the others down from `back`.
template <class Key, bool or_equal>
struct Parting {
  using L = Lanes<Key>;
  using Mask = typename L::Mask;
  static constexpr int vectors = 8, block = vectors * L::count;
  Vector pivot;
  Key *front, *back;

  CROTON_INLINE Mask goes_low(Vector x) const {
    return or_equal ? static_cast<Mask>(~L::less(pivot, x)) : L::less(x, pivot);
  }
  // Whole vectors are stored, so there has to be room for two.
  CROTON_INLINE void vector(Vector x) {
    Mask low = goes_low(x);
    int64_t count = _mm_popcnt_u64(low);
    if constexpr (L::count == 8) {
      auto order = reinterpret_cast<const __m128i*>(orders.lanes[low]);
      Vector parted = L::permute(x, _mm512_cvtepu8_epi64(_mm_loadl_epi64(order)));
      L::store(front, parted);
      L::store(back - L::count, parted);
      back += count - L::count;
    } else {
      back += count - L::count;
      L::store(front, L::compress(x, low));
      L::store(back, L::compress(x, static_cast<Mask>(~low)), static_cast<Mask>(L::first(L::count) >> count));
    }
    front += count;
  }
  CROTON_INLINE void whole_block(const Key* from) {
    Vector x[vectors];  // all read before anything is written
    CROTON_UNROLL for (int k = 0; k < vectors; ++k) x[k] = L::load(from + k * L::count);
    CROTON_UNROLL for (int k = 0; k < vectors; ++k) vector(x[k]);
  }
  // The last n, for which there is just the room.
  template <class Function>
  CROTON_INLINE void rest(const Key* from, int64_t n, Function key) {
    for (; n >= 2 * L::count; n -= L::count, from += L::count) vector(key(L::load(from)));
    for (; n > 0; n -= L::count, from += L::count) {
      Mask valid = L::first(std::min<int64_t>(n, L::count));
      Vector x = key(L::load(from, valid, Vector{}));
      Mask low = goes_low(x) & valid, high = static_cast<Mask>(~low & valid);
      int count = std::popcount(0u + low), others = std::popcount(0u + high);
      back -= others;
      L::store(front, L::compress(x, low), L::first(count));
      L::store(back, L::compress(x, high), L::first(others));
      front += count;
    }
  }
  struct AsTheyAre {
    CROTON_INLINE Vector operator()(Vector x) const { return x; }
  };
  void rest(const Key* from, int64_t n) { rest(from, n, AsTheyAre{}); }
  static CROTON_INLINE void copy_block(const Key* from, Key* to) {
    CROTON_UNROLL for (int k = 0; k < vectors; ++k) L::store(to + k * L::count, L::load(from + k * L::count));
  }
};

// Moves the keys that go low before the others, and returns how many they are. Two blocks are kept aside,
// which leaves room for at least one at the side that is read next.
template <bool or_equal, class Key>
int64_t partition(Key* keys, int64_t n, Key pivot) {
  using P = Parting<Key, or_equal>;
  constexpr int64_t few = 8 * P::block;
  Key kept[few];
  P parting{Lanes<Key>::all(pivot), keys, keys + n};
  if (n <= few) {
    std::copy(keys, keys + n, kept);
    parting.rest(kept, n);
    return parting.front - keys;
  }
  Key *left = keys + P::block, *right = keys + n - P::block;
  P::copy_block(keys, kept);
  P::copy_block(right, kept + P::block);
  while (right - left >= P::block) {
    bool at_left = left - parting.front <= parting.back - right;
    if (!at_left) right -= P::block;
    parting.whole_block(at_left ? left : right);
    if (at_left) left += P::block;
  }
  std::copy(left, right, kept + 2 * P::block);
  parting.rest(kept, 2 * P::block + (right - left));
  return parting.front - keys;
}

template <class Key>
Key median(Key a, Key b, Key c) {
  return std::max(std::min(a, b), std::min(std::max(a, b), c));
}

// Of nine keys about as medians of medians, of many by a network.
template <class Key>
Key median_of_some(const Key* from, int64_t n, KeyMap<Key> map) {
  auto some = [&](int k, int count) { return map.key(from[(2 * k + 1) * n / (2 * count)]); };
  auto three = [&](int k) { return median(some(k, 9), some(k + 3, 9), some(k + 6, 9)); };
  if (n < 4096) return median(three(0), three(1), three(2));
  constexpr int count = 4 * Lanes<Key>::count;
  Key keys[count];
  for (int k = 0; k < count; ++k) keys[k] = some(k, count);
  sort_few(keys, count, VectorMap(KeyMap<Key>::of_keys()));
  return keys[count / 2];
}

// Keys, none of them below `least`, become bits in order.
template <class Key>
struct Quicksort {
  KeyMap<Key> map;
  VectorMap<Key> vectors{map};

  void sort(Key* keys, int64_t n, Key least, int depth) const {
    while (n > network_keys<Key>) {
      if (depth-- == 0) return sort_by_heap(keys, n);
      Key pivot = median_of_some(keys, n, KeyMap<Key>::of_keys());
      int64_t below = 0;
      if (pivot == least) {
        below = partition<true>(keys, n, pivot);
        std::fill(keys, keys + below, map.bits(pivot));
      } else {
        below = partition<false>(keys, n, pivot);
        sort(keys, below, least, depth);
      }
      least = pivot;
      keys += below;
      n -= below;
    }
    sort_few(keys, n, vectors);
  }
  // Where pivots are bad again and again.
  void sort_by_heap(Key* keys, int64_t n) const {
    std::make_heap(keys, keys + n);
    std::sort_heap(keys, keys + n);
    for (int64_t i = 0; i < n; ++i) keys[i] = map.bits(keys[i]);
  }
  void sort(const Key* from, Key* to, int64_t n) const {
    if (n <= network_keys<Key>) {
      for (int64_t i = 0; i < n; ++i) to[i] = map.key(from[i]);
      return sort_few(to, n, vectors);
    }
    Key pivot = median_of_some(from, n, map);
    Parting<Key, false> parting{Lanes<Key>::all(pivot), to, to + n};
    parting.rest(from, n, [this](Vector bits) __attribute__((always_inline)) { return vectors.key(bits); });
    int64_t below = parting.front - to;
    int depth = 2 * std::bit_width(static_cast<uint64_t>(n));
    sort(to, below, Key{0}, depth);
    sort(to + below, n - below, pivot, depth);
  }
};

}  // namespace

void sort_in_vectors(const uint32_t* from, uint32_t* to, int64_t n, KeyMap<uint32_t> map) {
  Quicksort<uint32_t>{map}.sort(from, to, n);
}
void sort_in_vectors(const uint64_t* from, uint64_t* to, int64_t n, KeyMap<uint64_t> map) {
  Quicksort<uint64_t>{map}.sort(from, to, n);
}

#pragma GCC pop_options

bool can_sort_in_vectors() {
  static const bool can = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                          __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt");
  return can;
}

}  // namespace croton

#else

namespace croton {

bool can_sort_in_vectors() { return false; }
void sort_in_vectors(const uint32_t*, uint32_t*, int64_t, KeyMap<uint32_t>) {
  throw InternalError("sort: no vectors on this processor");
}
void sort_in_vectors(const uint64_t*, uint64_t*, int64_t, KeyMap<uint64_t>) {
  throw InternalError("sort: no vectors on this processor");
}

}  // namespace croton

#endif
