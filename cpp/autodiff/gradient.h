// Reverse-mode differentiation: gradients are expressions like any other.
#pragma once

#include <span>
#include <vector>

#include "graph/op_spec.h"

namespace croton {

/// A gradient that is given rather than computed.
struct KnownGradient {
  Var of;
  Var value;
};

/// The gradients of a sum of outputs with respect to `wrt`, each of its variable's dtype and shape; an
/// empty Var where no differentiable path leads to it. `seeds` give the outputs and their gradients: a
/// seed's gradient is final, whatever depends on it. No gradient flows through `constants`.
std::vector<Var> gradient(std::span<const KnownGradient> seeds, std::span<const Var> wrt,
                          std::span<const Var> constants = {});

/// `x` as a node that is no other's: a seed which others may depend on.
Var distinct(const Var& x);
/// The gradients of the inputs of one node from those of its results, of which some may be empty.
Grads input_gradients(const Var& node, std::vector<Var> g);
/// An error for a gradient that must not be asked for.
void require_gradient(const Var& g);
/// An error if the gradient by input `i` of `node` is one that does not exist.
void require_derivative(const Node& node, size_t i);

}  // namespace croton
