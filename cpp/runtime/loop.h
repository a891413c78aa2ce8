// Running a loop: the program of one step over and over, on memory that moves along.
#pragma once

#include <functional>

#include "runtime/launch.h"

namespace croton {

/// The plan of a loop for the sizes that `value` gives; `place` finds memory in the arena. Throws ValueError
/// for sequences that are too short and states that change their shapes. `step` may be null where `native`
/// serves all sizes.
std::shared_ptr<LoopPlan> plan_loop(const Call& call, Executable* step, NativeLoops& native,
                                    const std::function<int64_t(const Size&)>& value,
                                    const std::function<int64_t(int64_t)>& place);

void run_loop(const LoopPlan& loop, LaunchContext& context);

}  // namespace croton
