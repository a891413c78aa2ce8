#include "codegen/contraction_family.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace croton {

namespace {

constexpr int64_t set_bytes = 4096;  ///< addresses so far apart share a set of the nearest cache
constexpr int64_t max_lanes = 16;

const char* offset(const void* base, int64_t elements, size_t size) {
  return static_cast<const char*>(base) + elements * static_cast<int64_t>(size);
}
char* offset(void* base, int64_t elements, size_t size) {
  return static_cast<char*>(base) + elements * static_cast<int64_t>(size);
}

/// The part of C that one chunk computes in one batch.
struct Part {
  int64_t m0, m1, n0, n1;
};

/// One chunk's work on one batch: operands at their batch, kernels, scratch.
struct PartRunner {
  const ContractionPlan& plan;
  const ContractionKernel* kernels;
  const char *a, *b;
  char *c, *scratch;
  size_t size;

  /// How many of these columns the kernel itself computes: a tail that is empty or would not pay is its own.
  int64_t main_columns(const RowTiles& tiles, int64_t columns) const {
    const ContractionSpec& spec = plan.kernels[tiles.kernel];
    if (tiles.tail < 0) return columns;
    int64_t rest = columns % spec.columns();
    bool whole = rest == 0 || (accepts_rest(spec) && rest > plan.kernels[tiles.tail].columns());
    return whole ? columns : columns - rest;
  }

  static bool accepts_rest(const ContractionSpec& spec) {
    return spec.masked || spec.form == ContractionForm::Dot;
  }

  /// C[m0:m1, n0:n1] by the kernels that fit, which see these indices.
  void columns(const char* a, const char* b, char* c, const int64_t* p, const Part& part) const {
    const int64_t rows = plan.row_block ? plan.row_block : part.m1 - part.m0;
    const int64_t width = plan.column_block ? plan.column_block : part.n1 - part.n0;
    for (int64_t m0 = part.m0; m0 < part.m1; m0 += rows) {
      for (int64_t n0 = part.n0; n0 < part.n1; n0 += width) {
        block(a, b, c, p, {m0, std::min(m0 + rows, part.m1), n0, std::min(n0 + width, part.n1)});
      }
    }
  }

  void block(const char* a, const char* b, char* c, const int64_t* p, const Part& part) const {
    int64_t m = part.m0;
    for (const RowTiles& tiles : plan.tiles) {
      int64_t end = m + tiled_rows(part.m1 - m, tiles.rows, tiles.least);
      if (end == m) continue;
      int64_t middle = part.n0 + main_columns(tiles, part.n1 - part.n0);
      if (part.n0 < middle) kernels[tiles.kernel](a, b, c, p, m, end, part.n0, middle);
      if (middle < part.n1) kernels[tiles.tail](a, b, c, p, m, end, middle, part.n1);
      m = end;
    }
  }

  /// Without terms C is 0, or what it was.
  void clear(const Part& part) const {
    if (plan.accumulate) return;
    for (int64_t m = part.m0; m < part.m1; ++m) {
      for (int64_t n = part.n0; n < part.n1; ++n) {
        std::memset(offset(c, m * plan.c_m + n * plan.c_n, size), 0, size);
      }
    }
  }

  void run(const Part& part) const {
    if (plan.tiles.empty()) return clear(part);
    if (plan.k_block == 0) return columns(a, b, c, plan.params.data(), part);
    if (!plan.transposes_c) return passes(part, offset(c, part.m0 * plan.params[3], size), plan.params[3]);
    char* results = scratch + plan.c_offset;
    const int64_t width = part.n1 - part.n0;
    passes(part, offset(results, -part.n0, size), width);
    if (plan.dtype == DType::Float32)
      transpose_results<float>(part, results, width);
    else
      transpose_results<double>(part, results, width);
  }

