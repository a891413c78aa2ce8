// Rounding to integers, element types kept.
#include "ops/math.h"
#include "ops/rows.h"
#include "ops/signatures.h"

namespace croton::rows {
namespace {

Value round_half_away(Args a) {
  Value x = a[0];
  if (!is_floating(x.type())) return x;
  Value whole = trunc(x);
  Value rounded = select(abs(x - whole) >= 0.5, whole + copy_sign(x.constant(1), x), whole);
  return copy_sign(rounded, x);
}

const OpSpec table[] = {
    {.name = "floor",
     .doc = "The largest integer not above x.",
     .signature = signatures::arithmetic,
     .scalar = [](Args x) { return is_floating(x[0].type()) ? floor(x[0]) : x[0]; }},
    {.name = "ceil",
     .doc = "The smallest integer not below x.",
     .signature = signatures::arithmetic,
     .scalar = [](Args x) { return is_floating(x[0].type()) ? ceil(x[0]) : x[0]; },
     .cost = 3},
    {.name = "trunc",
     .doc = "x without its fraction.",
     .signature = signatures::arithmetic,
     .scalar = [](Args x) { return is_floating(x[0].type()) ? trunc(x[0]) : x[0]; }},
    {.name = "round",
     .doc = "The integer nearest to x; halves go to the even one.",
     .signature = signatures::arithmetic,
     .scalar = [](Args x) { return is_floating(x[0].type()) ? round_even(x[0]) : x[0]; }},
    {.name = "round_half_away_from_zero",
     .doc = "The integer nearest to x; halves go away from zero.",
     .signature = signatures::arithmetic,
     .scalar = round_half_away,
     .cost = 8},
};

}  // namespace

std::span<const OpSpec> rounding() { return table; }

}  // namespace croton::rows
