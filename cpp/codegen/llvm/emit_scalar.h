// Scalar programs as LLVM instructions on scalars or vectors.
#pragma once

#include <llvm/IR/IRBuilder.h>

#include "base/scalar_program.h"

namespace croton {

/// Translates values of one width: `lanes` elements, or plain scalars where it is 1.
class ScalarEmitter {
 public:
  ScalarEmitter(llvm::IRBuilder<>& builder, int lanes) : b_(builder), lanes_(lanes) {}

  /// The result of `program` on `args`.
  llvm::Value* emit(const ScalarProgram& program, llvm::ArrayRef<llvm::Value*> args);
  /// The value of instruction `id`, which is no argument, from the values of those before it.
  llvm::Value* emit(const ScalarProgram& program, uint32_t id, llvm::ArrayRef<llvm::Value*> values);
  /// The register type of a dtype: i1 for Bool, float for the 16-bit floats.
  llvm::Type* type(DType dtype) const;
  llvm::Value* constant(DType dtype, uint64_t bits) const;

 private:
  llvm::IRBuilder<>& b_;
  int lanes_;

  llvm::Type* element(DType dtype) const;
  llvm::Value* instruction(const ScalarProgram& program, const ScalarInstr& instr,
                           llvm::ArrayRef<llvm::Value*> x);
  llvm::Value* arithmetic(Prim prim, DType type, llvm::ArrayRef<llvm::Value*> x);
  llvm::Value* divide(Prim prim, DType type, llvm::Value* a, llvm::Value* b);
  llvm::Value* compare(Prim prim, DType type, llvm::Value* a, llvm::Value* b);
  llvm::Value* convert(llvm::Value* x, DType from, DType to);
  llvm::FunctionCallee callee(const LibraryFunction& function, DType type, size_t arity);
  llvm::Value* call(const LibraryFunction& function, DType type, llvm::ArrayRef<llvm::Value*> x);
  llvm::Value* call_where(llvm::Value* mask, llvm::Value* fast, const LibraryFunction& function, DType type,
                          llvm::ArrayRef<llvm::Value*> x);
  llvm::Value* fallback(const LibraryFunction& function, DType type, llvm::ArrayRef<llvm::Value*> x);
  llvm::Value* any(llvm::Value* mask);
};

}  // namespace croton
