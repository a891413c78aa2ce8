// Contractions over several indices, with windows, steps and permuted axes, against a plain loop.
#include <cmath>
#include <cstdio>
#include <limits>
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

template <class T>
void check_contraction(const VectorMachine& machine, bool long_sum) {
  auto some = [](int64_t most) {
    Extents extents;
    for (int64_t n = 1 + below(most); n > 0; --n) extents.push_back(pick());
    return extents;
  };
  Extents rows = some(2), columns = some(2), terms = some(2);
  if (long_sum) rows = {pick()}, columns = {pick()}, terms = {37, 61};
  const int64_t batch = below(3) ? 1 : 3, spread = 1 + below(2);
  Extents of_a = permuted_strides(joined(rows, terms), 1), of_b = permuted_strides(joined(terms, columns), 1);
  Extents of_c = permuted_strides(joined(rows, columns), spread);
  if (below(2)) {  // windows: the last term and the last column move along the same axis
    of_b[terms.size() - 1] = 1 + below(2);
    of_b.back() = 1 + below(3);
  }
  const int64_t a_size = reach(joined(rows, terms), of_a), b_size = reach(joined(terms, columns), of_b);
  const int64_t c_size = reach(joined(rows, columns), of_c);
  const bool shared = below(2);  // the batch repeats A

  IndexedProblem problem;
  problem.dtype = sizeof(T) == 4 ? DType::Float32 : DType::Float64;
  problem.rows = zip(rows, of_a, 0, of_c, 0);
  problem.columns = zip(columns, of_b, terms.size(), of_c, rows.size());
  problem.terms = zip(terms, of_a, rows.size(), of_b, 0);
  problem.batch = {{batch, shared ? 0 : a_size, b_size, c_size}};
  problem.spreads = spread == 2 && of_c.back() == 2;

  const bool at_end = below(2);
  GuardedArray<T> a(a_size * batch, at_end, T(0)), b(b_size * batch, at_end, T(0));
  auto uniform = [] { return static_cast<T>(static_cast<double>(random_bits()) / 4294967296.0 - 0.5); };
  std::generate(a.data, a.data + a_size * batch, uniform);
  std::generate(b.data, b.data + b_size * batch, uniform);
  IndexedPlan plan = plan_indexed(problem, machine);
  auto family = indexed_family(problem.dtype, machine, problem.spreads);
  std::vector<ContractionKernel> kernels;
  for (const ContractionSpec& spec : plan.kernels) {
    CHECK(std::find(family.begin(), family.end(), spec) != family.end());
    kernels.push_back(kernel(spec));
  }
  const T unset = std::numeric_limits<T>::quiet_NaN();
  GuardedArray<T> c(c_size * batch * plan.parts, at_end, unset);
  GuardedArray<char> scratch(static_cast<int64_t>(plan.scratch_bytes + 63) / 64 * 64, at_end, 0x7f);
  for (int64_t chunk = plan.chunks; chunk-- > 0;)  // any order will do
    run_indexed(plan, kernels.data(), a.data, b.data, c.data + indexed_part(plan, chunk) * c_size * batch,
                scratch.data, chunk);
  bool right = true;
  for (int64_t i = 0; i < batch; ++i)
    for_each(problem.rows, [&](int64_t a_row, int64_t c_row) {
      for_each(problem.columns, [&](int64_t b_column, int64_t c_column) {
        long double sum = 0, size = 0, got = 0;
        for_each(problem.terms, [&](int64_t a_term, int64_t b_term) {
          long double term = static_cast<long double>(a.data[(shared ? 0 : i * a_size) + a_row + a_term]) *
                             b.data[i * b_size + b_column + b_term];
          sum += term;
          size += std::fabs(term);
        });
        for (int64_t part = 0; part < plan.parts; ++part)
          got += c.data[(part * batch + i) * c_size + c_row + c_column];
        right &= std::fabs(got - sum) <= 16 * std::numeric_limits<T>::epsilon() * size;  // false for NaN
      });
    });
  CHECK(right);
  if (!right)
    std::printf("  %d bytes, mode %d, swapped %d, scatters %d, parts %ld\n", int(sizeof(T)), int(plan.mode),
                plan.swapped, plan.scatters, long(plan.parts));
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
  check_empty();
  return check_result();
}
