// Discrete Fourier transforms along the last axis.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/error.h"
#include "graph/broadcast.h"
#include "graph/leaves.h"
#include "ops/core_rows.h"
#include "ops/fourier_kernel.h"
#include "ops/linalg.h"
#include "ops/rows.h"

namespace croton {
namespace {

// attrs.ints: {forward, scale} with scale 0: none, 1: 1/n, 2: 1/sqrt(n).
double scale_of(int64_t kind, int64_t n) {
  double length = static_cast<double>(std::max<int64_t>(n, 1));
  return kind == 0 ? 1 : kind == 1 ? 1 / length : 1 / std::sqrt(length);
}

template <Transform kind>
void fourier_routine(const HostCall& call) {
  const HostArray &x = call.inputs[0], &y = call.results[0];
  int64_t n = kind == Transform::ToReal ? y.shape[0] : x.shape[0];
  double steps = static_cast<double>(std::max<int64_t>(n, 2));
  if (Workspace(call).planned(static_cast<int64_t>(3 * steps * std::log2(steps)))) return;
  if (n == 0) {  // of nothing: the sum is 0
    std::memset(y.data, 0, static_cast<size_t>(call.items * y.bytes()));
    return;
  }
  bool is_double = real_type(x.dtype) == DType::Float64;
  fourier({kind, call.attrs[0] != 0, is_double, call.items, n, scale_of(call.attrs[1], n), x.data, y.data});
}

int last_axis(const Var& x) { return x.rank() - 1; }
Var length_of(const Var& x) { return dim(x, last_axis(x)); }

void require(const char* op, const Var& x, bool complex) {
  DType real = real_type(x.dtype());
  bool fits = real == DType::Float32 || real == DType::Float64;
  if (x.rank() > 0 && fits && is_complex(x.dtype()) == complex) return;
  throw TypeError(std::string(op) + ": required " + (complex ? "complex numbers" : "float32 or float64") +
                  " with one axis or more, given " + describe(x) + source_text(SourceScope::current()));
}

std::vector<ResultSpec> fft_results(Inputs x, const Attrs&) {
  require("fft", x[0], true);
  return {{x[0].dtype(), shape_of(x[0])}};
}

Var half_length(const Var& n) { return apply("floor_div", {n, make_int(2)}) + make_int(1); }

std::vector<ResultSpec> rfft_results(Inputs x, const Attrs&) {
  require("rfft", x[0], false);
  std::vector<Var> sizes = shape_of(x[0]);
  sizes.back() = half_length(sizes.back());
  return {{promote(x[0].dtype(), DType::Complex64), std::move(sizes)}};
}

// Schedules put operands into memory of their own, where the size cannot be seen.
Var size_operand(Inputs x) { return x[1]->op == &copy_op ? x[1]->inputs[0] : x[1]; }

std::vector<ResultSpec> irfft_results(Inputs x, const Attrs&) {
  require("irfft", x[0], true);
  std::vector<Var> sizes = shape_of(x[0]);
  sizes.back() = size_operand(x);
  return {{real_type(x[0].dtype()), std::move(sizes)}};
}

std::vector<std::pair<Var, Var>> irfft_sizes(Inputs x) {
  return {{length_of(x[0]), half_length(size_operand(x))}};
}

// `ends` for the coefficients that stand for themselves alone, `others` for those that stand for two.
Var weights(const Var& coefficients, const Var& n, double ends, double others) {
  Var k = iota({length_of(coefficients)}, 0);
  Var alone = logical_or(equal(k, make_int(0)), equal(k * make_int(2), n));
  DType dtype = real_type(coefficients.dtype());
  return where(alone, make_scalar(dtype, ends), make_scalar(dtype, others));
}

Grads fft_vjp(Inputs g, Inputs, const Var& y) { return {apply_all("fft", {g[0]}, y->attrs.ints)[0]}; }

Grads rfft_vjp(Inputs g, Inputs x, const Var& y) {
  Var n = length_of(x[0]);
  Var half = conj(g[0]) * weights(g[0], n, 1, 0.5);
  return {apply_all("irfft", {half, n}, {0, y->attrs.ints[1]})[0]};
}

Grads irfft_vjp(Inputs g, Inputs x, const Var& y) {
  Var all = apply_all("rfft", {g[0]}, {1, y->attrs.ints[1]})[0];
  return {all * weights(all, x[1], 1, 2), Var()};
}

const OpSpec table[] = {
    {.name = "fft",
     .doc = "The discrete Fourier transform along the last axis, of complex numbers.",
     .kind = OpKind::Library,
     .arity = 1,
     .results = fft_results,
     .routine = fourier_routine<Transform::Complex>,
     .item_rank = 1,
     .batched = true,
     .results_vjp = fft_vjp},
    {.name = "rfft",
     .doc =
         "The first n/2 + 1 coefficients of the transform of real numbers; the others are their conjugates.",
     .kind = OpKind::Library,
     .arity = 1,
     .results = rfft_results,
     .routine = fourier_routine<Transform::FromReal>,
     .item_rank = 1,
     .batched = true,
     .results_vjp = rfft_vjp},
    {.name = "irfft",
     .doc = "The y real numbers along the last axis whose first coefficients are x.",
     .kind = OpKind::Library,
     .arity = 2,
     .results = irfft_results,
     .routine = fourier_routine<Transform::ToReal>,
     .item_rank = 1,
     .batched = true,
     .equal_sizes = irfft_sizes,
     .results_vjp = irfft_vjp},
};

}  // namespace

std::span<const OpSpec> rows::fourier() { return table; }

}  // namespace croton
