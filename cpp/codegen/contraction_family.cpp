#include "codegen/contraction_family.h"

#include <algorithm>

namespace croton {

namespace {

int full_lanes(DType dtype, const VectorMachine& machine) {
  return machine.vector_bits / 8 / static_cast<int>(size_of(dtype));
}

/// 512-bit vectors come with masks that cost nothing: there one kernel takes whole tiles and the rest.
bool masks_are_free(const VectorMachine& machine) { return machine.vector_bits >= 512; }

constexpr int panel_vectors = 2;

}  // namespace

std::vector<TileSpecs> contraction_tiles(DType dtype, ContractionForm form, const VectorMachine& machine,
                                         int reduction_loops) {
  auto spec = [&](int rows, int vectors, bool masked) {
    return ContractionSpec{dtype, form, full_lanes(dtype, machine), rows, vectors, masked, reduction_loops};
  };
  const bool many = machine.registers >= 32;
  if (form == ContractionForm::Dot) {
    TileSpecs main{spec(4, many ? 4 : 2, false), {}};
    if (many) main.tail = spec(4, 2, false);
    return {main, {spec(1, 8, false), {}}};
  }
  if (masks_are_free(machine))
    return {{spec(8, panel_vectors, true), spec(8, 1, true)}, {spec(4, 2, true), {}}, {spec(1, 4, true), {}}};
  const int rows = many ? 8 : 6;
  return {{spec(rows, panel_vectors, false), spec(rows, 1, true)},
          {spec(2, 4, false), spec(2, 1, true)},
          {spec(1, 4, false), spec(1, 1, true)}};
}

ContractionSpec transpose_spec(DType dtype, const VectorMachine& machine) {
  return {dtype, ContractionForm::Transpose, std::min(full_lanes(dtype, machine), 8), 0, 0, false, 1};
}

ContractionSpec copy_spec(DType dtype, const VectorMachine& machine) {
  return {dtype, ContractionForm::Copy, full_lanes(dtype, machine), 0, panel_vectors, false, 1};
}

std::vector<ContractionSpec> contraction_family(DType dtype, const VectorMachine& machine, bool vector,
                                                int reduction_loops) {
  std::vector<ContractionSpec> family;
  for (ContractionForm form : {ContractionForm::Broadcast, ContractionForm::Dot}) {
    for (const TileSpecs& tile : contraction_tiles(dtype, form, machine, reduction_loops)) {
      if (vector && tile.kernel.rows > 1) continue;
      family.push_back(tile.kernel);
      if (tile.tail) family.push_back(*tile.tail);
    }
  }
  family.push_back(transpose_spec(dtype, machine));
  if (!vector) family.push_back(copy_spec(dtype, machine));
  return family;
}

}  // namespace croton
