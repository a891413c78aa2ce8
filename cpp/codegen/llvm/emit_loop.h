// LLVM code of a loop on few elements.
#pragma once

#include <llvm/IR/Module.h>

#include "codegen/loop_source.h"

namespace croton {

void emit_loop(llvm::Module& module, const std::string& symbol, const LoopSource& source);

}  // namespace croton
