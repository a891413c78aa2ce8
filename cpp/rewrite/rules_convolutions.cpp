#include <utility>

#include "ops/core_rows.h"
#include "ops/functions.h"
#include "rewrite/rules.h"

namespace croton::rules {
namespace {

using patterns::Match;
using patterns::named;
using patterns::op;
using patterns::Wildcard;
using enum Exactness;

constexpr Wildcard x{0}, y{1}, inner{2};
constexpr int lead = 3;             // axes before the spatial ones: batch, groups, channels
constexpr int64_t most_terms = 32;  // that are written out

// The attributes of a correlation or its transpose at one spatial axis.
struct Along {
  int64_t step, dilation, offset;
};
int spatial_axes(const Var& node) { return node.rank() - lead; }
Along along(const Var& node, int k) {
  const std::vector<int64_t>& ints = node->attrs.ints;
  const int ndim = spatial_axes(node);
  return {ints[k], ints[ndim + k], node->op == &correlate_op ? 0 : ints[2 * ndim + k]};
}

bool is_narrow(const Match& m) { return is_floating(m.root.dtype()) && size_of(m.root.dtype()) == 2; }

Var widened(const Match& m) {
  std::vector<Var> inputs = m.root->inputs;
  for (int k : {0, 1}) inputs[k] = cast(inputs[k], DType::Float32);
  return cast(make_node(*m.root->op, std::move(inputs), m.root->attrs), m.root.dtype());
}

// Windows times filters, summed over the channels and the elements of the windows.
Var summed_windows(const Match& m) {
  Var view = m[x];
  std::vector<int64_t> of_x = {0, 1, -1, 2}, of_w = {-1, 0, 1, 2}, reduced = {3};
  for (int k = 0; k < spatial_axes(m.root); ++k) {
    Along a = along(m.root, k);
    int axis = lead + 2 * k;
    view = make_node(windows_op, {view, m.root->inputs[2 + k], dim(m[y], lead + k)},
                     {.ints = {axis, a.step, a.dilation}});
    of_x.insert(of_x.end(), {axis, axis + 1});
    of_w.insert(of_w.end(), {-1, lead + k});
    reduced.push_back(axis + 2);
  }
  return sum(dimshuffle(view, of_x) * dimshuffle(m[y], of_w), reduced);
}

// Calls f(index) for each index of an array of these sizes.
template <class F>
void for_each(const std::vector<int64_t>& sizes, F f) {
  std::vector<int64_t> index(sizes.size(), 0);
  for (size_t axis = 0; axis <= sizes.size();) {
    f(std::as_const(index));
    for (axis = sizes.size(); axis-- > 0;) {
      if (++index[axis] < sizes[axis]) break;
      index[axis] = 0;
    }
    if (axis == static_cast<size_t>(-1)) return;
  }
}

// The sizes from axis `first` on, if all are known and there are few elements; else nothing.
std::vector<int64_t> few(const Var& array, int first) {
  std::vector<int64_t> sizes(array.type().dims.begin() + first, array.type().dims.end());
  int64_t count = 1;
  for (int64_t size : sizes) count = size <= 0 || count > most_terms ? most_terms + 1 : count * size;
  return count <= most_terms ? sizes : std::vector<int64_t>();
}

// The elements of x that element `tap` of the filters meets, at all positions of the result.
Var met(const Match& m, const std::vector<int64_t>& tap) {
  Var part = m[x];
  for (int k = 0; k < spatial_axes(m.root); ++k) {
    Along a = along(m.root, k);
    int64_t start = tap[k] * a.dilation;
    if (m.root->op == &correlate_transposed_op)
      start = (m[y].type().dims[lead + k] - 1 - tap[k]) * a.dilation;
    part = slice(part, lead + k, make_int(start), m.root->inputs[2 + k], a.step);
  }
  return part;
}

// With one channel and few elements in a filter: an elementwise sum, which runs along the last axis. The
// filters have `terms` channels to sum over, and those of the result along axis `outputs`.
Var elementwise(const Match& m, int terms, int outputs) {
  std::vector<int64_t> sizes = few(m[y], lead), of_x = {0, 1, -1}, of_w = {-1, 0, outputs};
  if (sizes.empty() || m[y].type().dims[terms] != 1) return {};
  for (int k = 0; k < spatial_axes(m.root); ++k)
    for (auto* pattern : {&of_x, &of_w}) pattern->push_back(lead + k);
  Var total;
  for_each(sizes, [&](const std::vector<int64_t>& tap) {
    Var weight = m[y];
    for (size_t k = 0; k < tap.size(); ++k)
      weight = slice(weight, lead + static_cast<int>(k), make_int(tap[k]), make_int(1), 1);
    Var term = dimshuffle(met(m, tap), of_x) * dimshuffle(weight, of_w);
    total = total ? total + term : term;
  });
  return total;
}

Var depthwise(const Match& m) { return elementwise(m, 2, 1); }
Var depthwise_transposed(const Match& m) {
  for (int k = 0; k < spatial_axes(m.root); ++k)
    if (along(m.root, k).step != 1) return {};
  return elementwise(m, 1, 2);
}

// Few elements of the result in each group: a sum over all else for each of them, of which one pass makes
// all.
Var sums(const Match& m) {
  std::vector<int64_t> sizes = few(m.root, lead), axes;
  if (sizes.empty() || m[x].type().dims[0] != 1 || m[y].type().dims[1] != 1) return {};
  const int ndim = spatial_axes(m.root);
  for (int axis = 1; axis < 2 + ndim; ++axis) axes.push_back(axis);
  std::vector<int64_t> of_x = {1, 2}, of_w = {0, 2}, back = {-1, 0, -1};
  for (int k = 0; k < ndim; ++k) {
    of_x.push_back(lead + k);
    of_w.push_back(lead + k);
    back.push_back(-1);
  }
  Var weights = dimshuffle(m[y], of_w);
  std::vector<Var> parts;
  for_each(sizes, [&](const std::vector<int64_t>& at) {
    Var part = m[x];
    for (int k = 0; k < ndim; ++k) {
      Along a = along(m.root, k);
      part = slice(part, lead + k, make_int(at[k] * a.step), dim(m[y], lead + k), a.dilation);
    }
    parts.push_back(dimshuffle(sum(dimshuffle(part, of_x) * weights, axes), back));
  });
  Var all = concatenate(parts, lead + ndim - 1);
  return reshape(all, shape_of(m.root));
}

// A part of the transpose reads a part of x.
Var slice_of_transposed(const Match& m) {
  const Var& whole = m[inner];
  const int axis = static_cast<int>(m.root->attrs.ints[0]), k = axis - lead, ndim = spatial_axes(whole);
  if (k < 0 || m.root->attrs.ints[1] != 1 || !m.used_once(whole)) return {};
  Along a = along(whole, k);
  const Var& start = m.root->inputs[1];
  Var skipped = start;
  Attrs attrs = whole->attrs;
  if (a.step > 1) {
    if (known_size(start) < 0) return {};
    skipped = make_int((known_size(start) + a.offset) / a.step);
    attrs.ints[2 * ndim + k] = (known_size(start) + a.offset) % a.step;
  }
  std::vector<Var> inputs = whole->inputs;
  auto divided = [&](const Var& size) {
    return a.step == 1 ? size : apply("floor_div", {size, make_int(a.step)});
  };
  const Var &length = m.root->inputs[2], none = make_int(0);
  Var last = maximum(dim(inputs[1], axis) - make_int(1), none) * make_int(a.dilation);
  Var reached = divided(length + make_int(a.step - 1 + attrs.ints[2 * ndim + k]));
  inputs[0] = slice(inputs[0], axis, skipped, reached + divided(last), 1);
  inputs[2 + k] = length;
  return make_node(correlate_transposed_op, std::move(inputs), std::move(attrs));
}

Var array(std::vector<int64_t> dims, DType dtype = DType::Float64) {
  return make_input({dtype, std::move(dims)}, "x");
}
std::vector<Var> sizes(std::vector<int64_t> dims) {
  std::vector<Var> result;
  for (int64_t d : dims) result.push_back(make_int(d));
  return result;
}
Var transpose_example() {
  return correlate_transposed(array({2, 3, 1, 7, 6}), array({3, 1, 2, 3, 2}), sizes({5, 5}), {1, 1}, {1, 1});
}

}  // namespace

std::vector<Rule> convolutions() {
  patterns::Pattern forward = op(correlate_op, {x, y}), transposed = op(correlate_transposed_op, {x, y});
  auto integers = [](const Match& m) { return is_discrete(m.root.dtype()); };
  return {
      {"correlate_of_narrow_floats", forward, widened, is_narrow, Accurate,
       [] {
         return correlate(array({1, 1, 2, 5}, DType::Float16), array({1, 2, 2, 2}, DType::Float16),
                          sizes({4}), {1}, {1});
       }},
      {"correlate_transposed_of_narrow_floats", transposed, widened, is_narrow, Accurate,
       [] {
         return correlate_transposed(array({1, 1, 2, 5}, DType::Float16), array({1, 2, 2, 2}, DType::Float16),
                                     sizes({4}), {1}, {1});
       }},
      {"correlate_of_integers", forward, summed_windows, integers, Exact,
       [] {
         return correlate(array({2, 2, 3, 5, 4}, DType::Int32), array({2, 2, 3, 2, 2}, DType::Int32),
                          sizes({2, 3}), {2, 1}, {1, 1});
       }},
      {"correlate_of_one_channel", forward, depthwise, Accurate,
       [] {
         return correlate(array({2, 3, 1, 7, 6}), array({3, 2, 1, 2, 3}), sizes({3, 2}), {2, 1}, {1, 2});
       }},
      {"correlate_transposed_of_one_channel", transposed, depthwise_transposed, Accurate, transpose_example},
      {"correlate_to_few", forward, sums, Accurate,
       [] {
         return correlate(array({1, 3, 2, 7, 6}), array({3, 1, 2, 4, 3}), sizes({2, 3}), {1, 1}, {1, 1});
       }},
  };
}

std::vector<Rule> convolution_slices() {
  return {
      {"slice_of_correlate_transposed", op(slice_op, {named(inner, op(correlate_transposed_op, {x, y}))}),
       slice_of_transposed, Accurate,
       [] {
         Var all = correlate_transposed(array({1, 1, 2, 6}), array({1, 2, 1, 3}), sizes({9}), {2}, {1});
         return slice(all, 3, make_int(1), make_int(6), 1);
       }},
  };
}

}  // namespace croton::rules
