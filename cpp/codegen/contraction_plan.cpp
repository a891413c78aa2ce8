// Form, tile, packing and chunks of a product, by estimates of what each would cost.
#include <algorithm>
#include <bit>
#include <limits>

#include "base/error.h"
#include "codegen/contraction_family.h"

namespace croton {

namespace {

constexpr int64_t max_terms = 4096;
constexpr int64_t panel_bytes = 192 << 10;  ///< of B between passes over C
constexpr double chunk_cycles = 1500, two_chunks_cycles = 2000;
constexpr int64_t max_chunks = 64;
constexpr int64_t packed_area = 1024 * 512;  ///< of C in a chunk that packs both operands
constexpr double small_cycles = 300;         ///< below it a product is not worth a second look
constexpr double transpose_cycles = 3;       ///< to move an element of C from scratch memory to its place

int64_t round_up(int64_t value, int64_t step) { return (value + step - 1) / step * step; }
int64_t ceil_div(int64_t value, int64_t by) { return (value + by - 1) / by; }

/// One way to compute the product, and the cycles it should take.
struct Choice {
  ContractionForm form = ContractionForm::Broadcast;
  std::vector<TileSpecs> tiles;  ///< of no more rows than there are
  PackMode pack_a = PackMode::None, pack_b = PackMode::None;
  double cost = std::numeric_limits<double>::infinity();
};

/// A problem brought to the form that kernels want: C contiguous along n, reduction indices merged.
struct Planner {
  ContractionProblem x;
  VectorMachine machine;
  int full_lanes;
  int64_t batches = 1, terms = 1;
  bool swapped = false, transposes_c = false;
  Choice best;

  /// With `transposed`, C^T = B^T A^T goes to scratch memory and from there to C.
  Planner(const ContractionProblem& problem, const VectorMachine& machine, bool transposed)
      : x(problem),
        machine(machine),
        full_lanes(machine.vector_bits / 8 / static_cast<int>(size_of(x.dtype))),
        transposes_c(transposed) {
    if (transposed) swap();
    normalize();
    if (x.m == 0 || x.n == 0 || batches == 0) return;
    if (terms == 0) return;
    offer_broadcast();
    offer_dot();
    if (transposed) best.cost += transpose_cycles * static_cast<double>(x.m) * static_cast<double>(x.n);
  }

  void normalize() {
    if (x.m == 1) x.a_m = 1;
    if (x.n == 1) x.b_n = 1;
    if (!transposes_c && ((x.n == 1 && x.c_m == 1) || (x.n > 1 && x.c_n != 1))) swap();
    check_internal(transposes_c || x.c_n == 1 || x.n <= 1,
                   "a contraction's result is contiguous along one index");
    std::erase_if(x.reduction, [](const ReductionIndex& i) { return i.extent == 1; });
    for (size_t i = 0; i + 1 < x.reduction.size();) {
      ReductionIndex &outer = x.reduction[i], &inner = x.reduction[i + 1];
      if (outer.a == inner.a * inner.extent && outer.b == inner.b * inner.extent) {
        inner.extent *= outer.extent;
        x.reduction.erase(x.reduction.begin() + static_cast<std::ptrdiff_t>(i));
      } else {
        ++i;
      }
    }
    if (x.reduction.empty()) x.reduction.push_back({1, 1, 1});
    check_internal(x.reduction.size() <= max_reduction_loops, "a contraction has too many reduction indices");
    std::erase_if(x.batch, [](const BatchIndex& i) { return i.extent == 1; });
    for (auto& i : x.batch) batches *= i.extent;
    for (auto& i : x.reduction) terms *= i.extent;
  }

  /// Computes the transpose instead: the operands change places.
  void swap() {
    swapped = true;
    std::swap(x.m, x.n);
    std::swap(x.a_m, x.b_n);
    std::swap(x.c_m, x.c_n);
    for (auto& i : x.reduction) std::swap(i.a, i.b);
    for (auto& i : x.batch) std::swap(i.a, i.b);
  }

  int64_t bytes(int64_t elements) const { return elements * static_cast<int64_t>(size_of(x.dtype)); }
  bool single() const { return x.reduction.size() == 1; }
  const ReductionIndex& inner() const { return x.reduction.back(); }
  bool unit_b_n() const { return x.b_n == 1 || x.n == 1; }

  const ContractionSpec& spec() const { return best.tiles.front().kernel; }

