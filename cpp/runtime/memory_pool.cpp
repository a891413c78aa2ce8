#include "runtime/memory_pool.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <new>
#include <string>
#include <type_traits>

#include "base/error.h"
#include "runtime/size_class.h"
#include "runtime/system_memory.h"

#if defined(__unix__) || defined(__APPLE__)
#include <pthread.h>
#endif
#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#endif

namespace croton {
namespace {

constexpr size_t kSmallBytes = 32 << 10;  // up to here blocks pass through the thread's own lists
constexpr int kSmallClasses = size_class(kSmallBytes) + 1;
constexpr int64_t kPublishBytes = 64 << 10;
constexpr auto kPeakWindow = std::chrono::seconds(2);

enum class State : uint32_t { Live = 0x4c495645, Free = 0x46524545 };

/// Stands in the 64 bytes before each payload. The links serve while the block is free.
struct Block {
  Block* below;  // next in the free list of its class
  Block* above;
  Block* older;  // in the list by age of all blocks in the central cache
  Block* newer;
  int index;
  State state;

  size_t bytes() const { return class_bytes(index); }
  void* payload() { return reinterpret_cast<char*>(this) + kHeaderBytes; }
  static Block* of(void* payload) {
    return reinterpret_cast<Block*>(static_cast<char*>(payload) - kHeaderBytes);
  }
};
static_assert(sizeof(Block) <= kHeaderBytes);

/// Under AddressSanitizer a free block's payload is off limits.
void mark(Block* block, State state) {
  block->state = state;
#if defined(__SANITIZE_ADDRESS__)
  if (state == State::Free) __asan_poison_memory_region(block->payload(), block->bytes());
  if (state == State::Live) __asan_unpoison_memory_region(block->payload(), block->bytes());
#endif
}

using Counter = std::atomic<int64_t>;

/// Only its own thread writes such a counter, so it needs no locked instruction.
void bump(Counter& counter, int64_t by) {
  counter.store(counter.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
}

/// The small blocks that one thread keeps. Lives on the heap, since a forked child keeps the heap but may
/// reuse the stacks (and thread-local storage) of the threads it has lost.
struct ThreadCache {
  Block* heads[kSmallClasses] = {};
  int counts[kSmallClasses] = {};
  Counter cached{0};
  Counter live{0};  // not yet published; negative when the thread frees what others allocated
  ThreadCache* next = nullptr;
  ThreadCache* previous = nullptr;
};

/// The central cache; the mutex guards all but the atomics. Trivially destructible: arrays may outlive
/// statics.
struct Central {
  std::mutex mutex;
  Block* heads[kSizeClasses] = {};
  Block* newest = nullptr;
  Block* oldest = nullptr;
  ThreadCache* threads = nullptr;
  int64_t cached = 0;
  int64_t limit = int64_t{256} << 20;
  int64_t peak = 0;
  int64_t window_peak = 0;    // of the current window
  int64_t previous_peak = 0;  // of the one before
  std::chrono::steady_clock::time_point window_start{};
  Counter live{0};
  std::atomic<uint64_t> fresh{0};
  std::atomic<bool> fork_handled{false};

  void put(Block* block);
  Block* take(int index);
  void unlink(Block* block);
  void note_live(int64_t change);
  Block* trim(int64_t allowed);
  int64_t allowed();
};

constinit Central central;
static_assert(std::is_trivially_destructible_v<Central>);

void Central::put(Block* block) {
  block->above = nullptr;
  block->below = heads[block->index];
  if (block->below) block->below->above = block;
  heads[block->index] = block;
  block->newer = nullptr;
  block->older = newest;
  (newest ? newest->newer : oldest) = block;
  newest = block;
  cached += static_cast<int64_t>(block->bytes());
}

void Central::unlink(Block* block) {
  (block->above ? block->above->below : heads[block->index]) = block->below;
  if (block->below) block->below->above = block->above;
  (block->newer ? block->newer->older : newest) = block->older;
  (block->older ? block->older->newer : oldest) = block->newer;
  cached -= static_cast<int64_t>(block->bytes());
}

Block* Central::take(int index) {
  Block* block = heads[index];
  if (block) unlink(block);
  return block;
}

void Central::note_live(int64_t change) {
  int64_t now = live.load(std::memory_order_relaxed) + change;
  live.store(now, std::memory_order_relaxed);
  window_peak = std::max(window_peak, now);
  peak = std::max(peak, now);
}

/// Bytes that may be cached: what recent peaks show to be needed again, and the limit.
int64_t Central::allowed() {
  if (limit == 0) return 0;
  auto now = std::chrono::steady_clock::now();
  if (now - window_start > kPeakWindow) {
    // After a pause of more than a window the current peak is stale as well.
    int64_t current = live.load(std::memory_order_relaxed);
    previous_peak = now - window_start > 2 * kPeakWindow ? current : window_peak;
    window_peak = current;
    window_start = now;
  }
  int64_t recent = std::max(window_peak, previous_peak) - live.load(std::memory_order_relaxed);
  return std::max<int64_t>(recent, 0) + limit;
}

/// Takes the oldest blocks out until no more than `allowed` bytes are cached; they are chained by `below`.
Block* Central::trim(int64_t allowed) {
  Block* chain = nullptr;
  while (cached > allowed && oldest) {
    Block* block = oldest;
    unlink(block);
    block->below = chain;
    chain = block;
  }
  return chain;
}

/// Outside the mutex: unmapping a gigabyte takes milliseconds.
void free_chain(Block* chain) {
  while (chain) {
    Block* block = chain;
    chain = block->below;
    mark(block, State::Live);
    system_free(block->payload(), block->bytes());
  }
}

#if defined(__unix__) || defined(__APPLE__)
void handle_forks() {
  if (central.fork_handled.exchange(true)) return;
  pthread_atfork([] { central.mutex.lock(); }, [] { central.mutex.unlock(); },
                 [] { central.mutex.unlock(); });
}
#else
void handle_forks() {}
#endif

int most_kept(int index) { return std::clamp(static_cast<int>((64 << 10) / class_bytes(index)), 2, 64); }

/// Moves the blocks of one class beyond the first `keep` to the central cache, whose mutex is held.
void flush_class(ThreadCache& cache, int index, int keep) {
  while (cache.counts[index] > keep) {
    Block* block = cache.heads[index];
    cache.heads[index] = block->below;
    --cache.counts[index];
    bump(cache.cached, -static_cast<int64_t>(block->bytes()));
    central.put(block);
  }
}

void publish_live(ThreadCache& cache) {
  central.note_live(cache.live.load(std::memory_order_relaxed));
  cache.live.store(0, std::memory_order_relaxed);
}

/// Moves everything of a thread to the central cache, whose mutex is held.
void flush_thread(ThreadCache& cache) {
  for (int index = 0; index < kSmallClasses; ++index) flush_class(cache, index, 0);
  publish_live(cache);
}

thread_local ThreadCache* thread_cache = nullptr;
thread_local bool thread_ended = false;

struct ThreadEnd {
  bool armed = false;
  ~ThreadEnd() {
    ThreadCache* cache = thread_cache;
    thread_cache = nullptr;
    thread_ended = true;  // later frees of this thread go to the central cache
    if (!cache) return;
    {
      std::lock_guard lock(central.mutex);
      flush_thread(*cache);
      (cache->previous ? cache->previous->next : central.threads) = cache->next;
      if (cache->next) cache->next->previous = cache->previous;
    }
    delete cache;
  }
};
thread_local ThreadEnd thread_end;

/// This thread's lists, made on first use; nullptr while the thread is being torn down or without memory for
/// them.
ThreadCache* own_cache() {
  if (thread_cache || thread_ended) return thread_cache;
  handle_forks();
  auto* cache = new (std::nothrow) ThreadCache;
  if (!cache) return nullptr;
  thread_end.armed = true;  // touching it registers its destructor
  std::lock_guard lock(central.mutex);
  cache->next = central.threads;
  if (cache->next) cache->next->previous = cache;
  central.threads = cache;
  return thread_cache = cache;
}

[[noreturn]] void throw_no_memory(size_t bytes) {
  throw MemoryError("allocate: no memory for an array of " + std::to_string(bytes) + " bytes (" +
                    std::to_string(pool_stats().live_bytes) + " bytes are in use by arrays)");
}

Block* fresh_block(int index) {
  void* payload = system_allocate(class_bytes(index));
  if (!payload) {
    release_pool();
    payload = system_allocate(class_bytes(index));
    if (!payload) return nullptr;
  }
  central.fresh.fetch_add(1, std::memory_order_relaxed);
  Block* block = Block::of(payload);
  block->index = index;
  return block;
}

void* take_from_thread(ThreadCache& cache, int index) {
  Block* block = cache.heads[index];
  cache.heads[index] = block->below;
  --cache.counts[index];
  int64_t bytes = static_cast<int64_t>(class_bytes(index));
  bump(cache.cached, -bytes);
  bump(cache.live, bytes);
  mark(block, State::Live);
  if (cache.live.load(std::memory_order_relaxed) >= kPublishBytes) {
    std::lock_guard lock(central.mutex);
    publish_live(cache);
  }
  return block->payload();
}

/// From the central cache or the system.
void* allocate_centrally(size_t bytes, int index) {
  handle_forks();
  int64_t size = static_cast<int64_t>(class_bytes(index));
  Block* chain = nullptr;
  Block* block;
  {
    std::lock_guard lock(central.mutex);
    block = central.take(index);
    central.note_live(size);
    // New memory comes on top of the cache: keep the sum within what recent use needed.
    if (!block) chain = central.trim(central.allowed());
  }
  free_chain(chain);
  if (!block) block = fresh_block(index);
  if (!block) {
    {
      std::lock_guard lock(central.mutex);
      central.note_live(-size);
    }
    throw_no_memory(bytes);
  }
  mark(block, State::Live);
  return block->payload();
}

void free_centrally(Block* block) {
  Block* chain;
  {
    std::lock_guard lock(central.mutex);
    central.put(block);
    central.note_live(-static_cast<int64_t>(block->bytes()));
    chain = central.trim(central.allowed());
  }
  free_chain(chain);
}

}  // namespace

void* pool_allocate(size_t bytes) {
  if (bytes > kMaxBlockBytes) throw_no_memory(bytes);
  int index = size_class(bytes);
  if (index < kSmallClasses)
    if (ThreadCache* cache = own_cache(); cache && cache->heads[index])
      return take_from_thread(*cache, index);
  return allocate_centrally(bytes, index);
}

void pool_free(void* payload) noexcept {
  if (!payload) return;
  Block* block = Block::of(payload);
  if (block->state != State::Live) {
    std::fputs("croton: a block was freed twice, or written before its start\n", stderr);
    std::abort();
  }
  mark(block, State::Free);
  ThreadCache* cache = block->index < kSmallClasses ? own_cache() : nullptr;
  if (!cache) return free_centrally(block);

  int index = block->index;
  int64_t bytes = static_cast<int64_t>(class_bytes(index));
  block->below = cache->heads[index];
  cache->heads[index] = block;
  bump(cache->cached, bytes);
  bump(cache->live, -bytes);
  if (++cache->counts[index] <= most_kept(index) &&
      cache->live.load(std::memory_order_relaxed) > -kPublishBytes)
    return;
  Block* chain = nullptr;
  {
    std::lock_guard lock(central.mutex);
    if (cache->counts[index] > most_kept(index)) flush_class(*cache, index, most_kept(index) / 2);
    publish_live(*cache);
    chain = central.trim(central.allowed());
  }
  free_chain(chain);
}

Buffer allocate(size_t bytes) { return Buffer(pool_allocate(bytes), pool_free); }

void set_pool_limit(size_t bytes) {
  Block* chain;
  {
    std::lock_guard lock(central.mutex);
    central.limit = static_cast<int64_t>(std::min(bytes, kMaxBlockBytes));
    chain = central.trim(central.allowed());
  }
  free_chain(chain);
}

void release_pool() {
  Block* chain;
  {
    std::lock_guard lock(central.mutex);
    if (thread_cache) flush_thread(*thread_cache);
    chain = central.trim(0);
  }
  free_chain(chain);
}

PoolStats pool_stats() {
  std::lock_guard lock(central.mutex);
  int64_t live = central.live.load(std::memory_order_relaxed);
  int64_t cached = central.cached;
  for (ThreadCache* cache = central.threads; cache; cache = cache->next) {
    live += cache->live.load(std::memory_order_relaxed);
    cached += cache->cached.load(std::memory_order_relaxed);
  }
  central.peak = std::max(central.peak, live);
  PoolStats stats;
  stats.live_bytes = static_cast<size_t>(std::max<int64_t>(live, 0));
  stats.cached_bytes = static_cast<size_t>(std::max<int64_t>(cached, 0));
  stats.peak_bytes = static_cast<size_t>(central.peak);
  stats.fresh_blocks = central.fresh.load(std::memory_order_relaxed);
  return stats;
}

}  // namespace croton
