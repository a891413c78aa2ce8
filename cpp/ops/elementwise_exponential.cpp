// Exponentials, logarithms and the functions of neural networks made of them.
#include "ops/complex_math.h"
#include "ops/functions.h"
#include "ops/math.h"
#include "ops/rows.h"
#include "ops/signatures.h"

namespace croton::rows {
namespace {

constexpr double ln2 = 0.693147180559945309417, ln10 = 2.30258509299404568402;

// xlogy and its gradient give 0 where x is 0, whatever y is (except NaN).
Value xlogy(Args a) {
  Value zero = eq(a[0], 0) & ~is_nan(a[1]);
  return select(zero, 0.0, a[0] * math::log(a[1]));
}

Grads xlogy_vjp(const Var& g, Inputs x, const Var&) {
  Var nonzero = not_equal(x[0], scalar_like(x[0], 0));
  Var usable = logical_or(nonzero, x[1] > 0);
  return {g * log(where(usable, x[1], 1)), g * (x[0] / where(nonzero, x[1], 1))};
}

const OpSpec table[] = {
    {.name = "exp",
     .doc = "e ** x.",
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::exp(x[0]); },
     .cost = 18,
     .complex = complex_math::exp,
     .vjp = [](const Var& g, Inputs, const Var& y) -> Grads { return {g * y}; }},
    {.name = "exp2",
     .doc = "2 ** x.",
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::exp2(x[0]); },
     .cost = 20,
     .complex = complex_math::exp2,
     .vjp = [](const Var& g, Inputs, const Var& y) -> Grads { return {g * (y * ln2)}; }},
    {.name = "expm1",
     .doc = "exp(x) - 1, precise near 0.",
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::expm1(x[0]); },
     .cost = 24,
     .complex = complex_math::expm1,
     .vjp = [](const Var& g, Inputs, const Var& y) -> Grads { return {g * (y + 1)}; }},
    {.name = "log",
     .doc = "The natural logarithm of x; -inf at 0, NaN below.",
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::log(x[0]); },
     .cost = 30,
     .complex = complex_math::log,
     .vjp = [](const Var& g, Inputs x, const Var&) -> Grads { return {g / x[0]}; }},
    {.name = "log2",
     .doc = "The logarithm of x to base 2; -inf at 0, NaN below.",
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::log2(x[0]); },
     .cost = 32,
     .complex = complex_math::log2,
     .vjp = [](const Var& g, Inputs x, const Var&) -> Grads { return {g / (x[0] * ln2)}; }},
    {.name = "log10",
     .doc = "The logarithm of x to base 10; -inf at 0, NaN below.",
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::log10(x[0]); },
     .cost = 34,
     .complex = complex_math::log10,
     .vjp = [](const Var& g, Inputs x, const Var&) -> Grads { return {g / (x[0] * ln10)}; }},
    {.name = "log1p",
     .doc = "log(1 + x), precise near 0.",
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::log1p(x[0]); },
     .cost = 36,
     .complex = complex_math::log1p,
     .vjp = [](const Var& g, Inputs x, const Var&) -> Grads { return {g / (1 + x[0])}; }},
    {.name = "logaddexp",
     .doc = "log(exp(x) + exp(y)) without overflow.",
     .arity = 2,
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::logaddexp(x[0], x[1]); },
     .commutative = true,
     .cost = 80,
     .vjp = [](const Var& g, Inputs x, const Var&) -> Grads {
       return {g * sigmoid(x[0] - x[1]), g * sigmoid(x[1] - x[0])};
     }},
    {.name = "loghypot",
     .doc = "log(sqrt(x**2 + y**2)) without overflow, precise where it is near 0.",
     .arity = 2,
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::loghypot(x[0], x[1]); },
     .commutative = true,
     .cost = 100,
     .vjp = [](const Var& g, Inputs x, const Var&) -> Grads {
       Var length = apply("hypot", {x[0], x[1]});
       return {g * (x[0] / length / length), g * (x[1] / length / length)};
     }},
    {.name = "xlogy",
     .doc = "x * log(y); 0 where x is 0.",
     .arity = 2,
     .signature = signatures::floating,
     .scalar = xlogy,
     .cost = 34,
     .vjp = xlogy_vjp},
    {.name = "sigmoid",
     .doc = "1 / (1 + exp(-x)).",
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::sigmoid(x[0]); },
     .cost = 26,
     .vjp = [](const Var& g, Inputs, const Var& y) -> Grads { return {g * (y * (1 - y))}; }},
    {.name = "softplus",
     .doc = "log(1 + exp(x)) without overflow.",
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::softplus(x[0]); },
     .cost = 50,
     .vjp = [](const Var& g, Inputs x, const Var&) -> Grads { return {g * sigmoid(x[0])}; }},
    {.name = "relu",
     .doc = "max(x, 0).",
     .signature = signatures::numeric,
     .scalar = [](Args x) { return is_unsigned(x[0].type()) ? x[0] : max(x[0].constant(0), x[0]); },
     .vjp = [](const Var& g, Inputs, const Var& y) -> Grads { return {where(y > 0, g, 0)}; }},
};

}  // namespace

std::span<const OpSpec> exponential() { return table; }

}  // namespace croton::rows
