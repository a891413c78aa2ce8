// LLVM IR of contraction kernels.
#pragma once

#include <string_view>

#include "codegen/contraction.h"

namespace llvm {
class Function;
class Module;
}  // namespace llvm

namespace croton {

/// Adds to `module` the function `name` (a ContractionKernel) that `spec` describes.
llvm::Function* emit_contraction(llvm::Module& module, std::string_view name, const ContractionSpec& spec);

}  // namespace croton
