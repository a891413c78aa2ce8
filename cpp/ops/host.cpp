#include "ops/host.h"

#include <cstring>

#include "base/error.h"
#include "graph/body.h"
#include "graph/broadcast.h"
#include "graph/user_op.h"
#include "ops/core_rows.h"
#include "ops/scan.h"

namespace croton {
namespace {

HostCall call_of(const Node& node, std::span<const HostArray> arrays) {
  size_t inputs = node.inputs.size();
  return {.inputs = arrays.first(inputs), .results = arrays.subspan(inputs), .attrs = node.attrs.ints};
}

void run_user_op(const Node& node, std::span<const HostArray> arrays) {
  const UserOp& op = *node.attrs.user;
  std::span<const HostArray> operands = arrays.first(op.arity), results = arrays.subspan(node.inputs.size());
  if (op.run) return op.run(node, operands, results);
  for (size_t k = 0; k < results.size(); ++k)
    if (results[k].wanted) std::memcpy(results[k].data, operands[k].data, results[k].bytes());
}

}  // namespace

size_t batch_rank(const Node& node) {
  int item_rank = node.op->item_rank;
  return item_rank < 0 ? 0 : static_cast<size_t>(node.inputs[0].rank() - item_rank);
}

HostNeeds host_needs(const Node& node, std::span<const HostArray> arrays) {
  HostNeeds needs;
  HostCall call = call_of(node, arrays);
  call.needs = &needs;
  node.op->routine(call);
  return needs;
}

bool is_size_input(const Node& node, size_t i) {
  const bool steps = node.op == &scan_op && i == 0 && !node.attrs.body->unbounded;
  return steps || (node.attrs.user && i >= node.attrs.user->arity);
}

void run_host(const Node& node, std::span<HostArray> arrays, int64_t items, char* workspace) {
  if (node.attrs.user) return run_user_op(node, arrays);
  HostCall call = call_of(node, arrays);
  call.workspace = workspace;
  try {
    if (node.op->whole_from || node.op->batched) {
      call.items = items;
      return node.op->routine(call);
    }
    for (int64_t item = 0; item < items; ++item) {
      node.op->routine(call);
      for (HostArray& array : arrays)
        if (array.wanted) array.data = array.as<char>() + array.bytes();
    }
  } catch (const LinAlgError& error) {
    const Var* x = &node.inputs[0];
    while ((*x)->op == &copy_op) x = &(*x)->inputs[0];  // made by the schedule
    throw LinAlgError(std::string(node.op->name) + ": " + error.what() + " for " + describe(*x) +
                      source_text(node.source));
  } catch (const AssertionError& error) {
    throw AssertionError(error.what() + source_text(node.source));
  }
}

}  // namespace croton
