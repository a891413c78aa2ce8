#include "runtime/cpu_count.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>
#include <thread>

#if defined(__linux__)
#include <sched.h>
#endif

namespace croton {
namespace {

std::string read_text(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

int whole_cpus(double quota, double period) {
  if (!(quota > 0) || !(period > 0)) return 0;
  return static_cast<int>(std::ceil(std::min(quota / period, 1e6)));
}

/// Version 2: one file "quota period", the quota "max" when there is none.
int unified_limit(const std::string& folder) {
  std::istringstream text(read_text(folder + "/cpu.max"));
  double quota = 0, period = 0;
  return text >> quota >> period ? whole_cpus(quota, period) : 0;
}

/// Version 1: two files, the quota -1 when there is none.
int legacy_limit(const std::string& folder) {
  std::istringstream quota_text(read_text(folder + "/cpu.cfs_quota_us"));
  std::istringstream period_text(read_text(folder + "/cpu.cfs_period_us"));
  double quota = 0, period = 0;
  return quota_text >> quota && period_text >> period ? whole_cpus(quota, period) : 0;
}

/// The least limit of `path` and all its parents: a quota on any of them binds. A container often sees the
/// host's path but only its own mount, where the first levels are simply missing.
int least_limit(const std::string& mount, std::string path, int (*limit_of)(const std::string&)) {
  int least = 0;
  for (;;) {
    if (int limit = limit_of(mount + path); limit > 0) least = least ? std::min(least, limit) : limit;
    if (path.empty()) return least;
    path.resize(path.find_last_of('/') == std::string::npos ? 0 : path.find_last_of('/'));
  }
}

bool lists_cpu(const std::string& controllers) {
  std::istringstream names(controllers);
  for (std::string name; std::getline(names, name, ',');)
    if (name == "cpu") return true;
  return false;
}

int affinity_count() {
#if defined(__linux__)
  // Machines with more than 1,024 processors need a larger mask than cpu_set_t.
  for (int capacity = 1024; capacity <= 1 << 16; capacity *= 2) {
    cpu_set_t* mask = CPU_ALLOC(capacity);
    if (!mask) break;
    size_t bytes = CPU_ALLOC_SIZE(capacity);
    int count = sched_getaffinity(0, bytes, mask) == 0 ? CPU_COUNT_S(bytes, mask) : 0;
    CPU_FREE(mask);
    if (count > 0) return count;
  }
#endif
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

}  // namespace

int cgroup_cpu_limit(const std::string& root, const std::string& membership) {
  int least = 0;
  std::istringstream lines(membership);
  for (std::string line; std::getline(lines, line);) {  // "0::/path" or "4:cpu,cpuacct:/path"
    size_t first = line.find(':');
    size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    std::string controllers = line.substr(first + 1, second - first - 1);
    std::string path = line.substr(second + 1);
    if (path == "/") path.clear();
    int limit = 0;
    if (controllers.empty()) {
      limit = least_limit(root, path, unified_limit);
    } else if (lists_cpu(controllers)) {
      limit = least_limit(root + "/cpu", path, legacy_limit);
      if (!limit) limit = least_limit(root + "/" + controllers, path, legacy_limit);
    }
    if (limit) least = least ? std::min(least, limit) : limit;
  }
  return least;
}

int available_cpus() {
  int cpus = affinity_count();
#if defined(__linux__)
  int limit = cgroup_cpu_limit("/sys/fs/cgroup", read_text("/proc/self/cgroup"));
  if (limit > 0) cpus = std::min(cpus, limit);
#endif
  return cpus;
}

}  // namespace croton
