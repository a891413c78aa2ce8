#include "rewrite/passes.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "graph/print.h"
#include "graph/verify.h"
#include "rewrite/rules.h"
#include "rewrite/stable_loops.h"

namespace croton {
namespace {

std::vector<std::string> split(std::string_view list) {
  std::vector<std::string> names;
  while (!list.empty()) {
    size_t comma = list.find(',');
    if (comma != 0) names.emplace_back(list.substr(0, comma));
    list = comma == list.npos ? std::string_view() : list.substr(comma + 1);
  }
  return names;
}

bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value && *value && std::string_view(value) != "0";
}

double now() {
  using namespace std::chrono;
  return duration<double, std::milli>(steady_clock::now().time_since_epoch()).count();
}

const RuleSet& stable_rules() {
  static const RuleSet rules(rules::join({rules::constants_in_range(), rules::stable(), rules::algebra(),
                                          rules::movement(), rules::reductions()}));
  return rules;
}

}  // namespace

PassOptions PassOptions::from_environment() {
  PassOptions options;
#ifndef NDEBUG
  options.verify = true;
#endif
  options.verify |= is_set("CROTON_VERIFY_PASSES");
  options.print = is_set("CROTON_PRINT_PASSES");
  if (const char* skip = std::getenv("CROTON_SKIP_PASSES")) options.skip = split(skip);
  return options;
}

bool PassRunner::skips(std::string_view name) const {
  return std::find(options_.skip.begin(), options_.skip.end(), name) != options_.skip.end();
}

std::vector<Var> PassRunner::run(std::string_view name, GraphPass pass, std::vector<Var> outputs) {
  if (skips(name)) return outputs;
  if (reports_.empty()) nodes_ = count_nodes(outputs);
  double start = now();
  std::vector<Var> result = pass(outputs);
  double milliseconds = now() - start;
  size_t after = count_nodes(result);
  reports_.push_back({name, milliseconds, nodes_, after});
  nodes_ = after;
  if (options_.print)
    std::fprintf(stderr, "---- %.*s: %.2f ms\n%s", static_cast<int>(name.size()), name.data(), milliseconds,
                 listing(result).c_str());
  if (options_.verify) {
    verify(result);
    verify_same_types(outputs, result);
  }
  return result;
}

std::vector<Var> canonicalize(std::vector<Var> outputs) {
  static const RuleSet rules(rules::join({rules::constants_in_range(), rules::algebra(), rules::movement(),
                                          rules::convolution_slices(), rules::reductions()}));
  return rewrite(std::move(outputs), rules);
}

std::vector<Var> stabilize(std::vector<Var> outputs) { return stabilize(std::move(outputs), {}); }

std::vector<Var> stabilize(std::vector<Var> outputs, std::span<const Var> fixed) {
  return stabilize_loops(rewrite(std::move(outputs), stable_rules(), fixed), fixed);
}

std::vector<Var> expand(std::vector<Var> outputs) {
  static const RuleSet rules(rules::composites());
  return rewrite(std::move(outputs), rules);
}

std::vector<Var> simplify(std::vector<Var> outputs) {
  static const RuleSet rules(rules::join({rules::constants(), rules::products(), rules::convolutions(),
                                          rules::algebra(), rules::movement(), rules::reductions()}));
  return rewrite(std::move(outputs), rules);
}

std::vector<Var> optimize(std::vector<Var> outputs, PassRunner& runner) {
  // First: the rules are about real numbers.
  outputs = runner.run("split_complex", split_complex, std::move(outputs));
  outputs = runner.run("canonicalize", canonicalize, std::move(outputs));
  // Before expansion: the rules look for whole softmaxes.
  outputs = runner.run("stabilize", stabilize, std::move(outputs));
  // Before expansion: gradients of what is broadcast are sums that steps need not take.
  outputs = runner.run("hoist", hoist, std::move(outputs));
  outputs = runner.run("expand", expand, std::move(outputs));
  return runner.run("simplify", simplify, std::move(outputs));
}

}  // namespace croton
