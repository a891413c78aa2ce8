// The gradient of a loop: a loop over the same rows, the other way.
#pragma once

#include "graph/op_spec.h"

namespace croton {

/// The gradients of the inputs of the scan node, from those of its results (empty where nothing depends on
/// them). Values between inputs and results are computed again, from what each step was given.
Grads scan_gradients(Inputs g, const Var& node);

}  // namespace croton