  void offer(Choice choice, double packing) {
    choice.tiles = contraction_tiles(x.dtype, choice.form, machine, static_cast<int>(x.reduction.size()));
    std::erase_if(choice.tiles, [&](const TileSpecs& tile) { return tile.least > x.m; });
    choice.cost = packing;
    int64_t rows = x.m;
    for (const TileSpecs& tile : choice.tiles) {
      int64_t taken = tiled_rows(rows, tile.kernel.rows, tile.least);
      choice.cost += static_cast<double>(ceil_div(taken, tile.kernel.rows)) * line_cycles(tile);
      rows -= taken;
    }
    if (choice.cost < best.cost) best = std::move(choice);
  }

  /// Cycles for one line of tiles, across all columns.
  double line_cycles(const TileSpecs& tile) const {
    const ContractionSpec& main = tile.kernel;
    int64_t rest = x.n % main.columns();
    double cycles = static_cast<double>(x.n / main.columns()) * tile_cycles(main);
    if (rest == 0) return cycles;
    bool whole = main.masked || main.form == ContractionForm::Dot;
    if (!tile.tail || (whole && rest > tile.tail->columns())) return cycles + tile_cycles(main);
    return cycles + static_cast<double>(ceil_div(rest, tile.tail->columns())) * tile_cycles(*tile.tail);
  }

  double tile_cycles(const ContractionSpec& spec) const {
    const double sums = spec.rows * spec.vectors, step = step_cycles(spec.rows, spec.vectors);
    if (spec.form == ContractionForm::Broadcast) return static_cast<double>(terms) * step + 15 + 1.5 * sums;
    double outer = static_cast<double>(terms) / static_cast<double>(std::max<int64_t>(1, inner().extent));
    return outer * static_cast<double>(ceil_div(inner().extent, full_lanes)) * step + 25 + 5 * sums;
  }

  /// Cycles for one step of a tile: multiply-adds, loads and the latency of few sums all bound it.
  static double step_cycles(int rows, int vectors) { return std::max({rows * vectors, rows + vectors, 5}); }
  double pack_cycles(int64_t elements) const {
    return static_cast<double>(elements) * (x.dtype == DType::Float32 ? 0.35 : 0.5);
  }

  void offer_broadcast() {
    Choice choice;
    if (!unit_b_n()) {
      if (!single()) return;
      choice.pack_b = inner().b == 1 ? PackMode::Transpose : PackMode::Strided;
    } else if (single() && x.m >= 64 && terms >= 384 && bytes(inner().b) >= 3072 &&
               bytes(terms) * x.n > 3 << 19) {
      choice.pack_b = PackMode::Copy;
    }
    // A that is contiguous along m uses part of each cache line per tile, from a page per term.
    if (single() && x.a_m == 1 && x.m >= 64 && x.n >= 128 && terms >= 384 &&
        (bytes(inner().a) >= 8192 || bytes(inner().a) % 4096 == 0)) {
      choice.pack_a = PackMode::Transpose;
    }
    double packing = 0;
    if (choice.pack_b != PackMode::None)
      packing += pack_cycles(terms * x.n) * (choice.pack_b == PackMode::Strided ? 6 : 1);
    if (choice.pack_a != PackMode::None)
      packing += pack_cycles(terms * x.m);
    else if (x.a_m == 1 && bytes(inner().a) >= 4096)  // such lines share few cache sets: every tile waits
      packing += 0.1 * static_cast<double>(terms * x.m * ceil_div(x.n, panel_columns(x.dtype, machine)));
    offer(std::move(choice), packing);
  }

  void offer_dot() {
    Choice choice;
    choice.form = ContractionForm::Dot;
    double packing = 0;
    if (inner().a != 1) {
      if (!single() || x.a_m != 1) return;
      choice.pack_a = PackMode::Transpose;
      packing += pack_cycles(terms * x.m);
    }
    if (inner().b != 1) {
      if (!single() || !unit_b_n() || x.n > 128) return;
      choice.pack_b = PackMode::Transpose;
      packing += pack_cycles(terms * round_up(x.n, full_lanes));
    }
    offer(std::move(choice), packing);
  }

