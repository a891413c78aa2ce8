#include <algorithm>
#include <numeric>

#include "base/error.h"
#include "graph/broadcast.h"
#include "graph/leaves.h"
#include "ops/core_rows.h"
#include "ops/functions.h"

namespace croton {
namespace {

bool contains(const std::vector<int64_t>& axes, int64_t axis) {
  return std::find(axes.begin(), axes.end(), axis) != axes.end();
}

Type reduction_type(Inputs x, const Attrs& attrs) {
  Type type{x[0].dtype(), {}};
  for (int axis = 0; axis < x[0].rank(); ++axis)
    if (!contains(attrs.ints, axis)) type.dims.push_back(x[0].type().dims[axis]);
  return type;
}

std::vector<Var> reduction_shape(Inputs x, const Attrs& attrs, const Type&) {
  std::vector<Var> sizes;
  for (int axis = 0; axis < x[0].rank(); ++axis)
    if (!contains(attrs.ints, axis)) sizes.push_back(dim(x[0], axis));
  return sizes;
}

Var restore(const Var& reduced, const Var& x, const Var& y) {
  return broadcast_to(expand_dims(reduced, y->attrs.ints), shape_of(x));
}

Grads sum_vjp(const Var& g, Inputs x, const Var& y) { return {restore(g, x[0], y)}; }

// Every element that equals the extreme value gets the whole gradient, as in Theano.
Grads extreme_vjp(const Var& g, Inputs x, const Var& y) {
  return {where(equal(x[0], expand_dims(y, y->attrs.ints)), expand_dims(g, y->attrs.ints), 0.0)};
}

// prod/x where nothing is zero; with one zero only that element has a gradient; with two none has.
Grads prod_vjp(const Var& g, Inputs x, const Var& y) {
  const std::vector<int64_t>& axes = y->attrs.ints;
  Var is_zero = equal(x[0], scalar_like(x[0], 0));
  Var zeros = sum(cast(is_zero, DType::Int64), axes, true);
  Var others = prod(where(is_zero, scalar_like(x[0], 1), x[0]), axes, true);
  Var lone = logical_and(is_zero, equal(zeros, make_int(1)));
  Var safe = where(is_zero, scalar_like(x[0], 1), x[0]);
  Var regular = where(equal(zeros, make_int(0)), others / safe, 0.0);
  return {expand_dims(g, axes) * where(lone, others, regular)};
}

// Sizes that are not known yet are taken as equal; those found to be 1 are summed over.
Var expand_sum_to(Inputs x, const Attrs&) {
  std::vector<int64_t> ones;
  for (int axis = 0; axis < x[0].rank(); ++axis)
    if (is_filled_with(x[axis + 1], 1) && x[0].type().dims[axis] != 1) ones.push_back(axis);
  return sum(x[0], ones, true);
}

Type sum_to_type(Inputs x, const Attrs&) {
  Type type = x[0].type();
  for (size_t axis = 0; axis < type.dims.size(); ++axis)
    type.dims[axis] = is_constant(x[axis + 1]) ? *x[axis + 1]->attrs.value->as<int64_t>() : unknown;
  return type;
}

std::vector<Var> sum_to_shape(Inputs x, const Attrs&, const Type&) { return {x.begin() + 1, x.end()}; }

Grads sum_to_vjp(const Var& g, Inputs x, const Var&) {
  Grads grads(x.size());
  grads[0] = broadcast_to(g, shape_of(x[0]));
  return grads;
}

Var reduce(const OpSpec& op, const Var& x, std::vector<int64_t> axes, bool keepdims) {
  if (&op != &sum_op && &op != &prod_op) require_real(op.name, x.dtype());
  if (axes.empty()) return x;
  Var y = make_node(op, {x}, {.ints = axes});
  return keepdims ? expand_dims(y, std::move(axes)) : y;
}

}  // namespace

const OpSpec sum_op{.name = "sum",
                    .doc = "The sum of the elements along axes.",
                    .kind = OpKind::Reduction,
                    .infer = reduction_type,
                    .shape = reduction_shape,
                    .vjp = sum_vjp};
const OpSpec prod_op{.name = "prod",
                     .doc = "The product of the elements along axes.",
                     .kind = OpKind::Reduction,
                     .infer = reduction_type,
                     .shape = reduction_shape,
                     .vjp = prod_vjp};
const OpSpec max_op{.name = "max",
                    .doc = "The largest element along axes; NaN if there is one.",
                    .kind = OpKind::Reduction,
                    .infer = reduction_type,
                    .shape = reduction_shape,
                    .vjp = extreme_vjp};
const OpSpec min_op{.name = "min",
                    .doc = "The smallest element along axes; NaN if there is one.",
                    .kind = OpKind::Reduction,
                    .infer = reduction_type,
                    .shape = reduction_shape,
                    .vjp = extreme_vjp};

const OpSpec sum_to_op{.name = "sum_to",
                       .doc = "x summed over the axes along which the given sizes were broadcast to it.",
                       .kind = OpKind::Composite,
                       .arity = -1,
                       .infer = sum_to_type,
                       .shape = sum_to_shape,
                       .vjp = sum_to_vjp,
                       .expand = expand_sum_to};

Var sum(const Var& x, std::vector<int64_t> axes, bool keepdims) {
  return reduce(sum_op, x, std::move(axes), keepdims);
}
Var prod(const Var& x, std::vector<int64_t> axes, bool keepdims) {
  return reduce(prod_op, x, std::move(axes), keepdims);
}
Var reduce_max(const Var& x, std::vector<int64_t> axes, bool keepdims) {
  return reduce(max_op, x, std::move(axes), keepdims);
}
Var reduce_min(const Var& x, std::vector<int64_t> axes, bool keepdims) {
  return reduce(min_op, x, std::move(axes), keepdims);
}

std::vector<int64_t> all_axes(const Var& x) {
  std::vector<int64_t> axes(x.rank());
  std::iota(axes.begin(), axes.end(), 0);
  return axes;
}

Var sum_to(const Var& g, const Var& like) {
  int extra = g.rank() - like.rank();
  std::vector<int64_t> leading(extra), ones;
  std::iota(leading.begin(), leading.end(), 0);
  Var y = sum(g, leading);
  for (int axis = 0; axis < like.rank(); ++axis)
    if (like.type().dims[axis] == 1 && y.type().dims[axis] != 1) ones.push_back(axis);
  y = sum(y, ones, true);
  std::vector<Var> sizes = shape_of(like), inputs = {y};
  inputs.insert(inputs.end(), sizes.begin(), sizes.end());
  for (int axis = 0; axis < like.rank(); ++axis)
    if (!same(dim(y, axis), sizes[axis])) return make_node(sum_to_op, std::move(inputs));
  return y;
}

}  // namespace croton
