// The leaves of expressions: inputs, constants and shared variables.
#pragma once

#include <string>

#include "base/array.h"
#include "graph/node.h"

namespace croton {

/// An input of a function. `dims` gives its axes: a size, or `unknown` where each call may bring its own.
Var tensor(std::string name, DType dtype, std::vector<int64_t> dims);
/// Inputs of 0, 1 and 2 axes of unknown sizes.
Var scalar(std::string name, DType dtype = DType::Float64);
Var vector(std::string name, DType dtype = DType::Float64);
Var matrix(std::string name, DType dtype = DType::Float64);

/// A constant without axes.
Var constant(double value, DType dtype = DType::Float64);
/// A constant with a copy of the array's elements.
Var constant(const Array& value);

/// A value that lives between calls: functions read it, and replace it by their updates.
class Shared {
 public:
  /// Starts with a copy of `value`, which gives the type; sizes may change later.
  Shared(const Array& value, std::string name);

  /// It in an expression.
  const Var& variable() const { return variable_; }
  operator const Var&() const { return variable_; }
  /// A copy of the value. Waits for a call that updates.
  Array get() const;
  /// Replaces the value by a copy of `value`. Throws TypeError unless dtype and rank stay.
  void set(const Array& value);

 private:
  Var variable_;
};

}  // namespace croton
