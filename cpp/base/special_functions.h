// Special functions for scalar programs, in float64: Boost.Math's with the limits at special points that
// SciPy has, and what Boost.Math lacks. None throws; outside of its domain each is NaN.
#pragma once

#include <span>

#include "base/scalar_program.h"

namespace croton {

/// Those of Boost.Math as rows for library_functions().
std::span<const LibraryFunction> special_functions();

namespace special {

double digamma(double x);
double trigamma(double x);

/// d/da of the regularized incomplete gamma function P(a, x).
double gammainc_da(double a, double x);
/// For parameters beyond what series take: P and Q of the gamma distribution, 1 of them being `upper`, and
/// the argument with a probability below (or above) it, each within a unit of the last place from 1e8 on.
constexpr double large_gamma = 1e8;
double gamma_large(double a, double x, bool upper);
double gamma_inverse_large(double a, double p, bool upper);
/// The same of the beta distribution, where both parameters are from 1e10 on, and its density.
constexpr double large_beta = 1e10;
double beta_large(double a, double b, double x, bool upper);
double beta_inverse_large(double a, double b, double p, bool upper);
double beta_density_large(double a, double b, double x);
/// What Stirling's formula leaves of log(gamma(x)) for x >= 10.
long double stirling_rest(long double x);

/// d/da and d/db of the regularized incomplete beta function I_x(a, b).
double betainc_da(double a, double b, double x);
double betainc_db(double a, double b, double x);  // NaN where both parameters pass 1e12

/// The sum of (q + k)^-s over k = 0, 1, ...
double hurwitz_zeta(double s, double q);
/// The derivative of digamma of order n = 1 to 100, at x that is no pole; the work grows with -x.
double polygamma_sum(int n, double x);

/// Gauss's hypergeometric function; NaN where it is complex, where its series take more than 100,000 terms
/// (z closer to 1 than 5e-4, or below -2000) and where terms that cancel leave less than 9 digits.
double hyp2f1(double a, double b, double c, double z);

/// Of order |v| at x > 0, where v * v + x * x is large: exp(-x) I_v(x) and exp(x) K_v(x).
double scaled_bessel_i_large(double v, double x);
double scaled_bessel_k_large(double v, double x);

}  // namespace special
}  // namespace croton
