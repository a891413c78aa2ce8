#include "rewrite/pattern.h"

#include "graph/scalar_io.h"
#include "graph/substitute.h"
#include "ops/core_rows.h"
#include "ops/functions.h"

namespace croton::patterns {
namespace {

bool repeats(const Node& node) {
  return node.op == &broadcast_op || node.op == &dimshuffle_op || node.op == &reshape_op ||
         node.op == &slice_op || node.op == &windows_op;
}

const Var& below_repeats(const Var& x) {
  const Var* source = &x;
  while (repeats(**source)) source = &(*source)->inputs[0];
  return *source;
}

// A constant whose elements are all equal, as a real number.
bool uniform_value(const Var& x, double& value) {
  const Var& source = below_repeats(x);
  if (!is_constant(source)) return false;
  const Array& array = *source->attrs.value;
  if (is_complex(array.dtype) || array.size() == 0) return false;
  value = load_scalar(array.dtype, array.data.get());
  return source.rank() == 0 || is_filled_with(source, value);
}

bool hole_fits(Wildcard hole, const Var& x) {
  double value;
  if (hole.kind == Wildcard::Constant) return uniform_value(x, value);
  return hole.kind == Wildcard::Any || repeated_scalar(x);
}

bool bind(Wildcard hole, const Var& x, Match& match) {
  Var& bound = match.bound[hole.id];
  if (bound) return same(bound, x);
  if (!hole_fits(hole, x)) return false;
  bound = x;
  match.filled |= 1u << hole.id;
  return true;
}

// Swaps are numbered in the order in which the walk meets commutative ops.
struct Walk {
  unsigned order;
  Match& match;

  bool fits_op(const Pattern& pattern, const Var& x) {
    if (pattern.op->kind == OpKind::Elementwise && pattern.args.size() != x->inputs.size()) return false;
    if (pattern.args.size() > x->inputs.size()) return false;
    bool swapped = false;
    if (pattern.op->commutative) {
      swapped = order & 1;
      order >>= 1;
    }
    for (size_t i = 0; i < pattern.args.size(); ++i)
      if (!fits(pattern.args[i], x->inputs[swapped ? 1 - i : i])) return false;
    return true;
  }

  bool fits(const Pattern& pattern, const Var& x) {
    switch (pattern.kind) {
      case Pattern::Kind::Hole: return bind(pattern.hole, x, match);
      case Pattern::Kind::Literal: return is_literal(x, pattern.value);
      case Pattern::Kind::Op: return x->op == pattern.op && fits_op(pattern, x);
      case Pattern::Kind::OfKind: return x->op->kind == pattern.op_kind;
      case Pattern::Kind::Named: return fits(pattern.args[0], x) && bind(pattern.hole, x, match);
      case Pattern::Kind::Through: {
        Var inner = x;
        for (; is_wrapper(*inner); inner = inner->inputs[0]) match.wrappers.push_back(inner);
        return fits(pattern.args[0], inner);
      }
    }
    return false;
  }
};

}  // namespace

bool is_wrapper(const Node& node) {
  if (node.op == &cast_op)
    return is_floating(node.inputs[0].dtype()) && can_cast_safely(node.inputs[0].dtype(), node.type.dtype);
  return repeats(node) || node.op == &take_op;
}

Pattern named(Wildcard hole, Pattern p) { return {Pattern::Kind::Named, {std::move(p)}, hole}; }
Pattern through(Pattern p) { return {Pattern::Kind::Through, {std::move(p)}}; }
Pattern any_of(OpKind kind) { return Pattern(kind); }
Pattern op(const OpSpec& op, std::vector<Pattern> args) { return {op, std::move(args)}; }
Pattern op(std::string_view name, std::vector<Pattern> args) { return {find_op(name), std::move(args)}; }

Pattern operator+(Pattern a, Pattern b) { return op("add", {std::move(a), std::move(b)}); }
Pattern operator-(Pattern a, Pattern b) { return op("sub", {std::move(a), std::move(b)}); }
Pattern operator*(Pattern a, Pattern b) { return op("mul", {std::move(a), std::move(b)}); }
Pattern operator/(Pattern a, Pattern b) { return op("true_div", {std::move(a), std::move(b)}); }
Pattern operator-(Pattern a) { return op("neg", {std::move(a)}); }
Pattern exp(Pattern x) { return op("exp", {std::move(x)}); }
Pattern log(Pattern x) { return op("log", {std::move(x)}); }
Pattern log1p(Pattern x) { return op("log1p", {std::move(x)}); }
Pattern expm1(Pattern x) { return op("expm1", {std::move(x)}); }
Pattern sqrt(Pattern x) { return op("sqrt", {std::move(x)}); }
Pattern square(Pattern x) { return op("square", {std::move(x)}); }
Pattern abs(Pattern x) { return op("abs", {std::move(x)}); }
Pattern sigmoid(Pattern x) { return op("sigmoid", {std::move(x)}); }
Pattern pow(Pattern x, Pattern y) { return op("pow", {std::move(x), std::move(y)}); }
Pattern where(Pattern condition, Pattern x, Pattern y) {
  return op("where", {std::move(condition), std::move(x), std::move(y)});
}
Pattern cast(Pattern x) { return op(cast_op, {std::move(x)}); }
Pattern sum(Pattern x) { return op(sum_op, {std::move(x)}); }
Pattern softmax(Pattern x) { return op(softmax_op, {std::move(x)}); }
Pattern logsumexp(Pattern x) { return op(logsumexp_op, {std::move(x)}); }
Pattern matmul(Pattern a, Pattern b) { return op(matmul_op, {std::move(a), std::move(b)}); }

double Match::value(Wildcard hole) const {
  double value = 0;
  uniform_value(bound[hole.id], value);
  return value;
}

Var Match::scalar(Wildcard hole) const {
  Var x = repeated_scalar(bound[hole.id]);
  return x ? x : bound[hole.id];
}

Var rewrap(std::span<const Var> wrappers, Var x) {
  for (size_t i = wrappers.size(); i-- > 0;) {
    const Node& wrapper = *wrappers[i];
    std::vector<Var> inputs = wrapper.inputs;
    inputs[0] = std::move(x);
    x = remake(wrapper, std::move(inputs));
  }
  return x;
}

int count_orders(const Pattern& pattern) {
  int count = pattern.kind == Pattern::Kind::Op && pattern.op->commutative;
  for (const Pattern& arg : pattern.args) count += count_orders(arg);
  return count;
}

bool fits(const Pattern& pattern, const Var& x, unsigned order, Match& match) {
  return Walk{order, match}.fits(pattern, x);
}

bool is_literal(const Var& x, double value) {
  double actual;
  return uniform_value(x, actual) && actual == value;
}

Var repeated_scalar(const Var& x) {
  const Var& source = below_repeats(x);
  return source.rank() == 0 ? source : Var();
}

}  // namespace croton::patterns
