#include "codegen/indexed_contraction.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "codegen/contraction_family.h"

namespace croton {

namespace {

/// Steps through several indices in order, with the positions they mean in two operands.
class Odometer {
 public:
  Odometer(const std::vector<SharedIndex>& indices, int64_t start) : indices_(indices) {
    for (size_t i = indices.size(); i-- > 0; start /= indices[i].extent) {
      at_[i] = start % indices[i].extent;
      first += at_[i] * indices[i].first;
      second += at_[i] * indices[i].second;
    }
  }

  /// How many steps there are until the last index begins again.
  int64_t stretch() const { return indices_.back().extent - at_[indices_.size() - 1]; }

  /// Goes `count` steps on, at most a stretch.
  void step(int64_t count = 1) {
    for (size_t i = indices_.size(); i-- > 0; count = 1) {
      const SharedIndex& index = indices_[i];
      first += count * index.first;
      second += count * index.second;
      if ((at_[i] += count) < index.extent) return;
      at_[i] = 0;
      first -= index.extent * index.first;
      second -= index.extent * index.second;
    }
  }

  int64_t first = 0, second = 0;

 private:
  const std::vector<SharedIndex>& indices_;
  std::array<int64_t, max_shared_indices> at_;
};

/// The memory of one chunk: tables of positions, a panel of columns, results of a tile.
struct Scratch {
  int64_t *rows, *row_results, *terms, *positions, *vectors, *lanes;
  char *panel, *results;
  size_t bytes = 0;

  Scratch(const IndexedPlan& plan, char* memory) {
    const int64_t width = plan.tile_vectors * plan.lanes;
    auto take = [&](int64_t bytes_wanted) {
      char* here = memory + bytes;
      bytes += static_cast<size_t>((bytes_wanted + 63) / 64 * 64);
      return here;
    };
    auto table = [&](int64_t entries) { return reinterpret_cast<int64_t*>(take(entries * 8)); };
    const int64_t size = static_cast<int64_t>(size_of(plan.dtype));
    rows = table(2 * plan.row_chunk);
    row_results = table(plan.row_chunk);
    terms = table(2 * plan.table_terms);
    positions = table(plan.table_terms);
    vectors = table(3 * plan.tile_vectors);
    lanes = table(2 * width);
    bool packs = plan.mode != ColumnMode::InPlace;
    panel = take(packs ? (plan.k_block + 8) * width * size : 0);  // transposing writes whole vectors
    results = take(plan.scatters ? plan.row_chunk * width * size : 0);
  }
};

/// One chunk's work on one batch.
struct ChunkRunner {
  const IndexedPlan& plan;
  const ContractionKernel* kernels;
  const char *a, *b;
  char* c;
  const Scratch& scratch;
  int64_t rows, k0, k1;

  int64_t size() const { return static_cast<int64_t>(size_of(plan.dtype)); }
  int64_t width() const { return plan.tile_vectors * plan.lanes; }
  bool packs() const { return plan.mode != ColumnMode::InPlace; }

  /// The columns of vector `v`: the first, and how many there are.
  std::pair<int64_t, int64_t> columns_of(int64_t v) const {
    const int64_t per_run = (plan.run + plan.lanes - 1) / plan.lanes;
    const int64_t start = v % per_run * plan.lanes, first = v / per_run * plan.run + start;
    return first < plan.n ? std::pair(first, std::min<int64_t>(plan.lanes, plan.run - start))
                          : std::pair<int64_t, int64_t>(plan.n, 0);
  }

  void run(int64_t group0, int64_t group1) const {
    const int64_t block = plan.k_block;
    const bool single = k1 - k0 <= plan.table_terms;
    if (single) find_terms(k0, k1);
    for (int64_t group = group0; group < group1; ++group) {
      find_vectors(group);
      for (int64_t k = k0; k < k1; k += block) {
        const int64_t done = (k - k0) % plan.table_terms, terms = std::min(block, k1 - k);
        if (!single && done == 0) find_terms(k, std::min(k + plan.table_terms, k1));
        if (packs()) pack(group, k, k + terms, scratch.positions + done);
        tiles(scratch.terms + 2 * done, terms, k > k0);
      }
      if (plan.scatters) scatter();
    }
  }

