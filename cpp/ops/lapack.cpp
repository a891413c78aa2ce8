#include "ops/lapack.h"

#include <dlfcn.h>

#include <string>

namespace croton::lapack {
namespace {

#if defined(__APPLE__)
constexpr const char* file = "libcrotonopenblas.dylib";
#else
constexpr const char* file = "libcrotonopenblas.so";
#endif

// The folder that this library lies in, with the slash.
std::string own_folder() {
  Dl_info info;
  if (!dladdr(reinterpret_cast<void*>(&library_function), &info)) return "";
  std::string path = info.dli_fname;
  return path.substr(0, path.rfind('/') + 1);
}

void* symbol(void* library, const char* name) {
  void* found = dlsym(library, name);
  if (!found) throw InternalError(std::string("internal error: OpenBLAS has no function ") + name);
  return found;
}

void* load() {
  void* library = dlopen((own_folder() + file).c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) throw InternalError(std::string("linear algebra: required OpenBLAS; ") + dlerror());
  // Threads share the items of a batch; and results must not depend on how many there are.
  auto* set_threads = symbol(library, "scipy_openblas_set_num_threads");
  reinterpret_cast<decltype(&scipy_openblas_set_num_threads)>(set_threads)(1);
  return library;
}

}  // namespace

void* library_function(const char* name) {
  static void* library = load();
  return symbol(library, name);
}

}  // namespace croton::lapack
