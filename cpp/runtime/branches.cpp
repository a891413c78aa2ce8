#include "runtime/branches.h"

#include <algorithm>

#include "base/error.h"
#include "graph/broadcast.h"
#include "runtime/executable.h"

namespace croton {
namespace {

constexpr size_t few = 32;  // arrays of these many pointers are on the stack

std::vector<ArgumentView> views_of(const BranchPlan& branch) {
  std::vector<ArgumentView> views;
  for (const auto& sizes : branch.shapes) views.push_back({nullptr, sizes.data()});
  return views;
}

// Plans for sizes that come from the arguments' shapes are made before the first run, since they may ask for
// another program (BroadcastPattern).
std::shared_ptr<const Plan> plan_ahead(const BranchPlan& branch) {
  if (!branch.program || branch.program->plans_by_value()) return nullptr;
  try {
    return branch.program->plan(views_of(branch).data(), nullptr);
  } catch (const ValueError&) {
    return nullptr;
  }
}

}  // namespace

std::shared_ptr<BranchesPlan> plan_branches(const Call& call,
                                            const std::array<std::shared_ptr<Executable>, 2>& programs,
                                            const std::function<int64_t(const Size&)>& value) {
  auto plan = std::make_shared<BranchesPlan>();
  const ScheduledBranches& scheduled = *call.branches;
  plan->condition = call.buffers[0];
  std::vector<ResultSpec> specs = call.node->op->results(call.node->inputs, call.node->attrs);
  for (int k : scheduled.results) {
    int64_t bytes = static_cast<int64_t>(size_of(specs[static_cast<size_t>(k)].dtype));
    for (const Size& size : call.dims[call.inputs().size() + static_cast<size_t>(k)]) bytes *= value(size);
    plan->results.push_back(call.results()[static_cast<size_t>(k)]);
    plan->result_bytes.push_back(bytes);
  }
  for (size_t side : {0, 1}) {
    BranchPlan& branch = plan->sides[side];
    branch.program = programs[side].get();
    branch.error = scheduled.sides[side].error;
    for (int number : scheduled.sides[side].operands) {
      branch.operands.push_back(call.buffers[static_cast<size_t>(number)]);
      branch.shapes.emplace_back();
      for (const Size& size : call.dims[static_cast<size_t>(number)])
        branch.shapes.back().push_back(value(size));
    }
    plan_ahead(branch);
  }
  return plan;
}

bool are_brief(const BranchesPlan& branches) {
  return std::all_of(branches.sides, branches.sides + 2, [](const BranchPlan& branch) {
    std::shared_ptr<const Plan> plan = plan_ahead(branch);
    return plan && plan->brief;
  });
}

void run_branches(const BranchesPlan& branches, LaunchContext& context) {
  const BranchPlan& branch = branches.sides[*context.buffers[branches.condition] ? 0 : 1];
  if (!branch.program) throw ValueError(branch.error);
  const size_t operands = branch.operands.size(), results = branches.results.size();
  ArgumentView few_arguments[few];
  void* few_outputs[few];
  std::vector<ArgumentView> arguments(operands > few ? operands : 0);
  std::vector<void*> outputs(results > few ? results : 0);
  ArgumentView* views = operands > few ? arguments.data() : few_arguments;
  void** into = results > few ? outputs.data() : few_outputs;
  for (size_t k = 0; k < operands; ++k)
    views[k] = {context.buffers[branch.operands[k]], branch.shapes[k].data()};
  for (size_t k = 0; k < results; ++k) into[k] = context.buffers[branches.results[k]];
  std::shared_ptr<const Plan> plan = branch.program->plan(views, nullptr);
  check_internal(plan->output_bytes == branches.result_bytes, "a branch whose results have other sizes");
  branch.program->run(*plan, views, nullptr, into);
}

}  // namespace croton
