#include <unordered_map>

#include "base/error.h"
#include "graph/leaves.h"
#include "ops/core_rows.h"
#include "ops/ifelse.h"
#include "ops/rows.h"
#include "ops/scan.h"
#include "ops/user_op.h"

namespace croton {
namespace {

std::vector<const OpSpec*> all_rows() {
  std::vector<const OpSpec*> table = {&input_op,
                                      &constant_op,
                                      &shared_op,
                                      &null_gradient_op,
                                      &dim_op,
                                      &broadcast_size_op,
                                      &cast_op,
                                      &copy_op,
                                      &dimshuffle_op,
                                      &broadcast_op,
                                      &reshape_op,
                                      &slice_op,
                                      &windows_op,
                                      &set_slice_op,
                                      &concatenate_op,
                                      &iota_op,
                                      &take_op,
                                      &scatter_op,
                                      &sum_op,
                                      &prod_op,
                                      &max_op,
                                      &min_op,
                                      &matmul_op,
                                      &sum_to_op,
                                      &softmax_op,
                                      &log_softmax_op,
                                      &logsumexp_op,
                                      &stop_gradient_op,
                                      &output_op,
                                      &scan_op,
                                      &ifelse_op,
                                      &lazy_ifelse_op,
                                      &user_op,
                                      &gradient_of_op,
                                      &real_op,
                                      &imag_op,
                                      &complex_op,
                                      &grad_clip_op,
                                      &undefined_grad_op,
                                      &correlate_op,
                                      &correlate_transposed_op,
                                      &max_pool_op};
  for (const OpSpec* row : rows::elementwise()) table.push_back(row);
  for (const OpSpec* row : rows::library()) table.push_back(row);
  return table;
}

}  // namespace

std::span<const OpSpec* const> op_table() {
  static const std::vector<const OpSpec*> table = all_rows();
  return table;
}

const OpSpec& find_op(std::string_view name) {
  static const auto index = [] {
    std::unordered_map<std::string_view, const OpSpec*> map;
    for (const OpSpec* row : op_table()) map.emplace(row->name, row);
    return map;
  }();
  auto it = index.find(name);
  if (it == index.end()) throw InternalError("no op is called '" + std::string(name) + "'");
  return *it->second;
}

}  // namespace croton
