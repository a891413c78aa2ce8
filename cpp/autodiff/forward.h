// Forward-mode differentiation: derivatives are computed along with the values, and nothing is kept.
#pragma once

#include "graph/op_spec.h"

namespace croton {

/// How `outputs` change where `wrt` change by `tangents`, each of its variable's dtype and shape: the
/// products of their Jacobians with the tangents. Each is of its output's dtype and shape; an empty Var where
/// no differentiable path leads to it.
std::vector<Var> forward_derivatives(std::span<const Var> outputs, std::span<const Var> wrt,
                                     std::span<const Var> tangents);

/// The tangents of the results of a scan node from those of its inputs (empty where an input does not
/// change), by a loop over values and tangents.
std::vector<Var> scan_tangents(std::span<const Var> tangents, const Var& node);

}  // namespace croton
