#include "codegen/llvm/emit_scalar.h"

#include <llvm/IR/Intrinsics.h>
#include <llvm/IR/MDBuilder.h>
#include <llvm/IR/Module.h>

#include "base/error.h"

namespace croton {

using llvm::Intrinsic::ID;

llvm::Type* ScalarEmitter::element(DType dtype) const {
  switch (compute_type(dtype)) {
    case DType::Bool: return b_.getInt1Ty();
    case DType::Float32: return b_.getFloatTy();
    case DType::Float64: return b_.getDoubleTy();
    default: return b_.getIntNTy(static_cast<unsigned>(8 * size_of(dtype)));
  }
}

llvm::Type* ScalarEmitter::type(DType dtype) const {
  if (is_complex(dtype)) throw NotImplemented("complex numbers: not supported in computations yet");
  llvm::Type* one = element(dtype);
  return lanes_ == 1 ? one : llvm::FixedVectorType::get(one, static_cast<unsigned>(lanes_));
}

llvm::Value* ScalarEmitter::constant(DType dtype, uint64_t bits) const {
  llvm::Type* t = type(dtype);
  DType compute = compute_type(dtype);
  if (compute == DType::Bool) return llvm::ConstantInt::get(t, bits & 1);
  if (compute == DType::Float64) return llvm::ConstantFP::get(t, std::bit_cast<double>(bits));
  if (compute == DType::Float32)
    return llvm::ConstantFP::get(t, llvm::APFloat(std::bit_cast<float>(static_cast<uint32_t>(bits))));
  unsigned width = static_cast<unsigned>(8 * size_of(dtype));
  return llvm::ConstantInt::get(t, llvm::APInt(64, bits).trunc(width));
}

llvm::Value* ScalarEmitter::emit(const ScalarProgram& program, llvm::ArrayRef<llvm::Value*> args) {
  std::vector<llvm::Value*> values;
  values.reserve(program.code.size());
  for (uint32_t id = 0; id < program.code.size(); ++id) {
    const ScalarInstr& instr = program.code[id];
    values.push_back(instr.prim == Prim::Argument ? args[instr.payload] : emit(program, id, values));
  }
  return values[program.result];
}

llvm::Value* ScalarEmitter::emit(const ScalarProgram& program, uint32_t id,
                                 llvm::ArrayRef<llvm::Value*> values) {
  const ScalarInstr& instr = program.code[id];
  if (instr.prim == Prim::Constant) return constant(instr.type, instr.payload);
  llvm::SmallVector<llvm::Value*, 4> x;
  for (int k = 0; k < instr.arity; ++k) x.push_back(values[instr.args[k]]);
  return instruction(program, instr, x);
}

llvm::Value* ScalarEmitter::instruction(const ScalarProgram& program, const ScalarInstr& instr,
                                        llvm::ArrayRef<llvm::Value*> x) {
  DType from = program.code[instr.args[0]].type;
  switch (instr.prim) {
    case Prim::Eq:
    case Prim::Lt:
    case Prim::Le: return compare(instr.prim, from, x[0], x[1]);
    case Prim::Min: return b_.CreateSelect(compare(Prim::Lt, from, x[0], x[1]), x[0], x[1]);
    case Prim::Max: return b_.CreateSelect(compare(Prim::Lt, from, x[1], x[0]), x[0], x[1]);
    case Prim::Div:
    case Prim::Rem: return divide(instr.prim, instr.type, x[0], x[1]);
    case Prim::And: return b_.CreateAnd(x[0], x[1]);
    case Prim::Or: return b_.CreateOr(x[0], x[1]);
    case Prim::Xor: return b_.CreateXor(x[0], x[1]);
    case Prim::Not: return b_.CreateNot(x[0]);
    case Prim::Shl: return b_.CreateShl(x[0], x[1]);
    case Prim::Shr: return is_signed(instr.type) ? b_.CreateAShr(x[0], x[1]) : b_.CreateLShr(x[0], x[1]);
    case Prim::Select: return b_.CreateSelect(x[0], x[1], x[2]);
    case Prim::Bitcast: return b_.CreateBitCast(x[0], type(instr.type));
    case Prim::Convert: return convert(x[0], from, instr.type);
    case Prim::Call: return call(library_functions()[instr.payload], instr.type, x);
    case Prim::Fallback: return fallback(library_functions()[instr.payload], instr.type, x);
    default: return arithmetic(instr.prim, instr.type, x);
  }
}

llvm::Value* ScalarEmitter::arithmetic(Prim prim, DType dtype, llvm::ArrayRef<llvm::Value*> x) {
  bool real = is_floating(dtype);
  auto unary = [&](ID id) { return b_.CreateUnaryIntrinsic(id, x[0]); };
  switch (prim) {
    case Prim::Add: return real ? b_.CreateFAdd(x[0], x[1]) : b_.CreateAdd(x[0], x[1]);
    case Prim::Sub: return real ? b_.CreateFSub(x[0], x[1]) : b_.CreateSub(x[0], x[1]);
    case Prim::Mul: return real ? b_.CreateFMul(x[0], x[1]) : b_.CreateMul(x[0], x[1]);
    case Prim::Neg: return real ? b_.CreateFNeg(x[0]) : b_.CreateNeg(x[0]);
    case Prim::Fma:
      if (real) return b_.CreateIntrinsic(llvm::Intrinsic::fma, {x[0]->getType()}, {x[0], x[1], x[2]});
      return b_.CreateAdd(b_.CreateMul(x[0], x[1]), x[2]);
    case Prim::Abs:
      if (real) return unary(llvm::Intrinsic::fabs);
      if (!is_signed(dtype)) return x[0];
      return b_.CreateBinaryIntrinsic(llvm::Intrinsic::abs, x[0], b_.getFalse());
    case Prim::Sqrt: return unary(llvm::Intrinsic::sqrt);
    case Prim::Floor: return unary(llvm::Intrinsic::floor);
    case Prim::Trunc: return unary(llvm::Intrinsic::trunc);
    case Prim::RoundEven: return unary(llvm::Intrinsic::roundeven);
    default: throw InternalError("scalar program: unexpected primitive");
  }
}

llvm::Value* ScalarEmitter::divide(Prim prim, DType dtype, llvm::Value* a, llvm::Value* b) {
  if (is_floating(dtype)) return b_.CreateFDiv(a, b);
  llvm::Value *zero = llvm::Constant::getNullValue(a->getType()),
              *one = llvm::ConstantInt::get(a->getType(), 1);
  llvm::Value* by_zero = b_.CreateICmpEQ(b, zero);
  llvm::Value* unsafe = by_zero;
  llvm::Value* by_minus_one = nullptr;
  if (is_signed(dtype)) {
    by_minus_one = b_.CreateICmpEQ(b, llvm::Constant::getAllOnesValue(a->getType()));
    unsafe = b_.CreateOr(by_zero, by_minus_one);
  }
  llvm::Value* safe = b_.CreateSelect(unsafe, one, b);
  bool remainder = prim == Prim::Rem;
  if (remainder) {
    llvm::Value* r = is_signed(dtype) ? b_.CreateSRem(a, safe) : b_.CreateURem(a, safe);
    return b_.CreateSelect(unsafe, zero, r);
  }
  llvm::Value* q = is_signed(dtype) ? b_.CreateSDiv(a, safe) : b_.CreateUDiv(a, safe);
  if (by_minus_one) q = b_.CreateSelect(by_minus_one, b_.CreateNeg(a), q);
  return b_.CreateSelect(by_zero, zero, q);
}

llvm::Value* ScalarEmitter::compare(Prim prim, DType dtype, llvm::Value* a, llvm::Value* b) {
  if (is_floating(dtype)) {
    if (prim == Prim::Eq) return b_.CreateFCmpOEQ(a, b);
    return prim == Prim::Lt ? b_.CreateFCmpOLT(a, b) : b_.CreateFCmpOLE(a, b);
  }
  if (prim == Prim::Eq) return b_.CreateICmpEQ(a, b);
  if (is_signed(dtype)) return prim == Prim::Lt ? b_.CreateICmpSLT(a, b) : b_.CreateICmpSLE(a, b);
  return prim == Prim::Lt ? b_.CreateICmpULT(a, b) : b_.CreateICmpULE(a, b);
}

llvm::Value* ScalarEmitter::convert(llvm::Value* x, DType from, DType to) {
  from = compute_type(from);
  to = compute_type(to);
  if (from == to) return x;
  llvm::Type* target = type(to);
  if (is_bool(to)) {
    llvm::Value* zero = llvm::Constant::getNullValue(x->getType());
    return is_floating(from) ? b_.CreateFCmpUNE(x, zero) : b_.CreateICmpNE(x, zero);
  }
  if (is_floating(from) && is_floating(to)) return b_.CreateFPCast(x, target);
  if (is_floating(from)) {
    ID id = is_signed(to) ? llvm::Intrinsic::fptosi_sat : llvm::Intrinsic::fptoui_sat;
    return b_.CreateIntrinsic(id, {target, x->getType()}, {x});
  }
  if (is_floating(to)) return is_signed(from) ? b_.CreateSIToFP(x, target) : b_.CreateUIToFP(x, target);
  return b_.CreateIntCast(x, target, is_signed(from));
}

llvm::FunctionCallee ScalarEmitter::callee(const LibraryFunction& function, DType dtype, size_t arity) {
  llvm::SmallVector<llvm::Type*, 2> parameters(arity, element(dtype));
  std::string symbol = function.name + (compute_type(dtype) == DType::Float32 ? "f" : "");
  return b_.GetInsertBlock()->getModule()->getOrInsertFunction(
      symbol, llvm::FunctionType::get(element(dtype), parameters, false));
}

llvm::Value* ScalarEmitter::call(const LibraryFunction& function, DType dtype,
                                 llvm::ArrayRef<llvm::Value*> x) {
  llvm::FunctionCallee called = callee(function, dtype, x.size());
  if (lanes_ == 1) return b_.CreateCall(called, x);
  llvm::Value* result = llvm::PoisonValue::get(type(dtype));
  for (int lane = 0; lane < lanes_; ++lane) {
    llvm::SmallVector<llvm::Value*, 2> args;
    for (llvm::Value* v : x) args.push_back(b_.CreateExtractElement(v, static_cast<uint64_t>(lane)));
    result = b_.CreateInsertElement(result, b_.CreateCall(called, args), static_cast<uint64_t>(lane));
  }
  return result;
}

// `fast`, but the function of x in the lanes of `mask`, of which there are some: one after the other.
llvm::Value* ScalarEmitter::call_where(llvm::Value* mask, llvm::Value* fast, const LibraryFunction& function,
                                       DType dtype, llvm::ArrayRef<llvm::Value*> x) {
  llvm::FunctionCallee called = callee(function, dtype, x.size());
  if (lanes_ == 1) return b_.CreateCall(called, x);
  llvm::Function* parent = b_.GetInsertBlock()->getParent();
  llvm::IRBuilder<> entry(&parent->getEntryBlock(), parent->getEntryBlock().begin());
  auto in_memory = [&](llvm::Value* vector) {
    llvm::Value* slot = entry.CreateAlloca(type(dtype));
    b_.CreateStore(vector, slot);
    return slot;
  };
  llvm::SmallVector<llvm::Value*, 2> slots;
  for (llvm::Value* v : x) slots.push_back(in_memory(v));
  llvm::Value *results = in_memory(fast), *set = b_.CreateBitCast(mask, b_.getIntNTy(lanes_));
  llvm::BasicBlock* before = b_.GetInsertBlock();
  llvm::BasicBlock* each = llvm::BasicBlock::Create(b_.getContext(), "lane", parent);
  llvm::BasicBlock* after = llvm::BasicBlock::Create(b_.getContext(), "lanes_done", parent);
  b_.CreateBr(each);
  b_.SetInsertPoint(each);
  llvm::PHINode* left = b_.CreatePHI(set->getType(), 2);
  llvm::Value* lane =
      b_.CreateZExt(b_.CreateBinaryIntrinsic(llvm::Intrinsic::cttz, left, b_.getTrue()), b_.getInt64Ty());
  llvm::SmallVector<llvm::Value*, 2> args;
  for (llvm::Value* slot : slots)
    args.push_back(b_.CreateLoad(element(dtype), b_.CreateGEP(element(dtype), slot, lane)));
  b_.CreateStore(b_.CreateCall(called, args), b_.CreateGEP(element(dtype), results, lane));
  llvm::Value* rest = b_.CreateAnd(left, b_.CreateSub(left, llvm::ConstantInt::get(left->getType(), 1)));
  left->addIncoming(set, before);
  left->addIncoming(rest, each);
  b_.CreateCondBr(b_.CreateICmpNE(rest, llvm::Constant::getNullValue(rest->getType())), each, after);
  b_.SetInsertPoint(after);
  return b_.CreateLoad(type(dtype), results);
}

llvm::Value* ScalarEmitter::any(llvm::Value* mask) { return lanes_ == 1 ? mask : b_.CreateOrReduce(mask); }

llvm::Value* ScalarEmitter::fallback(const LibraryFunction& function, DType dtype,
                                     llvm::ArrayRef<llvm::Value*> x) {
  llvm::Function* parent = b_.GetInsertBlock()->getParent();
  llvm::BasicBlock* slow = llvm::BasicBlock::Create(b_.getContext(), "slow", parent);
  llvm::BasicBlock* rest = llvm::BasicBlock::Create(b_.getContext(), "rest", parent);
  llvm::BasicBlock* from = b_.GetInsertBlock();
  llvm::MDNode* unlikely = llvm::MDBuilder(b_.getContext()).createBranchWeights(1, 1 << 20);
  b_.CreateCondBr(any(x[0]), slow, rest, unlikely);
  b_.SetInsertPoint(slow);
  llvm::Value* exact = call_where(x[0], x[1], function, dtype, x.drop_front(2));
  llvm::BasicBlock* slow_end = b_.GetInsertBlock();
  b_.CreateBr(rest);
  b_.SetInsertPoint(rest);
  llvm::PHINode* result = b_.CreatePHI(exact->getType(), 2);
  result->addIncoming(x[1], from);
  result->addIncoming(exact, slow_end);
  return result;
}

}  // namespace croton
