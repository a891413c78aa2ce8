#include "codegen/backend.h"

#include <llvm/ADT/StringExtras.h>
#include <llvm/ExecutionEngine/RuntimeDyld.h>
#include <llvm/ExecutionEngine/SectionMemoryManager.h>
#include <llvm/IR/Module.h>
#include <llvm/IR/PassManager.h>
#include <llvm/IR/Verifier.h>
#include <llvm/MC/MCSubtargetInfo.h>
#include <llvm/MC/TargetRegistry.h>
#include <llvm/Object/ObjectFile.h>
#include <llvm/Passes/PassBuilder.h>
#include <llvm/Support/DynamicLibrary.h>
#include <llvm/Support/TargetSelect.h>
#include <llvm/Target/TargetMachine.h>
#include <llvm/TargetParser/Host.h>
#include <llvm/Transforms/InstCombine/InstCombine.h>
#include <llvm/Transforms/Scalar/EarlyCSE.h>
#include <llvm/Transforms/Utils/Mem2Reg.h>
#include <llvm/Transforms/Vectorize/SLPVectorizer.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <mutex>

#include "base/error.h"
#include "base/scalar_program.h"
#include "codegen/llvm/contraction.h"
#include "codegen/llvm/emit_loop.h"
#include "codegen/llvm/emit_nest.h"
#include "codegen/llvm/object_code.h"
#include "codegen/loop_vectors.h"

namespace croton {
namespace {

struct Host {
  llvm::Triple triple;
  const llvm::Target* llvm_target = nullptr;
  std::string cpu, features;  // of the features those in which the processor differs from LLVM's model of it
  std::string target;
  int vector_bits = 128, registers = 16;
};

Host detect_host() {
  configure_code_generator();
  llvm::InitializeNativeTarget();
  llvm::InitializeNativeTargetAsmPrinter();
  Host host;
  host.triple = llvm::Triple(llvm::sys::getProcessTriple());
  host.cpu = llvm::sys::getHostCPUName().str();
  std::string error;
  host.llvm_target = llvm::TargetRegistry::lookupTarget(host.triple, error);
  if (!host.llvm_target) throw InternalError("LLVM has no target for this machine: " + error);
  std::unique_ptr<llvm::MCSubtargetInfo> model(
      host.llvm_target->createMCSubtargetInfo(host.triple, host.cpu, ""));
  llvm::StringMap<bool> features = llvm::sys::getHostCPUFeatures();
  std::vector<std::string> all, different;  // LLVM hashes the text at every turn, so it had better be short
  for (const auto& [name, present] : features) {
    all.push_back((present ? "+" : "-") + name.str());
    if (present != model->checkFeatures(("+" + name).str())) different.push_back(all.back());
  }
  std::sort(all.begin(), all.end());
  std::sort(different.begin(), different.end());
  host.features = llvm::join(different, ",");
  auto has = [&](const char* name) { return features.lookup(name); };
  if (has("avx2") && has("fma")) host.vector_bits = 256;
  if (has("avx512f") && has("avx512vl") && has("avx512bw") && has("avx512dq")) {
    host.vector_bits = 512;
    host.registers = 32;
  }
  if (has("neon")) host.registers = 32;
  host.target = "llvm" + std::to_string(LLVM_VERSION_MAJOR) + " " + host.cpu + " " + llvm::join(all, ",");
  return host;
}

// One per thread: neither contexts nor target machines may be shared.
struct Compiler {
  std::unique_ptr<llvm::TargetMachine> machine;
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager sccs;
  llvm::ModuleAnalysisManager modules;
  llvm::FunctionPassManager passes, joining;  // the second makes vectors of single elements

  explicit Compiler(const Host& host) {
    // The loader keeps code and constants of a kernel together, so the small code model reaches them.
    machine.reset(host.llvm_target->createTargetMachine(host.triple, host.cpu, host.features, {},
                                                        llvm::Reloc::PIC_, llvm::CodeModel::Small,
                                                        llvm::CodeGenOptLevel::Default, true));
    llvm::PassBuilder builder(machine.get());
    builder.registerModuleAnalyses(modules);
    builder.registerCGSCCAnalyses(sccs);
    builder.registerFunctionAnalyses(functions);
    builder.registerLoopAnalyses(loops);
    builder.crossRegisterProxies(loops, functions, sccs, modules);
    passes.addPass(llvm::PromotePass());
    passes.addPass(llvm::EarlyCSEPass(false));
    passes.addPass(llvm::InstCombinePass());
    joining.addPass(llvm::SLPVectorizerPass());
  }

