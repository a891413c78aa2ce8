// Following views back to the array whose elements they show.
#pragma once

#include <optional>
#include <vector>

#include "schedule/size_table.h"

namespace croton {

/// Whether the schedule sees through `node` instead of computing it.
bool is_view(const Node& node);
/// Which part of complex elements the view shows: 0 or 1, or -1 for whole elements.
int part_of(const Node* x);
/// The first node behind `x` that is no view.
Node* source_of(Node* x);

/// `x` as a rearrangement of the axes of its source, if it is no more than that.
struct AxisMap {
  Node* source;
  std::vector<int> axes;  // for each axis of x: the axis of the source, or -1 where x repeats it
  bool pure;              // false: slices or true reshapes are on the way, and `axes` means nothing
};
AxisMap trace(Node* x, SizeTable& sizes);

/// An index along one axis: constant + sum of strides[d] * (loop index d).
struct AffineIndex {
  std::vector<Size> strides;
  Size constant = 0;
};

/// Where element `index` of `x` lies in the dense array of its source: flat position, strides per loop.
struct FlatIndex {
  Node* source;
  std::vector<Size> strides;
  Size offset;
};
FlatIndex resolve(Node* x, std::vector<AffineIndex> index, SizeTable& sizes, size_t loops);

/// The index along each axis of the source that element `index` of `x` has; slices and rearrangements only.
std::vector<AffineIndex> resolve_axes(Node* x, std::vector<AffineIndex> index, SizeTable& sizes,
                                      size_t loops);

/// The elements of `x` lie in its source in C order, without gaps, and are all that the source has.
bool is_dense(Node* x, SizeTable& sizes);
/// Where they begin, if they lie there in C order, without gaps.
std::optional<Size> block_offset(Node* x, SizeTable& sizes);

/// Rows that each lie in the source in C order: where the first begins, and how many rows apart they are.
struct RowBlock {
  Size offset;
  int64_t step;
};
/// `x` as such rows, if it is.
std::optional<RowBlock> row_block(Node* x, SizeTable& sizes);

}  // namespace croton
