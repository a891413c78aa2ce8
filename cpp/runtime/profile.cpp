#include "runtime/profile.h"

#include <algorithm>

#include "graph/print.h"

namespace croton {
namespace {

std::vector<LaunchedOp> ops_of(const Launch& launch) {
  if (launch.product) return {{std::string(launch.product->node->op->name), launch.product->node->source}};
  if (launch.call) return {{op_label(*launch.call->node), launch.call->node->source}};
  std::vector<LaunchedOp> ops;
  std::vector<std::string> names = op_names(launch.nest);
  size_t k = 0;
  const Node* last = nullptr;
  for (const Step& step : launch.nest.steps) {
    bool fresh = computes(step) && (step.node != last || ops.back().op != names[k]);  // a sum may take two
    if (fresh) ops.push_back({names[k], step.node->source});
    k += computes(step);
    last = computes(step) ? step.node : last;
  }
  if (ops.empty()) ops.push_back({"copy", launch.nest.steps.back().node->source});
  return ops;
}

// Launches that run behind the chunks of a product share its time.
std::vector<LaunchProfile> launches_of(const Executable& executable, const std::vector<LaunchTime>& times) {
  std::vector<LaunchProfile> launches;
  const std::vector<KernelReport> kernels = executable.kernels();
  for (size_t i = 0; i < times.size(); ++i) {
    const Launch& launch = executable.program().launches[i];
    std::vector<LaunchedOp> ops = ops_of(launch);
    if (!times[i].runs && launch.follows && !launches.empty())
      launches.back().ops.insert(launches.back().ops.end(), ops.begin(), ops.end());
    else
      launches.push_back({kernels[i].name, std::move(ops), times[i]});
  }
  return launches;
}

}  // namespace

void Profile::add_call(Clock::duration time) {
  std::lock_guard lock(mutex_);
  calls_.add(time);
}

void Profile::add_launches(const std::shared_ptr<Executable>& executable,
                           const std::vector<LaunchTime>& times) {
  std::lock_guard lock(mutex_);
  auto it = std::find_if(entries_.begin(), entries_.end(),
                         [&](const Entry& entry) { return entry.executable == executable; });
  if (it == entries_.end()) it = entries_.insert(it, {executable, std::vector<LaunchTime>(times.size())});
  for (size_t i = 0; i < times.size(); ++i) it->times[i].add(times[i]);
}

void Profile::reset() {
  std::lock_guard lock(mutex_);
  calls_ = {};
  entries_.clear();
}

LaunchTime Profile::calls() const {
  std::lock_guard lock(mutex_);
  return calls_;
}

std::vector<std::vector<LaunchProfile>> Profile::programs() const {
  std::lock_guard lock(mutex_);
  std::vector<std::vector<LaunchProfile>> programs;
  for (const Entry& entry : entries_) programs.push_back(launches_of(*entry.executable, entry.times));
  return programs;
}

}  // namespace croton
