#include "runtime/plan.h"

#include <algorithm>

#include "base/error.h"
#include "graph/broadcast.h"
#include "ops/core_rows.h"
#include "ops/host.h"
#include "runtime/arena.h"
#include "runtime/branches.h"
#include "runtime/loop.h"

namespace croton {
namespace {

constexpr int64_t grain = 120'000;  // about this much work (instructions on elements) in a chunk
constexpr int64_t max_chunks = 64;
constexpr int64_t max_parts = 16;             // chunks of an accumulation: each has memory of its own
constexpr int64_t column_multiple = 256;      // columns are cut at multiples of this
constexpr int64_t streaming_bytes = 8 << 20;  // results beyond this do not stay in the cache anyway
constexpr int64_t line = 64;

int64_t divide_up(int64_t a, int64_t b) { return (a + b - 1) / b; }

struct Planner {
  const Program& program;
  const ProgramCode& code;
  std::vector<int64_t> atoms;
  Backend& backend;
  Plan plan;
  ArenaLayout arena;

  int64_t value(const Size& size) const { return size.evaluate(atoms); }

  int64_t product_of(const std::vector<Size>& sizes, size_t first, size_t last) const {
    int64_t n = 1;
    for (size_t d = first; d < last; ++d) n *= value(sizes[d]);
    return n;
  }

  int64_t bytes(const BufferInfo& buffer) const {
    return product_of(buffer.dims, 0, buffer.dims.size()) * static_cast<int64_t>(size_of(buffer.dtype));
  }

  void check_sizes(const BufferInfo& buffer) const {
    for (size_t axis = 0; axis < buffer.dims.size(); ++axis) {
      int64_t size = value(buffer.dims[axis]);
      if (size >= 0) continue;
      throw ValueError(std::string(buffer.node->op->name) + ": required a size of 0 or more along axis " +
                       std::to_string(axis) + ", given " + std::to_string(size) +
                       source_text(buffer.node->source));
    }
  }

  Location locate(const Access& access) const {
    if (access.buffer == no_buffer) return {no_buffer, 0};
    return {access.buffer, value(access.offset) * static_cast<int64_t>(size_of(access.dtype))};
  }

  // ---- nests

  static int64_t work_per_element(const LoopNest& nest) {
    int64_t work = 0;
    for (const LoopPass& pass : nest.passes)
      for (int id : pass.inner) work += nest.steps[id].op ? nest.steps[id].op->cost : 2;
    return std::max<int64_t>(work, 1);
  }

  // Whether a row may be cut: no value waits for the whole of it.
  static bool columns_divide(const LoopNest& nest) {
    if (nest.inner_dims() == 0) return false;
    std::vector<bool> sums(nest.steps.size());
    for (size_t id = 0; id < nest.steps.size(); ++id) {
      const Step& step = nest.steps[id];
      if (step.kind == StepKind::Reduce) sums[id] = true;
      for (int arg : step.args)
        if (sums[arg] && step.kind != StepKind::Accumulate) return false;
    }
    return true;
  }

  void add_accumulators(const LoopNest& nest, NestPlan& out, bool& vectors, bool& scalars) {
    for (const Step& step : nest.steps) {
      if (step.kind != StepKind::Accumulate) continue;
      const Access& access = nest.accesses[step.access];
      bool vector = std::any_of(access.strides.begin() + nest.row_dims, access.strides.end(),
                                [](const Size& stride) { return !stride.is(0); });
      (vector ? vectors : scalars) = true;
      int64_t elements = vector ? product_of(nest.extents, nest.row_dims, nest.extents.size()) : 1;
      out.accumulators.push_back({step.access, step.op, access.dtype, elements, 0});
    }
  }

  void cut(const LoopNest& nest, NestPlan& out) {
    bool vectors = false, scalars = false;
    add_accumulators(nest, out, vectors, scalars);
    int64_t others =
        product_of(nest.extents, nest.row_dims,
                   std::max<size_t>(nest.row_dims, nest.extents.size()) - (nest.inner_dims() > 0));
    int64_t row_work = std::max<int64_t>(1, out.columns * others * work_per_element(nest));
    int64_t total = row_work * out.rows;
    out.row_chunk = std::max<int64_t>(out.rows, 1);
    out.column_chunk = std::max<int64_t>(out.columns, 1);
    bool accumulates = vectors || scalars;
    bool whole = nest.serial && !(nest.scatters_rows() && nest.inner_dims() == 1);
    if (whole && total > 2 * grain) plan.brief = false;
    if (whole || total < 2 * grain) return finish_cut(out, false);
    int64_t wanted = std::min(total / grain, accumulates ? max_parts : max_chunks);
    if (accumulates && out.kept > 1) wanted = std::max<int64_t>(1, wanted / out.kept);
    bool divide = columns_divide(nest) && !(vectors && scalars);
    bool by_columns =
        divide && (nest.serial || out.rows < wanted || (vectors && out.columns >= 8 * column_multiple));
    if (by_columns) {
      int64_t cuts = vectors || nest.serial ? wanted : divide_up(wanted, out.rows);
      out.column_chunk = divide_up(divide_up(out.columns, cuts), column_multiple) * column_multiple;
    }
    if (!nest.serial && (!by_columns || !vectors))
      out.row_chunk = std::max<int64_t>(1, divide_up(out.rows, std::min(wanted, out.rows)));
    finish_cut(out, accumulates && !(by_columns && vectors));
  }

