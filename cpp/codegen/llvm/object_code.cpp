#include "codegen/llvm/object_code.h"

#include <llvm/IR/LegacyPassManager.h>
#include <llvm/IR/Module.h>
#include <llvm/Pass.h>
#include <llvm/Support/CommandLine.h>
#include <llvm/Support/raw_ostream.h>
#include <llvm/Target/TargetMachine.h>

#include <algorithm>
#include <iterator>
#include <string_view>

#include "base/error.h"

namespace croton {
namespace {

// Passes that find nothing to do in generated code, which has no exceptions, garbage collection, atomics,
// debug information, instrumentation, tile or x87 registers, or whose work does not pay here. A name that
// this LLVM does not know is a pass that it does not run.
constexpr std::string_view idle_passes[] = {
    "Analyze Machine Code For Garbage Collection",
    "Assignment Tracking Analysis",
    "Check CFA info and insert CFI instructions if needed",
    "Constant Hoisting",
    "Contiguously Lay Out Funclets",
    "Early If-Conversion",
    "Early Tail Duplication",
    "Exception handling preparation",
    "Expand Atomic instructions",
    "Expand indirectbr instructions",
    "Fixup Statepoint Caller Saved",
    "Implement the 'patchable-function' attribute",
    "Insert KCFI indirect call checks",
    "Insert XRay ops",
    "Insert fentry calls",
    "Insert stack protectors",
    "Instrument function entry/exit with calls to e.g. mcount() (post inlining)",
    "Interleaved Access Pass",
    "Live DEBUG_VALUE analysis",
    "Live Range Shrink",
    "Local Dynamic TLS Access Clean-up",
    "Local Stack Slot Allocation",
    "Lower AMX intrinsics",
    "Lower AMX type for load/store",
    "Lower Garbage Collection Instructions",
    "Machine InstCombiner",
    "Machine Sanitizer Binary Metadata",
    "Merge disjoint stack slots",
    "ObjC ARC contraction",
    "Partially inline calls to library functions",
    "Prepare inline asm insts",
    "Pseudo Probe Inserter",
    "Register Allocation Pass Scoring",
    "Remove Loads Into Fake Uses",
    "Remove Redundant DEBUG_VALUE analysis",
    "Replace intrinsics with calls to vector library",
    "Safe Stack instrumentation pass",
    "Shadow Stack GC Lowering",
    "Stack Frame Layout Analysis",
    "StackMap Liveness Analysis",
    "Tile Register Configure",
    "Tile Register Pre-configure",
    "X86 Atom pad short functions",
    "X86 Avoid Store Forwarding Blocks",
    "X86 Domain Reassignment Pass",
    "X86 FP Stackifier",
    "X86 Indirect Branch Tracking",
    "X86 Indirect Thunks",
    "X86 Load Value Injection (LVI) Load Hardening",
    "X86 Load Value Injection (LVI) Ret-Hardening",
    "X86 Lower Tile Copy",
    "X86 Return Thunks",
    "X86 Speculative Execution Side Effect Suppression",
    "X86 Suppress APX features for relocation",
    "X86 cmov Conversion",
    "X86 insert wait instruction",
    "X86 speculative load hardening"};
static_assert(std::is_sorted(std::begin(idle_passes), std::end(idle_passes)));

class Pipeline : public llvm::legacy::PassManager {
 public:
  void add(llvm::Pass* pass) override {
    std::string_view name = pass->getPassName();
    if (std::binary_search(std::begin(idle_passes), std::end(idle_passes), name))
      delete pass;
    else
      llvm::legacy::PassManager::add(pass);
  }
};

}  // namespace

void configure_code_generator() {
  // Strength reduction takes a third of all the time and finds nothing, since addresses are emitted as the
  // processor forms them; a second scheduling gains nothing on processors that reorder instructions.
  const char* switches[] = {"croton", "-disable-lsr", "-disable-post-ra"};
  llvm::cl::ParseCommandLineOptions(3, switches, "", &llvm::nulls());
}

std::string object_code(llvm::Module& module, llvm::TargetMachine& machine) {
  llvm::SmallVector<char, 0> object;
  llvm::raw_svector_ostream stream(object);
  Pipeline passes;
  if (machine.addPassesToEmitFile(passes, stream, nullptr, llvm::CodeGenFileType::ObjectFile, true))
    throw InternalError("LLVM cannot emit object code for this machine");
  passes.run(module);
  return {object.begin(), object.end()};
}

}  // namespace croton
