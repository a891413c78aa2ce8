// Gradients of expressions as users write them.
#pragma once

#include "autodiff/forward.h"
#include "autodiff/gradient.h"

namespace croton {

/// As gradient(), of the stable form of the outputs: where log(softmax(x)) is finite, so is its gradient.
std::vector<Var> stable_gradient(std::vector<KnownGradient> seeds, std::span<const Var> wrt,
                                 std::span<const Var> constants = {});
/// As forward_derivatives(), in the same way.
std::vector<Var> stable_forward_derivatives(std::vector<Var> outputs, std::span<const Var> wrt,
                                            std::span<const Var> tangents);

}  // namespace croton
