// The largest element of windows that lie side by side.
#include "graph/leaves.h"
#include "ops/core_rows.h"
#include "ops/functions.h"

namespace croton {
namespace {

int first_axis(Inputs x, const Attrs& attrs) { return x[0].rank() - static_cast<int>(attrs.ints.size()); }

std::vector<Var> max_pool_shape(Inputs x, const Attrs& attrs, const Type&) {
  std::vector<Var> sizes = shape_of(x[0]);
  sizes.resize(first_axis(x, attrs));
  sizes.insert(sizes.end(), x.begin() + 1, x.end());
  return sizes;
}

Type max_pool_type(Inputs x, const Attrs& attrs) {
  Type type{x[0].dtype(), {}};
  for (const Var& size : max_pool_shape(x, attrs, type)) type.dims.push_back(known_size(size));
  return type;
}

// The maximum of the first elements of all windows, the second ones, and so on.
Var expand_max_pool(Inputs x, const Attrs& attrs) {
  std::vector<Var> parts = {x[0]};
  for (size_t k = 0; k < attrs.ints.size(); ++k) {
    std::vector<Var> finer;
    for (const Var& part : parts)
      for (int64_t at = 0; at < attrs.ints[k]; ++at)
        finer.push_back(
            slice(part, first_axis(x, attrs) + static_cast<int>(k), make_int(at), x[1 + k], attrs.ints[k]));
    parts = std::move(finer);
  }
  Var top = parts[0];
  for (size_t i = 1; i < parts.size(); ++i) top = maximum(top, parts[i]);
  return top;
}

// Every element that is the largest of its window gets the whole gradient, as in Theano. Along the last axis
// results are repeated by positions, along the others the windows are views.
Grads max_pool_vjp(const Var& g, Inputs x, const Var& y) {
  const std::vector<int64_t>& sizes = y->attrs.ints;
  const int first = first_axis(x, y->attrs), last = static_cast<int>(sizes.size()) - 1;
  auto covered = [&](int k) { return x[1 + k] * make_int(sizes[k]); };
  Var part = slice(x[0], first + last, make_int(0), covered(last), 1);
  Var position = apply("floor_div", {iota({covered(last)}, 0), make_int(sizes[last])});
  Var tops = take(y, position, first + last), grads = take(g, position, first + last);
  std::vector<Var> shape = shape_of(x[0]);
  for (int k = 0; k < last; ++k) {
    const int axis = first + 2 * k;
    part = make_node(windows_op, {part, x[1 + k], make_int(sizes[k])}, {.ints = {axis, sizes[k], 1}});
    tops = expand_dims(tops, {axis + 1});
    grads = expand_dims(grads, {axis + 1});
    shape[first + k] = covered(k);
  }
  shape[first + last] = covered(last);
  Var result = reshape(where(equal(part, tops), grads, 0.0), shape);
  for (int k = last; k >= 0; --k) {
    if (same(shape[first + k], dim(x[0], first + k))) continue;
    std::vector<Var> rest = shape_of(result);
    rest[first + k] = dim(x[0], first + k) - shape[first + k];
    result = concatenate({result, zeros(rest, g.dtype())}, first + k);
  }
  Grads all(x.size());
  all[0] = result;
  return all;
}

}  // namespace

const OpSpec max_pool_op{
    .name = "max_pool",
    .doc = "The largest element of each of so many windows along the last axes, which lie side by side.",
    .kind = OpKind::Composite,
    .arity = -1,
    .infer = max_pool_type,
    .shape = max_pool_shape,
    .vjp = max_pool_vjp,
    .expand = expand_max_pool};

Var max_pool(const Var& x, std::vector<Var> counts, std::vector<int64_t> sizes) {
  counts.insert(counts.begin(), x);
  return make_node(max_pool_op, std::move(counts), {.ints = std::move(sizes)});
}

}  // namespace croton
