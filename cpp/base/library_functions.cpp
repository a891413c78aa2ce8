// The functions that scalar programs call lane by lane; each is safe to call from many threads.
#include <math.h>

#include <string>

#include "base/error.h"
#include "base/samplers.h"
#include "base/scalar_program.h"
#include "base/special_functions.h"

namespace croton {
namespace {

double lgamma_f64(double x) { return samplers::croton_lgamma(x); }
// In double, whose error disappears when the result is rounded.
float lgamma_f32(float x) { return static_cast<float>(lgamma_f64(x)); }
float tgamma_f32(float x) { return static_cast<float>(::tgamma(static_cast<double>(x))); }

float digamma_f32(float x) { return static_cast<float>(special::digamma(x)); }
float trigamma_f32(float x) { return static_cast<float>(special::trigamma(x)); }

using F64 = double (*)(double);
using F32 = float (*)(float);
LibraryFunction unary(const char* name, F64 f64, F32 f32) {
  return {name, 1, reinterpret_cast<void*>(f64), reinterpret_cast<void*>(f32)};
}
template <class... Args>
LibraryFunction draw(const char* name, double (*function)(Args...)) {
  return {name, sizeof...(Args), reinterpret_cast<void*>(function), nullptr};
}

std::vector<LibraryFunction> make_table() {
  std::vector<LibraryFunction> functions = {
      unary("sin", ::sin, ::sinf),
      unary("cos", ::cos, ::cosf),
      unary("tan", ::tan, ::tanf),
      unary("lgamma", lgamma_f64, lgamma_f32),
      unary("tgamma", ::tgamma, tgamma_f32),
      unary("digamma", special::digamma, digamma_f32),
      unary("trigamma", special::trigamma, trigamma_f32),
      {"fmod", 2, reinterpret_cast<void*>(static_cast<double (*)(double, double)>(::fmod)),
       reinterpret_cast<void*>(static_cast<float (*)(float, float)>(::fmodf))},
      draw("draw_gamma", samplers::croton_draw_gamma),
      draw("draw_poisson", samplers::croton_draw_poisson),
      draw("draw_zipf", samplers::croton_draw_zipf),
      draw("draw_vonmises", samplers::croton_draw_vonmises),
      draw("draw_binomial", samplers::croton_draw_binomial),
      draw("draw_hypergeometric", samplers::croton_draw_hypergeometric),
  };
  std::span<const LibraryFunction> special = special_functions();
  functions.insert(functions.end(), special.begin(), special.end());
  return functions;
}

const std::vector<LibraryFunction>& table() {
  static const std::vector<LibraryFunction> functions = make_table();
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
