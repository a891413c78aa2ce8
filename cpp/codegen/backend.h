// What a backend provides: code for loop nests, loops and contractions, and a way to run it.
#pragma once

#include <string>

#include "codegen/contraction.h"
#include "codegen/loop_source.h"
#include "codegen/nest_source.h"

namespace croton {

class Backend {
 public:
  virtual ~Backend() = default;
  /// Names the machine the code is for; part of every cache key.
  virtual const std::string& target() const = 0;
  virtual VectorMachine machine() const = 0;
  /// Relocatable code whose one function is `symbol`.
  virtual std::string build(const NestSource& source, const std::string& symbol) = 0;
  virtual std::string build(const ContractionSpec& spec, const std::string& symbol) = 0;
  virtual std::string build(const LoopSource& source, const std::string& symbol) = 0;
  /// Makes built code executable; it stays loaded as long as the process. Throws InternalError for bytes
  /// that are no such code.
  virtual void* load(const std::string& object, const std::string& symbol) = 0;
};

/// The processor's own backend, by LLVM.
Backend& llvm_backend();

/// The recorded scalar program of an elementwise row on operands of these dtypes (16-bit floats as
/// Float32); `to` is the result's dtype, which casts need.
const ScalarProgram& scalar_program(const OpSpec& op, std::span<const DType> operands, DType to);

}  // namespace croton