  /// Cycles for a chunk of one batch, with its share of packing and of cache misses.
  double part_cycles(int64_t rows, int64_t width) const {
    double area = static_cast<double>(rows) * static_cast<double>(width);
    // Packed panels of B meet rows of A that stream past whatever the width: those wait less.
    double lines =
        static_cast<double>(width) + static_cast<double>(rows) / (best.pack_b == PackMode::None ? 1 : 3);
    double k = static_cast<double>(terms), cycles = 100 + 0.15 * k * lines;
    cycles += best.cost * area / (static_cast<double>(x.m) * static_cast<double>(x.n));
    if (best.pack_b != PackMode::None) cycles += pack_cycles(terms * round_up(width, full_lanes));
    if (best.pack_a != PackMode::None) cycles += pack_cycles(terms * round_up(rows, full_lanes));
    return cycles;
  }

  /// Rows and columns of a chunk: the grid of at most `wanted` chunks in one batch that wastes least.
  void cut(ContractionPlan& plan) const {
    const int64_t columns = spec().columns();
    const int64_t row_tiles = ceil_div(x.m, spec().rows), column_tiles = ceil_div(x.n, columns);
    double total = best.cost * static_cast<double>(batches);
    int64_t wanted = total < two_chunks_cycles
                         ? 1
                         : std::clamp<int64_t>(static_cast<int64_t>(total / chunk_cycles), 2, max_chunks);
    wanted = static_cast<int64_t>(std::bit_floor(static_cast<uint64_t>(wanted)));
    plan.chunk_batches = std::max<int64_t>(1, batches / wanted);
    int64_t parts = std::max<int64_t>(1, wanted / batches);
    // Each chunk packs for itself: where that means both operands, large chunks repay it.
    if (best.pack_a != PackMode::None && best.pack_b != PackMode::None)
      parts = std::min(parts, std::max<int64_t>(8, x.m * x.n / packed_area));
    const int64_t line = bytes(x.n);
    double least = std::numeric_limits<double>::infinity();
    for (int64_t down = 1; down <= std::min(parts, row_tiles); ++down) {
      for (int64_t across = 1; across <= std::min(parts / down, column_tiles); ++across) {
        int64_t rows = ceil_div(row_tiles, down) * spec().rows,
                width = ceil_div(column_tiles, across) * columns;
        if (down > 1 && streams()) continue;
        const int64_t stretch = std::clamp<int64_t>(line / 4, std::min<int64_t>(line / 2, 1536), 4096);
        if (across > 1 && streams() && bytes(width) < stretch) continue;
        int64_t chunks = ceil_div(x.m, rows) * ceil_div(x.n, width);
        // An even count suits few threads; the last chunk is what the others wait for.
        double cost = part_cycles(rows, width) * static_cast<double>(chunks + chunks % 2 * (parts > 1) + 1);
        if (cost >= least) continue;
        least = cost;
        plan.chunk_rows = rows;
        plan.chunk_columns = width;
      }
    }
    const int64_t row = bytes(plan.k_block ? plan.k_block : terms);
    if (best.form == ContractionForm::Dot && plan.chunk_columns > columns &&
        plan.chunk_rows * row > 2 * panel_bytes) {
      plan.row_block = std::max<int64_t>(1, panel_bytes / row / spec().rows) * spec().rows;
    }
    plan.row_chunks = ceil_div(x.m, plan.chunk_rows);
    plan.column_chunks = ceil_div(x.n, plan.chunk_columns);
    plan.chunks = ceil_div(batches, plan.chunk_batches) * plan.row_chunks * plan.column_chunks;
  }

  /// The kernels that the choice needs, and which rows each takes.
  void name_kernels(ContractionPlan& plan) const {
    auto add = [&](const ContractionSpec& spec) {
      plan.kernels.push_back(spec);
      return static_cast<int>(plan.kernels.size()) - 1;
    };
    for (const TileSpecs& tile : best.tiles) {
      RowTiles& rows = plan.tiles.emplace_back();
      rows.rows = tile.kernel.rows;
      rows.least = tile.least;
      rows.kernel = add(tile.kernel);
      if (tile.tail) rows.tail = add(*tile.tail);
    }
    plan.panel = panel_columns(x.dtype, machine);
    if (best.pack_a == PackMode::Transpose || best.pack_b == PackMode::Transpose)
      plan.pack = add(transpose_spec(x.dtype, machine));
  }

