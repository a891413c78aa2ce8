// Gradients, and functions compiled from expressions.
#pragma once

#include <concepts>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/array.h"
#include "graph/node.h"

namespace croton {

class Function;

/// The gradients of the scalar `cost`, each of its variable's dtype and shape. Throws ValueError for a cost
/// with axes and for a variable that it does not depend on, TypeError for a cost that is not a float.
std::vector<Var> grad(const Var& cost, const std::vector<Var>& wrt);
/// The gradient with respect to one variable.
Var grad(const Var& cost, const Var& wrt);

/// The next value of a shared variable.
struct Assignment {
  Var target;
  Var value;
};

/// A compiled function: cheap to copy, callable from several threads at once. It is compiled for all sizes;
/// new sizes cost a plan (microseconds).
class Compiled {
 public:
  explicit Compiled(std::shared_ptr<Function> function) : function_(std::move(function)) {}

  /// The outputs for these arguments, of exactly the inputs' dtypes. Throws TypeError (number, dtype or rank
  /// of arguments), ValueError (sizes that do not fit), IndexError, MemoryError; shared variables then keep
  /// their values.
  std::vector<Array> call(std::span<const Array> arguments) const;
  template <std::same_as<Array>... Arrays>
  std::vector<Array> operator()(const Arrays&... arguments) const {
    const Array list[sizeof...(arguments) + 1] = {arguments...};
    return call({list, sizeof...(arguments)});
  }

  /// What was compiled: passes, kernels, plans.
  const Function& function() const { return *function_; }

 private:
  std::shared_ptr<Function> function_;
};

/// Compiles the computation of `outputs` and `updates` from `inputs`. All updates take their values from
/// before the call. Throws ValueError for an input that is missing, repeated or no input, and TypeError for
/// an update that would change its variable's rank or lose precision.
Compiled function(std::vector<Var> inputs, std::vector<Var> outputs, std::vector<Assignment> updates = {},
                  std::string name = "function");

}  // namespace croton
