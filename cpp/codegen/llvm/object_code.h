// From a module to machine code, by LLVM's code generator.
#pragma once

#include <string>

namespace llvm {
class Module;
class TargetMachine;
}  // namespace llvm

namespace croton {

/// Sets LLVM's own switches; before anything else uses LLVM.
void configure_code_generator();

/// Relocatable code of the module.
std::string object_code(llvm::Module& module, llvm::TargetMachine& machine);

}  // namespace croton