  /// Positions of the terms in A and B; for packed columns those in the panel, and apart those in B.
  void find_terms(int64_t from, int64_t to) const {
    if (from == 0)
      list_terms(to);
    else
      walk_terms(from, to - from);
    for (int64_t i = 0, place = 0; i < to - from; ++i) {
      scratch.terms[2 * i + 1] = packs() ? place * width() : scratch.positions[i];
      if (++place == plan.k_block) place = 0;
    }
  }

  /// The first `count`: those of the inner indices again and again, a step of the next index further.
  void list_terms(int64_t count) const {
    int64_t *pairs = scratch.terms, *positions = scratch.positions, done = 1;
    pairs[0] = positions[0] = 0;
    for (size_t d = plan.x.terms.size(); d-- > 0 && done < count;) {
      const SharedIndex& index = plan.x.terms[d];
      const int64_t inner = done, end = std::min(count, inner * index.extent);
      for (; done < end; ++done) {
        pairs[2 * done] = pairs[2 * (done - inner)] + index.first;
        positions[done] = positions[done - inner] + index.second;
      }
    }
  }

  void walk_terms(int64_t from, int64_t count) const {
    const SharedIndex& last = plan.x.terms.back();
    int64_t i = 0;
    for (Odometer term(plan.x.terms, from); i < count;) {
      const int64_t stretch = std::min(term.stretch(), count - i);
      for (int64_t k = 0; k < stretch; ++k, ++i) {
        scratch.positions[i] = term.second + k * last.second;
        scratch.terms[2 * i] = term.first + k * last.first;
      }
      term.step(stretch);
    }
  }

  void find_vectors(int64_t group) const {
    for (int64_t v = 0; v < plan.tile_vectors; ++v) {
      auto [first, columns] = columns_of(group * plan.tile_vectors + v);
      Odometer column(plan.x.columns, std::min(first, plan.n - 1));
      int64_t* entry = scratch.vectors + 3 * v;
      entry[0] = packs() ? v * plan.lanes : column.first;
      entry[1] = plan.scatters ? v * plan.lanes : column.second;
      entry[2] = columns;
      if (!plan.scatters && plan.mode != ColumnMode::Gather) continue;
      for (int64_t i = 0; i < columns; ++i, column.step()) {
        scratch.lanes[v * plan.lanes + i] = column.first;
        scratch.lanes[width() + v * plan.lanes + i] = column.second;
      }
    }
  }

  void tiles(const int64_t* table, int64_t terms, bool accumulate) const {
    auto address = [](const void* memory) { return reinterpret_cast<int64_t>(memory); };
    const int64_t p[] = {accumulate, address(scratch.rows), address(scratch.vectors), address(table), terms};
    const char* columns = packs() ? scratch.panel : b;
    char* results = plan.scatters ? scratch.results : c;
    int64_t m = 0;
    for (const RowTiles& tile : plan.tiles) {
      const int64_t end = m + tiled_rows(rows - m, tile.rows, tile.least);
      if (end > m) kernels[tile.kernel](a, columns, results, p, m, end, 0, plan.tile_vectors);
      m = end;
    }
  }

  /// Fills the panel with terms `from` to `to`, which lie at these positions in B.
  void pack(int64_t group, int64_t from, int64_t to, const int64_t* positions) const {
    const ContractionKernel kernel = kernels[plan.pack];
    for (int64_t v = 0; v < plan.tile_vectors; ++v) {
      auto [first, columns] = columns_of(group * plan.tile_vectors + v);
      char* panel = scratch.panel + v * plan.lanes * size();
      if (plan.mode == ColumnMode::Gather) {
        const int64_t p[] = {reinterpret_cast<int64_t>(positions), width(),
                             reinterpret_cast<int64_t>(scratch.lanes + v * plan.lanes)};
        if (columns > 0) kernel(b, nullptr, panel, p, 0, to - from, 0, columns);
        continue;
      }
      const int64_t stretch = plan.x.columns.back().extent;
      for (int64_t done = 0; done < columns;) {
        const int64_t count = std::min(columns - done, stretch - (first + done) % stretch);
        const char* here = b + Odometer(plan.x.columns, first + done).first * size();
        if (plan.mode == ColumnMode::Runs) {
          const int64_t p[] = {reinterpret_cast<int64_t>(positions), width()};
          kernel(here, nullptr, panel + done * size(), p, 0, to - from, 0, count);
        } else {
          transpose(here, panel + done * size(), from, to, count, positions);
        }
        done += count;
      }
    }
  }

