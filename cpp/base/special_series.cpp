// Special functions that Boost.Math lacks, by their series and continued fractions.
#include <array>
#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/digamma.hpp>
#include <boost/math/special_functions/erf.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <boost/math/special_functions/log1p.hpp>
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
constexpr Quiet quiet;
constexpr double inf = std::numeric_limits<double>::infinity(),
                 nan = std::numeric_limits<double>::quiet_NaN();
constexpr Wide epsilon = 1e-18L, tiny = 1e-300L;
constexpr int most_steps = 2000000;  // about the square root of the parameters is enough

// A value and its derivative by one parameter.
struct Dual {
  Wide v, d = 0;
};
Dual operator+(Dual a, Dual b) { return {a.v + b.v, a.d + b.d}; }
Dual operator-(Dual a, Dual b) { return {a.v - b.v, a.d - b.d}; }
Dual operator*(Dual a, Dual b) { return {a.v * b.v, a.d * b.v + a.v * b.d}; }
Dual operator/(Dual a, Dual b) {
  Wide q = a.v / b.v;
  return {q, (a.d - q * b.d) / b.v};
}

// first + n(1) / (d(1) + n(2) / (d(2) + ...)) by Lentz's method.
template <class Numerator, class Denominator>
Dual continued_fraction(Dual first, Numerator numerator, Denominator denominator) {
  Dual f = first.v == 0 ? Dual{tiny} : first, c = f, d = {0};
  for (int k = 1; k < most_steps; ++k) {
    Dual top = numerator(static_cast<Wide>(k)), bottom = denominator(static_cast<Wide>(k));
    d = bottom + top * d;
    c = bottom + top / c;
    if (d.v == 0) d.v = tiny;
    if (c.v == 0) c.v = tiny;
    d = Dual{1} / d;
    Dual change = c * d;
    f = f * change;
    if (std::fabs(change.v - 1) < epsilon && std::fabs(change.d) <= epsilon * std::fabs(f.d / f.v)) break;
  }
  return f;
}

// I_x(a, b) for x below its mean by DLMF 8.17.22, differentiated by a or b; y is 1 - x.
Wide beta_derivative(Wide a, Wide b, Wide x, Wide y, bool by_a) {
  const Dual da = {a, by_a ? 1.L : 0.L}, db = {b, by_a ? 0.L : 1.L}, dx = {x};
  auto numerator = [&](Wide k) {
    const Dual m = {std::floor(k / 2)}, two_m = m + m;
    if (std::fmod(k, 2) == 0) return m * (db - m) * dx / ((da + two_m - Dual{1}) * (da + two_m));
    return Dual{-1} * (da + m) * (da + db + m) * dx / ((da + two_m) * (da + two_m + Dual{1}));
  };
  const Dual f = continued_fraction({1}, numerator, [](Wide) { return Dual{1}; });
  const bool large = std::fmin(a, b) > large_beta;
  const Wide density = large ? beta_density_large(a, b, x) : bm::ibeta_derivative(a, b, x, quiet);
  const Wide front = density * x * y / a;
  const Wide both = bm::digamma(a + b, quiet);
  const Wide slope =
      by_a ? std::log(x) - 1 / a - bm::digamma(a, quiet) + both : std::log(y) - bm::digamma(b, quiet) + both;
  return front / f.v * (slope - f.d / f.v);
}

double beta_derivative(double a, double b, double x, bool by_a) {
  if (!(a > 0 && b > 0 && x >= 0 && x <= 1)) return nan;
  if (x == 0 || x == 1 || std::isinf(a) || std::isinf(b)) return 0;
  if (std::fmin(a, b) > 1e12) return nan;
  const Wide y = 1 - static_cast<Wide>(x);
  if (x < (a + 1) / (a + b + 2)) return static_cast<double>(beta_derivative(a, b, x, y, by_a));
  return static_cast<double>(-beta_derivative(b, a, y, x, !by_a));
}

