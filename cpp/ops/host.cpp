#include "ops/host.h"

#include "base/error.h"
#include "graph/broadcast.h"
#include "ops/core_rows.h"

namespace croton {
namespace {

HostCall call_of(const Node& node, std::span<const HostArray> arrays) {
  size_t inputs = node.inputs.size();
  return {.inputs = arrays.first(inputs), .results = arrays.subspan(inputs), .attrs = node.attrs.ints};
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

void run_host(const Node& node, std::span<HostArray> arrays, int64_t items, char* workspace) {
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
