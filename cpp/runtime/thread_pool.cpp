#include "runtime/thread_pool.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <string>
#include <system_error>
#include <thread>

#include "base/error.h"
#include "runtime/cpu_count.h"

#if defined(__unix__) || defined(__APPLE__)
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#endif
#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace croton {
namespace {

constexpr int kMaxThreads = 1024;
constexpr auto kSpinTime = std::chrono::microseconds(40);    // a gap between two kernels of one call
constexpr auto kYieldTime = std::chrono::microseconds(100);  // since the start of the spin
constexpr uint32_t kOpen = uint32_t{1} << 31;

/// One parallel loop; lives on the caller's stack, which the gate keeps alive while a worker is inside.
struct Job {
  ChunkBody body;
  void* context;
  int64_t chunks;
  int threads;
  std::exception_ptr error;
  alignas(64) std::atomic<int64_t> next{0};
  std::atomic<int> joined{1};
  std::atomic<bool> failed{false};

  void fail(std::exception_ptr what) {
    if (!failed.exchange(true, std::memory_order_relaxed)) error = std::move(what);
    next.store(chunks, std::memory_order_relaxed);
  }
};

/// Everything shared, trivially destructible: workers are detached and may outlive static destruction.
struct Pool {
  std::atomic<bool> busy{false};  // held by the caller whose job is the current one
  Job* job = nullptr;             // guarded by the gate
  int started = 0;                // guarded by busy
  bool spawn_failed = false;      // guarded by busy
  int avoided_cpu = -1;           // guarded by busy; see keep_workers_off
  std::atomic<int> limit{0};      // num_threads(), 0 until asked; workers beyond it do not spin
  std::atomic<int> cpus{1};
  std::atomic<uint32_t> generation{0};         // counts forks
  alignas(64) std::atomic<uint32_t> gate{0};   // kOpen while the job takes workers, plus those inside
  alignas(64) std::atomic<uint32_t> epoch{0};  // counts jobs; workers watch it
  alignas(64) std::atomic<int> sleepers{0};
};

constinit Pool pool;
std::thread::native_handle_type worker_handles[kMaxThreads];  // guarded by pool.busy
thread_local bool inside_loop = false;

void relax() {
#if defined(__x86_64__)
  _mm_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

/// Spins, then yields; returns false when it is time to sleep.
class Backoff {
 public:
  explicit Backoff(bool spin) : spin_(spin) {}
  bool pause() {
    if (++turns_ % 16 != 0 && spin_) return relax(), true;
    auto now = std::chrono::steady_clock::now();
    if (turns_ <= 16) start_ = now;
    if (spin_ && now - start_ < kSpinTime) return true;
    if (now - start_ >= kYieldTime) return false;
    std::this_thread::yield();
    return true;
  }

 private:
  bool spin_;
  uint32_t turns_ = 0;
  std::chrono::steady_clock::time_point start_{};
};

/// Spinning with more threads than processors only takes time from those that work.
bool may_spin() {
  return pool.limit.load(std::memory_order_relaxed) <= pool.cpus.load(std::memory_order_relaxed);
}

void run_chunks(Job& job, int worker) {
  try {
    for (;;) {
      int64_t chunk = job.next.fetch_add(1, std::memory_order_relaxed);
      if (chunk >= job.chunks) return;
      job.body(job.context, chunk, worker);
      if (worker == 0) poll_now_if_due();
    }
  } catch (...) {
    job.fail(std::current_exception());
  }
}

bool enter_gate() {
  uint32_t state = pool.gate.load(std::memory_order_relaxed);
  while (state & kOpen)
    if (pool.gate.compare_exchange_weak(state, state + 1, std::memory_order_acquire,
                                        std::memory_order_relaxed))
      return true;
  return false;
}

/// Returns the first epoch that is not `seen`.
uint32_t await_job(uint32_t seen, bool surplus) {
  Backoff backoff(may_spin());
  for (;;) {
    uint32_t epoch = pool.epoch.load(std::memory_order_acquire);
    if (epoch != seen) return epoch;
    if (!surplus && backoff.pause()) continue;
    pool.sleepers.fetch_add(
        1, std::memory_order_seq_cst);  // before the last look, as the caller does the reverse
    if (pool.epoch.load(std::memory_order_seq_cst) == seen) pool.epoch.wait(seen);
    pool.sleepers.fetch_sub(1, std::memory_order_relaxed);
    return pool.epoch.load(std::memory_order_acquire);
  }
}

void worker_main(int id) {
  inside_loop = true;  // nested loops run inline
  uint32_t generation = pool.generation.load(std::memory_order_relaxed);
  for (uint32_t seen = 0;;) {
    seen = await_job(seen, id >= pool.limit.load(std::memory_order_relaxed));
    if (!enter_gate()) continue;
    Job& job = *pool.job;
    int worker = job.joined.fetch_add(1, std::memory_order_relaxed);
    if (worker < job.threads) run_chunks(job, worker);
    if (pool.generation.load(std::memory_order_relaxed) != generation) return;  // a body forked: not our pool
    pool.gate.fetch_sub(1, std::memory_order_release);
  }
}

#if defined(__unix__) || defined(__APPLE__)
/// The child of a fork has none of the workers; forget them and whatever they were at.
void forget_workers() {
  pool.generation.fetch_add(1, std::memory_order_relaxed);
  pool.started = 0;
  pool.spawn_failed = false;
  pool.avoided_cpu = -1;
  pool.gate.store(0, std::memory_order_relaxed);
  pool.sleepers.store(0, std::memory_order_relaxed);
  pool.busy.store(false, std::memory_order_relaxed);
}

/// Keeps asynchronous signals (Ctrl-C) for the program's own threads while workers are created.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    for (int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP}) sigdelset(&all, fault);
    pthread_sigmask(SIG_BLOCK, &all, &old_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &old_, nullptr); }

