// NumPy's broadcasting, for types and for symbolic shapes.
#pragma once

#include "graph/op_spec.h"

namespace croton {

/// The type of an elementwise `op` on operands of the dtypes its scalar program takes. Throws ValueError,
/// naming operands and shapes, where two known sizes differ and neither is 1.
Type broadcast_type(const OpSpec& op, Inputs inputs, const Attrs& attrs);
/// Its sizes.
std::vector<Var> broadcast_shape(Inputs inputs, const Type& type);
/// Axis of `x` that meets axis `axis` of a result of rank `rank`, or -1 if `x` has too few.
inline int aligned_axis(const Var& x, int axis, int rank) { return axis - (rank - x.rank()); }
/// "name" or a short expression, with its type: how error messages call a variable.
std::string describe(const Var& x);
/// Throws TypeError for a complex dtype, which `op` cannot compute with.
void require_real(std::string_view op, DType dtype);
/// " (file:line)" of the place where the user wrote `x`, or nothing.
std::string source_text(const Source& source);

}  // namespace croton
