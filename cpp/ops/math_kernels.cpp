#include "ops/math_kernels.h"

#include <vector>

#include "ops/math.h"

#include <cmath>

namespace croton::math {

Parts parts(Value x, const Constant& c) {
  if (!x.is_float32()) return {x.constant(c.part[0]), x.constant(c.part[1]), x.constant(c.part[2])};
  float hi = static_cast<float>(c.part[0]);
  double rest = c.part[0] - hi;
  float mid = static_cast<float>(rest);
  return {x.constant(hi), x.constant(mid), x.constant(rest - mid + c.part[1])};
}

Rounded add_exactly(Value a, Value b) {
  Value sum = a + b;
  Value added = sum - a;
  return {sum, (a - (sum - added)) + (b - added)};
}

DType signed_bits(Value x) { return x.is_float32() ? DType::Int32 : DType::Int64; }
DType unsigned_bits(Value x) { return x.is_float32() ? DType::UInt32 : DType::UInt64; }

Value rounding_shift(Value x, bool biased) {
  if (x.is_float32()) return x.constant(0x1.8p23 + (biased ? 127 : 0));
  return x.constant(0x1.8p52 + (biased ? 1023 : 0));
}

Value power_of_two(Value shifted) {
  return bitcast(bitcast(shifted, unsigned_bits(shifted)) << mantissa_bits(shifted), shifted.type());
}

Value scale(Value p, Value n) {
  Value shift = rounding_shift(p, true);
  Value first = fma(n, p.constant(0.5), shift);
  Value second = (n - (first - shift)) + shift;
  return p * power_of_two(first) * power_of_two(second);
}

Value clamp(Value x, Value low, Value high) { return max(low, min(high, x)); }

namespace {

// n = round(x / ln2), and 2^n as two factors: subnormal results need both; the second one is a constant.
struct Exponent {
  Value n, first, second;
};
Exponent exponent_of(Value x) {
  const int far = x.is_float32() ? 64 : 512;
  Value biased = x.constant((x.is_float32() ? 0x1.8p23 + 127 : 0x1.8p52 + 1023) + far),
        second = x.constant(std::ldexp(1.0, -far));
  Value t = fma(x, x.constant(log2e.part[0]), biased);
  return {t - biased, power_of_two(t), second};
}

}  // namespace

ExpParts exp_parts(Value x) {
  auto [n, first, second] = exponent_of(x);
  Parts c = parts(x, ln2);
  Value r = fma(-n, c.mid, fma(-n, c.hi, x));
  return {fma(r * r, CROTON_POLYNOMIAL(exp_narrow, r), r), first, second};
}

ExpParts exp_parts(Value x, Value& lo) {
  auto [n, first, second] = exponent_of(x);
  Parts c = parts(x, ln2);
  Value product = n * c.hi, rest = x - product;  // exact
  Value off = fma(n, c.mid, fma(n, c.hi, -product));
  Value r = rest - off;
  Value square = r * r, p = CROTON_POLYNOMIAL(exp_narrow, r);
  Value q = fma(square, p, r);
  lo = fma(square, p, r - q) + ((rest - r) - off);
  return {q, first, second};
}

Value exp_negative(Value x) {
  auto [q, first, second] = exp_parts(x);
  return (1 + q) * first * second;
}

LogParts log_parts(Value x) {
  const bool single = x.is_float32();
  const DType integer = signed_bits(x);
  // Subnormals are scaled up first.
  Value small = x < constant_for(x, 0x1p-126, 0x1p-1022);
  Value normal = select(small, x * constant_for(x, 0x1p24, 0x1p54), x);
  Value bits = bitcast(normal, integer);
  Value from_root = bits - bits.bits(single ? 0x3f3504f3u : 0x3fe6a09e667f3bcdull);
  Value exponent = from_root & bits.bits(single ? 0xff800000u : 0xfff0000000000000ull);
  Value f = bitcast(bits - exponent, x.type()) - 1;
  Value k = convert(exponent >> mantissa_bits(x), x.type());
  return {select(small, k - (single ? 24 : 54), k), f};
}

Value log_of(const LogParts& v, Value special) {
  Parts c = parts(v.f, ln2);
  Value tail = fma(CROTON_POLYNOMIAL(log_tail, v.f), v.f, -0.5);
  Value y = fma(v.f * v.f, tail, v.f);
  return fma(special, c.hi, fma(v.k, c.mid, y));
}

Value log_finite(Value x) {
  LogParts v = log_parts(x);
  return log_of(v, v.k);
}

Value log1p_finite(Value x, const Value* lo) {
  const bool single = x.is_float32();
  const DType integer = signed_bits(x);
  // Near the top of the range 2^-k would be subnormal; there 1 + x = x, which can be scaled down.
  Value big = x > constant_for(x, 0x1p100, 0x1p900);
  x = select(big, x * 0x1p-64, x);
  Value bits = bitcast(x + 1, integer);
  Value from_root = bits - bits.bits(single ? 0x3f3504f3u : 0x3fe6a09e667f3bcdull);
  Value exponent = from_root & bits.bits(single ? 0xff800000u : 0xfff0000000000000ull);
  // 1 + f = 2^-k * (1 + x), rounded once; the negation keeps the sign of x = -0.
  Value s = bitcast(bits.bits(single ? 0x3f800000u : 0x3ff0000000000000ull) - exponent, x.type());
  Value f = fma(x, s, -(1 - s));
  if (lo) f = fma(*lo, s, f);
  Value k = convert(exponent >> mantissa_bits(x), x.type());
  k = select(big, k + 64, k);
  return log_of({k, f}, k);
}

Value library(std::string_view function, Args x) {
  const bool single = x[0].type() == DType::Float32 && library_function(function).f32;
  std::vector<Value> operands;
  for (const Value& argument : x)
    operands.push_back(convert(argument, single ? DType::Float32 : DType::Float64));
  return convert(call(function, operands), x[0].type());
}

}  // namespace croton::math
