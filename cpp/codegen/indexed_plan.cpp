// How a contraction over several indices is computed: which operand gives the columns, whether they are
// packed, and the chunks, by estimates of what each would cost.
#include <algorithm>
#include <bit>
#include <limits>

#include "base/error.h"
#include "codegen/contraction_family.h"
#include "codegen/indexed_contraction.h"

namespace croton {

namespace {

constexpr double chunk_cycles = 20000, two_chunks_cycles = 4000;
constexpr int64_t max_chunks = 64, max_parts = 8;
constexpr int64_t part_elements = 1 << 14;  ///< of C, up to which sums in parts cost little
constexpr int64_t least_part = 256;         ///< terms of a part
constexpr int64_t most_table_terms = 4096;  ///< whose positions are found at a time
constexpr int64_t least_rows = 128;         ///< of a chunk that packs columns which others pack too
constexpr int64_t most_terms = 1024;        ///< per pass over C

int64_t ceil_div(int64_t value, int64_t by) { return (value + by - 1) / by; }

int64_t count(const std::vector<SharedIndex>& indices) {
  int64_t product = 1;
  for (const SharedIndex& index : indices) product *= index.extent;
  return product;
}

void merge(std::vector<SharedIndex>& indices) {
  std::erase_if(indices, [](const SharedIndex& index) { return index.extent == 1; });
  for (size_t i = 0; i + 1 < indices.size();) {
    SharedIndex &outer = indices[i], &inner = indices[i + 1];
    if (outer.first == inner.first * inner.extent && outer.second == inner.second * inner.extent) {
      inner.extent *= outer.extent;
      indices.erase(indices.begin() + static_cast<std::ptrdiff_t>(i));
    } else {
      ++i;
    }
  }
  if (indices.empty()) indices.push_back({1, 1, 1});
}

/// An index of the batch along which one operand repeats belongs to the other one alone.
void split_batch(IndexedProblem& x) {
  std::vector<SharedIndex> rows, columns;
  for (const BatchIndex& index : x.batch) {
    if (index.a == 0)
      columns.push_back({index.extent, index.b, index.c});
    else if (index.b == 0)
      rows.push_back({index.extent, index.a, index.c});
  }
  std::erase_if(x.batch, [](const BatchIndex& i) { return i.extent == 1 || i.a == 0 || i.b == 0; });
  x.rows.insert(x.rows.begin(), rows.begin(), rows.end());
  x.columns.insert(x.columns.begin(), columns.begin(), columns.end());
}

IndexedProblem transposed(IndexedProblem x) {
  std::swap(x.rows, x.columns);
  for (SharedIndex& index : x.terms) std::swap(index.first, index.second);
  for (BatchIndex& index : x.batch) std::swap(index.a, index.b);
  return x;
}

std::vector<TileSpecs> indexed_tiles(DType dtype, const VectorMachine& machine, int vectors, int spread) {
  const int lanes = machine.vector_bits / 8 / static_cast<int>(size_of(dtype));
  auto tile = [&](int rows, int least) {
    return TileSpecs{{dtype, ContractionForm::Indexed, lanes, rows, vectors, true, 1, spread}, {}, least};
  };
  if (machine.registers >= 32) return {tile(8, 6), tile(4, 3), tile(1, 1)};
  return {tile(6, 5), tile(3, 2), tile(1, 1)};
}

ContractionSpec packing(ContractionForm form, DType dtype, const VectorMachine& machine, int step) {
  const int lanes = machine.vector_bits / 8 / static_cast<int>(size_of(dtype));
  return {dtype, form, lanes, 0, step, true, 1};
}

/// One way to compute the contraction, and the cycles it should take.
struct Choice {
  IndexedProblem x;
  bool swapped = false, scatters = false;
  ColumnMode mode = ColumnMode::InPlace;
  int64_t run = 0, vectors = 0;
  int tile_vectors = 2;
  double cost = std::numeric_limits<double>::infinity();
};

struct Planner {
  VectorMachine machine;
  std::vector<TileSpecs> tiles;
  int64_t lanes;
  Choice best;

