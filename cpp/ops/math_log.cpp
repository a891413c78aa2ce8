// Logarithms.
#include "ops/math.h"
#include "ops/math_kernels.h"

namespace croton::math {
namespace {

// The exponent carries the special values into the sum: log(0) = -inf, log(negative) = NaN.
Value special_exponent(Value x, Value k) {
  k = select(x < infinity, k, x);
  return select(x <= 0, select(eq(x, 0), -infinity, x.constant(quiet_nan)), k);
}

// log(1 + f) times a constant, to one rounding.
Value log_times(Value f, const Constant& factor) {
  Parts c = parts(f, factor);
  Value tail = f * f * fma(CROTON_POLYNOMIAL(log_tail, f), f, -0.5);
  return fma(f, c.hi, fma(tail, c.hi, f * c.mid));
}

}  // namespace

Value log(Value x) {
  LogParts v = log_parts(x);
  return log_of(v, special_exponent(x, v.k));
}

Value log2(Value x) {
  auto [k, f] = log_parts(x);
  return special_exponent(x, k) + log_times(f, log2e);
}

Value log10(Value x) {
  auto [k, f] = log_parts(x);
  Value e = special_exponent(x, k);
  Parts c = parts(x, log10_2);
  return fma(e, c.hi, fma(k, c.mid, log_times(f, log10e)));
}

Value log1p(Value x) {
  Value y = copy_sign(log1p_finite(x), x);
  y = select(x < infinity, y, x);
  return select(x <= -1, select(eq(x, -1), -infinity, x.constant(quiet_nan)), y);
}

Value loghypot(Value x, Value y) {
  Value a = max(abs(x), abs(y)), b = min(abs(x), abs(y));
  Value p = a * a, q = b * b;
  // Near the unit circle log1p of a^2 + b^2 - 1, with what rounding the squares and the sum left over.
  Value d = p - 1, s = d + q;
  Value rest = (d - (s - (s - d))) + (q - (s - d));
  Value near = log1p(s + (rest + (fma(a, a, -p) + fma(b, b, -q)))) * 0.5;
  Value square = x * x + y * y;
  // The length itself may be out of range, or among the numbers with few digits.
  Value huge = a > (x.is_float32() ? 0x1p126 : 0x1p1022), tiny = a < (x.is_float32() ? 0x1p-100 : 0x1p-1000);
  Value unit = select(huge, x.constant(0.5), select(tiny, x.constant(0x1p64), 1.0));
  const double ln2 = 0.693147180559945309417;
  Value moved = select(huge, x.constant(ln2), select(tiny, x.constant(-64 * ln2), 0.0));
  Value far = log(hypot(x * unit, y * unit)) + moved;
  return select((square > 0.5) & (square < 3), near, far);
}

Value log_of_half(Value x, Value upper) {
  LogParts v = log_parts(select(upper, 1 - x, x));
  Value near = upper & (x < 0.25);  // 1 - x would round
  Value k = select(near, 0.0, v.k);
  return log_of({k, select(near, -x, v.f)}, k);
}

}  // namespace croton::math