  /// Whether B comes from far away for few rows: then long stretches of a few of its rows are read at a time.
  bool streams() const {
    return best.form == ContractionForm::Broadcast && best.pack_b == PackMode::None &&
           best.pack_a == PackMode::None && single() && x.m < 64 && terms >= 64 && bytes(inner().b) >= 2048 &&
           bytes(x.n) >= 2048 && bytes(terms) * x.n > 512 << 10;
  }

  /// Terms per pass: a panel of B stays in the second-level cache while all rows meet it.
  void block_terms(ContractionPlan& plan) const {
    bool packs = best.pack_a != PackMode::None || best.pack_b != PackMode::None || transposes_c;
    int64_t fitting = panel_bytes / bytes(spec().columns());
    int64_t most = std::clamp<int64_t>(fitting, 256, max_terms);
    if (best.form == ContractionForm::Dot)
      most = max_terms;
    else if (best.pack_a != PackMode::None)
      most = 512;
    else if (x.a_m == 1 && bytes(inner().a) >= 2048)
      most = 256;
    if (streams()) {
      plan.k_block = std::clamp<int64_t>(2 * x.m, x.m > 2 ? 32 : 16, 128);
      if (best.tiles.size() > 1) plan.column_block = 16 * full_lanes;  // they stay in the nearest cache
    } else if (single() && terms > most * 5 / 4 && (packs || x.m > 2 * spec().rows)) {
      plan.k_block = round_up(ceil_div(terms, ceil_div(terms, most)), full_lanes);
    } else if (packs) {
      plan.k_block = std::max<int64_t>(terms, 1);
    }
  }

  void place_scratch(ContractionPlan& plan) const {
    int64_t block = round_up(plan.k_block, full_lanes), elements = 0;
    plan.pack_a_ld = block + full_lanes;  // never a power of two, so that rows do not share cache sets
    if (best.pack_a != PackMode::None)
      elements = round_up(std::min(plan.chunk_rows, x.m), full_lanes) * plan.pack_a_ld;
    plan.pack_b_offset = static_cast<size_t>(elements) * size_of(x.dtype);
    if (best.pack_b != PackMode::None) {
      bool dot = best.form == ContractionForm::Dot;
      elements += dot ? round_up(plan.chunk_columns, full_lanes) * plan.pack_a_ld : block * plan.panel;
    }
    plan.c_offset = static_cast<size_t>(round_up(elements, 16)) * size_of(x.dtype);
    if (transposes_c)
      elements = round_up(elements, 16) + std::min(plan.chunk_rows, x.m) * std::min(plan.chunk_columns, x.n);
    plan.scratch_bytes = static_cast<size_t>(elements) * size_of(x.dtype);
  }
};

}  // namespace

ContractionPlan plan_contraction(const ContractionProblem& problem, const VectorMachine& machine) {
  Planner planner(problem, machine, false);
  if (!planner.swapped && planner.x.m > 1 && planner.x.n > 1 && planner.best.cost > small_cycles) {
    Planner transposed(problem, machine, true);
    if (transposed.best.cost < planner.best.cost) planner = transposed;
  }
  const ContractionProblem& x = planner.x;
  ContractionPlan plan;
  plan.dtype = x.dtype;
  plan.swapped = planner.swapped;
  plan.transposes_c = planner.transposes_c;
  plan.accumulate = x.accumulate;
  plan.m = x.m;
  plan.n = x.n;
  plan.b_n = x.b_n;
  plan.c_m = x.c_m;
  plan.c_n = x.c_n;
  plan.batch = x.batch;
  plan.batches = planner.batches;
  if (x.m == 0 || x.n == 0 || plan.batches == 0) return plan;
  if (planner.terms == 0) {
    plan.chunks = 1;
    return plan;
  }
  check_internal(planner.best.cost < std::numeric_limits<double>::infinity(), "strides of a contraction");
  plan.pack_a = planner.best.pack_a;
  plan.pack_b = planner.best.pack_b;
  plan.params = {x.accumulate, x.a_m, x.b_n, x.c_m};
  for (size_t i = 0; i < x.reduction.size(); ++i) {
    const ReductionIndex& index = x.reduction[i];
    plan.params[4 + 3 * i] = index.extent;
    plan.params[5 + 3 * i] = index.a;
    plan.params[6 + 3 * i] = index.b;
  }
  planner.block_terms(plan);
  planner.cut(plan);
  planner.name_kernels(plan);
  planner.place_scratch(plan);
  return plan;
}

}  // namespace croton
