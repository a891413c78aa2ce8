#include <algorithm>

#include "graph/broadcast.h"
#include "graph/substitute.h"
#include "ops/core_rows.h"
#include "ops/functions.h"
#include "rewrite/rules.h"

namespace croton::rules {
namespace {

using patterns::any_of;
using patterns::Match;
using patterns::op;
using patterns::repeated_scalar;
using patterns::Wildcard;
using Axes = std::vector<int64_t>;

constexpr Wildcard x{0}, inner{1};

const Axes& axes_of(const Var& view) { return view->attrs.ints; }
std::vector<Var> sizes_after_first(const Var& view) { return {view->inputs.begin() + 1, view->inputs.end()}; }
bool is_one(const Var& size) { return is_filled_with(size, 1); }

// Whether the remaining axes keep their order: such a view only inserts and drops axes of size 1.
bool keeps_order(const Axes& pattern) {
  int64_t last = -1;
  for (int64_t axis : pattern) {
    if (axis < 0) continue;
    if (axis < last) return false;
    last = axis;
  }
  return true;
}

// ---- views that do nothing, or the same as one view

// An axis of size 1 that is inserted where one is dropped is that one.
Var tidy_dimshuffle(const Node& node) {
  const Var& from = node.inputs[0];
  if (node.type.rank() > from.rank()) return {};
  Axes pattern = node.attrs.ints;
  for (size_t i = 0; i < pattern.size(); ++i) {
    int64_t next = i ? pattern[i - 1] + 1 : 0;
    bool fits = pattern[i] < 0 && next < from.rank() && from.type().dims[next] == 1;
    if (fits && std::find(pattern.begin(), pattern.end(), next) == pattern.end()) pattern[i] = next;
  }
  return dimshuffle(from, pattern);
}

Var same_view(const Match& m) {
  const Node& node = *m.root;
  if (node.op == &dimshuffle_op) return tidy_dimshuffle(node);
  if (node.op == &broadcast_op) return broadcast_to(node.inputs[0], sizes_after_first(m.root));
  if (node.op == &reshape_op) return reshape(node.inputs[0], sizes_after_first(m.root));
  int axis = static_cast<int>(node.attrs.ints[0]);
  if (node.op == &windows_op) {
    if (!is_one(node.inputs[2])) return {};
    return expand_dims(slice(node.inputs[0], axis, make_int(0), node.inputs[1], node.attrs.ints[1]),
                       {axis + 1});
  }
  return slice(node.inputs[0], axis, node.inputs[1], node.inputs[2], node.attrs.ints[1]);
}

Var compose_dimshuffles(const Match& m) {
  Axes pattern;
  for (int64_t axis : axes_of(m.root)) pattern.push_back(axis < 0 ? -1 : axes_of(m[inner])[axis]);
  return dimshuffle(m[x], pattern);
}

Var reshape_of_reshape(const Match& m) { return reshape(m[x], sizes_after_first(m.root)); }

Var reshape_of_dimshuffle(const Match& m) {
  return keeps_order(axes_of(m[inner])) ? reshape(m[x], sizes_after_first(m.root)) : Var();
}

Var dimshuffle_of_reshape(const Match& m) {
  return keeps_order(axes_of(m.root)) ? reshape(m[x], shape_of(m.root)) : Var();
}

// A reshape that only inserts and drops axes of size 1, as a dimshuffle.
Var reshape_as_dimshuffle(const Match& m) {
  const Var& from = m.root->inputs[0];
  Axes pattern;
  int next = 0;
  auto skip_ones = [&] {
    while (next < from.rank() && from.type().dims[next] == 1) ++next;
  };
  for (const Var& size : sizes_after_first(m.root)) {
    if (is_one(size)) {
      pattern.push_back(-1);
      continue;
    }
    skip_ones();
    if (next == from.rank() || !same(dim(from, next), size)) return {};
    pattern.push_back(next++);
  }
  skip_ones();
  return next == from.rank() ? dimshuffle(from, pattern) : Var();
}

Var broadcast_of_broadcast(const Match& m) { return broadcast_to(m[x], sizes_after_first(m.root)); }

// Broadcasting inserts leading axes by itself.
Var broadcast_of_dimshuffle(const Match& m) {
  const Axes& pattern = axes_of(m[inner]);
  size_t leading = pattern.size() - m[x].rank();
  if (pattern.size() <= static_cast<size_t>(m[x].rank())) return {};
  for (size_t i = 0; i < pattern.size(); ++i)
    if (pattern[i] != (i < leading ? -1 : static_cast<int64_t>(i - leading))) return {};
  return broadcast_to(m[x], sizes_after_first(m.root));
}

Var slice_of_slice(const Match& m) {
  const Var &outer = m.root, &first = m[inner];
  if (axes_of(outer)[0] != axes_of(first)[0]) return {};
  int64_t step = axes_of(first)[1];
  Var start = first->inputs[1] + outer->inputs[1] * make_int(step);
  return slice(m[x], static_cast<int>(axes_of(outer)[0]), start, outer->inputs[2], axes_of(outer)[1] * step);
}

// A slice that is exactly one of the parts, as gradients of concatenations are.
Var slice_of_concatenate(const Match& m) {
  int axis = static_cast<int>(axes_of(m.root)[0]);
  if (axes_of(m[inner])[0] != axis || axes_of(m.root)[1] != 1) return {};
  Var start = make_int(0);
  for (const Var& part : m[inner]->inputs) {
    if (same(start, m.root->inputs[1]) && same(dim(part, axis), m.root->inputs[2])) return part;
    start = start + dim(part, axis);
  }
  return {};
}

// An array between borders, of which only a part is read, gets borders no wider than that.
Var slice_of_bordered(const Match& m) {
  const Var &start = m.root->inputs[1], &length = m.root->inputs[2];
  const int axis = static_cast<int>(axes_of(m.root)[0]);
  if (axes_of(m[inner])[0] != axis || axes_of(m.root)[1] != 1 || !m.used_once(m[inner])) return {};
  std::vector<Var> parts = m[inner]->inputs;
  Var before = repeated_scalar(parts.front()), after = repeated_scalar(parts.back());
  const int64_t skipped = known_size(start), width = known_size(dim(parts.front(), axis));
  if (parts.size() < 3 || !before || !after || skipped < 1 || skipped > width) return {};
  auto border = [&](const Var& scalar, const Var& size) {
    std::vector<Var> sizes = shape_of(m[inner]);
    sizes[axis] = size;
    return broadcast_to(scalar, std::move(sizes));
  };
  parts.front() = border(before, make_int(width - skipped));
  parts.pop_back();
  Var rest = length;
  for (const Var& part : parts) rest = rest - dim(part, axis);
  parts.push_back(border(after, maximum(rest, make_int(0))));
  return slice(concatenate(std::move(parts), axis), axis, make_int(0), length, 1);
}

// A slice along another axis than that of the parts.
Var slice_across_concatenate(const Match& m) {
  const int64_t axis = axes_of(m[inner])[0];
  if (axes_of(m.root)[0] == axis || !m.used_once(m[inner])) return {};
  std::vector<Var> parts;
  for (const Var& part : m[inner]->inputs)
    parts.push_back(slice(part, static_cast<int>(axes_of(m.root)[0]), m.root->inputs[1], m.root->inputs[2],
                          axes_of(m.root)[1]));
  return concatenate(std::move(parts), static_cast<int>(axis));
}

Var concatenate_parts(const Match& m) {
  const Axes& axis = axes_of(m.root);
  std::vector<Var> parts;
  for (const Var& part : m.root->inputs) {
    bool flat = part->op == &concatenate_op && axes_of(part) == axis && m.used_once(part);
    if (flat)
      parts.insert(parts.end(), part->inputs.begin(), part->inputs.end());
    else
      parts.push_back(part);
  }
  if (parts.size() == m.root->inputs.size() && parts.size() != 1) return {};
  return concatenate(parts, static_cast<int>(axis[0]));
}

// ---- broadcasts outwards: what is computed before them is computed once

Var view_of_repeated_scalar(const Match& m) {
  Var scalar = repeated_scalar(m.root->inputs[0]);
  return scalar ? broadcast_to(scalar, shape_of(m.root)) : Var();
}

Var dimshuffle_of_broadcast(const Match& m) {
  Axes pattern;
  for (int64_t axis : axes_of(m.root)) {
    int k = axis < 0 ? -1 : aligned_axis(m[x], static_cast<int>(axis), m[inner].rank());
    pattern.push_back(k < 0 ? -1 : k);
  }
  return broadcast_to(dimshuffle(m[x], pattern), shape_of(m.root));
}

Var slice_of_broadcast(const Match& m) {
  int axis = static_cast<int>(axes_of(m.root)[0]), k = aligned_axis(m[x], axis, m[inner].rank());
  if (k >= 0 && m[x].type().dims[k] == 1) k = -1;
  if (k >= 0 && !same(dim(m[x], k), dim(m[inner], axis))) return {};
  Var part = k < 0 ? m[x] : slice(m[x], k, m.root->inputs[1], m.root->inputs[2], axes_of(m.root)[1]);
  return broadcast_to(part, shape_of(m.root));
}

// Elementwise ops broadcast by themselves. An op on nothing but smaller arrays moves inside if that saves
// enough to be worth a loop of its own.
Var elementwise_of_broadcast(const Match& m) {
  auto is_broadcast = [](const Var& input) { return input->op == &broadcast_op; };
  if (std::none_of(m.root->inputs.begin(), m.root->inputs.end(), is_broadcast)) return {};
  std::vector<Var> inputs = m.root->inputs;
  bool scalars = true;
  for (Var& input : inputs) {
    while (is_broadcast(input)) input = Var(input->inputs[0]);
    scalars &= input.rank() == 0;
  }
  Var result = make_node(*m.root->op, std::move(inputs), m.root->attrs);
  bool same_sizes = result.rank() == m.root.rank();
  for (int axis = 0; same_sizes && axis < result.rank(); ++axis)
    same_sizes = same(dim(result, axis), dim(m.root, axis));
  return same_sizes || scalars || m.root->op->cost >= 8 ? result : Var();
}

// ---- views inwards, so that they do not stand between elementwise ops

// Whether the whole tree of elementwise ops below `e` can move: then no loop is cut in two. It ends at
// arrays that are in memory anyhow, in C order.
bool can_move(const Match& m, const Var& e, const Var& shape, int depth) {
  if (repeated_scalar(e)) return true;
  if (e.type().dims != shape.type().dims) return false;  // unknown sizes that meet are taken as equal
  OpKind kind = e->op->kind;
  if (kind != OpKind::Elementwise)
    return kind == OpKind::Leaf || kind == OpKind::Contraction || kind == OpKind::Concatenate ||
           e->op == &reshape_op;
  if (depth == 0 || !m.used_once(e)) return false;
  return std::all_of(e->inputs.begin(), e->inputs.end(),
                     [&](const Var& input) { return can_move(m, input, shape, depth - 1); });
}

Var moved_view(const Match& m, const Var& operand) {
  if (Var scalar = repeated_scalar(operand)) return scalar;
  std::vector<Var> inputs = m.root->inputs;
  inputs[0] = operand;
  return remake(*m.root, std::move(inputs));
}

Var view_of_elementwise(const Match& m) {
  constexpr int max_depth = 8;
  const Var& e = m.root->inputs[0];
  bool repeats = m.root->op == &broadcast_op || m.root->op == &windows_op;
  if (e->op->kind != OpKind::Elementwise || repeats) return {};
  if (m.root->op == &dimshuffle_op && !keeps_order(axes_of(m.root))) return {};
  if (repeated_scalar(e) || !can_move(m, e, e, max_depth)) return {};
  std::vector<Var> inputs;
  for (const Var& operand : e->inputs) inputs.push_back(moved_view(m, operand));
  return make_node(*e->op, std::move(inputs), e->attrs);
}

Var leaf(std::vector<int64_t> dims) { return make_input({DType::Float64, std::move(dims)}, "x"); }
std::vector<Var> sizes(std::vector<int64_t> dims) {
  std::vector<Var> result;
  for (int64_t d : dims) result.push_back(make_int(d));
  return result;
}
Var slice_example(const Var& a) { return slice(a, 1, make_int(1), make_int(2), 1); }

}  // namespace

std::vector<Rule> movement() {
  using patterns::named;
  auto of = [](const OpSpec& outer, const OpSpec& first) {
    return op(outer, {named(inner, op(first, {x}))});
  };
  return {
      {"same_view", any_of(OpKind::View), same_view,
       [] { return make_node(reshape_op, {leaf({3, 4}), make_int(3), make_int(4)}); }},
      {"view_of_repeated_scalar", any_of(OpKind::View), view_of_repeated_scalar,
       [] { return slice_example(broadcast_to(leaf({}), sizes({3, 4}))); }},
      {"dimshuffle_of_dimshuffle", of(dimshuffle_op, dimshuffle_op), compose_dimshuffles,
       [] { return dimshuffle(dimshuffle(leaf({3, 4}), {1, -1, 0}), {2, 0}); }},
      {"dimshuffle_of_reshape", of(dimshuffle_op, reshape_op), dimshuffle_of_reshape,
       [] { return expand_dims(reshape(leaf({3, 4}), sizes({2, 6})), {1}); }},
      {"dimshuffle_of_broadcast", of(dimshuffle_op, broadcast_op), dimshuffle_of_broadcast,
       [] { return dimshuffle(broadcast_to(leaf({4}), sizes({3, 4})), {1, 0}); }},
      {"reshape_of_reshape", of(reshape_op, reshape_op), reshape_of_reshape,
       [] { return reshape(reshape(leaf({3, 4}), sizes({2, 6})), sizes({12})); }},
      {"reshape_as_dimshuffle", op(reshape_op, {x}), reshape_as_dimshuffle,
       [] { return reshape(leaf({3, 1, 4}), sizes({1, 3, 4})); }},
      {"reshape_of_dimshuffle", of(reshape_op, dimshuffle_op), reshape_of_dimshuffle,
       [] { return reshape(expand_dims(leaf({3, 4}), {0}), sizes({2, 6})); }},
      {"broadcast_of_broadcast", of(broadcast_op, broadcast_op), broadcast_of_broadcast,
       [] { return broadcast_to(broadcast_to(leaf({4}), sizes({3, 4})), sizes({2, 3, 4})); }},
      {"broadcast_of_dimshuffle", of(broadcast_op, dimshuffle_op), broadcast_of_dimshuffle,
       [] { return broadcast_to(expand_dims(leaf({4}), {0}), sizes({3, 4})); }},
      {"slice_of_slice", of(slice_op, slice_op), slice_of_slice,
       [] {
         return slice(slice(leaf({3, 9}), 1, make_int(8), make_int(4), -2), 1, make_int(1), make_int(2), 2);
       }},
      {"slice_of_concatenate", of(slice_op, concatenate_op), slice_of_concatenate,
       [] { return slice(concatenate({leaf({3, 4}), leaf({3, 2})}, 1), 1, make_int(4), make_int(2), 1); }},
      {"slice_of_bordered", of(slice_op, concatenate_op), slice_of_bordered,
       [] {
         Var border = broadcast_to(make_scalar(DType::Float64, 0), sizes({3, 4}));
         return slice(concatenate({border, leaf({3, 2}), border}, 1), 1, make_int(3), make_int(5), 1);
       }},
      {"slice_across_concatenate", of(slice_op, concatenate_op), slice_across_concatenate,
       [] { return slice_example(concatenate({leaf({3, 4}), leaf({2, 4})}, 0)); }},
      {"slice_of_broadcast", of(slice_op, broadcast_op), slice_of_broadcast,
       [] { return slice_example(broadcast_to(leaf({4}), sizes({3, 4}))); }},
      {"concatenate_parts", op(concatenate_op, {x}), concatenate_parts,
       [] { return concatenate({concatenate({leaf({3, 4}), leaf({3, 2})}, 1), leaf({3, 1})}, 1); }},
      {"elementwise_of_broadcast", any_of(OpKind::Elementwise), elementwise_of_broadcast,
       [] { return broadcast_to(leaf({4}), sizes({3, 4})) * leaf({3, 4}); }},
      {"view_of_elementwise", any_of(OpKind::View), view_of_elementwise,
       [] { return reshape(exp(leaf({3, 4}) + 1), sizes({2, 6})); }},
  };
}

}  // namespace croton::rules
