// Hyperbolic functions and their inverses.
#include "ops/math.h"
#include "ops/math_kernels.h"

namespace croton::math {
namespace {

// For a >= 0: sinh(r), cosh(r) - 1 of the reduced argument and quarters of 2^n + 2^-n, 2^n - 2^-n: the last
// doubling is left to the caller, since the half of 2^n may overflow where the result does not.
struct HyperbolicParts {
  Value sinh_r, cosh_r_minus_1, sum, difference;
};

HyperbolicParts hyperbolic_parts(Value a) {
  // Beyond this both overflow, and 2^n still does not.
  a = min(constant_for(a, 89.6, 710.6), a);
  Parts c = parts(a, ln2);
  Value shift = rounding_shift(a, true);
  Value t = fma(a, a.constant(log2e.part[0]), shift);
  Value n = t - shift;
  Value r = fma(-n, c.mid, fma(-n, c.hi, a));
  Value u = r * r;
  Value sinh_r = fma(u * r, CROTON_POLYNOMIAL(sinh_tail, u), r);
  Value cosh_r_minus_1 = u * CROTON_POLYNOMIAL(cosh_tail, u);
  // 2^(n-2) and 2^(-n-2); the latter counts as 0 where its exponent would leave the normal range.
  const DType integer = signed_bits(a);
  const int width = mantissa_bits(a), bias = a.is_float32() ? 127 : 1023;
  Value biased = bitcast(t - 2, integer) << width;
  Value grown = bitcast(biased, a.type());
  Value one = biased.constant(2.0 * bias - 4) << width;
  Value shrunk = bitcast(max(one - biased, biased.constant(0)), a.type());
  return {sinh_r, cosh_r_minus_1, grown + shrunk, grown - shrunk};
}

}  // namespace

Value sinh(Value x) {
  auto [s, c, sum, difference] = hyperbolic_parts(abs(x));
  // The exact difference last: it is what the small terms correct.
  Value y = (difference + fma(s, sum, c * difference)) * 2;
  return select(abs(x) < constant_for(x, 0x1p-13, 0x1p-27), x, copy_sign(y, x));
}

Value cosh(Value x) {
  auto [s, c, sum, difference] = hyperbolic_parts(abs(x));
  return (sum + fma(c, sum, s * difference)) * 2;
}

Value tanh(Value x) {
  // For E = exp(-2|x|): (1 - E) / (1 + E), but 1 - 2*E/(1 + E) where that rounds better.
  Value y = max(constant_for(x, -20, -42), abs(x) * -2);
  Parts c = parts(x, ln2);
  Value shift = rounding_shift(x, true);
  Value t = fma(y, x.constant(log2e.part[0]), shift);
  Value n = t - shift;
  Value r = fma(-n, c.mid, fma(-n, c.hi, y));
  Value q = fma(r * r, CROTON_POLYNOMIAL(expm1_narrow, r), r);
  Value s = power_of_two(t);
  Value e = fma(s, q, s);
  Value large = y < -1.125;
  Value quotient = select(large, e * -2, fma(-s, q, 1 - s)) / fma(s, q, 1 + s);
  return copy_sign(select(large, quotient + 1, quotient), x);
}

Value asinh(Value x) {
  // log1p(a + a^2 / (1 + sqrt(a^2 + 1))); beyond 2^30 and 2^60 log(2a).
  Value a = abs(x);
  Value large = a > constant_for(x, 0x1p30, 0x1p60);
  Value square = select(large, x.constant(0), a * a);
  Value bent = square / (1 + sqrt(square + 1));
  Value z = a + bent;
  Value rest = (a - z) + bent;
  Value y = log1p_finite(z, &rest);
  y = y + select(large, ln2.part[0], x.constant(0));
  return select(a < infinity, copy_sign(y, x), x);
}

Value acosh(Value x) {
  // log1p(t + sqrt(t * (t + 2))), t = x - 1; beyond 2^30 and 2^60 log(2x).
  Value large = x > constant_for(x, 0x1p30, 0x1p60);
  Value t = x - 1;
  Value bent = sqrt(fma(t, t, t * 2));
  bent = select(large, x.constant(0), bent);
  Value z = t + bent;
  Value rest = select(t > bent, (t - z) + bent, (bent - z) + t);
  Value y = log1p_finite(z, &rest);
  y = y + select(large, ln2.part[0], x.constant(0));
  return select(x < 1, x.constant(quiet_nan), select(x < infinity, y, x));
}

Value atanh(Value x) {
  // log1p(2a / (1 - a)) / 2, the quotient with what its rounding lost
  Value a = abs(x);
  Value top = a * 2, bottom = 1 - a;
  Value q = top / bottom;
  Value rest = fma(-q, bottom, top) + q * (a - (1 - bottom));
  rest = rest / bottom;
  Value y = log1p_finite(q, &rest) * 0.5;
  y = select(a >= 1, select(eq(a, 1), infinity, x.constant(quiet_nan)), y);
  return copy_sign(select(eq(x, 0), x, y), x);
}

}  // namespace croton::math
