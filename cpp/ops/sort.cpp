// Sorting along the last axis. Elements become unsigned keys in the same order, so that four widths of keys
// serve all dtypes.
#include <algorithm>
#include <array>
#include <utility>

#include "base/error.h"
#include "graph/broadcast.h"
#include "graph/leaves.h"
#include "ops/linalg.h"
#include "ops/rows.h"
#include "ops/sort_keys.h"

namespace croton {
namespace {

constexpr int64_t radix_from = 256;  // elements; fewer are compared with each other

template <class Key>
struct Entry {
  Key key;
  int64_t position;
  bool operator<(const Entry& other) const {
    return key != other.key ? key < other.key : position < other.position;
  }
};

template <class Key>
Key key_of(Key key) {
  return key;
}
template <class Key>
Key key_of(const Entry<Key>& entry) {
  return entry.key;
}

// Byte by byte from the lowest, which keeps the order of equal keys.
template <class Key, class Item>
void radix_sort(Item* items, Item* spare, int64_t n) {
  constexpr int digits = sizeof(Key);
  auto digit = [](const Item& item, int d) {
    return static_cast<size_t>(key_of<Key>(item) >> (8 * d)) & 255;
  };
  std::array<std::array<int64_t, 256>, digits> starts{};
  for (int64_t i = 0; i < n; ++i)
    for (int d = 0; d < digits; ++d) ++starts[d][digit(items[i], d)];
  Item *from = items, *to = spare;
  for (int d = 0; d < digits; ++d) {
    if (starts[d][digit(from[0], d)] == n) continue;
    int64_t next = 0;
    for (int64_t& start : starts[d]) next += std::exchange(start, next);
    for (int64_t i = 0; i < n; ++i) to[starts[d][digit(from[i], d)]++] = from[i];
    std::swap(from, to);
  }
  if (from != items) std::copy(from, from + n, items);
}

template <class Key, class Item>
void sort_items(Item* items, Item* spare, int64_t n) {
  if (n >= radix_from)
    radix_sort<Key>(items, spare, n);
  else
    std::sort(items, items + n);
}

template <class Key>
void sort_keys(const HostCall& call, KeyMap<Key> map) {
  const HostArray &x = call.inputs[0], &values = call.results[0], &positions = call.results[1],
                  &ranks = call.results[2];
  int64_t n = x.shape[0], work = 20 * n * static_cast<int64_t>(sizeof(Key));
  Workspace space(call);
  const Key* from = x.as<Key>();
  Key* sorted = values.as<Key>();
  if (!positions.wanted && !ranks.wanted) {
    if constexpr (sizeof(Key) >= 4) {
      if (can_sort_in_vectors()) {
        if (!space.planned(work / 4)) sort_in_vectors(from, sorted, n, map);
        return;
      }
    }
    Key* spare = space.take<Key>(n >= radix_from ? n : 0);
    if (space.planned(work)) return;
    std::transform(from, from + n, sorted, [&](Key bits) { return map.key(bits); });
    sort_items<Key>(sorted, spare, n);
    std::transform(sorted, sorted + n, sorted, [&](Key key) { return map.bits(key); });
    return;
  }
  auto* entries = space.take<Entry<Key>>(n);
  auto* spare = space.take<Entry<Key>>(n >= radix_from ? n : 0);
  if (space.planned(2 * work)) return;
  for (int64_t i = 0; i < n; ++i) entries[i] = {map.key_of_zeros(from[i]), i};
  sort_items<Key>(entries, spare, n);
  for (int64_t i = 0; i < n; ++i) {
    if (values.wanted) sorted[i] = from[entries[i].position];
    if (positions.wanted) positions.as<int64_t>()[i] = entries[i].position;
    if (ranks.wanted) ranks.as<int64_t>()[entries[i].position] = i;
  }
}

void sort_routine(const HostCall& call) {
  DType dtype = call.inputs[0].dtype;
  auto sorted = [&]<class Key>(Key) { sort_keys<Key>(call, KeyMap<Key>::of(dtype)); };
  switch (size_of(dtype)) {
    case 1: return sorted(uint8_t{});
    case 2: return sorted(uint16_t{});
    case 4: return sorted(uint32_t{});
    default: return sorted(uint64_t{});
  }
}

std::vector<ResultSpec> sort_results(Inputs x, const Attrs&) {
  if (x[0].rank() == 0 || is_complex(x[0].dtype()))
    throw TypeError("sort: required a real array of one axis or more, given " + describe(x[0]) +
                    source_text(SourceScope::current()));
  std::vector<Var> sizes = shape_of(x[0]);
  return {{x[0].dtype(), sizes}, {DType::Int64, sizes}, {DType::Int64, sizes}};
}

Grads sort_vjp(Inputs g, Inputs, const Var& y) { return {take_along_last(g[0], output(y, 2))}; }

const OpSpec table[] = {
    {.name = "sort",
     .doc = "The elements of x along the last axis in ascending order, NaN last; with their positions in x, "
            "and the rank of each element of x.",
     .kind = OpKind::Library,
     .arity = 1,
     .results = sort_results,
     .routine = sort_routine,
     .item_rank = 1,
     .results_vjp = sort_vjp},
};

}  // namespace

std::span<const OpSpec> rows::sorting() { return table; }

Var take_along_last(const Var& x, const Var& index) {
  std::vector<Var> sizes = shape_of(index);
  Var width = dim(x, x.rank() - 1), line = sizes.back(), rows = make_int(1);
  if (x.rank() == 1) return take(x, index, 0);
  for (size_t axis = 0; axis + 1 < sizes.size(); ++axis) rows = rows * sizes[axis];
  Var starts = iota({rows, make_int(1)}, 0) * width;
  Var flat = reshape(x, {rows * width});
  return reshape(take(flat, reshape(index, {rows, line}) + starts, 0), sizes);
}

}  // namespace croton
