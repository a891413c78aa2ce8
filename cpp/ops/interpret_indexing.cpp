// Sizes, positions as values, and elements at computed positions.
#include "ops/functions.h"
#include "ops/interpret_values.h"

namespace croton::interpreter {
namespace {

// The positions that `index` holds on an axis of this size; negative ones count from the end.
std::vector<int64_t> positions(const Node& node, Values x, const Array& index, int64_t size) {
  std::vector<int64_t> result;
  for (int64_t i = 0; i < index.size(); ++i) {
    int64_t at = integer_at(index, i);
    if (at < -size || at >= size)
      throw IndexError(complaint(
          node, x, "positions from -" + std::to_string(size) + " up to but without " + std::to_string(size),
          "position " + std::to_string(at) + " on axis " + std::to_string(indexed_axis(node))));
    result.push_back(at < 0 ? at + size : at);
  }
  return result;
}

// Where the element at `index` of the spread array (outer..., positions..., inner...) lies in the other one,
// in which one axis takes the place of the `count` axes from `axis` on.
Shape gathered(const Shape& index, size_t axis, const Shape& index_shape, const std::vector<int64_t>& at) {
  size_t count = index_shape.size();
  Shape inside(index.begin() + axis, index.begin() + axis + count);
  Shape result(index.begin(), index.begin() + axis);
  result.push_back(at[position_of(inside, index_shape)]);
  result.insert(result.end(), index.begin() + axis + count, index.end());
  return result;
}

}  // namespace

Array dim(const Node& node, Values x) { return make_size(x[0].shape[node.attrs.ints[0]]); }

Array broadcast_size(const Node&, Values x) {
  int64_t a = scalar_of(x[0]), b = scalar_of(x[1]);
  return make_size(a == 1 ? b : a);
}

Array iota(const Node& node, Values x) {
  Array y = make_array(node, x, DType::Int64, sizes_of(x));
  for_each_index(y.shape, [&](const Shape& index, int64_t position) {
    y.as<int64_t>()[position] = index[node.attrs.ints[0]];
  });
  return y;
}

Array take(const Node& node, Values x) {
  size_t axis = static_cast<size_t>(node.attrs.ints[0]);
  const Array& index = x[1];
  std::vector<int64_t> at = positions(node, x, index, x[0].shape[axis]);
  Shape shape(x[0].shape.begin(), x[0].shape.begin() + axis);
  shape.insert(shape.end(), index.shape.begin(), index.shape.end());
  shape.insert(shape.end(), x[0].shape.begin() + axis + 1, x[0].shape.end());
  Array y = make_array(node, x, x[0].dtype, shape);
  for_each_index(y.shape, [&](const Shape& to, int64_t position) {
    copy_element(x[0], position_of(gathered(to, axis, index.shape, at), x[0].shape), y, position);
  });
  return y;
}

Array scatter(const Node& node, Values x) {
  size_t axis = static_cast<size_t>(node.attrs.ints[0]);
  auto mode = static_cast<ScatterMode>(node.attrs.ints[1]);
  const Array& index = x[2];
  std::vector<int64_t> at = positions(node, x, index, x[0].shape[axis]);
  Shape expected = x[0].shape;
  expected.insert(expected.erase(expected.begin() + axis), index.shape.begin(), index.shape.end());
  require(x[1].shape == expected, node, x,
          "the index's shape in the values, in place of axis " + std::to_string(axis));
  Array y = copy_of(x[0]);
  auto place = [&](const Shape& from) { return position_of(gathered(from, axis, index.shape, at), y.shape); };
  if (mode == ScatterMode::Set) {
    for_each_index(x[1].shape, [&](const Shape& from, int64_t position) {
      copy_element(x[1], position, y, place(from));
    });
    return y;
  }
  require_real(node, x);
  DType dtype = x[0].dtype;
  with_accumulator(dtype, [&]<class T>(T) {
    Fold fold = mode == ScatterMode::Min                     ? Fold::Min
                : mode == ScatterMode::Max || is_bool(dtype) ? Fold::Max
                                                             : Fold::Sum;
    std::vector<T> values;
    for (int64_t i = 0; i < y.size(); ++i) values.push_back(load<T>(dtype, element(y, i)));
    for_each_index(x[1].shape, [&](const Shape& from, int64_t position) {
      T& value = values[place(from)];
      value = combine<T>(fold, value, load<T>(dtype, element(x[1], position)));
    });
    for (int64_t i = 0; i < y.size(); ++i) store<T>(dtype, values[i], element(y, i));
  });
  return y;
}

}  // namespace croton::interpreter
