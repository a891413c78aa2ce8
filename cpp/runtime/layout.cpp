#include "runtime/layout.h"

#include <algorithm>
#include <cstdlib>
#include <numeric>

namespace croton {
namespace {

// Axes by falling strides; axes that elements do not move along stay where they are.
std::vector<int64_t> order_of(const ArgumentView& x, int rank) {
  std::vector<int64_t> order(rank), moving;
  std::iota(order.begin(), order.end(), 0);
  auto moves = [&](int64_t axis) { return x.shape[axis] != 1 && x.strides[axis] != 0; };
  std::copy_if(order.begin(), order.end(), std::back_inserter(moving), moves);
  std::stable_sort(moving.begin(), moving.end(),
                   [&](int64_t a, int64_t b) { return std::abs(x.strides[a]) > std::abs(x.strides[b]); });
  auto next = moving.begin();
  for (int64_t& axis : order)
    if (moves(axis)) axis = *next++;
  return order;
}

// What a program is compiled for: strides that it knows, and those that follow from the sizes.
std::vector<int64_t> stride_codes(const std::vector<int64_t>& sizes, const std::vector<int64_t>& strides,
                                  int64_t item) {
  std::vector<int64_t> codes(sizes.size());
  int64_t dense = item;
  bool all_dense = true;
  for (size_t axis = sizes.size(); axis-- > 0;) {
    if (strides[axis] == dense || sizes[axis] == 1)
      codes[axis] = dense_stride;
    else
      codes[axis] = strides[axis] == 0 ? 0 : strides[axis] == item ? 1 : any_stride;
    all_dense &= codes[axis] == dense_stride;
    dense = (codes[axis] == dense_stride ? dense : strides[axis]) * sizes[axis];
  }
  return all_dense ? std::vector<int64_t>{} : codes;
}

}  // namespace

ArrangedArguments::ArrangedArguments(const std::vector<Var>& inputs, const ArgumentView* arguments)
    : views(arguments, arguments + inputs.size()), sizes_(inputs.size()), strides_(inputs.size()) {
  for (size_t i = 0; i < inputs.size(); ++i)
    if (views[i].strides) arrange(i, inputs[i].type());
}

void ArrangedArguments::arrange(size_t argument, const Type& type) {
  ArgumentView& view = views[argument];
  Layout layout{argument, order_of(view, type.rank()), {}};
  for (int64_t axis : layout.order) {
    sizes_[argument].push_back(view.shape[axis]);
    strides_[argument].push_back(view.strides[axis]);
  }
  layout.strides =
      stride_codes(sizes_[argument], strides_[argument], static_cast<int64_t>(size_of(type.dtype)));
  view.shape = sizes_[argument].data();
  view.strides = strides_[argument].data();
  layouts.push_back(std::move(layout));
}

std::vector<int64_t> ArrangedArguments::key() const {
  std::vector<int64_t> key;
  for (const Layout& layout : layouts) {
    key.push_back(static_cast<int64_t>(layout.argument));
    key.insert(key.end(), layout.order.begin(), layout.order.end());
    key.push_back(static_cast<int64_t>(layout.strides.size()));
    key.insert(key.end(), layout.strides.begin(), layout.strides.end());
  }
  return key;
}

}  // namespace croton
