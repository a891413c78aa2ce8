#include "ops/functions.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "graph/broadcast.h"
#include "graph/leaves.h"
#include "ops/core_rows.h"

namespace croton {
namespace {

bool is_size(const Var& x) { return x.rank() == 0 && x.dtype() == DType::Int64; }

// Sizes are computed while the expression is written: neutral elements would only hide that two are equal.
Var simplify_size(const OpSpec& op, const std::vector<Var>& x) {
  if (x.size() != 2 || !is_size(x[0]) || !is_size(x[1])) return {};
  if (op.name == "add" && is_filled_with(x[1], 0)) return x[0];
  if (op.name == "add" && is_filled_with(x[0], 0)) return x[1];
  if (op.name == "sub" && is_filled_with(x[1], 0)) return x[0];
  if (op.name == "mul" && is_filled_with(x[1], 1)) return x[0];
  if (op.name == "mul" && is_filled_with(x[0], 1)) return x[1];
  return {};
}

std::string list(const std::vector<DType>& types) {
  std::string text;
  for (DType type : types) text += (text.empty() ? "" : ", ") + std::string(name(type));
  return text;
}

// The op's types for these operands; complaints name it and the user's line.
Signature signature_of(const OpSpec& op, const std::vector<DType>& operands) {
  try {
    Signature signature = op.signature(operands);
    if (!op.complex && std::any_of(signature.operands.begin(), signature.operands.end(), is_complex))
      throw TypeError("required real operands, given " + list(operands));
    return signature;
  } catch (const TypeError& error) {
    throw TypeError(std::string(op.name) + ": " + error.what() + source_text(SourceScope::current()));
  }
}

}  // namespace

Var apply(const OpSpec& op, std::vector<Var> inputs) {
  if (op.kind != OpKind::Elementwise || !op.signature) return make_node(op, std::move(inputs));
  if (op.arity >= 0 && static_cast<int>(inputs.size()) != op.arity)
    throw TypeError(std::string(op.name) + ": required " + std::to_string(op.arity) + " arguments, given " +
                    std::to_string(inputs.size()) + source_text(SourceScope::current()));
  if (Var folded = simplify_size(op, inputs)) return folded;
  std::vector<DType> dtypes;
  for (const Var& x : inputs) dtypes.push_back(x.dtype());
  Signature signature = signature_of(op, dtypes);
  for (size_t i = 0; i < inputs.size(); ++i) inputs[i] = cast(inputs[i], signature.operands[i]);
  return make_node(op, std::move(inputs));
}

Var apply(std::string_view name, std::vector<Var> inputs) { return apply(find_op(name), std::move(inputs)); }

Var scalar_like(const Var& like, double value) {
  DType dtype = real_type(like.dtype());
  bool fits = is_inexact(dtype) || value == std::floor(value);
  return make_scalar(fits ? dtype : to_inexact(dtype), value);
}

Var operator+(const Var& a, const Var& b) { return apply("add", {a, b}); }
Var operator-(const Var& a, const Var& b) { return apply("sub", {a, b}); }
Var operator*(const Var& a, const Var& b) { return apply("mul", {a, b}); }
Var operator/(const Var& a, const Var& b) { return apply("true_div", {a, b}); }
Var operator-(const Var& a) { return apply("neg", {a}); }
Var operator+(const Var& a, double b) { return a + scalar_like(a, b); }
Var operator-(const Var& a, double b) { return a - scalar_like(a, b); }
Var operator*(const Var& a, double b) { return a * scalar_like(a, b); }
Var operator/(const Var& a, double b) { return a / scalar_like(a, b); }
Var operator+(double a, const Var& b) { return scalar_like(b, a) + b; }
Var operator-(double a, const Var& b) { return scalar_like(b, a) - b; }
Var operator*(double a, const Var& b) { return scalar_like(b, a) * b; }
Var operator/(double a, const Var& b) { return scalar_like(b, a) / b; }
Var operator<(const Var& a, const Var& b) { return apply("lt", {a, b}); }
Var operator<=(const Var& a, const Var& b) { return apply("le", {a, b}); }
Var operator>(const Var& a, const Var& b) { return apply("gt", {a, b}); }
Var operator>=(const Var& a, const Var& b) { return apply("ge", {a, b}); }
Var operator<(const Var& a, double b) { return a < scalar_like(a, b); }
Var operator<=(const Var& a, double b) { return a <= scalar_like(a, b); }
Var operator>(const Var& a, double b) { return a > scalar_like(a, b); }
Var operator>=(const Var& a, double b) { return a >= scalar_like(a, b); }
Var equal(const Var& a, const Var& b) { return apply("eq", {a, b}); }
Var not_equal(const Var& a, const Var& b) { return apply("ne", {a, b}); }
Var logical_and(const Var& a, const Var& b) { return apply("logical_and", {a, b}); }
Var logical_or(const Var& a, const Var& b) { return apply("logical_or", {a, b}); }
Var logical_not(const Var& a) { return apply("logical_not", {a}); }

Var exp(const Var& x) { return apply("exp", {x}); }
Var log(const Var& x) { return apply("log", {x}); }
Var log1p(const Var& x) { return apply("log1p", {x}); }
Var expm1(const Var& x) { return apply("expm1", {x}); }
Var sqrt(const Var& x) { return apply("sqrt", {x}); }
Var square(const Var& x) { return apply("square", {x}); }
Var abs(const Var& x) { return apply("abs", {x}); }
Var sign(const Var& x) { return apply("sign", {x}); }
Var sin(const Var& x) { return apply("sin", {x}); }
Var cos(const Var& x) { return apply("cos", {x}); }
Var tanh(const Var& x) { return apply("tanh", {x}); }
Var sigmoid(const Var& x) { return apply("sigmoid", {x}); }
Var softplus(const Var& x) { return apply("softplus", {x}); }
Var pow(const Var& x, const Var& y) { return apply("pow", {x, y}); }
Var maximum(const Var& x, const Var& y) { return apply("maximum", {x, y}); }
Var minimum(const Var& x, const Var& y) { return apply("minimum", {x, y}); }
Var where(const Var& condition, const Var& x, const Var& y) { return apply("where", {condition, x, y}); }
Var where(const Var& condition, const Var& x, double y) { return where(condition, x, scalar_like(x, y)); }

Var cast(const Var& x, DType dtype) {
  if (x.dtype() == dtype) return x;
  if (is_complex(x.dtype()) && !is_complex(dtype) && !is_bool(dtype))
    throw TypeError("cast: required a complex dtype or bool for complex numbers, given " +
                    std::string(name(dtype)) + " for " + describe(x) + "; take their real, imag or abs" +
                    source_text(SourceScope::current()));
  return make_node(cast_op, {x}, {.ints = {static_cast<int64_t>(dtype)}});
}

}  // namespace croton
