// Elements at positions that may differ from item to item.
#include "ops/functions.h"
#include "ops/vectorize_rules.h"

namespace croton::batching {
namespace {

// An axis of the items of an array with a batch, by positions of its own for each item.
struct Indexed {
  int axis;       // of an item
  int64_t named;  // the axis in messages

  // The batch and the axes before the indexed one.
  std::vector<Var> outer(const Var& x) const {
    std::vector<Var> sizes = shape_of(x);
    return {sizes.begin(), sizes.begin() + axis + 1};
  }

  // `x` with these and the indexed axis as one.
  Var lines(const Var& x) const {
    Var flat = x;
    for (int k = 0; k <= axis; ++k) flat = merged(flat, 0);
    return flat;
  }

  // Positions on that axis of those in `index`, a batch: the outer axes, and then those of the index.
  Var positions(const Var& x, const Var& index) const {
    std::vector<Var> sizes = outer(x), ones = sizes;
    std::vector<int64_t> between;
    for (int k = 1; k <= axis; ++k) between.push_back(k);
    for (int k = 1; k < index.rank(); ++k) ones.push_back(make_int(1));
    Var n = dim(x, axis + 1), row = iota(ones, 0);
    for (int k = 1; k <= axis; ++k) row = row * sizes[k] + iota(ones, k);
    return row * n + expand_dims(wrap_positions(index, n, static_cast<int>(named)), between);
  }

  Var take(const Var& x, const Var& index) const { return croton::take(lines(x), positions(x, index), 0); }

  Var scatter(const Var& x, const Var& values, const Var& index, ScatterMode mode) const {
    return reshape(croton::scatter(lines(x), values, positions(x, index), 0, mode), shape_of(x));
  }
};

// ---- take and scatter

Values take_rule(const Call& c) {
  const int64_t named = indexed_axis(c.node);
  if (!c.batched(1)) return items(c.remade({c.x[0].var, c.x[1].var}, {c.axis() + 1, named}));
  // The batch stands where the index does.
  if (!c.batched(0)) return items(moved(c.remade({c.x[0].var, c.x[1].var}), c.axis(), 0));
  return items(Indexed{c.axis(), named}.take(c.x[0].var, c.x[1].var));
}

Values scatter_rule(const Call& c) {
  const int64_t axis = c.axis(), mode = c.node.attrs.ints[1];
  Var x = c.each(0), values = c.each(1);
  if (!c.batched(2)) return items(c.remade({x, values, c.x[2].var}, {axis + 1, mode}));
  return items(Indexed{c.axis(), axis}.scatter(x, values, c.x[2].var, static_cast<ScatterMode>(mode)));
}

// ---- slices, which become lists of positions where their starts differ

Var slice_positions(const Var& starts, const Var& length, int64_t step) {
  return expand_dims(starts, {1}) + iota({length}, 0) * make_int(step);
}

Values slice_rule(const Call& c) {
  const int64_t step = c.node.attrs.ints[1];
  Var length = c.common(2);
  if (!c.batched(1)) return items(slice(c.x[0].var, c.axis() + 1, c.x[1].var, length, step));
  Var index = slice_positions(c.x[1].var, length, step);
  if (!c.batched(0)) return items(moved(take(c.x[0].var, index, c.axis()), c.axis(), 0));
  return items(Indexed{c.axis(), c.axis()}.take(c.x[0].var, index));
}

Values set_slice_rule(const Call& c) {
  const int64_t step = c.node.attrs.ints[1];
  Var x = c.each(0), part = c.each(1);
  if (!c.batched(2)) return items(set_slice(x, part, c.axis() + 1, c.x[2].var, step));
  Var index = slice_positions(c.x[2].var, dim(part, c.axis() + 1), step);
  return items(Indexed{c.axis(), c.axis()}.scatter(x, part, index, ScatterMode::Set));
}

}  // namespace

Rules indexing_rules() {
  return {
      {"take", take_rule}, {"scatter", scatter_rule}, {"slice", slice_rule}, {"set_slice", set_slice_rule}};
}

}  // namespace croton::batching
