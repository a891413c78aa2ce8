// Products of odd shapes, layouts and batches against a plain loop in long double, with memory that faults
// just before or after each array.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>

#include "check.h"
#include "contraction_memory.h"

using namespace croton;

namespace {

/// Plans use no kernels but those that a function builds before it knows any sizes.
void check_family(const ContractionPlan& plan, const ContractionProblem& problem,
                  const VectorMachine& machine) {
  const bool vector = problem.m == 1 || (problem.n == 1 && problem.c_m == 1);
  auto family = contraction_family(problem.dtype, machine, vector);
  for (const ContractionSpec& spec : plan.kernels) {
    CHECK(std::find(family.begin(), family.end(), spec) != family.end());
  }
}

struct Shape {
  int64_t m, k, n, batch;
  bool a_transposed, b_transposed, c_transposed, accumulate;
};

std::mt19937 random_bits(7);

template <class T>
void check_product(const Shape& s, const VectorMachine& machine) {
  auto uniform = [] { return static_cast<T>(static_cast<double>(random_bits()) / 4294967296.0 - 0.5); };
  const bool at_end = random_bits() % 2;
  GuardedArray<T> a(s.batch * s.m * s.k, at_end, T(0)), b(s.batch * s.k * s.n, at_end, T(0));
  const T unset = s.accumulate ? T(0.25) : std::numeric_limits<T>::quiet_NaN();
  GuardedArray<T> c(s.batch * s.m * s.n, at_end, unset);
  std::generate(a.data, a.data + s.batch * s.m * s.k, uniform);
  std::generate(b.data, b.data + s.batch * s.k * s.n, uniform);
  ContractionProblem problem;
  problem.dtype = sizeof(T) == 4 ? DType::Float32 : DType::Float64;
  problem.m = s.m;
  problem.n = s.n;
  problem.accumulate = s.accumulate;
  problem.a_m = s.a_transposed ? 1 : s.k;
  problem.b_n = s.b_transposed ? s.k : 1;
  problem.c_m = s.c_transposed ? 1 : s.n;
  problem.c_n = s.c_transposed ? s.m : 1;
  const int64_t a_k = s.a_transposed ? s.m : 1, b_k = s.b_transposed ? 1 : s.n;
  problem.reduction = {{s.k, a_k, b_k}};
  if (s.batch > 1) problem.batch = {{s.batch, s.m * s.k, s.k * s.n, s.m * s.n}};
  ContractionPlan plan = plan_contraction(problem, machine);
  check_family(plan, problem, machine);
  std::vector<ContractionKernel> kernels;
  for (auto& spec : plan.kernels) kernels.push_back(kernel(spec));
  GuardedArray<char> scratch(static_cast<int64_t>(plan.scratch_bytes + 63) / 64 * 64, at_end, 0x7f);
  std::vector<int> computed(static_cast<size_t>(s.batch * s.m * s.n));
  for (int64_t chunk = plan.chunks; chunk-- > 0;) {  // any order will do
    run_contraction(plan, kernels.data(), a.data, b.data, c.data, scratch.data, chunk);
    ContractionRegion r = contraction_region(plan, chunk);
    for (int64_t i = r.batch0; i < r.batch1; ++i) {
      for (int64_t m = r.m0; m < r.m1; ++m) {
        for (int64_t n = r.n0; n < r.n1; ++n) ++computed[static_cast<size_t>((i * s.m + m) * s.n + n)];
      }
    }
  }
  CHECK(std::all_of(computed.begin(), computed.end(), [](int times) { return times == 1; }));
  bool right = true;
  for (int64_t i = 0; i < s.batch; ++i) {
    for (int64_t m = 0; m < s.m; ++m) {
      for (int64_t n = 0; n < s.n; ++n) {
        long double sum = s.accumulate ? 0.25L : 0, size = std::fabs(sum);
        for (int64_t k = 0; k < s.k; ++k) {
          long double term = static_cast<long double>(a.data[i * s.m * s.k + m * problem.a_m + k * a_k]) *
                             b.data[i * s.k * s.n + k * b_k + n * problem.b_n];
          sum += term;
          size += std::fabs(term);
        }
        T got = c.data[i * s.m * s.n + m * problem.c_m + n * problem.c_n];
        long double bound = 8 * std::numeric_limits<T>::epsilon() * size;
        right &= std::fabs(got - sum) <= bound;  // false for NaN
      }
    }
  }
  CHECK(right);
  if (!right) {
    std::printf("  %d bytes, %ldx%ldx%ld, %ld batches, transposed %d %d %d, accumulate %d\n", int(sizeof(T)),
                long(s.m), long(s.k), long(s.n), long(s.batch), s.a_transposed, s.b_transposed,
                s.c_transposed, s.accumulate);
  }
}

/// c[o, y, x] = sum over i, p, q of w[o, i, p, q] * image[i, y + p, x + q]: three reduction indices.
void check_window_sums(int64_t channels, int64_t size, int64_t window, int64_t outputs) {
  const int64_t out = size - window + 1, area = window * window;
  GuardedArray<float> w(outputs * channels * area, true, 0), image(channels * size * size, true, 0);
  GuardedArray<float> c(outputs * out * out, true, NAN);
  for (int64_t i = 0; i < outputs * channels * area; ++i) w.data[i] = static_cast<float>(i % 7) - 3;
  for (int64_t i = 0; i < channels * size * size; ++i) image.data[i] = static_cast<float>(i % 11) - 5;
  ContractionProblem problem;
  problem.m = outputs;
  problem.n = out;
  problem.a_m = channels * area;
  problem.b_n = 1;
  problem.c_m = out * out;
  problem.reduction = {{channels, area, size * size}, {window, window, size}, {window, 1, 1}};
  problem.batch = {{out, 0, size, out}};
  ContractionPlan plan = plan_contraction(problem, llvm_backend().machine());
  std::vector<ContractionKernel> kernels;
  for (auto& spec : plan.kernels) kernels.push_back(kernel(spec));
  std::vector<char> scratch(plan.scratch_bytes + 1);
  for (int64_t i = 0; i < plan.chunks; ++i) {
    run_contraction(plan, kernels.data(), w.data, image.data, c.data, scratch.data(), i);
  }
  bool right = true;
  for (int64_t o = 0; o < outputs; ++o) {
    for (int64_t y = 0; y < out; ++y) {
      for (int64_t x = 0; x < out; ++x) {
        float sum = 0;  // small integers: exact
        for (int64_t i = 0; i < channels * area; ++i) {
          int64_t channel = i / area, p = i % area / window, q = i % window;
          sum += w.data[o * channels * area + i] * image.data[(channel * size + y + p) * size + x + q];
        }
        right &= c.data[(o * out + y) * out + x] == sum;
      }
    }
  }
  CHECK(right);
}

}  // namespace

