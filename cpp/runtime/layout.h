// Arguments that do not lie densely in C order: what a program has to know of their strides.
#pragma once

#include <vector>

#include "graph/node.h"
#include "runtime/executable.h"

namespace croton {

/// How one argument lies. A program for it sees the array with its axes in `order`, large strides first, so
/// that Fortran's order is a transposed dense array.
struct Layout {
  size_t argument;
  std::vector<int64_t> order;
  std::vector<int64_t> strides;  // as for make_input, of the axes in `order`; empty: dense
};

/// The arguments of one call in the order that their layouts ask for.
struct ArrangedArguments {
  std::vector<ArgumentView> views;
  std::vector<Layout> layouts;  // of the arguments that are not dense
  std::vector<int64_t> key() const;

  ArrangedArguments(const std::vector<Var>& inputs, const ArgumentView* arguments);
  ArrangedArguments(const ArrangedArguments&) = delete;  // views point to sizes_ and strides_

 private:
  std::vector<std::vector<int64_t>> sizes_, strides_;
  void arrange(size_t argument, const Type& type);
};

/// Whether any argument is not dense.
inline bool any_strided(const ArgumentView* arguments, size_t count) {
  for (size_t i = 0; i < count; ++i)
    if (arguments[i].strides) return true;
  return false;
}

}  // namespace croton
