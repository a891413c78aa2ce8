// The incomplete gamma and beta functions, their inverses, and their derivatives by all parameters.
#include "ops/functions.h"
#include "ops/math.h"
#include "ops/rows.h"
#include "ops/signatures.h"

namespace croton::rows {
namespace {

Var digamma(const Var& x) { return apply("digamma", {x}); }

// ---- derivatives, in the parameters' inexact type
Var gamma_by_a(Inputs x) { return apply("gammainc_da", {x[0], x[1]}); }
Var gamma_by_x(const Var& a, const Var& x) { return apply("gammainc_dx", {a, x}); }
Var beta_by_x(const Var& a, const Var& b, const Var& x) { return apply("betainc_dx", {a, b, x}); }

// The derivatives of the logarithms of gammainc_dx by a and of betainc_dx by a and by b.
Var gamma_slope(const Var& a, const Var& x) { return log(x) - digamma(a); }
Var beta_slope(const Var& a, const Var& b, const Var& log_x) { return log_x - digamma(a) + digamma(a + b); }

// Of the inverse in its last argument: by the parameters it is -df/da / df/dx at the result.
Grads gamma_inverse(const Var& g, Inputs x, const Var& y, double sign) {
  Var scaled = g / gamma_by_x(x[0], y);
  return {-scaled * apply("gammainc_da", {x[0], y}), sign * scaled};
}
Grads beta_inverse(const Var& g, Inputs x, const Var& y, double sign) {
  Var scaled = g / beta_by_x(x[0], x[1], y);
  return {-scaled * apply("betainc_da", {x[0], x[1], y}), -scaled * apply("betainc_db", {x[0], x[1], y}),
          sign * scaled};
}
Grads beta_grads(const Var& g, Inputs x) {
  return {g * apply("betainc_da", {x[0], x[1], x[2]}), g * apply("betainc_db", {x[0], x[1], x[2]}),
          g * beta_by_x(x[0], x[1], x[2])};
}
// Of betainc_da and betainc_db: by x, the other order of the derivatives of betainc.
Grads beta_slope_grads(const Var& g, Inputs x, bool by_a) {
  Var slope = by_a ? beta_slope(x[0], x[1], log(x[2])) : beta_slope(x[1], x[0], log1p(-x[2]));
  return {Var(), Var(), g * (beta_by_x(x[0], x[1], x[2]) * slope)};
}

const OpSpec table[] = {
    {.name = "gammainc",
     .doc = "The regularized lower incomplete gamma function: the integral of t**(x-1) exp(-t) from 0 to y, "
            "divided by gamma(x).",
     .arity = 2,
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::library("gammainc", x); },
     .cost = 2000,
     .vjp = [](const Var& g, Inputs x, const Var&) -> Grads {
       return {g * gamma_by_a(x), g * gamma_by_x(x[0], x[1])};
     }},
    {.name = "gammaincc",
     .doc = "The regularized upper incomplete gamma function, 1 - gammainc(x, y).",
     .arity = 2,
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::library("gammaincc", x); },
     .cost = 2000,
     .vjp = [](const Var& g, Inputs x, const Var&) -> Grads {
       return {-g * gamma_by_a(x), -g * gamma_by_x(x[0], x[1])};
     }},
    {.name = "gammainc_dx",
     .doc = "The derivative of gammainc(x, y) by y: the density of the gamma distribution of shape x.",
     .arity = 2,
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::library("gammainc_dx", x); },
     .cost = 1000,
     .vjp = [](const Var& g, Inputs x, const Var& y) -> Grads {
       return {g * (y * gamma_slope(x[0], x[1])), g * (y * ((x[0] - 1.0) / x[1] - 1.0))};
     }},
    {.name = "gammainc_da",
     .doc = "The derivative of gammainc(x, y) by x.",
     .arity = 2,
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::library("gammainc_da", x); },
     .cost = 4000,
     .vjp = [](const Var& g, Inputs x, const Var&) -> Grads {
       return {Var(), g * (gamma_by_x(x[0], x[1]) * gamma_slope(x[0], x[1]))};
     },
     .fixed = {"its shape"}},
    {.name = "gammaincinv",
     .doc = "The inverse of gammainc by its second argument: gammainc(x, gammaincinv(x, y)) is y.",
     .arity = 2,
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::library("gammaincinv", x); },
     .cost = 6000,
     .vjp = [](const Var& g, Inputs x, const Var& y) { return gamma_inverse(g, x, y, 1); }},
    {.name = "gammainccinv",
     .doc = "The inverse of gammaincc by its second argument.",
     .arity = 2,
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::library("gammainccinv", x); },
     .cost = 6000,
     .vjp = [](const Var& g, Inputs x, const Var& y) { return gamma_inverse(g, x, y, -1); }},
    {.name = "betainc",
     .doc = "The regularized incomplete beta function: the integral of t**(x-1) (1-t)**(y-1) from 0 to z, "
            "divided by beta(x, y).",
     .arity = 3,
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::library("betainc", x); },
     .cost = 4000,
     .vjp = [](const Var& g, Inputs x, const Var&) { return beta_grads(g, x); }},
    {.name = "betaincc",
     .doc = "1 - betainc(x, y, z), precise where that is small.",
     .arity = 3,
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::library("betaincc", x); },
     .cost = 4000,
     .vjp = [](const Var& g, Inputs x, const Var&) { return beta_grads(-g, x); }},
    {.name = "betainc_dx",
     .doc = "The derivative of betainc(x, y, z) by z: the density of the beta distribution.",
     .arity = 3,
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::library("betainc_dx", x); },
     .cost = 2000,
     .vjp = [](const Var& g, Inputs x, const Var& y) -> Grads {
       Var by_z = (x[0] - 1.0) / x[2] - (x[1] - 1.0) / (1.0 - x[2]);
       return {g * (y * beta_slope(x[0], x[1], log(x[2]))), g * (y * beta_slope(x[1], x[0], log1p(-x[2]))),
               g * (y * by_z)};
     }},
    {.name = "betainc_da",
     .doc = "The derivative of betainc(x, y, z) by x.",
     .arity = 3,
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::library("betainc_da", x); },
     .cost = 6000,
     .vjp = [](const Var& g, Inputs x, const Var&) { return beta_slope_grads(g, x, true); },
     .fixed = {"its first shape", "its second shape"}},
    {.name = "betainc_db",
     .doc = "The derivative of betainc(x, y, z) by y.",
     .arity = 3,
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::library("betainc_db", x); },
     .cost = 6000,
     .vjp = [](const Var& g, Inputs x, const Var&) { return beta_slope_grads(g, x, false); },
     .fixed = {"its first shape", "its second shape"}},
    {.name = "betaincinv",
     .doc = "The inverse of betainc by its third argument: betainc(x, y, betaincinv(x, y, z)) is z.",
     .arity = 3,
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::library("betaincinv", x); },
     .cost = 10000,
     .vjp = [](const Var& g, Inputs x, const Var& y) { return beta_inverse(g, x, y, 1); }},
    {.name = "betainccinv",
     .doc = "The inverse of betaincc by its third argument.",
     .arity = 3,
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::library("betainccinv", x); },
     .cost = 10000,
     .vjp = [](const Var& g, Inputs x, const Var& y) { return beta_inverse(g, x, y, -1); }},
};

}  // namespace

std::span<const OpSpec> incomplete() { return table; }

}  // namespace croton::rows
