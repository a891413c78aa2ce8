// Running values along the last axis (sums, products, extremes, linear recurrences), and the positions of
// elements that are not zero. Each element needs the one before it, so these are routines.
#include <type_traits>

#include "base/error.h"
#include "graph/broadcast.h"
#include "graph/leaves.h"
#include "ops/core_rows.h"
#include "ops/linalg.h"
#include "ops/rows.h"

namespace croton {
namespace {

// A complex number, with the arithmetic that the rest of the engine does.
template <class T>
struct Pair {
  T re, im;
  Pair(T re = 0, T im = 0) : re(re), im(im) {}
  template <class U>
  explicit(sizeof(U) > sizeof(T)) Pair(Pair<U> z) : re(static_cast<T>(z.re)), im(static_cast<T>(z.im)) {}
  friend Pair operator+(Pair a, Pair b) { return {a.re + b.re, a.im + b.im}; }
  friend Pair operator*(Pair a, Pair b) { return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re}; }
};

// Sums of float32 are rounded only when they are stored.
template <class T>
using Wide = std::conditional_t<std::is_same_v<T, float>, double,
                                std::conditional_t<std::is_same_v<T, Pair<float>>, Pair<double>, T>>;

// Signed integers wrap around as unsigned ones do.
template <class F>
void for_type(DType dtype, F f) {
  switch (dtype) {
    case DType::Float32: return f(float{});
    case DType::Float64: return f(double{});
    case DType::Int64:
    case DType::UInt64: return f(uint64_t{});
    default: throw InternalError("no running values of this dtype");
  }
}

template <class F>
void for_number(DType dtype, F f) {
  if (dtype == DType::Complex64) return f(Pair<float>{});
  if (dtype == DType::Complex128) return f(Pair<double>{});
  for_type(dtype, f);
}

// y[i] = step(y[i-1], i), from y[-1] = start.
template <class T, class Step>
void run(const HostCall& call, T start, Step step) {
  int64_t n = call.inputs[0].shape[0];
  if (Workspace(call).planned(4 * n)) return;
  Wide<T> value = start;
  T* y = call.results[0].as<T>();
  for (int64_t i = 0; i < n; ++i) y[i] = static_cast<T>(value = step(value, i));
}

void cumsum_routine(const HostCall& call) {
  for_number(call.inputs[0].dtype, [&]<class T>(T) {
    const T* x = call.inputs[0].as<T>();
    run<T>(call, 0, [x](Wide<T> sum, int64_t i) { return sum + x[i]; });
  });
}

void cumprod_routine(const HostCall& call) {
  for_number(call.inputs[0].dtype, [&]<class T>(T) {
    const T* x = call.inputs[0].as<T>();
    run<T>(call, 1, [x](Wide<T> product, int64_t i) { return product * x[i]; });
  });
}

void recurrence_routine(const HostCall& call) {
  for_number(call.inputs[0].dtype, [&]<class T>(T) {
    const T *a = call.inputs[0].as<T>(), *b = call.inputs[1].as<T>();
    run<T>(call, 0, [a, b](Wide<T> before, int64_t i) { return a[i] * before + b[i]; });
  });
}

// NaN is larger than all numbers, and smaller than all.
template <class T>
void extreme(const HostCall& call, bool largest) {
  const HostArray &values = call.results[0], &positions = call.results[1];
  int64_t n = call.inputs[0].shape[0];
  if (Workspace(call).planned(4 * n)) return;
  const T* x = call.inputs[0].as<T>();
  for (int64_t i = 0, best = 0; i < n; ++i) {
    bool beats = x[i] != x[i] || (largest ? x[i] > x[best] : x[i] < x[best]);
    if (beats && x[best] == x[best]) best = i;
    if (values.wanted) values.as<T>()[i] = x[best];
    if (positions.wanted) positions.as<int64_t>()[i] = best;
  }
}

template <bool largest>
void extreme_routine(const HostCall& call) {
  if (call.inputs[0].dtype == DType::Int64) return extreme<int64_t>(call, largest);
  for_type(call.inputs[0].dtype, [&]<class T>(T) { extreme<T>(call, largest); });
}

void nonzero_routine(const HostCall& call) {
  int64_t n = call.inputs[0].shape[0];
  if (Workspace(call).planned(2 * n)) return;
  const bool* mask = call.inputs[0].as<bool>();
  int64_t* positions = call.results[0].as<int64_t>();
  const int64_t* end = positions + call.results[0].shape[0];
  // No branch: which elements are zero cannot be foreseen.
  for (int64_t i = 0; i < n && positions < end; ++i) {
    *positions = i;
    positions += mask[i];
  }
}

// ---- types and gradients

void require_running(const Var& x) {
  DType t = real_type(x.dtype());
  bool known = t == DType::Float32 || t == DType::Float64 || t == DType::Int64 || t == DType::UInt64;
  if (x.rank() == 0 || !known)
    throw TypeError(
        "running values: required numbers of 64 bits, float32 or complex64 with one axis or more, given " +
        describe(x) + source_text(SourceScope::current()));
}

std::vector<ResultSpec> like_first(Inputs x, const Attrs&) {
  require_running(x[0]);
  return {{x[0].dtype(), shape_of(x[0])}};
}

std::vector<ResultSpec> extreme_results(Inputs x, const Attrs& attrs) {
  require_real("running extremes", x[0].dtype());
  return {like_first(x, attrs)[0], {DType::Int64, shape_of(x[0])}};
}

// Schedules put operands into memory of their own, where the size cannot be seen.
std::vector<ResultSpec> nonzero_results(Inputs x, const Attrs&) {
  return {{DType::Int64, {x[1]->op == &copy_op ? x[1]->inputs[0] : x[1]}}};
}

std::vector<std::pair<Var, Var>> both_sizes(Inputs x) {
  return {{dim(x[0], x[0].rank() - 1), dim(x[1], x[1].rank() - 1)}};
}

int last_axis(const Var& x) { return x.rank() - 1; }

Var reversed(const Var& x) {
  Var n = dim(x, last_axis(x));
  return slice(x, last_axis(x), maximum(n - make_int(1), make_int(0)), n, -1);
}

// The elements one place later (or earlier) along the last axis, `fill` in the place that is free.
Var shifted(const Var& x, bool later, double fill) {
  Var n = dim(x, last_axis(x)), kept = maximum(n - make_int(1), make_int(0));
  std::vector<Var> sizes = shape_of(x);
  sizes.back() = n - kept;
  Var rest = slice(x, last_axis(x), later ? make_int(0) : n - kept, kept, 1);
  Var edge = full(std::move(sizes), make_scalar(x.dtype(), fill));
  return later ? concatenate({edge, rest}, last_axis(x)) : concatenate({rest, edge}, last_axis(x));
}

Var recurrence(const Var& a, const Var& b) { return apply_all("recurrence", {a, b})[0]; }

// s[i] = g[i] + a[i+1] * s[i+1]: what reaches element i through all later ones.
Var returned(const Var& g, const Var& a) {
  return reversed(recurrence(reversed(shifted(a, false, 0)), reversed(g)));
}

Grads cumsum_vjp(Inputs g, Inputs, const Var&) {
  return {reversed(apply_all("cumsum", {reversed(g[0])})[0])};
}

Grads cumprod_vjp(Inputs g, Inputs x, const Var& y) { return {shifted(y, true, 1) * returned(g[0], x[0])}; }

Grads recurrence_vjp(Inputs g, Inputs x, const Var& y) {
  Var s = returned(g[0], x[0]);
  return {s * shifted(y, true, 0), s};
}

Grads extreme_vjp(Inputs g, Inputs x, const Var& y) {
  if (!g[0]) return {Var()};
  std::vector<Var> sizes = shape_of(x[0]);
  Var width = sizes.back(), rows = make_int(1);
  for (size_t axis = 0; axis + 1 < sizes.size(); ++axis) rows = rows * sizes[axis];
  Var starts = iota({rows, make_int(1)}, 0) * width;
  Var places = reshape(reshape(output(y, 1), {rows, width}) + starts, {rows * width});
  return {reshape(scatter_add(reshape(g[0], {rows * width}), places, rows * width, 0), sizes)};
}

const OpSpec table[] = {
    {.name = "cumsum",
     .doc = "The running sum along the last axis.",
     .kind = OpKind::Library,
     .arity = 1,
     .results = like_first,
     .routine = cumsum_routine,
     .item_rank = 1,
     .results_vjp = cumsum_vjp},
    {.name = "cumprod",
     .doc = "The running product along the last axis.",
     .kind = OpKind::Library,
     .arity = 1,
     .results = like_first,
     .routine = cumprod_routine,
     .item_rank = 1,
     .results_vjp = cumprod_vjp},
    {.name = "recurrence",
     .doc = "r[i] = x[i] * r[i-1] + y[i] along the last axis, from r[-1] = 0.",
     .kind = OpKind::Library,
     .arity = 2,
     .results = like_first,
     .routine = recurrence_routine,
     .item_rank = 1,
     .equal_sizes = both_sizes,
     .results_vjp = recurrence_vjp},
    {.name = "cummax",
     .doc = "The largest element so far along the last axis, and its first position; NaN wins.",
     .kind = OpKind::Library,
     .arity = 1,
     .results = extreme_results,
     .routine = extreme_routine<true>,
     .item_rank = 1,
     .results_vjp = extreme_vjp},
    {.name = "cummin",
     .doc = "The smallest element so far along the last axis, and its first position; NaN wins.",
     .kind = OpKind::Library,
     .arity = 1,
     .results = extreme_results,
     .routine = extreme_routine<false>,
     .item_rank = 1,
     .results_vjp = extreme_vjp},
    {.name = "nonzero",
     .doc = "The positions of the y elements of the vector x that are true.",
     .kind = OpKind::Library,
     .arity = 2,
     .results = nonzero_results,
     .routine = nonzero_routine,
     .item_rank = 1},
};

}  // namespace

std::span<const OpSpec> rows::running() { return table; }

}  // namespace croton
