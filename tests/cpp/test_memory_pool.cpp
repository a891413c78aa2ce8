#include "runtime/memory_pool.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "base/error.h"
#include "check.h"
#include "runtime/size_class.h"

using namespace croton;

namespace {

constexpr size_t kMega = size_t{1} << 20;

bool aligned(const void* block, size_t to) { return reinterpret_cast<uintptr_t>(block) % to == 0; }

uint64_t next_random(uint64_t& state) {
  state ^= state << 13;
  state ^= state >> 7;
  return state ^= state << 17;
}

void test_size_classes() {
  CHECK(class_bytes(size_class(0)) == 64);
  for (int index = 0; index < kSizeClasses; ++index) {
    size_t bytes = class_bytes(index);
    CHECK(size_class(bytes) == index);
    CHECK(bytes % 64 == 0);
    if (index + 1 == kSizeClasses) break;
    CHECK(size_class(bytes + 1) == index + 1);
    CHECK(class_bytes(index + 1) > bytes);
    if (bytes >= 512) CHECK(8 * (class_bytes(index + 1) - bytes) <= class_bytes(index + 1));
  }
  CHECK(class_bytes(kSizeClasses - 1) == kMaxBlockBytes);
}

void test_alignment_and_reuse() {
  for (size_t bytes = 0; bytes < 40 * kMega; bytes = bytes * 5 / 3 + 1) {
    void* first = pool_allocate(bytes);
    void* second = pool_allocate(bytes);
    CHECK(first != second && aligned(first, 64) && aligned(second, 64));
    if (bytes >= 2 * kMega) CHECK(aligned(first, 2 * kMega) && aligned(second, 2 * kMega));
    std::memset(first, 1, bytes);
    std::memset(second, 2, bytes);
    if (bytes) CHECK(static_cast<char*>(first)[bytes - 1] == 1 && static_cast<char*>(second)[0] == 2);
    pool_free(first);
    pool_free(second);
    CHECK(pool_allocate(bytes) == second);  // last in, first out
    CHECK(pool_allocate(bytes) == first);
    pool_free(first);
    pool_free(second);
  }
  pool_free(nullptr);
  release_pool();
}

void test_buffers() {
  size_t before = pool_stats().live_bytes;
  {
    Buffer buffer = allocate(1000);
    Buffer other = buffer;
    buffer.reset();
    CHECK(pool_stats().live_bytes == before + 1024);
    std::memset(other.get(), 0, 1000);
    Buffer big = allocate(5 * kMega);
    CHECK(pool_stats().live_bytes >= before + 1024 + 5 * kMega);
  }
  CHECK(pool_stats().live_bytes == before);
}

void test_limits() {
  release_pool();
  CHECK(pool_stats().cached_bytes == 0);
  size_t live = pool_stats().live_bytes;
  set_pool_limit(0);
  pool_free(pool_allocate(8 * kMega));
  CHECK(pool_stats().cached_bytes == 0);

  // A loop over one large output keeps it, however small the limit.
  set_pool_limit(kMega);
  pool_free(pool_allocate(64 * kMega));
  uint64_t fresh = pool_stats().fresh_blocks;
  for (int i = 0; i < 10; ++i) pool_free(pool_allocate(64 * kMega));
  CHECK(pool_stats().fresh_blocks == fresh);

  // Other sizes push the oldest out: the sum stays within the peak and the limit.
  for (size_t mega = 4; mega < 60; mega += 4) pool_free(pool_allocate(mega * kMega));
  PoolStats stats = pool_stats();
  CHECK(stats.live_bytes == live);
  CHECK(stats.cached_bytes <= 64 * kMega + kMega + live + 64 * 1024);
  CHECK(stats.peak_bytes >= 64 * kMega);
  release_pool();
  CHECK(pool_stats().cached_bytes == 0);
  set_pool_limit(256 * kMega);
}

void test_out_of_memory() {
  for (size_t bytes : {SIZE_MAX, SIZE_MAX - 64, SIZE_MAX / 2 + 1, kMaxBlockBytes + 1})
    CHECK_THROWS(MemoryError, pool_allocate(bytes));
  size_t live = pool_stats().live_bytes;
#if !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)  // which need the address space themselves
  rlimit old;
  getrlimit(RLIMIT_AS, &old);
  rlimit tight = old;
  tight.rlim_cur = size_t{1} << 30;
  setrlimit(RLIMIT_AS, &tight);
  CHECK_THROWS(MemoryError, allocate(size_t{1} << 40));
  CHECK_THROWS(MemoryError, allocate(size_t{2} << 30));
  // 600 MB in the cache leave no room for 700 MB unless the cache gives way.
  set_pool_limit(size_t{4} << 30);
  std::vector<Buffer> blocks;
  for (int i = 0; i < 6; ++i) blocks.push_back(allocate(100 * kMega));
  blocks.clear();
  CHECK(pool_stats().cached_bytes >= 600 * kMega);
  CHECK(allocate(700 * kMega) != nullptr);
  setrlimit(RLIMIT_AS, &old);
  set_pool_limit(256 * kMega);
#endif
  CHECK(pool_stats().live_bytes == live);
  release_pool();
}

/// Blocks handed between threads; each is filled with its owner's pattern, so that an overlap shows.
void test_stress() {
  size_t live = pool_stats().live_bytes;
  std::mutex mutex;
  std::deque<std::pair<unsigned char*, size_t>> shared;
  std::atomic<int> broken{0};
  auto work = [&](uint64_t seed) {
    for (int i = 0; i < 20000; ++i) {
      size_t bytes = next_random(seed) % (i % 100 == 0 ? 3 * kMega : i % 10 == 0 ? 100'000 : 2000) + 1;
      auto* block = static_cast<unsigned char*>(pool_allocate(bytes));
      block[0] = block[bytes - 1] = static_cast<unsigned char>(bytes * 31);
      std::pair<unsigned char*, size_t> out{nullptr, 0};
      {
        std::lock_guard lock(mutex);
        shared.emplace_back(block, bytes);
        if (shared.size() > 50) {
          out = shared.front();
          shared.pop_front();
        }
      }
      if (!out.first) continue;
      unsigned char expected = static_cast<unsigned char>(out.second * 31);
      if (out.first[0] != expected || out.first[out.second - 1] != expected) ++broken;
      pool_free(out.first);
    }
  };
  std::vector<std::thread> threads;
  for (uint64_t t = 1; t <= 4; ++t) threads.emplace_back(work, t * 0x9e3779b97f4a7c15ull);
  for (int i = 0; i < 20; ++i) {
    pool_stats();
    release_pool();
  }
  for (auto& thread : threads) thread.join();
  for (auto& [block, bytes] : shared) pool_free(block);
  CHECK(broken == 0);
  CHECK(pool_stats().live_bytes == live);
  release_pool();
  CHECK(pool_stats().cached_bytes == 0);  // ended threads left nothing behind
}

struct FreesLate {
  void* block = nullptr;
  ~FreesLate() { pool_free(block); }
};

void test_thread_end() {
  size_t live = pool_stats().live_bytes;
  std::thread([] {
    static thread_local FreesLate late;  // destroyed after the pool's own thread-local state
    late.block = nullptr;
    late.block = pool_allocate(100);
  }).join();
  CHECK(pool_stats().live_bytes == live);
}

void test_fork() {
  std::atomic<bool> stop{false};
  std::thread other([&] {
    while (!stop) {
      void* small = pool_allocate(100);
      pool_free(pool_allocate(100'000));
      pool_free(small);
    }
  });
  std::fflush(stdout);
  for (int i = 0; i < 20; ++i) {
    pid_t child = fork();
    if (child == 0) {
      alarm(20);
      void* block = pool_allocate(100'000);
      void* small = pool_allocate(50);
      pool_free(block);
      pool_free(small);
      release_pool();
      _exit(pool_stats().cached_bytes < 64 * kMega ? 0 : 1);
    }
    int status = 1;
    waitpid(child, &status, 0);
    CHECK(status == 0);
  }
  stop = true;
  other.join();
}

}  // namespace

int main() {
  test_size_classes();
  test_alignment_and_reuse();
  test_buffers();
  test_limits();
  test_out_of_memory();
  test_stress();
  test_thread_end();
  test_fork();
  return check_result();
}
