#include "runtime/interrupts.h"

#include <atomic>
#include <chrono>
#include <cstdint>

#if defined(__x86_64__)
#include <x86intrin.h>
#endif

namespace croton {
namespace {

#if defined(__x86_64__)
// The time stamp counter runs at 2 to 5 GHz on today's machines: 27 to 67 ms.
constexpr uint64_t kPeriod = uint64_t{1} << 27;
uint64_t ticks() { return __rdtsc(); }
#else
constexpr uint64_t kPeriod = 50'000'000;
uint64_t ticks() {
  return static_cast<uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
}
#endif

std::atomic<void (*)()> poll_function{nullptr};

// Per thread, so that only the thread that registered ever polls and nobody else pays for it.
thread_local bool is_polling_thread = false;
thread_local uint64_t last_poll = 0;

}  // namespace

void set_poll(void (*poll)()) {
  poll_function.store(poll, std::memory_order_release);
  is_polling_thread = poll != nullptr;
  last_poll = ticks();
}

PollPause::PollPause() : previous_(is_polling_thread) { is_polling_thread = false; }
PollPause::~PollPause() { is_polling_thread = previous_; }

void poll_now_if_due() {
  if (!is_polling_thread) return;
  uint64_t now = ticks();
  if (now - last_poll < kPeriod) return;
  last_poll = now;  // before the call: a signal handler may run another computation
  if (auto poll = poll_function.load(std::memory_order_acquire)) poll();
}

}  // namespace croton
