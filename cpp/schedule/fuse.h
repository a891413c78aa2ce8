// Which nodes are computed together: every group becomes one loop nest, or one call.
#pragma once

#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "schedule/size_table.h"

namespace croton {

/// Nodes that share one iteration space. Groups run in the order of their numbers.
struct Group {
  std::vector<Node*> nodes;
  std::vector<Size> dims;    // the iteration space, without axes of size 1
  uint32_t inner = 0;        // dims that row reductions run over; 0 while there is none
  uint32_t kept = 0;         // dims that reductions over rows keep apart (outside `inner`)
  bool accumulates = false;  // has reductions over rows
  bool special = false;      // one node that is not part of a fused nest, with its results
  int cost = 0;
  int reads = 0;  // of values from outside
  uint32_t all() const { return (uint32_t{1} << dims.size()) - 1; }
};

/// Where a node is computed: its group, and for each of its axes the group's dim or -1.
struct Place {
  int group;
  std::vector<int> dims;
  uint32_t mask = 0;     // dims it varies over
  bool complete = true;  // usable within its group (false: reductions over rows)
};

struct Fusion {
  std::vector<Group> groups;
  std::unordered_map<const Node*, Place> places;
  std::unordered_set<const Node*> materialized;  // stored to memory: outputs, and what other groups read

  const Place* find(const Node* node) const {
    auto it = places.find(node);
    return it == places.end() ? nullptr : &it->second;
  }
};

/// Groups the nodes of `order` that `outputs` need. Greedy and linear: each node joins the earliest group
/// that can hold it, never one that runs before its inputs are there.
Fusion fuse(std::span<Node* const> order, std::span<const Var> outputs, SizeTable& sizes);

/// Whether `node` is recomputed wherever it is used: scalars made of constants and sizes, and indices.
bool is_inline(const Node* node, SizeTable& sizes);

}  // namespace croton
