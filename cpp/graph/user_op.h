// Ops of the user's own: what a node of the row `user_op` carries.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/host_call.h"
#include "graph/node.h"

namespace croton {

struct UserOp {
  std::string name;
  const void* identity = nullptr;  ///< lives as long as this; with the same one, the same is computed
  size_t arity = 0;                ///< how many inputs are operands; the others are sizes of the results
  /// Fills the results that are wanted. Empty: result k is operand k.
  std::function<void(const Node& node, std::span<const HostArray> operands,
                     std::span<const HostArray> results)>
      run;
  /// The gradients by the operands from those of the results (empty where nothing depends on one). An empty
  /// Var where no gradient flows; see also null_gradient().
  std::function<std::vector<Var>(std::span<const Var> g, std::span<const Var> operands,
                                 std::span<const Var> results)>
      gradients;
  /// How the results change with the operands, from the changes of these (empty where one does not change).
  /// Empty: it follows from `gradients`.
  std::function<std::vector<Var>(std::span<const Var> changes, std::span<const Var> operands,
                                 std::span<const Var> results)>
      tangents;
};

}  // namespace croton
