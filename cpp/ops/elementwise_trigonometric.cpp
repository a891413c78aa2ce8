// Circular and hyperbolic functions.
#include "ops/complex_math.h"
#include "ops/functions.h"
#include "ops/math.h"
#include "ops/rows.h"
#include "ops/signatures.h"

namespace croton::rows {
namespace {

constexpr double degree = 0.0174532925199432957692;

Grads arctan2_vjp(const Var& g, Inputs x, const Var&) {
  // Divided twice by the length, since its square may leave the range; 0 at the origin.
  Var length = apply("hypot", {x[0], x[1]});
  Var safe = where(length > 0, length, 1);
  return {g * (x[1] / safe / safe), -(g * (x[0] / safe / safe))};
}

const OpSpec table[] = {
    {.name = "sin",
     .doc = "The sine of x radians.",
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::sin(x[0]); },
     .cost = 22,
     .complex = complex_math::sin,
     .vjp = [](const Var& g, Inputs x, const Var&) -> Grads { return {g * cos(x[0])}; }},
    {.name = "cos",
     .doc = "The cosine of x radians.",
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::cos(x[0]); },
     .cost = 22,
     .complex = complex_math::cos,
     .vjp = [](const Var& g, Inputs x, const Var&) -> Grads { return {-(g * sin(x[0]))}; }},
    {.name = "tan",
     .doc = "The tangent of x radians.",
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::tan(x[0]); },
     .cost = 40,
     .complex = complex_math::tan,
     .vjp = [](const Var& g, Inputs, const Var& y) -> Grads { return {g * (1 + square(y))}; }},
    {.name = "arcsin",
     .doc = "The angle in [-pi/2, pi/2] whose sine is x; NaN outside [-1, 1].",
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::asin(x[0]); },
     .cost = 30,
     .complex = complex_math::arcsin,
     .vjp = [](const Var& g, Inputs x, const Var&) -> Grads { return {g / sqrt((1 - x[0]) * (1 + x[0]))}; }},
    {.name = "arccos",
     .doc = "The angle in [0, pi] whose cosine is x; NaN outside [-1, 1].",
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::acos(x[0]); },
     .cost = 30,
     .complex = complex_math::arccos,
     .vjp = [](const Var& g, Inputs x, const Var&) -> Grads { return {-g / sqrt((1 - x[0]) * (1 + x[0]))}; }},
    {.name = "arctan",
     .doc = "The angle in [-pi/2, pi/2] whose tangent is x.",
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::atan(x[0]); },
     .cost = 30,
     .complex = complex_math::arctan,
     .vjp = [](const Var& g, Inputs x, const Var&) -> Grads { return {g / (1 + square(x[0]))}; }},
    {.name = "arctan2",
     .doc = "The angle of the point (y, x) in [-pi, pi]: the quadrant by both signs.",
     .arity = 2,
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::atan2(x[0], x[1]); },
     .cost = 40,
     .vjp = arctan2_vjp},
    {.name = "sinh",
     .doc = "The hyperbolic sine of x.",
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::sinh(x[0]); },
     .cost = 34,
     .complex = complex_math::sinh,
     .vjp = [](const Var& g, Inputs x, const Var&) -> Grads { return {g * apply("cosh", {x[0]})}; }},
    {.name = "cosh",
     .doc = "The hyperbolic cosine of x.",
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::cosh(x[0]); },
     .cost = 30,
     .complex = complex_math::cosh,
     .vjp = [](const Var& g, Inputs x, const Var&) -> Grads { return {g * apply("sinh", {x[0]})}; }},
    {.name = "tanh",
     .doc = "The hyperbolic tangent of x.",
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::tanh(x[0]); },
     .cost = 30,
     .complex = complex_math::tanh,
     .vjp = [](const Var& g, Inputs, const Var& y) -> Grads { return {g * (1 - square(y))}; }},
    {.name = "arcsinh",
     .doc = "The inverse hyperbolic sine of x.",
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::asinh(x[0]); },
     .cost = 60,
     .complex = complex_math::arcsinh,
     .vjp = [](const Var& g, Inputs x, const Var&) -> Grads {
       if (is_complex(x[0].dtype())) return {g / sqrt(1 + square(x[0]))};
       return {g / apply("hypot", {x[0], scalar_like(x[0], 1)})};
     }},
    {.name = "arccosh",
     .doc = "The inverse hyperbolic cosine of x; NaN below 1.",
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::acosh(x[0]); },
     .cost = 56,
     .complex = complex_math::arccosh,
     .vjp = [](const Var& g, Inputs x, const Var&) -> Grads {
       return {g / (sqrt(x[0] - 1) * sqrt(x[0] + 1))};
     }},
    {.name = "arctanh",
     .doc = "The inverse hyperbolic tangent of x; NaN outside [-1, 1].",
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::atanh(x[0]); },
     .cost = 50,
     .complex = complex_math::arctanh,
     .vjp = [](const Var& g, Inputs x, const Var&) -> Grads { return {g / ((1 - x[0]) * (1 + x[0]))}; }},
    {.name = "deg2rad",
     .doc = "x degrees in radians.",
     .signature = signatures::floating,
     .scalar = [](Args x) { return x[0] * degree; },
     .vjp = [](const Var& g, Inputs, const Var&) -> Grads { return {g * degree}; }},
    {.name = "rad2deg",
     .doc = "x radians in degrees.",
     .signature = signatures::floating,
     .scalar = [](Args x) { return x[0] * (1 / degree); },
     .vjp = [](const Var& g, Inputs, const Var&) -> Grads { return {g * (1 / degree)}; }},
};

}  // namespace

std::span<const OpSpec> trigonometric() { return table; }

}  // namespace croton::rows
