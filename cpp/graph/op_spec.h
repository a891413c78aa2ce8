// One row per op: everything the rest of the engine knows about it.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "base/host_call.h"
#include "base/scalar_program.h"
#include "graph/node.h"

namespace croton {

enum class OpKind : uint8_t {
  Leaf,         // input, constant, shared variable
  Elementwise,  // a scalar program, broadcasting
  Part,         // the real or the imaginary parts of complex elements
  View,         // other indices of the same elements (transpose, slice, reshape, broadcast)
  Reduction,    // combines the elements along axes
  Contraction,  // sums of products over shared indices
  Index,        // an element is its own position (iota)
  Gather,       // elements at computed positions
  Scatter,      // elements added or stored at computed positions
  Concatenate,  // arrays side by side
  Size,         // the size of an axis
  Library,      // a host routine on whole arrays
  Output,       // another result of a Library node, which itself stands for the first
  Composite,    // stands for other ops: has a better gradient or a stable form, expanded when compiled
};

using Inputs = std::span<const Var>;
using Grads = std::vector<Var>;  // one for each input; an empty Var where no gradient flows

/// The types an elementwise op computes in: operands are cast to `operands`, the result is `result`.
struct Signature {
  std::vector<DType> operands;
  DType result;
};

/// Complex numbers as two expressions of reals; without `im` they are real.
struct ComplexParts {
  Var re, im;
};

/// Element type and sizes of one result of a Library op.
struct ResultSpec {
  DType dtype;
  std::vector<Var> sizes;  // int64 scalars
};
Type type_of(const ResultSpec& result);

struct OpSpec {
  std::string_view name;
  std::string_view doc;  // one sentence; `x`, `y`, `z` are the inputs
  OpKind kind = OpKind::Elementwise;
  int arity = 1;  // -1: any number

  // Elementwise rows: the dtype rule and the scalar program (on the compute types of the operands).
  Signature (*signature)(std::span<const DType> inputs) = nullptr;
  ScalarFunction scalar = nullptr;
  bool commutative = false;
  int cost = 1;  // about how many machine instructions an element takes
  /// On complex operands: the parts of the result, which may be a real number. Null: no complex operands.
  ComplexParts (*complex)(std::span<const ComplexParts> x) = nullptr;

  // Other rows: type and shape from inputs and attributes; throws for what does not fit.
  Type (*infer)(Inputs inputs, const Attrs& attrs) = nullptr;
  std::vector<Var> (*shape)(Inputs inputs, const Attrs& attrs, const Type& type) = nullptr;

  // Library rows: the results, and the routine that computes them for one item of a batch. The leading axes
  // of all inputs and results are the same batches; an item of the first input has `item_rank` axes, or all
  // that there are where this is negative.
  std::vector<ResultSpec> (*results)(Inputs inputs, const Attrs& attrs) = nullptr;
  HostRoutine routine = nullptr;
  int item_rank = 0;
  /// Where set, all items see the whole of the inputs from this one on, and one run of the routine takes
  /// several items.
  int whole_from = 0;
  bool batched = false;  // the routine computes `HostCall::items` items at once
  /// Pairs of sizes of the inputs that have to be equal.
  std::vector<std::pair<Var, Var>> (*equal_sizes)(Inputs inputs) = nullptr;
  /// As vjp, from the gradients of all results; empty Vars stand for those that nothing depends on.
  Grads (*results_vjp)(Inputs g, Inputs x, const Var& y) = nullptr;

  /// The gradient of each input from the gradient `g` of the output `y`. Elementwise rows may ignore
  /// broadcasting: the caller sums over broadcast axes. Null: no gradient (discrete results).
  Grads (*vjp)(const Var& g, Inputs x, const Var& y) = nullptr;
  /// Names of inputs by which it has no derivative (the order of a Bessel function), in their places. Asking
  /// for such a gradient is an error, not zero.
  std::array<std::string_view, 3> fixed = {};
  /// Whether `vjp` multiplies `g` by the derivative, also a complex one; false: it gives dC/dx + i dC/dy.
  bool holomorphic = true;
  /// Composite rows: the expression it stands for.
  Var (*expand)(Inputs inputs, const Attrs& attrs) = nullptr;
};

/// The type of `op` on `inputs` by its rule; of the first result, if there are several.
Type infer_type(const OpSpec& op, Inputs inputs, const Attrs& attrs);

/// Every op, leaves included, in a fixed order.
std::span<const OpSpec* const> op_table();
/// The row called `name`; throws InternalError if there is none.
const OpSpec& find_op(std::string_view name);

}  // namespace croton
