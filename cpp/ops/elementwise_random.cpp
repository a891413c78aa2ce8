// Random numbers by Philox 4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011), and
// draws that repeat until one is accepted. All are functions of their inputs: no state, no order.
#include <array>
#include <vector>

#include "base/error.h"
#include "ops/math.h"
#include "ops/rows.h"
#include "ops/signatures.h"

namespace croton::rows {
namespace {

using signatures::Types;

constexpr uint64_t low_word = 0xffffffff;

Signature words(Types inputs) {
  for (DType type : inputs)
    if (!is_discrete(type)) throw TypeError("required integers; given " + std::string(name(type)));
  return {std::vector<DType>(inputs.size(), DType::UInt64), DType::UInt64};
}

// Parameters as float64; the last input is 64 random bits.
Signature draws(Types inputs) {
  if (!is_discrete(inputs.back()))
    throw TypeError("required integers as random bits; given " + std::string(name(inputs.back())));
  std::vector<DType> operands(inputs.size(), DType::Float64);
  operands.back() = DType::UInt64;
  return {operands, DType::Float64};
}

// Words 0 and 1 of the block, or words 2 and 3. The words lie in 64 bits, of which the upper half may hold
// anything: multiplications mask it.
Value philox(Args x, bool second_half) {
  const Value &counter = x[0], &key = x[1], &stream = x[2];
  Value mask = counter.bits(low_word);
  Value c0 = counter, c1 = counter >> 32, c2 = stream, c3 = stream >> 32, k0 = key & mask, k1 = key >> 32;
  for (int round = 0; round < 10; ++round) {
    if (round) {
      k0 = k0 + k0.bits(0x9E3779B9);
      k1 = k1 + k1.bits(0xBB67AE85);
    }
    Value a = (c0 & mask) * c0.bits(0xD2511F53), b = (c2 & mask) * c2.bits(0xCD9E8D57);
    c0 = (b >> 32) ^ c1 ^ k0;
    c2 = (a >> 32) ^ c3 ^ k1;
    c1 = b;
    c3 = a;
  }
  return second_half ? (c3 << 32) | (c2 & mask) : (c1 << 32) | (c0 & mask);
}

// The upper half of the product of 128 bits.
Value mul_high(Args x) {
  Value mask = x[0].bits(low_word);
  Value a0 = x[0] & mask, a1 = x[0] >> 32, b0 = x[1] & mask, b1 = x[1] >> 32;
  Value middle = a1 * b0 + ((a0 * b0) >> 32);
  return a1 * b1 + (middle >> 32) + ((a0 * b1 + (middle & mask)) >> 32);
}

Value draw(const char* function, Args x) {
  std::vector<Value> arguments(x.begin(), x.end());
  arguments.back() = bitcast(x.back(), DType::Float64);
  return call(function, arguments);
}

// In (0, 1), never either.
Value uniform(Value bits) { return (convert(bits >> 12, DType::Float64) + 0.5) * 0x1p-52; }

// By half a block of the random numbers that have `bits` as their key.
Value uniform_word(Value bits, int block, bool second_half) {
  return uniform(philox(std::array{bits.constant(block), bits, bits.constant(0)}, second_half));
}

// One try of the method of croton_draw_poisson above a mean of 10, in all lanes.
struct PoissonTry {
  Value count, accepted, unknown;  // unknown: counts below 5, for which Stirling's series is too rough
};
PoissonTry try_poisson(const Value& mean, const Value& bits, int block) {
  Value u = uniform_word(bits, block, false) - 0.5, v = uniform_word(bits, block, true), us = 0.5 - abs(u);
  Value b = sqrt(mean) * 2.53 + 0.931, a = b * 0.02483 - 0.059;
  Value k = floor((a * 2 / us + b) * u + mean + 0.43), w = 1.0 / k, t = (mean - k) * w;
  Value quick = (us >= 0.07) & ((0.9277 - v) * (b - 2) >= 3.6224), outside = (us < 0.013) & (v > us);
  constexpr std::array series = {1.0 / 12, -1.0 / 360, 1.0 / 1260, -1.0 / 1680, 1.0 / 1188};
  Value most = (math::log1p(t) - t) * k - polynomial(w * w, series) * w;
  Value likely = v * (1.1328 / (b - 3.4) + 1.1239) / (a / (us * us) + b) * sqrt(k * 6.283185307179586);
  Value exact = ~outside & (math::log(likely) <= most), large = k >= 5;
  return {k, quick | (large & exact), ~(quick | large)};
}

// Two tries above a mean of 10, and below counts up to 16; the function goes the same way for the others.
Value poisson(Args x) {
  const Value &mean = x[0], &bits = x[1];
  Value left = uniform_word(bits, 0, false), p = math::exp(-mean), few = mean.constant(0);
  constexpr int most = 16;
  for (int k = 1; k <= most; ++k) {
    few = select(left > p, few + 1, few);
    left = left - p;
    p = p * (mean * (1.0 / k));
  }
  PoissonTry first = try_poisson(mean, bits, 0), second = try_poisson(mean, bits, 1);
  Value many = select(first.accepted, first.count, second.count), small = mean < 10;
  Value found = first.accepted | (~first.unknown & second.accepted);
  Value usual = select(small, (few < most) & (mean >= 0), found & (mean < 9e18));
  return fallback(~usual, select(small, few, many), "draw_poisson",
                  std::array{mean, bitcast(bits, DType::Float64)});
}

// -log(u) for u in (0, 1), which is below 1/2 or as far below 1: exact at both ends.
Value exponential(Args x) {
  const Value& bits = x[0];
  Value small = (convert(bits >> 1, DType::Float64) + 0.5) * 0x1p-64,
        upper = ne(bits & bits.bits(1), bits.bits(0));
  return -math::log_of_half(small, upper);
}

// Two tries of the method of croton_draw_gamma, side by side in all lanes: both normal draws of one block. At
// most one element in 400 needs the function itself, which then goes by other bits.
Value gamma(Args x) {
  const Value &shape = x[0], &bits = x[1];
  auto word = [&](int block, bool second_half) { return uniform_word(bits, block, second_half); };
  Value d = select(shape < 1, shape + 1, shape) - 1.0 / 3, c = 1.0 / sqrt(d * 9);
  Value radius = sqrt(math::log(word(0, false)) * -2), angle = word(0, true) * 6.283185307179586;
  auto accepted = [&](Value t, Value u) {
    Value rest = d * (((math::log1p(t) - t) - t * t) * 3 - t * t * t);
    return math::log(u) < fma(t / c, t / c * 0.5, rest);
  };
  Value first = c * radius * math::cos(angle), second = c * radius * math::sin(angle);
  Value good = accepted(first, word(1, false)), also_good = accepted(second, word(1, true));
  Value root = select(good, first, second) + 1;
  Value boost = select(shape < 1, math::exp(math::log(word(2, false)) / shape), 1.0);
  Value fast = d * (root * root * root) * boost;
  Value usual = (good | also_good) & (shape > 0) & (shape < 1e300);
  return fallback(~usual, fast, "draw_gamma", std::array{shape, bitcast(~bits, DType::Float64)});
}

const OpSpec table[] = {
    {.name = "philox",
     .doc = "64 random bits: words 0 and 1 of Philox 4x32-10 of counter x, key y and upper counter words z.",
     .arity = 3,
     .signature = words,
     .scalar = [](Args x) { return philox(x, false); },
     .cost = 70},
    {.name = "philox_second",
     .doc = "Words 2 and 3 of the same block as philox(x, y, z).",
     .arity = 3,
     .signature = words,
     .scalar = [](Args x) { return philox(x, true); },
     .cost = 70},
    {.name = "mul_high",
     .doc = "The upper 64 bits of the product of x and y as uint64.",
     .arity = 2,
     .signature = words,
     .scalar = mul_high,
     .commutative = true,
     .cost = 14},
    {.name = "draw_exponential",
     .doc = "A draw from the exponential distribution of mean 1, by the random bits x.",
     .signature = draws,
     .scalar = exponential,
     .cost = 40},
    {.name = "draw_gamma",
     .doc = "A draw from the gamma distribution of shape x and scale 1, by the random bits y.",
     .arity = 2,
     .signature = draws,
     .scalar = gamma,
     .cost = 400},
    {.name = "draw_poisson",
     .doc = "A draw from the Poisson distribution of mean x, by the random bits y; -1 for no mean.",
     .arity = 2,
     .signature = draws,
     .scalar = poisson,
     .cost = 300},
    {.name = "draw_zipf",
     .doc = "A draw from the zeta distribution of exponent x > 1, by the random bits y; -1 for others.",
     .arity = 2,
     .signature = draws,
     .scalar = [](Args x) { return draw("draw_zipf", x); },
     .cost = 300},
    {.name = "draw_vonmises",
     .doc = "An angle in [-pi, pi] around 0 of concentration x, by the random bits y.",
     .arity = 2,
     .signature = draws,
     .scalar = [](Args x) { return draw("draw_vonmises", x); },
     .cost = 300},
    {.name = "draw_binomial",
     .doc = "How many of x trials succeed, each with probability y, by the random bits z; -1 for no such.",
     .arity = 3,
     .signature = draws,
     .scalar = [](Args x) { return draw("draw_binomial", x); },
     .cost = 400},
    {.name = "draw_hypergeometric",
     .doc = "How many of z things drawn from x marked and y other ones are marked, by the random bits w; -1 "
            "for no such.",
     .arity = 4,
     .signature = draws,
     .scalar = [](Args x) { return draw("draw_hypergeometric", x); },
     .cost = 400},
};

}  // namespace

std::span<const OpSpec> random() { return table; }

}  // namespace croton::rows
