// Exponentials, and the circular and hyperbolic functions by W. Kahan, "Branch cuts for complex elementary
// functions" (1987): square roots of 1 + z and 1 - z keep the sides of the cuts apart.
#include <cmath>
#include <numbers>

#include "ops/complex_math.h"
#include "ops/functions.h"

namespace croton::complex_math {
namespace {

using croton::where;

bool is_double(const Var& x) { return x.dtype() == DType::Float64; }
Var infinite(const Var& x) { return apply("isinf", {x}); }
Var finite(const Var& x) { return apply("isfinite", {x}); }
Var is_zero(const Var& x) { return equal(x, scalar_like(x, 0)); }
Var with_sign(const Var& x, const Var& sign) { return apply("copysign", {x, sign}); }
Var angle(const ComplexParts& z) { return apply("arctan2", {imag_of(z), z.re}); }
Var log_length(const ComplexParts& z) { return apply("loghypot", {z.re, imag_of(z)}); }

// exp(x) e^(iy) is infinite (or 0), but in no direction.
Var has_no_angle(const Var& x, const Var& y) { return logical_and(infinite(x), logical_not(finite(y))); }

ComplexParts times_i(const ComplexParts& z) { return {-imag_of(z), z.re}; }
ComplexParts over_i(const ComplexParts& z) { return {imag_of(z), -z.re}; }
ComplexParts scaled(const ComplexParts& z, double factor) { return {z.re * factor, z.im * factor}; }

// Parts so large that 1 + z is z.
Var is_far(const ComplexParts& z) {
  double limit = is_double(z.re) ? 0x1p60 : 0x1p30;
  return logical_or(croton::abs(z.re) > limit, croton::abs(imag_of(z)) > limit);
}

// log(2 |z|)
Var log_double(const ComplexParts& z) { return log_length(z) + std::numbers::ln2; }

ComplexParts choose(const Var& condition, const ComplexParts& a, const ComplexParts& b) {
  return {where(condition, a.re, b.re), where(condition, a.im, b.im)};
}

// sqrt(1 + z) and sqrt(1 - z)
std::pair<ComplexParts, ComplexParts> roots(const ComplexParts& z) {
  ComplexParts more{1 + z.re, imag_of(z)}, less{1 - z.re, -imag_of(z)};
  return {sqrt({&more, 1}), sqrt({&less, 1})};
}

}  // namespace

ComplexParts exp(Operands z) {
  const Var &x = z[0].re, &y = z[0].im;
  if (!y) return {croton::exp(x), {}};
  // exp(x) may overflow where the product with a small cosine does not.
  double limit = is_double(x) ? 709 : 88, shift = is_double(x) ? 64 : 32;
  Var large = x > limit;
  Var size = croton::exp(where(large, x - shift, x));
  Var factor = where(large, scalar_like(x, std::exp(shift)), 1);
  Var re = size * croton::cos(y) * factor, im = size * croton::sin(y) * factor;
  Var undefined = has_no_angle(x, y);
  Var limit_value = where(x > 0, x, 0);
  return {where(undefined, limit_value, re),
          where(is_zero(y), y, where(logical_and(undefined, x < 0), limit_value, im))};
}

ComplexParts exp2(Operands z) {
  ComplexParts x = scaled({z[0].re, imag_of(z[0])}, std::numbers::ln2);
  return exp({&x, 1});
}

ComplexParts expm1(Operands z) {
  const Var &x = z[0].re, y = imag_of(z[0]);
  Var half = croton::sin(y * 0.5), size = croton::expm1(x);
  return {size * croton::cos(y) - 2 * croton::square(half), croton::exp(x) * croton::sin(y)};
}

ComplexParts log(Operands z) { return {log_length(z[0]), angle(z[0])}; }
ComplexParts log2(Operands z) { return scaled(log(z), 1 / std::numbers::ln2); }
ComplexParts log10(Operands z) { return scaled(log(z), 1 / std::numbers::ln10); }

ComplexParts log1p(Operands z) {
  const Var &x = z[0].re, y = imag_of(z[0]);
  ComplexParts sum{1 + x, y};
  // What rounding 1 + x lost, to first order.
  Var lost = x - (sum.re - 1);
  Var length = apply("hypot", {sum.re, y});
  Var safe = where(length > 0, length, 1);
  return {log_length(sum) + where(croton::abs(x) < 1, lost * (sum.re / safe / safe), 0), angle(sum)};
}

ComplexParts sqrt(Operands z) {
  const Var &x = z[0].re, y = imag_of(z[0]);
  Var root = croton::sqrt(0.5 * croton::abs(x) + 0.5 * apply("hypot", {x, y}));
  Var other = where(is_zero(root), y, y / (root + root));
  Var right = x >= 0;
  Var re = where(right, root, croton::abs(other)), im = where(right, other, with_sign(root, y));
  return {where(infinite(y), croton::abs(y), re), where(infinite(y), y, im)};
}

ComplexParts sinh(Operands z) {
  const Var &x = z[0].re, y = imag_of(z[0]);
  Var re = apply("sinh", {x}) * croton::cos(y), im = apply("cosh", {x}) * croton::sin(y);
  Var no_angle = logical_and(logical_or(is_zero(x), infinite(x)), logical_not(finite(y)));
  return {where(no_angle, x, re), where(is_zero(y), y, im)};
}

ComplexParts cosh(Operands z) {
  const Var &x = z[0].re, y = imag_of(z[0]);
  Var zero = with_sign(scalar_like(x, 0), x) * with_sign(scalar_like(y, 1), y);
  Var im = apply("sinh", {x}) * croton::sin(y);
  Var re = apply("cosh", {x}) * croton::cos(y);
  return {where(has_no_angle(x, y), croton::abs(x), re), where(logical_or(is_zero(x), is_zero(y)), zero, im)};
}

ComplexParts tanh(Operands z) {
  const Var &x = z[0].re, y = imag_of(z[0]);
  // From here on tanh(x) is 1, and the formula for the rest would overflow.
  Var far = croton::abs(x) > (is_double(x) ? 22.0 : 10.0);
  Var tangent = apply("tan", {y}), s = apply("sinh", {where(far, scalar_like(x, 0), x)});
  Var slope = 1 + croton::square(tangent), divisor = 1 + slope * croton::square(s);
  Var near_re = slope * croton::sqrt(1 + croton::square(s)) * s / divisor;
  Var decay = 2 * croton::exp(-2 * croton::abs(x));
  Var far_im = where(finite(y), decay * croton::sin(2 * y), 0);
  return {where(far, with_sign(scalar_like(x, 1), x), where(is_zero(x), x, near_re)),
          where(is_zero(y), y, where(far, far_im, tangent / divisor))};
}

ComplexParts sin(Operands z) {
  ComplexParts w = times_i(z[0]);
  return over_i(sinh({&w, 1}));
}

ComplexParts cos(Operands z) {
  ComplexParts w = times_i(z[0]);
  return cosh({&w, 1});
}

ComplexParts tan(Operands z) {
  ComplexParts w = times_i(z[0]);
  return over_i(tanh({&w, 1}));
}

ComplexParts arcsinh(Operands x) {
  const ComplexParts& z = x[0];
  auto [a, b] = roots(times_i(z));  // sqrt(1 + iz), sqrt(1 - iz)
  Var re = apply("arcsinh", {b.re * a.im - a.re * b.im});
  Var im = apply("arctan2", {imag_of(z), b.re * a.re - b.im * a.im});
  Var far_im = apply("arctan2", {imag_of(z), croton::abs(z.re)});
  return choose(is_far(z), {with_sign(log_double(z), z.re), far_im}, {re, im});
}

ComplexParts arccosh(Operands x) {
  const ComplexParts& z = x[0];
  ComplexParts less{z.re - 1, imag_of(z)}, more{z.re + 1, imag_of(z)};
  ComplexParts a = sqrt({&less, 1}), b = sqrt({&more, 1});
  Var re = apply("arcsinh", {a.re * b.re + a.im * b.im});
  Var im = 2 * apply("arctan2", {a.im, b.re});
  return choose(is_far(z), {log_double(z), angle(z)}, {re, im});
}

ComplexParts arccos(Operands x) {
  const ComplexParts& z = x[0];
  auto [b, a] = roots(z);
  Var re = 2 * apply("arctan2", {a.re, b.re});
  Var im = apply("arcsinh", {b.re * a.im - b.im * a.re});
  Var far_re = apply("arctan2", {croton::abs(imag_of(z)), z.re});
  return choose(is_far(z), {far_re, with_sign(log_double(z), -imag_of(z))}, {re, im});
}

ComplexParts arctanh(Operands x) {
  const Var re = x[0].re, im = imag_of(x[0]), size = croton::abs(re);
  Var below = 1 - size, area = croton::square(below) + croton::square(im);
  Var near_re = 0.25 * croton::log1p(4 * size / area);
  Var near_im = 0.5 * apply("arctan2", {2 * im, below * (1 + size) - croton::square(im)});
  // 1 / z, and a quarter of a turn.
  Var half = apply("hypot", {re * 0.5, im * 0.5});
  Var far_re = where(infinite(half), scalar_like(size, 0), size / half / half * 0.25);
  Var far_im = with_sign(scalar_like(im, std::numbers::pi / 2), im);
  Var far = is_far(x[0]);
  return {with_sign(where(far, far_re, near_re), re), where(far, far_im, near_im)};
}

ComplexParts arcsin(Operands x) {
  ComplexParts w = times_i(x[0]);
  return over_i(arcsinh({&w, 1}));
}

ComplexParts arctan(Operands x) {
  ComplexParts w = times_i(x[0]);
  return over_i(arctanh({&w, 1}));
}

}  // namespace croton::complex_math