  void finish_cut(NestPlan& out, bool partial) {
    out.row_chunks = out.rows > 0 ? divide_up(out.rows, out.row_chunk) : 0;
    out.column_chunks =
        std::max<int64_t>(1, divide_up(out.columns, out.column_chunk));  // empty rows have values
    out.partial = partial && out.row_chunks * out.column_chunks > 1;
  }

  bool streams(const LoopNest& nest, const NestPlan& out) const {
    bool large = false;
    for (const Access& access : nest.accesses) {
      if (!access.written || access.buffer < 0) continue;
      const BufferInfo& buffer = program.buffers[access.buffer];
      large |= bytes(buffer) >= streaming_bytes;
      int64_t size = static_cast<int64_t>(size_of(access.dtype));
      for (int d = 0; d < nest.row_dims; ++d)
        if (value(access.strides[d]) * size % line != 0) return false;
      if (value(access.offset) * size % line != 0) return false;
    }
    return large && out.accumulators.empty();
  }

  // Whether any output has elements: where none has, no value is ever asked for.
  bool has_results() const {
    return std::any_of(program.outputs.begin(), program.outputs.end(),
                       [&](int buffer) { return bytes(program.buffers[buffer]) > 0; });
  }

  // The largest of no elements does not exist.
  void check_extremes(const LoopNest& nest) const {
    for (const Step& step : nest.steps) {
      if (step.kind == StepKind::Scatter || (step.op != &max_op && step.op != &min_op)) continue;
      const Var& x = step.node->inputs[0];
      int64_t count = 1, results = 1;
      for (int axis = 0; axis < x.rank(); ++axis) {
        const auto& axes = step.node->attrs.ints;
        bool reduced = std::find(axes.begin(), axes.end(), axis) != axes.end();
        (reduced ? count : results) *= value(program.sizes->of(dim(x, axis)));
      }
      if (count == 0 && results > 0 && !is_bool(step.dtype) && has_results())
        throw ValueError(std::string(step.op->name) +
                         ": required at least one element to choose from, given none in " + describe(x) +
                         source_text(step.node->source));
    }
  }

  void nest(const Launch& launch, size_t index, NestPlan& out) {
    const LoopNest& nest = launch.nest;
    check_extremes(nest);
    const NestSource& source = code.sources[index];
    out.kernel = code.kernels[index];
    for (const Size& size : source.sizes) out.parameters.push_back(value(size));
    for (uint64_t bits : source.constants) out.parameters.push_back(static_cast<int64_t>(bits));
    for (const Access& access : nest.accesses) {
      out.accesses.push_back(locate(access));
      if (access.buffer != scratch_buffer) continue;
      int64_t size = static_cast<int64_t>(size_of(access.dtype));
      int64_t row = product_of(nest.extents, nest.row_dims, nest.extents.size()) * size;
      out.scratch_bytes = std::max(out.scratch_bytes, out.accesses.back().offset + row);
    }
    out.kept = product_of(nest.extents, 0, nest.kept_dims);
    out.rows = product_of(nest.extents, nest.kept_dims, nest.row_dims);
    out.columns = nest.inner_dims() ? value(nest.extents.back()) : 1;
    cut(nest, out);
    if (streams(nest, out)) out.flags |= streaming_flag;
    int64_t parts = out.chunks();
    if (const ContractionPlan* leader = can_follow(launch, index)) {
      plan.launches[index].follows = true;
      parts = leader->chunks;
      out.partial = parts > 1 && !out.accumulators.empty();
      out.row_chunks = parts;  // with the others 1: as many parts as the product has chunks
      out.kept = out.column_chunks = 1;
    }
    if (out.partial)
      for (AccumulatorPlan& a : out.accumulators)
        a.partial_offset = arena.place(parts * a.elements * static_cast<int64_t>(size_of(a.dtype)),
                                       first_of(index), last_of(index));
    plan.scratch_bytes = std::max(plan.scratch_bytes, out.scratch_bytes);
  }