int main() {
  const int64_t sizes[] = {0, 1, 2, 3, 5, 7, 8, 9, 16, 17, 31, 33, 48, 65, 100, 129};
  auto pick = [&] { return sizes[random_bits() % std::size(sizes)]; };
  for (VectorMachine machine : {llvm_backend().machine(), VectorMachine{128, 16}}) {
    for (int i = 0; i < 60; ++i) {
      Shape s{pick(),
              pick(),
              pick(),
              static_cast<int64_t>(random_bits() % 4 ? 1 : 3),
              random_bits() % 2 == 0,
              random_bits() % 2 == 0,
              random_bits() % 4 == 0,
              random_bits() % 4 == 0};
      if (i % 2)
        check_product<float>(s, machine);
      else
        check_product<double>(s, machine);
    }
  }
  const VectorMachine machine = llvm_backend().machine();
  for (int64_t m = 1; m <= 18; ++m) {  // every number of rows that tiles leave over
    for (int64_t n : {1, 15, 16, 40, 70})
      check_product<float>({m, 20, n, 1, m % 2 == 0, n == 40, false, m % 3 == 0}, machine);
  }
  for (bool at : {false, true}) {
    for (bool bt : {false, true}) {
      check_product<float>({70, 1500, 530, 1, at, bt, false, false}, machine);
      check_product<double>({1, 700, 600, 1, at, bt, false, false}, machine);
      check_product<double>({5, 9000, 11, 1, at, bt, false, true}, machine);
      check_product<float>({600, 300, 1, 1, at, bt, false, false}, machine);
    }
  }
  // Both operands packed, and terms in blocks: each step along k in A leaps a page or more.
  check_product<float>({2051, 650, 270, 1, true, true, false, false}, machine);
  check_product<double>({1027, 650, 400, 1, true, false, false, true}, machine);
  // Rows of 4 KB: packed by way of lines that do not share cache sets.
  check_product<float>({1024, 389, 1024, 1, true, false, false, false}, machine);
  check_product<float>({2048, 1024, 150, 1, true, true, false, true}, machine);
  check_product<double>({512, 397, 512, 1, true, true, false, false}, machine);
  check_window_sums(3, 12, 3, 5);
  check_window_sums(4, 30, 5, 17);
  return check_result();
}
