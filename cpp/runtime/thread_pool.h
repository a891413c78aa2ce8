// The one fork-join pool of the process. Loops are cut into chunks by size alone, never by the number of
// threads, and each chunk is run by whoever is free; so results do not depend on the thread count.
#pragma once

#include <cstdint>
#include <memory>
#include <type_traits>

#include "runtime/interrupts.h"

namespace croton {

/// Threads that a parallel loop may use, the caller included. Default: CROTON_NUM_THREADS, else
/// available_cpus().
int num_threads();

/// Sets num_threads() for the loops that start from now on. Throws ValueError unless 1 <= n <= 1024.
void set_num_threads(int n);

/// What runs one chunk; `worker` is below the number of threads of the loop, and no two chunks that run at
/// the same time see the same one. The caller is worker 0.
using ChunkBody = void (*)(void* context, int64_t chunk, int worker);

/// Runs body(context, c, worker) for every c in [0, chunks) and returns when all are done. At most
/// `max_workers` threads take part (0: num_threads()); give it when `worker` indexes scratch memory. One
/// chunk, one thread, a nested call, or a call while another thread has the pool: runs inline. The first
/// exception of a body, or of the poll function, stops the chunks not yet started and is rethrown here.
void parallel_for(int64_t chunks, ChunkBody body, void* context, int max_workers = 0);

/// The same for a callable taking (chunk, worker), by reference and without allocation.
template <class Body>
void parallel_for(int64_t chunks, Body&& body, int max_workers = 0) {
  using Callable = std::remove_reference_t<Body>;
  parallel_for(
      chunks,
      [](void* context, int64_t chunk, int worker) { (*static_cast<Callable*>(context))(chunk, worker); },
      const_cast<void*>(static_cast<const void*>(std::addressof(body))), max_workers);
}

}  // namespace croton
