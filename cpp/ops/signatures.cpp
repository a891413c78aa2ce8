#include "ops/signatures.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/error.h"

namespace croton::signatures {
namespace {

DType promote_all(Types inputs) {
  DType type = inputs[0];
  for (DType other : inputs.subspan(1)) type = promote(type, other);
  return type;
}

Signature uniform(Types inputs, DType operand, DType result) {
  return {std::vector<DType>(inputs.size(), operand), result};
}

std::string list(Types inputs) {
  std::string text;
  for (DType type : inputs) text += (text.empty() ? "" : ", ") + std::string(name(type));
  return text;
}

}  // namespace

Signature arithmetic(Types inputs) {
  DType type = promote_all(inputs);
  return uniform(inputs, type, type);
}

Signature magnitude(Types inputs) {
  Signature result = arithmetic(inputs);
  result.result = real_type(result.result);
  return result;
}

Signature numeric(Types inputs) {
  Signature result = arithmetic(inputs);
  if (is_bool(result.result))
    throw TypeError("required numbers, given " + list(inputs) +
                    "; use logical_xor or cast to an integer type");
  return result;
}

Signature floating(Types inputs) {
  DType type = to_inexact(promote_all(inputs));
  return uniform(inputs, type, type);
}

Signature comparison(Types inputs) {
  // No type holds both: they are compared as they are.
  bool mixed = std::minmax({inputs[0], inputs[1]}) == std::pair{DType::Int64, DType::UInt64};
  if (mixed) return {{inputs.begin(), inputs.end()}, DType::Bool};
  return uniform(inputs, promote_all(inputs), DType::Bool);
}

Signature predicate(Types inputs) { return uniform(inputs, to_inexact(promote_all(inputs)), DType::Bool); }

Signature logical(Types inputs) { return uniform(inputs, DType::Bool, DType::Bool); }

Signature bitwise(Types inputs) {
  DType type = promote_all(inputs);
  if (!is_discrete(type)) throw TypeError("required integers or bools, given " + list(inputs));
  return uniform(inputs, type, type);
}

Signature counting(Types inputs) {
  Signature result = arithmetic(inputs);
  return is_bool(result.result) ? uniform(inputs, DType::Int8, DType::Int8) : result;
}

Signature shift(Types inputs) {
  bitwise(inputs);
  return counting(inputs);
}

Signature where(Types inputs) {
  DType type = promote_all(inputs.subspan(1));
  return {{DType::Bool, type, type}, type};
}

}  // namespace croton::signatures
