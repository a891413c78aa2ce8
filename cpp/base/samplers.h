// Draws that repeat until one is accepted, each a function of its parameters and of 64 random bits. Written
// once: CROTON_SAMPLERS compiles them here, and keeps their text for the prelude of CUDA code.
#pragma once

#include <math.h>

#include <string_view>

namespace croton::samplers {

using ::asin;
using ::cos;
using ::exp;
using ::expm1;
using ::fabs;
using ::floor;
using ::fmax;
using ::fmin;
using ::log;
using ::log1p;
using ::pow;
using ::sin;
using ::sqrt;

// The reentrant form does not write the global signgam.
inline double croton_lgamma(double x) {
  int sign;
  return ::lgamma_r(x, &sign);
}

#define CROTON_DEVICE inline
#define CROTON_SAMPLERS(...) \
  __VA_ARGS__                \
  inline constexpr std::string_view text = #__VA_ARGS__;

CROTON_SAMPLERS(
    // Random bits without end: Philox 4x32-10 of the counters 0, 1, ... under one key.
    struct CrotonBits {
      unsigned long long key;
      unsigned long long counter;
      unsigned long long second;
    };

    CROTON_DEVICE unsigned long long croton_next(CrotonBits* bits) {
      const unsigned long long block = bits->counter >> 1;
      if (bits->counter++ & 1) return bits->second;
      unsigned int c0 = (unsigned int)block, c1 = (unsigned int)(block >> 32), c2 = 0, c3 = 0;
      unsigned int k0 = (unsigned int)bits->key, k1 = (unsigned int)(bits->key >> 32);
      for (int round = 0; round < 10; ++round) {
        const unsigned long long a = 0xD2511F53ull * c0, b = 0xCD9E8D57ull * c2;
        c0 = (unsigned int)(b >> 32) ^ c1 ^ k0;
        c2 = (unsigned int)(a >> 32) ^ c3 ^ k1;
        c1 = (unsigned int)b;
        c3 = (unsigned int)a;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
      }
      bits->second = (unsigned long long)c3 << 32 | c2;
      return (unsigned long long)c1 << 32 | c0;
    }

    CROTON_DEVICE CrotonBits croton_bits(double seed) {
      union {
        double number;
        unsigned long long key;
      } same;
      same.number = seed;
      CrotonBits bits = {same.key, 0, 0};
      return bits;
    }

    // In (0, 1), never either.
    CROTON_DEVICE double croton_uniform(CrotonBits* bits) {
      return ((double)(croton_next(bits) >> 12) + 0.5) * 2.220446049250313e-16;
    }

    // Marsaglia and Tsang, "A simple method for generating gamma variables", 2000; below shape 1 by their
    // boost, a draw of shape + 1 times u^(1 / shape).
    CROTON_DEVICE double croton_draw_gamma(double shape, double seed) {
      if (!(shape >= 0)) return shape < 0 ? sqrt(-1.0) : shape;
      if (shape == 0 || shape > 1.7e308) return shape;
      CrotonBits bits = croton_bits(seed);
      const double boost = shape < 1 ? pow(croton_uniform(&bits), 1 / shape) : 1;
      const double d = (shape < 1 ? shape + 1 : shape) - 1.0 / 3, c = 1 / sqrt(9 * d);
      for (;;) {
        const double radius = sqrt(-2 * log(croton_uniform(&bits)));
        const double x = radius * cos(6.283185307179586 * croton_uniform(&bits)), t = c * x;
        const double u = croton_uniform(&bits);
        if (t <= -1) continue;
        // d - d v + d log v for v = (1 + t)^3, without the difference of large numbers.
        const double rest = d * (3 * (log1p(t) - t) - 3 * t * t - t * t * t);
        if (log(u) < 0.5 * x * x + rest) return d * (1 + t) * (1 + t) * (1 + t) * boost;
      }
    }

    // log(n!) less Stirling's formula.
    CROTON_DEVICE double croton_stirling(double n) {
      if (n < 16) return croton_lgamma(n + 1) - (n + 0.5) * log(n) + n - 0.9189385332046727;
      const double u = 1 / (n * n);
      return (1.0 / 12 - u * (1.0 / 360 - u * (1.0 / 1260 - u * (1.0 / 1680 - u / 1188)))) / n;
    }

    // x log(x / mean) + mean - x (Loader, "Fast and accurate computation of binomial probabilities", 2000).
    CROTON_DEVICE double croton_deviance(double x, double mean) {
      const double t = (mean - x) / x;
      return x * (t - log1p(t));
    }

    CROTON_DEVICE double croton_log_binomial(double k, double n, double p, double q) {
      if (k == 0) return n * log1p(-p);
      if (k == n) return n * log1p(-q);
      const double rest = n - k;
      const double errors = croton_stirling(n) - croton_stirling(k) - croton_stirling(rest);
      return errors - croton_deviance(k, n * p) - croton_deviance(rest, n * q) +
             0.5 * log(n / (6.283185307179586 * k * rest));
    }

    // Below a mean of 10 one probability after the other, above PTRS (Hoermann, "The transformed rejection
    // method for generating Poisson random variables", 1993).
    CROTON_DEVICE double croton_draw_poisson(double mean, double seed) {
      if (!(mean >= 0 && mean < 9e18)) return -1;
      CrotonBits bits = croton_bits(seed);
      if (mean < 10) {
        double u = croton_uniform(&bits), p = exp(-mean), k = 0;
        for (; u > p && k < 200; p *= mean / k) {
          u -= p;
          k += 1;
        }
        return k;
      }
      const double b = 0.931 + 2.53 * sqrt(mean), a = -0.059 + 0.02483 * b;
      for (;;) {
        const double u = croton_uniform(&bits) - 0.5, v = croton_uniform(&bits), us = 0.5 - fabs(u);
        const double k = floor((2 * a / us + b) * u + mean + 0.43);
        if (us >= 0.07 && (0.9277 - v) * (b - 2) >= 3.6224) return k;
        if (k < 0 || (us < 0.013 && v > us)) continue;
        const double likely = v * (1.1239 + 1.1328 / (b - 3.4)) / (a / (us * us) + b);
        // The logarithm of the probability of k, whose factor of 1 / sqrt(2 pi k) stands on the other side.
        const double most = k > 0 ? -croton_stirling(k) - croton_deviance(k, mean) : -mean;
        if (log(k > 0 ? likely * sqrt(6.283185307179586 * k) : likely) <= most) return k;
      }
    }

    // Below a mean of 10 one probability after the other, above BTRS (Hoermann, "The generation of binomial
    // random variates", 1993).
    CROTON_DEVICE double croton_draw_binomial(double n, double chance, double seed) {
      if (!(n >= 0 && n < 9e18 && chance >= 0 && chance <= 1 && n == floor(n))) return -1;
      CrotonBits bits = croton_bits(seed);
      const double p = chance > 0.5 ? 1 - chance : chance, q = chance > 0.5 ? chance : 1 - chance;
      double k = 0;
      if (n * p < 10) {
        double u = croton_uniform(&bits), next = exp(n * log1p(-p));
        for (; u > next && k < n && k < 400; next *= (n - k + 1) / k * (p / q)) {
          u -= next;
          k += 1;
        }
        return chance > 0.5 ? n - k : k;
      }
      const double deviation = sqrt(n * p * q), b = 1.15 + 2.53 * deviation;
      const double a = -0.0873 + 0.0248 * b + 0.01 * p, inside = 0.92 - 4.2 / b;
      const double scale = (2.83 + 5.1 / b) * deviation, mode = floor((n + 1) * p);
      const double most = croton_log_binomial(mode, n, p, q);
      for (;;) {
        const double u = croton_uniform(&bits) - 0.5, v = croton_uniform(&bits), us = 0.5 - fabs(u);
        k = floor((2 * a / us + b) * u + n * p + 0.5);
        if (us >= 0.07 && v <= inside) break;
        if (k < 0 || k > n) continue;
        if (log(v * scale / (a / (us * us) + b)) <= croton_log_binomial(k, n, p, q) - most) break;
      }
      return chance > 0.5 ? n - k : k;
    }

    // The logarithm of the probability of k marked among m drawn from `all`, as a ratio of binomial ones.
    CROTON_DEVICE double croton_log_hypergeometric(double k, double marked, double others, double m) {
      const double all = marked + others, p = m / all, q = (all - m) / all;
      return croton_log_binomial(k, marked, p, q) + croton_log_binomial(m - k, others, p, q) -
             croton_log_binomial(m, all, p, q);
    }

    // Ratio of uniforms around the mode: HRUA (Stadlober, "The ratio of uniforms approach for generating
    // discrete random variates", 1990).
    CROTON_DEVICE double croton_ratio_hypergeometric(double marked, double others, double m,
                                                     CrotonBits* bits) {
      const double all = marked + others, share = marked / all, middle = m * share + 0.5;
      const double deviation = sqrt((all - m) * m * share * (1 - share) / (all - 1) + 0.5);
      const double width = 1.7155277699214135 * deviation + 0.8989161620588988;
      const double mode = floor((m + 1) * (marked + 1) / (all + 2));
      const double most = croton_log_hypergeometric(mode, marked, others, m);
      const double end = fmin(fmin(m, marked) + 1, floor(middle + 16 * deviation));
      for (;;) {
        const double x = croton_uniform(bits), y = croton_uniform(bits);
        const double place = middle + width * (y - 0.5) / x, k = floor(place);
        if (!(place >= 0 && place < end)) continue;
        if (2 * log(x) <= croton_log_hypergeometric(k, marked, others, m) - most) return k;
      }
    }

    CROTON_DEVICE double croton_draw_hypergeometric(double good, double bad, double m, double seed) {
      const double all = good + bad;
      if (!(good >= 0 && bad >= 0 && m >= 0 && m <= all && all < 9e15)) return -1;
      if (!(good == floor(good) && bad == floor(bad) && m == floor(m))) return -1;
      CrotonBits bits = croton_bits(seed);
      const double drawn = fmin(m, all - m), marked = fmin(good, bad), others = fmax(good, bad);
      double k = 0;
      if (drawn > 10) {
        k = croton_ratio_hypergeometric(marked, others, drawn, &bits);
      } else {
        // One after the other.
        for (double taken = 0; taken < drawn; ++taken)
          if (croton_uniform(&bits) * (all - taken) < marked - k) k += 1;
      }
      if (good > bad) k = drawn - k;
      return m > drawn ? good - k : k;
    }

    // Devroye, "Non-uniform random variate generation", 1986, page 551, among the numbers below 2^63.
    CROTON_DEVICE double croton_draw_zipf(double exponent, double seed) {
      if (!(exponent > 1)) return -1;
      if (exponent > 1025) return 1;
      CrotonBits bits = croton_bits(seed);
      const double s = exponent - 1, base = expm1(s * 0.6931471805599453);
      const double least = pow(9.2233720368547748e18, -s);
      for (;;) {
        const double w = croton_uniform(&bits), v = croton_uniform(&bits);
        const double x = floor(pow(least * w + (1 - w), -1 / s));
        if (!(x >= 1 && x < 9.2233720368547748e18)) continue;
        const double t = expm1(s * log1p(1 / x));
        if (v * x * t / base <= (t + 1) / (base + 1)) return x;
      }
    }

    // Best and Fisher, "Efficient simulation of the von Mises distribution", 1979; with s - 1 and 1 - cos of
    // the angle in the place of s and cos, which lose nothing where the angle is small.
    CROTON_DEVICE double croton_draw_vonmises(double kappa, double seed) {
      const double pi = 3.141592653589793;
      if (!(kappa >= 0 && kappa < 1e150)) return sqrt(-1.0);
      CrotonBits bits = croton_bits(seed);
      if (kappa < 1e-150) return pi * (2 * croton_uniform(&bits) - 1);
      const double h = sqrt(1 + 4 * kappa * kappa), r = 1 + h, root = sqrt(2 * r), sum = r + root;
      const double rho = 2 * kappa / sum, beyond = (1 + 1 / (h + 2 * kappa) + root) / sum;
      const double excess = beyond * beyond / (2 * rho);
      for (;;) {
        const double half = pi / 2 * croton_uniform(&bits), v = croton_uniform(&bits);
        const double up = 2 * cos(half) * cos(half), down = 2 * sin(half) * sin(half);
        const double lack = excess * down / (excess + up), c = kappa * (excess + lack);
        const double sign = croton_next(&bits) & 1 ? 1 : -1;
        if (log(c / v) + 1 - c >= 0) return sign * 2 * asin(fmin(1.0, sqrt(lack / 2)));
      }
    })

#undef CROTON_DEVICE
#undef CROTON_SAMPLERS

}  // namespace croton::samplers
