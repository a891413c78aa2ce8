#include "schedule/branches.h"

#include <algorithm>

#include "base/error.h"
#include "ops/scan.h"
#include "rewrite/passes.h"

namespace croton {
namespace {

// The values of one branch that are among `results`.
ScheduledBranch schedule_fitting(const Call& call, const std::vector<int>& results, size_t first) {
  ScheduledBranch branch;
  Body body = *call.node->attrs.body;
  std::vector<Var> wanted;
  for (int k : results) wanted.push_back(body.outputs[first + static_cast<size_t>(k)]);
  body.outputs = std::move(wanted);
  body = narrowed_body(*call.node, std::move(body));
  std::vector<Node*> order = topological_order(body.outputs);
  for (size_t k = 0; k < body.inputs.size(); ++k) {
    if (std::find(order.begin(), order.end(), body.inputs[k].get()) == order.end()) continue;
    branch.arguments.push_back(body.inputs[k]);
    branch.operands.push_back(static_cast<int>(k + 1));
  }
  PassRunner runner;
  std::vector<Var> graph = optimize(body.outputs, runner);
  std::vector<const Node*> targets(body.outputs.size());
  branch.program = schedule(std::move(graph), std::move(targets), body.outputs);
  return branch;
}

// Sizes that do not fit are a matter of calls that come here.
ScheduledBranch schedule_branch(const Call& call, const std::vector<int>& results, size_t first) {
  try {
    return schedule_fitting(call, results, first);
  } catch (const ValueError& error) {
    ScheduledBranch never;
    never.error = error.what();
    return never;
  }
}

}  // namespace

ScheduledBranches schedule_branches(const Call& call) {
  ScheduledBranches branches;
  for (size_t k = 0; k < call.results().size(); ++k)
    if (call.results()[k] != no_buffer) branches.results.push_back(static_cast<int>(k));
  const size_t count = call.node->attrs.body->outputs.size() / 2;
  for (size_t side : {0, 1}) branches.sides[side] = schedule_branch(call, branches.results, side * count);
  return branches;
}

}  // namespace croton
