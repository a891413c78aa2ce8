#include "autodiff/gradient.h"

#include <algorithm>
#include <atomic>
#include <limits>
#include <unordered_map>
#include <unordered_set>

#include "autodiff/ifelse_gradient.h"
#include "autodiff/scan_gradient.h"
#include "base/error.h"
#include "graph/broadcast.h"
#include "graph/leaves.h"
#include "graph/op_spec.h"
#include "ops/core_rows.h"
#include "ops/functions.h"
#include "ops/ifelse.h"
#include "ops/scan.h"

namespace croton {
namespace {

using Partials = std::unordered_map<const Node*, Var>;

bool has_results(const Node* node) {
  return node->op->results_vjp || node->op == &scan_op || node->op == &ifelse_op;
}

bool has_derivative(const Node* node) {
  return node->op->vjp || has_results(node) || node->op == &output_op || !node->op->fixed[0].empty();
}

// The nodes through which `wrt` influences something differentiably.
std::unordered_set<const Node*> dependents(std::span<Node* const> order, std::span<const Var> wrt,
                                           const std::unordered_set<const Node*>& stops) {
  std::unordered_set<const Node*> set;
  for (const Var& x : wrt) set.insert(x.get());
  for (const Node* node : order) {
    if (!has_derivative(node) || stops.count(node)) continue;
    for (const Var& input : node->inputs)
      if (set.count(input.get())) {
        set.insert(node);
        break;
      }
  }
  return set;
}

// A gradient by `x` as one of its dtype and shape.
Var fitted(Var g, const Var& x) {
  if (g->op == &null_gradient_op) return g;
  if (!is_complex(x.dtype())) g = real(g);
  return sum_to(cast(g, x.dtype()), x);
}

// `gradient` holds in the branches that `masks` name.
void accumulate(Partials& partials, const Var& x, const Var& gradient, std::span<const BranchMask> masks) {
  Var g = masked(fitted(gradient, x), x, masks);
  Var& total = partials[x.get()];
  total = total ? add_masked(total, g) : std::move(g);
}

struct Walk {
  std::unordered_set<const Node*> relevant, stops;
  std::unordered_map<const Node*, Var> fixed;  // seeds
  Partials partials;
  std::unordered_map<const Node*, std::vector<Var>> outputs;  // gradients of the results after the first

  // The gradient of `node`, all of whose users have been visited.
  Var gradient_of(const Node* node) const {
    if (auto seed = fixed.find(node); seed != fixed.end()) return seed->second;
    auto it = partials.find(node);
    return it == partials.end() ? Var() : it->second;
  }

  // Puts elements in other places, or adds them up.
  static bool is_linear(OpKind kind) {
    return kind == OpKind::View || kind == OpKind::Gather || kind == OpKind::Scatter ||
           kind == OpKind::Concatenate;
  }

  // The gradient dC/dx + i dC/dy of a real cost in z = x + i y: a derivative multiplies its conjugate.
  static Grads complex_derivatives(Node* node, const Var& g) {
    Grads grads = node->op->vjp(conj(g), node->inputs, Var(node));
    conjugate(grads);
    return grads;
  }

  static void conjugate(std::vector<Var>& values) {
    for (Var& z : values)
      if (z) z = conj(z);
  }

  // Where a branch of `where` masks the gradient, the mask moves behind the derivative: 0 * inf is never
  // formed.
  static Grads derivatives(Node* node, const Var& g) {
    if (!node->op->vjp) return Grads(node->inputs.size());
    if (is_complex(node->type.dtype) && node->op->holomorphic && !is_linear(node->op->kind))
      return complex_derivatives(node, g);
    bool masked = g->op->name == "where" && node->op->kind == OpKind::Elementwise;
    bool first = masked && is_zero(g->inputs[2]), second = masked && is_zero(g->inputs[1]);
    if (!first && !second) return node->op->vjp(g, node->inputs, Var(node));
    const Var &mask = g->inputs[0], &inside = g->inputs[first ? 1 : 2];
    Grads grads = node->op->vjp(inside, node->inputs, Var(node));
    for (Var& grad : grads) {
      if (!grad || !is_inexact(grad.dtype())) continue;
      Var zero = scalar_like(grad, 0);
      grad = first ? where(mask, grad, zero) : where(mask, zero, grad);
    }
    return grads;
  }

