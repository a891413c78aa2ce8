// Error functions, the gamma family and what is made of it.
#include <array>

#include "ops/functions.h"
#include "ops/math.h"
#include "ops/rows.h"
#include "ops/signatures.h"

namespace croton::rows {
namespace {

constexpr double two_over_root_pi = 1.12837916709551257390, half_root_pi = 0.886226925452758013649;

Var digamma(const Var& x) { return apply("digamma", {x}); }

const OpSpec table[] = {
    {.name = "erf",
     .doc = "The error function, 2/sqrt(pi) times the integral of exp(-t**2) from 0 to x.",
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::erf(x[0]); },
     .cost = 40,
     .vjp = [](const Var& g, Inputs x, const Var&) -> Grads {
       return {g * (two_over_root_pi * exp(-square(x[0])))};
     }},
    {.name = "erfc",
     .doc = "1 - erf(x), precise for large x.",
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::erfc(x[0]); },
     .cost = 60,
     .vjp = [](const Var& g, Inputs x, const Var&) -> Grads {
       return {g * (-two_over_root_pi * exp(-square(x[0])))};
     }},
    {.name = "erfcx",
     .doc = "exp(x**2) erfc(x), which does not underflow.",
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::erfcx(x[0]); },
     .cost = 60,
     .vjp = [](const Var& g, Inputs x, const Var& y) -> Grads {
       return {g * (2.0 * x[0] * y - two_over_root_pi)};
     }},
    {.name = "erfinv",
     .doc = "The inverse of erf; infinite at -1 and 1, NaN outside.",
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::erfinv(x[0]); },
     .cost = 80,
     .vjp = [](const Var& g, Inputs, const Var& y) -> Grads {
       return {g * (half_root_pi * exp(square(y)))};
     }},
    {.name = "erfcinv",
     .doc = "The inverse of erfc; infinite at 0 and 2, NaN outside.",
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::erfcinv(x[0]); },
     .cost = 90,
     .vjp = [](const Var& g, Inputs, const Var& y) -> Grads {
       return {g * (-half_root_pi * exp(square(y)))};
     }},
    {.name = "gammaln",
     .doc = "The logarithm of the absolute value of the gamma function of x.",
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::gammaln(x[0]); },
     .cost = 90,
     .vjp = [](const Var& g, Inputs x, const Var&) -> Grads { return {g * apply("digamma", {x[0]})}; }},
    {.name = "gamma",
     .doc = "The gamma function of x.",
     .signature = signatures::floating,
     .scalar = [](Args x) { return call("tgamma", std::array{x[0]}); },
     .cost = 200,
     .vjp = [](const Var& g, Inputs x, const Var& y) -> Grads {
       return {g * (y * apply("digamma", {x[0]}))};
     }},
    {.name = "digamma",
     .doc = "The derivative of gammaln at x.",
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::digamma(x[0]); },
     .cost = 80,
     .vjp = [](const Var& g, Inputs x, const Var&) -> Grads { return {g * apply("trigamma", {x[0]})}; }},
    {.name = "trigamma",
     .doc = "The second derivative of gammaln at x.",
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::trigamma(x[0]); },
     .cost = 80,
     .vjp = [](const Var& g, Inputs x, const Var&) -> Grads {
       return {g * apply("polygamma", {scalar_like(x[0], 2), x[0]})};
     }},
    {.name = "polygamma",
     .doc = "The derivative of order x of digamma, at y, for whole x of 0 or more.",
     .arity = 2,
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::library("polygamma", x); },
     .cost = 4000,
     .vjp = [](const Var& g, Inputs x, const Var& y) -> Grads {
       return {Var(), g * apply("polygamma", {cast(x[0], y.dtype()) + 1.0, x[1]})};
     },
     .fixed = {"its order"}},
    {.name = "beta",
     .doc = "gamma(x) gamma(y) / gamma(x + y).",
     .arity = 2,
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::library("beta", x); },
     .cost = 1000,
     .vjp = [](const Var& g, Inputs x, const Var& y) -> Grads {
       Var both = digamma(x[0] + x[1]), scaled = g * y;
       return {scaled * (digamma(x[0]) - both), scaled * (digamma(x[1]) - both)};
     }},
    {.name = "betaln",
     .doc = "The logarithm of the absolute value of beta(x, y).",
     .arity = 2,
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::library("betaln", x); },
     .cost = 1000,
     .vjp = [](const Var& g, Inputs x, const Var&) -> Grads {
       Var both = digamma(x[0] + x[1]);
       return {g * (digamma(x[0]) - both), g * (digamma(x[1]) - both)};
     }},
    {.name = "binom",
     .doc = "The binomial coefficient of x and y, for real numbers too.",
     .arity = 2,
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::library("binom", x); },
     .cost = 1000,
     .vjp = [](const Var& g, Inputs x, const Var& y) -> Grads {
       Var rest = digamma(x[0] - x[1] + 1.0), scaled = g * y;
       return {scaled * (digamma(x[0] + 1.0) - rest), scaled * (rest - digamma(x[1] + 1.0))};
     }},
    {.name = "poch",
     .doc = "The rising factorial of x by y, gamma(x + y) / gamma(x).",
     .arity = 2,
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::library("poch", x); },
     .cost = 1000,
     .vjp = [](const Var& g, Inputs x, const Var& y) -> Grads {
       Var both = digamma(x[0] + x[1]), scaled = g * y;
       return {scaled * (both - digamma(x[0])), scaled * both};
     }},
};

}  // namespace

std::span<const OpSpec> special() { return table; }

}  // namespace croton::rows
