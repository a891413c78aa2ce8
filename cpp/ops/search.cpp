// Searching sorted vectors.
#include <algorithm>
#include <bit>

#include "base/error.h"
#include "graph/broadcast.h"
#include "ops/linalg.h"
#include "ops/rows.h"

namespace croton {
namespace {

constexpr int together = 16;  // searches side by side, since each waits for memory most of the time

// How many of the n elements are below each of `many` values, or equal to it. NaN is the largest.
template <class T, bool or_equal, int many>
void search(const T* x, int64_t n, const T* values, int64_t* found) {
  auto before = [](T element, T value) {
    if (value != value) return or_equal || element == element;
    return or_equal ? element <= value : element < value;
  };
  int64_t at[many] = {};
  for (int64_t left = n; left > 0;) {
    int64_t half = (left + 1) / 2;
    // No branch: which way it goes cannot be foreseen.
    for (int k = 0; k < many; ++k) at[k] += half & -int64_t{before(x[at[k] + half - 1], values[k])};
    left -= half;
  }
  std::copy(at, at + many, found);
}

template <class T, bool or_equal>
void search_all(const T* x, int64_t n, const T* values, int64_t count, int64_t* found) {
  int64_t i = 0;
  for (; i + together <= count; i += together) search<T, or_equal, together>(x, n, values + i, found + i);
  for (; i < count; ++i) search<T, or_equal, 1>(x, n, values + i, found + i);
}

template <class T>
void search_as(const HostCall& call) {
  int64_t n = call.inputs[0].shape[0], count = call.inputs[1].shape[0];
  if (Workspace(call).planned(count * 4 * std::bit_width(static_cast<uint64_t>(n)))) return;
  const T *x = call.inputs[0].as<T>(), *values = call.inputs[1].as<T>();
  auto run = call.attrs[0] ? search_all<T, true> : search_all<T, false>;
  run(x, n, values, count, call.results[0].as<int64_t>());
}

void search_routine(const HostCall& call) {
  switch (call.inputs[0].dtype) {
    case DType::Int32: return search_as<int32_t>(call);
    case DType::Int64: return search_as<int64_t>(call);
    case DType::UInt64: return search_as<uint64_t>(call);
    case DType::Float32: return search_as<float>(call);
    default: return search_as<double>(call);
  }
}

std::vector<ResultSpec> search_results(Inputs x, const Attrs&) {
  DType t = x[0].dtype();
  bool known = t == DType::Int32 || t == DType::Int64 || t == DType::UInt64 || t == DType::Float32 ||
               t == DType::Float64;
  if (!known || x[1].dtype() != t || x[0].rank() == 0 || x[0].rank() != x[1].rank())
    throw TypeError(
        "searchsorted: required two vectors, or batches of them, of int32, int64, uint64, float32 or "
        "float64, given " +
        describe(x[0]) + " and " + describe(x[1]) + source_text(SourceScope::current()));
  return {{DType::Int64, shape_of(x[1])}};
}

std::vector<std::pair<Var, Var>> batch_sizes(Inputs x) {
  std::vector<std::pair<Var, Var>> pairs;
  for (int axis = 0; axis + 1 < x[0].rank(); ++axis) pairs.emplace_back(dim(x[0], axis), dim(x[1], axis));
  return pairs;
}

const OpSpec table[] = {
    {.name = "searchsorted",
     .doc = "How many elements of the sorted vector x are below each of the vector y; with the attribute 1, "
            "below or equal.",
     .kind = OpKind::Library,
     .arity = 2,
     .results = search_results,
     .routine = search_routine,
     .item_rank = 1,
     .equal_sizes = batch_sizes},
};

}  // namespace

std::span<const OpSpec> rows::searching() { return table; }

}  // namespace croton
