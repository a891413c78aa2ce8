// The gradient of a loop: a loop over the same rows, the other way.
#pragma once

#include "graph/op_spec.h"

namespace croton {

/// The gradients of the inputs of the scan node, from those of its results (empty where nothing depends on
/// them). Products of the steps are read from the loop's results; what else lies between inputs and results
/// is computed again, from what each step was given.
Grads scan_gradients(Inputs g, const Var& node);

/// The same for a loop of blocks: from the states between blocks, steps are taken again block by block.
Grads block_gradients(Inputs g, const Var& node);

}  // namespace croton
