#include "runtime/loop.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "base/error.h"
#include "graph/broadcast.h"
#include "ops/scan.h"
#include "runtime/executable.h"
#include "runtime/interrupts.h"
#include "runtime/native_loop.h"

namespace croton {
namespace {

std::string shape_text(std::span<const int64_t> shape) {
  std::string text = "(";
  for (size_t k = 0; k < shape.size(); ++k) text += (k ? ", " : "") + std::to_string(shape[k]);
  return text + (shape.size() == 1 ? ",)" : ")");
}

int64_t bytes_of(DType dtype, std::span<const int64_t> shape) {
  int64_t n = static_cast<int64_t>(size_of(dtype));
  for (int64_t d : shape) n *= d;
  return n;
}

constexpr int64_t expected_steps = 1000;  // of a loop that ends when a condition says so

struct LoopPlanner {
  const Call& call;
  Executable* step;
  NativeLoops& native;
  const std::function<int64_t(const Size&)>& value;
  const std::function<int64_t(int64_t)>& place;
  const ScheduledLoop& scheduled = *call.loop;
  LoopPlan plan{};

  [[noreturn]] void fail(const std::string& text) const {
    throw ValueError("scan: " + text + source_text(call.node->source));
  }

  // Of an input or a result of the call.
  std::vector<int64_t> shape(int number) const {
    std::vector<int64_t> sizes;
    for (const Size& size : call.dims[static_cast<size_t>(number)]) sizes.push_back(value(size));
    return sizes;
  }

  // The bytes before an input in its buffer.
  int64_t offset(int number) const {
    const auto k = static_cast<size_t>(number);
    return value(call.blocks[k].offset) * static_cast<int64_t>(size_of(call.node->inputs[k].dtype()));
  }

  int result(int number) const {
    return number < 0 ? no_buffer : call.results()[static_cast<size_t>(number)];
  }

  void add_operands() {
    plan.argument_shapes.resize(scheduled.arguments.size());
    for (const LoopValue& row : scheduled.rows) {
      std::vector<int64_t> sizes = shape(row.outside);
      if (sizes[0] < plan.steps)
        fail("required " + std::to_string(plan.steps) + " rows of " +
             describe(call.node->inputs[static_cast<size_t>(row.outside)]) + ", given " +
             std::to_string(sizes[0]));
      sizes.erase(sizes.begin());
      DType dtype = scheduled.arguments[static_cast<size_t>(row.inside)].dtype();
      plan.rows.push_back({row.inside, call.buffers[static_cast<size_t>(row.outside)],
                           row.step * bytes_of(dtype, sizes), offset(row.outside)});
      plan.argument_shapes[static_cast<size_t>(row.inside)] = std::move(sizes);
    }
    for (const LoopValue& fixed : scheduled.fixed) {
      plan.fixed.push_back(
          {fixed.inside, call.buffers[static_cast<size_t>(fixed.outside)], 0, offset(fixed.outside)});
      plan.argument_shapes[static_cast<size_t>(fixed.inside)] = shape(fixed.outside);
    }
    for (const LoopState& state : scheduled.states)
      plan.argument_shapes[static_cast<size_t>(state.argument)] = shape(state.initial);
  }

  void add_states() {
    for (const LoopState& state : scheduled.states) {
      const std::vector<int64_t>& sizes = plan.argument_shapes[static_cast<size_t>(state.argument)];
      DType dtype = scheduled.arguments[static_cast<size_t>(state.argument)].dtype();
      StatePlan out{.argument = state.argument,
                    .output = state.output,
                    .initial = call.buffers[static_cast<size_t>(state.initial)],
                    .last = result(state.last),
                    .trace = result(state.trace),
                    .blocks = result(state.blocks),
                    .bytes = bytes_of(dtype, sizes),
                    .offset = offset(state.initial),
                    .places = {-1, -1}};
      if (plan.native) {
        out.places[0] = place(out.bytes);
      } else if (state.trace < 0) {
        out.places[0] = place(out.bytes);
        if (state.last < 0) out.places[1] = place(out.bytes);
      }
      plan.states.push_back(out);
    }
  }

