// Elements at positions that are computed: take, and the accumulation that is its gradient.
#include "base/error.h"
#include "graph/broadcast.h"
#include "ops/core_rows.h"
#include "ops/functions.h"

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

// Replaces the `count` axes of `x` from `axis` on by one of size `size`.
template <class T>
std::vector<T> unsplice(std::vector<T> outer, size_t axis, size_t count, T size) {
  auto at = outer.erase(outer.begin() + axis, outer.begin() + axis + count);
  outer.insert(at, std::move(size));
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
  require_index(x[1]);
  int64_t size = is_constant(x[2]) ? *x[2]->attrs.value->as<int64_t>() : unknown;
  return {x[0].dtype(), unsplice(x[0].type().dims, attrs.ints[0], x[1].rank(), size)};
}

std::vector<Var> scatter_shape(Inputs x, const Attrs& attrs, const Type&) {
  return unsplice(shape_of(x[0]), attrs.ints[0], x[1].rank(), x[2]);
}

Grads scatter_vjp(const Var& g, Inputs x, const Var& y) {
  return {take(g, x[1], static_cast<int>(y->attrs.ints[0])), Var(), Var()};
}

}  // namespace

const OpSpec take_op{.name = "take",
                     .doc = "The elements of x at integer positions along one axis.",
                     .kind = OpKind::Gather,
                     .arity = 2,
                     .infer = take_type,
                     .shape = take_shape,
                     .vjp = take_vjp};
const OpSpec scatter_add_op{
    .name = "scatter_add",
    .doc = "Zeros with x added at integer positions along one axis; repeated ones add up.",
    .kind = OpKind::Scatter,
    .arity = 3,
    .infer = scatter_type,
    .shape = scatter_shape,
    .vjp = scatter_vjp};

Var take(const Var& x, const Var& index, int axis) {
  return make_node(take_op, {x, index}, {.ints = {axis}});
}
Var scatter_add(const Var& x, const Var& index, const Var& size, int axis) {
  return make_node(scatter_add_op, {x, index, size}, {.ints = {axis}});
}

}  // namespace croton
