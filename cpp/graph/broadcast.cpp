#include "graph/broadcast.h"

#include "base/error.h"
#include "graph/leaves.h"
#include "graph/print.h"

namespace croton {
namespace {

[[noreturn]] void mismatch(const OpSpec& op, Inputs inputs, int axis, int64_t a, int64_t b) {
  std::string text(op.name);
  text += ": required shapes that broadcast together, given ";
  for (size_t i = 0; i < inputs.size(); ++i) text += (i ? " and " : "") + describe(inputs[i]);
  text += "; axis " + std::to_string(axis) + " has sizes " + std::to_string(a) + " and " + std::to_string(b);
  throw ValueError(text + source_text(SourceScope::current()));
}

}  // namespace

std::string describe(const Var& x) { return short_text(x) + " of type " + to_string(x.type()); }

void require_real(std::string_view op, DType dtype) {
  if (is_complex(dtype))
    throw TypeError(std::string(op) + ": required a real dtype, given " + std::string(name(dtype)) +
                    source_text(SourceScope::current()));
}

std::string source_text(const Source& source) {
  if (!source.file) return "";
  return std::string(" (") + source.file + ":" + std::to_string(source.line) + ")";
}

Type broadcast_type(const OpSpec& op, Inputs inputs, const Attrs& attrs) {
  std::vector<DType> dtypes;
  int rank = 0;
  for (const Var& x : inputs) {
    dtypes.push_back(x.dtype());
    rank = std::max(rank, x.rank());
  }
  DType result = op.infer ? op.infer(inputs, attrs).dtype : op.signature(dtypes).result;
  Type type{result, std::vector<int64_t>(rank, 1)};
  for (int axis = 0; axis < rank; ++axis) {
    int64_t& size = type.dims[axis];
    for (const Var& x : inputs) {
      int k = aligned_axis(x, axis, rank);
      int64_t d = k < 0 ? 1 : x.type().dims[k];
      if (d == 1 || d == size) continue;
      if (size == 1 || size == unknown)
        size = d;
      else if (d != unknown)
        mismatch(op, inputs, axis, size, d);
    }
  }
  return type;
}

std::vector<Var> broadcast_shape(Inputs inputs, const Type& type) {
  int rank = type.rank();
  std::vector<Var> shape(rank);
  for (int axis = 0; axis < rank; ++axis) {
    if (type.dims[axis] != unknown) continue;
    for (const Var& x : inputs) {
      int k = aligned_axis(x, axis, rank);
      if (k < 0 || x.type().dims[k] == 1) continue;
      Var size = dim(x, k);
      shape[axis] = shape[axis] ? broadcast_size(shape[axis], size) : size;
    }
  }
  return shape;
}

}  // namespace croton
