#include "runtime/launch.h"

#include <algorithm>

#include "base/error.h"
#include "graph/broadcast.h"
#include "ops/core_rows.h"
#include "ops/functions.h"
#include "ops/host.h"
#include "runtime/accumulate.h"
#include "runtime/branches.h"
#include "runtime/loop.h"
#include "runtime/thread_pool.h"

namespace croton {
namespace {

constexpr size_t max_pointers = 128;  // on the stack; larger nests are rare

struct NestRun {
  const NestPlan& plan;
  LaunchContext& context;

  void resolve(void** pointers, int worker) const {
    size_t count = plan.accesses.size();
    for (size_t i = 0; i < count; ++i) {
      const Location& at = plan.accesses[i];
      char* base = at.buffer >= 0                ? context.buffers[at.buffer]
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
    return context.buffers[at.buffer] + at.offset +
           kept * a.elements * static_cast<int64_t>(size_of(a.dtype));
  }

  // The kernel adds the kept index's own distance: parts of a chunk start that much earlier.
  void redirect(void** pointers, int64_t kept, int64_t chunk) const {
    for (const AccumulatorPlan& a : plan.accumulators) {
      int64_t distance = kept * a.elements * static_cast<int64_t>(size_of(a.dtype));
      pointers[a.access] = part(a, chunk) - distance;
    }
  }

  // Rows and columns of one chunk, whose accumulators (if they are parts) are number `part`.
  void cells(int64_t kept, int64_t part_number, int64_t first_row, int64_t last_row, int64_t first_column,
             int64_t last_column, int worker) const {
    void* few[max_pointers];
    std::vector<void*> many(plan.accesses.size() < max_pointers ? 0 : plan.accesses.size() + 1);
    void** pointers = many.empty() ? few : many.data();
    resolve(pointers, worker);
    if (plan.partial) redirect(pointers, kept, part_number);
    plan.kernel(pointers, plan.parameters.data(), first_row, last_row, first_column, last_column, plan.flags);
  }

  void start_part(int64_t number) const {
    if (!plan.partial) return;
    for (const AccumulatorPlan& a : plan.accumulators)
      fill_identity(a.op, a.dtype, part(a, number), a.elements);
  }

  void chunk(int64_t number, int worker) const {
    int64_t per_kept = plan.row_chunks * plan.column_chunks;
    int64_t kept = number / per_kept, rest = number % per_kept;
    int64_t row = rest / plan.column_chunks, column = rest % plan.column_chunks;
    start_part(number);
    cells(kept, number, kept * plan.rows + row * plan.row_chunk,
          kept * plan.rows + std::min((row + 1) * plan.row_chunk, plan.rows), column * plan.column_chunk,
          std::min((column + 1) * plan.column_chunk, plan.columns), worker);
  }

  // What a chunk of the product has just computed.
  void region(const ContractionRegion& region, int64_t rows, int64_t number, int worker) const {
    start_part(number);
    for (int64_t batch = region.batch0; batch < region.batch1; ++batch)
      cells(0, number, batch * rows + region.m0, batch * rows + region.m1, region.n0, region.n1, worker);
  }

  void combine_parts() const {
    int64_t per_kept = plan.row_chunks * plan.column_chunks;
    for (const AccumulatorPlan& a : plan.accumulators)
      for (int64_t kept = 0; kept < plan.kept; ++kept)
        combine_rows(a.op, a.dtype, part(a, kept * per_kept), per_kept, a.elements, result(a, kept));
  }

  // Accumulators that do not add up in parts start here.
  void start() const {
    if (plan.partial) return;
    for (const AccumulatorPlan& a : plan.accumulators)
      fill_identity(a.op, a.dtype, result(a, 0), a.elements * plan.kept);
  }

  void finish() const {
    if (plan.partial) combine_parts();
  }

  void run() const {
    start();
    parallel_for(plan.chunks(), [&](int64_t number, int worker) { chunk(number, worker); }, context.workers);
    finish();
  }
};

// The parts are whole results, which only the elements that the product computes are read of.
void run_indexed_product(const ProductPlan& product, LaunchContext& context) {
  auto address = [&](const Location& at) { return context.buffers[at.buffer] + at.offset; };
  const IndexedPlan& plan = *product.indexed;
  const char *a = address(product.a), *b = address(product.b);
  char* c = address(product.c);
  const int64_t bytes = product.elements * static_cast<int64_t>(size_of(product.dtype));
  char* parts = plan.parts > 1 ? context.arena + product.partial_offset : nullptr;
  auto chunk = [&](int64_t number, int worker) {
    char* scratch = context.scratch + worker * context.scratch_bytes;
    char* to = parts ? parts + product.c.offset + indexed_part(plan, number) * bytes : c;
    run_indexed(plan, product.kernels.data(), a, b, to, scratch, number);
  };
  parallel_for(plan.chunks, chunk, context.workers);
  if (parts) combine_rows(&sum_op, product.dtype, parts, plan.parts, product.elements, c - product.c.offset);
}

void run_product(const ProductPlan& product, std::span<const LaunchPlan> followers, LaunchContext& context) {
  auto address = [&](const Location& at) { return context.buffers[at.buffer] + at.offset; };
  const char *a = address(product.a), *b = address(product.b);
  char* c = address(product.c);
  for (const LaunchPlan& follower : followers) NestRun{follower.nest, context}.start();
  auto chunk = [&](int64_t number, int worker) {
    char* scratch = context.scratch + worker * context.scratch_bytes;
    run_contraction(product.plan, product.kernels.data(), a, b, c, scratch, number);
    for (const LaunchPlan& follower : followers)
      NestRun{follower.nest, context}.region(contraction_region(product.plan, number), product.rows, number,
                                             worker);
  };
  parallel_for(product.plan.chunks, chunk, context.workers);
  for (const LaunchPlan& follower : followers) NestRun{follower.nest, context}.finish();
}

void run_call(const CallPlan& call, LaunchContext& context) {
  if (call.loop) return run_loop(*call.loop, context);
  if (call.branches) return run_branches(*call.branches, context);
  auto chunk = [&](int64_t number, int worker) {
    int64_t first = number * call.chunk, last = std::min(first + call.chunk, call.items);
    HostArray few[16];
    std::vector<HostArray> many(call.arrays.size() <= 16 ? 0 : call.arrays.size());
    std::span<HostArray> arrays(many.empty() ? few : many.data(), call.arrays.size());
    for (size_t i = 0; i < arrays.size(); ++i) {
      arrays[i] = call.arrays[i];
      int64_t before = is_whole(*call.node, i) ? 0 : first * arrays[i].bytes();
      if (arrays[i].wanted) arrays[i].data = context.buffers[call.buffers[i]] + before;
    }
    run_host(*call.node, arrays, last - first, context.scratch + worker * context.scratch_bytes);
  };
  parallel_for(call.chunks, chunk, context.workers);
}

}  // namespace

size_t run_launch(const Plan& plan, size_t index, LaunchContext& context) {
  const LaunchPlan& launch = plan.launches[index];
  if (launch.call) {
    run_call(*launch.call, context);
    return index + 1;
  }
  if (!launch.product) {
    NestRun{launch.nest, context}.run();
    return index + 1;
  }
  if (launch.product->indexed) {
    run_indexed_product(*launch.product, context);
    return index + 1;
  }
  size_t end = index + 1;
  while (end < plan.launches.size() && plan.launches[end].follows) ++end;
  run_product(*launch.product, {plan.launches.data() + index + 1, plan.launches.data() + end}, context);
  return end;
}

void raise_index_error(const LoopNest& nest, const KernelError& error) {
  const Node* node = nest.steps[error.step - 1].node;
  std::string text = std::string(wraps_positions(*node) ? "index" : node->op->name) + ": position " +
                     std::to_string(error.index) + " is out of range for axis " +
                     std::to_string(indexed_axis(*node));
  if (!wraps_positions(*node)) text += " of " + describe(node->inputs[0]);
  throw IndexError(text + source_text(node->source));
}

}  // namespace croton
