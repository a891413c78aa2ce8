#include "runtime/kernel_cache.h"

#include <atomic>
#include <chrono>
#include <cstdio>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "base/error.h"
#include "base/hash.h"
#include "runtime/disk_cache.h"

#if defined(__unix__) || defined(__APPLE__)
#include <unistd.h>
#endif

namespace croton {
namespace {

struct Key {
  uint64_t hi, lo;
  bool operator==(const Key&) const = default;
};
struct KeyHash {
  size_t operator()(const Key& key) const { return key.lo; }
};

int64_t process_id() {
#if defined(__unix__) || defined(__APPLE__)
  return getpid();
#else
  return 0;
#endif
}

// A kernel that is loaded, or that a thread of process `maker` is at.
struct Entry {
  void* function = nullptr;
  int64_t maker = 0;
};

std::mutex mutex;  // guards the entries
std::atomic<uint32_t> settlements{0};
std::atomic<int64_t> built{0};

std::unordered_map<Key, Entry, KeyHash>& entries() {
  static auto* map = new std::unordered_map<Key, Entry, KeyHash>;
  return *map;
}

Key make_key(const std::string& text, const Backend& backend) {
  uint64_t target = hash_bytes(backend.target());
  return {hash_bytes(text, mix(target, 1)), hash_bytes(text, mix(target, 2))};
}

// The loaded kernel, when another thread is at it already after waiting for that; null if the caller is the
// one to make it, who then calls settle().
void* find_or_claim(const Key& key) {
  std::unique_lock lock(mutex);
  for (;;) {
    auto [it, fresh] = entries().try_emplace(key, Entry{nullptr, process_id()});
    Entry& entry = it->second;
    if (fresh || entry.function) return entry.function;
    if (std::exchange(entry.maker, process_id()) != process_id()) return nullptr;  // lost in a fork
    uint32_t seen = settlements;
    lock.unlock();
    settlements.wait(seen);
    lock.lock();
  }
}

// Without a function the next thread that wants the kernel tries anew.
void settle(const Key& key, void* function) {
  std::lock_guard lock(mutex);
  if (function)
    entries()[key].function = function;
  else
    entries().erase(key);
  ++settlements;
  settlements.notify_all();
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
LoadedKernel make(const Source& source, const Key& key, Backend& backend) {
  char symbol[40];
  std::snprintf(symbol, sizeof symbol, "k%016llx%016llx", static_cast<unsigned long long>(key.hi),
                static_cast<unsigned long long>(key.lo));
  if (void* function = from_disk(key, symbol, backend)) return {function, KernelOrigin::Disk, 0};
  std::string object = backend.build(source, symbol);
  LoadedKernel kernel{backend.load(object, symbol), KernelOrigin::Built, 0};
  disk_cache_put(key.hi, key.lo, object);
  ++built;
  return kernel;
}

template <class Source>
LoadedKernel load(const Source& source, const std::string& text, Backend& backend) {
  auto start = std::chrono::steady_clock::now();
  Key key = make_key(text, backend);
  if (void* function = find_or_claim(key)) return {function, KernelOrigin::Memory, 0};
  LoadedKernel kernel;
  try {
    kernel = make(source, key, backend);
  } catch (...) {
    settle(key, nullptr);
    throw;
  }
  settle(key, kernel.function);
  kernel.milliseconds =
      std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  return kernel;
}

}  // namespace

LoadedKernel load_kernel(const NestSource& source, Backend& backend) {
  return load(source, "nest " + source.key, backend);
}

LoadedKernel load_kernel(const LoopSource& source, Backend& backend) {
  return load(source, "loop " + source.key, backend);
}

LoadedKernel load_kernel(const ContractionSpec& spec, Backend& backend) {
  return load(spec, "contraction " + spec.key(), backend);
}

int64_t kernels_built() { return built; }

}  // namespace croton
