#include "runtime/kernel_cache.h"

#include <atomic>
#include <chrono>
#include <cstdio>
#include <unordered_map>

#include "base/error.h"
#include "base/hash.h"
#include "runtime/disk_cache.h"

namespace croton {
namespace {

struct Key {
  uint64_t hi, lo;
  bool operator==(const Key&) const = default;
};
struct KeyHash {
  size_t operator()(const Key& key) const { return key.lo; }
};

std::mutex mutex;
std::atomic<int64_t> built{0};

std::unordered_map<Key, void*, KeyHash>& loaded() {
  static auto* map = new std::unordered_map<Key, void*, KeyHash>;
  return *map;
}

Key make_key(const std::string& text, const Backend& backend) {
  uint64_t target = hash_bytes(backend.target());
  return {hash_bytes(text, mix(target, 1)), hash_bytes(text, mix(target, 2))};
}

void* find(const Key& key) {
  std::lock_guard lock(mutex);
  auto it = loaded().find(key);
  return it == loaded().end() ? nullptr : it->second;
}

// Loads what another process built; nothing if there is none or it is of no use.
void* from_disk(const Key& key, const std::string& symbol, Backend& backend) {
  std::optional<std::string> object = disk_cache_get(key.hi, key.lo);
  if (!object) return nullptr;
  try {
    return backend.load(*object, symbol);
  } catch (const Error&) {
    return nullptr;
  }
}

template <class Source>
LoadedKernel load(const Source& source, const std::string& text, Backend& backend) {
  auto start = std::chrono::steady_clock::now();
  Key key = make_key(text, backend);
  if (void* function = find(key)) return {function, KernelOrigin::Memory, 0};
  char symbol[40];
  std::snprintf(symbol, sizeof symbol, "k%016llx%016llx", static_cast<unsigned long long>(key.hi),
                static_cast<unsigned long long>(key.lo));
  LoadedKernel kernel{from_disk(key, symbol, backend), KernelOrigin::Disk, 0};
  if (!kernel.function) {
    std::string object = backend.build(source, symbol);
    kernel = {backend.load(object, symbol), KernelOrigin::Built, 0};
    disk_cache_put(key.hi, key.lo, object);
    ++built;
  }
  kernel.milliseconds =
      std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  std::lock_guard lock(mutex);
  loaded().emplace(key, kernel.function);
  return kernel;
}

}  // namespace

LoadedKernel load_kernel(const NestSource& source, Backend& backend) {
  return load(source, "nest " + source.key, backend);
}

LoadedKernel load_kernel(const ContractionSpec& spec, Backend& backend) {
  return load(spec, "contraction " + spec.key(), backend);
}

int64_t kernels_built() { return built; }

}  // namespace croton