  // From the gradients of all results of `node`; nothing if it has none.
  static Grads results_derivatives(Node* node, std::vector<Var> g) {
    g.resize(node->op->results(node->inputs, node->attrs).size());
    bool any = std::any_of(g.begin(), g.end(), [](const Var& x) { return static_cast<bool>(x); });
    if (!any) return {};
    if (node->op == &scan_op) return scan_gradients(g, Var(node));
    if (node->op == &ifelse_op) return ifelse_gradients(g, Var(node));
    if (!is_complex(node->type.dtype) || !node->op->holomorphic)
      return node->op->results_vjp(g, node->inputs, Var(node));
    conjugate(g);
    Grads grads = node->op->results_vjp(g, node->inputs, Var(node));
    conjugate(grads);
    return grads;
  }

  // From the gradients of the first result, and of the others.
  static Grads local(Node* node, std::vector<Var> g) {
    if (has_results(node)) return results_derivatives(node, std::move(g));
    return g[0] ? derivatives(node, g[0]) : Grads();
  }

  void note_output(Node* node) {
    std::vector<Var>& g = outputs[node->inputs[0].get()];
    size_t k = static_cast<size_t>(node->attrs.ints[0]);
    g.resize(std::max(g.size(), k + 1));
    g[k] = gradient_of(node);
  }

  void visit(Node* node) {
    if (!relevant.count(node) || stops.count(node) || !has_derivative(node)) return;
    if (node->op == &output_op) return note_output(node);
    std::vector<Var> g = std::move(outputs[node]);
    if (g.empty()) g.resize(1);
    g[0] = gradient_of(node);
    SourceScope scope(node->source);
    const std::vector<BranchMask> masks = take_masks(g);
    Grads grads = local(node, std::move(g));
    for (size_t i = 0; i < grads.size(); ++i) {
      const Var& x = node->inputs[i];
      if (!relevant.count(x.get()) || !is_inexact(x.dtype())) continue;
      require_gradient(grads[i]);
      if (grads[i])
        accumulate(partials, x, grads[i], masks);
      else
        require_derivative(*node, i);
    }
  }
};

}  // namespace

Var distinct(const Var& x) {
  static std::atomic<int64_t> identities{int64_t{1} << 32};
  return make_node(copy_op, {x}, {.ints = {identities++}});
}

void require_gradient(const Var& g) {
  if (g && g->op == &null_gradient_op) throw NullTypeGradError(g->name);
}

void require_derivative(const Node& node, size_t i) {
  std::string_view name = i < node.op->fixed.size() ? node.op->fixed[i] : std::string_view();
  if (name.empty()) return;
  std::string op(node.op->name), parameter(name);
  throw NotImplemented(op + ": required a gradient by something else than " + parameter + ", given " +
                       describe(node.inputs[i]) +
                       "; there is no formula for it, disconnected_grad makes it a constant" +
                       source_text(node.source));
}

Grads input_gradients(const Var& node, std::vector<Var> g) {
  Grads grads = Walk::local(node.get(), std::move(g));
  for (size_t i = 0; i < grads.size(); ++i)
    if (grads[i] && is_inexact(node->inputs[i].dtype())) grads[i] = fitted(grads[i], node->inputs[i]);
  return grads;
}

std::vector<Var> gradient(std::span<const KnownGradient> seeds, std::span<const Var> wrt,
                          std::span<const Var> constants) {
  std::vector<Var> roots;
  for (const KnownGradient& seed : seeds) roots.push_back(seed.of);
  uint64_t oldest = std::numeric_limits<uint64_t>::max();
  for (const Var& x : wrt) oldest = std::min(oldest, x->id);
  std::vector<Node*> order = topological_order(roots, oldest);
  Walk walk;
  for (const Var& x : constants) walk.stops.insert(x.get());
  walk.relevant = dependents(order, wrt, walk.stops);
  for (const KnownGradient& seed : seeds) {
    Var& g = walk.fixed[seed.of.get()];
    g = g ? g + seed.value : seed.value;
  }
  for (auto it = order.rbegin(); it != order.rend(); ++it) walk.visit(*it);
  std::vector<Var> result;
  for (const Var& x : wrt) result.push_back(walk.stops.count(x.get()) ? Var() : walk.gradient_of(x.get()));
  return result;
}

}  // namespace croton
