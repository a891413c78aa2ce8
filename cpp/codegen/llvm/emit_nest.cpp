#include "codegen/llvm/emit_nest.h"

#include <llvm/IR/Module.h>

#include <algorithm>
#include <array>
#include <functional>

#include "base/error.h"
#include "codegen/backend.h"
#include "codegen/llvm/emit_scalar.h"
#include "codegen/llvm/memory.h"
#include "codegen/llvm/reduce.h"
#include "ops/core_rows.h"
#include "ops/reduce_identity.h"

namespace croton {
namespace {

using llvm::BasicBlock;
using llvm::Type;
using llvm::Value;

constexpr int inline_cost = 12;  // rows up to this many instructions are never called
constexpr int inline_calls = 6;  // with more costly rows than this in one nest, they become functions
constexpr int long_chain = 120;  // instructions per element from which arithmetic, not memory, is the bound
constexpr int streaming_steps = 40;  // nests larger than this are not bound by memory

class NestEmitter {
 public:
  NestEmitter(llvm::Module& module, const std::string& symbol, const NestSource& source, int vector_bits)
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

  llvm::Function* emit() {
    bad_step_ = entry_slot(b_.getInt64Ty());
    bad_index_ = entry_slot(b_.getInt64Ty());
    load_arguments();
    prepare_columns();
    emit_scalars(nest_.invariant);
    if (nest_.row_dims == 0) {
      emit_row({});
    } else {
      loop(first_row_, last_row_, b_.getInt64(1), [&](Value* row) { emit_row(row_indices(row)); });
    }
    report_errors();
    b_.CreateRetVoid();
    return function_;
  }

 private:
  llvm::Module& module_;
  const NestSource& source_;
  const LoopNest& nest_;
  llvm::IRBuilder<> b_;
  int lanes_;
  ScalarEmitter scalar_, vector_;
  MemoryEmitter memory_, one_;
  llvm::Function* function_ = nullptr;
  Value *pointer_table_ = nullptr, *parameter_table_ = nullptr, *first_row_ = nullptr, *last_row_ = nullptr,
        *first_column_ = nullptr, *last_column_ = nullptr, *flags_ = nullptr;
  std::vector<Value*> values_, splats_;  // of each step: as computed, and repeated over the lanes
  std::vector<Value*> bases_, rows_;     // of each access: from the table, and at the current row
  std::vector<Value*> parameters_;
  std::vector<Value*> row_index_, inner_index_;
  std::vector<std::vector<Value*>> accumulators_;  // of each Reduce step: stack slots
  Value *bad_step_ = nullptr, *bad_index_ = nullptr;
  Value* stream_ = nullptr;                // whether stores bypass the cache
  std::array<Value*, 3> block_ends_ = {};  // of blocks of 1, 2 and 4 vectors
  bool call_costly_ = false;
  bool streaming_ = false;

  // ---- set-up

  int choose_lanes(int vector_bits) const {
    if (nest_.inner_dims() == 0 || (nest_.serial && !nest_.scatters_rows())) return 1;
    size_t widest = 1, widest_float = 0;
    for (const Step& step : nest_.steps) {
      size_t size = size_of(compute_type(step.dtype));
      widest = std::max(widest, size);
      if (is_floating(step.dtype)) widest_float = std::max(widest_float, size);
    }
    return std::min(vector_bits / 8 / static_cast<int>(widest_float ? widest_float : widest), 16);
  }

  void make_function(const std::string& symbol) {
    Type *ptr = b_.getPtrTy(), *i64 = b_.getInt64Ty();
    auto* type = llvm::FunctionType::get(b_.getVoidTy(), {ptr, ptr, i64, i64, i64, i64, i64}, false);
    function_ = llvm::Function::Create(type, llvm::Function::ExternalLinkage, symbol, module_);
    function_->addFnAttr(llvm::Attribute::NoUnwind);
    auto arg = function_->arg_begin();
    for (Value** slot : {&pointer_table_, &parameter_table_, &first_row_, &last_row_, &first_column_,
                         &last_column_, &flags_})
      *slot = &*arg++;
    b_.SetInsertPoint(BasicBlock::Create(module_.getContext(), "entry", function_));
  }

  void count_costly_steps() {
    int costly = 0;
    for (const Step& step : nest_.steps) costly += step.op && step.op->cost > inline_cost;
    call_costly_ = costly > inline_calls;
  }

