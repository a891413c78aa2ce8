// Ops that stand for other ops: their gradients are simpler or more exact than those of the expansion.
#include <limits>

#include "base/error.h"
#include "graph/broadcast.h"
#include "graph/leaves.h"
#include "ops/core_rows.h"
#include "ops/functions.h"

namespace croton {
namespace {

Type same_type(Inputs x, const Attrs&) { return x[0].type(); }
std::vector<Var> same_shape(Inputs x, const Attrs&, const Type&) { return shape_of(x[0]); }

Type reduced_type(Inputs x, const Attrs& attrs) {
  Type type = x[0].type();
  for (int64_t axis : attrs.ints) type.dims[axis] = 1;
  return type;
}

std::vector<Var> reduced_shape(Inputs x, const Attrs& attrs, const Type&) {
  std::vector<Var> sizes = shape_of(x[0]);
  for (int64_t axis : attrs.ints) sizes[axis] = make_int(1);
  return sizes;
}

// The largest element, or 0 where that is infinite: inf - inf would be NaN.
Var finite_max(const Var& x, const std::vector<int64_t>& axes) {
  Var top = reduce_max(x, axes, true);
  Var is_finite = abs(top) < std::numeric_limits<double>::infinity();
  return where(is_finite, top, 0.0);
}

Var expand_softmax(Inputs x, const Attrs& attrs) {
  Var e = exp(x[0] - reduce_max(x[0], attrs.ints, true));
  return e * (1.0 / sum(e, attrs.ints, true));
}

Grads softmax_vjp(const Var& g, Inputs, const Var& y) { return {y * (g - sum(g * y, y->attrs.ints, true))}; }

Var expand_log_softmax(Inputs x, const Attrs& attrs) {
  Var shifted = x[0] - reduce_max(x[0], attrs.ints, true);
  return shifted - log(sum(exp(shifted), attrs.ints, true));
}

Grads log_softmax_vjp(const Var& g, Inputs x, const Var& y) {
  return {g - softmax(x[0], y->attrs.ints) * sum(g, y->attrs.ints, true)};
}

Var expand_logsumexp(Inputs x, const Attrs& attrs) {
  Var top = finite_max(x[0], attrs.ints);
  return log(sum(exp(x[0] - top), attrs.ints, true)) + top;
}

Grads logsumexp_vjp(const Var& g, Inputs x, const Var& y) { return {g * softmax(x[0], y->attrs.ints)}; }

Var along(const OpSpec& op, const Var& x, std::vector<int64_t> axes) {
  require_real(op.name, x.dtype());
  return make_node(op, {cast(x, to_inexact(x.dtype()))}, {.ints = std::move(axes)});
}

}  // namespace

const OpSpec softmax_op{.name = "softmax",
                        .doc = "exp(x) over its sum along axes, computed without overflow.",
                        .kind = OpKind::Composite,
                        .infer = same_type,
                        .shape = same_shape,
                        .vjp = softmax_vjp,
                        .expand = expand_softmax};
const OpSpec log_softmax_op{.name = "log_softmax",
                            .doc = "The logarithm of softmax, exact where softmax underflows.",
                            .kind = OpKind::Composite,
                            .infer = same_type,
                            .shape = same_shape,
                            .vjp = log_softmax_vjp,
                            .expand = expand_log_softmax};
const OpSpec logsumexp_op{.name = "logsumexp",
                          .doc = "log(sum(exp(x))) along axes, kept with size 1, computed without overflow.",
                          .kind = OpKind::Composite,
                          .infer = reduced_type,
                          .shape = reduced_shape,
                          .vjp = logsumexp_vjp,
                          .expand = expand_logsumexp};
const OpSpec stop_gradient_op{.name = "stop_gradient",
                              .doc = "x itself, but a constant to every gradient.",
                              .kind = OpKind::Composite,
                              .infer = same_type,
                              .shape = same_shape,
                              .expand = [](Inputs x, const Attrs&) { return x[0]; }};

const OpSpec grad_clip_op{.name = "grad_clip",
                          .doc = "x itself, but gradients through it are limited to [y, z].",
                          .kind = OpKind::Composite,
                          .arity = 3,
                          .infer = same_type,
                          .shape = same_shape,
                          .vjp = [](const Var& g, Inputs x, const Var&) -> Grads {
                            return {apply("clip", {g, x[1], x[2]}), {}, {}};
                          },
                          .expand = [](Inputs x, const Attrs&) { return x[0]; }};
const OpSpec undefined_grad_op{
    .name = "undefined_grad",
    .doc = "x itself, but a gradient through it is an error.",
    .kind = OpKind::Composite,
    .infer = same_type,
    .shape = same_shape,
    .vjp = [](const Var&, Inputs x, const Var&) -> Grads {
      throw NullTypeGradError("undefined_grad: required no gradient through this expression, given one of " +
                              describe(x[0]) + source_text(SourceScope::current()));
    },
    .expand = [](Inputs x, const Attrs&) { return x[0]; }};

Var stop_gradient(const Var& x) { return make_node(stop_gradient_op, {x}); }
Var softmax(const Var& x, std::vector<int64_t> axes) { return along(softmax_op, x, std::move(axes)); }
Var log_softmax(const Var& x, std::vector<int64_t> axes) { return along(log_softmax_op, x, std::move(axes)); }
Var logsumexp(const Var& x, std::vector<int64_t> axes) { return along(logsumexp_op, x, std::move(axes)); }

}  // namespace croton
