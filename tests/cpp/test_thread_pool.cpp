#include "runtime/thread_pool.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <thread>
#include <vector>

#include "base/error.h"
#include "check.h"
#include "runtime/cpu_count.h"

using namespace croton;

// Starting threads after a fork is our business, not a mistake.
extern "C" const char* __tsan_default_options();
extern "C" const char* __tsan_default_options() { return "die_after_fork=0"; }

namespace {

// Sums cut into fixed chunks: bit-identical whoever runs them.
double chunked_sum(const std::vector<double>& values, int64_t grain) {
  int64_t chunks = (static_cast<int64_t>(values.size()) + grain - 1) / grain;
  std::vector<double> parts(chunks);
  parallel_for(chunks, [&](int64_t chunk, int) {
    size_t end = std::min<size_t>(values.size(), (chunk + 1) * grain);
    for (size_t i = chunk * grain; i < end; ++i) parts[chunk] += std::sin(values[i]);
  });
  return std::accumulate(parts.begin(), parts.end(), 0.0);
}

void test_same_results() {
  std::vector<double> values(100'003);
  std::iota(values.begin(), values.end(), 0.5);
  set_num_threads(1);
  double expected = chunked_sum(values, 1000);
  for (int threads : {2, 3, 8, 1, 5}) {
    set_num_threads(threads);
    CHECK(num_threads() == threads);
    for (int i = 0; i < 20; ++i) CHECK(chunked_sum(values, 1000) == expected);
  }
}

void test_each_chunk_once() {
  set_num_threads(4);
  for (int64_t chunks : {0, 1, 2, 3, 7, 1000}) {
    std::vector<std::atomic<int>> seen(chunks);
    parallel_for(chunks, [&](int64_t chunk, int worker) {
      CHECK(worker >= 0 && worker < 4);
      seen[chunk].fetch_add(1);
    });
    for (auto& count : seen) CHECK(count == 1);
  }
  parallel_for(-5, [](int64_t, int) { CHECK(false); });
}

void test_workers_are_exclusive() {
  set_num_threads(4);
  for (int limit : {1, 2, 3, 9}) {
    std::vector<int> scratch(limit);  // unguarded on purpose: a shared worker number is a race
    parallel_for(
        500,
        [&](int64_t, int worker) {
          CHECK(worker < limit);
          ++scratch[worker];
        },
        limit);
    CHECK(std::accumulate(scratch.begin(), scratch.end(), 0) == 500);
  }
}

void test_nested() {
  set_num_threads(3);
  std::atomic<int> count{0};
  parallel_for(10, [&](int64_t, int) {
    std::thread::id outer = std::this_thread::get_id();
    parallel_for(10, [&](int64_t, int worker) {
      CHECK(worker == 0 && std::this_thread::get_id() == outer);
      ++count;
    });
  });
  CHECK(count == 100);
}

void test_exceptions() {
  for (int threads : {1, 2, 4}) {
    set_num_threads(threads);
    for (int round = 0; round < 50; ++round) {
      std::atomic<int> running{0};
      std::string message;
      try {
        parallel_for(200, [&](int64_t chunk, int) {
          ++running;
          if (chunk % 50 == round) {
            --running;
            throw ValueError("chunk " + std::to_string(chunk));
          }
          --running;
        });
      } catch (const ValueError& error) {
        message = error.what();
      }
      CHECK(running == 0);
      CHECK(message.rfind("chunk ", 0) == 0);
      CHECK(threads > 1 || message == "chunk " + std::to_string(round));
    }
    std::atomic<int> count{0};
    parallel_for(100, [&](int64_t, int) { ++count; });
    CHECK(count == 100);
  }
  CHECK_THROWS(ValueError, set_num_threads(0));
  CHECK_THROWS(ValueError, set_num_threads(-3));
  CHECK_THROWS(ValueError, set_num_threads(100'000));
}

void test_concurrent_callers() {
  set_num_threads(3);
  std::vector<std::thread> callers;
  std::atomic<int64_t> total{0};
  for (int t = 0; t < 4; ++t)
    callers.emplace_back([&] {
      for (int i = 0; i < 2000; ++i) {
        int64_t local[8] = {};
        parallel_for(8, [&](int64_t chunk, int) { local[chunk] = chunk + 1; });
        for (int64_t value : local) total += value;
      }
    });
  std::thread changer([&] {
    for (int i = 0; i < 200; ++i) {
      set_num_threads(1 + i % 5);
      std::this_thread::yield();
    }
  });
  for (auto& caller : callers) caller.join();
  changer.join();
  CHECK(total == 4 * 2000 * 36);
}

// Gaps of every length, so that workers are met spinning, yielding, falling asleep and asleep.
void test_sleep_and_wake() {
  set_num_threads(3);
  for (int i = 0; i < 400; ++i) {
    std::atomic<int> count{0};
    parallel_for(5, [&](int64_t, int) { ++count; });
    CHECK(count == 5);
    std::this_thread::sleep_for(std::chrono::microseconds(i));
  }
}

int run_child(int (*body)()) {
  std::fflush(stdout);
  pid_t child = fork();
  if (child == 0) _exit(body());
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int child_sums() {
  alarm(20);
  check_failures = 0;
  test_each_chunk_once();
  return check_failures.load();
}

void test_fork() {
  set_num_threads(3);
  parallel_for(10, [](int64_t, int) {});
  CHECK(run_child(child_sums) == 0);
  CHECK(run_child([] { return run_child(child_sums); }) == 0);

#if !defined(__SANITIZE_THREAD__)  // which cannot follow threads started after such a fork
  // Fork while another thread is in the middle of a loop.
  std::atomic<bool> stop{false};
  std::thread other([&] {
    while (!stop) parallel_for(20, [](int64_t, int) {});
  });
  for (int i = 0; i < 5; ++i) CHECK(run_child(child_sums) == 0);
  stop = true;
  other.join();
#endif
  test_each_chunk_once();
}

std::atomic<int> polls{0};

void test_poll() {
  set_num_threads(3);
  set_poll([] { ++polls; });
  auto start = std::chrono::steady_clock::now();
  auto elapsed = [&] { return std::chrono::steady_clock::now() - start; };
  while (elapsed() < std::chrono::milliseconds(400)) parallel_for(4, [](int64_t, int) {});
  CHECK(polls >= 3 && polls <= 40);

  std::thread([] {
    int before = polls;
    auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(150);
    while (std::chrono::steady_clock::now() < end) poll_now_if_due();
    CHECK(polls == before);
  }).join();

  set_poll([] { throw Interrupted("stop"); });
  for (int threads : {1, 3}) {
    set_num_threads(threads);
    std::atomic<int> done{0};
    CHECK_THROWS(Interrupted, parallel_for(100'000, [&](int64_t, int) {
                   ++done;
                   std::this_thread::sleep_for(std::chrono::milliseconds(1));
                 }));
    CHECK(done < 2000);
  }
  CHECK_THROWS(Interrupted, [] {
    for (;;) poll_now_if_due();
  }());
  set_poll(nullptr);
}

void test_cgroups() {
  namespace fs = std::filesystem;
  fs::path root = fs::temp_directory_path() / ("croton_cgroups_" + std::to_string(getpid()));
  auto write = [&](const std::string& path, const std::string& text) {
    fs::create_directories((root / path).parent_path());
    std::ofstream(root / path) << text;
  };
  std::string base = root.string();
  CHECK(cgroup_cpu_limit(base, "0::/a/b\n") == 0);
  write("a/b/cpu.max", "max 100000\n");
  CHECK(cgroup_cpu_limit(base, "0::/a/b\n") == 0);
  write("a/cpu.max", "250000 100000\n");
  CHECK(cgroup_cpu_limit(base, "0::/a/b\n") == 3);
  CHECK(cgroup_cpu_limit(base, "0::/elsewhere\n") == 0);
  write("cpu.max", "100000 100000\n");
  CHECK(cgroup_cpu_limit(base, "0::/elsewhere/x\n") == 1);
  CHECK(cgroup_cpu_limit(base, "") == 0);
  CHECK(cgroup_cpu_limit(base, "nonsense\n::\n:\n") == 1);  // "::" is a membership of the root
  write("cpu/job/cpu.cfs_quota_us", "400000\n");
  write("cpu/job/cpu.cfs_period_us", "100000\n");
  CHECK(cgroup_cpu_limit(base, "3:cpuset:/job\n2:cpu,cpuacct:/job/x\n") == 4);
  write("cpu/job/cpu.cfs_quota_us", "-1\n");
  CHECK(cgroup_cpu_limit(base, "2:cpu:/job\n") == 0);
  fs::remove_all(root);
  CHECK(available_cpus() >= 1);
}

/// num_threads() of a fresh process with CROTON_NUM_THREADS set to `value`.
int threads_with(const char* program, const char* value) {
  std::fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    setenv("CROTON_NUM_THREADS", value, 1);
    execl(program, program, "count", nullptr);
    _exit(255);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void test_environment() {
  const char* self = "/proc/self/exe";
  CHECK(threads_with(self, "1") == 1);
  CHECK(threads_with(self, "7") == 7);
  for (const char* useless : {"", "0", "-2", "many", "3x"})
    CHECK(threads_with(self, useless) == std::min(available_cpus(), 200));
}

}  // namespace

int main(int argc, char**) {
  if (argc > 1) return std::min(num_threads(), 200);
  CHECK(num_threads() >= 1);
  test_environment();
  test_same_results();
  test_each_chunk_once();
  test_workers_are_exclusive();
  test_nested();
  test_exceptions();
  test_concurrent_callers();
  test_sleep_and_wake();
  test_fork();
  test_poll();
  test_cgroups();
  return check_result();
}