  // The launches that run at once with launch `index`.
  int first_of(size_t index) const {
    while (program.launches[index].follows) --index;
    return static_cast<int>(index);
  }

  int last_of(size_t index) const {
    while (index + 1 < program.launches.size() && program.launches[index + 1].follows) ++index;
    return static_cast<int>(index);
  }

  // The plan of the product behind whose chunks this nest can run, or null.
  const ContractionPlan* can_follow(const Launch& launch, size_t index) const {
    if (!launch.follows || index == 0) return nullptr;
    size_t leader = index - 1;
    while (!plan.launches[leader].product) {
      if (!plan.launches[leader].follows) return nullptr;
      --leader;
    }
    const ContractionPlan& contraction = plan.launches[leader].product->plan;
    if (contraction.chunks == 0) return nullptr;
    ContractionRegion region = contraction_region(contraction, 0);
    bool whole_rows = region.n1 - region.n0 == value(program.launches[leader].product->columns[0]);
    return whole_rows || columns_divide(launch.nest) ? &contraction : nullptr;
  }

  // ---- products

  int64_t stride(const Access& access, size_t d) const { return value(access.strides[d]); }

  ContractionKernel kernel_of(const ContractionSpec& spec) const {
    for (const auto& [known, kernel] : code.contractions)
      if (known == spec) return kernel;
    return reinterpret_cast<ContractionKernel>(load_kernel(spec, backend).function);
  }

  std::unique_ptr<ProductPlan> product(const Product& p, size_t index) {
    auto out = std::make_unique<ProductPlan>();
    out->dtype = p.dtype;
    if (p.is_matrix_product())
      matrix_product(p, *out);
    else
      indexed_product(p, static_cast<int>(index), *out);
    out->a = locate(p.a);
    out->b = locate(p.b);
    out->c = locate(p.c);
    return out;
  }

  void use(const std::vector<ContractionSpec>& kernels, size_t scratch, ProductPlan& out) {
    for (const ContractionSpec& spec : kernels) out.kernels.push_back(kernel_of(spec));
    plan.scratch_bytes = std::max(plan.scratch_bytes, static_cast<int64_t>(scratch));
  }

  std::vector<BatchIndex> batch_of(const Product& p) const {
    std::vector<BatchIndex> batch;
    for (size_t d = 0; d < p.batch.size(); ++d)
      batch.push_back({value(p.batch[d]), stride(p.a, d), stride(p.b, d), stride(p.c, d)});
    return batch;
  }

  void matrix_product(const Product& p, ProductPlan& out) {
    size_t batch = p.batch.size();
    ContractionProblem problem;
    problem.dtype = p.dtype;
    problem.m = value(p.rows[0]);
    problem.n = value(p.columns[0]);
    problem.a_m = stride(p.a, batch);
    problem.b_n = stride(p.b, batch + 1);
    problem.c_m = stride(p.c, batch);
    problem.reduction = {{value(p.terms[0]), stride(p.a, batch + 1), stride(p.b, batch)}};
    problem.batch = batch_of(p);
    out.rows = problem.m;
    out.plan = plan_contraction(problem, backend.machine());
    use(out.plan.kernels, out.plan.scratch_bytes, out);
  }

  // The indices of one kind, which begin at these places among the strides of two operands.
  std::vector<SharedIndex> shared(const std::vector<Size>& extents, const Access& first, size_t from,
                                  const Access& second, size_t of) const {
    std::vector<SharedIndex> indices;
    for (size_t d = 0; d < extents.size(); ++d)
      indices.push_back({value(extents[d]), stride(first, from + d), stride(second, of + d)});
    return indices;
  }

  void indexed_product(const Product& p, int index, ProductPlan& out) {
    const size_t batch = p.batch.size(), rows = batch + p.rows.size(), terms = batch + p.terms.size();
    IndexedProblem problem;
    problem.dtype = p.dtype;
    problem.rows = shared(p.rows, p.a, batch, p.c, batch);
    problem.columns = shared(p.columns, p.b, terms, p.c, rows);
    problem.terms = shared(p.terms, p.a, rows, p.b, batch);
    problem.batch = batch_of(p);
    problem.spreads = p.c.strides.back().is(2);
    const BufferInfo& result = program.buffers[p.c.buffer];
    out.elements = bytes(result) / static_cast<int64_t>(size_of(p.dtype));
    problem.divides = product_of(p.batch, 0, batch) * product_of(p.rows, 0, p.rows.size()) *
                          product_of(p.columns, 0, p.columns.size()) ==
                      out.elements;
    out.indexed = std::make_unique<IndexedPlan>(plan_indexed(problem, backend.machine()));
    use(out.indexed->kernels, out.indexed->scratch_bytes, out);
    if (out.indexed->parts > 1)
      out.partial_offset = arena.place(out.indexed->parts * bytes(result), index, index);
  }

