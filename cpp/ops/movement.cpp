// Views: the same elements under other indices. None of them moves data unless its result is asked for.
#include <algorithm>
#include <numeric>

#include "base/error.h"
#include "graph/broadcast.h"
#include "ops/core_rows.h"
#include "ops/functions.h"
#include "ops/scan.h"

namespace croton {

int64_t known_size(const Var& size) {
  return is_constant(size) ? *size->attrs.value->as<int64_t>() : unknown;
}

namespace {

Type with_sizes(DType dtype, Inputs sizes) {
  Type type{dtype, {}};
  for (const Var& size : sizes) type.dims.push_back(known_size(size));
  return type;
}

std::vector<Var> sizes_of_inputs(Inputs inputs, size_t first) {
  return {inputs.begin() + first, inputs.end()};
}

[[noreturn]] void fail(const std::string& message) {
  throw ValueError(message + source_text(SourceScope::current()));
}

// ---- dimshuffle

Type dimshuffle_type(Inputs x, const Attrs& attrs) {
  Type type{x[0].dtype(), {}};
  std::vector<bool> used(x[0].rank());
  for (int64_t axis : attrs.ints) {
    if (axis >= x[0].rank() || (axis >= 0 && used[axis]))
      fail("dimshuffle: required each axis of " + describe(x[0]) + " at most once, given axis " +
           std::to_string(axis));
    if (axis >= 0) used[axis] = true;
    type.dims.push_back(axis < 0 ? 1 : x[0].type().dims[axis]);
  }
  for (int axis = 0; axis < x[0].rank(); ++axis)
    if (!used[axis] && x[0].type().dims[axis] != 1 && x[0].type().dims[axis] != unknown)
      fail("dimshuffle: only axes of size 1 can be dropped, given axis " + std::to_string(axis) + " of " +
           describe(x[0]));
  return type;
}

std::vector<Var> dimshuffle_shape(Inputs x, const Attrs& attrs, const Type&) {
  std::vector<Var> sizes;
  for (int64_t axis : attrs.ints) sizes.push_back(axis < 0 ? make_int(1) : dim(x[0], static_cast<int>(axis)));
  return sizes;
}

Grads dimshuffle_vjp(const Var& g, Inputs x, const Var& y) {
  std::vector<int64_t> inverse(x[0].rank(), -1), summed;
  for (size_t i = 0; i < y->attrs.ints.size(); ++i)
    if (int64_t axis = y->attrs.ints[i]; axis >= 0) inverse[axis] = static_cast<int64_t>(i);
  return {dimshuffle(g, inverse)};
}

// ---- broadcast, reshape

Type broadcast_to_type(Inputs x, const Attrs&) {
  Type type = with_sizes(x[0].dtype(), x.subspan(1));
  int extra = type.rank() - x[0].rank();
  bool fits = extra >= 0;
  for (int axis = 0; fits && axis < x[0].rank(); ++axis) {
    int64_t from = x[0].type().dims[axis], to = type.dims[axis + extra];
    fits = from == 1 || from == unknown || to == unknown || from == to;
  }
  if (!fits)
    fail("broadcast_to: required a shape that " + describe(x[0]) + " broadcasts to, given " +
         to_string(type));
  return type;
}

std::vector<Var> sizes_after_first(Inputs x, const Attrs&, const Type&) { return sizes_of_inputs(x, 1); }

Grads none_but_first(Var first, size_t count) {
  Grads grads(count);
  grads[0] = std::move(first);
  return grads;
}

Grads broadcast_vjp(const Var& g, Inputs x, const Var&) { return none_but_first(sum_to(g, x[0]), x.size()); }

int64_t product(const std::vector<int64_t>& dims) {
  int64_t n = 1;
  for (int64_t d : dims) {
    if (d == unknown) return unknown;
    n *= d;
  }
  return n;
}

Type reshape_type(Inputs x, const Attrs&) {
  Type type = with_sizes(x[0].dtype(), x.subspan(1));
  int64_t from = product(x[0].type().dims), to = product(type.dims);
  if (from != unknown && to != unknown && from != to)
    fail("reshape: required as many elements as " + describe(x[0]) + ", given the shape " + to_string(type));
  return type;
}

Grads reshape_vjp(const Var& g, Inputs x, const Var&) {
  return none_but_first(reshape(g, shape_of(x[0])), x.size());
}

// ---- slice and its gradient

Type slice_type(Inputs x, const Attrs& attrs) {
  Type type = x[0].type();
  type.dims[attrs.ints[0]] = known_size(x[2]);
  return type;
}

std::vector<Var> slice_shape(Inputs x, const Attrs& attrs, const Type&) {
  std::vector<Var> sizes = shape_of(x[0]);
  sizes[attrs.ints[0]] = x[2];
  return sizes;
}

Grads slice_vjp(const Var& g, Inputs x, const Var& y) {
  int axis = static_cast<int>(y->attrs.ints[0]);
  return none_but_first(slice_grad(g, dim(x[0], axis), axis, x[1], y->attrs.ints[1]), x.size());
}

// ---- windows

Type windows_type(Inputs x, const Attrs& attrs) {
  Type type = x[0].type();
  size_t axis = attrs.ints[0];
  type.dims[axis] = known_size(x[1]);
  type.dims.insert(type.dims.begin() + axis + 1, known_size(x[2]));
  return type;
}

std::vector<Var> windows_shape(Inputs x, const Attrs& attrs, const Type&) {
  std::vector<Var> sizes = shape_of(x[0]);
  size_t axis = attrs.ints[0];
  sizes[axis] = x[1];
  sizes.insert(sizes.begin() + axis + 1, x[2]);
  return sizes;
}

// Windows that overlap add up.
Grads windows_vjp(const Var& g, Inputs x, const Var& y) {
  const std::vector<int64_t>& ints = y->attrs.ints;
  int axis = static_cast<int>(ints[0]);
  std::vector<Var> sizes = sizes_of_inputs(x, 1);
  Var position = iota(sizes, 0) * make_int(ints[1]) + iota(sizes, 1) * make_int(ints[2]);
  return none_but_first(scatter_add(g, position, dim(x[0], axis), axis), x.size());
}

Var window_count(const Var& n, const Var& size, int64_t step, int64_t dilation) {
  if (is_constant(n) && is_constant(size)) {
    int64_t room = known_size(n) - (known_size(size) - 1) * dilation - 1;
    return make_int(room < 0 ? 0 : room / step + 1);
  }
  Var room = n - (size - make_int(1)) * make_int(dilation);
  if (step != 1) room = apply("floor_div", {room - make_int(1), make_int(step)}) + make_int(1);
  return maximum(room, make_int(0));
}

// ---- set_slice

Type set_slice_type(Inputs x, const Attrs& attrs) {
  if (x[0].dtype() != x[1].dtype() || x[0].rank() != x[1].rank())
    fail("set_slice: required parts of one dtype and rank, given " + describe(x[0]) + " and " +
         describe(x[1]));
  Type type = x[0].type();
  for (int k = 0; k < x[0].rank(); ++k)
    if (k != attrs.ints[0] && type.dims[k] == unknown) type.dims[k] = x[1].type().dims[k];
  return type;
}

std::vector<Var> set_slice_shape(Inputs x, const Attrs&, const Type&) { return shape_of(x[0]); }

Grads set_slice_vjp(const Var& g, Inputs x, const Var& y) {
  int axis = static_cast<int>(y->attrs.ints[0]);
  int64_t step = y->attrs.ints[1];
  return {set_slice(g, zeros_like(x[1]), axis, x[2], step), slice(g, axis, x[2], dim(x[1], axis), step),
          Var()};
}

// ---- concatenate, iota

Type concatenate_type(Inputs x, const Attrs& attrs) {
  Type type = x[0].type();
  size_t axis = attrs.ints[0];
  for (const Var& part : x) {
    if (part.dtype() != type.dtype || part.rank() != type.rank())
      fail("concatenate: required parts of one dtype and rank, given " + describe(x[0]) + " and " +
           describe(part));
    for (size_t k = 0; k < type.dims.size(); ++k) {
      int64_t d = part.type().dims[k];
      if (k == axis || d == unknown || d == type.dims[k]) continue;
      if (type.dims[k] != unknown)
        fail("concatenate: required equal sizes off axis " + std::to_string(axis) + ", given " +
             describe(x[0]) + " and " + describe(part));
      type.dims[k] = d;
    }
  }
  int64_t total = 0;
  for (const Var& part : x) {
    int64_t d = part.type().dims[axis];
    total = d == unknown || total == unknown ? unknown : total + d;
  }
  type.dims[axis] = total;
  return type;
}

std::vector<Var> concatenate_shape(Inputs x, const Attrs& attrs, const Type&) {
  std::vector<Var> sizes = shape_of(x[0]);
  int axis = static_cast<int>(attrs.ints[0]);
  for (size_t i = 1; i < x.size(); ++i) sizes[axis] = sizes[axis] + dim(x[i], axis);
  return sizes;
}

Grads concatenate_vjp(const Var& g, Inputs x, const Var& y) {
  int axis = static_cast<int>(y->attrs.ints[0]);
  Grads grads;
  Var start = make_int(0);
  for (const Var& part : x) {
    grads.push_back(slice(g, axis, start, dim(part, axis), 1));
    start = start + dim(part, axis);
  }
  return grads;
}

Type iota_type(Inputs x, const Attrs&) { return with_sizes(DType::Int64, x); }
std::vector<Var> iota_shape(Inputs x, const Attrs&, const Type&) { return sizes_of_inputs(x, 0); }

}  // namespace

const OpSpec dimshuffle_op{.name = "dimshuffle",
                           .doc = "The axes of x permuted, dropped where their size is 1, or inserted.",
                           .kind = OpKind::View,
                           .infer = dimshuffle_type,
                           .shape = dimshuffle_shape,
                           .vjp = dimshuffle_vjp};
const OpSpec broadcast_op{.name = "broadcast_to",
                          .doc = "x repeated to a larger shape by NumPy's rules.",
                          .kind = OpKind::View,
                          .arity = -1,
                          .infer = broadcast_to_type,
                          .shape = sizes_after_first,
                          .vjp = broadcast_vjp};
const OpSpec reshape_op{.name = "reshape",
                        .doc = "The elements of x, in C order, under another shape.",
                        .kind = OpKind::View,
                        .arity = -1,
                        .infer = reshape_type,
                        .shape = sizes_after_first,
                        .vjp = reshape_vjp};
const OpSpec slice_op{.name = "slice",
                      .doc = "Every step-th element along one axis, from a start, a given number of them.",
                      .kind = OpKind::View,
                      .arity = 3,
                      .infer = slice_type,
                      .shape = slice_shape,
                      .vjp = slice_vjp};
const OpSpec windows_op{.name = "windows",
                        .doc = "Windows along one axis, which may overlap, beside each other.",
                        .kind = OpKind::View,
                        .arity = 3,
                        .infer = windows_type,
                        .shape = windows_shape,
                        .vjp = windows_vjp};
const OpSpec set_slice_op{.name = "set_slice",
                          .doc = "x with y at every step-th position along one axis.",
                          .kind = OpKind::Scatter,
                          .arity = 3,
                          .infer = set_slice_type,
                          .shape = set_slice_shape,
                          .vjp = set_slice_vjp};
const OpSpec concatenate_op{.name = "concatenate",
                            .doc = "Arrays side by side along one axis.",
                            .kind = OpKind::Concatenate,
                            .arity = -1,
                            .infer = concatenate_type,
                            .shape = concatenate_shape,
                            .vjp = concatenate_vjp};
const OpSpec iota_op{.name = "iota",
                     .doc = "Each element's own index along one axis.",
                     .kind = OpKind::Index,
                     .arity = -1,
                     .infer = iota_type,
                     .shape = iota_shape};

Var dimshuffle(const Var& x, std::vector<int64_t> pattern) {
  bool identity = static_cast<int>(pattern.size()) == x.rank();
  for (size_t i = 0; i < pattern.size(); ++i) identity &= pattern[i] == static_cast<int64_t>(i);
  return identity ? x : make_node(dimshuffle_op, {x}, {.ints = std::move(pattern)});
}

Var transpose(const Var& x, std::vector<int64_t> permutation) {
  return dimshuffle(x, std::move(permutation));
}

Var swap_last_axes(const Var& x) {
  std::vector<int64_t> pattern(x.rank());
  std::iota(pattern.begin(), pattern.end(), 0);
  std::swap(pattern[x.rank() - 1], pattern[x.rank() - 2]);
  return dimshuffle(x, pattern);
}

Var expand_dims(const Var& x, std::vector<int64_t> axes) {
  std::vector<int64_t> pattern;
  int64_t next = 0;
  for (int64_t i = 0; i < x.rank() + static_cast<int64_t>(axes.size()); ++i)
    pattern.push_back(std::find(axes.begin(), axes.end(), i) != axes.end() ? -1 : next++);
  return dimshuffle(x, pattern);
}

Var squeeze(const Var& x, std::vector<int64_t> axes) {
  std::vector<int64_t> pattern;
  for (int64_t i = 0; i < x.rank(); ++i)
    if (std::find(axes.begin(), axes.end(), i) == axes.end()) pattern.push_back(i);
  return dimshuffle(x, pattern);
}

namespace {
bool same_sizes(const Var& x, const std::vector<Var>& sizes) {
  if (x.rank() != static_cast<int>(sizes.size())) return false;
  for (int axis = 0; axis < x.rank(); ++axis)
    if (!same(dim(x, axis), sizes[axis])) return false;
  return true;
}

Var with_size_inputs(const OpSpec& op, const Var& x, std::vector<Var> sizes) {
  if (same_sizes(x, sizes)) return x;
  sizes.insert(sizes.begin(), x);
  return make_node(op, std::move(sizes));
}
}  // namespace

Var broadcast_to(const Var& x, std::vector<Var> sizes) {
  return with_size_inputs(broadcast_op, x, std::move(sizes));
}
Var reshape(const Var& x, std::vector<Var> sizes) {
  return with_size_inputs(reshape_op, x, std::move(sizes));
}

Var slice(const Var& x, int axis, const Var& start, const Var& length, int64_t step) {
  if (step == 1 && is_filled_with(start, 0) && same(length, dim(x, axis))) return x;
  const bool one = axis == 0 && is_constant(start) && is_filled_with(length, 1);
  if (one && known_size(start) == x.type().dims[0] - 1)
    if (Var last = last_of_trace(x)) return last;
  return make_node(slice_op, {x, start, length}, {.ints = {axis, step}});
}

Var windows(const Var& x, int axis, const Var& size, int64_t step, int64_t dilation) {
  if (is_filled_with(size, 1) && step == 1) return expand_dims(x, {axis + 1});
  Var count = window_count(dim(x, axis), size, step, dilation);
  return make_node(windows_op, {x, count, size}, {.ints = {axis, step, dilation}});
}

Var set_slice(const Var& x, const Var& part, int axis, const Var& start, int64_t step) {
  if (step == 1 && is_filled_with(start, 0) && same(dim(x, axis), dim(part, axis))) return part;
  return make_node(set_slice_op, {x, part, start}, {.ints = {axis, step}});
}

Var slice_grad(const Var& x, const Var& size, int axis, const Var& start, int64_t step) {
  std::vector<Var> sizes = shape_of(x);
  sizes[axis] = size;
  return set_slice(zeros(std::move(sizes), x.dtype()), x, axis, start, step);
}

Var concatenate(std::vector<Var> parts, int axis) {
  if (parts.size() == 1) return parts[0];
  return make_node(concatenate_op, std::move(parts), {.ints = {axis}});
}

Var iota(std::vector<Var> sizes, int axis) { return make_node(iota_op, std::move(sizes), {.ints = {axis}}); }
Var full(std::vector<Var> sizes, const Var& value) { return broadcast_to(value, std::move(sizes)); }
Var zeros(std::vector<Var> sizes, DType dtype) { return full(std::move(sizes), make_scalar(dtype, 0)); }
Var zeros_like(const Var& x) { return zeros(shape_of(x), x.dtype()); }
Var ones_like(const Var& x) { return full(shape_of(x), make_scalar(x.dtype(), 1)); }

}  // namespace croton