 private:
  sigset_t old_;
};

void handle_forks() {
  static std::atomic<bool> done{false};
  if (!done.exchange(true)) pthread_atfork(nullptr, nullptr, forget_workers);
}
#else
struct SignalsBlocked {
  SignalsBlocked() {}
};
void handle_forks() {}
#endif

/// Starts what is missing of `threads` - 1 workers; returns how many threads there are, the caller included.
int ensure_workers(int threads) {
  if (pool.started < threads - 1 && !pool.spawn_failed) {
    handle_forks();
    SignalsBlocked blocked;
    try {
      while (pool.started < threads - 1) {
        std::thread worker(worker_main, pool.started + 1);
        worker_handles[pool.started++] = worker.native_handle();
        worker.detach();
        pool.avoided_cpu = -1;
      }
    } catch (const std::system_error&) {
      pool.spawn_failed = true;  // go on with those there are, and do not ask at every call
    }
  }
  return std::min(threads, pool.started + 1);
}

#if defined(__linux__)
/// Linux in a virtual machine takes a halted processor for an unavailable one and wakes a sleeper on the
/// waker's own, where it waits for milliseconds. So, whenever the caller is met on another processor than
/// before, let the workers run wherever the caller may, except there.
void keep_workers_off_this_cpu() {
  int cpu = sched_getcpu();
  if (cpu == pool.avoided_cpu || cpu < 0 || cpu >= CPU_SETSIZE) return;
  pool.avoided_cpu = cpu;
  cpu_set_t mask;
  if (sched_getaffinity(0, sizeof mask, &mask) != 0 || CPU_COUNT(&mask) < 2) return;
  CPU_CLR(cpu, &mask);
  for (int i = 0; i < pool.started; ++i) pthread_setaffinity_np(worker_handles[i], sizeof mask, &mask);
}
#else
void keep_workers_off_this_cpu() {}
#endif

/// Announces the job; wakes sleepers only as far as those awake are too few. Workers are interchangeable.
void wake(int wanted) {
  keep_workers_off_this_cpu();  // those that spin, too: two on one processor stay there for milliseconds
  pool.epoch.fetch_add(1, std::memory_order_seq_cst);
  int asleep = pool.sleepers.load(std::memory_order_seq_cst);
  int missing = wanted - (pool.started - asleep);
  if (missing >= asleep && asleep > 0) return pool.epoch.notify_all();
  for (int i = 0; i < missing; ++i) pool.epoch.notify_one();
}

/// Closes the gate and waits for the workers inside; polls meanwhile.
void close_gate(Job& job) {
  pool.gate.fetch_and(~kOpen, std::memory_order_relaxed);
  Backoff backoff(may_spin());
  while (pool.gate.load(std::memory_order_acquire) != 0) {
    if (backoff.pause()) continue;
    std::this_thread::sleep_for(std::chrono::microseconds(50));
    try {
      poll_now_if_due();
    } catch (...) {
      job.fail(std::current_exception());
    }
  }
}

void run_inline(int64_t chunks, ChunkBody body, void* context) {
  for (int64_t chunk = 0; chunk < chunks; ++chunk) {
    body(context, chunk, 0);
    if (chunks > 1) poll_now_if_due();
  }
}

/// Opens the gate for `job`; the caller holds busy.
void publish(Job& job) {
  pool.job = &job;
  pool.gate.store(kOpen, std::memory_order_release);
  inside_loop = true;
}

void retire() {
  inside_loop = false;
  pool.busy.store(false, std::memory_order_release);
}

int default_threads() {
  int cpus = std::min(available_cpus(), kMaxThreads);
  pool.cpus.store(cpus, std::memory_order_relaxed);
  if (const char* text = std::getenv("CROTON_NUM_THREADS")) {
    char* end = nullptr;
    long wanted = std::strtol(text, &end, 10);
    if (end != text && *end == '\0' && wanted >= 1)
      return static_cast<int>(std::min<long>(wanted, kMaxThreads));
  }
  return cpus;
}

}  // namespace

int num_threads() {
  int limit = pool.limit.load(std::memory_order_relaxed);
  if (limit > 0) return limit;
  int chosen = default_threads();
  return pool.limit.compare_exchange_strong(limit, chosen) ? chosen : limit;
}

void set_num_threads(int n) {
  if (n < 1 || n > kMaxThreads)
    throw ValueError("set_num_threads: the number of threads must be between 1 and " +
                     std::to_string(kMaxThreads) + ", got " + std::to_string(n));
  num_threads();  // learns the number of processors
  pool.limit.store(n, std::memory_order_relaxed);
}

void parallel_for(int64_t chunks, ChunkBody body, void* context, int max_workers) {
  if (chunks <= 1 || inside_loop) return run_inline(chunks, body, context);
  int threads = num_threads();
  if (max_workers > 0) threads = std::min(threads, max_workers);
  threads = static_cast<int>(std::min<int64_t>(threads, chunks));
  if (threads <= 1 || pool.busy.exchange(true, std::memory_order_acquire))
    return run_inline(chunks, body, context);

  Job job{body, context, chunks, ensure_workers(threads), nullptr};
  publish(job);
  wake(job.threads - 1);
  run_chunks(job, 0);
  close_gate(job);
  retire();
  if (job.error) std::rethrow_exception(job.error);
}

}  // namespace croton