  // ---- calls

  std::unique_ptr<CallPlan> call(const Call& c, size_t index) {
    auto out = std::make_unique<CallPlan>();
    out->node = c.node;
    if (c.loop) {
      auto value_of = [this](const Size& size) { return value(size); };
      auto place = [&](int64_t bytes) { return arena.place(bytes, first_of(index), last_of(index)); };
      out->loop = plan_loop(c, code.loops[index].get(), *code.native[index], value_of, place);
      plan.brief = false;
      return out;
    }
    if (c.branches) {
      out->branches =
          plan_branches(c, code.branches[index], [this](const Size& size) { return value(size); });
      plan.brief &= are_brief(*out->branches);
      return out;
    }
    out->buffers = c.buffers;
    size_t batch = batch_rank(*c.node);
    out->items = product_of(c.dims[0], 0, batch);
    for (size_t i = 0; i < c.dims.size(); ++i) {
      out->shapes.emplace_back();
      for (size_t d = is_whole(*c.node, i) ? 0 : batch; d < c.dims[i].size(); ++d)
        out->shapes.back().push_back(value(c.dims[i][d]));
    }
    std::vector<ResultSpec> results = c.node->op->results(c.node->inputs, c.node->attrs);
    for (size_t i = 0; i < c.buffers.size(); ++i) {
      bool is_input = i < c.inputs().size();
      DType dtype = is_input ? c.node->inputs[i].dtype() : results[i - c.inputs().size()].dtype;
      out->arrays.push_back({dtype, out->shapes[i], nullptr, c.buffers[i] != no_buffer});
    }
    HostNeeds needs = host_needs(*c.node, out->arrays);
    plan.scratch_bytes = std::max(plan.scratch_bytes, needs.workspace);
    int64_t total = std::max<int64_t>(needs.work, 1) * out->items;
    plan.brief &= total < 2 * grain;
    int64_t wanted = total < 2 * grain ? 1 : std::min(max_chunks, total / grain);
    out->chunk = std::max<int64_t>(1, divide_up(out->items, wanted));
    // Routines that see several items work on some side by side.
    constexpr int64_t together = 4, least_chunks = 16;
    if (c.node->op->batched && out->items >= together * least_chunks)
      out->chunk = divide_up(out->chunk, together) * together;
    out->chunks = divide_up(out->items, out->chunk);
    return out;
  }

  Plan run() {
    plan.launches.resize(program.launches.size());
    for (const BufferInfo& buffer : program.buffers) {
      check_sizes(buffer);
      bool inside = buffer.kind == BufferKind::Intermediate && buffer.last_use >= buffer.first_use;
      plan.arena_offsets.push_back(inside ? arena.place(bytes(buffer), buffer.first_use, buffer.last_use)
                                          : -1);
    }
    for (size_t i = 0; i < program.launches.size(); ++i) {
      const Launch& launch = program.launches[i];
      if (launch.product)
        plan.launches[i].product = product(*launch.product, i);
      else if (launch.call)
        plan.launches[i].call = call(*launch.call, i);
      else
        nest(launch, i, plan.launches[i].nest);
    }
    plan.brief &= plan.launches.size() <= 64 &&
                  std::all_of(plan.launches.begin(), plan.launches.end(), [](const LaunchPlan& launch) {
                    return launch.product ? launch.product->chunks() <= 1
                           : launch.call  ? launch.call->chunks <= 1
                                          : launch.nest.chunks() <= 1;
                  });
    for (int buffer : program.outputs) {
      std::vector<int64_t> shape;
      for (const Size& size : program.buffers[buffer].dims) shape.push_back(value(size));
      plan.shapes.push_back(std::move(shape));
      plan.output_bytes.push_back(bytes(program.buffers[buffer]));
    }
    plan.arena_bytes = arena.bytes();
    plan.scratch_bytes = divide_up(plan.scratch_bytes, line) * line;
    plan.atoms = std::move(atoms);
    return std::move(plan);
  }
};

}  // namespace

Plan make_plan(const Program& program, const ProgramCode& code, std::vector<int64_t> atoms,
               Backend& backend) {
  return Planner{program, code, std::move(atoms), backend, {}, {}}.run();
}

}  // namespace croton
