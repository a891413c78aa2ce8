// LLVM IR of loop nests.
#pragma once

#include <string>

#include "codegen/nest_source.h"

namespace llvm {
class Function;
class Module;
}  // namespace llvm

namespace croton {

/// Adds to `module` the function `symbol` (a NestKernel) that computes `source`, with vectors of
/// `vector_bits` bits.
llvm::Function* emit_nest(llvm::Module& module, const std::string& symbol, const NestSource& source,
                          int vector_bits);

}  // namespace croton
