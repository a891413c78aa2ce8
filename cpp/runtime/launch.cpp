#include "runtime/launch.h"

#include <algorithm>

#include "base/error.h"
#include "graph/broadcast.h"
#include "runtime/accumulate.h"
#include "runtime/thread_pool.h"

namespace croton {
namespace {

constexpr size_t max_pointers = 512;  // fusion keeps nests well below

struct NestRun {
  const NestPlan& plan;
  LaunchContext& context;

  void resolve(void** pointers, int worker) const {
    size_t count = plan.accesses.size();
    for (size_t i = 0; i < count; ++i) {
      const Location& at = plan.accesses[i];
      char* base = at.buffer >= 0 ? context.buffers[at.buffer]
                   : at.buffer == scratch_buffer ? context.scratch + worker * context.scratch_bytes
                                                 : nullptr;
      pointers[i] = base + at.offset;
    }
    pointers[count] = &context.error;
  }

  char* part(const AccumulatorPlan& a, int64_t chunk) const {
    int64_t bytes = a.elements * static_cast<int64_t>(size_of(a.dtype));
    return context.arena + a.partial_offset + chunk * bytes;
  }

  char* result(const AccumulatorPlan& a, int64_t kept) const {
    const Location& at = plan.accesses[a.access];
    return context.buffers[at.buffer] + at.offset + kept * a.elements * static_cast<int64_t>(size_of(a.dtype));
  }

  // The kernel adds the kept index's own distance: parts of a chunk start that much earlier.
  void redirect(void** pointers, int64_t kept, int64_t chunk) const {
    for (const AccumulatorPlan& a : plan.accumulators) {
      int64_t distance = kept * a.elements * static_cast<int64_t>(size_of(a.dtype));
      pointers[a.access] = part(a, chunk) - distance;
    }
  }

  void chunk(int64_t number, int worker) const {
    void* pointers[max_pointers + 1];
    resolve(pointers, worker);
    int64_t per_kept = plan.row_chunks * plan.column_chunks;
    int64_t kept = number / per_kept, rest = number % per_kept;
    int64_t row = rest / plan.column_chunks, column = rest % plan.column_chunks;
    if (plan.partial) {
      for (const AccumulatorPlan& a : plan.accumulators) fill_identity(a.op, a.dtype, part(a, number), a.elements);
      redirect(pointers, kept, number);
    }
    int64_t first = kept * plan.rows + row * plan.row_chunk;
    int64_t last = kept * plan.rows + std::min((row + 1) * plan.row_chunk, plan.rows);
    plan.kernel(pointers, plan.parameters.data(), first, last, column * plan.column_chunk,
                std::min((column + 1) * plan.column_chunk, plan.columns), plan.flags);
  }

  void combine_parts() const {
    int64_t per_kept = plan.row_chunks * plan.column_chunks;
    for (const AccumulatorPlan& a : plan.accumulators)
      for (int64_t kept = 0; kept < plan.kept; ++kept)
        combine_rows(a.op, a.dtype, part(a, kept * per_kept), per_kept, a.elements, result(a, kept));
  }

  void run() const {
    if (!plan.partial)
      for (const AccumulatorPlan& a : plan.accumulators)
        fill_identity(a.op, a.dtype, result(a, 0), a.elements * plan.kept);
    parallel_for(plan.chunks(), [&](int64_t number, int worker) { chunk(number, worker); }, context.workers);
    if (plan.partial) combine_parts();
  }
};

void run_product(const ProductPlan& product, LaunchContext& context) {
  auto address = [&](const Location& at) { return context.buffers[at.buffer] + at.offset; };
  const char *a = address(product.a), *b = address(product.b);
  char* c = address(product.c);
  parallel_for(
      product.plan.chunks,
      [&](int64_t chunk, int worker) {
        run_contraction(product.plan, product.kernels.data(), a, b, c, context.scratch + worker * context.scratch_bytes,
                        chunk);
      },
      context.workers);
}

}  // namespace

void run_launch(const LaunchPlan& launch, LaunchContext& context) {
  if (launch.product) run_product(*launch.product, context);
  else NestRun{launch.nest, context}.run();
}

void raise_index_error(const LoopNest& nest, const KernelError& error) {
  const Node* node = nest.steps[error.step - 1].node;
  std::string text = "take: index " + std::to_string(error.index) + " is out of range for axis " +
                     std::to_string(node->attrs.ints[0]) + " of " + describe(node->inputs[0]);
  throw IndexError(text + source_text(node->source));
}

}  // namespace croton
