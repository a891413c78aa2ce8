// What the rules of vectorize are written with: for each op, how it acts on a batch of its operands.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "graph/op_spec.h"

namespace croton::batching {

/// The same for all items of the batch, or one for each along a new first axis.
struct Value {
  Var var;
  bool batched = false;
};
using Values = std::vector<Value>;

/// A node, and what its inputs have become; at least one of them is batched.
struct Call {
  const Node& node;
  std::span<const Value> x;
  Var size;  // of the batch

  bool batched(size_t k) const { return x[k].batched; }
  int axis() const { return static_cast<int>(node.attrs.ints[0]); }
  /// The rank of one item of input `k`.
  int rank(size_t k) const { return node.inputs[k].rank(); }

  /// Input `k` with the axis of the batch, repeated where all items have the same.
  Var each(size_t k) const;
  /// Input `k` so that its items broadcast with others of rank `rank`.
  Var aligned(size_t k, int rank) const;
  /// Input `k`, which has to be the same for all items.
  Var common(size_t k) const;
  /// The size of the batch, and then the inputs from `first` on, which are sizes.
  std::vector<Var> sizes(size_t first) const;
  /// The op on these inputs.
  Var remade(std::vector<Var> inputs) const;
  Var remade(std::vector<Var> inputs, std::vector<int64_t> ints) const;
  [[noreturn]] void refuse(const std::string& required, const std::string& remedy) const;
};

/// All results of the node.
using Rule = Values (*)(const Call& call);
using Rules = std::unordered_map<std::string_view, Rule>;

inline Values items(Var result) { return {{std::move(result), true}}; }

/// `x` of one item repeated for each of `size` items.
Var repeated(const Var& x, const Var& size);
/// `x` with axis `from` at place `to`, the others in their order.
Var moved(const Var& x, int from, int to);
/// Axes `axis` and `axis + 1` as one, and the reverse.
Var merged(const Var& x, int axis);
Var split(const Var& x, int axis, const Var& first, const Var& second);

/// What expressions are for a batch of `size`, given what some nodes in them are. Values inside of loops are
/// computed by another of these.
Values evaluate(std::span<const Var> outputs, std::unordered_map<const Node*, Values> known, const Var& size);

/// The rule of routines that take the leading axes of all operands as batches.
Values all_batched(const Call& call);

// ---- the rules, by the name of the op; each function is in the file of its name
Rules movement_rules();
Rules indexing_rules();
Rules product_rules();
Rules composite_rules();
Rules library_rules();
Rules sparse_rules();
Rules loop_rules();

}  // namespace croton::batching
