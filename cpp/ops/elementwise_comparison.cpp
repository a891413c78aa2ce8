// Comparisons, predicates and logic: rows with bool results and no gradients.
#include "ops/complex_math.h"
#include "ops/math.h"
#include "ops/rows.h"
#include "ops/signatures.h"

namespace croton::rows {
namespace {

// int64 against uint64: a negative number is below all of the other type, the rest compare as uint64.
bool mixed(Value x, Value y) { return x.type() != y.type(); }
Value negative(Value x) { return is_signed(x.type()) ? x < 0 : x.builder().constant(DType::Bool, 0); }
Value magnitude(Value x) { return convert(x, DType::UInt64); }

Value equal_values(Value x, Value y) {
  if (mixed(x, y)) return eq(magnitude(x), magnitude(y)) & ~(negative(x) | negative(y));
  return is_bool(x.type()) ? ~(x ^ y) : eq(x, y);
}

Value less(Value x, Value y) {
  if (mixed(x, y)) return negative(x) | (~negative(y) & (magnitude(x) < magnitude(y)));
  return is_bool(x.type()) ? ~x & y : x < y;
}

Value less_or_equal(Value x, Value y) {
  if (mixed(x, y)) return ~less(y, x);
  return is_bool(x.type()) ? ~x | y : x <= y;
}

const OpSpec table[] = {
    {.name = "eq",
     .doc = "Whether x equals y.",
     .arity = 2,
     .signature = signatures::comparison,
     .scalar = [](Args x) { return equal_values(x[0], x[1]); },
     .commutative = true,
     .complex = complex_math::eq},
    {.name = "ne",
     .doc = "Whether x differs from y; true where either is NaN.",
     .arity = 2,
     .signature = signatures::comparison,
     .scalar = [](Args x) { return ~equal_values(x[0], x[1]); },
     .commutative = true,
     .complex = complex_math::ne},
    {.name = "lt",
     .doc = "Whether x < y.",
     .arity = 2,
     .signature = signatures::comparison,
     .scalar = [](Args x) { return less(x[0], x[1]); }},
    {.name = "le",
     .doc = "Whether x <= y.",
     .arity = 2,
     .signature = signatures::comparison,
     .scalar = [](Args x) { return less_or_equal(x[0], x[1]); }},
    {.name = "gt",
     .doc = "Whether x > y.",
     .arity = 2,
     .signature = signatures::comparison,
     .scalar = [](Args x) { return less(x[1], x[0]); }},
    {.name = "ge",
     .doc = "Whether x >= y.",
     .arity = 2,
     .signature = signatures::comparison,
     .scalar = [](Args x) { return less_or_equal(x[1], x[0]); }},
    {.name = "isnan",
     .doc = "Whether x is NaN.",
     .signature = signatures::predicate,
     .scalar = [](Args x) { return is_nan(x[0]); },
     .complex = complex_math::isnan},
    {.name = "isinf",
     .doc = "Whether x is infinite.",
     .signature = signatures::predicate,
     .scalar = [](Args x) { return is_inf(x[0]); },
     .cost = 2,
     .complex = complex_math::isinf},
    {.name = "isfinite",
     .doc = "Whether x is neither infinite nor NaN.",
     .signature = signatures::predicate,
     .scalar = [](Args x) { return eq(x[0] - x[0], 0); },
     .cost = 2,
     .complex = complex_math::isfinite},
    {.name = "logical_and",
     .doc = "Whether x and y are both nonzero.",
     .arity = 2,
     .signature = signatures::logical,
     .scalar = [](Args x) { return x[0] & x[1]; },
     .commutative = true},
    {.name = "logical_or",
     .doc = "Whether x or y is nonzero.",
     .arity = 2,
     .signature = signatures::logical,
     .scalar = [](Args x) { return x[0] | x[1]; },
     .commutative = true},
    {.name = "logical_xor",
     .doc = "Whether exactly one of x and y is nonzero.",
     .arity = 2,
     .signature = signatures::logical,
     .scalar = [](Args x) { return x[0] ^ x[1]; },
     .commutative = true},
    {.name = "logical_not",
     .doc = "Whether x is zero.",
     .signature = signatures::logical,
     .scalar = [](Args x) { return ~x[0]; }},
};

}  // namespace

std::span<const OpSpec> comparison() { return table; }

}  // namespace croton::rows
