#include "runtime/native_loop.h"

#include <algorithm>
#include <limits>

namespace croton {
namespace {

constexpr size_t max_known = 8;            // sizes of one loop that are considered
constexpr int64_t least_steps = 500;       // of loops whose sizes are known only when called
constexpr int64_t block_work = 3'000'000;  // instructions between two looks whether the user wants to stop
constexpr int64_t launch_work = 400;       // instructions that take as long as a launch of a nest
constexpr int64_t never = std::numeric_limits<int64_t>::max();

int64_t work_of(const LoopSource& source) {
  return std::count_if(source.program.code.begin(), source.program.code.end(), [](const ScalarInstr& instr) {
    return instr.prim != Prim::Argument && instr.prim != Prim::Constant;
  });
}

// How many elements a vector of a nest would take at once.
int64_t width(const ScheduledLoop& loop, const std::vector<std::vector<int64_t>>& shapes) {
  int64_t most = 1;
  auto count = [&](int argument) {
    int64_t n = 1;
    for (int64_t size : shapes[static_cast<size_t>(argument)]) n *= size;
    most = std::max(most, n);
  };
  for (const LoopState& state : loop.states) count(state.argument);
  for (const LoopValue& row : loop.rows) count(row.inside);
  return std::min<int64_t>(most, 4);
}

// Code with more instructions takes longer to compile.
int64_t worthwhile_steps(const std::optional<LoopSource>& source) {
  return source ? std::max(least_steps, 4 * work_of(*source)) : never;
}

}  // namespace

NativeLoops::NativeLoops(const ScheduledLoop& loop, Backend& backend)
    : loop_(loop), backend_(backend), launches_(loop.program.launches.size()) {
  Shapes shapes;
  for (const Var& argument : loop.arguments) {
    shapes.push_back(argument.type().dims);
    if (std::count(shapes.back().begin(), shapes.back().end(), unknown)) return;
  }
  if (std::optional<LoopSource> known = source(shapes)) all_ = compile(*known);
  known_[shapes] = {never, all_};
}

// Nothing where vectors of whole arrays are faster.
std::optional<LoopSource> NativeLoops::source(const Shapes& shapes) const {
  std::optional<LoopSource> made = make_source(loop_, shapes);
  if (!made) return made;
  const int64_t work = work_of(*made), lost = work - work / width(loop_, shapes);
  if (lost > launch_work * static_cast<int64_t>(launches_)) made.reset();
  return made;
}

std::shared_ptr<const NativeLoop> NativeLoops::compile(const LoopSource& source) {
  const LoadedKernel loaded = load_kernel(source, backend_);
  return std::make_shared<NativeLoop>(NativeLoop{reinterpret_cast<LoopKernel>(loaded.function),
                                                 block_work / (work_of(source) + 1) + 1, loaded});
}

std::shared_ptr<const NativeLoop> NativeLoops::find(const Shapes& shapes, int64_t steps) {
  if (all_) return all_;
  if (steps < least_steps) return nullptr;
  auto it = known_.find(shapes);
  if (it == known_.end() && known_.size() == max_known) return nullptr;
  if (it == known_.end()) it = known_.emplace(shapes, Entry{worthwhile_steps(source(shapes)), nullptr}).first;
  Entry& entry = it->second;
  if (!entry.native && steps >= entry.least_steps) entry.native = compile(*source(shapes));
  return steps >= entry.least_steps ? entry.native : nullptr;
}

std::vector<LoadedKernel> NativeLoops::kernels() const {
  std::vector<LoadedKernel> all;
  for (const auto& [shapes, entry] : known_)
    if (entry.native) all.push_back(entry.native->loaded);
  return all;
}

}  // namespace croton
