// Complex numbers and their parts. Every other function of complex numbers is one of its operands' parts.
#include "graph/broadcast.h"
#include "ops/core_rows.h"
#include "ops/functions.h"

namespace croton {
namespace {

Type part_type(Inputs x, const Attrs&) { return {real_type(x[0].dtype()), x[0].type().dims}; }
std::vector<Var> part_shape(Inputs x, const Attrs&, const Type&) { return shape_of(x[0]); }

Type complex_type(Inputs x, const Attrs&) {
  return {promote(x[0].dtype(), DType::Complex64), x[0].type().dims};
}

Var zero_like(const Var& x) { return make_scalar(x.dtype(), 0); }

// An operand of a pair that already has the shape of the pair.
Var part_of_pair(const Var& z, int k) {
  const Var& x = z->inputs[k];
  if (x.type().dims != z.type().dims) return {};
  for (int axis = 0; axis < z.rank(); ++axis)
    if (!same(dim(x, axis), dim(z, axis))) return {};
  return x;
}

Var part(const OpSpec& op, const Var& z, int k) {
  if (z->op == &complex_op)
    if (Var x = part_of_pair(z, k)) return x;
  return make_node(op, {z});
}

}  // namespace

const OpSpec real_op{
    .name = "real",
    .doc = "The real parts of complex x.",
    .kind = OpKind::Part,
    .infer = part_type,
    .shape = part_shape,
    .vjp = [](const Var& g, Inputs, const Var&) -> Grads { return {complex(g, zero_like(g))}; }};
const OpSpec imag_op{
    .name = "imag",
    .doc = "The imaginary parts of complex x.",
    .kind = OpKind::Part,
    .infer = part_type,
    .shape = part_shape,
    .vjp = [](const Var& g, Inputs, const Var&) -> Grads { return {complex(zero_like(g), g)}; }};
const OpSpec complex_op{.name = "complex",
                        .doc = "x + i y.",
                        .arity = 2,
                        .infer = complex_type,
                        .vjp = [](const Var& g, Inputs, const Var&) -> Grads { return {real(g), imag(g)}; },
                        .holomorphic = false};

Var real(const Var& z) { return is_complex(z.dtype()) ? part(real_op, z, 0) : z; }
Var imag(const Var& z) { return is_complex(z.dtype()) ? part(imag_op, z, 1) : zeros_like(z); }
Var conj(const Var& z) { return is_complex(z.dtype()) ? complex(real(z), -imag(z)) : z; }

Var complex(const Var& re, const Var& im) {
  require_real("complex", re.dtype());
  require_real("complex", im.dtype());
  DType dtype = real_type(promote(promote(re.dtype(), im.dtype()), DType::Complex64));
  return make_node(complex_op, {cast(re, dtype), cast(im, dtype)});
}

}  // namespace croton
