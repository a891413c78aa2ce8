// The error function and its relatives.
#include <span>

#include "ops/math.h"
#include "ops/math_kernels.h"

namespace croton::math {
namespace {

Rounded select(Value condition, const Rounded& a, const Rounded& b) {
  return {croton::select(condition, a.value, b.value), croton::select(condition, a.lo, b.lo)};
}

// (c(x) - c[0]) / x, with most of what its last step loses.
Rounded slope(Value x, std::span<const double> c) {
  Value rest = croton::polynomial(x, c.subspan(2)), constant = x.constant(c[1]);
  Value value = fma(x, rest, constant);
  return {value, fma(x, rest, constant - value)};
}

Rounded exact_polynomial(Value x, std::span<const double> c) {
  Rounded s = slope(x, c);
  Value constant = x.constant(c[0]);
  Value value = fma(x, s.value, constant);
  return {value, fma(x, s.lo, fma(x, s.value, constant - value))};
}

// erfinv(y) / y where w = -log(1 - y*y) comes from the argument that keeps it exact; `far` where w may
// pass 42.
Rounded inverse(Value y, Value w, bool far) {
  Value s = sqrt(w);
  Value s_lo = croton::select(w > 1, fma(-s, s, w) * 0.5 / s, 0.0);
  auto from_root = [&](Value p) -> Rounded {
    Value rest = s_lo + p, sum = s + rest;
    return {sum, rest - (sum - s)};
  };
  std::span<const double> c = coefficients::erfinv_centre_f64;
  if (y.is_float32()) c = coefficients::erfinv_centre_f32;
  Rounded centre = exact_polynomial(w - constant_for(w, 2.4999465942382812, 3.1249999087303877), c);
  Rounded middle = from_root(CROTON_HORNER(erfinv_middle, s - 3.25));
  Rounded tail = from_root(CROTON_HORNER(erfinv_tail, s - 5.25));
  Rounded rest = tail;
  if (far && y.is_float32()) rest = from_root(horner(s - 8.25, coefficients::erfinv_far_f32));
  if (far && !y.is_float32()) {
    Rounded nearer = from_root(horner(s - 9.25, coefficients::erfinv_far_f64));
    Rounded farther = from_root(horner(s - 19.75, coefficients::erfinv_farthest_f64));
    rest = select(s < 12, nearer, farther);
  }
  Rounded outside = select(w < 16, middle, select(w < 42, tail, rest));
  return select(w < constant_for(y, 5, 6.25), centre, outside);
}

// 1 - erf(a) for a below 1, where erf(a) = a * (1 + c(a*a)): what is linear in a comes first, in one
// rounding.
Value erfc_near(Value a) {
  std::span<const double> c = coefficients::erf_small_f64;
  if (a.is_float32()) c = coefficients::erf_small_f32;
  Value u = a * a;
  Rounded s = slope(u, c);
  Value curved = u * s.value;
  Value linear = a.constant(1 + c[0]);
  double shown = a.is_float32() ? static_cast<float>(1 + c[0]) : 1 + c[0];
  Value lo = fma(u, s.lo, fma(u, s.value, -curved)) + (c[0] - (shown - 1));
  return fma(-a, curved, fma(-a, lo, fma(-a, linear, 1)));
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
  // exp(-a^2) * P(t) / (a + K), t = (a - K) / (a + K); 2 - that for negative x. K comes with the
  // coefficients.
  Value a = min(constant_for(x, 10.2, 27.3), abs(x));
  Value pivot = constant_for(x, 1.9996452331542969, 4.000000053085387);
  auto [sum, sum_lo] = add_exactly(a, pivot);
  auto [difference, difference_lo] = add_exactly(a, -pivot);
  Value inverse_sum = 1.0 / sum;
  // What the sum and its inverse lost, relative to the inverse.
  Value lost = fma(-inverse_sum, sum, 1) - inverse_sum * sum_lo;
  Value quotient = difference * inverse_sum;
  Value rest = fma(-quotient, sum, difference) + fma(-quotient, sum_lo, difference_lo);
  Value t = fma(rest, inverse_sum, quotient);
  std::span<const double> c = coefficients::erfc_ratio_f64;
  if (x.is_float32()) c = coefficients::erfc_ratio_f32;
  auto [ratio, ratio_lo] = exact_polynomial(t, c);
  Value w = ratio * inverse_sum;
  Value w_lo = fma(ratio_lo, inverse_sum, fma(ratio, inverse_sum, -w));
  Value high = -(a * a);
  Value low = fma(-a, a, -high);
  Value q_lo = low;
  auto [q, first, second] = exp_parts(high, q_lo);
  Value small = fma(low + lost, q + 1, q_lo);
  Value far = w + fma(w, q, fma(w, small, w_lo));
  Value y = select(a < 0.96875, erfc_near(a), far * first * second);
  return select(x < 0, 2.0 - y, y);
}

Value erfcx(Value x) {
  Value a = abs(x);
  // As in erfc, without its exponential.
  Value far = a < constant_for(x, 10, 27);
  Value b = select(far, a, 1.0);
  Value pivot = constant_for(x, 1.9996452331542969, 4.000000053085387);
  std::span<const double> c = coefficients::erfc_ratio_f64;
  if (x.is_float32()) c = coefficients::erfc_ratio_f32;
  Value middle = croton::polynomial((b - pivot) / (b + pivot), c) / (b + pivot);
  // 1 - 1/(2 a^2) + 3/(2 a^2)^2 - 15/(2 a^2)^3 + ...
  constexpr double series[] = {1, -1, 3, -15, 105, -945, 10395, -135135};
  Value inverse = 1.0 / a;
  Value tail = inverse * 0.564189583547756286948 * croton::polynomial(inverse * inverse * 0.5, series);
  Value s = a * a, largest = constant_for(x, 88.7, 709.7);
  Value e = exp(min(largest, s));
  Value square = fma(e, select(s < largest, fma(a, a, -s), 0.0), e);  // exp of the exact a * a
  Value y = select(a < 0.96875, square * erfc_near(a), select(far, middle, tail));
  Value beyond = select(s > largest, infinity, fma(square, s.constant(2), -y));
  return select(x < 0, beyond, y);
}

Value erfinv(Value x) {
  Value w = -log_finite(fma(-x, x, 1));
  Value a = abs(x);
  Value ratio = inverse(x, w, false).value;
  Value y = select(a >= 1, select(eq(a, 1), infinity, x.constant(quiet_nan)), x * ratio);
  return copy_sign(y, x);
}

Value erfcinv(Value x) {
  // 1 - y*y = x * (2 - x) for y = 1 - x
  Value y = 1 - x;
  Value w = -log_finite(select(x < 0.5, x * (2 - x), fma(-y, y, 1)));
  auto [ratio, ratio_lo] = inverse(y, w, true);
  Value result = fma(y, ratio, fma((1 - y) - x, ratio, y * ratio_lo));
  result = select(x <= 0, select(eq(x, 0), infinity, x.constant(quiet_nan)), result);
  return select(x >= 2, select(eq(x, 2), -infinity, x.constant(quiet_nan)), result);
}

}  // namespace croton::math
