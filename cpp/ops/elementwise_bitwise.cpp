// Bits of integers; no gradients.
#include "ops/math.h"
#include "ops/rows.h"
#include "ops/signatures.h"

namespace croton::rows {
namespace {

int width(Value x) { return static_cast<int>(8 * size_of(x.type())); }

Value in_range(Value count) {
  Value below = count < count.constant(width(count));
  return is_signed(count.type()) ? below & (count >= 0) : below;
}

// The count within what the primitive shifts by; what lies outside is selected away.
Value bounded(Value count) { return count & count.constant(width(count) - 1); }

Value left_shift(Args a) { return select(in_range(a[1]), shift_left(a[0], bounded(a[1])), 0.0); }

Value right_shift(Args a) {
  Value x = a[0], all = shift_right(x, bounded(a[1]));
  return select(in_range(a[1]), all, is_signed(x.type()) ? x >> (width(x) - 1) : x.constant(0));
}

const OpSpec table[] = {
    {.name = "bitwise_and",
     .doc = "x & y, bit by bit.",
     .arity = 2,
     .signature = signatures::bitwise,
     .scalar = [](Args x) { return x[0] & x[1]; },
     .commutative = true},
    {.name = "bitwise_or",
     .doc = "x | y, bit by bit.",
     .arity = 2,
     .signature = signatures::bitwise,
     .scalar = [](Args x) { return x[0] | x[1]; },
     .commutative = true},
    {.name = "bitwise_xor",
     .doc = "x ^ y, bit by bit.",
     .arity = 2,
     .signature = signatures::bitwise,
     .scalar = [](Args x) { return x[0] ^ x[1]; },
     .commutative = true},
    {.name = "invert",
     .doc = "~x: every bit flipped; logical not for bools.",
     .signature = signatures::bitwise,
     .scalar = [](Args x) { return ~x[0]; }},
    {.name = "left_shift",
     .doc = "x * 2**y, wrapping around; 0 where y is not less than the width.",
     .arity = 2,
     .signature = signatures::shift,
     .scalar = left_shift,
     .cost = 4},
    {.name = "right_shift",
     .doc = "x // 2**y; the sign alone remains where y is not less than the width.",
     .arity = 2,
     .signature = signatures::shift,
     .scalar = right_shift,
     .cost = 4},
};

}  // namespace

std::span<const OpSpec> bitwise() { return table; }

}  // namespace croton::rows
