// Arithmetic, extrema and selection.
#include <array>

#include "ops/complex_math.h"
#include "ops/functions.h"
#include "ops/math.h"
#include "ops/rows.h"
#include "ops/signatures.h"

namespace croton::rows {
namespace {

bool floating_type(Value x) { return is_floating(x.type()); }

// The remainder of truncated division: exact by fma while the quotient is; rare others go to the library.
Value truncated_remainder(Value x, Value y) {
  Value quotient = x / y;
  Value rest = fma(-trunc(quotient), y, x);
  // The quotient may have been rounded up to the next integer.
  Value wrong = (rest * copy_sign(rest.constant(1), x)) < 0;
  rest = select(wrong, rest + copy_sign(abs(y), x), rest);
  Value usual = (abs(quotient) < (x.is_float32() ? 0x1p22 : 0x1p51)) & ~is_inf(y);
  return fallback(~usual, rest, "fmod", std::array{x, y});
}

// Whether a remainder and a divisor differ in sign, so that flooring division moves one step.
Value differs(Value remainder, Value y) {
  return ne(remainder, remainder.constant(0)) & ((remainder < 0) ^ (y < 0));
}

Value floored_remainder(Args a) {
  Value x = a[0], y = a[1];
  if (is_unsigned(x.type())) return x % y;
  if (is_integer(x.type())) {
    Value rest = x % y;
    return select(differs(rest, y), rest + y, rest);
  }
  Value rest = truncated_remainder(x, y);
  return select(eq(rest, 0), copy_sign(rest.constant(0), y), select(differs(rest, y), rest + y, rest));
}

Value floored_quotient(Args a) {
  Value x = a[0], y = a[1];
  if (is_unsigned(x.type())) return x / y;
  if (is_integer(x.type())) {
    Value quotient = x / y;
    return select(differs(x % y, y), quotient - 1, quotient);
  }
  Value rest = truncated_remainder(x, y);
  Value quotient = (x - rest) / y;
  quotient = select(differs(rest, y), quotient - 1, quotient);
  // The division may have rounded away from an integer.
  Value whole = floor(quotient);
  whole = select(quotient - whole > 0.5, whole + 1, whole);
  Value plain = x / y;
  whole = select(eq(whole, 0), copy_sign(whole, plain), whole);
  return select(eq(y, 0), plain, whole);
}

Value larger(Value x, Value y) {
  if (is_bool(x.type())) return x | y;
  return floating_type(x) ? select(is_nan(x), x, max(x, y)) : max(x, y);
}

Value smaller(Value x, Value y) {
  if (is_bool(x.type())) return x & y;
  return floating_type(x) ? select(is_nan(x), x, min(x, y)) : min(x, y);
}

Value sign_of(Args a) {
  Value x = a[0];
  if (is_unsigned(x.type())) return min(x, x.constant(1));
  Value rest = floating_type(x) ? x : x.constant(0);
  return select(x > 0, 1.0, select(x < 0, -1.0, rest));
}

Var nonzero_or_one(const Var& x) { return where(not_equal(x, scalar_like(x, 0)), x, 1); }

// What is left of a change of complex x after taking off that of its length.
Grads sign_vjp(const Var& g, Inputs x, const Var& y) {
  if (!is_complex(y.dtype())) return {zeros_like(x[0])};
  return {(g - y * real(conj(y) * g)) / nonzero_or_one(abs(x[0]))};
}

Grads power_vjp(const Var& g, Inputs x, const Var& y) {
  // 0**0 and 0**negative: no NaN from terms whose factor is 0.
  Var base = g * x[1] * pow(x[0], nonzero_or_one(x[1]) - 1);
  if (is_complex(y.dtype())) {
    Var nonzero = not_equal(x[0], scalar_like(x[0], 0));
    return {base, where(nonzero, g * y * log(nonzero_or_one(x[0])), 0)};
  }
  Var positive = x[0] > 0;
  Var exponent = where(positive, g * y * log(where(positive, x[0], 1)), 0);
  return {base, exponent};
}

Grads first_if(const Var& condition, const Var& g) {
  return {where(condition, g, 0), where(logical_not(condition), g, 0)};
}

const OpSpec table[] = {
    {.name = "add",
     .doc = "x + y; for bools, logical or.",
     .arity = 2,
     .signature = signatures::arithmetic,
     .scalar = [](Args x) { return is_bool(x[0].type()) ? x[0] | x[1] : x[0] + x[1]; },
     .commutative = true,
     .complex = complex_math::add,
     .vjp = [](const Var& g, Inputs, const Var&) -> Grads { return {g, g}; }},
    {.name = "sub",
     .doc = "x - y; unsigned integers wrap around.",
     .arity = 2,
     .signature = signatures::numeric,
     .scalar = [](Args x) { return x[0] - x[1]; },
     .complex = complex_math::sub,
     .vjp = [](const Var& g, Inputs, const Var&) -> Grads { return {g, -g}; }},
    {.name = "mul",
     .doc = "x * y; for bools, logical and.",
     .arity = 2,
     .signature = signatures::arithmetic,
     .scalar = [](Args x) { return is_bool(x[0].type()) ? x[0] & x[1] : x[0] * x[1]; },
     .commutative = true,
     .complex = complex_math::mul,
     .vjp = [](const Var& g, Inputs x, const Var&) -> Grads { return {g * x[1], g * x[0]}; }},
    {.name = "true_div",
     .doc = "x / y in floating point.",
     .arity = 2,
     .signature = signatures::floating,
     .scalar = [](Args x) { return x[0] / x[1]; },
     .cost = 6,
     .complex = complex_math::true_div,
     .vjp = [](const Var& g, Inputs x, const Var& y) -> Grads { return {g / x[1], -(g * y) / x[1]}; }},
    {.name = "floor_div",
     .doc = "The largest integer not above x / y, as Python's //; integers divided by 0 give 0.",
     .arity = 2,
     .signature = signatures::counting,
     .scalar = floored_quotient,
     .cost = 30},
    {.name = "mod",
     .doc = "x - y * floor(x / y), with the sign of y, as Python's %; integers modulo 0 give 0.",
     .arity = 2,
     .signature = signatures::counting,
     .scalar = floored_remainder,
     .cost = 24,
     .vjp = [](const Var& g, Inputs x, const Var&) -> Grads {
       return {g, -(g * apply("floor_div", {x[0], x[1]}))};
     }},
    {.name = "neg",
     .doc = "-x; unsigned integers wrap around.",
     .signature = signatures::numeric,
     .scalar = [](Args x) { return -x[0]; },
     .complex = complex_math::neg,
     .vjp = [](const Var& g, Inputs, const Var&) -> Grads { return {-g}; }},
    {.name = "abs",
     .doc = "The absolute value of x.",
     .signature = signatures::magnitude,
     .scalar = [](Args x) { return is_floating(x[0].type()) || is_signed(x[0].type()) ? abs(x[0]) : x[0]; },
     .complex = complex_math::abs,
     .vjp = [](const Var& g, Inputs x, const Var&) -> Grads { return {g * sign(x[0])}; },
     .holomorphic = false},
    {.name = "sign",
     .doc = "-1, 0 or 1 by the sign of x, NaN for NaN; of complex numbers x / |x|.",
     .signature = signatures::numeric,
     .scalar = sign_of,
     .cost = 4,
     .complex = complex_math::sign,
     .vjp = sign_vjp,
     .holomorphic = false},
    {.name = "copysign",
     .doc = "The magnitude of x with the sign of y.",
     .arity = 2,
     .signature = signatures::floating,
     .scalar = [](Args x) { return copy_sign(x[0], x[1]); },
     .cost = 2,
     .vjp = [](const Var& g, Inputs x, const Var& y) -> Grads {
       return {g * sign(x[0]) * sign(y), zeros_like(x[1])};
     }},
    {.name = "reciprocal",
     .doc = "1 / x.",
     .signature = signatures::floating,
     .scalar = [](Args x) { return 1.0 / x[0]; },
     .cost = 6,
     .complex = complex_math::reciprocal,
     .vjp = [](const Var& g, Inputs, const Var& y) -> Grads { return {-(g * square(y))}; }},
    {.name = "square",
     .doc = "x * x.",
     .signature = signatures::arithmetic,
     .scalar = [](Args x) { return is_bool(x[0].type()) ? x[0] : x[0] * x[0]; },
     .complex = complex_math::square,
     .vjp = [](const Var& g, Inputs x, const Var&) -> Grads { return {g * (x[0] * 2)}; }},
    {.name = "sqrt",
     .doc = "The non-negative square root of x; NaN for negative x.",
     .signature = signatures::floating,
     .scalar = [](Args x) { return sqrt(x[0]); },
     .cost = 8,
     .complex = complex_math::sqrt,
     .vjp = [](const Var& g, Inputs, const Var& y) -> Grads { return {g / (2 * y)}; }},
    {.name = "rsqrt",
     .doc = "1 / sqrt(x).",
     .signature = signatures::floating,
     .scalar = [](Args x) { return 1.0 / sqrt(x[0]); },
     .cost = 14,
     .vjp = [](const Var& g, Inputs, const Var& y) -> Grads { return {g * (-0.5 * (y * square(y)))}; }},
    {.name = "cbrt",
     .doc = "The real cube root of x.",
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::cbrt(x[0]); },
     .cost = 34,
     .vjp = [](const Var& g, Inputs, const Var& y) -> Grads { return {g / (3 * square(y))}; }},
    {.name = "pow",
     .doc = "x ** y; a negative integer power of an integer is 0, unless x is 1 or -1.",
     .arity = 2,
     .signature = signatures::counting,
     .scalar =
         [](Args x) {
           return is_integer(x[0].type()) ? math::integer_pow(x[0], x[1]) : math::pow(x[0], x[1]);
         },
     .cost = 100,
     .complex = complex_math::pow,
     .vjp = power_vjp},
    {.name = "hypot",
     .doc = "sqrt(x**2 + y**2) without overflow.",
     .arity = 2,
     .signature = signatures::floating,
     .scalar = [](Args x) { return math::hypot(x[0], x[1]); },
     .commutative = true,
     .cost = 22,
     .vjp = [](const Var& g, Inputs x, const Var& y) -> Grads {
       Var length = nonzero_or_one(y);
       return {g * (x[0] / length), g * (x[1] / length)};
     }},
    {.name = "maximum",
     .doc = "The larger of x and y; NaN if either is NaN.",
     .arity = 2,
     .signature = signatures::arithmetic,
     .scalar = [](Args x) { return larger(x[0], x[1]); },
     .cost = 3,
     .vjp = [](const Var& g, Inputs x, const Var&) { return first_if(x[0] >= x[1], g); }},
    {.name = "minimum",
     .doc = "The smaller of x and y; NaN if either is NaN.",
     .arity = 2,
     .signature = signatures::arithmetic,
     .scalar = [](Args x) { return smaller(x[0], x[1]); },
     .cost = 3,
     .vjp = [](const Var& g, Inputs x, const Var&) { return first_if(x[0] <= x[1], g); }},
    {.name = "fmax",
     .doc = "The larger of x and y; the other one if one is NaN.",
     .arity = 2,
     .signature = signatures::arithmetic,
     .scalar =
         [](Args x) {
           return floating_type(x[0]) ? select(is_nan(x[1]), x[0], max(x[0], x[1])) : larger(x[0], x[1]);
         },
     .cost = 3,
     .vjp = [](const Var& g, Inputs x, const Var& y) { return first_if(equal(x[0], y), g); }},
    {.name = "fmin",
     .doc = "The smaller of x and y; the other one if one is NaN.",
     .arity = 2,
     .signature = signatures::arithmetic,
     .scalar =
         [](Args x) {
           return floating_type(x[0]) ? select(is_nan(x[1]), x[0], min(x[0], x[1])) : smaller(x[0], x[1]);
         },
     .cost = 3,
     .vjp = [](const Var& g, Inputs x, const Var& y) { return first_if(equal(x[0], y), g); }},
    {.name = "clip",
     .doc = "x limited to [y, z]; z where y > z, NaN where any of them is NaN.",
     .arity = 3,
     .signature = signatures::arithmetic,
     .scalar = [](Args x) { return smaller(x[2], larger(x[1], x[0])); },
     .cost = 6,
     .vjp = [](const Var& g, Inputs x, const Var&) -> Grads {
       Var above = maximum(x[0], x[1]) > x[2];
       Var below = logical_and(x[0] < x[1], logical_not(above));
       Var inside = logical_not(logical_or(above, below));
       return {where(inside, g, 0), where(below, g, 0), where(above, g, 0)};
     }},
    {.name = "where",
     .doc = "y where x is true, else z.",
     .arity = 3,
     .signature = signatures::where,
     .scalar = [](Args x) { return select(x[0], x[1], x[2]); },
     .complex = complex_math::where,
     .vjp = [](const Var& g, Inputs x, const Var&) -> Grads {
       return {Var(), where(x[0], g, 0), where(logical_not(x[0]), g, 0)};
     }},
};

}  // namespace

std::span<const OpSpec> arithmetic() { return table; }

}  // namespace croton::rows
