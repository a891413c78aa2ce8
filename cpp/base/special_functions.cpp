// Boost.Math under names of our own. Compiled without exceptions, as generated code cannot pass them on.
#include "base/special_functions.h"

#include <boost/math/special_functions/bessel.hpp>
#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/ellint_rd.hpp>
#include <boost/math/special_functions/ellint_rf.hpp>
#include <boost/math/special_functions/ellint_rg.hpp>
#include <boost/math/special_functions/expint.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <boost/math/special_functions/owens_t.hpp>
#include <boost/math/special_functions/polygamma.hpp>
#include <boost/math/special_functions/zeta.hpp>
#include <cmath>
#include <limits>
#include <type_traits>
#include <vector>

namespace croton {
namespace {

namespace bm = boost::math;
namespace bp = boost::math::policies;

// `wide` computes in long double, which leaves half a unit of the last place where that has more digits.
template <bool wide>
using Quiet =
    bp::policy<bp::domain_error<bp::ignore_error>, bp::pole_error<bp::ignore_error>,
               bp::overflow_error<bp::ignore_error>, bp::underflow_error<bp::ignore_error>,
               bp::denorm_error<bp::ignore_error>, bp::rounding_error<bp::ignore_error>,
               bp::evaluation_error<bp::ignore_error>, bp::indeterminate_result_error<bp::ignore_error>,
               bp::promote_float<false>, bp::promote_double<wide>, bp::max_series_iterations<200000>>;
constexpr Quiet<true> exact;
constexpr Quiet<false> fast;
// Functions that float32 calls as well have both, and compute with this one.
template <bool wide>
constexpr Quiet<wide> chosen;

constexpr double inf = std::numeric_limits<double>::infinity(),
                 nan = std::numeric_limits<double>::quiet_NaN();
constexpr double asymptotic_from = 600;  // before exp(x) leaves the range
constexpr double largest_order = 1e5;    // of Bessel functions; the recurrences take that many steps

bool whole(long double x) { return x == std::floor(x); }
bool odd(long double x) { return std::fmod(x, 2) != 0; }

// ---- incomplete gamma and beta functions; limits as SciPy defines them
template <bool wide>
double gamma_p(double a, double x) {
  if (!(a >= 0 && x >= 0)) return nan;
  if (std::isinf(a)) return std::isinf(x) ? nan : 0;
  if (a == 0) return x > 0 ? 1 : nan;
  if (std::isinf(x)) return 1;
  return a > special::large_gamma ? special::gamma_large(a, x, false) : bm::gamma_p(a, x, chosen<wide>);
}

template <bool wide>
double gamma_q(double a, double x) {
  if (!(a >= 0 && x >= 0)) return nan;
  if (std::isinf(a)) return std::isinf(x) ? nan : 1;
  if (a == 0) return x > 0 ? 0 : nan;
  if (std::isinf(x)) return 0;
  return a > special::large_gamma ? special::gamma_large(a, x, true) : bm::gamma_q(a, x, chosen<wide>);
}

template <bool wide>
double gamma_density(double a, double x) {
  if (!(a >= 0 && x >= 0)) return nan;
  if (a == 0 || std::isinf(a) || std::isinf(x)) return 0;
  if (x == 0) return a > 1 ? 0 : a == 1 ? 1 : inf;
  return bm::gamma_p_derivative(a, x, chosen<wide>);
}

double gamma_p_inverse(double a, double p) {
  if (!(a >= 0 && p >= 0 && p <= 1)) return nan;
  if (a == 0 || p == 0) return 0;
  if (std::isinf(a)) return nan;
  if (p == 1) return inf;
  return a > special::large_gamma ? special::gamma_inverse_large(a, p, false) : bm::gamma_p_inv(a, p, exact);
}

double gamma_q_inverse(double a, double q) {
  if (!(a >= 0 && q >= 0 && q <= 1)) return nan;
  if (a == 0 || q == 1) return 0;
  if (std::isinf(a)) return nan;
  if (q == 0) return inf;
  return a > special::large_gamma ? special::gamma_inverse_large(a, q, true) : bm::gamma_q_inv(a, q, exact);
}

// The distribution function of the limits, where a or b is 0 or infinite; NaN where there is none.
double beta_limit(double a, double b, double x) {
  if ((a == 0 && b == 0) || (std::isinf(a) && std::isinf(b))) return nan;
  if (a == 0 || std::isinf(b)) return x > 0;
  return x == 1;
}
bool beta_domain(double a, double b, double x) { return a >= 0 && b >= 0 && x >= 0 && x <= 1; }
bool beta_huge(double a, double b) { return std::fmin(a, b) > special::large_beta; }
bool beta_ordinary(double a, double b) { return a > 0 && b > 0 && std::isfinite(a) && std::isfinite(b); }

template <bool wide>
double beta_p(double a, double b, double x) {
  if (!beta_domain(a, b, x)) return nan;
  if (!beta_ordinary(a, b)) return beta_limit(a, b, x);
  return beta_huge(a, b) ? special::beta_large(a, b, x, false) : bm::ibeta(a, b, x, chosen<wide>);
}

template <bool wide>
double beta_q(double a, double b, double x) {
  if (!beta_domain(a, b, x)) return nan;
  if (!beta_ordinary(a, b)) return 1 - beta_limit(a, b, x);
  return beta_huge(a, b) ? special::beta_large(a, b, x, true) : bm::ibetac(a, b, x, chosen<wide>);
}

template <bool wide>
double beta_density(double a, double b, double x) {
  if (!beta_domain(a, b, x)) return nan;
  if (!beta_ordinary(a, b)) return 0;
  if (x == 0) return a > 1 ? 0 : a == 1 ? b : inf;
  if (x == 1) return b > 1 ? 0 : b == 1 ? a : inf;
  return beta_huge(a, b) ? special::beta_density_large(a, b, x) : bm::ibeta_derivative(a, b, x, chosen<wide>);
}

double beta_inverse(double a, double b, double p) {
  if (!beta_domain(a, b, p) || !beta_ordinary(a, b)) return nan;
  if (p == 0 || p == 1) return p;
  return beta_huge(a, b) ? special::beta_inverse_large(a, b, p, false) : bm::ibeta_inv(a, b, p, exact);
}

double beta_q_inverse(double a, double b, double q) {
  if (!beta_domain(a, b, q) || !beta_ordinary(a, b)) return nan;
  if (q == 0 || q == 1) return 1 - q;
  return beta_huge(a, b) ? special::beta_inverse_large(a, b, q, true) : bm::ibetac_inv(a, b, q, exact);
}

// ---- complete ones
// The sign of gamma(x); x is no pole.
int gamma_sign(long double x) { return x < 0 && odd(std::floor(x)) ? -1 : 1; }

long double log_gamma(long double x) { return bm::lgamma(x, exact); }

long double wide_log_beta(long double a, long double b) {
  return log_gamma(a) + log_gamma(b) - log_gamma(a + b);
}

double log_beta(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return nan;
  if (a > b) std::swap(a, b);
  if (a <= 0) {
    if (whole(a))
      return b < 1 - a && whole(b) && b > 0 ? std::log(std::fabs(bm::beta(b, 1 - a - b, exact))) : inf;
    return static_cast<double>(wide_log_beta(a, b));
  }
  if (b < 10) return std::log(bm::beta(a, b, exact));
  if (std::isinf(b)) return -inf;
  const long double la = a, lb = b, ratio = la / lb;
  // log(gamma(b) / gamma(a + b)) without the difference of large numbers.
  const long double rest = special::stirling_rest(lb) - special::stirling_rest(la + lb);
  if (a < 10)
    return static_cast<double>(bm::lgamma(la, exact) + rest + la - la * std::log(la + lb) -
                               (lb - 0.5L) * std::log1p(ratio));
  const long double half_log_two_pi = 0.918938533204672741780329736406L;
  return static_cast<double>(half_log_two_pi - 0.5L * std::log(lb) + special::stirling_rest(la) + rest +
                             (la - 0.5L) * std::log(ratio / (1 + ratio)) - lb * std::log1p(ratio));
}

long double wide_beta(long double a, long double b) {
  if (std::isnan(a) || std::isnan(b)) return nan;
  if (a > 0 && b > 0) return std::isinf(a) || std::isinf(b) ? 0 : bm::beta(a, b, exact);
  if (a > b) std::swap(a, b);
  if (whole(a)) {
    // The poles of gamma(a) and gamma(a + b) cancel for whole b.
    if (!(whole(b) && b > 0 && b < 1 - a)) return inf;
    return (odd(b) ? -1 : 1) * bm::beta(b, 1 - a - b, exact);
  }
  if (b <= 0 && whole(b)) return inf;
  if (a + b <= 0 && whole(a + b)) return 0;
  return gamma_sign(a) * gamma_sign(b) * gamma_sign(a + b) * std::exp(wide_log_beta(a, b));
}
double beta(double a, double b) { return static_cast<double>(wide_beta(a, b)); }

double rising_factorial(double x, double n) {
  if (std::isnan(x) || std::isnan(n)) return nan;
  if (n == 0) return 1;
  if (x > 0 && x + n > 0) return 1 / bm::tgamma_delta_ratio(x, n, exact);
  const bool pole = x <= 0 && whole(x);
  if (x + n <= 0 && whole(x + n) && !pole) return inf;
  if (whole(n) && std::fabs(n) < 1000) {
    long double product = 1;
    for (long double k = 0; k < n; ++k) product *= x + k;
    for (long double k = n; k < 0; ++k) product /= x + k;
    return static_cast<double>(product);
  }
  if (pole) return 0;
  const long double wide = x, ratio = std::exp(log_gamma(wide + n) - log_gamma(wide));
  return gamma_sign(x) * gamma_sign(x + n) * static_cast<double>(ratio);
}

double binomial(double n, double k) {
  if (std::isnan(n) || std::isnan(k) || (n < 0 && whole(n))) return nan;
  if (whole(k) && std::fabs(k) < 60) {
    if (k < 0 || (whole(n) && k > n)) return 0;
    long double product = 1;
    for (long double i = 1; i <= k; ++i) product *= (n - k + i) / i;
    return static_cast<double>(product);
  }
  if (whole(n) && whole(n - k) && n - k < 60) return binomial(n, n - k);
  const long double one = 1;  // rounded sums would cost digits
  return static_cast<double>(1 / ((n + one) * wide_beta(n - static_cast<long double>(k) + 1, k + one)));
}

double polygamma(double n, double x) {
  if (n == 0) return special::digamma(x);
  if (!(n > 0) || !whole(n) || n > 1e6 || std::isnan(x) || x == -inf) return nan;
  if (x == inf) return odd(n) ? 0. : -0.;
  if (x <= 0 && whole(x)) return odd(n) ? inf : nan;
  if (n <= 100 && x > -50) return special::polygamma_sum(static_cast<int>(n), x);
  if (n <= 100) return bm::polygamma(static_cast<int>(n), x, exact);
  const double zeta = special::hurwitz_zeta(n + 1, x), sign = (zeta < 0) == odd(n) ? -1 : 1;
  return sign * static_cast<double>(std::exp(log_gamma(n + 1) + std::log(std::fabs(zeta))));
}

double riemann_zeta(double s) {
  if (std::isnan(s) || s == -inf) return nan;
  return s == 1 ? inf : s == inf ? 1 : bm::zeta(s, exact);
}

// ---- Bessel functions
bool bessel_domain(double v, double x) {
  return std::fabs(v) <= largest_order && (x >= 0 || (x < 0 && whole(v)));
}

template <bool wide>
double bessel_j(double v, double x) {
  if (!bessel_domain(v, x)) return nan;
  if (std::isinf(x)) return 0;
  if (x == 0 && v < 0 && !whole(v)) return bm::tgamma(v + 1, fast) > 0 ? inf : -inf;
  return bm::cyl_bessel_j(v, x, chosen<wide>);
}

template <bool wide>
double bessel_y(double v, double x) {
  if (!(x >= 0) || !bessel_domain(v, x)) return nan;
  if (x == inf) return 0;
  if (x > 0) {
    const double y = bm::cyl_neumann(v, x, chosen<wide>);
    if (!std::isnan(y)) return y;  // NaN: the value of a large order has left the range
    return whole(v - 0.5) && v < 0 ? 0 : v < 0 && odd(std::floor(v + 0.5)) ? inf : -inf;
  }
  // Y_v is (cos(pi v) J_v - J_-v) / sin(pi v), of which one term is infinite unless cos(pi v) is 0.
  if (v >= 0 || whole(v)) return v < 0 && odd(v) ? inf : -inf;
  if (whole(v - 0.5)) return 0;
  return odd(std::floor(v + 0.5)) ? inf : -inf;
}

template <bool wide>
double bessel_k(double v, double x) {
  if (!(x >= 0) || !(std::fabs(v) <= largest_order)) return nan;
  return x == 0 ? inf : x == inf ? 0 : bm::cyl_bessel_k(std::fabs(v), x, chosen<wide>);
}

double bessel_ke(double v, double x) {
  if (!(x >= 0) || !(std::fabs(v) <= largest_order)) return nan;
  if (x == 0 || x == inf) return x == 0 ? inf : 0;
  if (x >= asymptotic_from) return special::scaled_bessel_k_large(v, x);
  return static_cast<double>(
      std::exp(static_cast<long double>(x)) *
      bm::cyl_bessel_k(static_cast<long double>(std::fabs(v)), static_cast<long double>(x), exact));
}

template <bool wide>
double bessel_i(double v, double x) {
  if (!bessel_domain(v, x)) return nan;
  if (std::isinf(x)) return x < 0 && odd(v) ? -inf : inf;
  return bm::cyl_bessel_i(v, x, chosen<wide>);
}

double bessel_ie(double v, double x) {
  if (!bessel_domain(v, x)) return nan;
  const double a = std::fabs(x), sign = x < 0 && odd(v) ? -1 : 1;
  if (std::isinf(x)) return sign * 0;
  if (a < asymptotic_from || (v < 0 && !whole(v) && -v > a / 4))
    return static_cast<double>(
        sign * std::exp(-static_cast<long double>(a)) *
        bm::cyl_bessel_i(static_cast<long double>(v), static_cast<long double>(a), exact));
  // I_-v = I_v + 2/pi sin(pi v) K_v, whose second term is below the last place here.
  return sign * special::scaled_bessel_i_large(std::fabs(v), a);
}

// Where terms cancel, long double leaves the digits of double right: near zeros, which is a tenth of all
// calls, and toward the ends of Boost.Math's rational functions up to 8.
bool cancels(double x, double value) {
  const double a = std::fabs(x);
  return (a > 3 && a <= 8) || (a > 0.5 && std::fabs(value) * std::sqrt(a) < 0.15);
}

template <int order, bool wide>
double bessel_j_of(double x) {
  if (std::isinf(x)) return 0;
  const double value = bm::cyl_bessel_j(order, x, fast);
  return wide && cancels(x, value) ? bm::cyl_bessel_j(order, x, exact) : value;
}

template <int order, bool wide>
double bessel_y_of(double x) {
  if (!(x > 1e-290 && x < inf)) return bessel_y<true>(order, x);
  const double value = bm::cyl_neumann(order, x, fast);
  return wide && cancels(x, value) ? bm::cyl_neumann(order, x, exact) : value;
}

template <int order>
double scaled_i(double x) {
  const double a = std::fabs(x), sign = order == 1 && x < 0 ? -1 : 1;
  if (!(a < asymptotic_from))
    return std::isnan(x) ? x : std::isinf(a) ? sign * 0 : sign * special::scaled_bessel_i_large(order, a);
  return sign * std::exp(-a) * bm::cyl_bessel_i(order, a, fast);
}

template <int order>
double scaled_k(double x) {
  if (!(x > 0) || x == inf) return x == 0 ? inf : x == inf ? 0 : nan;
  return x < asymptotic_from ? std::exp(x) * bm::cyl_bessel_k(order, x, fast)
                             : special::scaled_bessel_k_large(order, x);
}

// ---- integrals
double exponential_integral(double x) {
  return x == inf ? inf : x == -inf ? -0. : x == 0 ? -inf : bm::expint(x, exact);
}

double exponential_integral_n(double n, double x) {
  if (!(n >= 0 && x >= 0) || !whole(n)) return nan;
  if (x == inf) return 0;
  if (x == 0) return n <= 1 ? inf : 1 / (n - 1);
  if (n > 1e5) return std::exp(-x) / (x + n) * (1 + n / ((x + n) * (x + n)));
  return bm::expint(static_cast<unsigned>(n), x, exact);
}

// With the parameter m, the square of the modulus.
double elliptic_k_near_1(double p) {
  return p < 0 || p != p ? nan : p == 0 ? inf : p == inf ? 0 : bm::ellint_rf(0., p, 1., exact);
}
double elliptic_k(double m) { return elliptic_k_near_1(1 - m); }
double elliptic_e(double m) {
  return m > 1 || m != m ? nan : m == -inf ? inf : 2 * bm::ellint_rg(0., 1 - m, 1., exact);
}
double carlson_rd(double x, double y, double z) {
  if (!(x >= 0 && y >= 0 && z >= 0)) return nan;
  if (std::isinf(x) || std::isinf(y) || std::isinf(z)) return 0;
  return z == 0 || x + y == 0 ? inf : bm::ellint_rd(x, y, z, exact);
}

double owens_t(double h, double a) {
  if (std::isnan(h) || std::isnan(a)) return nan;
  if (std::isinf(h)) return 0;
  if (std::isinf(a)) return std::copysign(std::erfc(std::fabs(h) / std::sqrt(2.)) / 4, a);
  return bm::owens_t(h, a, exact);
}

// ---- the rows
template <class... Doubles>
LibraryFunction host(const char* name, double (*function)(Doubles...)) {
  return {name, sizeof...(Doubles), reinterpret_cast<void*>(function), nullptr, true};
}
using Unary = double (*)(double);

// In float32 double is wide enough, unless a step on the way leaves its range.
template <auto accurate, auto plain>
struct Single;
template <class... Doubles, double (*accurate)(Doubles...), double (*plain)(Doubles...)>
struct Single<accurate, plain> {
  template <class>
  using Float = float;
  static float call(Float<Doubles>... x) {
    const double value = plain(x...);
    return static_cast<float>(std::isfinite(value) ? value : accurate(x...));
  }
};

template <auto accurate, auto plain>
LibraryFunction pair(const char* name) {
  LibraryFunction row = host(name, accurate);
  row.f32 = reinterpret_cast<void*>(&Single<accurate, plain>::call);
  return row;
}

}  // namespace

std::span<const LibraryFunction> special_functions() {
  static const std::vector<LibraryFunction> rows = {
      pair<gamma_p<true>, gamma_p<false>>("gammainc"),
      pair<gamma_q<true>, gamma_q<false>>("gammaincc"),
      pair<gamma_density<true>, gamma_density<false>>("gammainc_dx"),
      host("gammainc_da", special::gammainc_da),
      host("gammaincinv", gamma_p_inverse),
      host("gammainccinv", gamma_q_inverse),
      pair<beta_p<true>, beta_p<false>>("betainc"),
      pair<beta_q<true>, beta_q<false>>("betaincc"),
      pair<beta_density<true>, beta_density<false>>("betainc_dx"),
      host("betainc_da", special::betainc_da),
      host("betainc_db", special::betainc_db),
      host("betaincinv", beta_inverse),
      host("betainccinv", beta_q_inverse),
      host("beta", beta),
      host("betaln", log_beta),
      host("poch", rising_factorial),
      host("binom", binomial),
      host("polygamma", polygamma),
      host("riemann_zeta", riemann_zeta),
      host("hurwitz_zeta", special::hurwitz_zeta),
      pair<bessel_j_of<0, true>, bessel_j_of<0, false>>("j0"),
      pair<bessel_j_of<1, true>, bessel_j_of<1, false>>("j1"),
      pair<bessel_j<true>, bessel_j<false>>("jv"),
      pair<bessel_y_of<0, true>, bessel_y_of<0, false>>("y0"),
      pair<bessel_y_of<1, true>, bessel_y_of<1, false>>("y1"),
      pair<bessel_y<true>, bessel_y<false>>("yv"),
      host("i0", Unary([](double x) { return std::isinf(x) ? inf : bm::cyl_bessel_i(0, x, fast); })),
      host("i1", Unary([](double x) { return std::isinf(x) ? x : bm::cyl_bessel_i(1, x, fast); })),
      pair<bessel_i<true>, bessel_i<false>>("iv"),
      host("i0e", scaled_i<0>),
      host("i1e", scaled_i<1>),
      host("ive", bessel_ie),
      host("k0", Unary([](double x) {
             return x > 0 && x < inf ? bm::cyl_bessel_k(0, x, fast) : bessel_k<true>(0, x);
           })),
      host("k1", Unary([](double x) {
             return x > 0 && x < inf ? bm::cyl_bessel_k(1, x, fast) : bessel_k<true>(1, x);
           })),
      pair<bessel_k<true>, bessel_k<false>>("kv"),
      host("k0e", scaled_k<0>),
      host("k1e", scaled_k<1>),
      host("kve", bessel_ke),
      host("expi", exponential_integral),
      host("exp1", Unary([](double x) { return exponential_integral_n(1, x); })),
      host("expn", exponential_integral_n),
      host("ellipk", elliptic_k),
      host("ellipkm1", elliptic_k_near_1),
      host("ellipe", elliptic_e),
      host("elliprd", carlson_rd),
      host("owens_t", owens_t),
      host("hyp2f1", special::hyp2f1),
  };
  return rows;
}

}  // namespace croton
