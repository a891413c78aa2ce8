#include "codegen/llvm/emit_loop.h"

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
  ScalarEmitter scalar{b, 1};
  MemoryEmitter memory{b, 1};
  llvm::Function* function = nullptr;
  std::vector<Value*> bases{};
  std::map<int64_t, PHINode*> distances{};  // from the first step, of arrays with this many bytes in a step
  std::vector<Value*> values{};             // of the program's instructions
  std::vector<bool> varying{};              // from step to step

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

  Value* load(const LoopElement& element) {
    return memory.load_scalar(source.arrays[static_cast<size_t>(element.array)].dtype, address(element));
  }

  void store(const LoopElement& element) {
    memory.store_scalar(source.arrays[static_cast<size_t>(element.array)].dtype, values[element.value],
                        address(element));
  }

  bool moves(const LoopElement& element) const {
    return source.arrays[static_cast<size_t>(element.array)].step_bytes != 0;
  }

  void find_varying() {
    const std::vector<ScalarInstr>& code = source.program.code;
    values.resize(code.size());
    varying.resize(code.size());
    for (const LoopElement& element : source.loads) varying[element.value] = moves(element);
    for (const LoopCarry& carry : source.carries)
      if (carry.argument >= 0) varying[static_cast<size_t>(carry.argument)] = true;
    for (size_t k = 0; k < code.size(); ++k)
      for (int n = 0; n < code[k].arity; ++n)
        if (varying[code[k].args[n]]) varying[k] = true;
  }

  // The instructions that vary, or those that do not.
  void compute(bool those_that_vary) {
    for (const LoopElement& element : source.loads)
      if (moves(element) == those_that_vary) values[element.value] = load(element);
    for (uint32_t k = 0; k < values.size(); ++k)
      if (!values[k] && varying[k] == those_that_vary) values[k] = scalar.emit(source.program, k, values);
  }

  PHINode* phi(Value* first, BasicBlock* before) {
    PHINode* node = b.CreatePHI(first->getType(), 2);
    node->addIncoming(first, before);
    return node;
  }

  void emit(const std::string& symbol) {
    make_function(symbol);
    find_varying();
    compute(false);
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
    compute(true);
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