  // The step's outputs have the shapes that its states and results have.
  void check_step() const {
    std::vector<ArgumentView> views;
    for (const auto& sizes : plan.argument_shapes) views.push_back({nullptr, sizes.data()});
    std::shared_ptr<const Plan> inner = step->plan(views.data(), nullptr);
    for (size_t k = 0; k < plan.states.size(); ++k) {
      const auto& first = plan.argument_shapes[static_cast<size_t>(plan.states[k].argument)];
      const auto& next = inner->shapes[static_cast<size_t>(plan.states[k].output)];
      if (first != next)
        fail("required the step to keep the shape of state " +
             describe(call.node->inputs[static_cast<size_t>(scheduled.states[k].initial)]) + ", which is " +
             shape_text(first) + ", given " + shape_text(next));
    }
  }

  std::shared_ptr<LoopPlan> run() {
    plan.step = step;
    plan.steps = scheduled.unbounded ? 1 : value(scheduled.steps);  // one, to see whether a step fits
    plan.limit = scheduled.unbounded ? call.buffers[0] : no_buffer;
    plan.limit_offset = scheduled.unbounded ? offset(0) : 0;
    if (plan.steps < 0) fail("required a number of steps of 0 or more, given " + std::to_string(plan.steps));
    plan.block = value(scheduled.block);
    plan.outputs = scheduled.step.size();
    plan.until = scheduled.until;
    plan.taken = result(scheduled.taken);
    plan.reversed = scheduled.reversed;
    plan.replans = step && step->plans_by_value();
    add_operands();
    plan.native = native.find(plan.argument_shapes, scheduled.unbounded ? expected_steps : plan.steps);
    add_states();
    for (const LoopValue& y : scheduled.yields) {
      std::vector<int64_t> sizes = shape(static_cast<int>(call.inputs().size()) + y.outside);
      DType dtype = scheduled.step[static_cast<size_t>(y.inside)].dtype();
      plan.yields.push_back({y.inside, result(y.outside), bytes_of(dtype, std::span(sizes).subspan(1))});
    }
    if (plan.steps > 0 && !plan.replans && !plan.native) check_step();
    return std::make_shared<LoopPlan>(std::move(plan));
  }
};

/// One run of a loop.
struct LoopRun {
  const LoopPlan& plan;
  LaunchContext& context;
  std::vector<ArgumentView> arguments;
  std::vector<void*> outputs;
  std::vector<char*> current;  // of each state
  int64_t steps;
  bool stop = false;

  LoopRun(const LoopPlan& plan, LaunchContext& context)
      : plan(plan), context(context), outputs(plan.outputs), steps(plan.steps) {
    if (plan.limit != no_buffer)
      std::memcpy(&steps, context.buffers[plan.limit] + plan.limit_offset, sizeof steps);
    for (const auto& sizes : plan.argument_shapes) arguments.push_back({nullptr, sizes.data()});
    for (const CursorPlan& fixed : plan.fixed) argument(fixed.inside).data = start(fixed);
    for (const StatePlan& state : plan.states)
      current.push_back(context.buffers[state.initial] + state.offset);
    if (plan.until >= 0) outputs[static_cast<size_t>(plan.until)] = &stop;
  }

  char* start(const CursorPlan& cursor) const { return context.buffers[cursor.buffer] + cursor.offset; }
  ArgumentView& argument(int k) { return arguments[static_cast<size_t>(k)]; }
  void*& output(int k) { return outputs[static_cast<size_t>(k)]; }

  // Where state k goes after step t: where there is no trace, so that the last step's lies in the result.
  char* next_place(const StatePlan& state, int64_t t) const {
    if (state.trace != no_buffer) return context.buffers[state.trace] + place(t) * state.bytes;
    bool first = (steps - 1 - t) % 2 == 0;
    if (first && state.last != no_buffer) return context.buffers[state.last];
    return context.arena + state.places[first ? 1 : 0];
  }

  int64_t place(int64_t t) const { return plan.reversed ? steps - 1 - t : t; }

  void point(int64_t t) {
    for (const CursorPlan& row : plan.rows)
      argument(row.inside).data = start(row) + place(t) * row.step_bytes;
    for (const CursorPlan& y : plan.yields)
      output(y.inside) = context.buffers[y.buffer] + place(t) * y.step_bytes;
    for (size_t k = 0; k < current.size(); ++k) {
      argument(plan.states[k].argument).data = current[k];
      output(plan.states[k].output) = next_place(plan.states[k], t);
    }
  }

