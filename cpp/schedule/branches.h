// The schedule of branches: a program of each.
#pragma once

#include "schedule/program.h"

namespace croton {

/// Schedules both branches of the lazy_ifelse node of `call`, without what only results without buffers need.
ScheduledBranches schedule_branches(const Call& call);

}  // namespace croton
