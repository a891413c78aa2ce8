#include "autodiff/ifelse_gradient.h"

#include <algorithm>

#include "graph/broadcast.h"
#include "graph/leaves.h"
#include "ops/core_rows.h"
#include "ops/functions.h"
#include "ops/ifelse.h"

namespace croton {
namespace {

Var choose(const Var& condition, const Var& a, const Var& b) {
  return ifelse(condition, {&a, 1}, {&b, 1})[0];
}

// `g` in the shape of `x`, which it has where the branch of `x` is taken.
Var as_shape_of(const Var& g, const Var& x) {
  const std::vector<Var> sizes = shape_of(x);
  for (int axis = 0; axis < x.rank(); ++axis)
    if (!same(dim(g, axis), sizes[static_cast<size_t>(axis)])) return reshape(g, sizes);
  return g;
}

bool is_single(const Var& x) { return x->op == &ifelse_op && branch_values(*x) == 1; }

// Whether `g` is empty, or an ifelse of the condition of `like` that is zero where that one is.
bool is_masked(const Var& g, const Var& condition, bool holds) {
  return !g || (is_single(g) && same(g->inputs[0], condition) && is_zero(g->inputs[holds ? 2 : 1]));
}

}  // namespace

bool is_zero(Var x) {
  while (x->op == &broadcast_op || x->op == &cast_op || x->op == &dimshuffle_op) x = x->inputs[0];
  return is_filled_with(x, 0);
}

Grads ifelse_gradients(Inputs g, const Var& node) {
  const size_t count = branch_values(*node);
  const Var& condition = node->inputs[0];
  Grads grads(node->inputs.size());
  for (size_t k = 0; k < count; ++k) {
    const Var &a = node->inputs[k + 1], &b = node->inputs[k + 1 + count];
    if (!g[k] || !is_inexact(a.dtype())) continue;
    grads[k + 1] = choose(condition, as_shape_of(g[k], a), zeros_like(a));
    grads[k + 1 + count] = choose(condition, zeros_like(b), as_shape_of(g[k], b));
  }
  return grads;
}

std::vector<Var> ifelse_tangents(Inputs changes, const Var& node) {
  const size_t count = branch_values(*node);
  std::vector<Var> tangents(count);
  for (size_t k = 0; k < count; ++k) {
    const Var &a = changes[k + 1], &b = changes[k + 1 + count];
    if (!a && !b) continue;
    tangents[k] = choose(node->inputs[0], a ? a : zeros_like(node->inputs[k + 1]),
                         b ? b : zeros_like(node->inputs[k + 1 + count]));
  }
  return tangents;
}

std::vector<BranchMask> take_masks(std::vector<Var>& g) {
  std::vector<BranchMask> masks;
  for (;;) {
    auto first = std::find_if(g.begin(), g.end(), [](const Var& x) { return static_cast<bool>(x); });
    if (first == g.end() || !is_single(*first)) return masks;
    const Var condition = (*first)->inputs[0];
    auto fits = [&](bool holds) {
      return std::all_of(g.begin(), g.end(), [&](const Var& x) { return is_masked(x, condition, holds); });
    };
    const bool holds = fits(true);
    if (!holds && !fits(false)) return masks;
    for (Var& x : g)
      if (x) x = Var(x->inputs[holds ? 1 : 2]);
    masks.push_back({condition, holds});
  }
}

Var masked(Var g, const Var& x, std::span<const BranchMask> masks) {
  for (size_t k = masks.size(); k-- > 0;) {
    const BranchMask& mask = masks[k];
    Var zero = zeros_like(x);
    g = mask.holds ? choose(mask.condition, g, zero) : choose(mask.condition, zero, g);
  }
  return g;
}

Var add_masked(const Var& a, const Var& b) {
  if (is_zero(a)) return b;
  if (is_zero(b)) return a;
  if (!is_single(a) || !is_single(b) || !same(a->inputs[0], b->inputs[0])) return a + b;
  return choose(a->inputs[0], add_masked(a->inputs[1], b->inputs[1]), add_masked(a->inputs[2], b->inputs[2]));
}

}  // namespace croton
