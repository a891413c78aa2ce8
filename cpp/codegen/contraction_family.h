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
};

/// The tiles of a form, those of most rows first; the last have one row.
std::vector<TileSpecs> contraction_tiles(DType dtype, ContractionForm form, const VectorMachine& machine,
                                         int reduction_loops);

/// The kernel that packs with a transposition.
ContractionSpec transpose_spec(DType dtype, const VectorMachine& machine);
/// The kernel that packs panels of as many columns as a Broadcast tile of most rows has.
ContractionSpec copy_spec(DType dtype, const VectorMachine& machine);

}  // namespace croton
