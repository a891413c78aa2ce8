// Circular functions and their inverses.
#include <array>

#include "ops/math.h"
#include "ops/math_kernels.h"

namespace croton::math {
namespace {

// Up to here three constants reduce an angle with relative precision; beyond, the library does.
Value largest_angle(Value x) { return constant_for(x, 1e5, 1e9); }

// a - n*c, c in three parts; the first product cancels exactly.
Value reduce(Value a, Value n, const Constant& c) {
  Parts p = parts(a, c);
  return fma(-n, p.lo, fma(-n, p.mid, fma(-n, p.hi, a)));
}

// sin(r) for |r| <= pi/2
Value sin_reduced(Value r) {
  Value u = r * r;
  Value y = fma(u * r, CROTON_POLYNOMIAL(sin_tail, u), r);
  return max(y.constant(-1), min(y.constant(1), y));
}

// `y` negated where the lowest bit of `t` is set
Value flip_by_parity(Value y, Value t) {
  Value sign = bitcast(t, unsigned_bits(y)) << (mantissa_bits(y) == 23 ? 31 : 63);
  return bitcast(bitcast(y, unsigned_bits(y)) ^ sign, y.type());
}

Value flip_by_sign(Value y, Value x) {
  Value bits = bitcast(x, unsigned_bits(x));
  Value sign = bits & bits.bits(x.is_float32() ? 0x80000000u : 0x8000000000000000ull);
  return bitcast(bitcast(y, unsigned_bits(y)) ^ sign, y.type());
}

// x's sign bit as a condition
Value sign_bit(Value x) { return bitcast(x, signed_bits(x)) < 0; }

// atan(t) for 0 <= t <= 1
Value atan_unit(Value t) {
  Value u = t * t;
  return fma(u * t, CROTON_POLYNOMIAL(atan_tail, u), t);
}

// asin(s) - s given z = s*s, 0 <= s <= 1/2
Value asin_tail(Value s, Value z) { return s * z * CROTON_POLYNOMIAL(asin_tail, z); }

}  // namespace

Value sin(Value x) {
  Value a = abs(x);
  Value shift = rounding_shift(x, false);
  Value t = fma(a, x.constant(1 / pi.part[0]), shift);
  Value y = sin_reduced(reduce(a, t - shift, pi));
  Value fast = flip_by_sign(flip_by_parity(y, t), x);
  return fallback(~(a <= largest_angle(x)), fast, "sin", std::array{x});
}

Value cos(Value x) {
  // cos(a) = (-1)^m * sin(pi/2 + m*pi - a)
  Value a = abs(x);
  Value shift = rounding_shift(x, false);
  Value t = fma(a, x.constant(1 / pi.part[0]), -0.5) + shift;
  Value y = sin_reduced(-reduce(a, (t - shift) + 0.5, pi));
  return fallback(~(a <= largest_angle(x)), flip_by_parity(y, t), "cos", std::array{x});
}

Value tan(Value x) {
  Value a = abs(x);
  Value shift = rounding_shift(x, false);
  Value t = fma(a, x.constant(1 / half_pi.part[0]), shift);
  // The angle in two parts, since the tangent is steeper than its argument.
  Value n = t - shift;
  Parts c = parts(a, half_pi);
  Value most = fma(-n, c.hi, a);
  Value product = n * c.mid, product_lo = fma(n, c.mid, -product);
  Value r = most - product, back = r - most;
  Value rest = (most - (r - back)) - (product + back);
  rest = fma(-n, c.lo, rest - product_lo);
  Value u = r * r;
  Value tail = CROTON_POLYNOMIAL(tan_tail, u);
  Value y = r + fma(u * r, tail, fma(rest, u, rest));
  // In odd quadrants the tangent is -1/y.
  Value bits = bitcast(t, signed_bits(t));
  Value odd = eq(bits & bits.constant(1), 1);
  Value fast = select(odd, -1.0, y) / select(odd, y, 1.0);
  return fallback(~(a <= largest_angle(x)), flip_by_sign(fast, x), "tan", std::array{x});
}

Value asin(Value x) {
  // Beyond 1/2: pi/2 - 2*asin(sqrt((1 - x) / 2)).
  Value a = abs(x);
  Value large = a > 0.5;
  Value z = select(large, (1 - a) * 0.5, a * a);
  Value s = select(large, sqrt(z), a);
  Value tail = asin_tail(s, z);
  Parts c = parts(x, half_pi);
  Value difference = fma(s, s.constant(-2), c.hi);
  Value lost = fma(s, s.constant(-2), c.hi - difference);
  Value beyond = difference - (fma(tail, tail.constant(2), -c.mid) - lost);
  return copy_sign(select(large, beyond, s + tail), x);
}

Value acos(Value x) {
  Value a = abs(x);
  Value large = a > 0.5;
  Value z = select(large, (1 - a) * 0.5, a * a);
  Value s = select(large, sqrt(z), a);
  Value y = s + asin_tail(s, z);
  Parts c = parts(x, half_pi);
  Value beyond = select(x < 0, c.hi * 2.0 - fma(y, y.constant(2), c.mid * -2.0), y * 2);
  return select(large, beyond, c.hi - (flip_by_sign(y, x) - c.mid));
}

Value atan(Value x) {
  Value a = abs(x);
  Value large = a > 1;
  Value y = atan_unit(select(large, 1.0 / a, a));
  Parts c = parts(x, half_pi);
  return copy_sign(select(large, c.hi - (y - c.mid), y), x);
}

Value atan2(Value y, Value x) {
  Value ax = abs(x), ay = abs(y);
  Value steep = ay > ax;
  Value top = select(steep, ax, ay), bottom = select(steep, ay, ax);
  // 0/0 counts as 0 and inf/inf as 1.
  Value t = select(eq(top, bottom), select(eq(bottom, 0), bottom, 1.0), top / bottom);
  Value angle = atan_unit(t);
  Parts c = parts(x, half_pi);
  Value left = sign_bit(x);
  // pi/2 - angle or pi/2 + angle when steep, pi - angle to the left, else the angle itself
  Value from_axis = select(steep, select(left, angle, -angle), -angle);
  Value axis_hi = select(steep, c.hi, c.hi * 2.0), axis_lo = select(steep, c.mid, c.mid * 2.0);
  return copy_sign(select(steep | left, axis_hi + (from_axis + axis_lo), angle), y);
}

}  // namespace croton::math
