#include "schedule/loop_nest.h"

#include <algorithm>

namespace croton {
namespace {

const char* kind_name(StepKind kind) {
  switch (kind) {
    case StepKind::Constant: return "constant";
    case StepKind::Parameter: return "size";
    case StepKind::Index: return "index";
    case StepKind::Load: return "load";
    case StepKind::Store: return "store";
    case StepKind::Apply: return "";
    case StepKind::Reduce: return "reduce ";
    case StepKind::Accumulate: return "accumulate ";
    case StepKind::Gather: return "gather";
    case StepKind::Scatter: return "scatter";
    case StepKind::Check: return "check";
  }
  return "";
}

void append_steps(const LoopNest& nest, const std::vector<int>& ids, const char* indent, std::string& out) {
  for (int id : ids) {
    const Step& step = nest.steps[id];
    out += std::string(indent) + "%" + std::to_string(id) + " = " + kind_name(step.kind);
    if (step.op) out += step.op->name;
    for (int arg : step.args) out += " %" + std::to_string(arg);
    if (step.kind == StepKind::Parameter) out += " " + step.size.text();
    if (step.access >= 0) {
      const Access& access = nest.accesses[step.access];
      out += " b" + std::to_string(access.buffer) + "[";
      for (const Size& stride : access.strides) out += stride.text() + " ";
      out += "+ " + access.offset.text() + "]";
      if (step.part >= 0) out += step.part ? ".imag" : ".real";
    }
    out += " : " + std::string(name(step.dtype)) + "\n";
  }
}

}  // namespace

bool LoopNest::has(StepKind kind) const {
  return std::any_of(steps.begin(), steps.end(), [&](const Step& step) { return step.kind == kind; });
}

bool LoopNest::scatters_rows() const {
  return std::none_of(passes.begin(), passes.end(), [&](const LoopPass& pass) {
    return std::any_of(pass.inner.begin(), pass.inner.end(), [&](int id) {
      const std::vector<int>& args = steps[id].args;
      return steps[id].kind == StepKind::Scatter &&
             std::find(pass.inner.begin(), pass.inner.end(), args[0]) != pass.inner.end();
    });
  });
}

std::string text(const LoopNest& nest) {
  std::string out = "nest (";
  for (size_t d = 0; d < nest.extents.size(); ++d) {
    if (static_cast<int>(d) == nest.row_dims) out += "| ";
    out += nest.extents[d].text() + " ";
  }
  out += ")\n";
  append_steps(nest, nest.invariant, "  ", out);
  for (const LoopPass& pass : nest.passes) {
    append_steps(nest, pass.row, "    ", out);
    append_steps(nest, pass.inner, "      ", out);
  }
  return out;
}

bool computes(const Step& step) {
  return step.op || step.kind == StepKind::Gather || step.kind == StepKind::Scatter;
}

namespace {

std::string_view op_name(const Step& step) {
  if (step.kind == StepKind::Gather) return "take";
  return step.kind == StepKind::Scatter ? "scatter" : step.op->name;
}

}  // namespace

std::vector<std::string> op_names(const LoopNest& nest) {
  std::vector<std::string> names;
  for (const Step& step : nest.steps)
    if (computes(step)) names.emplace_back(op_name(step));
  if (names.empty()) names.emplace_back("copy");
  return names;
}

}  // namespace croton
