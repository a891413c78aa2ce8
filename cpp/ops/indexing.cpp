// Elements at positions that are computed: take, and the accumulation that is its gradient.
#include "base/error.h"
#include "graph/broadcast.h"
#include "ops/core_rows.h"
#include "ops/functions.h"
#include "ops/scan.h"

namespace croton {
namespace {

void require_index(const Var& index) {
  if (!is_integer(index.dtype()))
    throw TypeError("take: required an integer index, given " + describe(index) +
                    source_text(SourceScope::current()));
}

// Replaces axis `axis` of `outer` by all of `inner`.
template <class T>
std::vector<T> splice(std::vector<T> outer, const std::vector<T>& inner, size_t axis) {
  auto at = outer.erase(outer.begin() + axis);
  outer.insert(at, inner.begin(), inner.end());
  return outer;
}

Type take_type(Inputs x, const Attrs& attrs) {
  require_index(x[1]);
  return {x[0].dtype(), splice(x[0].type().dims, x[1].type().dims, attrs.ints[0])};
}

std::vector<Var> take_shape(Inputs x, const Attrs& attrs, const Type&) {
  return splice(shape_of(x[0]), shape_of(x[1]), attrs.ints[0]);
}

Grads take_vjp(const Var& g, Inputs x, const Var& y) {
  int axis = static_cast<int>(y->attrs.ints[0]);
  return {scatter_add(g, x[1], dim(x[0], axis), axis), Var()};
}

Type scatter_type(Inputs x, const Attrs& attrs) {
  require_index(x[2]);
  size_t axis = attrs.ints[0];
  if (x[0].dtype() != x[1].dtype() || x[1].rank() != x[0].rank() + x[2].rank() - 1)
    throw ValueError(
        "scatter: required values of the array's dtype, with the index's axes in place of axis " +
        std::to_string(axis) + ", given " + describe(x[1]) + " for " + describe(x[0]) + " and index " +
        describe(x[2]) + source_text(SourceScope::current()));
  return x[0].type();
}

std::vector<Var> scatter_shape(Inputs x, const Attrs&, const Type&) { return shape_of(x[0]); }

// Which of the values stay, where several are put at one position: the index of the last one is found there.
Var stays(Inputs x, int axis) {
  const Var& index = x[2];
  Var count = make_int(1);
  for (const Var& size : shape_of(index)) count = count * size;
  Var order = reshape(iota({count}, 0), shape_of(index));
  Var last = scatter(zeros({dim(x[0], axis)}, DType::Int64), order, index, 0, ScatterMode::Set);
  std::vector<int64_t> after;
  for (int k = 0; k < x[0].rank() - axis - 1; ++k) after.push_back(index.rank() + k);
  return expand_dims(equal(take(last, index, 0), order), std::move(after));
}

Grads scatter_vjp(const Var& g, Inputs x, const Var& y) {
  int axis = static_cast<int>(y->attrs.ints[0]);
  Var taken = take(g, x[2], axis), zero = make_scalar(g.dtype(), 0);
  switch (static_cast<ScatterMode>(y->attrs.ints[1])) {
    case ScatterMode::Add: return {g, taken, Var()};
    case ScatterMode::Set:
      return {scatter(g, zeros_like(x[1]), x[2], axis, ScatterMode::Set), where(stays(x, axis), taken, zero),
              Var()};
    default: break;
  }
  return {where(equal(x[0], y), g, zero), where(equal(x[1], take(y, x[2], axis)), taken, zero), Var()};
}

}  // namespace

const OpSpec take_op{.name = "take",
                     .doc = "The elements of x at integer positions along one axis.",
                     .kind = OpKind::Gather,
                     .arity = 2,
                     .infer = take_type,
                     .shape = take_shape,
                     .vjp = take_vjp};
const OpSpec scatter_op{.name = "scatter",
                        .doc = "x with y added, put or compared at integer positions along one axis.",
                        .kind = OpKind::Scatter,
                        .arity = 3,
                        .infer = scatter_type,
                        .shape = scatter_shape,
                        .vjp = scatter_vjp};

Var take(const Var& x, const Var& index, int axis) {
  const bool last = axis == 0 && index.rank() == 0 && is_filled_with(index, -1);
  if (Var row = last ? last_of_trace(x) : Var()) return make_node(take_op, {row, index}, {.ints = {0}});
  return make_node(take_op, {x, index}, {.ints = {axis}});
}

Var wrap_positions(const Var& index, const Var& size, int axis) {
  return make_node(take_op, {iota({size}, 0), index}, {.ints = {0, axis}});
}

int64_t indexed_axis(const Node& node) {
  return node.op == &take_op ? node.attrs.ints.back() : node.attrs.ints[0];
}

bool wraps_positions(const Node& node) {
  return node.op == &take_op && node.inputs[0]->op == &iota_op && node.inputs[0].rank() == 1;
}

Var scatter(const Var& x, const Var& values, const Var& index, int axis, ScatterMode mode) {
  return make_node(scatter_op, {x, values, index}, {.ints = {axis, static_cast<int64_t>(mode)}});
}

Var scatter_add(const Var& x, const Var& index, const Var& size, int axis) {
  std::vector<Var> sizes = shape_of(x);
  auto at = sizes.erase(sizes.begin() + axis, sizes.begin() + axis + index.rank());
  sizes.insert(at, size);
  return scatter(zeros(std::move(sizes), x.dtype()), x, index, axis, ScatterMode::Add);
}

}  // namespace croton
