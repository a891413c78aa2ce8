// The functions that scalar programs call lane by lane; each is safe to call from many threads.
#include <math.h>

#include <string>

#include "base/error.h"
#include "base/samplers.h"
#include "base/scalar_program.h"

namespace croton {
namespace {

double lgamma_f64(double x) { return samplers::croton_lgamma(x); }
// In double, whose error disappears when the result is rounded.
float lgamma_f32(float x) { return static_cast<float>(lgamma_f64(x)); }
float tgamma_f32(float x) { return static_cast<float>(::tgamma(static_cast<double>(x))); }

// psi(x): the recurrence up to 10, then the asymptotic series in Bernoulli numbers; reflection for x < 0.
double digamma_f64(double x) {
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
float digamma_f32(float x) { return static_cast<float>(digamma_f64(x)); }

// psi'(x), the same way; the reflection is psi'(x) + psi'(1 - x) = (pi / sin(pi x))^2.
double trigamma_f64(double x) {
  constexpr double pi = 3.14159265358979323846;
  if (x != x) return x;
  if (x <= 0 && x == ::floor(x)) return HUGE_VAL;
  if (x < 0) {
    double s = pi / ::sin(pi * (x - ::nearbyint(x)));
    return s * s - trigamma_f64(1 - x);
  }
  double sum = 0;
  for (; x < 10; ++x) sum += 1 / (x * x);
  double u = 1 / (x * x);
  double tail =
      u * (1. / 6 -
           u * (1. / 30 - u * (1. / 42 - u * (1. / 30 - u * (5. / 66 - u * (691. / 2730 - u * 7. / 6))))));
  return sum + (1 / x + 0.5 * u + tail / x);
}
float trigamma_f32(float x) { return static_cast<float>(trigamma_f64(x)); }

using F64 = double (*)(double);
using F32 = float (*)(float);
LibraryFunction unary(const char* name, F64 f64, F32 f32) {
  return {name, 1, reinterpret_cast<void*>(f64), reinterpret_cast<void*>(f32)};
}
template <class... Args>
LibraryFunction draw(const char* name, double (*function)(Args...)) {
  return {name, sizeof...(Args), reinterpret_cast<void*>(function), nullptr};
}

const std::vector<LibraryFunction>& table() {
  static const std::vector<LibraryFunction> functions = {
      unary("sin", ::sin, ::sinf),
      unary("cos", ::cos, ::cosf),
      unary("tan", ::tan, ::tanf),
      unary("lgamma", lgamma_f64, lgamma_f32),
      unary("tgamma", ::tgamma, tgamma_f32),
      unary("digamma", digamma_f64, digamma_f32),
      unary("trigamma", trigamma_f64, trigamma_f32),
      {"fmod", 2, reinterpret_cast<void*>(static_cast<double (*)(double, double)>(::fmod)),
       reinterpret_cast<void*>(static_cast<float (*)(float, float)>(::fmodf))},
      draw("draw_gamma", samplers::croton_draw_gamma),
      draw("draw_poisson", samplers::croton_draw_poisson),
      draw("draw_zipf", samplers::croton_draw_zipf),
      draw("draw_vonmises", samplers::croton_draw_vonmises),
      draw("draw_binomial", samplers::croton_draw_binomial),
      draw("draw_hypergeometric", samplers::croton_draw_hypergeometric),
  };
  return functions;
}

}  // namespace

std::span<const LibraryFunction> library_functions() { return table(); }

const LibraryFunction& library_function(std::string_view name) {
  for (const LibraryFunction& function : table())
    if (function.name == name) return function;
  throw InternalError("library function: unknown name " + std::string(name));
}

}  // namespace croton
