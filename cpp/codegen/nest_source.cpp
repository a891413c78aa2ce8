#include "codegen/nest_source.h"

#include <bit>
#include <unordered_map>

#include "ops/core_rows.h"

namespace croton {
namespace {

// Constants that stay in the code, where they make it shorter.
bool is_simple(const Step& step) {
  if (!is_floating(step.dtype) || compute_type(step.dtype) != step.dtype) return true;
  double value = step.dtype == DType::Float64 ? std::bit_cast<double>(step.bits)
                                              : std::bit_cast<float>(static_cast<uint32_t>(step.bits));
  return value == 0 || value == 1 || value == -1 || value == 2 || value == 0.5;
}

struct Builder {
  NestSource source;
  std::unordered_map<uint64_t, std::vector<int>> by_hash;

  int parameter(const Size& size) {
    for (int k : by_hash[size.hash()])
      if (source.sizes[k] == size) return k;
    source.sizes.push_back(size);
    int k = static_cast<int>(source.sizes.size()) - 1;
    by_hash[size.hash()].push_back(k);
    return k;
  }

  void put(int64_t value) { source.key.append(reinterpret_cast<const char*>(&value), sizeof value); }
  void put(std::string_view text) {
    put(static_cast<int64_t>(text.size()));
    source.key += text;
  }

  void put(const StrideCode& code) {
    put(code.kind == StrideCode::Parameter ? code.parameter + 2 : code.kind);
  }

  StrideCode stride(const Size& size, bool vectorised) {
    if (size.is(0)) return {StrideCode::Zero, -1};
    if (vectorised && size.is(1)) return {StrideCode::One, -1};
    return {StrideCode::Parameter, parameter(size)};
  }

  void accesses(const LoopNest& nest) {
    for (const Access& access : nest.accesses) {
      std::vector<StrideCode> codes;
      for (size_t d = 0; d < access.strides.size(); ++d)
        codes.push_back(stride(access.strides[d], d + 1 == access.strides.size()));
      bool index = access.buffer == no_buffer;
      source.offsets.push_back(index ? parameter(access.offset) : -1);
      put(static_cast<int64_t>(access.dtype) << 8 | (index ? 2 : 0) | (access.written ? 1 : 0));
      put(source.offsets.back());
      for (const StrideCode& code : codes) put(code);
      source.strides.push_back(std::move(codes));
    }
  }

  void step(const Step& step) {
    put(static_cast<int64_t>(step.kind) << 16 | static_cast<int64_t>(step.dtype) << 8 | (step.part + 1) << 1 |
        (step.op ? 1 : 0));
    put(static_cast<int64_t>(step.args.size()));
    if (step.op) put(step.op->name);
    put(step.access);
    for (int arg : step.args) put(arg);
    int size = -1;
    StrideCode stride{StrideCode::Zero, -1};
    if (step.kind == StepKind::Parameter) size = parameter(step.size);
    if (step.kind == StepKind::Gather || step.kind == StepKind::Scatter || step.kind == StepKind::Check) {
      size = parameter(step.size);
      stride = this->stride(step.stride, true);
    }
    if (step.kind == StepKind::Constant) {
      if (is_simple(step)) {
        put(static_cast<int64_t>(step.bits));
      } else {
        source.constants.push_back(step.bits);
        size = static_cast<int>(source.constants.size()) - 1;
      }
    }
    put(size);
    put(stride);
    source.step_parameter.push_back(size);
    source.step_stride.push_back(stride);
  }

  void list(const std::vector<int>& ids) {
    put(static_cast<int64_t>(ids.size()));
    for (int id : ids) put(id);
  }
};

}  // namespace

NestSource make_source(const LoopNest& nest) {
  Builder builder{{.nest = &nest}, {}};
  builder.put(nest.row_dims << 1 | nest.serial);
  for (const Size& extent : nest.extents) {
    builder.source.extents.push_back(builder.parameter(extent));
    builder.put(builder.source.extents.back());
  }
  builder.accesses(nest);
  for (const Step& step : nest.steps) builder.step(step);
  builder.list(nest.invariant);
  for (const LoopPass& pass : nest.passes) {
    builder.list(pass.row);
    builder.list(pass.inner);
  }
  NestSource& source = builder.source;
  for (size_t i = 0; i < nest.steps.size(); ++i)
    if (nest.steps[i].kind == StepKind::Constant && source.step_parameter[i] >= 0)
      source.step_parameter[i] += static_cast<int>(source.sizes.size());
  builder.put(source.parameter_count());
  return std::move(builder.source);
}

}  // namespace croton