  void offer_all(const IndexedProblem& x, bool swapped) {
    const SharedIndex& inner = x.columns.back();
    const bool twice = x.spreads && !swapped && inner.second == 2, scatters = inner.second != 1 && !twice;
    if (inner.first == 1) offer(x, swapped, ColumnMode::InPlace, inner.extent, scatters);
    int64_t run = 1;
    for (size_t i = x.columns.size(); i-- > 0 && x.columns[i].second == run * inner.second;)
      run *= x.columns[i].extent;
    ColumnMode mode = inner.first == 1 || inner.first == 2 ? ColumnMode::Runs
                      : transposes(x)                      ? ColumnMode::Transpose
                                                           : ColumnMode::Gather;
    offer(x, swapped, mode, scatters ? count(x.columns) : run, scatters);
    if (!scatters && run < lanes) offer(x, swapped, mode, count(x.columns), true);
  }

  /// Whether terms are contiguous in B, and columns a fixed distance apart in whole vectors.
  bool transposes(const IndexedProblem& x) const {
    bool whole =
        x.columns.size() == 1 || x.columns.back().extent % transpose_spec(x.dtype, machine).lanes == 0;
    return x.terms.back().second == 1 && whole;
  }

  void offer(const IndexedProblem& x, bool swapped, ColumnMode mode, int64_t run, bool scatters) {
    Choice choice{x, swapped, scatters, mode, run};
    const int64_t m = count(x.rows), n = count(x.columns), k = count(x.terms);
    choice.vectors = n / run * ceil_div(run, lanes);
    const double terms = static_cast<double>(k);
    double rest = static_cast<double>(choice.vectors) * terms * pack_cycles(x, mode);
    if (scatters) rest += 1.5 * static_cast<double>(m) * static_cast<double>(n);
    for (int vectors : {2, 1}) {
      choice.tile_vectors = vectors;
      choice.cost =
          rest + static_cast<double>(ceil_div(choice.vectors, vectors)) * tile_cycles(m, terms, vectors);
      if (choice.cost < best.cost) best = choice;
    }
  }

  /// For all rows of one tile's columns.
  double tile_cycles(int64_t rows, double terms, int vectors) const {
    double cycles = 50;
    for (const TileSpecs& tile : tiles) {
      int64_t taken = tiled_rows(rows, tile.kernel.rows, tile.least);
      double step = std::max({tile.kernel.rows * vectors, tile.kernel.rows + vectors + 2, 8}) / 2.0;
      cycles += static_cast<double>(ceil_div(taken, tile.kernel.rows)) * (terms * step + 40);
      rows -= taken;
    }
    return cycles;
  }

  /// For one vector of columns and one term.
  double pack_cycles(const IndexedProblem& x, ColumnMode mode) const {
    const double width = static_cast<double>(lanes), stretch = static_cast<double>(x.columns.back().extent);
    switch (mode) {
      case ColumnMode::InPlace: return 0;
      case ColumnMode::Runs: return 2.5 * (1 + (width - 1) / stretch);
      case ColumnMode::Transpose:
        return 0.35 * width * (1 + 8 / static_cast<double>(std::max<int64_t>(x.terms.back().extent, 1)));
      case ColumnMode::Gather: return 1.3 * width;
    }
    return 0;
  }

  void cut(IndexedPlan& plan) const {
    const double total = best.cost * static_cast<double>(plan.batches);
    int64_t wanted = total < two_chunks_cycles
                         ? 1
                         : std::clamp<int64_t>(static_cast<int64_t>(total / chunk_cycles), 2, max_chunks);
    wanted = static_cast<int64_t>(std::bit_floor(static_cast<uint64_t>(wanted)));
    plan.batch_chunk = std::max<int64_t>(1, plan.batches / wanted);
    plan.batch_chunks = ceil_div(plan.batches, plan.batch_chunk);
    int64_t left = std::max<int64_t>(1, wanted / plan.batch_chunks);
    plan.group_chunk = ceil_div(plan.groups, std::min(left, plan.groups));
    plan.group_chunks = ceil_div(plan.groups, plan.group_chunk);
    left = std::min(left / plan.group_chunks, max_parts / (plan.group_chunks * plan.batch_chunks));
    plan.row_chunk = plan.m;
    plan.part_terms = plan.k;
    if (left < 2) return;
    const bool little = plan.m * plan.n * plan.batches <= part_elements;
    if (plan.x.divides && little && plan.k >= 2 * least_part) {
      plan.part_terms = ceil_div(plan.k, std::min(left, plan.k / least_part));
      plan.parts = ceil_div(plan.k, plan.part_terms);
    } else {
      const int64_t tile = tiles.front().kernel.rows;
      const int64_t chunks = std::clamp<int64_t>(plan.m / least_rows, 1, left);
      plan.row_chunk = ceil_div(ceil_div(plan.m, tile), chunks) * tile;
      plan.row_chunks = ceil_div(plan.m, plan.row_chunk);
    }
  }

