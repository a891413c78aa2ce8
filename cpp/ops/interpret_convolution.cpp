// Filters that slide over arrays, one element of the result after the other.
#include "ops/interpret_values.h"

namespace croton::interpreter {
namespace {

constexpr size_t lead = 3;  // axes before the spatial ones: batch, groups, channels

// The sum over the channels and the elements of the filters. `at(k, q, j)` is the position along spatial
// axis k that element j of the filters meets for element q of the result, or -1. `inner` and `outer` are the
// axes of the filters that belong to the channels of x and to those of the result.
template <class Position>
Array slide(const Node& node, Values x, size_t inner, size_t outer, Position at) {
  require_real(node, x);
  const Shape &from = x[0].shape, &filters = x[1].shape;
  require(from[1] == filters[0] && from[2] == filters[inner], node, x, "as many groups and channels in both");
  Shape shape = {from[0], from[1], filters[outer]};
  for (int64_t size : sizes_of(x.subspan(2))) shape.push_back(size);
  Array y = make_array(node, x, x[0].dtype, shape);
  Shape terms = {from[2]};
  terms.insert(terms.end(), filters.begin() + lead, filters.end());
  with_accumulator(y.dtype, [&]<class T>(T) {
    for_each_index(shape, [&](const Shape& to, int64_t position) {
      T sum = 0;
      for_each_index(terms, [&](const Shape& term, int64_t) {
        Shape a = {to[0], to[1], term[0]}, w = {to[1], 0, 0};
        w[inner] = term[0];
        w[outer] = to[2];
        for (size_t k = 0; k + lead < shape.size(); ++k) {
          a.push_back(at(k, to[lead + k], term[1 + k]));
          w.push_back(term[1 + k]);
          if (a.back() < 0) return;
          require(a.back() < from[lead + k], node, x, "windows inside the first operand");
        }
        sum += load<T>(y.dtype, element(x[0], position_of(a, from))) *
               load<T>(y.dtype, element(x[1], position_of(w, filters)));
      });
      store<T>(y.dtype, sum, element(y, position));
    });
  });
  return y;
}

}  // namespace

Array correlate(const Node& node, Values x) {
  const std::vector<int64_t>& spread = node.attrs.ints;
  size_t ndim = spread.size() / 2;
  return slide(node, x, 2, 1,
               [&](size_t k, int64_t q, int64_t j) { return q * spread[k] + j * spread[ndim + k]; });
}

Array correlate_transposed(const Node& node, Values x) {
  const std::vector<int64_t>& spread = node.attrs.ints;
  size_t ndim = spread.size() / 3;
  const Shape& filters = x[1].shape;
  return slide(node, x, 1, 2, [&](size_t k, int64_t q, int64_t j) -> int64_t {
    int64_t step = spread[k], dilation = spread[ndim + k], left = q + spread[2 * ndim + k] - j * dilation;
    int64_t before = (filters[lead + k] - 1) * dilation / step;
    bool meets = (left % step + step) % step == 0;
    return meets ? (left - ((left % step + step) % step)) / step + before : -1;
  });
}

}  // namespace croton::interpreter
