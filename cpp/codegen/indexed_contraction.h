// Contractions whose rows, columns and terms each run over several indices, as those of convolutions do.
// Tables of positions, made as they are needed, tell the kernels where operands lie: nothing is copied but
// panels of B for one tile at a time, and only where its columns are not contiguous.
#pragma once

#include "codegen/contraction.h"

namespace croton {

/// More indices of a kind than this are an error.
inline constexpr int max_shared_indices = 12;

/// One index that two of the three operands share: how far it runs, what a step means in the first and in the
/// second of them.
struct SharedIndex {
  int64_t extent, first, second;
};

/// c[batch, rows, columns] = sum over terms of a[batch, rows, terms] * b[batch, terms, columns], with all
/// strides in elements. Of several indices the last runs fastest.
struct IndexedProblem {
  DType dtype = DType::Float32;
  std::vector<SharedIndex> rows;     ///< of a and c
  std::vector<SharedIndex> columns;  ///< of b and c
  std::vector<SharedIndex> terms;    ///< of a and b
  std::vector<BatchIndex> batch;
  bool spreads = false;  ///< there are kernels for a distance of 2 between columns of C
  bool divides = true;   ///< the terms may be summed in parts, each of which gives a result of its own
};

/// Where a tile finds its columns of B.
enum class ColumnMode : uint8_t {
  InPlace,    ///< each vector is contiguous in B
  Runs,       ///< packed from stretches at steps of 1 or 2 along the columns
  Transpose,  ///< packed from stretches along the terms
  Gather,     ///< packed element by element
};

/// A contraction cut into chunks as a ContractionPlan is. Columns are counted in vectors, which end where a
/// run of contiguous columns of C ends.
struct IndexedPlan {
  std::vector<ContractionSpec> kernels;
  int64_t chunks = 0;
  size_t scratch_bytes = 0;
  int64_t parts = 1;  ///< sums over so many stretches of the terms, which the caller adds up

  // The rest is for run_indexed.
  DType dtype = DType::Float32;
  bool swapped = false;
  ColumnMode mode = ColumnMode::InPlace;
  bool scatters = false;  ///< results pass through scratch memory
  std::vector<RowTiles> tiles;
  int pack = -1;
  int lanes = 1;
  IndexedProblem x;
  int64_t m = 0, n = 0, k = 0, batches = 1;
  int64_t run = 0;  ///< columns in a run
  int tile_vectors = 2;
  int64_t groups = 0;  ///< of so many vectors as a tile spans
  int64_t row_chunk = 0, group_chunk = 0, batch_chunk = 1, part_terms = 0;
  int64_t row_chunks = 1, group_chunks = 1, batch_chunks = 1;
  int64_t k_block = 0;      ///< terms per pass over C
  int64_t table_terms = 0;  ///< whose positions are found at a time, in whole blocks
};

/// All kernels that plans may use for `dtype`. `spreads`: neighbours of C may be 2 apart.
std::vector<ContractionSpec> indexed_family(DType dtype, const VectorMachine& machine, bool spreads);

IndexedPlan plan_indexed(const IndexedProblem& problem, const VectorMachine& machine);

/// Bytes of scratch memory that a chunk of such a plan takes.
size_t indexed_scratch(const IndexedPlan& plan);

/// Which of the parts chunk `chunk` belongs to.
int64_t indexed_part(const IndexedPlan& plan, int64_t chunk);

/// Computes chunk `chunk` (0 <= chunk < plan.chunks); `c` is the memory of its part.
void run_indexed(const IndexedPlan& plan, const ContractionKernel* kernels, const void* a, const void* b,
                 void* c, void* scratch, int64_t chunk);

}  // namespace croton