  void name_kernels(IndexedPlan& plan) const {
    const bool twice = !plan.scatters && plan.x.columns.back().second == 2;
    for (const TileSpecs& tile : indexed_tiles(plan.dtype, machine, plan.tile_vectors, twice ? 2 : 1)) {
      if (tile.least > plan.row_chunk) continue;
      plan.tiles.push_back({tile.kernel.rows, static_cast<int>(plan.kernels.size()), -1, tile.least});
      plan.kernels.push_back(tile.kernel);
    }
    if (plan.mode == ColumnMode::InPlace) return;
    plan.pack = static_cast<int>(plan.kernels.size());
    const int step = static_cast<int>(plan.x.columns.back().first);
    plan.kernels.push_back(plan.mode == ColumnMode::Transpose ? transpose_spec(plan.dtype, machine)
                           : plan.mode == ColumnMode::Runs
                               ? packing(ContractionForm::Runs, plan.dtype, machine, step)
                               : packing(ContractionForm::Gather, plan.dtype, machine, 1));
  }
};

}  // namespace

std::vector<ContractionSpec> indexed_family(DType dtype, const VectorMachine& machine, bool spreads) {
  std::vector<ContractionSpec> family;
  for (int spread = 1; spread <= 1 + spreads; ++spread)
    for (int vectors : {2, 1})
      for (const TileSpecs& tile : indexed_tiles(dtype, machine, vectors, spread))
        family.push_back(tile.kernel);
  family.push_back(transpose_spec(dtype, machine));
  for (int step : {1, 2}) family.push_back(packing(ContractionForm::Runs, dtype, machine, step));
  family.push_back(packing(ContractionForm::Gather, dtype, machine, 1));
  return family;
}

IndexedPlan plan_indexed(const IndexedProblem& problem, const VectorMachine& machine) {
  IndexedProblem x = problem;
  split_batch(x);
  for (auto* indices : {&x.rows, &x.columns, &x.terms}) {
    merge(*indices);
    check_internal(indices->size() <= max_shared_indices, "a contraction has too many indices");
  }
  IndexedPlan plan;
  plan.dtype = x.dtype;
  for (const BatchIndex& index : x.batch) plan.batches *= index.extent;
  if (plan.batches == 0 || count(x.rows) == 0 || count(x.columns) == 0) return plan;
  Planner planner{machine, indexed_tiles(x.dtype, machine, 2, 1), 0, {}};
  planner.lanes = planner.tiles.front().kernel.lanes;
  planner.offer_all(x, false);
  planner.offer_all(transposed(x), true);
  const Choice& best = planner.best;
  plan.x = best.x;
  plan.swapped = best.swapped;
  plan.mode = best.mode;
  plan.scatters = best.scatters;
  plan.run = best.run;
  plan.lanes = static_cast<int>(planner.lanes);
  plan.m = count(plan.x.rows);
  plan.n = count(plan.x.columns);
  plan.k = count(plan.x.terms);
  plan.tile_vectors = best.tile_vectors;
  plan.groups = ceil_div(best.vectors, best.tile_vectors);
  planner.cut(plan);
  plan.chunks = plan.batch_chunks * plan.group_chunks * plan.row_chunks * plan.parts;
  plan.k_block = ceil_div(plan.part_terms, std::max<int64_t>(1, ceil_div(plan.part_terms, most_terms)));
  plan.k_block = std::max<int64_t>(plan.k_block, 1);
  plan.table_terms = std::min(plan.part_terms, most_table_terms / plan.k_block * plan.k_block);
  planner.name_kernels(plan);
  plan.scratch_bytes = indexed_scratch(plan);
  return plan;
}

}  // namespace croton
