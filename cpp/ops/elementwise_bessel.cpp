// Bessel functions. Their derivatives are those of DLMF 10.6 and 10.29; by the order there is no formula.
#include "ops/functions.h"
#include "ops/math.h"
#include "ops/rows.h"
#include "ops/signatures.h"

namespace croton::rows {
namespace {

Var order_2(const char* function, const Var& x) { return apply(function, {scalar_like(x, 2.0), x}); }

// lower f(v - 1, x) + upper f(v + 1, x)
Grads by_orders(const char* function, const Var& g, Inputs x, const Var& y, double lower, double upper) {
  Var v = cast(x[0], y.dtype());
  return {Var(), g * (lower * apply(function, {v - 1.0, x[1]}) + upper * apply(function, {v + 1.0, x[1]}))};
}

const OpSpec table[] = {
    {.name = "j0",
     .doc = "The Bessel function of the first kind of order 0.",
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::library("j0", x); },
     .cost = 100,
     .vjp = [](const Var& g, Inputs x, const Var&) -> Grads { return {g * (-apply("j1", {x[0]}))}; }},
    {.name = "j1",
     .doc = "The Bessel function of the first kind of order 1.",
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::library("j1", x); },
     .cost = 100,
     .vjp = [](const Var& g, Inputs x, const Var&) -> Grads {
       return {g * ((apply("j0", {x[0]}) - order_2("jv", x[0])) * 0.5)};
     }},
    {.name = "jv",
     .doc = "The Bessel function of the first kind of order x, at y.",
     .arity = 2,
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::library("jv", x); },
     .cost = 2000,
     .vjp = [](const Var& g, Inputs x, const Var& y) { return by_orders("jv", g, x, y, 0.5, -0.5); },
     .fixed = {"its order"}},
    {.name = "y0",
     .doc = "The Bessel function of the second kind of order 0; -inf at 0.",
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::library("y0", x); },
     .cost = 100,
     .vjp = [](const Var& g, Inputs x, const Var&) -> Grads { return {g * (-apply("y1", {x[0]}))}; }},
    {.name = "y1",
     .doc = "The Bessel function of the second kind of order 1; -inf at 0.",
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::library("y1", x); },
     .cost = 100,
     .vjp = [](const Var& g, Inputs x, const Var&) -> Grads {
       return {g * ((apply("y0", {x[0]}) - order_2("yv", x[0])) * 0.5)};
     }},
    {.name = "yv",
     .doc = "The Bessel function of the second kind of order x, at y.",
     .arity = 2,
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::library("yv", x); },
     .cost = 2000,
     .vjp = [](const Var& g, Inputs x, const Var& y) { return by_orders("yv", g, x, y, 0.5, -0.5); },
     .fixed = {"its order"}},
    {.name = "i0",
     .doc = "The modified Bessel function of the first kind of order 0.",
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::library("i0", x); },
     .cost = 100,
     .vjp = [](const Var& g, Inputs x, const Var&) -> Grads { return {g * (apply("i1", {x[0]}))}; }},
    {.name = "i1",
     .doc = "The modified Bessel function of the first kind of order 1.",
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::library("i1", x); },
     .cost = 100,
     .vjp = [](const Var& g, Inputs x, const Var&) -> Grads {
       return {g * ((apply("i0", {x[0]}) + order_2("iv", x[0])) * 0.5)};
     }},
    {.name = "iv",
     .doc = "The modified Bessel function of the first kind of order x, at y.",
     .arity = 2,
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::library("iv", x); },
     .cost = 2000,
     .vjp = [](const Var& g, Inputs x, const Var& y) { return by_orders("iv", g, x, y, 0.5, 0.5); },
     .fixed = {"its order"}},
    {.name = "i0e",
     .doc = "exp(-|x|) i0(x), which does not overflow.",
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::library("i0e", x); },
     .cost = 100,
     .vjp = [](const Var& g, Inputs x, const Var& y) -> Grads {
       return {g * (apply("i1e", {x[0]}) - sign(x[0]) * y)};
     }},
    {.name = "i1e",
     .doc = "exp(-|x|) i1(x), which does not overflow.",
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::library("i1e", x); },
     .cost = 100,
     .vjp = [](const Var& g, Inputs x, const Var& y) -> Grads {
       return {g * ((apply("i0e", {x[0]}) + order_2("ive", x[0])) * 0.5 - sign(x[0]) * y)};
     }},
    {.name = "ive",
     .doc = "exp(-|y|) iv(x, y), which does not overflow.",
     .arity = 2,
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::library("ive", x); },
     .cost = 2000,
     .vjp = [](const Var& g, Inputs x, const Var& y) -> Grads {
       return {Var(), by_orders("ive", g, x, y, 0.5, 0.5)[1] - g * (sign(x[1]) * y)};
     },
     .fixed = {"its order"}},
    {.name = "k0",
     .doc = "The modified Bessel function of the second kind of order 0; inf at 0.",
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::library("k0", x); },
     .cost = 100,
     .vjp = [](const Var& g, Inputs x, const Var&) -> Grads { return {g * (-apply("k1", {x[0]}))}; }},
    {.name = "k1",
     .doc = "The modified Bessel function of the second kind of order 1; inf at 0.",
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::library("k1", x); },
     .cost = 100,
     .vjp = [](const Var& g, Inputs x, const Var&) -> Grads {
       return {g * ((apply("k0", {x[0]}) + order_2("kv", x[0])) * -0.5)};
     }},
    {.name = "kv",
     .doc = "The modified Bessel function of the second kind of order x, at y.",
     .arity = 2,
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::library("kv", x); },
     .cost = 2000,
     .vjp = [](const Var& g, Inputs x, const Var& y) { return by_orders("kv", g, x, y, -0.5, -0.5); },
     .fixed = {"its order"}},
    {.name = "k0e",
     .doc = "exp(x) k0(x), which does not underflow.",
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::library("k0e", x); },
     .cost = 100,
     .vjp = [](const Var& g, Inputs x, const Var& y) -> Grads { return {g * (y - apply("k1e", {x[0]}))}; }},
    {.name = "k1e",
     .doc = "exp(x) k1(x), which does not underflow.",
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::library("k1e", x); },
     .cost = 100,
     .vjp = [](const Var& g, Inputs x, const Var& y) -> Grads {
       return {g * (y - (apply("k0e", {x[0]}) + order_2("kve", x[0])) * 0.5)};
     }},
    {.name = "kve",
     .doc = "exp(y) kv(x, y), which does not underflow.",
     .arity = 2,
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::library("kve", x); },
     .cost = 2000,
     .vjp = [](const Var& g, Inputs x, const Var& y) -> Grads {
       return {Var(), by_orders("kve", g, x, y, -0.5, -0.5)[1] + g * y};
     },
     .fixed = {"its order"}},
};

}  // namespace

std::span<const OpSpec> bessel() { return table; }

}  // namespace croton::rows
