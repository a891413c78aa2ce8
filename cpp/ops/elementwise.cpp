#include "ops/rows.h"

namespace croton::rows {

std::vector<const OpSpec*> elementwise() {
  std::vector<const OpSpec*> all;
  for (auto rows : {arithmetic(), exponential(), trigonometric(), special(), incomplete(), bessel(),
                    integrals(), rounding(), comparison(), bitwise(), random()})
    for (const OpSpec& row : rows) all.push_back(&row);
  return all;
}

}  // namespace croton::rows
