#include "graph/body.h"

#include <algorithm>

namespace croton {

bool same_body(const Body& a, const Body& b) {
  auto equal = [](const std::vector<Var>& x, const std::vector<Var>& y) {
    return std::equal(x.begin(), x.end(), y.begin(), y.end(), same);
  };
  return a.sequences == b.sequences && a.carries == b.carries && a.yields == b.yields && a.until == b.until &&
         a.reversed == b.reversed && a.unbounded == b.unbounded && a.truncated == b.truncated &&
         same(a.block, b.block) && equal(a.inputs, b.inputs) && equal(a.outputs, b.outputs);
}

}  // namespace croton
