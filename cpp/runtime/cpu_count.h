// How many processors this process may really use.
#pragma once

#include <string>

namespace croton {

/// Processors in the affinity mask, capped by the CPU quota of the control groups (rounded up); at least 1.
int available_cpus();

/// CPUs granted by the control group files below `root` for the memberships listed in `membership` (the text
/// of /proc/self/cgroup), or 0 where there is no quota. Separate so that it can be tested on a made-up tree.
int cgroup_cpu_limit(const std::string& root, const std::string& membership);

}  // namespace croton
