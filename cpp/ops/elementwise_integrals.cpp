// Exponential and elliptic integrals, Owen's T, and the zeta functions.
#include "ops/functions.h"
#include "ops/math.h"
#include "ops/rows.h"
#include "ops/signatures.h"

namespace croton::rows {
namespace {

constexpr double root_half = 0.707106781186547524401, two_pi = 6.28318530717958647693,
                 quarter_root_2_over_pi = 0.199471140200716338970;

// (K - E) / m of the complete elliptic integrals, from 1 - m.
Var third_rd(const Var& x) { return apply("elliprd", {scalar_like(x, 0.0), x, scalar_like(x, 1.0)}) / 3.0; }

const OpSpec table[] = {
    {.name = "expi",
     .doc = "The exponential integral Ei: the integral of exp(t) / t from -inf to x.",
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::library("expi", x); },
     .cost = 400,
     .vjp = [](const Var& g, Inputs x, const Var&) -> Grads { return {g * (exp(x[0]) / x[0])}; }},
    {.name = "exp1",
     .doc = "The exponential integral E1: the integral of exp(-x t) / t from 1 to inf; NaN below 0.",
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::library("exp1", x); },
     .cost = 400,
     .vjp = [](const Var& g, Inputs x, const Var&) -> Grads { return {g * (-exp(-x[0]) / x[0])}; }},
    {.name = "expn",
     .doc = "The integral of exp(-y t) / t**x from 1 to inf, for whole x of 0 or more.",
     .arity = 2,
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::library("expn", x); },
     .cost = 600,
     .vjp = [](const Var& g, Inputs x, const Var& y) -> Grads {
       Var n = cast(x[0], y.dtype()), at_0 = exp(-x[1]) * (1.0 + 1.0 / x[1]) / x[1];
       return {Var(), -g * where(equal(n, scalar_like(n, 0)), at_0,
                                 apply("expn", {maximum(n - 1.0, scalar_like(n, 0)), x[1]}))};
     },
     .fixed = {"its order"}},
    {.name = "ellipk",
     .doc = "The complete elliptic integral of the first kind of parameter x, the square of the modulus.",
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::library("ellipk", x); },
     .cost = 600,
     .vjp = [](const Var& g, Inputs x, const Var& y) -> Grads {
       return {g * ((y - third_rd(1.0 - x[0])) / (2.0 * (1.0 - x[0])))};
     }},
    {.name = "ellipkm1",
     .doc = "ellipk(1 - x), precise where x is small.",
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::library("ellipkm1", x); },
     .cost = 600,
     .vjp = [](const Var& g, Inputs x, const Var& y) -> Grads {
       return {g * ((third_rd(x[0]) - y) / (2.0 * x[0]))};
     }},
    {.name = "ellipe",
     .doc = "The complete elliptic integral of the second kind of parameter x, the square of the modulus.",
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::library("ellipe", x); },
     .cost = 600,
     .vjp = [](const Var& g, Inputs x, const Var&) -> Grads { return {g * (-0.5 * third_rd(1.0 - x[0]))}; }},
    {.name = "elliprd",
     .doc = "Carlson's symmetric elliptic integral of the second kind, R_D(x, y, z).",
     .arity = 3,
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::library("elliprd", x); },
     .cost = 600,
     .fixed = {"x", "y", "z"}},
    {.name = "owens_t",
     .doc = "Owen's T: the integral of exp(-x**2 (1 + t**2) / 2) / (1 + t**2) from 0 to y, over 2 pi.",
     .arity = 2,
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::library("owens_t", x); },
     .cost = 1000,
     .vjp = [](const Var& g, Inputs x, const Var&) -> Grads {
       Var h2 = square(x[0]), a2 = 1.0 + square(x[1]);
       Var by_x = exp(h2 * -0.5) * apply("erf", {x[0] * x[1] * root_half}) * -quarter_root_2_over_pi;
       return {g * by_x, g * (exp(h2 * a2 * -0.5) / (a2 * two_pi))};
     }},
    {.name = "hyp2f1",
     .doc = "Gauss's hypergeometric function F(x, y; z; w) of real numbers, DLMF 15.2; NaN for w > 1.",
     .arity = 4,
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::library("hyp2f1", x); },
     .cost = 2000,
     .vjp = [](const Var& g, Inputs x, const Var&) -> Grads {
       Var next = apply("hyp2f1", {x[0] + 1.0, x[1] + 1.0, x[2] + 1.0, x[3]});
       return {Var(), Var(), Var(), g * (x[0] * x[1] / x[2] * next)};
     },
     .fixed = {"its first parameter", "its second parameter", "its third parameter"}},
    {.name = "riemann_zeta",
     .doc = "The sum of 1 / k**x over k = 1, 2, ..., and its continuation below 1; inf at 1.",
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::library("riemann_zeta", x); },
     .cost = 800,
     .fixed = {"its exponent"}},
    {.name = "hurwitz_zeta",
     .doc = "The sum of 1 / (y + k)**x over k = 0, 1, ..., for x > 1.",
     .arity = 2,
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::library("hurwitz_zeta", x); },
     .cost = 2000,
     .vjp = [](const Var& g, Inputs x, const Var& y) -> Grads {
       Var s = cast(x[0], y.dtype());
       return {Var(), -g * (s * apply("hurwitz_zeta", {s + 1.0, x[1]}))};
     },
     .fixed = {"its exponent"}},
};

}  // namespace

std::span<const OpSpec> integrals() { return table; }

}  // namespace croton::rows
