// Cutting expressions off from what surrounds them: the bodies of loops and branches.
#pragma once

#include <span>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "graph/node.h"

namespace croton {

/// Rewrites expressions so that all they depend on are inputs of a body.
struct Closure {
  std::vector<Var> operands, inputs;            ///< what is captured, outside and inside
  std::unordered_set<const Node*> varying;      ///< nodes that belong to the body
  std::unordered_map<const Node*, Var> inside;  ///< what stands for nodes in the body
  bool opens_views = false;                     ///< what a view shows is captured, rather than a copy of it

  /// `x` is itself an input of the body.
  void bind(const Var& x);
  /// The expressions in the body. What is not `varying` is captured, but sizes are worked out inside, so
  /// that they are known to belong to what they are sizes of.
  std::vector<Var> close(std::span<const Var> outputs);

  /// The input of the body that stands for `x`.
  Var capture(const Var& x);

 private:
  Var visit(const Var& x);
};

}  // namespace croton
