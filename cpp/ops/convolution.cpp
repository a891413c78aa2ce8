// Filters that slide over arrays of any number of axes, and the transpose of that.
#include "base/error.h"
#include "graph/broadcast.h"
#include "graph/leaves.h"
#include "ops/core_rows.h"
#include "ops/functions.h"

namespace croton {
namespace {

constexpr int lead = 3;  // axes before the spatial ones: batch, groups, channels

struct Spread {
  std::vector<int64_t> steps, dilations;
};

Spread spread_of(const Var& node) {
  auto first = node->attrs.ints.begin(), second = first + node.rank() - lead;
  return {{first, second}, {second, second + node.rank() - lead}};
}

void require_operands(std::string_view name, Inputs x, size_t ndim) {
  int rank = lead + static_cast<int>(ndim);
  bool fits = x[0].rank() == rank && x[1].rank() == rank && x[0].dtype() == x[1].dtype();
  if (fits && x.size() == 2 + ndim && !is_complex(x[0].dtype())) return;
  throw ValueError(std::string(name) + ": required two real arrays of rank " + std::to_string(rank) +
                   " and a size for each axis, given " + describe(x[0]) + " and " + describe(x[1]) +
                   source_text(SourceScope::current()));
}

// Batch, groups, and `channels` of the filters; then the sizes that the inputs end with.
std::vector<Var> result_shape(Inputs x, int channels) {
  std::vector<Var> sizes = {dim(x[0], 0), dim(x[0], 1), dim(x[1], channels)};
  sizes.insert(sizes.end(), x.begin() + 2, x.end());
  return sizes;
}

Type result_type(Inputs x, int channels) {
  Type type{x[0].dtype(), {}};
  for (const Var& size : result_shape(x, channels)) type.dims.push_back(known_size(size));
  if (type.dims[1] == unknown) type.dims[1] = x[1].type().dims[0];
  return type;
}

Type correlate_type(Inputs x, const Attrs& attrs) {
  require_operands("correlate", x, attrs.ints.size() / 2);
  return result_type(x, 1);
}
std::vector<Var> correlate_shape(Inputs x, const Attrs&, const Type&) { return result_shape(x, 1); }
std::vector<std::pair<Var, Var>> correlate_sizes(Inputs x) {
  return {{dim(x[0], 1), dim(x[1], 0)}, {dim(x[0], 2), dim(x[1], 2)}};
}

Type transposed_type(Inputs x, const Attrs& attrs) {
  require_operands("correlate_transposed", x, attrs.ints.size() / 3);
  return result_type(x, 2);
}
std::vector<Var> transposed_shape(Inputs x, const Attrs&, const Type&) { return result_shape(x, 2); }
std::vector<std::pair<Var, Var>> transposed_sizes(Inputs x) {
  return {{dim(x[0], 1), dim(x[1], 0)}, {dim(x[0], 2), dim(x[1], 1)}};
}

Var divided(const Var& x, int64_t by) { return by == 1 ? x : apply("floor_div", {x, make_int(by)}); }
Var or_zero(const Var& x) { return is_constant(x) && known_size(x) >= 0 ? x : maximum(x, make_int(0)); }

Var padded(const Var& x, int axis, const Var& before, const Var& after) {
  auto border = [&](const Var& width) {
    std::vector<Var> sizes = shape_of(x);
    sizes[axis] = width;
    return zeros(std::move(sizes), x.dtype());
  };
  return concatenate({border(before), x, border(after)}, axis);
}

// With `axis` the batch, the channels of the other operand are summed over it: the gradient by the filters.
Var by_filters(const Var& x, const Var& g, std::vector<Var> sizes, const Spread& spread) {
  std::vector<int64_t> swapped = {2, 1, 0}, outer = {1, 2, 0}, back = {1, 2, 0};
  for (int axis = lead; axis < x.rank(); ++axis)
    for (auto* pattern : {&swapped, &outer, &back}) pattern->push_back(axis);
  Var result = correlate(dimshuffle(x, swapped), dimshuffle(g, outer), std::move(sizes), spread.dilations,
                         spread.steps);
  return dimshuffle(result, back);
}

std::vector<Var> spatial_sizes(const Var& x) {
  std::vector<Var> sizes = shape_of(x);
  return {sizes.begin() + lead, sizes.end()};
}

// How many elements of the gradient reach an element of the input from the left.
Var reach(const Var& w, int axis, const Spread& spread) {
  size_t k = axis - lead;
  Var last = or_zero(dim(w, axis) - make_int(1));
  return divided(spread.dilations[k] == 1 ? last : last * make_int(spread.dilations[k]), spread.steps[k]);
}

Grads correlate_vjp(const Var& g, Inputs x, const Var& y) {
  Spread spread = spread_of(y);
  Var around = g;
  for (int axis = lead; axis < g.rank(); ++axis) {
    int64_t step = spread.steps[axis - lead];
    Var count = divided(step == 1 ? dim(x[0], axis) : dim(x[0], axis) + make_int(step - 1), step);
    around = padded(around, axis, reach(x[1], axis, spread), or_zero(count - dim(g, axis)));
  }
  Grads grads(x.size());
  grads[0] = correlate_transposed(around, x[1], spatial_sizes(x[0]), spread.steps, spread.dilations);
  grads[1] = by_filters(x[0], g, spatial_sizes(x[1]), spread);
  return grads;
}

// The gradient by the padded operand is a correlation that begins that many steps before the result.
Grads transposed_vjp(const Var& g, Inputs x, const Var& y) {
  Spread spread = spread_of(y);
  Var around = g;
  for (int axis = lead; axis < g.rank(); ++axis) {
    size_t k = axis - lead;
    Var before = reach(x[1], axis, spread) * make_int(spread.steps[k]);
    int64_t offset = y->attrs.ints[2 * spread.steps.size() + k];
    if (offset) before = before + make_int(offset);
    Var reached = (dim(x[0], axis) - make_int(1)) * make_int(spread.steps[k]) + make_int(1) +
                  or_zero(dim(x[1], axis) - make_int(1)) * make_int(spread.dilations[k]);
    around = padded(around, axis, before, or_zero(reached - before - dim(g, axis)));
  }
  Grads grads(x.size());
  grads[0] = correlate(around, x[1], spatial_sizes(x[0]), spread.steps, spread.dilations);
  grads[1] = by_filters(around, x[0], spatial_sizes(x[1]), spread);
  return grads;
}

Var make(const OpSpec& op, const Var& x, const Var& w, std::vector<Var> sizes,
         std::initializer_list<std::vector<int64_t>> spread) {
  std::vector<Var> inputs = {x, w};
  inputs.insert(inputs.end(), sizes.begin(), sizes.end());
  Attrs attrs;
  for (const auto& values : spread) attrs.ints.insert(attrs.ints.end(), values.begin(), values.end());
  return make_node(op, std::move(inputs), std::move(attrs));
}

}  // namespace

const OpSpec correlate_op{
    .name = "correlate",
    .doc =
        "Sums of products of the windows of x (batch, groups, channels, ...) with filters y (groups, "
        "outputs, channels, ...).",
    .kind = OpKind::Contraction,
    .arity = -1,
    .infer = correlate_type,
    .shape = correlate_shape,
    .equal_sizes = correlate_sizes,
    .vjp = correlate_vjp};

const OpSpec correlate_transposed_op{
    .name = "correlate_transposed",
    .doc = "The transpose of correlate, of an x with zeros around it, as far as the filters y reach.",
    .kind = OpKind::Contraction,
    .arity = -1,
    .infer = transposed_type,
    .shape = transposed_shape,
    .equal_sizes = transposed_sizes,
    .vjp = transposed_vjp};

Var correlate(const Var& x, const Var& w, std::vector<Var> counts, std::vector<int64_t> steps,
              std::vector<int64_t> dilations) {
  return make(correlate_op, x, w, std::move(counts), {steps, dilations});
}

Var correlate_transposed(const Var& x, const Var& w, std::vector<Var> sizes, std::vector<int64_t> steps,
                         std::vector<int64_t> dilations) {
  return make(correlate_transposed_op, x, w, std::move(sizes),
              {steps, dilations, std::vector<int64_t>(steps.size(), 0)});
}

}  // namespace croton
