// Contractions (matrix products and their relatives): what a kernel is built for, and how a product is cut
// into kernel calls. Nothing here knows how kernels are generated.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/dtype.h"

namespace croton {

/// What a generated kernel does with one tile.
enum class ContractionForm : uint8_t {
  Broadcast,  ///< rows x (vectors * lanes) results: one element of A times vectors of B along n
  Dot,        ///< rows x vectors results: vectors of A times vectors of B along k, then horizontal sums
  Transpose,  ///< packing: dst[k, n] = src[n, k], k contiguous in src, n contiguous in dst
  Indexed,    ///< as Broadcast, with rows, vectors of columns and terms at positions that tables hold
  Runs,       ///< packing: dst[k, n] = src[table[k] + n * step]; `vectors` is the step, 1 or 2
  Gather,     ///< packing: dst[k, n] = src[table[k] + lanes[n]]
};

/// All that changes the code of a kernel. Sizes and strides are run-time values. Products use only the few
/// specs of their dtype's family (see contraction_family).
struct ContractionSpec {
  DType dtype = DType::Float32;  ///< Float32 or Float64
  ContractionForm form = ContractionForm::Broadcast;
  int lanes = 16;           ///< elements of one vector, a power of two
  int rows = 8;             ///< rows of C in a tile
  int vectors = 2;          ///< Broadcast: vectors across a tile; Dot: columns of C in a tile
  bool masked = false;      ///< Broadcast: a tile may reach beyond n1
  int reduction_loops = 1;  ///< nested reduction indices
  int spread = 1;           ///< Indexed: distance of neighbouring columns in C, 1 or 2

  /// Columns of C in a tile.
  int64_t columns() const { return form == ContractionForm::Dot ? vectors : int64_t{vectors} * lanes; }
  /// Equal keys mean equal code.
  std::string key() const;
  bool operator==(const ContractionSpec&) const = default;
};

/// The parameters of a kernel, in elements. Broadcast and Dot:
/// {accumulate, a_m, b_n, c_m, then (extent, a_k, b_k) for each reduction index, outermost first}.
/// b_n is read by Dot only; Dot needs unit a_k and b_k in the innermost index. Extents are at least 1.
/// Transpose: {stride of n in src, stride of k in dst}.
/// Indexed: {accumulate, addresses of the tables of rows {a, c}, of vectors {b, c, elements} and of terms
/// {a, b}, number of terms}. Runs and Gather: {address of the table of terms, stride of k in dst, for Gather
/// address of the lanes}. Tables are of int64.
inline constexpr int max_reduction_loops = 4;
using ContractionParams = std::array<int64_t, 4 + 3 * max_reduction_loops>;

/// Rows m0 <= m < m1 and columns n0 <= n < n1 of C = A B (or C += A B); c has unit stride in n. There are
/// whole tiles of columns unless the kernel is Dot or masked.
/// Transpose reads `a` and writes `c`, with k in [m0, m1), in whole vectors, so `c` needs room for k and n
/// rounded up to a multiple of the lanes. Runs and Gather write at most one vector of columns for each k.
/// Indexed counts n in vectors, of which there is a multiple of a tile's.
using ContractionKernel = void (*)(const void* a, const void* b, void* c, const int64_t* p, int64_t m0,
                                   int64_t m1, int64_t n0, int64_t n1);

/// One reduction index: how far it runs and what a step means in A and B.
struct ReductionIndex {
  int64_t extent, a, b;
};
/// One leading index that A, B and C share, or that some repeat (stride 0).
struct BatchIndex {
  int64_t extent, a, b, c;
};

/// A product with all sizes known: c[batch, m, n] = sum over k of a[batch, m, k] * b[batch, k, n].
/// Strides are in elements. `c` must be contiguous along n or along m.
struct ContractionProblem {
  DType dtype = DType::Float32;
  int64_t m = 0, n = 0;
  int64_t a_m = 0, b_n = 0, c_m = 0, c_n = 1;
  std::vector<ReductionIndex> reduction;  ///< outermost first; none means one term
  std::vector<BatchIndex> batch;
  bool accumulate = false;
};

/// What the tile choice has to know of the processor.
struct VectorMachine {
  int vector_bits = 256;
  int registers = 16;
};

/// The kernels that compute tiles of some number of rows: `kernel` the columns it suits, `tail` the last
/// ones.
struct RowTiles {
  int rows = 0, kernel = -1, tail = -1;
  int least = 0;  ///< so many rows that are left are worth a tile of their own
};

/// How a chunk prepares an operand in its scratch memory.
enum class PackMode : uint8_t { None, Copy, Transpose, Strided };

/// A product cut into chunks that may run in any order on any threads. The cut depends on sizes only, and
/// every element is computed by one chunk in a fixed order, so results do not depend on the number of
/// threads.
struct ContractionPlan {
  std::vector<ContractionSpec> kernels;  ///< kernels to build, in the order that run_contraction expects
  int64_t chunks = 0;
  size_t scratch_bytes = 0;  ///< scratch memory for each chunk that runs at a time, 64-byte aligned

  // The rest is for run_contraction.
  DType dtype = DType::Float32;
  bool swapped = false;         ///< computes the transpose: A and B change places
  std::vector<RowTiles> tiles;  ///< as many rows as possible go to the first, the rest to the next
  int pack = -1;                ///< the kernel that transposes
  int64_t m = 0, n = 0;
  int64_t chunk_rows = 0, chunk_columns = 0, chunk_batches = 1;
  int64_t row_chunks = 1, column_chunks = 1, batches = 1;
  int64_t k_block = 0;       ///< terms per pass over C; 0: all at once
  int64_t row_block = 0;     ///< rows between passes over the columns of a chunk; 0: all at once
  int64_t column_block = 0;  ///< columns that meet all rows before the next ones; 0: all at once
  PackMode pack_a = PackMode::None, pack_b = PackMode::None;
  int64_t panel = 0;          ///< columns of B that are packed at a time
  int64_t pack_a_ld = 0;      ///< elements from row to row of packed A, and of packed B in the Dot form
  size_t pack_b_offset = 0;   ///< where packed B starts in the scratch memory
  bool transposes_c = false;  ///< results pass through scratch memory, at c_offset
  bool accumulate = false;
  size_t c_offset = 0;
  int64_t b_n = 1, c_m = 0, c_n = 1;  ///< strides as they came
  ContractionParams params{};
  std::vector<BatchIndex> batch;
};

/// What of C one chunk computes, in the rows and columns of the problem as it was given: for elementwise
/// steps that follow while the results are in cache. Batches count over all leading indices, the last one
/// fastest.
struct ContractionRegion {
  int64_t batch0, batch1, m0, m1, n0, n1;
};

/// All kernels that plans may use for products of `dtype` with so many reduction indices, whatever the sizes
/// and strides. `vector`: C is a vector in all of them (m is 1, or n is 1 and c_m is 1).
std::vector<ContractionSpec> contraction_family(DType dtype, const VectorMachine& machine, bool vector,
                                                int reduction_loops = 1);

/// Chooses form, packing and chunks.
ContractionPlan plan_contraction(const ContractionProblem& problem, const VectorMachine& machine);

/// The part of C that chunk `chunk` computes.
ContractionRegion contraction_region(const ContractionPlan& plan, int64_t chunk);

/// Computes chunk `chunk` (0 <= chunk < plan.chunks). `kernels` are those of plan.kernels.
void run_contraction(const ContractionPlan& plan, const ContractionKernel* kernels, const void* a,
                     const void* b, void* c, void* scratch, int64_t chunk);

}  // namespace croton
