// Elementary and special functions over the machine primitives, for scalar programs: no tables, no
// branches except `fallback`, at most 2 ulp in float32 and float64 (erfc 2.5, gammaln and trigamma 4, digamma
// beyond its zero 8), C99's special values.
#pragma once

#include "base/scalar_program.h"

namespace croton::math {

Value exp(Value x);
Value exp2(Value x);
Value expm1(Value x);
Value sigmoid(Value x);
/// log(1 + exp(x))
Value softplus(Value x);
/// log(exp(x) + exp(y))
Value logaddexp(Value x, Value y);

Value log(Value x);
Value log2(Value x);
Value log10(Value x);
Value log1p(Value x);
/// log(hypot(x, y))
Value loghypot(Value x, Value y);
/// log(x), or log(1 - x) where `upper` is set, for 0 < x <= 1/2.
Value log_of_half(Value x, Value upper);

Value pow(Value x, Value y);
/// x**y for integers by repeated squaring; a negative y gives 0 unless x is 1 or -1.
Value integer_pow(Value x, Value y);
Value cbrt(Value x);
Value hypot(Value x, Value y);

Value sin(Value x);
Value cos(Value x);
Value tan(Value x);
Value asin(Value x);
Value acos(Value x);
Value atan(Value x);
Value atan2(Value y, Value x);

Value sinh(Value x);
Value cosh(Value x);
Value tanh(Value x);
Value asinh(Value x);
Value acosh(Value x);
Value atanh(Value x);

Value erf(Value x);
Value erfc(Value x);
/// exp(x*x) * erfc(x), within 5 ulp
Value erfcx(Value x);
Value erfinv(Value x);
Value erfcinv(Value x);

Value gammaln(Value x);
Value digamma(Value x);
Value trigamma(Value x);

/// The library function of that name, which computes in float64 unless it has a form for float32.
Value library(std::string_view function, Args x);

}  // namespace croton::math
