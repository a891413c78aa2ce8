// A scheduled program with its code: checks sizes, finds the plan, runs it.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <vector>

#include "base/error.h"
#include "runtime/plan.h"

namespace croton {

struct LaunchContext;

/// An argument as the caller holds it: aligned, of the right dtype and rank.
struct ArgumentView {
  const void* data;
  const int64_t* shape;
  const int64_t* strides = nullptr;  // in bytes, multiples of the element's size; null: dense in C order
};

/// A size that came as 1 where the program assumes another: see Executable::plan.
struct BroadcastPattern : Error {
  using Error::Error;
};

/// How one kernel came to be, for reports.
struct KernelReport {
  std::string name;
  std::vector<std::string> ops;
  KernelOrigin origin;
  double milliseconds;
};

/// How often something ran, and how long altogether.
struct LaunchTime {
  int64_t runs = 0, nanoseconds = 0;
  void add(const LaunchTime& other) {
    runs += other.runs;
    nanoseconds += other.nanoseconds;
  }
  void add(std::chrono::nanoseconds time) { add({1, time.count()}); }
};

class Executable {
 public:
  /// `arguments` in calling order; `shared` in the order that storages are passed.
  Executable(Program program, std::vector<Var> arguments, std::vector<Var> shared, Backend& backend);

  /// The plan for these arguments; made if it is new. Throws ValueError, naming both operands and the
  /// user's line, for sizes that do not fit.
  std::shared_ptr<const Plan> plan(const ArgumentView* arguments, const Array* const* shared);
  /// Runs it: `outputs[k]` is dense memory of plan.output_bytes[k], in program order. Throws IndexError,
  /// MemoryError, Interrupted; outputs are then incomplete. `times`, if given, gets the time of each launch.
  void run(const Plan& plan, const ArgumentView* arguments, const Array* const* shared, void* const* outputs,
           std::vector<LaunchTime>* times = nullptr);

  /// The plan of the latest call, or null.
  std::shared_ptr<const Plan> latest_plan() const;

  const Program& program() const { return program_; }
  /// One for each launch, and then those of loops.
  std::vector<KernelReport> kernels() const;
  /// Whether sizes, and so plans, depend on the values of arguments.
  bool plans_by_value() const { return !size_arguments_.empty(); }
  size_t plan_count() const { return plans_.size(); }

 private:
  Program program_;
  ProgramCode code_;
  Backend& backend_;
  std::vector<Var> arguments_, shared_;
  std::vector<KernelReport> reports_;  // of launches
  std::vector<int> buffer_source_;     // of each buffer: argument or shared number
  size_t signature_size_ = 0;
  std::vector<int> size_arguments_;                    // scalar arguments whose values are sizes
  std::vector<std::pair<int, int>> stride_arguments_;  // argument and axis whose stride is a parameter

  mutable std::mutex plans_mutex_;
  std::vector<std::shared_ptr<const Plan>> plans_;  // the oldest first
  std::shared_ptr<const Plan> last_;

  void build_kernels();
  void build_loop(size_t index);
  void build_branches(size_t index);
  size_t step(const Plan& plan, size_t index, LaunchContext& context);
  void run_timed(const Plan& plan, LaunchContext& context, std::vector<LaunchTime>& times);
  void fill_signature(const ArgumentView* arguments, const Array* const* shared, int64_t* out) const;
  std::shared_ptr<const Plan> new_plan(std::vector<int64_t> signature, const ArgumentView* arguments,
                                       const Array* const* shared);
  std::vector<int64_t> atom_values(const ArgumentView* arguments, const Array* const* shared) const;
  void check_sizes(const std::vector<int64_t>& atoms) const;
};

}  // namespace croton
