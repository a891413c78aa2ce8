// The error function and its relatives.
#include <span>

#include "ops/math.h"
#include "ops/math_kernels.h"

namespace croton::math {
namespace {

Value choose(Value x, Value w, Value below_first, Value below_second, Value below_third, Value rest) {
  Value last = select(w < 42, below_third, rest);
  Value middle = select(w < 16, below_second, last);
  return select(w < constant_for(x, 5, 6.25), below_first, middle);
}

// erfinv(y) / y where w = -log(1 - y*y) comes from the argument that keeps it exact; `far` where w may
// pass 42.
Value inverse(Value y, Value w, bool far) {
  Value s = sqrt(w);
  Value s_lo = select(w > 1, fma(-s, s, w) * 0.5 / s, 0.0);
  Value centre = CROTON_HORNER(erfinv_centre, w - constant_for(w, 2.4999465942382812, 3.1249999087303877));
  Value middle = s + (s_lo + CROTON_HORNER(erfinv_middle, s - 3.25));
  Value tail = s + (s_lo + CROTON_HORNER(erfinv_tail, s - 5.25));
  Value rest = tail;
  if (far && y.is_float32()) rest = s + (s_lo + horner(s - 8.25, coefficients::erfinv_far_f32));
  if (far && !y.is_float32()) {
    Value nearer = s + (s_lo + horner(s - 9.25, coefficients::erfinv_far_f64));
    Value farther = s + (s_lo + horner(s - 19.75, coefficients::erfinv_farthest_f64));
    rest = select(s < 12, nearer, farther);
  }
  return choose(y, w, centre, middle, tail, rest);
}

}  // namespace

Value erf(Value x) {
  Value a = min(constant_for(x, 4, 6), abs(x));
  Value near = fma(a, CROTON_POLYNOMIAL(erf_small, a * a), a);
  // 1 - exp(q): q lies between -37 and -1.8, so one factor 2^n does.
  Value q = CROTON_POLYNOMIAL(erf_large, a);
  Parts c = parts(x, ln2);
  Value shift = rounding_shift(x, true);
  Value t = fma(q, x.constant(log2e.part[0]), shift);
  Value n = t - shift;
  Value r = fma(-n, c.mid, fma(-n, c.hi, q));
  Value e = fma(r * r, CROTON_POLYNOMIAL(expm1_narrow, r), r);
  Value s = power_of_two(t);
  Value beyond = (1 - s) - s * e;
  return copy_sign(select(a < 1, near, beyond), x);
}

Value erfc(Value x) {
  // exp(-a^2) * P(t) / (a + K), t = 1 - 2*K / (a + K); 2 - that for negative x. K comes with the
  // coefficients.
  Value a = min(constant_for(x, 10.2, 27.3), abs(x));
  Value pivot = constant_for(x, 1.9996452331542969, 4.000000053085387);
  Value sum = a + pivot;
  Value inverse_sum = 1.0 / sum;
  // What the sum and its inverse lost, relative to the inverse.
  Value added = sum - a;
  Value sum_lo = (a - (sum - added)) + (pivot - added);
  Value lost = fma(-inverse_sum, sum, 1) - inverse_sum * sum_lo;
  Value t = fma(-inverse_sum * lost, pivot * 2, fma(-inverse_sum, pivot * 2, 1));
  // The last step of the polynomial keeps its rounding error, too.
  const std::span<const double> f32 = coefficients::erfc_ratio_f32, f64 = coefficients::erfc_ratio_f64;
  Value slope = croton::polynomial(t, (x.is_float32() ? f32 : f64).subspan(1));
  Value constant = constant_for(x, f32[0], f64[0]);
  Value ratio = fma(t, slope, constant);
  Value ratio_lo = fma(t, slope, constant - ratio);
  Value w = ratio * inverse_sum;
  Value w_lo = fma(ratio_lo, inverse_sum, fma(ratio, inverse_sum, -w));
  Value high = -(a * a);
  Value low = fma(-a, a, -high);
  auto [q, first, second] = exp_parts(high);
  Value small = fma(low, q + 1, lost);
  Value far = w + fma(w, q, fma(w, small, w_lo));
  // Below 1: (1 - a) - (erf(a) - a), whose first part loses nothing.
  Value near = fma(-a, CROTON_POLYNOMIAL(erf_small, a * a), 1 - a);
  Value y = select(a < 1, near, far * first * second);
  return select(x < 0, 2.0 - y, y);
}

Value erfinv(Value x) {
  Value w = -log_finite(fma(-x, x, 1));
  Value a = abs(x);
  Value ratio = inverse(x, w, false);
  Value y = select(a >= 1, select(eq(a, 1), infinity, x.constant(quiet_nan)), x * ratio);
  return copy_sign(y, x);
}

Value erfcinv(Value x) {
  // 1 - y*y = x * (2 - x) for y = 1 - x
  Value y = 1 - x;
  Value w = -log_finite(select(x < 0.5, x * (2 - x), fma(-y, y, 1)));
  Value ratio = inverse(y, w, true);
  Value result = fma(y, ratio, ((1 - y) - x) * ratio);
  result = select(x <= 0, select(eq(x, 0), infinity, x.constant(quiet_nan)), result);
  return select(x >= 2, select(eq(x, 2), -infinity, x.constant(quiet_nan)), result);
}

}  // namespace croton::math
