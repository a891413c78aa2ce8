#include "codegen/llvm/emit_nest.h"

#include <algorithm>

#include "codegen/backend.h"
#include "codegen/llvm/nest_emitter.h"

namespace croton {

namespace {

constexpr int inline_calls = 6;  // with more costly rows than this in one nest, they become functions
constexpr int long_chain = 120;  // instructions per element from which arithmetic, not memory, is the bound
constexpr int streaming_steps = 40;  // nests larger than this are not bound by memory
constexpr int stretch = 32;          // additions in a row before a sum of floats is put aside

}  // namespace

NestEmitter::NestEmitter(llvm::Module& module, const std::string& symbol, const NestSource& source,
                         int vector_bits)
    : module_(module),
      source_(source),
      nest_(*source.nest),
      b_(module.getContext()),
      lanes_(choose_lanes(vector_bits)),
      scalar_(b_, 1),
      vector_(b_, lanes_),
      memory_(b_, lanes_),
      one_(b_, 1),
      values_(nest_.steps.size()),
      splats_(nest_.steps.size()) {
  make_function(symbol);
  count_costly_steps();
}

llvm::Function* NestEmitter::emit() {
  bad_step_ = entry_slot(b_.getInt64Ty());
  bad_index_ = entry_slot(b_.getInt64Ty());
  load_arguments();
  prepare_columns();
  emit_scalars(nest_.invariant);
  if (nest_.row_dims == 0)
    emit_row({});
  else
    emit_rows();
  report_errors();
  b_.CreateRetVoid();
  return function_;
}

// ---- set-up

int NestEmitter::choose_lanes(int vector_bits) const {
  if (nest_.inner_dims() == 0 || (nest_.serial && !nest_.scatters_rows())) return 1;
  size_t widest = 1, widest_float = 0;
  for (const Step& step : nest_.steps) {
    size_t size = size_of(compute_type(step.dtype));
    widest = std::max(widest, size);
    if (is_floating(step.dtype)) widest_float = std::max(widest_float, size);
  }
  return std::min(vector_bits / 8 / static_cast<int>(widest_float ? widest_float : widest), 16);
}

void NestEmitter::make_function(const std::string& symbol) {
  Type *ptr = b_.getPtrTy(), *i64 = b_.getInt64Ty();
  auto* type = llvm::FunctionType::get(b_.getVoidTy(), {ptr, ptr, i64, i64, i64, i64, i64}, false);
  function_ = llvm::Function::Create(type, llvm::Function::ExternalLinkage, symbol, module_);
  function_->addFnAttr(llvm::Attribute::NoUnwind);
  auto arg = function_->arg_begin();
  for (Value** slot :
       {&pointer_table_, &parameter_table_, &first_row_, &last_row_, &first_column_, &last_column_, &flags_})
    *slot = &*arg++;
  b_.SetInsertPoint(BasicBlock::Create(module_.getContext(), "entry", function_));
}

void NestEmitter::count_costly_steps() {
  int costly = 0;
  for (const Step& step : nest_.steps) costly += step.op && step.op->cost > inline_cost;
  call_costly_ = costly > inline_calls;
}

// A stack slot in the entry block, which the optimiser turns into registers.
llvm::Value* NestEmitter::entry_slot(Type* type) {
  llvm::IRBuilder<> entry(&function_->getEntryBlock(), function_->getEntryBlock().begin());
  Value* slot = entry.CreateAlloca(type);
  b_.CreateStore(llvm::Constant::getNullValue(type), slot);
  return slot;
}

void NestEmitter::load_arguments() {
  for (size_t i = 0; i < nest_.accesses.size(); ++i)
    bases_.push_back(
        nest_.accesses[i].buffer == no_buffer
            ? nullptr
            : b_.CreateLoad(b_.getPtrTy(), b_.CreateConstGEP1_64(b_.getPtrTy(), pointer_table_, i)));
  rows_ = bases_;
  for (int k = 0; k < source_.parameter_count(); ++k)
    parameters_.push_back(b_.CreateLoad(
        b_.getInt64Ty(), b_.CreateConstGEP1_64(b_.getInt64Ty(), parameter_table_, static_cast<uint64_t>(k))));
  accumulators_.resize(nest_.steps.size());
  aside_.resize(nest_.steps.size());
  splats_.assign(nest_.steps.size(), nullptr);
}

// ---- loops

void NestEmitter::loop(Value* from, Value* to, Value* step, const std::function<void(Value*)>& body) {
  BasicBlock* before = b_.GetInsertBlock();
  BasicBlock* head = BasicBlock::Create(b_.getContext(), "loop", function_);
  BasicBlock* inside = BasicBlock::Create(b_.getContext(), "body", function_);
  BasicBlock* after = BasicBlock::Create(b_.getContext(), "after", function_);
  b_.CreateBr(head);
  b_.SetInsertPoint(head);
  llvm::PHINode* i = b_.CreatePHI(b_.getInt64Ty(), 2);
  i->addIncoming(from, before);
  b_.CreateCondBr(b_.CreateICmpSLT(i, to), inside, after);
  b_.SetInsertPoint(inside);
  body(i);
  i->addIncoming(b_.CreateAdd(i, step), b_.GetInsertBlock());
  b_.CreateBr(head);
  b_.SetInsertPoint(after);
}

llvm::Value* NestEmitter::extent(int d) { return parameters_[source_.extents[d]]; }

// Of a kernel's first row; extents may be 0 where there are no rows.
std::vector<llvm::Value*> NestEmitter::row_indices(Value* row) {
  std::vector<Value*> index(nest_.row_dims);
  for (int d = nest_.row_dims - 1; d > 0; --d) {
    Value* divisor = b_.CreateBinaryIntrinsic(llvm::Intrinsic::umax, extent(d), b_.getInt64(1));
    index[d] = b_.CreateURem(row, divisor);
    row = b_.CreateUDiv(row, divisor);
  }
  index[0] = row;
  return index;
}

// The indices count up from row to row: dividing for each would take longer than a short row.
void NestEmitter::emit_rows() {
  std::vector<Value*> slots;
  for (Value* start : row_indices(first_row_)) {
    slots.push_back(entry_slot(b_.getInt64Ty()));
    b_.CreateStore(start, slots.back());
  }
  loop(first_row_, last_row_, b_.getInt64(1), [&](Value*) {
    std::vector<Value*> index;
    for (Value* slot : slots) index.push_back(b_.CreateLoad(b_.getInt64Ty(), slot));
    emit_row(index);
    Value* carry = b_.getInt64(1);
    for (int d = nest_.row_dims - 1; d >= 0; --d) {
      Value* next = b_.CreateAdd(index[d], carry);
      Value* over = d > 0 ? b_.CreateICmpEQ(next, extent(d)) : b_.getFalse();
      b_.CreateStore(b_.CreateSelect(over, b_.getInt64(0), next), slots[d]);
      carry = b_.CreateZExt(over, b_.getInt64Ty());
    }
  });
}

// `stride code * index`, or null for nothing.
llvm::Value* NestEmitter::scaled(const StrideCode& code, Value* index) {
  if (code.kind == StrideCode::Zero) return nullptr;
  return code.kind == StrideCode::One ? index : b_.CreateMul(index, parameters_[code.parameter]);
}

llvm::Value* NestEmitter::plus(Value* a, Value* b) { return !a ? b : !b ? a : b_.CreateAdd(a, b); }

void NestEmitter::emit_row(std::vector<Value*> index) {
  row_index_ = std::move(index);
  for (size_t i = 0; i < bases_.size(); ++i) {
    Value* offset = nullptr;
    for (int d = 0; d < nest_.row_dims; ++d)
      offset = plus(offset, scaled(source_.strides[i][d], row_index_[d]));
    if (bases_[i])
      rows_[i] = offset ? memory_.address(nest_.accesses[i].dtype, bases_[i], offset) : bases_[i];
  }
  for (const LoopPass& pass : nest_.passes) {
    emit_scalars(pass.row);
    if (!pass.inner.empty()) emit_pass(pass);
  }
}

void NestEmitter::emit_scalars(const std::vector<int>& ids) {
  for (int id : ids) values_[id] = scalar_step(nest_.steps[id], id);
}

void NestEmitter::emit_pass(const LoopPass& pass) {
  prepare_splats(pass);
  for (int id : pass.inner) open_reduction(id);
  inner_index_.clear();
  BasicBlock* after = nullptr;
  if (Value* fine = prepare_gathers(pass)) {  // else it ends in an error, and there may be nothing to read
    BasicBlock* inside = BasicBlock::Create(b_.getContext(), "inside", function_);
    after = BasicBlock::Create(b_.getContext(), "after", function_);
    b_.CreateCondBr(fine, inside, after);
    b_.SetInsertPoint(inside);
  }
  if (nest_.inner_dims() == 0)
    emit_inner(pass, nullptr, nullptr, 0);
  else
    emit_inner_loops(pass, nest_.row_dims);
  if (after) {
    b_.CreateBr(after);
    b_.SetInsertPoint(after);
  }
  for (int id : pass.inner) close_reduction(id);
}

void NestEmitter::emit_inner_loops(const LoopPass& pass, int d) {
  if (d + 1 == static_cast<int>(nest_.extents.size())) return emit_columns(pass);
  bool sums = d + 2 == static_cast<int>(nest_.extents.size()) && has_float_sum(pass);
  loop(b_.getInt64(0), extent(d), b_.getInt64(1), [&](Value* i) {
    inner_index_.push_back(i);
    emit_inner_loops(pass, d + 1);
    inner_index_.pop_back();
    if (sums) put_sums_aside(pass, b_.CreateICmpEQ(b_.CreateAnd(i, b_.getInt64(15)), b_.getInt64(15)));
  });
}

// Whole blocks of vectors without a mask, then the rest with one. Costly bodies are emitted once, masked,
// and once more without a mask where stores may bypass the cache (masked ones cannot).
void NestEmitter::emit_columns(const LoopPass& pass) {
  int cost = cost_of(pass), unroll = choose_unroll(cost);
  Value* from = first_column_;
  if ((streaming_ = can_stream(pass))) {
    // Long chains of arithmetic need a second one beside them to keep the processor busy.
    int copies = cost > long_chain ? 2 : 1;
    from = b_.CreateSelect(stream_, block_end(copies), first_column_);
    emit_blocks(pass, first_column_, from, copies);
    streaming_ = false;
  }
  if (lanes_ > 1 && unroll) {
    emit_blocks(pass, from, block_end(unroll), unroll);
    from = b_.CreateBinaryIntrinsic(llvm::Intrinsic::smax, from, block_end(unroll));
  }
  auto masked = [&](Value* i) {
    emit_inner(pass, i, lanes_ > 1 ? tail_mask(b_.CreateSub(last_column_, i)) : nullptr, 0);
  };
  if (lanes_ > 1 && unroll)
    loop(from, last_column_, b_.getInt64(lanes_), masked);  // less than a block
  else
    emit_stretches(pass, from, last_column_, lanes_, masked);
}

// A loop over columns that puts sums of floats aside now and then: so rounding errors stay as small in long
// rows as in short ones.
void NestEmitter::emit_stretches(const LoopPass& pass, Value* from, Value* to, int step,
                                 const std::function<void(Value*)>& body) {
  if (!has_float_sum(pass)) return loop(from, to, b_.getInt64(step), body);
  loop(from, to, b_.getInt64(int64_t{step} * stretch), [&](Value* start) {
    Value* next = b_.CreateAdd(start, b_.getInt64(int64_t{step} * stretch));
    Value* end = b_.CreateBinaryIntrinsic(llvm::Intrinsic::smin, next, to);
    loop(start, end, b_.getInt64(step), body);
    put_sums_aside(pass, b_.CreateICmpSLT(next, to));
  });
}

// The end of the last whole block of `copies` vectors.
llvm::Value* NestEmitter::block_end(int copies) { return block_ends_[static_cast<size_t>(copies / 2)]; }

void NestEmitter::prepare_columns() {
  stream_ = b_.CreateICmpNE(b_.CreateAnd(flags_, streaming_flag), b_.getInt64(0));
  Value* count = b_.CreateSub(last_column_, first_column_);
  is_long_ =
      nest_.inner_dims() > 1 ? b_.getTrue() : b_.CreateICmpSGT(count, b_.getInt64(int64_t{lanes_} * stretch));
  for (int copies : {1, 2, 4})
    block_ends_[static_cast<size_t>(copies / 2)] =
        b_.CreateAdd(first_column_, b_.CreateAnd(count, b_.getInt64(-int64_t{lanes_} * copies)));
}

void NestEmitter::emit_blocks(const LoopPass& pass, Value* from, Value* to, int copies) {
  emit_stretches(pass, from, to, lanes_ * copies, [&](Value* i) {
    for (int u = 0; u < copies; ++u) emit_inner(pass, b_.CreateAdd(i, b_.getInt64(u * lanes_)), nullptr, u);
  });
}

llvm::Value* NestEmitter::lane_numbers(Type* element) {
  return b_.CreateStepVector(llvm::FixedVectorType::get(element, static_cast<unsigned>(lanes_)));
}

llvm::Value* NestEmitter::tail_mask(Value* left) {
  Value* bounded = b_.CreateBinaryIntrinsic(llvm::Intrinsic::smin, left, b_.getInt64(lanes_));
  Value* count =
      b_.CreateVectorSplat(static_cast<unsigned>(lanes_), b_.CreateTrunc(bounded, b_.getInt32Ty()));
  return b_.CreateICmpSLT(lane_numbers(b_.getInt32Ty()), count);
}

int NestEmitter::cost_of(const LoopPass& pass) const {
  int cost = 0;
  for (int id : pass.inner) {
    const Step& step = nest_.steps[id];
    bool strided = step.access >= 0 && source_.strides[step.access].back().kind == StrideCode::Parameter;
    const bool each = step.kind == StepKind::Gather && gathers_[id].reads_index;
    cost += step.op ? step.op->cost : strided ? 8 * lanes_ : each ? 3 * lanes_ : 1;
  }
  return cost;
}

int NestEmitter::choose_unroll(int cost) { return cost <= 12 ? 4 : cost <= 60 ? 2 : 0; }

bool NestEmitter::is_read(int access) const {
  for (const Step& step : nest_.steps)
    if (step.access == access && step.kind != StepKind::Store) return true;
  return false;
}

// Whether the pass has stores that nothing in the nest reads back, and is short enough to be bound by
// memory.
bool NestEmitter::can_stream(const LoopPass& pass) const {
  if (lanes_ == 1 || pass.inner.size() > streaming_steps) return false;
  for (int id : pass.inner)
    if (streams(nest_.steps[id])) return true;
  return false;
}

bool NestEmitter::streams(const Step& step) const {
  return step.kind == StepKind::Store && nest_.accesses[step.access].buffer >= 0 && !is_read(step.access) &&
         source_.strides[step.access].back().kind == StrideCode::One &&
         static_cast<int>(size_of(step.dtype)) * lanes_ >= 16;
}

llvm::Function* emit_nest(llvm::Module& module, const std::string& symbol, const NestSource& source,
                          int vector_bits) {
  return NestEmitter(module, symbol, source, vector_bits).emit();
}

}  // namespace croton
