// The last decisions about a program: what runs right behind a product, and what updates in place.
#pragma once

#include "schedule/program.h"

namespace croton {

/// Moves each product down to the nest that reads its result first, and marks nests that can run on a part
/// of the result as soon as it is there.
void attach_followers(Program& program);

/// Finds updates that can be written over the old value: every reading of the old value comes before, or at
/// the same element of the same nest. Nothing that can fail runs from the first of them on.
void find_in_place(Program& program, const std::vector<const Node*>& targets);

}  // namespace croton
