#include "schedule/lower.h"

namespace croton {
namespace {

bool can_merge(const LoopNest& nest, int d) {
  for (const Access& access : nest.accesses)
    if (!(access.strides[d] == access.strides[d + 1] * nest.extents[d + 1])) return false;
  return true;
}

void merge(LoopNest& nest, int d) {
  nest.extents[d + 1] = nest.extents[d] * nest.extents[d + 1];
  nest.extents.erase(nest.extents.begin() + d);
  for (Access& access : nest.accesses) access.strides.erase(access.strides.begin() + d);
  if (d < nest.row_dims) --nest.row_dims;
  if (d < nest.kept_dims) --nest.kept_dims;
}

}  // namespace

void collapse(LoopNest& nest, bool free_split) {
  for (int d = static_cast<int>(nest.extents.size()) - 2; d >= 0; --d) {
    bool boundary = d + 1 == nest.kept_dims || (d + 1 == nest.row_dims && !free_split);
    if (!boundary && can_merge(nest, d)) merge(nest, d);
  }
}

}  // namespace croton
