// Running the host routines of library ops, for schedules and for the reference interpreter.
#pragma once

#include "graph/op_spec.h"

namespace croton {

/// How many leading axes of the inputs of `node` are batches.
size_t batch_rank(const Node& node);

/// What the routine of `node` takes for one item: `arrays` are its inputs and then its results.
HostNeeds host_needs(const Node& node, std::span<const HostArray> arrays);

/// Whether all items of `op` share its array number `i` (inputs, then results).
inline bool is_whole(const Node& node, size_t i) {
  const size_t from = static_cast<size_t>(node.op->whole_from);
  return from && i >= from && i < node.inputs.size();
}

/// Whether input `i` is a size, which planning works out, rather than an array in memory.
bool is_size_input(const Node& node, size_t i);

/// Runs it on `items` items one behind the other, of which `arrays` are the first; they may end as the last.
/// Throws LinAlgError with the names of op and operand, and AssertionError; both with the user's line.
void run_host(const Node& node, std::span<HostArray> arrays, int64_t items, char* workspace);

}  // namespace croton
