#include "ops/core_rows.h"
#include "ops/functions.h"

namespace croton {

// A primitive because no scalar program of one signature covers every pair of types.
const OpSpec cast_op{
    .name = "cast",
    .doc = "The elements of x as another dtype; floats to integers truncate and saturate.",
    .infer = [](Inputs x,
                const Attrs& attrs) { return Type{static_cast<DType>(attrs.ints[0]), x[0].type().dims}; },
    .vjp = [](const Var& g, Inputs x, const Var&) -> Grads {
      if (!is_inexact(x[0].dtype())) return {Var()};
      return {cast(is_complex(x[0].dtype()) ? g : real(g), x[0].dtype())};
    }};

const OpSpec copy_op{
    .name = "copy",
    .doc = "x in memory of its own; made by the schedule where a view has to become an array.",
    .scalar = [](Args x) { return x[0]; },
    .infer = [](Inputs x, const Attrs&) { return x[0].type(); },
    .vjp = [](const Var& g, Inputs, const Var&) -> Grads { return {g}; }};

}  // namespace croton
