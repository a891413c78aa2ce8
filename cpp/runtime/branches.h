// Running branches: the program of the one that the condition chooses.
#pragma once

#include <array>
#include <functional>

#include "runtime/launch.h"

namespace croton {

/// The plan of both branches for the sizes that `value` gives. What is wrong with the sizes in a branch is
/// said by calls that take it.
std::shared_ptr<BranchesPlan> plan_branches(const Call& call,
                                            const std::array<std::shared_ptr<Executable>, 2>& programs,
                                            const std::function<int64_t(const Size&)>& value);

/// Whether either branch is over within microseconds.
bool are_brief(const BranchesPlan& branches);

void run_branches(const BranchesPlan& branches, LaunchContext& context);

}  // namespace croton
