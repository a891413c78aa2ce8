#include <map>
#include <mutex>

#include "codegen/backend.h"
#include "ops/core_rows.h"

namespace croton {
namespace {

ScalarProgram record_cast(DType from, DType to) {
  ScalarBuilder builder;
  Value x = builder.argument(from);
  return builder.finish(convert(x, to));
}

}  // namespace

const ScalarProgram& scalar_program(const OpSpec& op, std::span<const DType> operands, DType to) {
  static std::mutex mutex;
  static auto* programs = new std::map<std::pair<const OpSpec*, std::vector<DType>>, ScalarProgram>;
  std::vector<DType> types;
  for (DType type : operands) types.push_back(compute_type(type));
  std::vector<DType> key = types;
  key.push_back(compute_type(to));
  std::lock_guard lock(mutex);
  auto it = programs->find({&op, key});
  if (it == programs->end()) {
    ScalarProgram program = &op == &cast_op ? record_cast(types[0], key.back()) : record(op.scalar, types);
    it = programs->emplace(std::pair{&op, key}, std::move(program)).first;
  }
  return it->second;
}

}  // namespace croton