// The polynomials U_k of DLMF 10.41.9, in p, up to k = 6.
constexpr int debye_terms = 7, debye_degree = 3 * debye_terms;
using DebyeTable = std::array<std::array<Wide, debye_degree>, debye_terms>;
constexpr DebyeTable make_debye() {
  DebyeTable u{};
  u[0][0] = 1;
  for (int k = 0; k + 1 < debye_terms; ++k)
    for (int i = 0; i + 3 < debye_degree; ++i) {
      const Wide c = u[k][i];
      // p^2 (1 - p^2) U' / 2 + (integral of (1 - 5 t^2) U from 0 to p) / 8
      u[k + 1][i + 1] += c * i / 2 + c / (8 * (i + 1));
      u[k + 1][i + 3] -= c * i / 2 + 5 * c / (8 * (i + 3));
    }
  return u;
}
constexpr DebyeTable debye = make_debye();

// The sum of sign^k U_k(v / w) / v^k, where w = sqrt(v^2 + x^2): U_k has the factor p^k.
Wide debye_sum(Wide v, Wide w, int sign) {
  const Wide p = v / w;
  Wide sum = 0, scale = 1;
  for (int k = 0; k < debye_terms; ++k, scale *= sign / w) {
    Wide value = 0;
    for (int i = debye_degree; i-- > k;) value = value * p + debye[k][i];
    sum += value * scale;
  }
  return sum;
}

// sqrt(v^2 + x^2) - x - v asinh(v / x) in parts that do not cancel
Wide scaled_exponent(Wide v, Wide x, Wide w) { return v * v / (w + x) - v * std::asinh(v / x); }

constexpr Wide wide_pi = 3.14159265358979323846264338328L;

}  // namespace

// psi(x): the recurrence up to 10, then the asymptotic series in Bernoulli numbers; reflection for x < 0.
double digamma(double x) {
  constexpr double pi = 3.14159265358979323846;
  if (x != x || x == HUGE_VAL) return x;
  if (x == 0) return ::copysign(HUGE_VAL, -x);
  double shift = 0;
  if (x < 0) {
    double fraction = x - ::nearbyint(x);  // tan has period pi, and is precise near 0 only
    if (fraction == 0) return NAN;
    shift = -pi / ::tan(pi * fraction);
    x = 1 - x;
  }
  for (; x < 10; ++x) shift -= 1 / x;
  double u = 1 / (x * x);
  double tail =
      u * (1. / 12 -
           u * (1. / 120 - u * (1. / 252 - u * (1. / 240 - u * (1. / 132 - u * (691. / 32760 - u / 12))))));
  return shift + (::log(x) - 0.5 / x - tail);
}

// psi'(x), the same way; the reflection is psi'(x) + psi'(1 - x) = (pi / sin(pi x))^2.
double trigamma(double x) {
  constexpr double pi = 3.14159265358979323846;
  if (x != x) return x;
  if (x <= 0 && x == ::floor(x)) return HUGE_VAL;
  if (x < 0) {
    double s = pi / ::sin(pi * (x - ::nearbyint(x)));
    return s * s - trigamma(1 - x);
  }
  double sum = 0;
  for (; x < 10; ++x) sum += 1 / (x * x);
  double u = 1 / (x * x);
  double tail =
      u * (1. / 6 -
           u * (1. / 30 - u * (1. / 42 - u * (1. / 30 - u * (5. / 66 - u * (691. / 2730 - u * 7. / 6))))));
  return sum + (1 / x + 0.5 * u + tail / x);
}

