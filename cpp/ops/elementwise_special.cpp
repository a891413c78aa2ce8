// Error functions and the gamma family.
#include <array>

#include "ops/functions.h"
#include "ops/math.h"
#include "ops/rows.h"
#include "ops/signatures.h"

namespace croton::rows {
namespace {

constexpr double two_over_root_pi = 1.12837916709551257390, half_root_pi = 0.886226925452758013649;

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
     .cost = 80},
};

}  // namespace

std::span<const OpSpec> special() { return table; }

}  // namespace croton::rows
