#include "ops/user_op.h"

#include "base/error.h"
#include "graph/leaves.h"
#include "ops/core_rows.h"

namespace croton {
namespace {

std::vector<ResultSpec> user_results(Inputs inputs, const Attrs& attrs) {
  std::vector<ResultSpec> results;
  size_t next = attrs.user->arity;
  for (size_t i = 0; i < attrs.ints.size(); i += 2) {
    const auto rank = static_cast<size_t>(attrs.ints[i + 1]);
    std::span<const Var> sizes = inputs.subspan(next, rank);
    results.push_back({static_cast<DType>(attrs.ints[i]), {sizes.begin(), sizes.end()}});
    next += rank;
  }
  return results;
}

std::vector<Var> results_of(const Var& node) {
  std::vector<Var> results;
  for (size_t k = 0; k < node->attrs.ints.size() / 2; ++k)
    results.push_back(output(node, static_cast<int>(k)));
  return results;
}

Grads user_gradients(Inputs g, Inputs x, const Var& y) {
  const UserOp& op = *y->attrs.user;
  Grads grads = op.gradients(g, x.first(op.arity), results_of(y));
  grads.resize(x.size());
  return grads;
}

// What user code does cannot be known: enough that nobody takes the call for a brief one.
void planned_user_op(const HostCall& call) {
  check_internal(Workspace(call).planned(1 << 20), "user ops are run by run_host");
}

}  // namespace

const OpSpec user_op{.name = "user_op",
                     .doc = "An op that the user wrote.",
                     .kind = OpKind::Library,
                     .arity = -1,
                     .results = user_results,
                     .routine = planned_user_op,
                     .item_rank = -1,
                     .results_vjp = user_gradients,
                     .holomorphic = false};

const OpSpec gradient_of_op{.name = "gradient_of",
                            .doc = "x itself, but gradients go the way of y.",
                            .kind = OpKind::Composite,
                            .arity = 2,
                            .infer = [](Inputs x, const Attrs&) { return x[0].type(); },
                            .shape = [](Inputs x, const Attrs&, const Type&) { return shape_of(x[0]); },
                            .vjp = [](const Var& g, Inputs, const Var&) -> Grads { return {Var(), g}; },
                            .holomorphic = false,
                            .expand = [](Inputs x, const Attrs&) { return x[0]; }};

bool passes_derivatives(const Node& node, size_t i) {
  if (node.op == &gradient_of_op) return i == 1;
  const bool given = node.attrs.user && !node.attrs.user->run;  // of with_gradients(): outputs, then inputs
  return !given || i >= node.attrs.ints.size() / 2;
}

std::vector<Var> user_tangents(std::span<const Var> changes, const Var& node) {
  const UserOp& op = *node->attrs.user;
  return op.tangents(changes.first(op.arity), std::span(node->inputs).first(op.arity), results_of(node));
}

std::vector<Var> call_user_op(std::shared_ptr<const UserOp> op, std::vector<Var> operands,
                              const std::vector<ResultSpec>& results) {
  Attrs attrs;
  for (const ResultSpec& result : results) {
    attrs.ints.push_back(static_cast<int64_t>(result.dtype));
    attrs.ints.push_back(static_cast<int64_t>(result.sizes.size()));
    operands.insert(operands.end(), result.sizes.begin(), result.sizes.end());
  }
  attrs.user = std::move(op);
  Var node = make_node(user_op, std::move(operands), std::move(attrs));
  std::vector<Var> outputs;
  for (size_t k = 0; k < results.size(); ++k) outputs.push_back(output(node, static_cast<int>(k)));
  return outputs;
}

std::vector<Var> with_gradients(std::shared_ptr<const UserOp> op, const std::vector<Var>& outputs,
                                const std::vector<Var>& inputs) {
  std::vector<Var> operands = outputs;
  operands.insert(operands.end(), inputs.begin(), inputs.end());
  std::vector<ResultSpec> results;
  for (const Var& y : outputs) results.push_back({y.dtype(), shape_of(y)});
  std::vector<Var> ways = call_user_op(std::move(op), std::move(operands), results);
  for (size_t k = 0; k < ways.size(); ++k) ways[k] = make_node(gradient_of_op, {outputs[k], ways[k]});
  return ways;
}

}  // namespace croton
