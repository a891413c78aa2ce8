#include "codegen/llvm/memory.h"

#include <llvm/IR/Metadata.h>

namespace croton {

llvm::Type* MemoryEmitter::element(DType dtype) const {
  switch (dtype) {
    case DType::Float16: return b_.getHalfTy();
    case DType::Float32: return b_.getFloatTy();
    case DType::Float64: return b_.getDoubleTy();
    default: return b_.getIntNTy(static_cast<unsigned>(8 * size_of(dtype)));
  }
}

llvm::Type* MemoryEmitter::like(llvm::Value* value, llvm::Type* element) const {
  auto* vector = llvm::dyn_cast<llvm::FixedVectorType>(value->getType());
  return vector ? llvm::FixedVectorType::get(element, vector->getNumElements()) : element;
}

llvm::Value* MemoryEmitter::address(DType dtype, llvm::Value* base, llvm::Value* index) {
  // A constant part of the index becomes part of the instruction that uses the address.
  if (auto* sum = llvm::dyn_cast<llvm::BinaryOperator>(index);
      sum && sum->getOpcode() == llvm::Instruction::Add)
    if (auto* constant = llvm::dyn_cast<llvm::ConstantInt>(sum->getOperand(1)))
      return b_.CreateGEP(element(dtype), b_.CreateGEP(element(dtype), base, sum->getOperand(0)), constant);
  return b_.CreateGEP(element(dtype), base, index);
}

llvm::Value* MemoryEmitter::from_memory(DType dtype, llvm::Value* raw) {
  if (dtype == DType::Bool) return b_.CreateICmpNE(raw, llvm::Constant::getNullValue(raw->getType()));
  if (dtype == DType::Float16) return b_.CreateFPExt(raw, like(raw, b_.getFloatTy()));
  if (dtype != DType::BFloat16) return raw;
  llvm::Value* wide = b_.CreateZExt(raw, like(raw, b_.getInt32Ty()));
  return b_.CreateBitCast(b_.CreateShl(wide, 16), like(raw, b_.getFloatTy()));
}

llvm::Value* MemoryEmitter::to_memory(DType dtype, llvm::Value* value) {
  if (dtype == DType::Bool) return b_.CreateZExt(value, like(value, b_.getInt8Ty()));
  if (dtype == DType::Float16) return b_.CreateFPTrunc(value, like(value, b_.getHalfTy()));
  if (dtype != DType::BFloat16) return value;
  // Round to nearest even; NaN keeps its sign and becomes quiet.
  llvm::Value* bits = b_.CreateBitCast(value, like(value, b_.getInt32Ty()));
  llvm::Type* type = bits->getType();
  auto number = [&](uint32_t n) { return llvm::ConstantInt::get(type, n); };
  llvm::Value* odd = b_.CreateAnd(b_.CreateLShr(bits, number(16)), number(1));
  llvm::Value* rounded = b_.CreateAdd(b_.CreateAdd(bits, number(0x7fff)), odd);
  llvm::Value* nan = b_.CreateOr(bits, number(0x400000));
  bits = b_.CreateSelect(b_.CreateFCmpUNO(value, value), nan, rounded);
  return b_.CreateTrunc(b_.CreateLShr(bits, number(16)), like(value, b_.getInt16Ty()));
}

llvm::Value* MemoryEmitter::load_scalar(DType dtype, llvm::Value* address) {
  return from_memory(dtype, b_.CreateAlignedLoad(element(dtype), address, llvm::Align(size_of(dtype))));
}

void MemoryEmitter::store_scalar(DType dtype, llvm::Value* value, llvm::Value* address) {
  b_.CreateAlignedStore(to_memory(dtype, value), address, llvm::Align(size_of(dtype)));
}

llvm::Value* MemoryEmitter::load(DType dtype, llvm::Value* address, llvm::Value* mask) {
  if (lanes_ == 1) return load_scalar(dtype, address);
  llvm::Align align(size_of(dtype));
  llvm::Type* type = llvm::FixedVectorType::get(element(dtype), static_cast<unsigned>(lanes_));
  if (!mask) return from_memory(dtype, b_.CreateAlignedLoad(type, address, align));
  return from_memory(dtype,
                     b_.CreateMaskedLoad(type, address, align, mask, llvm::Constant::getNullValue(type)));
}

void MemoryEmitter::store(DType dtype, llvm::Value* value, llvm::Value* address, llvm::Value* mask,
                          bool streaming) {
  if (lanes_ == 1) return store_scalar(dtype, value, address);
  llvm::Value* raw = to_memory(dtype, value);
  llvm::Align align(size_of(dtype));
  if (mask) {
    b_.CreateMaskedStore(raw, address, align, mask);
    return;
  }
  if (streaming) align = llvm::Align(std::min<size_t>(size_of(dtype) * static_cast<unsigned>(lanes_), 64));
  llvm::StoreInst* store = b_.CreateAlignedStore(raw, address, align);
  if (!streaming) return;
  llvm::Metadata* one = llvm::ConstantAsMetadata::get(b_.getInt32(1));
  store->setMetadata(llvm::LLVMContext::MD_nontemporal, llvm::MDNode::get(b_.getContext(), one));
}

llvm::Value* MemoryEmitter::full(llvm::Value* mask) {
  llvm::Type* type = llvm::FixedVectorType::get(b_.getInt1Ty(), static_cast<unsigned>(lanes_));
  return mask ? mask : llvm::Constant::getAllOnesValue(type);
}

llvm::Value* MemoryEmitter::doubled(llvm::Value* vector) {
  if (!vector) return nullptr;
  llvm::SmallVector<int, 32> twice;
  for (int lane = 0; lane < lanes_; ++lane) twice.append(2, lane);
  return b_.CreateShuffleVector(vector, twice);
}

llvm::Value* MemoryEmitter::load_part(DType dtype, llvm::Value* address, int part, llvm::Value* mask) {
  if (lanes_ == 1) return load_scalar(dtype, b_.CreateConstGEP1_64(element(dtype), address, part));
  MemoryEmitter pairs(b_, 2 * lanes_);
  llvm::SmallVector<int, 16> own;
  for (int lane = 0; lane < lanes_; ++lane) own.push_back(2 * lane + part);
  return b_.CreateShuffleVector(pairs.load(dtype, address, doubled(mask)), own);
}

void MemoryEmitter::store_parts(DType dtype, llvm::Value* re, llvm::Value* im, llvm::Value* address,
                                llvm::Value* mask, bool streaming) {
  if (lanes_ == 1) {
    store_scalar(dtype, re, address);
    return store_scalar(dtype, im, b_.CreateConstGEP1_64(element(dtype), address, 1));
  }
  llvm::SmallVector<int, 32> turns;
  for (int lane = 0; lane < lanes_; ++lane) turns.append({lane, lanes_ + lane});
  MemoryEmitter pairs(b_, 2 * lanes_);
  pairs.store(dtype, b_.CreateShuffleVector(re, im, turns), address, doubled(mask), streaming);
}

// One by one, which on many processors is several times as fast as gathering.
llvm::Value* MemoryEmitter::load_each(DType dtype, std::span<llvm::Value* const> addresses) {
  llvm::Type* type = llvm::FixedVectorType::get(element(dtype), static_cast<unsigned>(lanes_));
  llvm::Value* raw = llvm::PoisonValue::get(type);
  for (size_t lane = 0; lane < addresses.size(); ++lane) {
    llvm::Value* x = b_.CreateAlignedLoad(element(dtype), addresses[lane], llvm::Align(size_of(dtype)));
    raw = b_.CreateInsertElement(raw, x, uint64_t{lane});
  }
  return from_memory(dtype, raw);
}

llvm::Value* MemoryEmitter::load_every_second(DType dtype, llvm::Value* address, llvm::Value* mask) {
  MemoryEmitter pairs(b_, 2 * lanes_);
  llvm::SmallVector<int, 32> turns;
  llvm::SmallVector<int, 16> even;
  for (int lane = 0; lane < lanes_; ++lane) {
    turns.append({lane, lanes_});
    even.push_back(2 * lane);
  }
  // What stands between the elements is not read: it may end before that.
  llvm::Value* whole = full(mask);
  llvm::Value* read = b_.CreateShuffleVector(whole, llvm::Constant::getNullValue(whole->getType()), turns);
  return b_.CreateShuffleVector(pairs.load(dtype, address, read), even);
}

llvm::Value* MemoryEmitter::load_strided(DType dtype, llvm::Value* base, llvm::Value* index,
                                         llvm::Value* stride, llvm::Value* end) {
  std::vector<llvm::Value*> places = {address(dtype, base, b_.CreateMul(index, stride))};
  for (int lane = 1; lane < lanes_; ++lane) {
    // Behind the end the last one again.
    llvm::Value* step = stride;
    if (end) {
      llvm::Value* inside = b_.CreateICmpSLT(b_.CreateAdd(index, b_.getInt64(lane)), end);
      step = b_.CreateSelect(inside, stride, b_.getInt64(0));
    }
    places.push_back(address(dtype, places.back(), step));
  }
  return load_each(dtype, places);
}

llvm::Value* MemoryEmitter::gather(DType dtype, llvm::Value* base, llvm::Value* offsets, llvm::Value* mask) {
  llvm::Type* type = llvm::FixedVectorType::get(element(dtype), static_cast<unsigned>(lanes_));
  llvm::Value* pointers = b_.CreateGEP(element(dtype), base, offsets);
  llvm::Value* zero = llvm::Constant::getNullValue(type);
  return from_memory(dtype,
                     b_.CreateMaskedGather(type, pointers, llvm::Align(size_of(dtype)), full(mask), zero));
}

void MemoryEmitter::scatter(DType dtype, llvm::Value* value, llvm::Value* base, llvm::Value* offsets,
                            llvm::Value* mask) {
  llvm::Value* pointers = b_.CreateGEP(element(dtype), base, offsets);
  b_.CreateMaskedScatter(to_memory(dtype, value), pointers, llvm::Align(size_of(dtype)), full(mask));
}

}  // namespace croton
