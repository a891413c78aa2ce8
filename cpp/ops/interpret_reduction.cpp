// Reductions and matrix products.
#include <algorithm>

#include "ops/core_rows.h"
#include "ops/interpret_values.h"
#include "ops/reduce_identity.h"

namespace croton::interpreter {
namespace {

// `x` folded over `axes`, which stay with size 1.
Array fold_axes(const OpSpec& op, const Node& node, Values x, const std::vector<int64_t>& axes) {
  require_real(node, x);
  DType dtype = x[0].dtype;
  Shape shape = x[0].shape;
  for (int64_t axis : axes) shape[axis] = 1;
  Array y = make_array(node, x, dtype, shape);
  const uint64_t start = identity_bits(op, dtype);
  with_accumulator(dtype, [&]<class T>(T) {
    Fold fold = fold_of(op, dtype);
    std::vector<T> totals(y.size(), load<T>(dtype, &start));
    for_each_index(x[0].shape, [&](const Shape& index, int64_t position) {
      T& total = totals[broadcast_position(index, shape)];
      total = combine<T>(fold, total, load<T>(dtype, element(x[0], position)));
    });
    for (int64_t i = 0; i < y.size(); ++i) store<T>(dtype, totals[i], element(y, i));
  });
  return y;
}

// Row i times column j of one pair of matrices; `a` and `b` are the positions of their first elements.
template <class T>
T dot(Values x, int64_t a, int64_t b, int64_t terms, int64_t columns) {
  DType dtype = x[0].dtype;
  Fold add = fold_of(sum_op, dtype);
  T total{0};
  for (int64_t k = 0; k < terms; ++k)
    total = combine<T>(add, total,
                       combine<T>(Fold::Prod, load<T>(dtype, element(x[0], a + k)),
                                  load<T>(dtype, element(x[1], b + k * columns))));
  return total;
}

}  // namespace

Array reduce(const Node& node, Values x) {
  const std::vector<int64_t>& axes = node.attrs.ints;
  Array y = fold_axes(*node.op, node, x, axes);
  Shape kept;
  for (size_t axis = 0; axis < x[0].shape.size(); ++axis)
    if (std::find(axes.begin(), axes.end(), static_cast<int64_t>(axis)) == axes.end())
      kept.push_back(x[0].shape[axis]);
  const bool extreme = node.op == &max_op || node.op == &min_op;
  require(!extreme || x[0].size() > 0 || y.size() == 0 || is_bool(y.dtype), node, x,
          "at least one element to choose from");
  y.shape = kept;
  return y;
}

Array sum_to(const Node& node, Values x) {
  Shape wanted = sizes_of(x.subspan(1));
  std::vector<int64_t> axes;
  for (size_t axis = 0; axis < wanted.size(); ++axis) {
    if (wanted[axis] == x[0].shape[axis]) continue;
    require(wanted[axis] == 1, node, x, "sizes that broadcast to the first operand's");
    axes.push_back(static_cast<int64_t>(axis));
  }
  return fold_axes(sum_op, node, x, axes);
}

Array matmul(const Node& node, Values x) {
  require_real(node, x);
  const Shape &a = x[0].shape, &b = x[1].shape;
  int64_t rows = a[a.size() - 2], terms = a.back(), columns = b.back();
  require(terms == b[b.size() - 2], node, x,
          "the last axis of the first and the last but one of the second to be equal");
  const Shape batches[] = {Shape(a.begin(), a.end() - 2), Shape(b.begin(), b.end() - 2)};
  Shape batch = broadcast_shapes(node, x, batches), shape = batch;
  shape.push_back(rows);
  shape.push_back(columns);
  DType dtype = x[0].dtype;
  Array y = make_array(node, x, dtype, shape);
  with_accumulator(dtype, [&]<class T>(T) {
    for_each_index(batch, [&](const Shape& index, int64_t pair) {
      int64_t first = broadcast_position(index, batches[0]) * rows * terms;
      int64_t second = broadcast_position(index, batches[1]) * terms * columns;
      for (int64_t i = 0; i < rows; ++i)
        for (int64_t j = 0; j < columns; ++j)
          store<T>(dtype, dot<T>(x, first + i * terms, second + j, terms, columns),
                   element(y, (pair * rows + i) * columns + j));
    });
  });
  return y;
}

}  // namespace croton::interpreter
