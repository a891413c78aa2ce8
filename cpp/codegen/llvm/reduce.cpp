#include "codegen/llvm/reduce.h"

#include <numeric>

#include "base/error.h"
#include "ops/core_rows.h"

namespace croton {
namespace {

// The larger (or smaller) value, NaN if either is: b wins a comparison with a number, a stays where it is
// NaN.
llvm::Value* extreme(llvm::IRBuilder<>& b, bool largest, DType dtype, llvm::Value* a, llvm::Value* x) {
  if (is_floating(dtype)) {
    llvm::Value* better = largest ? b.CreateFCmpOGT(x, a) : b.CreateFCmpOLT(x, a);
    return b.CreateSelect(b.CreateFCmpUNO(x, x), x, b.CreateSelect(better, x, a));
  }
  if (is_bool(dtype)) return largest ? b.CreateOr(a, x) : b.CreateAnd(a, x);
  if (is_signed(dtype)) return b.CreateSelect(largest ? b.CreateICmpSGT(x, a) : b.CreateICmpSLT(x, a), x, a);
  return b.CreateSelect(largest ? b.CreateICmpUGT(x, a) : b.CreateICmpULT(x, a), x, a);
}

}  // namespace

llvm::Value* combine(llvm::IRBuilder<>& b, const OpSpec& op, DType dtype, llvm::Value* a, llvm::Value* x) {
  if (&op == &max_op || &op == &min_op) return extreme(b, &op == &max_op, dtype, a, x);
  if (&op == &sum_op) {
    if (is_bool(dtype)) return b.CreateOr(a, x);
    return is_floating(dtype) ? b.CreateFAdd(a, x) : b.CreateAdd(a, x);
  }
  check_internal(&op == &prod_op, "an unknown reduction");
  if (is_bool(dtype)) return b.CreateAnd(a, x);
  return is_floating(dtype) ? b.CreateFMul(a, x) : b.CreateMul(a, x);
}

llvm::Value* combine_lanes(llvm::IRBuilder<>& b, const OpSpec& op, DType dtype, llvm::Value* value,
                           int lanes) {
  for (int width = lanes / 2; width >= 1; width /= 2) {
    llvm::SmallVector<int, 16> low(width), high(width);
    std::iota(low.begin(), low.end(), 0);
    std::iota(high.begin(), high.end(), width);
    value = combine(b, op, dtype, b.CreateShuffleVector(value, low), b.CreateShuffleVector(value, high));
  }
  return b.CreateExtractElement(value, uint64_t{0});
}

}  // namespace croton
