// From a group of fused nodes to a loop nest.
#pragma once

#include "schedule/fuse.h"
#include "schedule/program.h"

namespace croton {

/// The buffer that holds a materialised node or leaf; makes one if there is none.
struct BufferMap {
  Program& program;
  std::unordered_map<const Node*, int> index;
  int of(Node* node);
};

/// The loop nest that computes all nodes of group `index`.
LoopNest lower(const Fusion& fusion, int index, BufferMap& buffers, SizeTable& sizes);

/// A nest over `dims` that copies `x` (or a constant, where `x` is one) to elements
/// offset + sum of strides * index of `buffer`.
LoopNest lower_copy(Node* x, int buffer, std::vector<Size> strides, Size offset, const Fusion& fusion,
                    BufferMap& buffers, SizeTable& sizes);

/// The nest that only checks the positions of a scatter node.
LoopNest lower_check(Node* node, const Fusion& fusion, BufferMap& buffers, SizeTable& sizes);
/// The nest that combines the values of a scatter node with what `buffer` holds at their positions.
LoopNest lower_scatter(Node* node, int buffer, const Fusion& fusion, BufferMap& buffers, SizeTable& sizes);

/// Merges neighbouring loops that every access runs through without a gap; rows and inner loops only with
/// their like, unless `free_split`.
void collapse(LoopNest& nest, bool free_split);

}  // namespace croton
