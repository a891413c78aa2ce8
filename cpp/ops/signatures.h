// Dtype rules that elementwise rows share: the types operands are cast to and the type of the result.
#pragma once

#include <span>

#include "graph/op_spec.h"

namespace croton::signatures {

using Types = std::span<const DType>;

/// NumPy's promotion of all inputs, which is also the result.
Signature arithmetic(Types inputs);
/// The same with a real result, also for complex operands.
Signature magnitude(Types inputs);
/// As arithmetic where bool has no meaning: TypeError if all inputs are bool.
Signature numeric(Types inputs);
/// The inexact type of the promotion: integers become floats.
Signature floating(Types inputs);
/// Promoted operands, a bool result.
Signature comparison(Types inputs);
/// The inexact type of the promotion, a bool result.
Signature predicate(Types inputs);
/// Bool from operands of any type.
Signature logical(Types inputs);
/// Integers or bools; TypeError for others.
Signature bitwise(Types inputs);
/// Promotion with bools counted as int8.
Signature counting(Types inputs);
/// Integers; bools count as int8.
Signature shift(Types inputs);
/// (Bool, T, T) -> T
Signature where(Types inputs);

}  // namespace croton::signatures
