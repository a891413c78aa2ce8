#include "runtime/native_loop.h"

#include <algorithm>

namespace croton {
namespace {

using Shapes = std::vector<std::vector<int64_t>>;

constexpr size_t max_known = 8;            // sizes that one loop is compiled for
constexpr int64_t least_steps = 500;       // of loops whose sizes are known only when called
constexpr int64_t block_work = 3'000'000;  // instructions between two looks whether the user wants to stop
constexpr int64_t launch_work = 400;       // instructions that take as long as a launch of a nest

int64_t work_of(const LoopSource& source) {
  return std::count_if(source.program.code.begin(), source.program.code.end(), [](const ScalarInstr& instr) {
    return instr.prim != Prim::Argument && instr.prim != Prim::Constant;
  });
}

// How many elements a vector of a nest would take at once.
int64_t width(const ScheduledLoop& loop, const Shapes& shapes) {
  int64_t most = 1;
  for (const LoopState& state : loop.states) {
    int64_t n = 1;
    for (int64_t size : shapes[static_cast<size_t>(state.argument)]) n *= size;
    most = std::max(most, n);
  }
  return std::min<int64_t>(most, 4);
}

}  // namespace

NativeLoops::NativeLoops(const ScheduledLoop& loop, Backend& backend)
    : loop_(loop), backend_(backend), launches_(loop.program.launches.size()) {
  Shapes shapes;
  for (const Var& argument : loop.arguments) {
    shapes.push_back(argument.type().dims);
    if (std::count(shapes.back().begin(), shapes.back().end(), unknown)) return;
  }
  all_ = known_[shapes] = make(shapes);
}

std::shared_ptr<const NativeLoop> NativeLoops::make(const Shapes& shapes) {
  std::optional<LoopSource> source = make_source(loop_, shapes);
  if (!source) return nullptr;
  const int64_t work = work_of(*source);
  if (work - work / width(loop_, shapes) > launch_work * static_cast<int64_t>(launches_)) return nullptr;
  const LoadedKernel loaded = load_kernel(*source, backend_);
  return std::make_shared<NativeLoop>(NativeLoop{reinterpret_cast<LoopKernel>(loaded.function),
                                                 source->arrays.size(),
                                                 std::max<int64_t>(1, block_work / (work + 1)), loaded});
}

std::shared_ptr<const NativeLoop> NativeLoops::find(const Shapes& shapes, int64_t steps) {
  if (all_) return all_;
  if (steps < least_steps) return nullptr;
  if (auto it = known_.find(shapes); it != known_.end()) return it->second;
  if (known_.size() == max_known) return nullptr;
  return known_[shapes] = make(shapes);
}

std::vector<LoadedKernel> NativeLoops::kernels() const {
  std::vector<LoadedKernel> all;
  for (const auto& [shapes, native] : known_)
    if (native) all.push_back(native->loaded);
  return all;
}

}  // namespace croton
