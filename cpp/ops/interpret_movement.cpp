// Views and concatenation: the same bytes at other indices, for every dtype.
#include <algorithm>
#include <cstring>

#include "ops/interpret_values.h"

namespace croton::interpreter {
namespace {

// Whether start, start + step, ... (`length` of them) all lie in [0, size).
bool inside(int64_t start, int64_t length, int64_t step, int64_t size) {
  if (length == 0) return true;
  if (start < 0 || start >= size || step == 0) return false;
  uint64_t stride = step > 0 ? static_cast<uint64_t>(step) : 0 - static_cast<uint64_t>(step);
  uint64_t room = static_cast<uint64_t>(step > 0 ? size - 1 - start : start);
  return static_cast<uint64_t>(length - 1) <= room / stride;
}

void require_inside(const Node& node, Values x, int64_t start, int64_t length, int64_t size) {
  auto [axis, step] = std::pair(node.attrs.ints[0], node.attrs.ints[1]);
  if (inside(start, length, step, size)) return;
  throw IndexError(complaint(node, x, "positions inside an axis of size " + std::to_string(size),
                             std::to_string(length) + " elements from " + std::to_string(start) +
                                 " with step " + std::to_string(step) + " on axis " + std::to_string(axis)));
}

}  // namespace

namespace {

// The first or second number of each complex element.
Array strided_part(const Node& node, Values x, size_t k) {
  Array y = make_array(node, x, real_type(x[0].dtype), x[0].shape);
  size_t size = size_of(y.dtype);
  for (int64_t i = 0; i < y.size(); ++i) std::memcpy(element(y, i), element(x[0], i) + k * size, size);
  return y;
}

}  // namespace

Array real(const Node& node, Values x) { return strided_part(node, x, 0); }
Array imag(const Node& node, Values x) { return strided_part(node, x, 1); }

Array complex(const Node& node, Values x) {
  Array y =
      make_array(node, x, node.type.dtype, broadcast_shapes(node, x, std::vector{x[0].shape, x[1].shape}));
  size_t size = size_of(x[0].dtype);
  for_each_index(y.shape, [&](const Shape& index, int64_t position) {
    for (size_t k : {0, 1})
      std::memcpy(element(y, position) + k * size, element(x[k], broadcast_position(index, x[k].shape)),
                  size);
  });
  return y;
}

Array dimshuffle(const Node& node, Values x) {
  const std::vector<int64_t>& pattern = node.attrs.ints;
  Shape shape;
  for (int64_t axis : pattern) shape.push_back(axis < 0 ? 1 : x[0].shape[axis]);
  for (size_t axis = 0; axis < x[0].shape.size(); ++axis) {
    bool kept = std::find(pattern.begin(), pattern.end(), static_cast<int64_t>(axis)) != pattern.end();
    require(kept || x[0].shape[axis] == 1, node, x, "size 1 of dropped axis " + std::to_string(axis));
  }
  Array y = make_array(node, x, x[0].dtype, shape);
  for_each_index(y.shape, [&](const Shape& index, int64_t position) {
    Shape from(x[0].shape.size(), 0);
    for (size_t axis = 0; axis < pattern.size(); ++axis)
      if (pattern[axis] >= 0) from[pattern[axis]] = index[axis];
    copy_element(x[0], position_of(from, x[0].shape), y, position);
  });
  return y;
}

Array broadcast_to(const Node& node, Values x) {
  Array y = make_array(node, x, x[0].dtype, sizes_of(x.subspan(1)));
  const Shape &from = x[0].shape, &to = y.shape;
  bool fits = from.size() <= to.size();
  for (size_t axis = 0; fits && axis < from.size(); ++axis)
    fits = from[axis] == 1 || from[axis] == to[axis + to.size() - from.size()];
  require(fits, node, x, "a shape that the first operand broadcasts to");
  for_each_index(to, [&](const Shape& index, int64_t position) {
    copy_element(x[0], broadcast_position(index, from), y, position);
  });
  return y;
}

Array reshape(const Node& node, Values x) {
  Array y = make_array(node, x, x[0].dtype, sizes_of(x.subspan(1)));
  require(y.size() == x[0].size(), node, x, "as many elements as the first operand has");
  for (int64_t position = 0; position < y.size(); ++position) copy_element(x[0], position, y, position);
  return y;
}

Array slice(const Node& node, Values x) {
  int64_t axis = node.attrs.ints[0], step = node.attrs.ints[1];
  int64_t start = scalar_of(x[1]), length = scalar_of(x[2]);
  require(length >= 0, node, x, "a length that is not negative");
  require_inside(node, x, start, length, x[0].shape[axis]);
  Shape shape = x[0].shape;
  shape[axis] = length;
  Array y = make_array(node, x, x[0].dtype, shape);
  for_each_index(y.shape, [&](const Shape& index, int64_t position) {
    Shape from = index;
    from[axis] = start + index[axis] * step;
    copy_element(x[0], position_of(from, x[0].shape), y, position);
  });
  return y;
}

Array windows(const Node& node, Values x) {
  int64_t axis = node.attrs.ints[0], step = node.attrs.ints[1], dilation = node.attrs.ints[2];
  int64_t count = scalar_of(x[1]), size = scalar_of(x[2]);
  require(count >= 0 && size >= 0, node, x, "a count and a size of 0 or more");
  bool empty = count == 0 || size == 0;
  require(empty || (count - 1) * step + (size - 1) * dilation < x[0].shape[axis], node, x,
          "windows inside axis " + std::to_string(axis));
  Shape shape = x[0].shape;
  shape[axis] = count;
  shape.insert(shape.begin() + axis + 1, size);
  Array y = make_array(node, x, x[0].dtype, shape);
  for_each_index(y.shape, [&](const Shape& index, int64_t position) {
    Shape from = index;
    from[axis] = index[axis] * step + index[axis + 1] * dilation;
    from.erase(from.begin() + axis + 1);
    copy_element(x[0], position_of(from, x[0].shape), y, position);
  });
  return y;
}

Array set_slice(const Node& node, Values x) {
  int64_t axis = node.attrs.ints[0], step = node.attrs.ints[1], start = scalar_of(x[2]);
  Shape expected = x[0].shape;
  expected[axis] = x[1].shape[axis];
  require(x[1].shape == expected, node, x, "equal sizes off axis " + std::to_string(axis));
  require_inside(node, x, start, x[1].shape[axis], x[0].shape[axis]);
  Array y = copy_of(x[0]);
  for_each_index(x[1].shape, [&](const Shape& index, int64_t position) {
    Shape to = index;
    to[axis] = start + index[axis] * step;
    copy_element(x[1], position, y, position_of(to, y.shape));
  });
  return y;
}

Array concatenate(const Node& node, Values x) {
  int64_t axis = node.attrs.ints[0];
  Shape shape = x[0].shape;
  shape[axis] = 0;
  for (const Array& part : x) {
    Shape expected = shape;
    expected[axis] = part.shape[axis];
    require(part.shape == expected, node, x, "equal sizes off axis " + std::to_string(axis));
    shape[axis] += part.shape[axis];
  }
  Array y = make_array(node, x, x[0].dtype, shape);
  int64_t before = 0;
  for (const Array& part : x) {
    for_each_index(part.shape, [&](const Shape& index, int64_t position) {
      Shape to = index;
      to[axis] += before;
      copy_element(part, position, y, position_of(to, y.shape));
    });
    before += part.shape[axis];
  }
  return y;
}

}  // namespace croton::interpreter
