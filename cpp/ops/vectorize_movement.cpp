// Views and joins of a batch: their axes come after the batch's.
#include "ops/functions.h"
#include "ops/vectorize_rules.h"

namespace croton::batching {
namespace {

std::vector<int64_t> first_shifted(const Call& c) {
  std::vector<int64_t> ints = c.node.attrs.ints;
  ++ints[0];
  return ints;
}

Values dimshuffle_rule(const Call& c) {
  std::vector<int64_t> pattern = {0};
  for (int64_t axis : c.node.attrs.ints) pattern.push_back(axis < 0 ? -1 : axis + 1);
  return items(dimshuffle(c.x[0].var, std::move(pattern)));
}

Values broadcast_rule(const Call& c) {
  std::vector<Var> sizes = c.sizes(1);
  return items(broadcast_to(c.aligned(0, c.node.type.rank()), std::move(sizes)));
}

Values reshape_rule(const Call& c) { return items(reshape(c.each(0), c.sizes(1))); }

Values sum_to_rule(const Call& c) {
  std::vector<Var> inputs = c.sizes(1);
  inputs.insert(inputs.begin(), c.each(0));
  return items(c.remade(std::move(inputs)));
}

Values windows_rule(const Call& c) {
  return items(c.remade({c.each(0), c.common(1), c.common(2)}, first_shifted(c)));
}

Values concatenate_rule(const Call& c) {
  std::vector<Var> parts;
  for (size_t k = 0; k < c.x.size(); ++k) parts.push_back(c.each(k));
  return items(c.remade(std::move(parts), first_shifted(c)));
}

Values iota_rule(const Call& c) {
  for (size_t k = 0; k < c.x.size(); ++k) c.common(k);
  return {};  // one of them is batched
}

}  // namespace

Rules movement_rules() {
  return {{"dimshuffle", dimshuffle_rule},
          {"broadcast_to", broadcast_rule},
          {"reshape", reshape_rule},
          {"sum_to", sum_to_rule},
          {"windows", windows_rule},
          {"concatenate", concatenate_rule},
          {"iota", iota_rule}};
}

}  // namespace croton::batching
