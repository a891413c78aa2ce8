// Where the time of a function's calls goes, for functions that are compiled with a profile.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "runtime/executable.h"

namespace croton {

/// What a launch computes: an op and the user's line.
struct LaunchedOp {
  std::string op;
  Source source;
};

/// One launch of a program: its kind ("map", "rows", "product"), its ops in order, and its time so far.
struct LaunchProfile {
  std::string kind;
  std::vector<LaunchedOp> ops;
  LaunchTime time;
};

/// Calls may be added from several threads at once.
class Profile {
 public:
  using Clock = std::chrono::steady_clock;

  void add_call(Clock::duration time);
  void add_launches(const std::shared_ptr<Executable>& executable, const std::vector<LaunchTime>& times);
  void reset();

  /// Number and total time of the calls that returned.
  LaunchTime calls() const;
  /// The launches of each program that ran: one for arguments in general, others for special sizes.
  std::vector<std::vector<LaunchProfile>> programs() const;

 private:
  struct Entry {
    std::shared_ptr<Executable> executable;
    std::vector<LaunchTime> times;
  };
  mutable std::mutex mutex_;
  LaunchTime calls_;
  std::vector<Entry> entries_;
};

}  // namespace croton