  /// Moves the results of a part, rows of `width`, to where C wants them.
  template <class T>
  void transpose_results(const Part& part, const char* results, int64_t width) const {
    const T* from = reinterpret_cast<const T*>(results);
    T* to = reinterpret_cast<T*>(c) + part.m0 * plan.c_m + part.n0 * plan.c_n;
    const int64_t rows = part.m1 - part.m0;
    for (int64_t n = 0; n < width; ++n) {
      for (int64_t m = 0; m < rows; ++m) {
        T& place = to[m * plan.c_m + n * plan.c_n];
        place = plan.accumulate ? place + from[m * width + n] : from[m * width + n];
      }
    }
  }

  /// One pass over C (rows c_m apart, from the part's first) for each block of terms, with the operands
  /// packed as the plan says.
  void passes(const Part& part, char* c_here, int64_t c_m) const {
    ContractionParams p = plan.params;
    const int64_t terms = p[4];
    for (int64_t k = 0; k == 0 || k < terms; k += plan.k_block) {
      p = plan.params;
      p[0] = (p[0] && !plan.transposes_c) || k > 0;
      p[3] = c_m;
      p[4] = std::min(plan.k_block, terms - k);
      const char* a_here = offset(a, k * p[5] + part.m0 * p[1], size);
      if (plan.pack_a == PackMode::Transpose) a_here = pack_a(a_here, part.m1 - part.m0, p);
      const char* b_here = offset(b, k * plan.params[6], size);
      Part rows = {0, part.m1 - part.m0, part.n0, part.n1};
      if (plan.pack_b == PackMode::None)
        columns(a_here, b_here, c_here, p.data(), rows);
      else if (plan.kernels[0].form == ContractionForm::Dot)
        dot_packed(a_here, b_here, c_here, p, rows);
      else
        panels(a_here, b_here, c_here, p, rows);
    }
  }

  /// to[k, n] = from[n, k] for k below `along` and n below `across`, with whole vectors written.
  void transpose(const char* from, int64_t from_stride, char* to, int64_t to_stride, int64_t along,
                 int64_t across) const {
    if (from_stride * static_cast<int64_t>(size) % set_bytes != 0) {
      int64_t strides[] = {from_stride, to_stride};
      kernels[plan.pack](from, nullptr, to, strides, 0, along, 0, across);
      return;
    }
    // Lines of so many rows meet in one set of the nearest cache, so rows are fetched one by one.
    const int64_t lanes = plan.kernels[plan.pack].lanes, stretch = 4096 / static_cast<int64_t>(size);
    alignas(64) char rows[max_lanes * (4096 + 64)];
    int64_t strides[] = {stretch + 64 / static_cast<int64_t>(size), to_stride};
    for (int64_t n = 0; n < across; n += lanes) {
      const int64_t count = std::min(lanes, across - n);
      for (int64_t k = 0; k < along; k += stretch) {
        const int64_t length = std::min(stretch, along - k);
        for (int64_t i = 0; i < count; ++i)
          std::memcpy(offset(rows, i * strides[0], size), offset(from, (n + i) * from_stride + k, size),
                      static_cast<size_t>(length) * size);
        kernels[plan.pack](rows, nullptr, offset(to, k * to_stride + n, size), strides, 0, length, 0, count);
      }
    }
  }

  /// Turns the rows of A from unit stride along m to unit stride along k.
  const char* pack_a(const char* from, int64_t rows, ContractionParams& p) const {
    transpose(from, p[5], scratch, plan.pack_a_ld, rows, p[4]);
    p[1] = plan.pack_a_ld;
    p[5] = 1;
    return scratch;
  }

  /// Dot needs B with unit stride along k: packs all columns of the part.
  void dot_packed(const char* a, const char* b, char* c, ContractionParams p, const Part& part) const {
    char* packed = scratch + plan.pack_b_offset;
    transpose(offset(b, part.n0, size), p[6], packed, plan.pack_a_ld, part.n1 - part.n0, p[4]);
    p[2] = plan.pack_a_ld;
    p[6] = 1;
    columns(a, packed, offset(c, part.n0, size), p.data(), {0, part.m1, 0, part.n1 - part.n0});
  }

