#include "autodiff/forward.h"

#include <algorithm>
#include <limits>
#include <unordered_map>
#include <unordered_set>

#include "autodiff/gradient.h"
#include "autodiff/ifelse_gradient.h"
#include "graph/broadcast.h"
#include "graph/leaves.h"
#include "ops/core_rows.h"
#include "ops/functions.h"
#include "ops/ifelse.h"
#include "ops/scan.h"
#include "ops/user_op.h"

namespace croton {
namespace {

bool any(std::span<const Var> tangents) {
  return std::any_of(tangents.begin(), tangents.end(), [](const Var& t) { return static_cast<bool>(t); });
}

// An elementwise derivative is a factor of each element, so it is applied to a tangent as to a gradient.
bool is_diagonal(const Node& node) {
  if (node.op->kind != OpKind::Elementwise) return false;
  if (is_complex(node.type.dtype)) return node.op->holomorphic;
  return std::none_of(node.inputs.begin(), node.inputs.end(),
                      [](const Var& x) { return is_complex(x.dtype()); });
}

struct Forward {
  std::unordered_map<const Node*, std::vector<Var>> tangents;  // of the results of the nodes that change
  std::unordered_map<const Node*, std::vector<bool>>
      read;  // whether something reads a result after the first

  Var of(const Var& x) const {
    if (x->op == &output_op) {
      auto it = tangents.find(x->inputs[0].get());
      const auto k = static_cast<size_t>(x->attrs.ints[0]);
      if (it != tangents.end() && k < it->second.size()) return it->second[k];
    }
    auto it = tangents.find(x.get());
    return it == tangents.end() ? Var() : it->second[0];
  }

  static Var diagonal(const Var& node, std::span<const Var> changes) {
    Var total;
    for (size_t i = 0; i < changes.size(); ++i) {
      if (!changes[i]) continue;
      Var slope = node->op->vjp(cast(changes[i], node.dtype()), node->inputs, node)[i];
      if (!slope) {
        require_derivative(*node, i);
        continue;
      }
      slope = cast(slope, node.dtype());
      total = total ? total + slope : slope;
    }
    if (!total) return total;
    std::vector<Var> given = shape_of(total), sizes = shape_of(node);
    if (std::equal(given.begin(), given.end(), sizes.begin(), sizes.end(), same)) return total;
    return broadcast_to(total, sizes);
  }

  // Something for each result to take the place of its gradient; empty where nobody asks.
  std::vector<Var> free_gradients(const Node& node) const {
    std::vector<Var> free;
    auto it = read.find(&node);
    for (const ResultSpec& result : results_of(node)) {
      const size_t k = free.size();
      const bool wanted = k == 0 || (it != read.end() && k < it->second.size() && it->second[k]);
      free.push_back(wanted && is_inexact(result.dtype) ? distinct(zeros(result.sizes, result.dtype))
                                                        : Var());
    }
    return free;
  }

  // The gradients of the inputs are linear in those of the results: the transpose of that takes tangents of
  // the inputs to those of the results.
  std::vector<Var> transposed(const Var& node, std::span<const Var> changes) const {
    std::vector<Var> free = free_gradients(*node);
    Grads grads = input_gradients(node, free);
    std::vector<KnownGradient> seeds;
    for (size_t i = 0; i < grads.size(); ++i) {
      if (changes[i]) require_gradient(grads[i]);
      if (changes[i] && grads[i]) seeds.push_back({distinct(grads[i]), changes[i]});
      if (changes[i] && !grads[i]) require_derivative(*node, i);
    }
    std::vector<Var> wrt;
    for (const Var& x : free)
      if (x) wrt.push_back(x);
    std::vector<Var> found = gradient(seeds, wrt), results;
    for (size_t k = 0, next = 0; k < free.size(); ++k) results.push_back(free[k] ? found[next++] : Var());
    return results;
  }

  static std::vector<ResultSpec> results_of(const Node& node) {
    if (node.op->results) return node.op->results(node.inputs, node.attrs);
    return {{node.type.dtype, shape_of(Var(const_cast<Node*>(&node)))}};
  }

  std::vector<Var> results_tangents(const Var& node, std::span<const Var> changes) const {
    if (node->op == &scan_op) return scan_tangents(changes, node);
    if (node->op == &ifelse_op) return ifelse_tangents(changes, node);
    if (node->attrs.user && node->attrs.user->tangents) return user_tangents(changes, node);
    if (node->op == &grad_clip_op) return {changes[0]};
    if (!node->op->vjp && !node->op->results_vjp) {
      for (size_t i = 0; i < changes.size(); ++i)
        if (changes[i]) require_derivative(*node, i);
      return {};
    }
    if (is_diagonal(*node)) return {diagonal(node, changes)};
    return transposed(node, changes);
  }

  void note_reads(std::span<Node* const> order) {
    for (const Node* node : order) {
      if (node->op != &output_op) continue;
      std::vector<bool>& results = read[node->inputs[0].get()];
      const auto k = static_cast<size_t>(node->attrs.ints[0]);
      results.resize(std::max(results.size(), k + 1));
      results[k] = true;
    }
  }

  // The nodes whose changes those of `outputs` are made of.
  static std::unordered_set<const Node*> needed(std::span<const Var> outputs, std::span<Node* const> order) {
    std::unordered_set<const Node*> found;
    for (const Var& y : outputs) found.insert(y.get());
    for (size_t k = order.size(); k-- > 0;)
      for (size_t i = 0; i < order[k]->inputs.size() && found.count(order[k]); ++i)
        if (passes_derivatives(*order[k], i)) found.insert(order[k]->inputs[i].get());
    return found;
  }

  void visit(Node* node) {
    if (tangents.count(node) || node->op == &output_op) return;
    std::vector<Var> changes;
    for (const Var& x : node->inputs) changes.push_back(of(x));
    if (!any(changes)) return;
    SourceScope scope(node->source);
    std::vector<Var> results = results_tangents(Var(node), changes);
    if (any(results)) tangents[node] = std::move(results);
  }
};

}  // namespace

std::vector<Var> forward_derivatives(std::span<const Var> outputs, std::span<const Var> wrt,
                                     std::span<const Var> tangents) {
  Forward forward;
  uint64_t oldest = std::numeric_limits<uint64_t>::max();
  for (size_t k = 0; k < wrt.size(); ++k) {
    forward.tangents[wrt[k].get()] = {tangents[k]};
    oldest = std::min(oldest, wrt[k]->id);
  }
  std::vector<Node*> order = topological_order(outputs, oldest);
  forward.note_reads(order);
  std::unordered_set<const Node*> needed = Forward::needed(outputs, order);
  for (Node* node : order)
    if (needed.count(node)) forward.visit(node);
  std::vector<Var> results;
  for (const Var& y : outputs) results.push_back(forward.of(y));
  return results;
}

}  // namespace croton
