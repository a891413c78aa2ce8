// exp and what is made of it.
#include "ops/math.h"
#include "ops/math_kernels.h"

namespace croton::math {
namespace {

// Beyond these bounds exp is 0 or infinity already.
Value within_exp_range(Value x) { return clamp(x, lowest_exponent(x), constant_for(x, 89, 710)); }

// x = 2*m*ln2 + r and s = 2^m, so that exp(x) = exp(r)*s*s: subnormal and huge results need two factors, and
// squares are cheaper than telling the signs of n apart.
struct Reduced {
  Value r, s;
};
Reduced reduce_by_two_ln2(Value x) {
  Parts c = parts(x, ln2);
  Value shift = rounding_shift(x, true);
  Value t = fma(x, x.constant(0.5 * log2e.part[0]), shift);
  Value m = t - shift;
  return {fma(m, c.mid * -2.0, fma(m, c.hi * -2.0, x)), power_of_two(t)};
}

}  // namespace

Value exp(Value x) {
  x = within_exp_range(x);
  auto [r, half_power] = reduce_by_two_ln2(x);
  Value p = fma(fma(CROTON_POLYNOMIAL(exp_wide, r), r, 1), r, 1);
  return p * half_power * half_power;
}

Value exp2(Value x) {
  x = clamp(x, constant_for(x, -151, -1076), constant_for(x, 129, 1025));
  Value shift = rounding_shift(x, false);
  Value n = (x + shift) - shift;
  Value r = x - n;
  return scale(fma(CROTON_POLYNOMIAL(exp2_narrow, r), r, 1), n);
}

Value expm1(Value x) {
  x = within_exp_range(x);
  auto [r, s] = reduce_by_two_ln2(x);
  Value q = fma(r * r, CROTON_POLYNOMIAL(expm1_wide, r), r);
  // s*s*(1 + q) - 1 = s * (s*q + (s - 1/s)): relative precision near 0, no overflow before the last product.
  Value bits = bitcast(s, unsigned_bits(s));
  Value inverse = bitcast(bits.bits(x.is_float32() ? 0x7f000000u : 0x7fe0000000000000ull) - bits, x.type());
  return select(eq(x, 0), x, fma(s, q, s - inverse) * s);
}

Value sigmoid(Value x) {
  // exp(-|x|) keeps the tail's relative precision down to subnormals.
  Value negative = max(lowest_exponent(x), -abs(x));
  Value e = exp_negative(negative);
  Value sum = 1 + e;
  Value y = select(x < 0, e, x.constant(1)) / sum;
  // The sum lost e - (sum - 1), up to half an ulp of 1; for small e that is relative to the result.
  return fma(-y, e - (sum - 1), y);
}

Value softplus(Value x) {
  Value negative = max(lowest_exponent(x), -abs(x));
  return max(x.constant(0), x) + log1p_finite(exp_negative(negative));
}

// top + log(1 + e), e = exp(-gap) <= 1: where the terms cancel, what each step loses counts.
Value logaddexp(Value x, Value y) {
  Value below = x < y, top = select(below, y, x), bottom = select(below, x, y);
  Rounded difference = add_exactly(bottom, -top);
  Value gap = select(eq(x, y), 0, difference.value), lowest = lowest_exponent(x);
  Value gap_lo = select(gap > lowest, difference.lo, 0.0);
  Value q_lo = gap;
  auto [q, first, second] = exp_parts(max(lowest, gap), q_lo);
  Value sum = 1 + q;
  Value e = sum * first * second;
  Value e_lo = fma(gap_lo, sum, (q - (sum - 1)) + q_lo) * first * second;
  // 1 + e = 2^k * (1 + f) with k = 0 or 1.
  Value upper = e > 0.4142135623730951;
  Value s = select(upper, e.constant(0.5), 1.0), k = select(upper, e.constant(1), 0.0);
  Value f = fma(e, s, s - 1);
  Value f_lo = fma(e_lo, s, fma(e, s, (s - 1) - f));
  Parts c = parts(x, ln2);
  Value tail = fma(CROTON_POLYNOMIAL(log_tail, f), f, -0.5);
  Rounded whole = add_exactly(top, k * c.hi), with_f = add_exactly(whole.value, f);
  Value rest = fma(k, c.mid, f_lo / (1 + f));
  Value small = fma(f * f, tail, rest + (whole.lo + with_f.lo));
  return select(abs(top) < infinity, with_f.value + small, top + f);
}

}  // namespace croton::math
