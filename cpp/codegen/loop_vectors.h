// Neighbouring elements of a loop as vectors.
#pragma once

#include "codegen/loop_source.h"

namespace croton {

/// The loop with a vector for each row (2 to 8 floats along the last axis) of its states and results. Nothing
/// if there are no rows, or if one's elements are not all computed alike, from rows and from values that
/// they share.
std::optional<LoopSource> join_rows(const LoopSource& source);

}  // namespace croton
