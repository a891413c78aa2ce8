// The steps of the innermost loop: loads, stores, computed positions, reductions.
#include <algorithm>
#include <tuple>

#include "base/error.h"
#include "codegen/llvm/nest_emitter.h"
#include "codegen/llvm/reduce.h"
#include "ops/core_rows.h"
#include "ops/reduce_identity.h"

namespace croton {

// ---- inner steps

// Row address moved along the outer inner loops.
llvm::Value* NestEmitter::inner_base(int access) {
  Value* offset = nullptr;
  for (size_t k = 0; k < inner_index_.size(); ++k)
    offset = plus(offset, scaled(source_.strides[access][nest_.row_dims + k], inner_index_[k]));
  return offset ? memory_.address(nest_.accesses[access].dtype, rows_[access], offset) : rows_[access];
}

// How far the lanes are from the first one: the same in every iteration.
llvm::Value* NestEmitter::lane_steps(const StrideCode& code) {
  Value* lanes = lane_numbers(b_.getInt64Ty());
  return code.kind == StrideCode::Parameter ? b_.CreateMul(lanes, splat(parameters_[code.parameter])) : lanes;
}

llvm::Value* NestEmitter::lane_offsets(const StrideCode& code, Value* column) {
  return b_.CreateAdd(splat(scaled(code, column)), lane_steps(code));
}

// Along the innermost loop, from `base` on.
llvm::Value* NestEmitter::load_row(const Step& step, Value* base, Value* column, Value* mask) {
  const StrideCode code = column ? source_.strides[step.access].back() : StrideCode{};
  if (step.part >= 0) return load_part(step, code, base, column, mask);
  if (code.kind == StrideCode::Zero) return splat(one_.load_scalar(step.dtype, base));
  if (lanes_ == 1 || code.kind == StrideCode::One)
    return memory_.load(step.dtype, memory_.address(step.dtype, base, scaled(code, column)), mask);
  Value* stride = parameters_[code.parameter];
  auto any = [&] {
    return memory_.load_strided(step.dtype, base, column, stride, mask ? last_column_ : nullptr);
  };
  if (size_of(step.dtype) != 4 && size_of(step.dtype) != 8)
    return any();  // masks may cost more than they save
  auto second = [&] {
    Value* first = memory_.address(step.dtype, base, b_.CreateShl(column, 1));
    return memory_.load_every_second(step.dtype, first, mask);
  };
  return either(b_.CreateICmpEQ(stride, b_.getInt64(2)), second, any);
}

// Parts of complex elements: the two numbers of each lie side by side.
llvm::Value* NestEmitter::load_part(const Step& step, const StrideCode& code, Value* base, Value* column,
                                    Value* mask) {
  DType whole = nest_.accesses[step.access].dtype;
  if (code.kind == StrideCode::Zero) return splat(one_.load_part(step.dtype, base, step.part, nullptr));
  if (lanes_ == 1 || code.kind == StrideCode::One)
    return memory_.load_part(step.dtype, memory_.address(whole, base, scaled(code, column)), step.part, mask);
  Value* first = b_.CreateConstGEP1_64(one_.element(step.dtype), base, static_cast<uint64_t>(step.part));
  Value* stride = b_.CreateShl(parameters_[code.parameter], 1);
  return memory_.load_strided(step.dtype, first, column, stride, mask ? last_column_ : nullptr);
}

void NestEmitter::store_parts(const Step& step, Value* base, Value* column, Value* mask, bool streaming) {
  const StrideCode code = column ? source_.strides[step.access].back() : StrideCode{};
  DType whole = nest_.accesses[step.access].dtype;
  Value *re = inner_value(step.args[0]), *im = inner_value(step.args[1]);
  if (!column || lanes_ == 1 || code.kind == StrideCode::One) {
    Value* offset = column ? scaled(code, column) : nullptr;
    Value* at = offset ? memory_.address(whole, base, offset) : base;
    return (column ? memory_ : one_).store_parts(step.dtype, re, im, at, mask, streaming);
  }
  Value* at = memory_.address(whole, base, scaled(code, column));
  Value* offsets = b_.CreateShl(lane_steps(code), 1);
  memory_.scatter(step.dtype, re, at, offsets, mask);
  memory_.scatter(step.dtype, im, b_.CreateConstGEP1_64(one_.element(step.dtype), at, 1), offsets, mask);
}

void NestEmitter::store_row(const Step& step, Value* value, Value* base, Value* column, Value* mask,
                            bool streaming) {
  const StrideCode code = column ? source_.strides[step.access].back() : StrideCode{};
  DType dtype = step.dtype;
  if (!column) return one_.store_scalar(dtype, value, base);
  if (lanes_ == 1 || code.kind == StrideCode::One) {
    Value* offset = scaled(code, column);
    return memory_.store(dtype, value, offset ? memory_.address(dtype, base, offset) : base, mask, streaming);
  }
  if (code.kind == StrideCode::Zero)
    return one_.store_scalar(dtype, b_.CreateExtractElement(value, uint64_t{0}), base);
  memory_.scatter(dtype, value, memory_.address(dtype, base, scaled(code, column)), lane_steps(code), mask);
}

llvm::Value* NestEmitter::inner_index_value(const Step& step, Value* column) {
  const auto& codes = source_.strides[step.access];
  Value* sum = affine(step);
  for (size_t k = 0; k < inner_index_.size(); ++k)
    sum = plus(sum, scaled(codes[nest_.row_dims + k], inner_index_[k]));
  if (!column) return sum;
  if (lanes_ == 1) return plus(sum, scaled(codes.back(), column));
  if (codes.back().kind == StrideCode::Zero) return splat(sum);
  return b_.CreateAdd(splat(sum), lane_offsets(codes.back(), column));
}

// The index with negatives wrapped, and whether it is in range (out of range: index 0, and reported).
std::pair<llvm::Value*, llvm::Value*> NestEmitter::checked_index(const Step& step, int id, Value* index,
                                                                 Value* mask) {
  bool vector = index->getType()->isVectorTy();
  Type* i64 =
      vector ? static_cast<Type*>(llvm::FixedVectorType::get(b_.getInt64Ty(), static_cast<unsigned>(lanes_)))
             : b_.getInt64Ty();
  Value* wide = b_.CreateIntCast(index, i64, is_signed(nest_.steps[step.args[0]].dtype));
  Value* size = parameters_[source_.step_parameter[id]];
  if (vector) size = splat(size);
  Value* zero = llvm::Constant::getNullValue(i64);
  Value* wrapped = b_.CreateSelect(b_.CreateICmpSLT(wide, zero), b_.CreateAdd(wide, size), wide);
  Value* good = b_.CreateICmpULT(wrapped, size);
  Value* bad = b_.CreateNot(good);
  if (mask) bad = b_.CreateAnd(bad, mask);
  BasicBlock* wrong = BasicBlock::Create(b_.getContext(), "wrong", function_);
  BasicBlock* next = BasicBlock::Create(b_.getContext(), "next", function_);
  b_.CreateCondBr(vector ? b_.CreateOrReduce(bad) : bad, wrong, next);
  b_.SetInsertPoint(wrong);
  b_.CreateStore(b_.getInt64(id + 1), bad_step_);
  b_.CreateStore(vector ? b_.CreateOrReduce(b_.CreateSelect(bad, wide, zero)) : wide, bad_index_);
  b_.CreateBr(next);
  b_.SetInsertPoint(next);
  return {b_.CreateSelect(good, wrapped, zero), good};
}

// How far the element at `index` is from the first, for one index or a vector of them.
llvm::Value* NestEmitter::index_offset(int id, Value* index) {
  const StrideCode& code = source_.step_stride[id];
  if (code.kind == StrideCode::Zero) return llvm::Constant::getNullValue(index->getType());
  if (code.kind == StrideCode::One) return index;
  Value* stride = parameters_[code.parameter];
  return b_.CreateMul(index, index->getType()->isVectorTy() ? splat(stride) : stride);
}

// Base and offset in complex elements as those of one part, in real ones.
std::pair<llvm::Value*, llvm::Value*> NestEmitter::at_part(const Step& step, Value* base, Value* offset) {
  base = b_.CreateConstGEP1_64(one_.element(step.dtype), base, static_cast<uint64_t>(step.part));
  return {base, b_.CreateShl(offset, 1)};
}

// How each gather of a pass finds its elements: where the index is the row's, it is checked once, and what it
// names is read as any other row. Whether all of those are in range; null if there are none.
llvm::Value* NestEmitter::prepare_gathers(const LoopPass& pass) {
  gathers_.assign(nest_.steps.size(), {});
  Value* all = nullptr;
  bool stores = false;  // which may go over the index
  for (int id : pass.inner) {
    const Step& step = nest_.steps[id];
    stores |= step.kind == StepKind::Store;
    if (step.kind != StepKind::Gather) continue;
    const int from = step.args[0];
    const Step& source = nest_.steps[from];
    if (splats_[from]) {
      auto [index, good] = checked_index(step, id, values_[from], nullptr);
      gathers_[id].row = index_offset(id, index);
      all = all ? b_.CreateAnd(all, good) : good;
    } else {
      gathers_[id].reads_index = !stores && source.kind == StepKind::Load && is_integer(source.dtype) &&
                                 source_.strides[source.access].back().kind == StrideCode::One;
    }
  }
  return all;
}

llvm::Value* NestEmitter::inner_gather(const Step& step, int id, Value* column, Value* mask) {
  if (Value* row = gathers_[id].row)
    return load_row(step, one_.address(nest_.accesses[step.access].dtype, inner_base(step.access), row),
                    column, mask);
  if (lanes_ == 1 || mask || !gathers_[id].reads_index) return any_gather(step, id, column, mask);
  const Step& source = nest_.steps[step.args[0]];
  auto* i64 = llvm::FixedVectorType::get(b_.getInt64Ty(), static_cast<unsigned>(lanes_));
  Value* index = b_.CreateIntCast(inner_value(step.args[0]), i64, is_signed(source.dtype));
  Value* inside = b_.CreateICmpULT(index, splat(parameters_[source_.step_parameter[id]]));
  return either(
      b_.CreateAndReduce(inside), [&] { return gather_each(step, id, column); },
      [&] { return any_gather(step, id, column, mask); });
}

llvm::Value* NestEmitter::either(Value* condition, const std::function<Value*()>& yes,
                                 const std::function<Value*()>& no) {
  std::array<BasicBlock*, 2> blocks;
  for (BasicBlock*& block : blocks) block = BasicBlock::Create(b_.getContext(), "either", function_);
  BasicBlock* next = BasicBlock::Create(b_.getContext(), "next", function_);
  b_.CreateCondBr(condition, blocks[0], blocks[1]);
  std::array<Value*, 2> values;
  for (int k : {0, 1}) {
    b_.SetInsertPoint(blocks[k]);
    values[k] = k == 0 ? yes() : no();
    blocks[k] = b_.GetInsertBlock();
    b_.CreateBr(next);
  }
  b_.SetInsertPoint(next);
  llvm::PHINode* result = b_.CreatePHI(values[0]->getType(), 2);
  for (int k : {0, 1}) result->addIncoming(values[k], blocks[k]);
  return result;
}

// One by one, with the indices from memory: all are in range. That takes two thirds of a gather's time.
llvm::Value* NestEmitter::gather_each(const Step& step, int id, Value* column) {
  const Step& source = nest_.steps[step.args[0]];
  const StrideCode code = source_.strides[step.access].back();
  Value *indices = inner_base(source.access), *elements = inner_base(step.access);
  std::vector<Value*> places;
  for (int lane = 0; lane < lanes_; ++lane) {
    Value* at = b_.CreateAdd(column, b_.getInt64(lane));
    Value* index = one_.load_scalar(source.dtype, one_.address(source.dtype, indices, at));
    Value* wide = b_.CreateIntCast(index, b_.getInt64Ty(), is_signed(source.dtype));
    Value *base = elements, *offset = plus(index_offset(id, wide), scaled(code, at));
    if (step.part >= 0) std::tie(base, offset) = at_part(step, base, offset);
    places.push_back(b_.CreateGEP(one_.element(step.dtype), base, offset));
  }
  return memory_.load_each(step.dtype, places);
}

llvm::Value* NestEmitter::any_gather(const Step& step, int id, Value* column, Value* mask) {
  auto [index, good] = checked_index(step, id, inner_value(step.args[0]), mask);
  Value* offset = index_offset(id, index);
  Value* base = inner_base(step.access);
  const StrideCode code = column ? source_.strides[step.access].back() : StrideCode{};
  if (lanes_ == 1) {
    offset = plus(offset, scaled(code, column));
    if (step.part >= 0) std::tie(base, offset) = at_part(step, base, offset);
    // An empty array has no element to read in place of a wrong index.
    Value* safe = b_.CreateSelect(good, one_.address(step.dtype, base, offset), bad_index_);
    return one_.load_scalar(step.dtype, safe);
  }
  if (code.kind != StrideCode::Zero) offset = b_.CreateAdd(offset, lane_offsets(code, column));
  if (step.part >= 0) std::tie(base, offset) = at_part(step, base, offset);
  return memory_.gather(step.dtype, base, offset, mask ? b_.CreateAnd(good, mask) : good);
}

// Where there are several lanes, the index is the row's, and neighbours go to different places.
void NestEmitter::inner_scatter(const Step& step, int id, Value* column, Value* mask) {
  auto [index, good] = checked_index(step, id, values_[step.args[0]], nullptr);
  Value* offset = index_offset(id, index);
  Value* base = one_.address(step.dtype, inner_base(step.access), offset);
  BasicBlock* put = BasicBlock::Create(b_.getContext(), "put", function_);
  BasicBlock* next = BasicBlock::Create(b_.getContext(), "next", function_);
  b_.CreateCondBr(good, put, next);
  b_.SetInsertPoint(put);
  Value* value = inner_value(step.args[1]);
  if (step.op) value = combine(b_, *step.op, step.dtype, load_row(step, base, column, mask), value);
  store_row(step, value, base, column, mask);
  b_.CreateBr(next);
  b_.SetInsertPoint(next);
}

// What the first pass will read next: memory would idle while a later pass works on a row in the cache.
void NestEmitter::prefetch_next_row(Value* column) {
  for (int id : nest_.passes[0].inner) {
    const Step& step = nest_.steps[id];
    if (step.kind != StepKind::Load || nest_.accesses[step.access].buffer < 0) continue;
    const auto& codes = source_.strides[step.access];
    Value* row = scaled(codes[nest_.row_dims - 1], b_.getInt64(1));
    if (!row || codes.back().kind != StrideCode::One) continue;
    Value* next =
        one_.address(nest_.accesses[step.access].dtype, rows_[step.access], b_.CreateAdd(row, column));
    b_.CreateIntrinsic(llvm::Intrinsic::prefetch, {b_.getPtrTy()},
                       {next, b_.getInt32(0), b_.getInt32(3), b_.getInt32(1)});
  }
}

void NestEmitter::emit_inner(const LoopPass& pass, Value* column, Value* mask, int copy) {
  bool later = &pass != nest_.passes.data();
  if (streaming_ && later && nest_.row_dims > 0 && nest_.inner_dims() == 1) prefetch_next_row(column);
  for (int id : pass.inner) {
    const Step& step = nest_.steps[id];
    switch (step.kind) {
      case StepKind::Index: values_[id] = inner_index_value(step, column); break;
      case StepKind::Load: values_[id] = load_row(step, inner_base(step.access), column, mask); break;
      case StepKind::Store:
        if (step.args.size() == 2) {
          store_parts(step, inner_base(step.access), column, mask, streaming_ && streams(step));
          break;
        }
        store_row(step, inner_value(step.args[0]), inner_base(step.access), column, mask,
                  streaming_ && streams(step));
        break;
      case StepKind::Apply: values_[id] = apply(step, true); break;
      case StepKind::Gather: values_[id] = inner_gather(step, id, column, mask); break;
      case StepKind::Scatter: inner_scatter(step, id, column, mask); break;
      case StepKind::Check:
        values_[id] = checked_index(step, id, inner_value(step.args[0]), mask).first;
        break;
      case StepKind::Reduce: reduce(step, id, mask, copy); break;
      case StepKind::Accumulate: {
        Value* base = inner_base(step.access);
        Value* old = load_row(step, base, column, mask);
        store_row(step, combine(b_, *step.op, step.dtype, old, inner_value(step.args[0])), base, column,
                  mask);
        break;
      }
      default: throw InternalError("loop nest: a step that cannot stand in the inner loop");
    }
  }
}

// ---- reductions in registers

bool NestEmitter::is_float_sum(int id) const {
  const Step& step = nest_.steps[id];
  return step.kind == StepKind::Reduce && step.op == &sum_op && is_floating(step.dtype);
}

bool NestEmitter::has_float_sum(const LoopPass& pass) const {
  return std::any_of(pass.inner.begin(), pass.inner.end(), [&](int id) { return is_float_sum(id); });
}

// What each lane starts from.
llvm::Value* NestEmitter::identity(const Step& step) {
  return splat(scalar_.constant(step.dtype, identity_bits(*step.op, compute_type(step.dtype))));
}

void NestEmitter::open_reduction(int id) {
  const Step& step = nest_.steps[id];
  if (step.kind != StepKind::Reduce) return;
  accumulators_[id].clear();
  for (int u = 0; u < 4; ++u) {
    Value* slot = entry_slot(vector_.type(step.dtype));
    b_.CreateStore(identity(step), slot);
    accumulators_[id].push_back(slot);
  }
  if (!is_float_sum(id)) return;
  aside_[id] = entry_slot(b_.getDoubleTy());
  b_.CreateStore(llvm::ConstantFP::getNegativeZero(b_.getDoubleTy()), aside_[id]);
}

// Where `condition` holds, the sums so far go to a double each, and their accumulators start again.
void NestEmitter::put_sums_aside(const LoopPass& pass, Value* condition) {
  BasicBlock* put = BasicBlock::Create(b_.getContext(), "put_aside", function_);
  BasicBlock* next = BasicBlock::Create(b_.getContext(), "next", function_);
  b_.CreateCondBr(condition, put, next);
  b_.SetInsertPoint(put);
  for (int id : pass.inner) {
    if (!is_float_sum(id)) continue;
    const Step& step = nest_.steps[id];
    Type *type = vector_.type(step.dtype), *wide = vector_.type(DType::Float64);
    Value* total = nullptr;
    for (Value* slot : accumulators_[id]) {
      Value* part = b_.CreateFPCast(b_.CreateLoad(type, slot), wide);
      total = total ? b_.CreateFAdd(total, part) : part;
      b_.CreateStore(identity(step), slot);
    }
    if (lanes_ > 1) total = combine_lanes(b_, sum_op, DType::Float64, total, lanes_);
    Value* old = b_.CreateLoad(b_.getDoubleTy(), aside_[id]);
    b_.CreateStore(b_.CreateFAdd(old, total), aside_[id]);
  }
  b_.CreateBr(next);
  b_.SetInsertPoint(next);
}

void NestEmitter::reduce(const Step& step, int id, Value* mask, int copy) {
  Value* slot = accumulators_[id][copy];
  Type* type = vector_.type(step.dtype);
  Value* old = b_.CreateLoad(type, slot);
  const Step& arg = nest_.steps[step.args[0]];
  bool product =
      step.op == &sum_op && is_floating(step.dtype) && arg.kind == StepKind::Apply && arg.op->name == "mul";
  Value* sum = product ? b_.CreateIntrinsic(llvm::Intrinsic::fma, {type},
                                            {inner_value(arg.args[0]), inner_value(arg.args[1]), old})
                       : combine(b_, *step.op, step.dtype, old, inner_value(step.args[0]));
  b_.CreateStore(mask ? b_.CreateSelect(mask, sum, old) : sum, slot);
}

void NestEmitter::close_reduction(int id) {
  const Step& step = nest_.steps[id];
  if (step.kind != StepKind::Reduce) return;
  Type* type = vector_.type(step.dtype);
  std::vector<Value*> parts;
  for (Value* slot : accumulators_[id]) parts.push_back(b_.CreateLoad(type, slot));
  for (size_t n = parts.size(); n > 1; n /= 2)
    for (size_t k = 0; k < n / 2; ++k)
      parts[k] = combine(b_, *step.op, step.dtype, parts[k], parts[k + n / 2]);
  Value* result = lanes_ == 1 ? parts[0] : combine_lanes(b_, *step.op, step.dtype, parts[0], lanes_);
  if (is_float_sum(id)) result = with_sum_aside(id, result);
  values_[id] = result;
  splats_[id] = nullptr;
}

// Short rows put nothing aside, and need not wait for the conversions.
llvm::Value* NestEmitter::with_sum_aside(int id, Value* sum) {
  BasicBlock* before = b_.GetInsertBlock();
  BasicBlock* wide = BasicBlock::Create(b_.getContext(), "wide", function_);
  BasicBlock* next = BasicBlock::Create(b_.getContext(), "next", function_);
  b_.CreateCondBr(is_long_, wide, next);
  b_.SetInsertPoint(wide);
  Value* aside = b_.CreateLoad(b_.getDoubleTy(), aside_[id]);
  Value* total =
      b_.CreateFPCast(b_.CreateFAdd(aside, b_.CreateFPCast(sum, b_.getDoubleTy())), sum->getType());
  b_.CreateBr(next);
  b_.SetInsertPoint(next);
  llvm::PHINode* result = b_.CreatePHI(sum->getType(), 2);
  result->addIncoming(sum, before);
  result->addIncoming(total, wide);
  return result;
}

void NestEmitter::report_errors() {
  Value* step = b_.CreateLoad(b_.getInt64Ty(), bad_step_);
  BasicBlock* report = BasicBlock::Create(b_.getContext(), "report", function_);
  BasicBlock* end = BasicBlock::Create(b_.getContext(), "end", function_);
  b_.CreateCondBr(b_.CreateICmpNE(step, b_.getInt64(0)), report, end);
  b_.SetInsertPoint(report);
  Value* record = b_.CreateLoad(b_.getPtrTy(),
                                b_.CreateConstGEP1_64(b_.getPtrTy(), pointer_table_, nest_.accesses.size()));
  b_.CreateStore(step, record);
  b_.CreateStore(b_.CreateLoad(b_.getInt64Ty(), bad_index_),
                 b_.CreateConstGEP1_64(b_.getInt64Ty(), record, 1));
  b_.CreateBr(end);
  b_.SetInsertPoint(end);
}

}  // namespace croton
