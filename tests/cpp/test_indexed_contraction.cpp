// Contractions over several indices, with windows, steps and permuted axes, against a plain loop.
#include <cmath>
#include <cstdio>
#include <limits>
#include <map>
#include <numeric>
#include <random>
#include <vector>

#include "check.h"
#include "codegen/indexed_contraction.h"
#include "contraction_memory.h"

using namespace croton;

namespace {

std::mt19937 random_bits(11);

int64_t below(int64_t count) { return static_cast<int64_t>(random_bits() % static_cast<uint32_t>(count)); }

int64_t pick() {
  static constexpr int64_t sizes[] = {1, 2, 3, 5, 7, 8, 14, 16, 17, 33};
  return sizes[below(std::size(sizes))];
}

using Extents = std::vector<int64_t>;

/// Strides of an array with these axes, in memory in a random order of them.
Extents permuted_strides(const Extents& extents, int64_t innermost) {
  std::vector<size_t> order(extents.size());
  std::iota(order.begin(), order.end(), size_t{0});
  if (below(2)) std::shuffle(order.begin(), order.end(), random_bits);
  Extents strides(extents.size());
  int64_t stride = innermost;
  for (size_t i = order.size(); i-- > 0; stride *= extents[order[i]]) strides[order[i]] = stride;
  return strides;
}

int64_t reach(const Extents& extents, const Extents& strides) {
  int64_t last = 0;
  for (size_t i = 0; i < extents.size(); ++i) last += (extents[i] - 1) * strides[i];
  return last + 1;
}

/// Calls f(position in the first, position in the second) for each element.
template <class F>
void for_each(const std::vector<SharedIndex>& indices, F f, size_t level = 0, int64_t first = 0,
              int64_t second = 0) {
  if (level == indices.size()) return f(first, second);
  for (int64_t i = 0; i < indices[level].extent; ++i)
    for_each(indices, f, level + 1, first + i * indices[level].first, second + i * indices[level].second);
}

std::vector<SharedIndex> zip(const Extents& extents, const Extents& first, size_t from, const Extents& second,
                             size_t of) {
  std::vector<SharedIndex> indices;
  for (size_t i = 0; i < extents.size(); ++i)
    indices.push_back({extents[i], first[from + i], second[of + i]});
  return indices;
}

Extents joined(const Extents& x, const Extents& y) {
  Extents all = x;
  all.insert(all.end(), y.begin(), y.end());
  return all;
}

/// A random problem; A, B and C of one batch take so many elements.
struct Example {
  IndexedProblem problem;
  int64_t a_size, b_size, c_size, batch;
  bool shared;  ///< the batch repeats A
};

Extents some(int64_t most) {
  Extents extents;
  for (int64_t n = 1 + below(most); n > 0; --n) extents.push_back(pick());
  return extents;
}

Example make_example(DType dtype, bool long_sum) {
  Extents rows = some(2), columns = some(2), terms = some(2);
  if (long_sum) rows = {pick()}, columns = {pick()}, terms = {37, 61};
  const int64_t spread = 1 + below(2);
  Extents of_a = permuted_strides(joined(rows, terms), 1), of_b = permuted_strides(joined(terms, columns), 1);
  Extents of_c = permuted_strides(joined(rows, columns), spread);
  if (below(2)) {  // windows: the last term and the last column move along the same axis
    of_b[terms.size() - 1] = 1 + below(2);
    of_b.back() = 1 + below(3);
  }
  Example x{{},
            reach(joined(rows, terms), of_a),
            reach(joined(terms, columns), of_b),
            reach(joined(rows, columns), of_c),
            below(3) ? 1 : 3,
            below(2) != 0};
  x.problem.dtype = dtype;
  x.problem.rows = zip(rows, of_a, 0, of_c, 0);
  x.problem.columns = zip(columns, of_b, terms.size(), of_c, rows.size());
  x.problem.terms = zip(terms, of_a, rows.size(), of_b, 0);
  x.problem.batch = {{x.batch, x.shared ? 0 : x.a_size, x.b_size, x.c_size}};
  x.problem.spreads = spread == 2 && of_c.back() == 2;
  return x;
}

/// Whether the parts of each element add up to the sum, about as exactly as T can hold it.
template <class T>
bool is_right(const Example& x, const T* a, const T* b, const T* c, int64_t parts) {
  bool right = true;
  for (int64_t i = 0; i < x.batch; ++i)
    for_each(x.problem.rows, [&](int64_t a_row, int64_t c_row) {
      for_each(x.problem.columns, [&](int64_t b_column, int64_t c_column) {
        long double sum = 0, size = 0, got = 0;
        for_each(x.problem.terms, [&](int64_t a_term, int64_t b_term) {
          long double term = static_cast<long double>(a[(x.shared ? 0 : i * x.a_size) + a_row + a_term]) *
                             b[i * x.b_size + b_column + b_term];
          sum += term;
          size += std::fabs(term);
        });
        for (int64_t part = 0; part < parts; ++part)
          got += c[(part * x.batch + i) * x.c_size + c_row + c_column];
        right &= std::fabs(got - sum) <= 16 * std::numeric_limits<T>::epsilon() * size;  // false for NaN
      });
    });
  return right;
}

std::map<int, int> seen;  // how often each mode was chosen; apart, results scattered and terms in parts
enum : int { Scattered = 100, InParts };

template <class T>
void check_contraction(const VectorMachine& machine, bool long_sum) {
  const Example x = make_example(sizeof(T) == 4 ? DType::Float32 : DType::Float64, long_sum);
  const bool at_end = below(2);
  GuardedArray<T> a(x.a_size * x.batch, at_end, T(0)), b(x.b_size * x.batch, at_end, T(0));
  auto uniform = [] { return static_cast<T>(static_cast<double>(random_bits()) / 4294967296.0 - 0.5); };
  std::generate(a.data, a.data + x.a_size * x.batch, uniform);
  std::generate(b.data, b.data + x.b_size * x.batch, uniform);
  IndexedPlan plan = plan_indexed(x.problem, machine);
  auto family = indexed_family(x.problem.dtype, machine, x.problem.spreads);
  std::vector<ContractionKernel> kernels;
  for (const ContractionSpec& spec : plan.kernels) {
    CHECK(std::find(family.begin(), family.end(), spec) != family.end());
    kernels.push_back(kernel(spec));
  }
  GuardedArray<T> c(x.c_size * x.batch * plan.parts, at_end, std::numeric_limits<T>::quiet_NaN());
  GuardedArray<char> scratch(static_cast<int64_t>(plan.scratch_bytes + 63) / 64 * 64, at_end, 0x7f);
  for (int64_t chunk = plan.chunks; chunk-- > 0;)  // any order will do
    run_indexed(plan, kernels.data(), a.data, b.data, c.data + indexed_part(plan, chunk) * x.c_size * x.batch,
                scratch.data, chunk);
  CHECK(is_right(x, a.data, b.data, c.data, plan.parts));
  ++seen[static_cast<int>(plan.mode)];
  seen[Scattered] += plan.scatters;
  seen[InParts] += plan.parts > 1;
}

/// Nothing to add up gives zeros, and no result is no work.
void check_empty() {
  IndexedProblem problem;
  problem.rows = {{3, 0, 10}};
  problem.columns = {{2, 1, 5}, {5, 1, 1}};
  problem.terms = {{0, 1, 1}, {4, 1, 1}};
  IndexedPlan plan = plan_indexed(problem, llvm_backend().machine());
  std::vector<ContractionKernel> kernels(plan.kernels.size());
  std::vector<char> scratch(plan.scratch_bytes + 64);
  std::vector<float> c(30, NAN);
  for (int64_t chunk = 0; chunk < plan.chunks; ++chunk)
    run_indexed(plan, kernels.data(), nullptr, nullptr, c.data(), scratch.data(), chunk);
  CHECK(std::all_of(c.begin(), c.end(), [](float x) { return x == 0; }));
  problem.rows = {{0, 0, 10}};
  CHECK(plan_indexed(problem, llvm_backend().machine()).chunks == 0);
}

}  // namespace

int main() {
  for (VectorMachine machine : {llvm_backend().machine(), VectorMachine{128, 16}}) {
    for (int i = 0; i < 120; ++i) {
      check_contraction<float>(machine, i % 8 == 0);
      check_contraction<double>(machine, i % 8 == 0);
    }
  }
  for (ColumnMode mode : {ColumnMode::InPlace, ColumnMode::Runs, ColumnMode::Transpose, ColumnMode::Gather})
    CHECK(seen[static_cast<int>(mode)] > 0);
  CHECK(seen[Scattered] > 0 && seen[InParts] > 0);
  check_empty();
  return check_result();
}