  /// One panel of B at a time goes to scratch memory and meets all rows of the part.
  void panels(const char* a, const char* b, char* c, ContractionParams p, const Part& part) const {
    const int64_t width = plan.panel, b_k = p[6];
    char* packed = scratch + plan.pack_b_offset;
    for (int64_t n = part.n0; n < part.n1; n += width) {
      int64_t count = std::min(width, part.n1 - n);
      const char* from = offset(b, n * plan.b_n, size);
      Part here = {0, part.m1, 0, count};
      if (plan.pack_b == PackMode::Copy && count < width) {  // the last columns are read where they are
        p[6] = b_k;
        columns(a, from, offset(c, n, size), p.data(), here);
        continue;
      }
      pack_panel(packed, from, p[4], count, b_k, width);
      p[6] = width;
      columns(a, packed, offset(c, n, size), p.data(), here);
    }
  }

  void pack_panel(char* to, const char* from, int64_t terms, int64_t columns, int64_t b_k,
                  int64_t width) const {
    if (plan.pack_b == PackMode::Strided) {
      for (int64_t k = 0; k < terms; ++k) {
        for (int64_t n = 0; n < columns; ++n) {
          std::memcpy(offset(to, k * width + n, size), offset(from, k * b_k + n * plan.b_n, size), size);
        }
      }
      return;
    }
    if (plan.pack_b == PackMode::Copy) {
      const size_t bytes = static_cast<size_t>(width) * size;
      for (int64_t k = 0; k < terms; ++k) {
        std::memcpy(offset(to, k * width, size), offset(from, k * b_k, size), bytes);
      }
      return;
    }
    transpose(from, plan.b_n, to, width, terms, columns);
  }
};

}  // namespace

std::string ContractionSpec::key() const {
  static constexpr char forms[] = {'b', 'd', 't', 'i', 'r', 'g'};
  std::string key = dtype == DType::Float32 ? "contract_f32_" : "contract_f64_";
  key += forms[static_cast<int>(form)];
  for (int value : {lanes, rows, vectors, reduction_loops, spread}) key += '_' + std::to_string(value);
  return masked ? key + "_m" : key;
}

namespace {

/// The region of a chunk in the plan's own orientation.
ContractionRegion planned_region(const ContractionPlan& plan, int64_t chunk) {
  if (plan.chunks == 1) return {0, plan.batches, 0, plan.m, 0, plan.n};
  int64_t column = chunk % plan.column_chunks, rest = chunk / plan.column_chunks;
  int64_t row = rest % plan.row_chunks, batch = rest / plan.row_chunks * plan.chunk_batches;
  return {batch,
          std::min(plan.batches, batch + plan.chunk_batches),
          row * plan.chunk_rows,
          std::min(plan.m, (row + 1) * plan.chunk_rows),
          column * plan.chunk_columns,
          std::min(plan.n, (column + 1) * plan.chunk_columns)};
}

}  // namespace

ContractionRegion contraction_region(const ContractionPlan& plan, int64_t chunk) {
  ContractionRegion region = planned_region(plan, chunk);
  if (plan.swapped) {
    std::swap(region.m0, region.n0);
    std::swap(region.m1, region.n1);
  }
  return region;
}

void run_contraction(const ContractionPlan& plan, const ContractionKernel* kernels, const void* a,
                     const void* b, void* c, void* scratch, int64_t chunk) {
  if (plan.swapped) std::swap(a, b);
  PartRunner runner{plan,
                    kernels,
                    static_cast<const char*>(a),
                    static_cast<const char*>(b),
                    static_cast<char*>(c),
                    static_cast<char*>(scratch),
                    size_of(plan.dtype)};
  ContractionRegion region = planned_region(plan, chunk);
  Part part = {region.m0, region.m1, region.n0, region.n1};
  if (plan.batches == 1) return runner.run(part);
  for (int64_t i = region.batch0; i < region.batch1; ++i) {
    PartRunner here = runner;
    int64_t left = i;
    for (size_t d = plan.batch.size(); d-- > 0; left /= plan.batch[d].extent) {
      const BatchIndex& index = plan.batch[d];
      int64_t position = left % index.extent;
      here.a = offset(here.a, position * index.a, here.size);
      here.b = offset(here.b, position * index.b, here.size);
      here.c = offset(here.c, position * index.c, here.size);
    }
    here.run(part);
  }
}

}  // namespace croton
