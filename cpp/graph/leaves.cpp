#include "graph/leaves.h"

namespace croton {
namespace {

Type int_scalar(Inputs, const Attrs&) { return {DType::Int64, {}}; }

ResultSpec result_of(Inputs x, const Attrs& attrs) {
  return x[0]->op->results(x[0]->inputs, x[0]->attrs)[attrs.ints[0]];
}

Type output_type(Inputs x, const Attrs& attrs) { return type_of(result_of(x, attrs)); }
std::vector<Var> output_shape(Inputs x, const Attrs& attrs, const Type&) { return result_of(x, attrs).sizes; }

}  // namespace

const OpSpec input_op{
    .name = "input", .doc = "An argument of the function.", .kind = OpKind::Leaf, .arity = 0};
const OpSpec constant_op{.name = "constant", .doc = "A fixed array.", .kind = OpKind::Leaf, .arity = 0};
const OpSpec shared_op{
    .name = "shared", .doc = "The current value of a shared variable.", .kind = OpKind::Leaf, .arity = 0};
const OpSpec null_gradient_op{
    .name = "null_gradient", .doc = "A gradient that does not exist.", .kind = OpKind::Leaf, .arity = 0};
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

const OpSpec output_op{.name = "output",
                       .doc = "Another result of an op that has several.",
                       .kind = OpKind::Output,
                       .arity = 1,
                       .infer = output_type,
                       .shape = output_shape};

Var output(const Var& call, int k) { return k == 0 ? call : make_node(output_op, {call}, {.ints = {k}}); }

Var broadcast_size(const Var& a, const Var& b) {
  if (same(a, b) || is_filled_with(b, 1)) return a;
  if (is_filled_with(a, 1) || is_constant(b)) return b;
  if (is_constant(a)) return a;
  return make_node(broadcast_size_op, {a, b});
}

}  // namespace croton
