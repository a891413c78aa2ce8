#include "rewrite/stable_gradient.h"

#include "rewrite/passes.h"

namespace croton {

std::vector<Var> stable_gradient(std::vector<KnownGradient> seeds, std::span<const Var> wrt,
                                 std::span<const Var> constants) {
  std::vector<Var> outputs, fixed(wrt.begin(), wrt.end());
  fixed.insert(fixed.end(), constants.begin(), constants.end());
  for (const KnownGradient& seed : seeds) outputs.push_back(seed.of);
  // With several seeds, one may lie inside the expression of another: all stay recognisable.
  if (seeds.size() > 1) fixed.insert(fixed.end(), outputs.begin(), outputs.end());
  outputs = stabilize(std::move(outputs), fixed);
  for (size_t i = 0; i < seeds.size(); ++i) seeds[i].of = outputs[i];
  return gradient(seeds, wrt, constants);
}

std::vector<Var> stable_forward_derivatives(std::vector<Var> outputs, std::span<const Var> wrt,
                                            std::span<const Var> tangents) {
  return forward_derivatives(stabilize(std::move(outputs), {wrt.begin(), wrt.end()}), wrt, tangents);
}

}  // namespace croton
