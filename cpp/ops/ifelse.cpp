#include "ops/ifelse.h"

#include "base/error.h"
#include "graph/broadcast.h"
#include "graph/leaves.h"
#include "graph/substitute.h"
#include "ops/functions.h"

namespace croton {
namespace {

[[noreturn]] void fail(const std::string& text) {
  throw TypeError("ifelse: " + text + source_text(SourceScope::current()));
}

// What the branch of `condition` is a size of, where that is known.
Var chosen_size(const Var& condition, const Var& size, bool holds) {
  bool chosen = size->op->name == "where" && same(size->inputs[0], condition);
  return chosen ? size->inputs[holds ? 1 : 2] : size;
}

std::vector<Var> choose_sizes(const Var& condition, const std::vector<Var>& a, const std::vector<Var>& b) {
  std::vector<Var> sizes;
  for (size_t axis = 0; axis < a.size(); ++axis) {
    Var first = chosen_size(condition, a[axis], true), second = chosen_size(condition, b[axis], false);
    sizes.push_back(same(first, second) ? first : where(condition, first, second));
  }
  return sizes;
}

std::vector<ResultSpec> ifelse_results(Inputs x, const Attrs&) {
  std::vector<ResultSpec> results;
  const size_t count = x.size() / 2;
  for (size_t k = 1; k <= count; ++k)
    results.push_back({x[k].dtype(), choose_sizes(x[0], shape_of(x[k]), shape_of(x[k + count]))});
  return results;
}

std::vector<ResultSpec> lazy_results(Inputs x, const Attrs& attrs) {
  const Body& body = *attrs.body;
  Replacements outside;
  for (size_t k = 0; k < body.inputs.size(); ++k) outside.emplace(body.inputs[k].get(), x[k + 1]);
  std::vector<ResultSpec> results;
  const size_t count = body.outputs.size() / 2;
  for (size_t k = 0; k < count; ++k) {
    const Var &a = body.outputs[k], &b = body.outputs[k + count];
    results.push_back(
        {a.dtype(), choose_sizes(x[0], substitute(shape_of(a), outside), substitute(shape_of(b), outside))});
  }
  return results;
}

}  // namespace

const OpSpec ifelse_op{.name = "ifelse",
                       .doc = "The values of one of two branches, by a condition.",
                       .kind = OpKind::Library,
                       .arity = -1,
                       .results = ifelse_results};

const OpSpec lazy_ifelse_op{.name = "lazy_ifelse",
                            .doc = "The values of one of two branches, of which only that one runs.",
                            .kind = OpKind::Library,
                            .arity = -1,
                            .results = lazy_results};

std::vector<Var> ifelse(const Var& condition, std::span<const Var> then_values,
                        std::span<const Var> else_values) {
  if (condition.rank() != 0 || !is_bool(condition.dtype()))
    fail("required a bool scalar as the condition, given " + describe(condition));
  if (then_values.size() != else_values.size() || then_values.empty())
    fail("required as many values of both branches, given " + std::to_string(then_values.size()) + " and " +
         std::to_string(else_values.size()));
  for (size_t k = 0; k < then_values.size(); ++k) {
    const Var &a = then_values[k], &b = else_values[k];
    if (a.dtype() != b.dtype() || a.rank() != b.rank())
      fail("required both branches to have the same dtype and number of axes, given " + describe(a) +
           " and " + describe(b) + "; astype or dimshuffle makes them agree");
  }
  std::vector<Var> inputs = {condition};
  inputs.insert(inputs.end(), then_values.begin(), then_values.end());
  inputs.insert(inputs.end(), else_values.begin(), else_values.end());
  Var node = make_node(ifelse_op, std::move(inputs));
  std::vector<Var> results;
  for (size_t k = 0; k < then_values.size(); ++k) results.push_back(output(node, static_cast<int>(k)));
  return results;
}

}  // namespace croton
