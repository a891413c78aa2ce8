#include <algorithm>
#include <array>

#include "graph/leaves.h"
#include "ops/core_rows.h"
#include "ops/functions.h"
#include "ops/interpret.h"
#include "rewrite/rules.h"

namespace croton::rules {
namespace {

using patterns::any_of;
using patterns::Match;

constexpr int64_t max_folded = 1024;  // elements: larger constants would only make the program larger

bool is_small(const Type& type) {
  int64_t size = 1;
  for (int64_t d : type.dims) {
    if (d == unknown) return false;
    size *= d;
  }
  return size <= max_folded && !is_complex(type.dtype);
}

bool foldable(const Match& m) {
  const Node& node = *m.root;
  if (node.op == &broadcast_op || node.op == &copy_op || node.inputs.empty() || !is_small(node.type))
    return false;
  for (const Var& x : node.inputs)
    if (!is_constant(x) || !is_small(x.type())) return false;
  return true;
}

// Not the functions whose results may overflow or come out as 0 or 1, which stable forms are about.
bool foldable_in_range(const Match& m) {
  static const std::array limited = {&find_op("exp"), &find_op("expm1"), &find_op("sigmoid")};
  return std::find(limited.begin(), limited.end(), m.root->op) == limited.end() && foldable(m);
}

Var fold(const Match& m) {
  std::vector<Array> inputs;
  for (const Var& x : m.root->inputs) inputs.push_back(*x->attrs.value);
  return make_constant(std::make_shared<Array>(interpret_node(*m.root, inputs)));
}

Var three() { return make_scalar(DType::Float64, 3); }
Var pair() {
  return make_constant(
      std::make_shared<Array>(DType::Float64, std::vector<int64_t>{2}, std::make_shared<double[]>(2)));
}

// Sizes are made by functions of their own.
Var fold_size(const Match& m) { return broadcast_size(m.root->inputs[0], m.root->inputs[1]); }

}  // namespace

std::vector<Rule> constants_in_range() {
  return {
      {"fold_in_range", any_of(OpKind::Elementwise), fold, foldable_in_range,
       [] { return three() * three(); }},
      {"fold_view", any_of(OpKind::View), fold, foldable, [] { return dimshuffle(three(), {-1, -1}); }},
      {"fold_reduction", any_of(OpKind::Reduction), fold, foldable, [] { return sum(pair(), {0}); }},
      {"fold_broadcast_size", patterns::op(broadcast_size_op, {}), fold_size,
       [](const Match& m) { return is_constant(m.root->inputs[0]) || is_constant(m.root->inputs[1]); },
       [] { return make_node(broadcast_size_op, {make_int(1), make_int(3)}); }},
  };
}

std::vector<Rule> constants() {
  std::vector<Rule> rules = constants_in_range();
  rules.push_back(
      {"fold_elementwise", any_of(OpKind::Elementwise), fold, foldable, [] { return exp(three()); }});
  return rules;
}

}  // namespace croton::rules
