// Composites, and ops that take the leading axes of their first operand as they are.
#include "ops/functions.h"
#include "ops/vectorize_rules.h"

namespace croton::batching {
namespace {

// Only the first operand may be batched.
Values leading(const Call& c) {
  std::vector<Var> inputs = {c.each(0)};
  for (size_t k = 1; k < c.x.size(); ++k) inputs.push_back(c.common(k));
  return items(c.remade(std::move(inputs)));
}

Values along_axes(const Call& c) {
  std::vector<int64_t> axes = c.node.attrs.ints;
  for (int64_t& axis : axes) ++axis;
  return items(c.remade({c.x[0].var}, std::move(axes)));
}

Values grad_clip_rule(const Call& c) {
  return items(c.remade({c.each(0), c.aligned(1, c.rank(0)), c.aligned(2, c.rank(0))}));
}

// The limit meets the singular values, which have one axis less.
Values pinv_rule(const Call& c) { return items(c.remade({c.each(0), c.aligned(1, c.rank(0) - 1)})); }

}  // namespace

Rules composite_rules() {
  return {{"softmax", along_axes},    {"log_softmax", along_axes}, {"logsumexp", along_axes},
          {"stop_gradient", leading}, {"undefined_grad", leading}, {"grad_clip", grad_clip_rule},
          {"real", leading},          {"imag", leading},           {"max_pool", leading},
          {"det", leading},           {"log_abs_det", leading},    {"pinv", pinv_rule},
          {"irfft", leading}};
}

}  // namespace croton::batching