  // A stack slot in the entry block, which the optimiser turns into registers.
  Value* entry_slot(Type* type) {
    llvm::IRBuilder<> entry(&function_->getEntryBlock(), function_->getEntryBlock().begin());
    Value* slot = entry.CreateAlloca(type);
    b_.CreateStore(llvm::Constant::getNullValue(type), slot);
    return slot;
  }

  void load_arguments() {
    for (size_t i = 0; i < nest_.accesses.size(); ++i)
      bases_.push_back(
          nest_.accesses[i].buffer == no_buffer
              ? nullptr
              : b_.CreateLoad(b_.getPtrTy(), b_.CreateConstGEP1_64(b_.getPtrTy(), pointer_table_, i)));
    rows_ = bases_;
    for (int k = 0; k < source_.parameter_count(); ++k)
      parameters_.push_back(
          b_.CreateLoad(b_.getInt64Ty(),
                        b_.CreateConstGEP1_64(b_.getInt64Ty(), parameter_table_, static_cast<uint64_t>(k))));
    accumulators_.resize(nest_.steps.size());
    splats_.assign(nest_.steps.size(), nullptr);
  }

  // ---- loops

  void loop(Value* from, Value* to, Value* step, const std::function<void(Value*)>& body) {
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

  Value* extent(int d) { return parameters_[source_.extents[d]]; }

  std::vector<Value*> row_indices(Value* row) {
    std::vector<Value*> index(nest_.row_dims);
    for (int d = nest_.row_dims - 1; d > 0; --d) {
      index[d] = b_.CreateURem(row, extent(d));
      row = b_.CreateUDiv(row, extent(d));
    }
    index[0] = row;
    return index;
  }

  // `stride code * index`, or null for nothing.
  Value* scaled(const StrideCode& code, Value* index) {
    if (code.kind == StrideCode::Zero) return nullptr;
    return code.kind == StrideCode::One ? index : b_.CreateMul(index, parameters_[code.parameter]);
  }

  Value* plus(Value* a, Value* b) { return !a ? b : !b ? a : b_.CreateAdd(a, b); }

  void emit_row(std::vector<Value*> index) {
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

  void emit_scalars(const std::vector<int>& ids) {
    for (int id : ids) values_[id] = scalar_step(nest_.steps[id], id);
  }

  void emit_pass(const LoopPass& pass) {
    prepare_splats(pass);
    for (int id : pass.inner) open_reduction(id);
    inner_index_.clear();
    if (nest_.inner_dims() == 0)
      emit_inner(pass, nullptr, nullptr, 0);
    else
      emit_inner_loops(pass, nest_.row_dims);
    for (int id : pass.inner) close_reduction(id);
  }

  void emit_inner_loops(const LoopPass& pass, int d) {
    if (d + 1 == static_cast<int>(nest_.extents.size())) return emit_columns(pass);
    loop(b_.getInt64(0), extent(d), b_.getInt64(1), [&](Value* i) {
      inner_index_.push_back(i);
      emit_inner_loops(pass, d + 1);
      inner_index_.pop_back();
    });
  }

  // Whole blocks of vectors without a mask, then the rest with one. Costly bodies are emitted once, masked,
  // and once more without a mask where stores may bypass the cache (masked ones cannot).
  void emit_columns(const LoopPass& pass) {
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
    loop(from, last_column_, b_.getInt64(lanes_), [&](Value* i) {
      emit_inner(pass, i, lanes_ > 1 ? tail_mask(b_.CreateSub(last_column_, i)) : nullptr, 0);
    });
  }

  // The end of the last whole block of `copies` vectors.
  Value* block_end(int copies) { return block_ends_[static_cast<size_t>(copies / 2)]; }

  void prepare_columns() {
    stream_ = b_.CreateICmpNE(b_.CreateAnd(flags_, streaming_flag), b_.getInt64(0));
    Value* count = b_.CreateSub(last_column_, first_column_);
    for (int copies : {1, 2, 4})
      block_ends_[static_cast<size_t>(copies / 2)] =
          b_.CreateAdd(first_column_, b_.CreateAnd(count, b_.getInt64(-int64_t{lanes_} * copies)));
  }

  void emit_blocks(const LoopPass& pass, Value* from, Value* to, int copies) {
    loop(from, to, b_.getInt64(lanes_ * copies), [&](Value* i) {
      for (int u = 0; u < copies; ++u) emit_inner(pass, b_.CreateAdd(i, b_.getInt64(u * lanes_)), nullptr, u);
    });
  }

  Value* lane_numbers(Type* element) {
    return b_.CreateStepVector(llvm::FixedVectorType::get(element, static_cast<unsigned>(lanes_)));
  }

  Value* tail_mask(Value* left) {
    Value* bounded = b_.CreateBinaryIntrinsic(llvm::Intrinsic::smin, left, b_.getInt64(lanes_));
    Value* count =
        b_.CreateVectorSplat(static_cast<unsigned>(lanes_), b_.CreateTrunc(bounded, b_.getInt32Ty()));
    return b_.CreateICmpSLT(lane_numbers(b_.getInt32Ty()), count);
  }

  int cost_of(const LoopPass& pass) const {
    int cost = 0;
    for (int id : pass.inner) {
      const Step& step = nest_.steps[id];
      bool strided = step.access >= 0 && source_.strides[step.access].back().kind == StrideCode::Parameter;
      cost += step.op ? step.op->cost : strided ? 8 * lanes_ : 1;
    }
    return cost;
  }

  static int choose_unroll(int cost) { return cost <= 12 ? 4 : cost <= 60 ? 2 : 0; }

  bool is_read(int access) const {
    for (const Step& step : nest_.steps)
      if (step.access == access && step.kind != StepKind::Store) return true;
    return false;
  }

  // Whether the pass has stores that nothing in the nest reads back, and is short enough to be bound by
  // memory.
  bool can_stream(const LoopPass& pass) const {
    if (lanes_ == 1 || pass.inner.size() > streaming_steps) return false;
    for (int id : pass.inner)
      if (streams(nest_.steps[id])) return true;
    return false;
  }

  bool streams(const Step& step) const {
    return step.kind == StepKind::Store && nest_.accesses[step.access].buffer >= 0 && !is_read(step.access) &&
           source_.strides[step.access].back().kind == StrideCode::One &&
           static_cast<int>(size_of(step.dtype)) * lanes_ >= 16;
  }

  // ---- values

  // Row values that inner steps read, repeated over the lanes before the loop.
  void prepare_splats(const LoopPass& pass) {
    std::vector<bool> inside(nest_.steps.size());
    for (int id : pass.inner) inside[id] = true;
    for (int id : pass.inner)
      for (int arg : nest_.steps[id].args)
        if (!inside[arg]) splats_[arg] = splat(values_[arg]);
    for (int id : pass.inner) splats_[id] = nullptr;
  }

  Value* splat(Value* value) {
    return lanes_ == 1 || value->getType()->isVectorTy()
               ? value
               : b_.CreateVectorSplat(static_cast<unsigned>(lanes_), value);
  }

  Value* inner_value(int id) { return splats_[id] ? splats_[id] : values_[id]; }

  Value* parameter_bits(const Step& step, int id) {
    int k = source_.step_parameter[id];
    if (k < 0) return scalar_.constant(step.dtype, step.bits);
    if (step.dtype == DType::Float64) return b_.CreateBitCast(parameters_[k], b_.getDoubleTy());
    Value* low = b_.CreateTrunc(parameters_[k], b_.getInt32Ty());
    return b_.CreateBitCast(low, b_.getFloatTy());
  }

  Value* constant(const Step& step, int id) {
    if (compute_type(step.dtype) == step.dtype) return parameter_bits(step, id);
    Value* slot = b_.CreateAlloca(b_.getInt16Ty());
    b_.CreateStore(b_.getInt16(static_cast<uint16_t>(step.bits)), slot);
    return one_.load_scalar(step.dtype, slot);
  }

  Value* affine(const Step& step) {
    const auto& codes = source_.strides[step.access];
    Value* sum = parameters_[source_.offsets[step.access]];
    for (int d = 0; d < nest_.row_dims; ++d)
      sum = plus(sum, scaled(codes[d], row_index_.empty() ? nullptr : row_index_[d]));
    return sum;
  }

  Value* scalar_step(const Step& step, int id) {
    switch (step.kind) {
      case StepKind::Constant: return constant(step, id);
      case StepKind::Parameter: return parameters_[source_.step_parameter[id]];
      case StepKind::Index: return affine(step);
      case StepKind::Load: return one_.load_scalar(step.dtype, rows_[step.access]);
      case StepKind::Store:
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
        Value* offset = b_.CreateMul(index, parameters_[source_.step_stride[id]]);
        return one_.load_scalar(step.dtype, one_.address(step.dtype, rows_[step.access], offset));
      }
      case StepKind::Check: return checked_index(step, id, values_[step.args[0]], nullptr).first;
      default: throw InternalError("loop nest: a step that cannot stand outside the inner loop");
    }
  }

  Value* apply(const Step& step, bool inside) {
    llvm::SmallVector<Value*, 4> args;
    std::vector<DType> types;
    for (int arg : step.args) {
      args.push_back(inside ? inner_value(arg) : values_[arg]);
      types.push_back(nest_.steps[arg].dtype);
    }
    const ScalarProgram& program = scalar_program(*step.op, types, step.dtype);
    if (inside && call_costly_ && step.op->cost > inline_cost)
      return b_.CreateCall(function_of(*step.op, program, types), args);
    return (inside ? vector_ : scalar_).emit(program, args);
  }

  // A costly row as a function of the module, so that large nests stay small.
  llvm::Function* function_of(const OpSpec& op, const ScalarProgram& program,
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

  // ---- inner steps

  // Row address moved along the outer inner loops.
  Value* inner_base(int access) {
    Value* offset = nullptr;
    for (size_t k = 0; k < inner_index_.size(); ++k)
      offset = plus(offset, scaled(source_.strides[access][nest_.row_dims + k], inner_index_[k]));
    return offset ? memory_.address(nest_.accesses[access].dtype, rows_[access], offset) : rows_[access];
  }

  // How far the lanes are from the first one: the same in every iteration.
  Value* lane_steps(const StrideCode& code) {
    Value* lanes = lane_numbers(b_.getInt64Ty());
    return code.kind == StrideCode::Parameter ? b_.CreateMul(lanes, splat(parameters_[code.parameter]))
                                              : lanes;
  }

  Value* lane_offsets(const StrideCode& code, Value* column) {
    return b_.CreateAdd(splat(scaled(code, column)), lane_steps(code));
  }

  // Along the innermost loop, from `base` on.
  Value* load_row(const Step& step, Value* base, Value* column, Value* mask) {
    const StrideCode code = column ? source_.strides[step.access].back() : StrideCode{};
    if (code.kind == StrideCode::Zero) return splat(one_.load_scalar(step.dtype, base));
    if (lanes_ == 1 || code.kind == StrideCode::One)
      return memory_.load(step.dtype, memory_.address(step.dtype, base, scaled(code, column)), mask);
    return memory_.load_strided(step.dtype, base, column, parameters_[code.parameter],
                                mask ? last_column_ : nullptr);
  }

  void store_row(const Step& step, Value* value, Value* base, Value* column, Value* mask,
                 bool streaming = false) {
    const StrideCode code = column ? source_.strides[step.access].back() : StrideCode{};
    DType dtype = step.dtype;
    if (!column) return one_.store_scalar(dtype, value, base);
    if (lanes_ == 1 || code.kind == StrideCode::One) {
      Value* offset = scaled(code, column);
      return memory_.store(dtype, value, offset ? memory_.address(dtype, base, offset) : base, mask,
                           streaming);
    }
    if (code.kind == StrideCode::Zero)
      return one_.store_scalar(dtype, b_.CreateExtractElement(value, uint64_t{0}), base);
    memory_.scatter(dtype, value, memory_.address(dtype, base, scaled(code, column)), lane_steps(code), mask);
  }

  Value* inner_index_value(const Step& step, Value* column) {
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
  std::pair<Value*, Value*> checked_index(const Step& step, int id, Value* index, Value* mask) {
    bool vector = index->getType()->isVectorTy();
    Type* i64 =
        vector
            ? static_cast<Type*>(llvm::FixedVectorType::get(b_.getInt64Ty(), static_cast<unsigned>(lanes_)))
            : b_.getInt64Ty();
    Value* wide = b_.CreateIntCast(index, i64, is_signed(nest_.steps[step.args[0]].dtype));
    Value* size = parameters_[source_.step_parameter[id]];
    if (vector) size = splat(size);
    Value* zero = llvm::Constant::getNullValue(i64);
    Value* wrapped = b_.CreateSelect(b_.CreateICmpSLT(wide, zero), b_.CreateAdd(wide, size), wide);
    Value* good = b_.CreateICmpULT(wrapped, size);
    Value* bad = b_.CreateNot(good);
    if (mask) bad = b_.CreateAnd(bad, mask);
    Value* any_bad = vector ? b_.CreateOrReduce(bad) : bad;
    Value* example = wide;
    if (vector) example = b_.CreateOrReduce(b_.CreateSelect(bad, wide, zero));
    b_.CreateStore(b_.CreateSelect(any_bad, b_.getInt64(id + 1), b_.CreateLoad(b_.getInt64Ty(), bad_step_)),
                   bad_step_);
    b_.CreateStore(b_.CreateSelect(any_bad, example, b_.CreateLoad(b_.getInt64Ty(), bad_index_)), bad_index_);
    return {b_.CreateSelect(good, wrapped, zero), good};
  }

  Value* inner_gather(const Step& step, int id, Value* column, Value* mask) {
    auto [index, good] = checked_index(step, id, inner_value(step.args[0]), mask);
    Value* offset = b_.CreateMul(index, splat(parameters_[source_.step_stride[id]]));
    Value* base = inner_base(step.access);
    const StrideCode code = column ? source_.strides[step.access].back() : StrideCode{};
    if (lanes_ == 1) {
      offset = plus(offset, scaled(code, column));
      // An empty array has no element to read in place of a wrong index.
      Value* safe = b_.CreateSelect(good, one_.address(step.dtype, base, offset), bad_index_);
      return one_.load_scalar(step.dtype, safe);
    }
    if (code.kind != StrideCode::Zero) offset = b_.CreateAdd(offset, lane_offsets(code, column));
    return memory_.gather(step.dtype, base, offset, mask ? b_.CreateAnd(good, mask) : good);
  }

  // Where there are several lanes, the index is the row's, and neighbours go to different places.
  void inner_scatter(const Step& step, int id, Value* column, Value* mask) {
    auto [index, good] = checked_index(step, id, values_[step.args[0]], nullptr);
    Value* offset = b_.CreateMul(index, parameters_[source_.step_stride[id]]);
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

  void emit_inner(const LoopPass& pass, Value* column, Value* mask, int copy) {
    for (int id : pass.inner) {
      const Step& step = nest_.steps[id];
      switch (step.kind) {
        case StepKind::Index: values_[id] = inner_index_value(step, column); break;
        case StepKind::Load: values_[id] = load_row(step, inner_base(step.access), column, mask); break;
        case StepKind::Store:
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

  void open_reduction(int id) {
    const Step& step = nest_.steps[id];
    if (step.kind != StepKind::Reduce) return;
    Type* type = vector_.type(step.dtype);
    Value* start = splat(scalar_.constant(step.dtype, identity_bits(*step.op, compute_type(step.dtype))));
    accumulators_[id].clear();
    for (int u = 0; u < 4; ++u) {
      Value* slot = entry_slot(type);
      b_.CreateStore(start, slot);
      accumulators_[id].push_back(slot);
    }
  }

  void reduce(const Step& step, int id, Value* mask, int copy) {
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

  void close_reduction(int id) {
    const Step& step = nest_.steps[id];
    if (step.kind != StepKind::Reduce) return;
    Type* type = vector_.type(step.dtype);
    std::vector<Value*> parts;
    for (Value* slot : accumulators_[id]) parts.push_back(b_.CreateLoad(type, slot));
    for (size_t n = parts.size(); n > 1; n /= 2)
      for (size_t k = 0; k < n / 2; ++k)
        parts[k] = combine(b_, *step.op, step.dtype, parts[k], parts[k + n / 2]);
    values_[id] = lanes_ == 1 ? parts[0] : combine_lanes(b_, *step.op, step.dtype, parts[0], lanes_);
    splats_[id] = nullptr;
  }

  void report_errors() {
    Value* step = b_.CreateLoad(b_.getInt64Ty(), bad_step_);
    BasicBlock* report = BasicBlock::Create(b_.getContext(), "report", function_);
    BasicBlock* end = BasicBlock::Create(b_.getContext(), "end", function_);
    b_.CreateCondBr(b_.CreateICmpNE(step, b_.getInt64(0)), report, end);
    b_.SetInsertPoint(report);
    Value* record = b_.CreateLoad(
        b_.getPtrTy(), b_.CreateConstGEP1_64(b_.getPtrTy(), pointer_table_, nest_.accesses.size()));
    b_.CreateStore(step, record);
    b_.CreateStore(b_.CreateLoad(b_.getInt64Ty(), bad_index_),
                   b_.CreateConstGEP1_64(b_.getInt64Ty(), record, 1));
    b_.CreateBr(end);
    b_.SetInsertPoint(end);
  }
};

}  // namespace

llvm::Function* emit_nest(llvm::Module& module, const std::string& symbol, const NestSource& source,
                          int vector_bits) {
  return NestEmitter(module, symbol, source, vector_bits).emit();
}

}  // namespace croton