  // The values before step t, if a block begins there.
  void store_block(int64_t t) {
    if (plan.block == 0 || t % plan.block) return;
    for (size_t k = 0; k < current.size(); ++k)
      if (const StatePlan& state = plan.states[k]; state.blocks != no_buffer)
        std::memcpy(context.buffers[state.blocks] + t / plan.block * state.bytes, current[k],
                    static_cast<size_t>(state.bytes));
  }

  void finish(int64_t taken) {
    for (size_t k = 0; k < current.size(); ++k) {
      const StatePlan& state = plan.states[k];
      if (state.last == no_buffer || context.buffers[state.last] == current[k]) continue;
      std::memcpy(context.buffers[state.last], current[k], static_cast<size_t>(state.bytes));
    }
    if (plan.taken >= 0) std::memcpy(context.buffers[plan.taken], &taken, sizeof taken);
  }

  // The addresses that the code of a whole loop takes, for step t.
  void fill(std::vector<void*>& arrays, int64_t t) const {
    arrays.clear();
    for (const CursorPlan& row : plan.rows) arrays.push_back(start(row) + place(t) * row.step_bytes);
    for (const CursorPlan& fixed : plan.fixed) arrays.push_back(start(fixed));
    arrays.insert(arrays.end(), current.begin(), current.end());
    for (const StatePlan& state : plan.states)
      if (state.trace != no_buffer) arrays.push_back(context.buffers[state.trace] + place(t) * state.bytes);
    for (const CursorPlan& y : plan.yields)
      arrays.push_back(context.buffers[y.buffer] + place(t) * y.step_bytes);
  }

  int64_t run_native() {
    for (size_t k = 0; k < current.size(); ++k) {
      char* carried = context.arena + plan.states[k].places[0];
      std::memcpy(carried, current[k], static_cast<size_t>(plan.states[k].bytes));
      current[k] = carried;
    }
    std::vector<void*> arrays;
    int64_t t = 0;
    while (t < steps && !stop) {
      poll_now_if_due();
      store_block(t);
      fill(arrays, t);
      int64_t several = std::min(plan.native->block, steps - t);
      if (plan.block > 0) several = std::min(several, plan.block - t % plan.block);
      const int64_t taken = plan.native->kernel(arrays.data(), several);
      stop = taken < 0;
      t += std::abs(taken);
    }
    return t;
  }

  int64_t run_steps() {
    std::shared_ptr<const Plan> inner;
    int64_t t = 0;
    while (t < steps && !stop) {
      store_block(t);
      point(t);
      if (!inner || plan.replans) inner = plan.step->plan(arguments.data(), nullptr);
      plan.step->run(*inner, arguments.data(), nullptr, outputs.data());
      for (size_t k = 0; k < current.size(); ++k)
        current[k] = static_cast<char*>(output(plan.states[k].output));
      ++t;
    }
    return t;
  }

  void run() {
    const int64_t taken = plan.native ? run_native() : run_steps();
    store_block(taken);
    clear_rest(taken);
    finish(taken);
  }

  // Rows of steps that were not taken.
  void clear_rest(int64_t taken) {
    auto clear = [&](int buffer, int64_t bytes) {
      if (buffer == no_buffer) return;
      for (int64_t t = taken; t < steps; ++t)
        std::memset(context.buffers[buffer] + place(t) * bytes, 0, static_cast<size_t>(bytes));
    };
    for (const CursorPlan& y : plan.yields) clear(y.buffer, y.step_bytes);
    for (const StatePlan& state : plan.states) clear(state.trace, state.bytes);
  }
};

}  // namespace

std::shared_ptr<LoopPlan> plan_loop(const Call& call, Executable* step, NativeLoops& native,
                                    const std::function<int64_t(const Size&)>& value,
                                    const std::function<int64_t(int64_t)>& place) {
  return LoopPlanner{call, step, native, value, place}.run();
}

void run_loop(const LoopPlan& loop, LaunchContext& context) { LoopRun(loop, context).run(); }

}  // namespace croton
