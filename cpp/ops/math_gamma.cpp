// The logarithm of the gamma function and its derivatives. Positive numbers are computed here, in float64 for
// float32 too; the library sees to the others.
#include <array>
#include <span>

#include "ops/math.h"
#include "ops/math_kernels.h"

namespace croton::math {
namespace {

// The series in 1/y^2 for large y, from Bernoulli's numbers; float32 takes the first few of them.
using Series = std::span<const double>;
constexpr double stirling[] = {1. / 12,         -1. / 360,        1. / 1260, -1. / 1680,
                               1. / 1188,       -691. / 360360,   1. / 156,  -3617. / 122400,
                               43867. / 244188, -174611. / 125400};
constexpr double digamma_tail[] = {1. / 12,  -1. / 120,     1. / 252, -1. / 240,
                                   1. / 132, -691. / 32760, 1. / 12,  -3617. / 8160};
constexpr double trigamma_tail[] = {1. / 6,  -1. / 30,     1. / 42, -1. / 30,
                                    5. / 66, -691. / 2730, 7. / 6,  -3617. / 510};

Value tail(Value u, Series all, bool single) { return polynomial(u, all.first(single ? 4 : all.size())); }

Value for_positive(Value x, std::string_view function, Value (*wide)(Value, bool single)) {
  Value y = wide(convert(x, DType::Float64), x.is_float32());
  return fallback(~(x > 0), convert(y, x.type()), function, std::array{x});
}

// The sum of 1 / (x + k)^power over k below 10, the smallest first: what the recurrence from x to x + 10
// passes.
Value passed(Value x, int power) {
  Value sum = x.constant(0);
  for (int k = 9; k >= 0; --k) {
    Value term = 1.0 / (k ? x + k : x);
    sum = power == 1 ? sum + term : fma(term, term, sum);
  }
  return select(x < 10, sum, 0.0);
}

Value digamma_of(Value x, bool single) {
  Value y = select(x < 10, x + 10, x), inverse = 1.0 / y, u = inverse * inverse;
  return log(y) - fma(inverse, x.constant(0.5), fma(u, tail(u, digamma_tail, single), passed(x, 1)));
}

Value trigamma_of(Value x, bool single) {
  Value y = select(x < 10, x + 10, x), inverse = 1.0 / y, u = inverse * inverse;
  return passed(x, 2) + fma(u, fma(inverse, tail(u, trigamma_tail, single), 0.5), inverse);
}

// Between 1.25 and 2.25 a polynomial; factors of the recurrence lead there from below 7.25. Beyond,
// Stirling's formula.
Value gammaln_of(Value x, bool single) {
  Value below = x < 1.25, far = x >= 7.25;
  Value t = select(x < 0.25, x, select(below, x - 1, x - 2));  // all exact
  Value factors = select(x < 0.25, x * (x + 1), select(below, x, 1.0));
  for (int k = 1; k <= 5; ++k) {
    Value above = x >= k + 1.25;
    t = select(above, x - (k + 2), t);
    factors = select(above, factors * (x - k), factors);
  }
  Value logarithm = log(select(far, x, factors));
  Series c = coefficients::gammaln_near_f64;
  if (single) c = coefficients::gammaln_near_f32;
  Value near = fma(t, polynomial(t, c), select(below, -logarithm, logarithm));
  Value inverse = 1.0 / x;
  constexpr double rest = 0.41893853320467274178;  // log(2 pi) / 2 - 1 / 2
  Value large = fma(x - 0.5, logarithm - 1, fma(inverse, tail(inverse * inverse, stirling, single), rest));
  return select(far, large, near);
}

}  // namespace

Value gammaln(Value x) { return for_positive(x, "lgamma", gammaln_of); }
Value digamma(Value x) { return for_positive(x, "digamma", digamma_of); }
Value trigamma(Value x) { return for_positive(x, "trigamma", trigamma_of); }

}  // namespace croton::math
