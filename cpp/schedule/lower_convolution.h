// From convolutions to products over several indices.
#pragma once

#include "schedule/lower.h"

namespace croton {

/// Appends the products that compute `node`, a correlate or its transpose.
void lower_convolution(Node* node, Program& program, BufferMap& buffers, SizeTable& sizes);

}  // namespace croton
