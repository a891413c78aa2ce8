#include "schedule/views.h"

#include <algorithm>
#include <numeric>

#include "base/error.h"
#include "graph/broadcast.h"
#include "ops/core_rows.h"

namespace croton {
namespace {

// Axes of `to` matched with axes of `from`, if both differ only in axes of size 1.
bool match_units(const std::vector<Size>& from, const std::vector<Size>& to, std::vector<int>& axes) {
  size_t k = 0;
  axes.assign(to.size(), -1);
  for (size_t axis = 0; axis < to.size(); ++axis) {
    if (to[axis].is(1)) continue;
    while (k < from.size() && from[k].is(1)) ++k;
    if (k == from.size() || !(from[k] == to[axis])) return false;
    axes[axis] = static_cast<int>(k++);
  }
  while (k < from.size() && from[k].is(1)) ++k;
  return k == from.size();
}

// The axis map of one view; false if it is more than a rearrangement of axes.
bool view_axes(Node* x, SizeTable& sizes, std::vector<int>& axes) {
  Node* from = x->inputs[0].get();
  if (x->op == &dimshuffle_op) {
    axes.assign(x->attrs.ints.begin(), x->attrs.ints.end());
    return true;
  }
  if (x->op->kind == OpKind::Part) {
    axes.resize(x->type.rank());
    std::iota(axes.begin(), axes.end(), 0);
    return true;
  }
  if (x->op == &broadcast_op) {
    int rank = x->type.rank();
    axes.assign(rank, -1);
    for (int axis = 0; axis < rank; ++axis) {
      int k = aligned_axis(x->inputs[0], axis, rank);
      if (k >= 0 && !sizes.of(dim(x->inputs[0], k)).is(1)) axes[axis] = k;
    }
    return true;
  }
  return x->op == &reshape_op && match_units(sizes.dims(from), sizes.dims(x), axes);
}

// Whether a view shows all elements of its input in the same order.
bool keeps_order(Node* x, SizeTable& sizes) {
  std::vector<int> axes;
  const std::vector<Size> from = sizes.dims(x->inputs[0].get()), to = sizes.dims(x);
  if (x->op == &reshape_op || (x->op == &broadcast_op && from == to)) return true;
  if (x->op->kind == OpKind::Part || x->op == &broadcast_op || !view_axes(x, sizes, axes)) return false;
  if (!match_units(from, to, axes)) return false;
  int last = -1;
  for (int64_t axis : x->attrs.ints) {
    if (axis < 0 || from[static_cast<size_t>(axis)].is(1)) continue;
    if (axis < last) return false;
    last = static_cast<int>(axis);
  }
  return true;
}

// Whether a view shows neighbours along the first axis that has more than one element.
bool is_leading_slice(Node* x, SizeTable& sizes) {
  if (x->op != &slice_op || x->attrs.ints[1] != 1) return false;
  const std::vector<Size> dims = sizes.dims(x);
  return std::all_of(dims.begin(), dims.begin() + x->attrs.ints[0], [](const Size& n) { return n.is(1); });
}

AffineIndex zero_index(size_t loops) { return {std::vector<Size>(loops), 0}; }

std::vector<AffineIndex> through(Node* x, std::vector<AffineIndex> index, SizeTable& sizes, size_t loops) {
  std::vector<AffineIndex> inner(x->inputs[0].rank(), zero_index(loops));
  std::vector<int> axes;
  if (x->op == &slice_op) {
    inner = std::move(index);
    AffineIndex& along = inner[x->attrs.ints[0]];
    for (Size& stride : along.strides) stride = stride * Size(x->attrs.ints[1]);
    along.constant = along.constant * Size(x->attrs.ints[1]) + sizes.of(x->inputs[1]);
  } else if (x->op == &windows_op) {
    size_t axis = x->attrs.ints[0];
    AffineIndex &along = index[axis], &element = index[axis + 1];
    Size step = x->attrs.ints[1], dilation = x->attrs.ints[2];
    for (size_t d = 0; d < loops; ++d)
      along.strides[d] = along.strides[d] * step + element.strides[d] * dilation;
    along.constant = along.constant * step + element.constant * dilation;
    index.erase(index.begin() + axis + 1);
    inner = std::move(index);
  } else if (view_axes(x, sizes, axes)) {
    for (size_t axis = 0; axis < axes.size(); ++axis)
      if (axes[axis] >= 0) inner[axes[axis]] = std::move(index[axis]);
  } else {
    throw InternalError("a view of this kind has to be computed first");
  }
  return inner;
}

// Of a view that is reshaped, or of a source.
FlatIndex flatten(Node* x, const std::vector<AffineIndex>& index, SizeTable& sizes, size_t loops) {
  FlatIndex flat{x, std::vector<Size>(loops), 0};
  std::vector<Size> strides = sizes.strides(x);
  for (size_t axis = 0; axis < index.size(); ++axis) {
    for (size_t d = 0; d < loops; ++d)
      flat.strides[d] = flat.strides[d] + index[axis].strides[d] * strides[axis];
    flat.offset = flat.offset + index[axis].constant * strides[axis];
  }
  return flat;
}

}  // namespace

bool is_view(const Node& node) { return node.op->kind == OpKind::View || node.op->kind == OpKind::Part; }

int part_of(const Node* x) {
  for (; is_view(*x); x = x->inputs[0].get())
    if (x->op->kind == OpKind::Part) return x->op == &imag_op ? 1 : 0;
  return -1;
}

Node* source_of(Node* x) {
  while (is_view(*x)) x = x->inputs[0].get();
  return x;
}

AxisMap trace(Node* x, SizeTable& sizes) {
  AxisMap map{x, {}, true};
  for (int axis = 0; axis < x->type.rank(); ++axis) map.axes.push_back(axis);
  std::vector<int> axes;
  while (is_view(*map.source)) {
    if (!view_axes(map.source, sizes, axes)) return {source_of(x), {}, false};
    for (int& axis : map.axes)
      if (axis >= 0) axis = axes[axis];
    map.source = map.source->inputs[0].get();
  }
  return map;
}

bool is_dense(Node* x, SizeTable& sizes) {
  while (is_view(*x) && keeps_order(x, sizes)) x = x->inputs[0].get();
  return !is_view(*x) && !has_strides(*x);
}

std::optional<Size> block_offset(Node* x, SizeTable& sizes) {
  Size offset;
  for (; is_view(*x); x = x->inputs[0].get()) {
    if (is_leading_slice(x, sizes))
      offset = offset + sizes.of(x->inputs[1]) * sizes.strides(x)[static_cast<size_t>(x->attrs.ints[0])];
    else if (!keeps_order(x, sizes))
      return {};
  }
  return has_strides(*x) ? std::nullopt : std::optional(offset);
}

std::optional<RowBlock> row_block(Node* x, SizeTable& sizes) {
  const bool strided = x->op == &slice_op && x->attrs.ints[0] == 0 && x->attrs.ints[1] != 1;
  const std::optional<Size> block = block_offset(strided ? x->inputs[0].get() : x, sizes);
  if (!block) return {};
  if (!strided) return RowBlock{*block, 1};
  return RowBlock{*block + sizes.of(x->inputs[1]) * sizes.strides(x)[0], x->attrs.ints[1]};
}

std::vector<AffineIndex> resolve_axes(Node* x, std::vector<AffineIndex> index, SizeTable& sizes,
                                      size_t loops) {
  for (; is_view(*x); x = x->inputs[0].get()) index = through(x, std::move(index), sizes, loops);
  return index;
}

FlatIndex resolve(Node* x, std::vector<AffineIndex> index, SizeTable& sizes, size_t loops) {
  while (is_view(*x)) {
    std::vector<int> axes;
    bool reshapes = x->op == &reshape_op && !view_axes(x, sizes, axes);
    if (reshapes) {
      const std::optional<Size> offset = block_offset(x->inputs[0].get(), sizes);
      check_internal(offset.has_value(), "a reshape of a strided view has to be copied first");
      FlatIndex flat = flatten(x, index, sizes, loops);
      flat.source = source_of(x);
      flat.offset = flat.offset + *offset;
      return flat;
    }
    index = through(x, std::move(index), sizes, loops);
    x = x->inputs[0].get();
  }
  return flatten(x, index, sizes, loops);
}

}  // namespace croton
