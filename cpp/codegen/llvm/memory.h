// Loads and stores of one dtype at one width: conversions between memory and registers.
#pragma once

#include <llvm/IR/IRBuilder.h>

#include <span>

#include "base/dtype.h"

namespace croton {

/// Elements in memory: Bool as bytes, 16-bit floats in their own formats.
class MemoryEmitter {
 public:
  MemoryEmitter(llvm::IRBuilder<>& builder, int lanes) : b_(builder), lanes_(lanes) {}

  llvm::Type* element(DType dtype) const;
  /// Address of element `index`.
  llvm::Value* address(DType dtype, llvm::Value* base, llvm::Value* index);
  llvm::Value* load_scalar(DType dtype, llvm::Value* address);
  /// A value in a register as it would come back from memory.
  llvm::Value* rounded(DType dtype, llvm::Value* value) {
    return compute_type(dtype) == dtype ? value : from_memory(dtype, to_memory(dtype, value));
  }
  void store_scalar(DType dtype, llvm::Value* value, llvm::Value* address);
  /// `lanes` consecutive elements; inactive ones (mask not null) are zero.
  llvm::Value* load(DType dtype, llvm::Value* address, llvm::Value* mask);
  void store(DType dtype, llvm::Value* value, llvm::Value* address, llvm::Value* mask, bool streaming);
  /// The elements at these addresses, one for each lane.
  llvm::Value* load_each(DType dtype, std::span<llvm::Value* const> addresses);
  /// Every second one of the elements from `address` on, as many as there are lanes.
  llvm::Value* load_every_second(DType dtype, llvm::Value* address, llvm::Value* mask);
  /// Elements `index`, index + 1, ... of those that lie `stride` apart; lanes from `end` on, if given, repeat
  /// the one before `end`.
  llvm::Value* load_strided(DType dtype, llvm::Value* base, llvm::Value* index, llvm::Value* stride,
                            llvm::Value* end);
  /// The real (0) or imaginary (1) parts, of type `dtype`, of `lanes` consecutive complex elements.
  llvm::Value* load_part(DType dtype, llvm::Value* address, int part, llvm::Value* mask);
  /// Complex elements from their parts.
  void store_parts(DType dtype, llvm::Value* re, llvm::Value* im, llvm::Value* address, llvm::Value* mask,
                   bool streaming);
  /// Elements at `base` + offsets (a vector of i64).
  llvm::Value* gather(DType dtype, llvm::Value* base, llvm::Value* offsets, llvm::Value* mask);
  void scatter(DType dtype, llvm::Value* value, llvm::Value* base, llvm::Value* offsets, llvm::Value* mask);

 private:
  llvm::IRBuilder<>& b_;
  int lanes_;
  llvm::Value* from_memory(DType dtype, llvm::Value* raw);
  llvm::Value* to_memory(DType dtype, llvm::Value* value);
  llvm::Type* like(llvm::Value* value, llvm::Type* element) const;
  llvm::Value* full(llvm::Value* mask);
  /// Every lane twice, one beside the other.
  llvm::Value* doubled(llvm::Value* vector);
};

}  // namespace croton
