#include <cmath>
#include <optional>

#include "graph/leaves.h"
#include "graph/scalar_io.h"
#include "ops/complex_math.h"
#include "ops/core_rows.h"
#include "ops/functions.h"

namespace croton::complex_math {
namespace {

constexpr double largest_multiplied_power = 100;  // beyond it, as NumPy, by logarithms

// The value of a constant, perhaps repeated.
std::optional<double> literal(Var x) {
  while (x->op == &broadcast_op || x->op == &dimshuffle_op || x->op == &cast_op) x = x->inputs[0];
  if (!is_constant(x) || x.rank() != 0 || is_complex(x.dtype())) return {};
  return load_scalar(x.dtype(), x->attrs.value->data.get());
}

ComplexParts product(const ComplexParts& a, const ComplexParts& b) {
  if (!a.im && !b.im) return {a.re * b.re, {}};
  if (!a.im) return {a.re * b.re, a.re * b.im};
  if (!b.im) return {a.re * b.re, a.im * b.re};
  return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}

// a / b by Smith's method, which forms no square of b: with the larger part of b as the unit.
ComplexParts quotient(const ComplexParts& a, const ComplexParts& b) {
  if (!b.im) return {a.re / b.re, a.im ? a.im / b.re : Var()};
  using croton::where;
  Var wide = croton::abs(b.re) >= croton::abs(b.im);
  Var large = where(wide, b.re, b.im), small = where(wide, b.im, b.re);
  Var ratio = small / where(not_equal(large, scalar_like(large, 0)), large, 1);
  Var scale = 1.0 / (large + small * ratio);
  if (!a.im) {
    Var scaled = a.re * ratio;
    return {where(wide, a.re, scaled) * scale, -(where(wide, scaled, a.re) * scale)};
  }
  Var minus = -a.re;
  return {(where(wide, a.re, a.im) + where(wide, a.im, a.re) * ratio) * scale,
          (where(wide, a.im, minus) + where(wide, minus, a.im) * ratio) * scale};
}

// By repeated squaring.
ComplexParts whole_power(ComplexParts base, int64_t n) {
  ComplexParts power;
  for (; n; n >>= 1) {
    if (n & 1) power = power.re ? product(power, base) : base;
    if (n > 1) base = square({&base, 1});
  }
  return power;
}

ComplexParts general_power(const ComplexParts& z, const ComplexParts& w) {
  Var length = apply("hypot", {z.re, imag_of(z)}), angle = apply("arctan2", {imag_of(z), z.re});
  Var size, turn;
  if (w.im) {
    Var logarithm = apply("loghypot", {z.re, imag_of(z)});
    size = croton::exp(w.re * logarithm - w.im * angle);
    turn = w.im * logarithm + w.re * angle;
  } else {
    size = croton::pow(length, w.re);
    turn = w.re * angle;
  }
  Var at_zero = equal(length, scalar_like(length, 0));
  Var one = equal(w.re, scalar_like(w.re, 0));
  if (w.im) one = logical_and(one, equal(w.im, scalar_like(w.im, 0)));
  // 0 to a power with a positive real part is 0; to another one but 0, not defined.
  Var there = croton::where(w.re > 0, scalar_like(size, 0), scalar_like(size, NAN));
  Var re = croton::where(at_zero, there, size * croton::cos(turn));
  Var im = croton::where(at_zero, there, size * croton::sin(turn));
  return {croton::where(one, scalar_like(re, 1), re), croton::where(one, scalar_like(im, 0), im)};
}

}  // namespace

Var imag_of(const ComplexParts& z) { return z.im ? z.im : make_scalar(z.re.dtype(), 0); }

ComplexParts add(Operands x) {
  const Var &a = x[0].im, &b = x[1].im;
  return {x[0].re + x[1].re, a && b ? a + b : a ? a : b};
}

ComplexParts sub(Operands x) {
  const Var &a = x[0].im, &b = x[1].im;
  return {x[0].re - x[1].re, a && b ? a - b : b ? -b : a};
}

ComplexParts mul(Operands x) { return product(x[0], x[1]); }
ComplexParts true_div(Operands x) { return quotient(x[0], x[1]); }
ComplexParts neg(Operands x) { return {-x[0].re, x[0].im ? -x[0].im : Var()}; }
ComplexParts reciprocal(Operands x) { return quotient({scalar_like(x[0].re, 1), {}}, x[0]); }

ComplexParts square(Operands x) {
  const auto& [re, im] = x[0];
  if (!im) return {croton::square(re), {}};
  return {(re - im) * (re + im), 2 * (re * im)};
}

ComplexParts pow(Operands x) {
  const ComplexParts &z = x[0], &w = x[1];
  std::optional<double> power = w.im ? std::nullopt : literal(w.re);
  if (!power) return general_power(z, w);
  if (*power == 0) return {scalar_like(z.re, 1), {}};
  if (*power == 0.5) return sqrt(x.first(1));
  if (*power != std::floor(*power) || std::abs(*power) > largest_multiplied_power) return general_power(z, w);
  ComplexParts result = whole_power(z, static_cast<int64_t>(std::abs(*power)));
  return *power > 0 ? result : reciprocal({&result, 1});
}

ComplexParts abs(Operands x) {
  return {x[0].im ? apply("hypot", {x[0].re, x[0].im}) : croton::abs(x[0].re), {}};
}

ComplexParts sign(Operands x) {
  if (!x[0].im) return {croton::sign(x[0].re), {}};
  Var length = abs(x).re;
  Var divisor = croton::where(not_equal(length, scalar_like(length, 0)), length, 1);
  return {x[0].re / divisor, x[0].im / divisor};
}

ComplexParts where(Operands x) {
  const Var& condition = x[0].re;
  bool real = !x[1].im && !x[2].im;
  return {croton::where(condition, x[1].re, x[2].re),
          real ? Var() : croton::where(condition, imag_of(x[1]), imag_of(x[2]))};
}

ComplexParts eq(Operands x) {
  Var re = equal(x[0].re, x[1].re);
  return {x[0].im || x[1].im ? logical_and(re, equal(imag_of(x[0]), imag_of(x[1]))) : re, {}};
}

ComplexParts ne(Operands x) { return {logical_not(eq(x).re), {}}; }

namespace {

ComplexParts either(const char* op, const ComplexParts& z) {
  Var re = apply(op, {z.re});
  return {z.im ? logical_or(re, apply(op, {z.im})) : re, {}};
}

}  // namespace

ComplexParts isnan(Operands x) { return either("isnan", x[0]); }
ComplexParts isinf(Operands x) { return either("isinf", x[0]); }

ComplexParts isfinite(Operands x) {
  Var re = apply("isfinite", {x[0].re});
  return {x[0].im ? logical_and(re, apply("isfinite", {x[0].im})) : re, {}};
}

}  // namespace croton::complex_math
