#include <algorithm>
#include <cmath>

#include "graph/broadcast.h"
#include "ops/core_rows.h"
#include "ops/functions.h"
#include "rewrite/rules.h"

namespace croton::rules {
namespace {

using namespace patterns;
using Axes = std::vector<int64_t>;
using enum Exactness;

constexpr Wildcard x{0}, s{1, Wildcard::Scalar};

bool contains(const Axes& axes, int64_t axis) {
  return std::find(axes.begin(), axes.end(), axis) != axes.end();
}

Var reduce(const OpSpec& op, const Var& a, Axes axes) {
  return axes.empty() ? a : make_node(op, {a}, {.ints = std::move(axes)});
}

// The axes of the operand that `reduction` leaves.
Axes kept_axes(const Node& reduction) {
  Axes kept;
  for (int64_t axis = 0; axis < reduction.inputs[0].rank(); ++axis)
    if (!contains(reduction.attrs.ints, axis)) kept.push_back(axis);
  return kept;
}

Var along_ones(const Match& m) {
  const Node& node = *m.root;
  const std::vector<int64_t>& dims = node.inputs[0].type().dims;
  Axes ones, others;
  for (int64_t axis : node.attrs.ints) (dims[axis] == 1 ? ones : others).push_back(axis);
  if (ones.empty()) return {};
  for (int64_t& axis : others)
    axis -= std::count_if(ones.begin(), ones.end(), [&](int64_t one) { return one < axis; });
  return reduce(*node.op, squeeze(node.inputs[0], ones), others);
}

Var of_reduction(const Match& m) {
  const Var& inner = m.root->inputs[0];
  if (inner->op != m.root->op || !m.used_once(inner)) return {};
  Axes axes = inner->attrs.ints, kept = kept_axes(*inner);
  for (int64_t axis : m.root->attrs.ints) axes.push_back(kept[axis]);
  std::sort(axes.begin(), axes.end());
  return reduce(*m.root->op, inner->inputs[0], axes);
}

// The reduction first, the rearrangement of what is left afterwards.
Var of_dimshuffle(const Match& m) {
  const Var& view = m.root->inputs[0];
  if (view->op != &dimshuffle_op) return {};
  const Axes& pattern = view->attrs.ints;
  Axes reduced, result;
  for (int64_t axis : m.root->attrs.ints)
    if (pattern[axis] >= 0) reduced.push_back(pattern[axis]);
  std::sort(reduced.begin(), reduced.end());
  for (int64_t axis : kept_axes(*m.root)) {
    int64_t from = pattern[axis];
    int64_t gone = std::count_if(reduced.begin(), reduced.end(), [&](int64_t r) { return r < from; });
    result.push_back(from < 0 ? -1 : from - gone);
  }
  // A rearranged result would have to be copied.
  int64_t last = -1;
  for (int64_t axis : result) {
    if (axis >= 0 && axis < last) return {};
    last = std::max(last, axis);
  }
  return dimshuffle(reduce(*m.root->op, view->inputs[0], reduced), result);
}

Var of_whole_reshape(const Match& m) {
  const Var& view = m.root->inputs[0];
  if (view->op != &reshape_op || m.root.rank() != 0) return {};
  return reduce(*m.root->op, view->inputs[0], all_axes(view->inputs[0]));
}

// inf * 0 is NaN, but the sum of no elements is 0 whatever they are.
bool is_finite_or_repeated(const Match& m, const Var& a) {
  for (int64_t axis : m.root->attrs.ints)
    if (int64_t d = m.root->inputs[0].type().dims[axis]; d == unknown || d == 0)
      return is_discrete(a.dtype()) || (is_constant(a) && a.rank() == 0 && is_filled_with(a - a, 0));
  return true;
}

// A reduction along axes that only repeat: a multiple, or the element itself.
Var of_broadcast(const Match& m) {
  const Var& view = m.root->inputs[0];
  if (view->op != &broadcast_op || m.root->op == &prod_op || is_bool(view.dtype())) return {};
  const Var& from = view->inputs[0];
  Var count = make_int(1);
  Axes pattern;
  for (int64_t axis : m.root->attrs.ints) {
    int k = aligned_axis(from, static_cast<int>(axis), view.rank());
    if (k >= 0 && from.type().dims[k] != 1) return {};
    count = count * dim(view, static_cast<int>(axis));
  }
  for (int64_t axis : kept_axes(*m.root)) {
    int k = aligned_axis(from, static_cast<int>(axis), view.rank());
    if (k >= 0) pattern.push_back(k);
  }
  bool is_sum = m.root->op == &sum_op;
  if (!is_sum && !(is_constant(count) && !is_filled_with(count, 0))) return {};
  if (is_sum && !is_finite_or_repeated(m, from)) return {};
  Var one = dimshuffle(from, pattern);
  return is_sum ? one * cast(count, from.dtype()) : one;
}

Var sum_of_product(const Match& m) { return sum(m[x], m.root->attrs.ints) * m.scalar(s); }
bool sums_whole_operand(const Match& m) {
  return m.used_once(m.root->inputs[0]) && m[x].rank() == m.root->inputs[0].rank() && !repeated_scalar(m[x]);
}
bool sums_floats(const Match& m) {
  DType dtype = m.root.dtype();
  return sums_whole_operand(m) && (dtype == DType::Float32 || dtype == DType::Float64);
}
bool sums_integers(const Match& m) { return sums_whole_operand(m) && is_integer(m.root.dtype()); }

Var leaf(std::vector<int64_t> dims, DType dtype = DType::Float64) {
  return make_input({dtype, std::move(dims)}, "x");
}

}  // namespace

std::vector<Rule> reductions() {
  return {
      {"reduce_along_ones", any_of(OpKind::Reduction), along_ones, Accurate,
       [] { return sum(leaf({3, 1, 4}), {1, 2}); }},
      {"reduce_of_broadcast", any_of(OpKind::Reduction), of_broadcast, Accurate,
       [] { return sum(broadcast_to(leaf({4}), {make_int(3), make_int(4)}), {0}); }},
      {"reduce_of_dimshuffle", any_of(OpKind::Reduction), of_dimshuffle, Accurate,
       [] { return sum(dimshuffle(leaf({3, 4, 2}), {1, -1, 0, 2}), {0, 1}); }},
      {"reduce_of_reduction", any_of(OpKind::Reduction), of_reduction, Accurate,
       [] { return sum(sum(leaf({3, 4, 2, 5}), {1}), {0, 2}); }},
      {"reduce_of_whole_reshape", any_of(OpKind::Reduction), of_whole_reshape, Accurate,
       [] { return sum(reshape(leaf({3, 4}), {make_int(2), make_int(6)}), {0, 1}); }},
      {"sum_of_neg", sum(-Pattern(x)), [](const Match& m) { return -sum(m[x], m.root->attrs.ints); },
       [](const Match& m) { return m.used_once(m.root->inputs[0]); }, Accurate},
      {"sum_of_integer_product", sum(Pattern(x) * s), sum_of_product, sums_integers, Exact,
       [] { return sum(leaf({3, 4}, DType::Int32) * leaf({}, DType::Int32), {1}); }},
      {"sum_of_scaled", sum(Pattern(x) * s), sum_of_product, sums_floats, Fast,
       [] { return sum(leaf({3, 4}) * leaf({}), {1}); }},
  };
}

}  // namespace croton::rules
