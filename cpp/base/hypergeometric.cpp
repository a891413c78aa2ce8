// Gauss's hypergeometric function by its power series, in long double: DLMF 15.2.1 and the transformations
// 15.8.1, of which the one is taken that loses the fewest digits.
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <limits>

#include "base/special_functions.h"

namespace croton::special {
namespace {

namespace bm = boost::math;
namespace bp = boost::math::policies;
using Wide = long double;
using Quiet = bp::policy<bp::domain_error<bp::ignore_error>, bp::pole_error<bp::ignore_error>,
                         bp::overflow_error<bp::ignore_error>, bp::underflow_error<bp::ignore_error>,
                         bp::denorm_error<bp::ignore_error>, bp::evaluation_error<bp::ignore_error>>;
constexpr double inf = std::numeric_limits<double>::infinity(),
                 nan = std::numeric_limits<double>::quiet_NaN();
constexpr Wide epsilon = std::numeric_limits<Wide>::epsilon();
constexpr Wide precise = 1e-17L, tolerable = 1e-9L;  // relative errors: as good as can be, and of any use
constexpr int most_terms = 100000;

bool ends(Wide a) { return a <= 0 && a == std::floor(a); }  // the series of a is a polynomial

struct Sum {
  Wide value = nan, error = inf;  // relative
};

Sum series(Wide a, Wide b, Wide c, Wide z) {
  Wide term = 1, sum = 1, largest = 1;
  for (int n = 0; n < most_terms; ++n) {
    term *= (a + n) * (b + n) / ((c + n) * (n + 1)) * z;
    sum += term;
    largest = std::fmax(largest, std::fabs(term));
    // From here on terms fall at least as fast as a geometric series.
    const bool falls = std::fabs((a + n + 1) * (b + n + 1) * z) < std::fabs((c + n + 1) * (n + 2));
    if (term == 0 || (falls && std::fabs(term) < epsilon * (1 - std::fabs(z)) * std::fabs(sum)))
      return {sum, largest * epsilon / std::fabs(sum)};
  }
  return {};
}

Sum scaled(Wide factor, const Sum& sum) { return {factor * sum.value, sum.error}; }

// At z = 1, by Gauss's formula (DLMF 15.4.20).
double at_one(Wide a, Wide b, Wide c) {
  if (c - a - b <= 0) return inf;
  if (ends(c - a) || ends(c - b)) return 0;
  int signs[4];
  const Wide log_value = bm::lgamma(c, signs, Quiet()) + bm::lgamma(c - a - b, signs + 1, Quiet()) -
                         bm::lgamma(c - a, signs + 2, Quiet()) - bm::lgamma(c - b, signs + 3, Quiet());
  return signs[0] * signs[1] * signs[2] * signs[3] * static_cast<double>(std::exp(log_value));
}

}  // namespace

double hyp2f1(double first, double second, double third, double argument) {
  const Wide a = first, b = second, c = third, z = argument;
  if (!(std::isfinite(first) && std::isfinite(second) && std::isfinite(third)) || std::isnan(argument))
    return nan;
  const bool polynomial = ends(a) || ends(b);
  if (a == 0 || b == 0 || z == 0) return 1;
  if (ends(c) && !(ends(a) && a >= c) && !(ends(b) && b >= c)) return inf;
  if (!polynomial && z > 1) return nan;  // complex
  if (!polynomial && z == 1) return at_one(a, b, c);
  if (std::isinf(argument)) return nan;
  Sum best;
  auto keep = [&](const Sum& sum) {
    if (sum.error < best.error) best = sum;
    return best.error < precise;
  };
  const Wide rest = 1 - z, turned = z / (z - 1);
  const bool done = (z > -0.5L || polynomial) && keep(series(a, b, c, z));
  if (!done && z < 0 && !keep(scaled(std::pow(rest, -a), series(a, c - b, c, turned))))
    keep(scaled(std::pow(rest, -b), series(b, c - a, c, turned)));
  else if (!done && z > 0 && z < 1)
    keep(scaled(std::pow(rest, c - a - b), series(c - a, c - b, c, z)));
  return best.error < tolerable ? static_cast<double>(best.value) : nan;
}

}  // namespace croton::special