double gammainc_da(double a, double x) {
  if (!(a > 0 && x >= 0)) return nan;
  if (x == 0 || std::isinf(x) || std::isinf(a)) return 0;
  const Wide wa = a, wx = x;
  if (a > 1e12) {
    const Wide mu = (wx - wa) / wa, half = mu > -1 ? bm::log1pmx(mu, quiet) : -1;  // -eta^2 / 2
    const Wide eta = std::copysign(std::sqrt(-2 * half), mu);
    return static_cast<double>(-std::exp(wa * half) / std::sqrt(2 * wide_pi * wa) * (1 - eta / 2));
  }
  if (x > std::fmax(a, 1.5)) {
    // P = 1 - Q, Q by DLMF 8.9.2
    const Dual da = {wa, 1}, start = Dual{wx + 1} - da;
    const Dual f = continued_fraction(
        start, [&](Wide k) { return Dual{-k} * (Dual{k} - da); },
        [&](Wide k) { return start + Dual{2 * k}; });
    const Wide front = wx * bm::gamma_p_derivative(wa, wx, quiet);
    return static_cast<double>(-front / f.v * (std::log(wx) - bm::digamma(wa, quiet) - f.d / f.v));
  }
  // P = x^a exp(-x) / gamma(a + 1) (1 + x / (a + 1) + x^2 / ((a + 1) (a + 2)) + ...)
  Wide term = 1, sum = 1, harmonic = 0, slope = 0;
  for (int n = 1; n < most_steps; ++n) {
    term *= wx / (wa + n);
    harmonic += 1 / (wa + n);
    sum += term;
    slope -= term * harmonic;
    if (term < epsilon * sum && term * harmonic < -epsilon * slope) break;
  }
  const Wide front = bm::gamma_p_derivative(wa + 1, wx, quiet);
  return static_cast<double>(front * ((std::log(wx) - bm::digamma(wa + 1, quiet)) * sum + slope));
}

// P and Q as DLMF 8.12.3 and 8.18.9 have them: the normal distribution of eta sqrt(n) and the first term of
// what is left, exp(-n eta^2 / 2) c / sqrt(2 pi n).
double normal_tail(Wide eta, Wide n, Wide c, bool upper) {
  const Wide s = eta * std::sqrt(n / 2), rest = std::exp(-s * s) * c / std::sqrt(2 * wide_pi * n);
  return static_cast<double>(bm::erfc(upper ? s : -s, quiet) / 2 + (upper ? rest : -rest));
}

double gamma_large(double a, double x, bool upper) {
  const Wide n = a, mu = (static_cast<Wide>(x) - n) / n;
  if (mu <= -1) return upper;
  const Wide eta = std::copysign(std::sqrt(-2 * bm::log1pmx(mu, quiet)), mu);
  return normal_tail(eta, n, eta == 0 ? -1 / 3.L : 1 / mu - 1 / eta, upper);
}

Wide normal_quantile(double p, bool upper) {
  const Wide y = std::sqrt(2.L) * bm::erfc_inv(2 * static_cast<Wide>(p), quiet);
  return upper ? y : -y;
}

// The expansion of Cornish and Fisher.
double gamma_inverse_large(double a, double p, bool upper) {
  const Wide n = a, root = std::sqrt(n), y = normal_quantile(p, upper), y2 = y * y;
  return static_cast<double>(n + y * root + (y2 - 1) / 3 + y * (y2 - 7) / (36 * root));
}

// With the mean m of the distribution, -eta^2 / 2 = m log(x / m) + (1 - m) log((1 - x) / (1 - m)).
Wide beta_exponent(Wide m, Wide rest, Wide d) {
  if (d <= -m || d >= rest) return -std::numeric_limits<Wide>::infinity();
  return m * bm::log1pmx(d / m, quiet) + rest * bm::log1pmx(-d / rest, quiet);
}

double beta_large(double a, double b, double x, bool upper) {
  const Wide n = static_cast<Wide>(a) + b, m = a / n, rest = b / n, d = x - m;
  const Wide eta = std::copysign(std::sqrt(-2 * beta_exponent(m, rest, d)), d), width = std::sqrt(m * rest);
  if (std::isinf(eta)) return upper == (eta < 0);
  return normal_tail(eta, n, eta == 0 ? (m - rest) / (3 * width) : width / d - 1 / eta, upper);
}

double beta_inverse_large(double a, double b, double p, bool upper) {
  const Wide n = static_cast<Wide>(a) + b, m = a / n, rest = b / n, y = normal_quantile(p, upper);
  return static_cast<double>(m + y * std::sqrt(m * rest / n) + (rest - m) * (y * y - 1) / (3 * n));
}

double beta_density_large(double a, double b, double x) {
  const Wide n = static_cast<Wide>(a) + b, m = a / n, rest = b / n, d = x - m;
  const Wide stirling = stirling_rest(n) - stirling_rest(a) - stirling_rest(b);
  const Wide front = std::sqrt(n * m * rest / (2 * wide_pi)) / (x * (1 - static_cast<Wide>(x)));
  return static_cast<double>(front * std::exp(n * beta_exponent(m, rest, d) + stirling));
}

