// The schedule of a loop: a program of one step.
#pragma once

#include "schedule/program.h"

namespace croton {

/// Schedules the step of the scan node of `call`, leaving out what only results without buffers need.
ScheduledLoop schedule_loop(const Call& call, SizeTable& sizes);

}  // namespace croton
