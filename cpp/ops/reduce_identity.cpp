#include "ops/reduce_identity.h"

#include <cstring>
#include <limits>

#include "graph/scalar_io.h"
#include "ops/core_rows.h"

namespace croton {
namespace {

uint64_t integer_extreme(DType dtype, bool largest) {
  if (is_bool(dtype)) return largest;
  uint64_t width = 8 * size_of(dtype), all = width == 64 ? ~uint64_t{0} : (uint64_t{1} << width) - 1;
  if (is_unsigned(dtype)) return largest ? all : 0;
  return largest ? all >> 1 : (all >> 1) + 1;
}

}  // namespace

uint64_t identity_bits(const OpSpec& op, DType dtype) {
  uint64_t bits = 0;
  bool extreme = &op == &max_op || &op == &min_op;
  if (extreme && is_discrete(dtype)) return integer_extreme(dtype, &op == &min_op);
  double infinity = std::numeric_limits<double>::infinity();
  double start = &op == &max_op ? -infinity : &op == &min_op ? infinity : &op == &prod_op ? 1 : 0;
  store_scalar(dtype, start, &bits);
  return bits;
}

}  // namespace croton
