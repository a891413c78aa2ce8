// The values of steps: constants, indices, rows as inlined or called code.
#include <tuple>

#include "base/error.h"
#include "codegen/backend.h"
#include "codegen/llvm/nest_emitter.h"
#include "codegen/llvm/reduce.h"
#include "ops/core_rows.h"

namespace croton {

// Row values that inner steps read, repeated over the lanes before the loop.
void NestEmitter::prepare_splats(const LoopPass& pass) {
  std::vector<bool> inside(nest_.steps.size());
  for (int id : pass.inner) inside[id] = true;
  for (int id : pass.inner)
    for (int arg : nest_.steps[id].args)
      if (!inside[arg]) splats_[arg] = splat(values_[arg]);
  for (int id : pass.inner) splats_[id] = nullptr;
}

llvm::Value* NestEmitter::splat(Value* value) {
  return lanes_ == 1 || value->getType()->isVectorTy()
             ? value
             : b_.CreateVectorSplat(static_cast<unsigned>(lanes_), value);
}

llvm::Value* NestEmitter::inner_value(int id) { return splats_[id] ? splats_[id] : values_[id]; }

llvm::Value* NestEmitter::parameter_bits(const Step& step, int id) {
  int k = source_.step_parameter[id];
  if (k < 0) return scalar_.constant(step.dtype, step.bits);
  if (step.dtype == DType::Float64) return b_.CreateBitCast(parameters_[k], b_.getDoubleTy());
  Value* low = b_.CreateTrunc(parameters_[k], b_.getInt32Ty());
  return b_.CreateBitCast(low, b_.getFloatTy());
}

llvm::Value* NestEmitter::constant(const Step& step, int id) {
  if (compute_type(step.dtype) == step.dtype) return parameter_bits(step, id);
  Value* slot = b_.CreateAlloca(b_.getInt16Ty());
  b_.CreateStore(b_.getInt16(static_cast<uint16_t>(step.bits)), slot);
  return one_.load_scalar(step.dtype, slot);
}

llvm::Value* NestEmitter::affine(const Step& step) {
  const auto& codes = source_.strides[step.access];
  Value* sum = parameters_[source_.offsets[step.access]];
  for (int d = 0; d < nest_.row_dims; ++d)
    sum = plus(sum, scaled(codes[d], row_index_.empty() ? nullptr : row_index_[d]));
  return sum;
}

llvm::Value* NestEmitter::scalar_step(const Step& step, int id) {
  switch (step.kind) {
    case StepKind::Constant: return constant(step, id);
    case StepKind::Parameter: return parameters_[source_.step_parameter[id]];
    case StepKind::Index: return affine(step);
    case StepKind::Load:
      if (step.part >= 0) return one_.load_part(step.dtype, rows_[step.access], step.part, nullptr);
      return one_.load_scalar(step.dtype, rows_[step.access]);
    case StepKind::Store:
      if (step.args.size() == 2) {
        one_.store_parts(step.dtype, values_[step.args[0]], values_[step.args[1]], rows_[step.access],
                         nullptr, false);
        return nullptr;
      }
      one_.store_scalar(step.dtype, values_[step.args[0]], rows_[step.access]);
      return nullptr;
    case StepKind::Apply: return apply(step, false);
    case StepKind::Accumulate: {
      Value* old = one_.load_scalar(step.dtype, rows_[step.access]);
      one_.store_scalar(step.dtype, combine(b_, *step.op, step.dtype, old, values_[step.args[0]]),
                        rows_[step.access]);
      return nullptr;
    }
    case StepKind::Gather: {
      Value* index = checked_index(step, id, values_[step.args[0]], nullptr).first;
      Value* offset = index_offset(id, index);
      Value* base = rows_[step.access];
      if (step.part >= 0) std::tie(base, offset) = at_part(step, base, offset);
      return one_.load_scalar(step.dtype, one_.address(step.dtype, base, offset));
    }
    case StepKind::Check: return checked_index(step, id, values_[step.args[0]], nullptr).first;
    default: throw InternalError("loop nest: a step that cannot stand outside the inner loop");
  }
}

llvm::Value* NestEmitter::apply(const Step& step, bool inside) {
  llvm::SmallVector<Value*, 4> args;
  std::vector<DType> types;
  for (int arg : step.args) {
    args.push_back(inside ? inner_value(arg) : values_[arg]);
    types.push_back(nest_.steps[arg].dtype);
  }
  const ScalarProgram& program = scalar_program(*step.op, types, step.dtype);
  if (inside && call_costly_ && step.op->cost > inline_cost)
    return b_.CreateCall(function_of(*step.op, program, types), args);
  Value* x = (inside ? vector_ : scalar_).emit(program, args);
  return step.op == &cast_op ? (inside ? memory_ : one_).rounded(step.dtype, x) : x;
}

// A costly row as a function of the module, so that large nests stay small.
llvm::Function* NestEmitter::function_of(const OpSpec& op, const ScalarProgram& program,
                                         const std::vector<DType>& types) {
  std::string symbol = "row_" + std::string(op.name);
  for (DType type : types) symbol += "_" + std::string(name(compute_type(type)));
  if (llvm::Function* known = module_.getFunction(symbol)) return known;
  llvm::IRBuilder<>::InsertPointGuard guard(b_);
  llvm::SmallVector<Type*, 4> parameters;
  for (DType type : types) parameters.push_back(vector_.type(type));
  auto* type = llvm::FunctionType::get(vector_.type(program.code[program.result].type), parameters, false);
  auto* function = llvm::Function::Create(type, llvm::Function::InternalLinkage, symbol, module_);
  function->addFnAttr(llvm::Attribute::NoInline);
  function->addFnAttr(llvm::Attribute::NoUnwind);
  b_.SetInsertPoint(BasicBlock::Create(b_.getContext(), "entry", function));
  llvm::SmallVector<Value*, 4> args;
  for (llvm::Argument& arg : function->args()) args.push_back(&arg);
  b_.CreateRet(vector_.emit(program, args));
  return function;
}

}  // namespace croton
