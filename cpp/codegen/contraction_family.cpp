#include "codegen/contraction_family.h"

#include <algorithm>

namespace croton {

namespace {

int full_lanes(DType dtype, const VectorMachine& machine) {
  return machine.vector_bits / 8 / static_cast<int>(size_of(dtype));
}

/// 512-bit vectors come with masks in registers of their own.
bool masks_are_cheap(const VectorMachine& machine) { return machine.vector_bits >= 512; }

constexpr int panel_vectors = 2;

}  // namespace

std::vector<TileSpecs> contraction_tiles(DType dtype, ContractionForm form, const VectorMachine& machine,
                                         int reduction_loops) {
  const bool many = machine.registers >= 32, cheap = masks_are_cheap(machine);
  auto spec = [&](int rows, int vectors, bool masked) {
    return ContractionSpec{dtype, form, full_lanes(dtype, machine), rows, vectors, masked, reduction_loops};
  };
  if (form == ContractionForm::Dot) {
    if (many) return {{spec(4, 5, false), spec(4, 3, false), 2}, {spec(1, 8, false), {}, 1}};
    return {{spec(4, 2, false), {}, 2}, {spec(1, 8, false), {}, 1}};
  }
  const TileSpecs single = {spec(1, 8, false), spec(1, cheap ? 4 : 1, true), 1};
  if (!many)
    return {{spec(6, 2, false), spec(6, 1, true), 3}, {spec(2, 4, false), spec(6, 1, true), 2}, single};
  return {
      {spec(8, panel_vectors, false), spec(8, 1, true), 6}, {spec(4, 4, false), spec(8, 1, true), 3}, single};
}

ContractionSpec transpose_spec(DType dtype, const VectorMachine& machine) {
  return {dtype, ContractionForm::Transpose, std::min(full_lanes(dtype, machine), 8), 0, 0, false, 1};
}

int64_t panel_columns(DType dtype, const VectorMachine& machine) {
  return int64_t{panel_vectors} * full_lanes(dtype, machine);
}

std::vector<ContractionSpec> contraction_family(DType dtype, const VectorMachine& machine, bool vector,
                                                int reduction_loops) {
  std::vector<ContractionSpec> family;
  auto add = [&](const ContractionSpec& spec) {
    if (std::find(family.begin(), family.end(), spec) == family.end()) family.push_back(spec);
  };
  for (ContractionForm form : {ContractionForm::Broadcast, ContractionForm::Dot}) {
    for (const TileSpecs& tile : contraction_tiles(dtype, form, machine, reduction_loops)) {
      if (vector && tile.kernel.rows > 1) continue;
      add(tile.kernel);
      if (tile.tail) add(*tile.tail);
    }
  }
  add(transpose_spec(dtype, machine));
  return family;
}

}  // namespace croton
