#include "graph/leaves.h"

namespace croton {
namespace {

Type int_scalar(Inputs, const Attrs&) { return {DType::Int64, {}}; }

}  // namespace

const OpSpec input_op{
    .name = "input", .doc = "An argument of the function.", .kind = OpKind::Leaf, .arity = 0};
const OpSpec constant_op{.name = "constant", .doc = "A fixed array.", .kind = OpKind::Leaf, .arity = 0};
const OpSpec shared_op{
    .name = "shared", .doc = "The current value of a shared variable.", .kind = OpKind::Leaf, .arity = 0};
const OpSpec dim_op{.name = "dim",
                    .doc = "The size of one axis of a leaf.",
                    .kind = OpKind::Size,
                    .arity = 1,
                    .infer = int_scalar};
const OpSpec broadcast_size_op{.name = "broadcast_size",
                               .doc = "Of two sizes that broadcast together, the one that is not 1.",
                               .kind = OpKind::Size,
                               .arity = 2,
                               .infer = int_scalar};

Var broadcast_size(const Var& a, const Var& b) {
  if (same(a, b) || is_filled_with(b, 1)) return a;
  if (is_filled_with(a, 1) || is_constant(b)) return b;
  if (is_constant(a)) return a;
  return make_node(broadcast_size_op, {a, b});
}

}  // namespace croton