long double stirling_rest(long double x) {
  constexpr Wide bernoulli[] = {1 / 12.L,        -1 / 360.L, 1 / 1260.L,       -1 / 1680.L,     1 / 1188.L,
                                -691 / 360360.L, 1 / 156.L,  -3617 / 122400.L, 43867 / 244188.L};
  const Wide u = 1 / (x * x);
  Wide sum = 0;
  for (int k = 9; k-- > 0;) sum = sum * u + bernoulli[k];
  return sum / x;
}

double betainc_da(double a, double b, double x) { return beta_derivative(a, b, x, true); }
double betainc_db(double a, double b, double x) { return beta_derivative(a, b, x, false); }

namespace {

// Terms up to q + k >= max(20, 2 s), then Euler and Maclaurin's formula.
template <class Power>
Wide zeta_sum(Wide s, Wide q, Power power_of) {
  const Wide from = std::fmax(20.L, 2 * s);
  Wide sum = 0, a = q;
  for (; a < from; a += 1) {
    const Wide term = power_of(a);
    sum += term;
    if (a > 1 && std::fabs(term) <= epsilon * std::fabs(sum)) return sum;
  }
  const Wide power = power_of(a), step = 1 / (a * a);
  sum += power * a / (s - 1) + power / 2;
  // B_2j / (2j)!
  constexpr Wide bernoulli[] = {1 / 12.L,
                                -1 / 720.L,
                                1 / 30240.L,
                                -1 / 1209600.L,
                                1 / 47900160.L,
                                -691 / 1307674368000.L,
                                1 / 74724249600.L,
                                -3617 / 10670622842880000.L,
                                43867 / 5109094217170944000.L,
                                -174611 / 802857662698291200000.L};
  Wide factor = s * power / a;
  for (int j = 0; j < 10; ++j) {
    sum += bernoulli[j] * factor;
    factor *= (s + 2 * j + 1) * (s + 2 * j + 2) * step;
  }
  return sum;
}

// x^-n for n >= 1
Wide inverse_power(Wide x, int n) {
  Wide power = n & 1 ? x : 1;
  for (n >>= 1; n; n >>= 1) {
    x *= x;
    if (n & 1) power *= x;
  }
  return 1 / power;
}

}  // namespace

double hurwitz_zeta(double s, double q) {
  if (std::isnan(s) || std::isnan(q) || s < 1) return nan;
  if (s == 1) return inf;
  if (q <= 0 && q == std::floor(q)) return inf;
  if (q < 0 && (s != std::floor(s) || q < -1e6)) return nan;
  if (std::isinf(q) || std::isinf(s))
    return std::isinf(q) || q > 1 ? 0 : q == 1 ? 1 : std::isinf(s) && q > 0 ? inf : nan;
  const Wide exponent = -static_cast<Wide>(s);
  return static_cast<double>(zeta_sum(s, q, [&](Wide a) { return std::pow(a, exponent); }));
}

// (-1)^(n+1) n! times the zeta function of n + 1 (DLMF 25.11.12).
double polygamma_sum(int n, double x) {
  Wide factorial = n % 2 ? 1 : -1;
  for (int k = 2; k <= n; ++k) factorial *= k;
  return static_cast<double>(factorial * zeta_sum(n + 1, x, [n](Wide a) { return inverse_power(a, n + 1); }));
}

double scaled_bessel_i_large(double v, double x) {
  const Wide w = std::hypot(static_cast<Wide>(v), static_cast<Wide>(x)), a = std::fabs(v);
  return static_cast<double>(std::exp(scaled_exponent(a, x, w)) / std::sqrt(2 * wide_pi * w) *
                             debye_sum(a, w, 1));
}

double scaled_bessel_k_large(double v, double x) {
  const Wide w = std::hypot(static_cast<Wide>(v), static_cast<Wide>(x)), a = std::fabs(v);
  return static_cast<double>(std::exp(-scaled_exponent(a, x, w)) * std::sqrt(wide_pi / (2 * w)) *
                             debye_sum(a, w, -1));
}

}  // namespace croton::special
