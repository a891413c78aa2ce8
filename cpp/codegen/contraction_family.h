// The small family of kernels that all products of a dtype are made of.
#pragma once

#include <optional>
#include <vector>

#include "codegen/contraction.h"

namespace croton {

/// Kernels for tiles of so many rows.
struct TileSpecs {
  ContractionSpec kernel;
  std::optional<ContractionSpec> tail;  ///< narrower, for columns that are left
  int least;                            ///< so many rows that are left are worth a tile of their own
};

/// The tiles of a form, those of most rows first; the last have one row.
std::vector<TileSpecs> contraction_tiles(DType dtype, ContractionForm form, const VectorMachine& machine,
                                         int reduction_loops);

/// How many of `rows` go to tiles of `tile` rows, of which `least` are worth one.
inline int64_t tiled_rows(int64_t rows, int64_t tile, int64_t least) {
  return rows % tile >= least ? rows : rows - rows % tile;
}

/// The kernel that packs with a transposition.
ContractionSpec transpose_spec(DType dtype, const VectorMachine& machine);
/// Columns of the panels in which B is packed: those of a Broadcast tile of most rows.
int64_t panel_columns(DType dtype, const VectorMachine& machine);

}  // namespace croton
