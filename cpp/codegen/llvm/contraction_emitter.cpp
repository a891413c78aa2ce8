#include "codegen/llvm/contraction_emitter.h"

#include <llvm/IR/Intrinsics.h>

#include "base/error.h"
#include "codegen/llvm/contraction.h"

namespace croton {

using llvm::Value;

ContractionEmitter::ContractionEmitter(llvm::Module& module, std::string_view name,
                                       const ContractionSpec& spec)
    : spec_(spec), b_(module.getContext()), align_(size_of(spec.dtype)) {
  auto& context = module.getContext();
  check_internal(spec.dtype == DType::Float32 || spec.dtype == DType::Float64, "dtype of a contraction");
  check_internal(spec.reduction_loops >= 1 && spec.reduction_loops <= max_reduction_loops, "reduction loops");
  scalar_ = spec.dtype == DType::Float32 ? b_.getFloatTy() : b_.getDoubleTy();
  vector_ = llvm::FixedVectorType::get(scalar_, spec.lanes);
  llvm::Type *pointer = b_.getPtrTy(), *integer = b_.getInt64Ty();
  auto* type = llvm::FunctionType::get(
      b_.getVoidTy(), {pointer, pointer, pointer, pointer, integer, integer, integer, integer}, false);
  function_ = llvm::Function::Create(type, llvm::Function::ExternalLinkage,
                                     llvm::StringRef(name.data(), name.size()), module);
  function_->addFnAttr(llvm::Attribute::NoUnwind);
  // Without it some processors' tuning splits 512-bit vectors in two.
  function_->addFnAttr("prefer-vector-width", std::to_string(spec.lanes * size_of(spec.dtype) * 8));
  for (unsigned i : {0u, 1u, 3u}) function_->addParamAttr(i, llvm::Attribute::ReadOnly);
  for (unsigned i : {0u, 1u, 2u, 3u}) function_->addParamAttr(i, llvm::Attribute::NoAlias);
  auto arg = function_->arg_begin();
  for (Value** v : {&a_, &bp_, &c_, &p_, &m0_, &m1_, &n0_, &n1_}) *v = &*arg++;
  b_.SetInsertPoint(llvm::BasicBlock::Create(context, "entry", function_));
}

llvm::Function* ContractionEmitter::emit() {
  switch (spec_.form) {
    case ContractionForm::Broadcast: emit_broadcast(); break;
    case ContractionForm::Dot: emit_dot(); break;
    case ContractionForm::Transpose: emit_transpose(); break;
    case ContractionForm::Indexed: emit_indexed(); break;
    case ContractionForm::Runs: emit_runs(); break;
    case ContractionForm::Gather: emit_gather(); break;
  }
  b_.CreateRetVoid();
  return function_;
}

void ContractionEmitter::loop(Value* begin, Value* end, int64_t step,
                              const std::function<void(Value*)>& body) {
  auto *head = block("head"), *inside = block("body"), *done = block("done"), *from = b_.GetInsertBlock();
  b_.CreateBr(head);
  b_.SetInsertPoint(head);
  auto* i = b_.CreatePHI(b_.getInt64Ty(), 2);
  i->addIncoming(begin, from);
  b_.CreateCondBr(b_.CreateICmpSLT(i, end), inside, done);
  b_.SetInsertPoint(inside);
  body(i);
  i->addIncoming(b_.CreateNSWAdd(i, i64(step)), b_.GetInsertBlock());
  b_.CreateBr(head);
  b_.SetInsertPoint(done);
}

void ContractionEmitter::when(Value* condition, Values& values, const std::function<void(Values&)>& body) {
  auto *inside = block("then"), *done = block("after"), *from = b_.GetInsertBlock();
  b_.CreateCondBr(condition, inside, done);
  b_.SetInsertPoint(inside);
  Values changed = values;
  body(changed);
  auto* last = b_.GetInsertBlock();
  b_.CreateBr(done);
  b_.SetInsertPoint(done);
  for (size_t i = 0; i < values.size(); ++i) {
    auto* phi = b_.CreatePHI(values[i]->getType(), 2);
    phi->addIncoming(values[i], from);
    phi->addIncoming(changed[i], last);
    values[i] = phi;
  }
}

void ContractionEmitter::reduce(int level, Value* a_at, Value* b_at, Values& sums,
                                const std::function<void(Value*, Value*, Values&)>& innermost) {
  auto [extent, a_step, b_step] = reduction_[level];
  auto *body = block("terms"), *done = block("summed"), *from = b_.GetInsertBlock();
  b_.CreateBr(body);
  b_.SetInsertPoint(body);
  std::vector<llvm::PHINode*> phis;
  auto carry = [&](Value* start) {
    phis.push_back(b_.CreatePHI(start->getType(), 2));
    phis.back()->addIncoming(start, from);
    return phis.back();
  };
  auto *left = carry(extent), *a_here = carry(a_at), *b_here = carry(b_at);
  for (auto& sum : sums) sum = carry(sum);
  if (level + 1 < static_cast<int>(reduction_.size())) {
    reduce(level + 1, a_here, b_here, sums, innermost);
  } else {
    innermost(a_here, b_here, sums);
  }
  Values next = {b_.CreateNSWSub(left, i64(1)), b_.CreateNSWAdd(a_here, a_step),
                 b_.CreateNSWAdd(b_here, b_step)};
  next.insert(next.end(), sums.begin(), sums.end());
  auto* last = b_.GetInsertBlock();
  b_.CreateCondBr(b_.CreateICmpEQ(next[0], i64(0)), done, body);
  for (size_t i = 0; i < phis.size(); ++i) phis[i]->addIncoming(next[i], last);
  b_.SetInsertPoint(done);
}

Value* ContractionEmitter::param(int index) {
  return b_.CreateLoad(b_.getInt64Ty(), b_.CreateConstInBoundsGEP1_64(b_.getInt64Ty(), p_, index));
}

Value* ContractionEmitter::at(Value* base, Value* index) { return b_.CreateGEP(scalar_, base, index); }

Values ContractionEmitter::lines(Value* base, Value* first, int count, Value* end, Value* stride) {
  Values out;
  Value* last = b_.CreateNSWSub(end, i64(1));
  for (int i = 0; i < count; ++i) {
    Value* line = b_.CreateNSWAdd(first, i64(i));
    if (i > 0) line = b_.CreateBinaryIntrinsic(llvm::Intrinsic::smin, line, last);
    out.push_back(at(base, b_.CreateNSWMul(line, stride)));
  }
  return out;
}

Value* ContractionEmitter::mask_below(Value* count, int lanes) {
  std::vector<llvm::Constant*> iota;
  for (int i = 0; i < lanes; ++i) iota.push_back(b_.getInt32(i));
  Value* clamped = b_.CreateBinaryIntrinsic(llvm::Intrinsic::smin, count, i64(lanes));
  Value* limit = b_.CreateVectorSplat(lanes, b_.CreateTrunc(clamped, b_.getInt32Ty()));
  return b_.CreateICmpSLT(llvm::ConstantVector::get(iota), limit);
}

Value* ContractionEmitter::load(Value* address, Value* mask) {
  if (!mask) return b_.CreateAlignedLoad(vector_, address, align_);
  return b_.CreateMaskedLoad(vector_, address, align_, mask, llvm::Constant::getNullValue(vector_));
}

void ContractionEmitter::store(Value* value, Value* address, Value* mask) {
  if (!mask)
    b_.CreateAlignedStore(value, address, align_);
  else
    b_.CreateMaskedStore(value, address, align_, mask);
}

Value* ContractionEmitter::fma(Value* x, Value* y, Value* z) {
  return b_.CreateIntrinsic(llvm::Intrinsic::fma, {x->getType()}, {x, y, z});
}

llvm::BasicBlock* ContractionEmitter::block(const char* name) {
  return llvm::BasicBlock::Create(b_.getContext(), name, function_);
}

llvm::Function* emit_contraction(llvm::Module& module, std::string_view name, const ContractionSpec& spec) {
  return ContractionEmitter(module, name, spec).emit();
}

}  // namespace croton
