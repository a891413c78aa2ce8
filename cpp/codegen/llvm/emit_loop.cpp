#include "codegen/llvm/emit_loop.h"

#include <llvm/Support/MathExtras.h>

#include <algorithm>
#include <map>

#include "codegen/llvm/emit_scalar.h"
#include "codegen/llvm/memory.h"

namespace croton {
namespace {

using llvm::BasicBlock;
using llvm::PHINode;
using llvm::Value;

struct LoopEmitter {
  llvm::Module& module;
  const LoopSource& source;
  llvm::IRBuilder<> b{module.getContext()};
  MemoryEmitter memory{b, 1};
  llvm::Function* function = nullptr;
  std::vector<Value*> bases{};
  std::map<int64_t, PHINode*> distances{};  // from the first step, of arrays with this many bytes in a step
  std::vector<Value*> values{};             // of the program's instructions
  std::vector<bool> varying = varying_values(source);
  std::map<uint32_t, const LoopJoin*> joins{};  // by their values

  void make_function(const std::string& symbol) {
    auto* type = llvm::FunctionType::get(b.getInt64Ty(), {b.getPtrTy(), b.getInt64Ty()}, false);
    function = llvm::Function::Create(type, llvm::Function::ExternalLinkage, symbol, module);
    function->addFnAttr(llvm::Attribute::NoUnwind);
    b.SetInsertPoint(BasicBlock::Create(module.getContext(), "entry", function));
    for (size_t k = 0; k < source.arrays.size(); ++k)
      bases.push_back(b.CreateLoad(b.getPtrTy(), b.CreateConstGEP1_64(b.getPtrTy(), function->getArg(0), k)));
  }

  Value* address(const LoopElement& element) {
    const LoopArray& array = source.arrays[static_cast<size_t>(element.array)];
    Value* base = bases[static_cast<size_t>(element.array)];
    if (array.step_bytes) base = b.CreateGEP(b.getInt8Ty(), base, distances.at(array.step_bytes));
    return b.CreateConstGEP1_64(memory.element(array.dtype), base, static_cast<uint64_t>(element.position));
  }

  unsigned lanes(uint32_t value) const { return source.lanes.empty() ? 1 : source.lanes[value]; }

  // Of the register: in lanes beyond those of the value its last one is repeated.
  unsigned width(uint32_t value) const { return static_cast<unsigned>(llvm::PowerOf2Ceil(lanes(value))); }

  Value* resized(Value* row, unsigned from, unsigned to) {
    if (from == to) return row;
    llvm::SmallVector<int, 8> places;
    for (unsigned lane = 0; lane < to; ++lane) places.push_back(static_cast<int>(std::min(lane, from - 1)));
    return b.CreateShuffleVector(row, places);
  }

  Value* load(const LoopElement& element) {
    const DType dtype = source.arrays[static_cast<size_t>(element.array)].dtype;
    const unsigned n = lanes(element.value);
    if (n == 1) return memory.load_scalar(dtype, address(element));
    auto* type = llvm::FixedVectorType::get(memory.element(dtype), n);
    Value* row = b.CreateAlignedLoad(type, address(element), llvm::Align(size_of(dtype)));
    return resized(row, n, width(element.value));
  }

  void store(const LoopElement& element) {
    const DType dtype = source.arrays[static_cast<size_t>(element.array)].dtype;
    const unsigned n = lanes(element.value);
    if (n == 1) return memory.store_scalar(dtype, values[element.value], address(element));
    Value* row = resized(values[element.value], width(element.value), n);
    b.CreateAlignedStore(row, address(element), llvm::Align(size_of(dtype)));
  }

  Value* join(const LoopJoin& join) {
    const unsigned n = width(join.value);
    Value* first = values[join.parts[0]];
    if (std::count(join.parts.begin(), join.parts.end(), join.parts[0]) == std::ssize(join.parts))
      return b.CreateVectorSplat(n, first);
    Value* row = llvm::PoisonValue::get(llvm::FixedVectorType::get(first->getType(), n));
    for (uint64_t lane = 0; lane < n; ++lane)
      row = b.CreateInsertElement(row, values[join.parts[std::min(lane, join.parts.size() - 1)]], lane);
    return row;
  }

  bool moves(const LoopElement& element) const {
    return source.arrays[static_cast<size_t>(element.array)].step_bytes != 0;
  }

  Value* compute(uint32_t k) {
    if (auto it = joins.find(k); it != joins.end()) return join(*it->second);
    return ScalarEmitter(b, static_cast<int>(width(k))).emit(source.program, k, values);
  }

  // The instructions that vary, or those that do not.
  void compute_all(bool those_that_vary) {
    for (const LoopElement& element : source.loads)
      if (moves(element) == those_that_vary) values[element.value] = load(element);
    for (uint32_t k = 0; k < values.size(); ++k)
      if (!values[k] && varying[k] == those_that_vary) values[k] = compute(k);
  }

  PHINode* phi(Value* first, BasicBlock* before) {
    PHINode* node = b.CreatePHI(first->getType(), 2);
    node->addIncoming(first, before);
    return node;
  }

  void emit(const std::string& symbol) {
    make_function(symbol);
    values.resize(source.program.code.size());
    for (const LoopJoin& join : source.joins) joins[join.value] = &join;
    compute_all(false);
    std::vector<Value*> initial;
    for (const LoopCarry& carry : source.carries)
      initial.push_back(carry.argument < 0 ? nullptr : load(carry.element));
    BasicBlock* before = b.GetInsertBlock();
    BasicBlock* body = BasicBlock::Create(module.getContext(), "step", function);
    BasicBlock* end = BasicBlock::Create(module.getContext(), "end", function);
    b.CreateBr(body);
    b.SetInsertPoint(body);
    PHINode* taken = phi(b.getInt64(0), before);
    for (const LoopArray& array : source.arrays)
      if (array.step_bytes && !distances.count(array.step_bytes))
        distances[array.step_bytes] = phi(b.getInt64(0), before);
    for (size_t k = 0; k < initial.size(); ++k)
      if (initial[k]) values[static_cast<size_t>(source.carries[k].argument)] = phi(initial[k], before);
    compute_all(true);
    for (const LoopElement& element : source.stores) store(element);
    finish_step(body, end, taken);
  }

  void finish_step(BasicBlock* body, BasicBlock* end, PHINode* taken) {
    Value* now = b.CreateAdd(taken, b.getInt64(1));
    BasicBlock* latch = b.GetInsertBlock();
    taken->addIncoming(now, latch);
    for (auto [bytes, distance] : distances)
      distance->addIncoming(b.CreateAdd(distance, b.getInt64(static_cast<uint64_t>(bytes))), latch);
    for (const LoopCarry& carry : source.carries)
      if (carry.argument >= 0)
        llvm::cast<PHINode>(values[static_cast<size_t>(carry.argument)])
            ->addIncoming(values[carry.element.value], latch);
    Value* last = b.CreateICmpEQ(now, function->getArg(1));
    Value* stop = source.until >= 0 ? values[static_cast<size_t>(source.until)] : nullptr;
    b.CreateCondBr(stop ? b.CreateOr(last, stop) : last, end, body);
    b.SetInsertPoint(end);
    for (const LoopCarry& carry : source.carries) store(carry.element);
    b.CreateRet(stop ? b.CreateSelect(stop, b.CreateNeg(now), now) : now);
  }
};

}  // namespace

void emit_loop(llvm::Module& module, const std::string& symbol, const LoopSource& source) {
  LoopEmitter{module, source}.emit(symbol);
}

}  // namespace croton