  std::string compile(llvm::Module& module, int vector_bits, bool joins) {
    for (llvm::Function& function : module) {
      if (function.isDeclaration()) continue;
      std::string width = std::to_string(vector_bits);
      function.addFnAttr("prefer-vector-width", width);
      function.addFnAttr("min-legal-vector-width", width);
      passes.run(function, functions);
      if (joins) joining.run(function, functions);
    }
    functions.clear();
    return object_code(module, *machine);
  }
};

// Loaded code lives as long as the process, and so do the memory managers that hold it.
class Loader : public llvm::SectionMemoryManager {
 public:
  Loader() : SectionMemoryManager(nullptr, true) {}

  llvm::JITSymbol findSymbol(const std::string& name) override {
    for (const LibraryFunction& function : library_functions()) {
      if (name == function.name) return symbol(function.f64);
      if (name == function.name + "f") return symbol(function.f32);
    }
    return llvm::SectionMemoryManager::findSymbol(name);  // memcpy and the like
  }

 private:
  static llvm::JITSymbol symbol(void* address) {
    return {static_cast<llvm::JITTargetAddress>(reinterpret_cast<uintptr_t>(address)),
            llvm::JITSymbolFlags::Exported};
  }
};

class LlvmBackend : public Backend {
 public:
  LlvmBackend() : host_(detect_host()) {}

  const std::string& target() const override { return host_.target; }
  VectorMachine machine() const override { return {host_.vector_bits, host_.registers}; }

  std::string build(const NestSource& source, const std::string& symbol) override {
    return with_module(symbol,
                       [&](llvm::Module& module) { emit_nest(module, symbol, source, host_.vector_bits); });
  }

  std::string build(const ContractionSpec& spec, const std::string& symbol) override {
    return with_module(symbol, [&](llvm::Module& module) { emit_contraction(module, symbol, spec); });
  }

  std::string build(const LoopSource& source, const std::string& symbol) override {
    // Few instructions wait for each other more than they gain from going side by side.
    constexpr size_t least_to_join = 80;
    const std::optional<LoopSource> rows = join_rows(source);
    const bool joins = !rows && source.program.code.size() >= least_to_join;
    auto emit = [&](llvm::Module& module) { emit_loop(module, symbol, rows ? *rows : source); };
    return with_module(symbol, emit, joins);
  }

  void* load(const std::string& object, const std::string& symbol) override {
    std::lock_guard lock(mutex_);
    auto memory = std::make_unique<Loader>();
    llvm::RuntimeDyld linker(*memory, *memory);
    auto parsed = llvm::object::ObjectFile::createObjectFile(llvm::MemoryBufferRef(object, symbol));
    if (!parsed) {
      llvm::consumeError(parsed.takeError());
      throw InternalError("cached code is damaged");
    }
    linker.loadObject(**parsed);
    linker.finalizeWithMemoryManagerLocking();
    void* address = reinterpret_cast<void*>(linker.getSymbol(symbol).getAddress());
    if (linker.hasError() || !address)
      throw InternalError("generated code cannot be linked: " + linker.getErrorString().str());
    loaded_.push_back(std::move(memory));
    return address;
  }

 private:
  Host host_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Loader>> loaded_;

  template <class Emit>
  std::string with_module(const std::string& symbol, Emit emit, bool joins = false) {
    Compiler& compiler = own_compiler();
    llvm::LLVMContext context;
    llvm::Module module(symbol, context);
    module.setDataLayout(compiler.machine->createDataLayout());
    module.setTargetTriple(compiler.machine->getTargetTriple());
    emit(module);
    if (std::getenv("CROTON_DUMP_IR")) module.print(llvm::errs(), nullptr);
    check_module(module);
    return compiler.compile(module, host_.vector_bits, joins);
  }

  Compiler& own_compiler() {
    thread_local auto* compiler = new Compiler(host_);
    return *compiler;
  }

  static void check_module([[maybe_unused]] const llvm::Module& module) {
#ifndef NDEBUG
    std::string text;
    llvm::raw_string_ostream stream(text);
    if (llvm::verifyModule(module, &stream)) throw InternalError("generated code is not valid: " + text);
#endif
  }
};

}  // namespace

Backend& llvm_backend() {
  static auto* backend = new LlvmBackend;
  return *backend;
}

}  // namespace croton
