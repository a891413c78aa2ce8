#include "base/samplers.h"
#include "cuda/scalar_text.h"

namespace croton::cuda {
namespace {

// Integer division and conversions as base/evaluate.cpp defines them, without undefined behaviour.
// The gamma functions are those of base/special_series.cpp, which says where the formulas come from.
constexpr std::string_view prelude = R"cuda(
template <class T> __device__ inline T croton_div(T a, T b) {
  if (b == 0) return 0;
  if (T(-1) < T(0) && b == T(-1)) return T(0 - (unsigned long long)a);
  return T(a / b);
}
template <class T> __device__ inline T croton_rem(T a, T b) {
  if (b == 0 || (T(-1) < T(0) && b == T(-1))) return 0;
  return T(a % b);
}
template <class T, class F> __device__ inline T croton_saturate(F x) {
  const bool is_signed = T(-1) < T(0);
  const int digits = 8 * (int)sizeof(T) - is_signed;
  const F upper = F(1ull << (digits - 1)) * F(2);
  const T most = T(~0ull >> (64 - digits));
  if (x != x) return 0;
  if (x >= upper) return most;
  if (x <= (is_signed ? -upper : F(0))) return is_signed ? T(-most - 1) : T(0);
  return T(x);
}

__device__ __noinline__ double croton_sin(double x) { return sin(x); }
__device__ __noinline__ float croton_sin(float x) { return sinf(x); }
__device__ __noinline__ double croton_cos(double x) { return cos(x); }
__device__ __noinline__ float croton_cos(float x) { return cosf(x); }
__device__ __noinline__ double croton_tan(double x) { return tan(x); }
__device__ __noinline__ float croton_tan(float x) { return tanf(x); }
__device__ __noinline__ double croton_fmod(double x, double y) { return fmod(x, y); }
__device__ __noinline__ float croton_fmod(float x, float y) { return fmodf(x, y); }
__device__ __noinline__ double croton_lgamma(double x) { return lgamma(x); }
__device__ inline float croton_lgamma(float x) { return (float)croton_lgamma((double)x); }
__device__ __noinline__ double croton_tgamma(double x) { return tgamma(x); }
__device__ inline float croton_tgamma(float x) { return (float)croton_tgamma((double)x); }

__device__ __noinline__ double croton_digamma(double x) {
  const double pi = 3.14159265358979323846, infinity = __longlong_as_double(0x7ff0000000000000ll);
  if (x != x || x == infinity) return x;
  if (x == 0) return copysign(infinity, -x);
  double shift = 0;
  if (x < 0) {
    const double fraction = x - nearbyint(x);
    if (fraction == 0) return infinity - infinity;
    shift = -pi / tan(pi * fraction);
    x = 1 - x;
  }
  for (; x < 10; ++x) shift -= 1 / x;
  const double u = 1 / (x * x);
  const double tail =
      u * (1. / 12 -
           u * (1. / 120 - u * (1. / 252 - u * (1. / 240 - u * (1. / 132 - u * (691. / 32760 - u / 12))))));
  return shift + (log(x) - 0.5 / x - tail);
}
__device__ inline float croton_digamma(float x) { return (float)croton_digamma((double)x); }

__device__ __noinline__ double croton_trigamma(double x) {
  const double pi = 3.14159265358979323846, infinity = __longlong_as_double(0x7ff0000000000000ll);
  if (x != x) return x;
  if (x <= 0 && x == floor(x)) return infinity;
  double sum = 0, sign = 1;
  if (x < 0) {
    const double s = pi / sin(pi * (x - nearbyint(x)));
    sum = s * s;
    sign = -1;
    x = 1 - x;
  }
  double terms = 0;
  for (; x < 10; ++x) terms += 1 / (x * x);
  const double u = 1 / (x * x);
  const double tail =
      u * (1. / 6 -
           u * (1. / 30 - u * (1. / 42 - u * (1. / 30 - u * (5. / 66 - u * (691. / 2730 - u * 7. / 6))))));
  return sum + sign * (terms + (1 / x + 0.5 * u + tail / x));
}
__device__ inline float croton_trigamma(float x) { return (float)croton_trigamma((double)x); }
)cuda";

}  // namespace

std::string_view scalar_prelude() {
  static const std::string text = std::string(prelude) + "#define CROTON_DEVICE __device__ __noinline__\n" +
                                  std::string(samplers::text) + "\n";
  return text;
}

}  // namespace croton::cuda
