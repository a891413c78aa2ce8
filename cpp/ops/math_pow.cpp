// Powers and roots.
#include "ops/math.h"
#include "ops/math_kernels.h"

namespace croton::math {
namespace {

/// An unevaluated sum hi + lo with |lo| at most an ulp of hi or so.
struct Pair {
  Value hi, lo;
};

// a + b for |a| >= |b| or a = 0, with the rounding error
Pair fast_sum(Value a, Value b) {
  Value hi = a + b;
  return {hi, (a - hi) + b};
}

Pair product(Value a, Value b) {
  Value hi = a * b;
  return {hi, fma(a, b, -hi)};
}

// log2(x) for positive finite x, about 10 bits beyond the type's precision.
Pair log2_pair(Value x) {
  auto [k, f] = log_parts(x);
  // log(1 + f) = 2*atanh(s), s = f / (2 + f) in two parts
  Value bottom = f + 2;
  Value bottom_lo = f - (bottom - 2);
  Value inverse = 1.0 / bottom;
  Value s = f * inverse;
  Value s_lo = (fma(-s, bottom, f) - s * bottom_lo) * inverse;
  Value u = s * s;
  Parts c = parts(x, log2e);
  Value factor = c.hi * 2, factor_lo = c.mid * 2;
  if (x.is_float32()) {
    u = fma(s, s, s * 2 * s_lo);
    Value tail = u * CROTON_HORNER(atanh_tail, u);
    Pair main = product(s, factor);
    Value lo = fma(tail, main.hi, fma(s, factor_lo, fma(s_lo, factor, main.lo)));
    Pair sum = fast_sum(k, main.hi);
    return fast_sum(sum.hi, sum.lo + lo);
  }
  // The cubic term in two parts as well: u = s*s, then s*u/3.
  Pair square = product(s, s);
  square.lo = fma(s * 2, s_lo, square.lo);
  Pair cube = product(square.hi, s);
  cube.lo = fma(square.hi, s_lo, fma(square.lo, s, cube.lo));
  Pair third = product(cube.hi, x.constant(1.0 / 3));
  third.lo = fma(cube.lo, x.constant(1.0 / 3), fma(cube.hi, x.constant(0x1.5555555555555p-56), third.lo));
  Value tail = s * u * u * CROTON_HORNER(atanh_tail5, u);
  Pair log = fast_sum(s, third.hi);
  log.lo = log.lo + (s_lo + (third.lo + tail));
  log = fast_sum(log.hi, log.lo);
  Pair main = product(log.hi, factor);
  Value lo = fma(log.hi, factor_lo, fma(log.lo, factor, main.lo));
  Pair sum = fast_sum(k, main.hi);
  return fast_sum(sum.hi, sum.lo + lo);
}

}  // namespace

Value pow(Value x, Value y) {
  Value a = abs(x);
  Pair log = log2_pair(a);
  Value finite = (a < infinity) & (a > 0.0);
  // log2(0) = -inf, log2(inf) = inf, log2(NaN) = NaN
  log.hi = select(finite, log.hi, select(eq(a, 0), -infinity, a));
  log.lo = select(finite, log.lo, 0.0);
  Value limit = constant_for(x, 1e3, 1e4);
  Value p = clamp(log.hi * y, -limit, limit);
  Value rest = fma(log.lo, y, fma(log.hi, y, -p));
  rest = select(abs(p) < limit, rest, 0.0);
  Value whole = round_even(p);
  Value r = (p - whole) + rest;
  Value bound = constant_for(x, 160, 1100);
  Value size = scale(fma(CROTON_HORNER(exp2_narrow, r), r, 1), clamp(whole, -bound, bound));
  // A negative base: the sign of odd powers, NaN for fractional ones.
  Value integral = eq(floor(y), y);
  Value half = y * 0.5;
  Value odd = integral & ne(floor(half), half);
  Value negative = bitcast(x, signed_bits(x)) < 0;
  size = select(negative & odd, -size, size);
  size = select((x < 0) & ~integral & (a < infinity), quiet_nan, size);
  return select(eq(y, 0) | eq(x, 1) | (eq(x, -1) & is_inf(y)), 1.0, size);
}

Value integer_pow(Value x, Value y) {
  const int width = static_cast<int>(8 * size_of(x.type()));
  Value result = x.constant(1), base = x, one = x.constant(1);
  for (int bit = 0; bit < width; ++bit) {
    result = select(eq((y >> bit) & one, 1), result * base, result);
    base = base * base;
  }
  if (!is_signed(x.type())) return result;
  Value minus_one = select(eq(y & one, 1), x, one);
  Value inverse = select(eq(x, 1), one, select(eq(x, -1), minus_one, x.constant(0)));
  return select(y < 0, inverse, result);
}

Value cbrt(Value x) {
  const bool single = x.is_float32();
  const DType integer = signed_bits(x);
  Value a = abs(x);
  Value small = a < constant_for(x, 0x1p-126, 0x1p-1022);
  Value scaled = select(small, a * constant_for(x, 0x1p24, 0x1p54), a);
  // y = a^(-1/3): a third of the exponent first, then two steps of fourth order.
  Value bits = convert(bitcast(scaled, integer), x.type());
  Value guess = fma(bits, x.constant(-1.0 / 3), constant_for(x, 1419967000.0, 6.1424e18));
  Value y = bitcast(convert(guess, integer), x.type());
  for (int step = 0; step < (single ? 1 : 2); ++step) {
    Value h = fma(-(y * y), scaled * y, 1);
    Value series = fma(fma(h, x.constant(14.0 / 81), 2.0 / 9), h, 1.0 / 3);
    y = fma(y * h, series, y);
  }
  // c = a * y^2 with a Newton step on a - c^3, whose two roundings fma recovers
  Value c = scaled * y * y;
  Pair square = product(c, c);
  Value residual = fma(-c, square.lo, fma(-c, square.hi, scaled));
  c = fma(residual * (y * y), x.constant(1.0 / 3), c);
  c = select(small, c * constant_for(x, 0x1p-8, 0x1p-18), c);
  return select((a < infinity) & (a > 0.0), copy_sign(c, x), x);
}

Value hypot(Value x, Value y) {
  Value a = abs(x), b = abs(y);
  Value top = max(a, b);
  // A power of two keeps the squares in range.
  Value huge = top > constant_for(x, 0x1p60, 0x1p500), tiny = top < constant_for(x, 0x1p-40, 0x1p-400);
  Value up = constant_for(x, 0x1p80, 0x1p600), down = constant_for(x, 0x1p-80, 0x1p-600);
  Value factor = select(huge, down, select(tiny, up, 1.0));
  Value undo = select(huge, up, select(tiny, down, 1.0));
  Value p = a * factor, q = b * factor;
  Value length = sqrt(fma(p, p, q * q)) * undo;
  return select(is_inf(a) | is_inf(b), infinity, length);
}

}  // namespace croton::math
