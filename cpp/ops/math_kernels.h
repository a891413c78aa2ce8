// Pieces that several elementary functions share; nothing outside ops/math_*.cpp needs them.
#pragma once

#include <limits>

#include "base/scalar_program.h"
#include "ops/math_coefficients.h"

namespace croton::math {

inline constexpr double infinity = std::numeric_limits<double>::infinity();
inline constexpr double quiet_nan = std::numeric_limits<double>::quiet_NaN();

/// A constant as a sum of doubles, each the rounding of what the ones before leave.
struct Constant {
  double part[3];
};
inline constexpr Constant pi = {{0x1.921fb54442d18p+1, 0x1.1a62633145c07p-53, -0x1.f1976b7ed8fbcp-109}};
inline constexpr Constant half_pi = {{0x1.921fb54442d18p+0, 0x1.1a62633145c07p-54, -0x1.f1976b7ed8fbcp-110}};
inline constexpr Constant ln2 = {{0x1.62e42fefa39efp-1, 0x1.abc9e3b39803fp-56, 0x1.7b57a079a1934p-111}};
inline constexpr Constant log2e = {{0x1.71547652b82fep+0, 0x1.777d0ffda0d24p-56, -0x1.60bb8a5442ab9p-110}};
inline constexpr Constant log10e = {{0x1.bcb7b1526e50ep-2, 0x1.95355baaafad3p-57, 0x1.ee191f71a3012p-112}};
inline constexpr Constant log10_2 = {{0x1.34413509f79ffp-2, -0x1.9dc1da994fd21p-59, 0x1.f5ac6b1a7d9aap-113}};

/// `c` as parts of `x`'s type: each is the rounding of what the ones before leave.
struct Parts {
  Value hi, mid, lo;
};
Parts parts(Value x, const Constant& c);

/// a or b as a constant of `x`'s type: a for float32, b for float64.
inline Value constant_for(Value x, double a, double b) { return x.constant(x.is_float32() ? a : b); }

template <size_t N, size_t M>
Value polynomial(Value x, const double (&f32)[N], const double (&f64)[M]) {
  return x.is_float32() ? croton::polynomial(x, f32) : croton::polynomial(x, f64);
}
template <size_t N, size_t M>
Value horner(Value x, const double (&f32)[N], const double (&f64)[M]) {
  return x.is_float32() ? croton::horner(x, f32) : croton::horner(x, f64);
}
#define CROTON_HORNER(name, x) horner(x, coefficients::name##_f32, coefficients::name##_f64)
#define CROTON_POLYNOMIAL(name, x) polynomial(x, coefficients::name##_f32, coefficients::name##_f64)

DType signed_bits(Value x);
DType unsigned_bits(Value x);
inline int mantissa_bits(Value x) { return x.is_float32() ? 23 : 52; }

/// A value and what its rounding lost.
struct Rounded {
  Value value, lo;
};
Rounded add_exactly(Value a, Value b);

/// Adding and subtracting 1.5 * 2^mantissa_bits rounds to an integer, whose bits are the low ones of the sum;
/// with the exponent's bias added, those bits are ready to be an exponent.
Value rounding_shift(Value x, bool biased);
/// 2^n from the biased sum `n + rounding_shift(x, true)`.
Value power_of_two(Value shifted);
/// p * 2^n for integral n whose halves are exponents, rounding once at the end.
Value scale(Value p, Value n);

/// exp(x) = (1 + q) * first * second for lowest_exponent(x) <= x <= 0.
struct ExpParts {
  Value q, first, second;
};
ExpParts exp_parts(Value x);
/// The same; `lo` becomes most of what q lost.
ExpParts exp_parts(Value x, Value& lo);
/// exp(x) for such x.
Value exp_negative(Value x);
/// The lower bound of x for exp_parts, below which exp is 0.
inline Value lowest_exponent(Value x) { return constant_for(x, -104, -746); }
/// x within [low, high], NaN kept.
Value clamp(Value x, Value low, Value high);

/// x = 2^k * (1 + f), sqrt(1/2) <= 1 + f < sqrt(2), for positive finite x, subnormals included.
struct LogParts {
  Value k, f;
};
LogParts log_parts(Value x);
/// k*ln2 + log(1 + f); `special` is k, or an infinity or NaN to be the result instead.
Value log_of(const LogParts& parts, Value special);
/// log(1 + x + lo) for finite x > -1, without special values; `lo` (if given) is a small correction.
Value log1p_finite(Value x, const Value* lo = nullptr);
/// log(x) for finite x > 0.
Value log_finite(Value x);

}  // namespace croton::math
