#include "runtime/memory_report.h"

#include <algorithm>

#include "graph/print.h"
#include "ops/core_rows.h"

namespace croton {
namespace {

constexpr size_t text_limit = 60;

std::string text_of(const Node* node) { return text(Var(const_cast<Node*>(node)), text_limit); }

struct Reporter {
  const Program& program;
  const Plan& plan;
  std::vector<Node*> order;
  MemoryReport report;

  std::vector<int64_t> shape(int buffer) const {
    std::vector<int64_t> sizes;
    for (const Size& size : program.buffers[buffer].dims) sizes.push_back(size.evaluate(plan.atoms));
    return sizes;
  }

  int64_t bytes(int buffer) const {
    int64_t n = static_cast<int64_t>(size_of(program.buffers[buffer].dtype));
    for (int64_t size : shape(buffer)) n *= size;
    return n;
  }

  void buffers() {
    for (size_t i = 0; i < program.buffers.size(); ++i) {
      const BufferInfo& buffer = program.buffers[i];
      int id = static_cast<int>(i);
      if (plan.arena_offsets[i] >= 0)
        report.buffers.push_back({text_of(buffer.node), buffer.dtype, shape(id), bytes(id),
                                  plan.arena_offsets[i], buffer.first_use, buffer.last_use,
                                  buffer.node->source});
    }
    for (size_t i = 0; i < plan.launches.size(); ++i) partial_results(static_cast<int>(i));
  }

  void partial_results(int launch) {
    const NestPlan& nest = plan.launches[launch].nest;
    if (!nest.partial) return;
    for (const AccumulatorPlan& part : nest.accumulators) {
      const Node* node = program.buffers[nest.accesses[part.access].buffer].node;
      int64_t count = nest.chunks();
      report.buffers.push_back({"parts of " + text_of(node),
                                part.dtype,
                                {count, part.elements},
                                count * part.elements * static_cast<int64_t>(size_of(part.dtype)),
                                part.partial_offset,
                                launch,
                                launch,
                                node->source});
    }
  }

  void results() {
    for (size_t k = 0; k < program.outputs.size(); ++k) {
      DType dtype = program.buffers[program.outputs[k]].dtype;
      report.results.push_back({dtype, plan.shapes[k], plan.output_bytes[k], program.in_place[k]});
    }
  }

  // Why the schedule needs the copy that `node` is.
  std::string reason(const Node* node) const {
    bool output = std::any_of(program.roots.begin(), program.roots.end(),
                              [&](const Var& root) { return root.get() == node; });
    if (output) return "result: shows elements of another array, but has memory of its own";
    for (const Node* user : order)
      for (const Var& input : user->inputs) {
        if (input.get() != node) continue;
        bool dense = user->op == &reshape_op || user->op->kind == OpKind::Library;
        return std::string(user->op->name) +
               (dense ? ": needs elements that lie in C order" : ": needs an array");
      }
    return "an array is needed";
  }

  void copies() {
    for (const Launch& launch : program.launches)
      for (const Step& step : launch.nest.steps) {
        if (step.kind != StepKind::Store) continue;
        int buffer = launch.nest.accesses[step.access].buffer;
        if (buffer < 0) continue;
        const Node* target = program.buffers[buffer].node;
        if (target->op == &copy_op) {
          report.copies.push_back(
              {text_of(target->inputs[0].get()), reason(target), bytes(buffer), target->source});
        } else if (launch.nest.steps[step.args[0]].kind == StepKind::Load && target != step.node) {
          report.copies.push_back(
              {text_of(step.node), std::string(target->op->name) + ": puts it in its place",
               elements(launch.nest) * static_cast<int64_t>(size_of(step.dtype)), target->source});
        }
      }
  }

  int64_t elements(const LoopNest& nest) const {
    int64_t n = 1;
    for (const Size& extent : nest.extents) n *= extent.evaluate(plan.atoms);
    return n;
  }
};

}  // namespace

MemoryReport memory_report(const Program& program, const Plan& plan) {
  Reporter reporter{program, plan, topological_order(program.roots), {}};
  reporter.report.arena_bytes = plan.arena_bytes;
  reporter.report.scratch_bytes = plan.scratch_bytes;
  reporter.buffers();
  reporter.results();
  reporter.copies();
  return std::move(reporter.report);
}

}  // namespace croton
