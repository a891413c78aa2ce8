#include "base/error.h"
#include "graph/broadcast.h"
#include "graph/leaves.h"
#include "ops/core_rows.h"
#include "ops/functions.h"

namespace croton {
namespace {

int batch_rank(Inputs x) { return std::max(x[0].rank(), x[1].rank()) - 2; }

[[noreturn]] void mismatch(Inputs x, const std::string& required) {
  throw ValueError("matmul: required " + required + ", given " + describe(x[0]) + " and " + describe(x[1]) +
                   source_text(SourceScope::current()));
}

int64_t broadcast_known(int64_t a, int64_t b, Inputs x) {
  if (a == 1 || a == b) return b;
  if (b == 1 || b == unknown) return a;
  if (a == unknown) return b;
  mismatch(x, "leading axes that broadcast together");
}

Type matmul_type(Inputs x, const Attrs&) {
  if (x[0].rank() < 2 || x[1].rank() < 2) mismatch(x, "two arrays of rank 2 or more");
  const auto &a = x[0].type().dims, &b = x[1].type().dims;
  int64_t k = a.back(), l = b[b.size() - 2];
  if (k != unknown && l != unknown && k != l)
    mismatch(x, "the last axis of the first and the last but one of the second to be equal");
  Type type{x[0].dtype(), {}};
  int rank = batch_rank(x) + 2;
  for (int axis = 0; axis < rank - 2; ++axis) {
    int i = aligned_axis(x[0], axis, rank), j = aligned_axis(x[1], axis, rank);
    type.dims.push_back(broadcast_known(i < 0 ? 1 : a[i], j < 0 ? 1 : b[j], x));
  }
  type.dims.push_back(a[a.size() - 2]);
  type.dims.push_back(b.back());
  return type;
}

std::vector<Var> matmul_shape(Inputs x, const Attrs&, const Type& type) {
  int rank = type.rank();
  std::vector<Var> sizes;
  for (int axis = 0; axis < rank - 2; ++axis) {
    int i = aligned_axis(x[0], axis, rank), j = aligned_axis(x[1], axis, rank);
    sizes.push_back(broadcast_size(i < 0 ? make_int(1) : dim(x[0], i), j < 0 ? make_int(1) : dim(x[1], j)));
  }
  sizes.push_back(dim(x[0], x[0].rank() - 2));
  sizes.push_back(dim(x[1], x[1].rank() - 1));
  return sizes;
}

Grads matmul_vjp(const Var& g, Inputs x, const Var&) {
  return {sum_to(matmul(g, swap_last_axes(x[1])), x[0]), sum_to(matmul(swap_last_axes(x[0]), g), x[1])};
}

}  // namespace

const OpSpec matmul_op{.name = "matmul",
                       .doc = "The matrix product of the last two axes; leading axes broadcast.",
                       .kind = OpKind::Contraction,
                       .arity = 2,
                       .infer = matmul_type,
                       .shape = matmul_shape,
                       .vjp = matmul_vjp};

Var matmul(const Var& a, const Var& b) {
  DType dtype = promote(a.dtype(), b.dtype());
  Var x = cast(a, dtype), y = cast(b, dtype);
  return make_node(matmul_op, {x, y});
}

}  // namespace croton