  void transpose(const char* from, char* panel, int64_t k, int64_t end, int64_t columns,
                 const int64_t* positions) const {
    const int64_t stretch = plan.x.terms.back().extent, p[] = {plan.x.columns.back().first, width()};
    for (int64_t done = 0; k + done < end;) {
      const int64_t count = std::min(end - k - done, stretch - (k + done) % stretch);
      kernels[plan.pack](from + positions[done] * size(), nullptr, panel + done * width() * size(), p, 0,
                         count, 0, columns);
      done += count;
    }
  }

  void scatter() const {
    if (plan.dtype == DType::Float32)
      scatter_as<float>();
    else
      scatter_as<double>();
  }

  template <class T>
  void scatter_as() const {
    const T* from = reinterpret_cast<const T*>(scratch.results);
    T* to = reinterpret_cast<T*>(c);
    for (int64_t v = 0; v < plan.tile_vectors; ++v) {
      for (int64_t i = v * plan.lanes; i < v * plan.lanes + scratch.vectors[3 * v + 2]; ++i) {
        T* column = to + scratch.lanes[width() + i];
        for (int64_t m = 0; m < rows; ++m) column[scratch.row_results[m]] = from[m * width() + i];
      }
    }
  }

  /// Without terms C is 0.
  void clear(int64_t group0, int64_t group1) const {
    for (int64_t v = group0 * plan.tile_vectors; v < group1 * plan.tile_vectors; ++v) {
      auto [first, columns] = columns_of(v);
      Odometer column(plan.x.columns, std::min(first, plan.n - 1));
      for (int64_t i = 0; i < columns; ++i, column.step())
        for (int64_t m = 0; m < rows; ++m)
          std::memset(c + (column.second + scratch.row_results[m]) * size(), 0, static_cast<size_t>(size()));
    }
  }
};

}  // namespace

size_t indexed_scratch(const IndexedPlan& plan) { return Scratch(plan, nullptr).bytes; }

int64_t indexed_part(const IndexedPlan& plan, int64_t chunk) { return chunk % plan.parts; }

void run_indexed(const IndexedPlan& plan, const ContractionKernel* kernels, const void* a, const void* b,
                 void* c, void* scratch, int64_t chunk) {
  if (plan.swapped) std::swap(a, b);
  const int64_t part = chunk % plan.parts, row = chunk / plan.parts % plan.row_chunks;
  int64_t rest = chunk / plan.parts / plan.row_chunks;
  const int64_t group = rest % plan.group_chunks * plan.group_chunk, batch = rest / plan.group_chunks;
  const int64_t group_end = std::min(group + plan.group_chunk, plan.groups);
  const int64_t m0 = row * plan.row_chunk, m1 = std::min(m0 + plan.row_chunk, plan.m);
  const Scratch memory(plan, static_cast<char*>(scratch));
  Odometer line(plan.x.rows, m0);
  for (int64_t i = 0; i < m1 - m0; ++i, line.step()) {
    memory.rows[2 * i] = line.first;
    memory.row_results[i] = line.second;
    memory.rows[2 * i + 1] = plan.scatters ? i * plan.tile_vectors * plan.lanes : line.second;
  }
  const int64_t size = static_cast<int64_t>(size_of(plan.dtype));
  const int64_t last = std::min((batch + 1) * plan.batch_chunk, plan.batches);
  for (int64_t i = batch * plan.batch_chunk; i < last; ++i) {
    ChunkRunner runner{plan,
                       kernels,
                       static_cast<const char*>(a),
                       static_cast<const char*>(b),
                       static_cast<char*>(c),
                       memory,
                       m1 - m0,
                       part * plan.part_terms,
                       std::min((part + 1) * plan.part_terms, plan.k)};
    int64_t left = i;
    for (size_t d = plan.x.batch.size(); d-- > 0; left /= plan.x.batch[d].extent) {
      const BatchIndex& index = plan.x.batch[d];
      const int64_t position = left % index.extent * size;
      runner.a += position * index.a;
      runner.b += position * index.b;
      runner.c += position * index.c;
    }
    if (plan.k == 0)
      runner.clear(group, group_end);
    else
      runner.run(group, group_end);
  }
}

}  // namespace croton
