// Host routines on batches: leading axes of all their operands are batches already.
#include "graph/leaves.h"
#include "ops/functions.h"
#include "ops/vectorize_rules.h"

namespace croton::batching {
namespace {

// Right sides of systems that share a matrix are more columns of one system.
Values solve_rule(const Call& c) {
  const size_t last = c.x.size() - 1;
  std::vector<Var> inputs;
  for (size_t k = 0; k < last; ++k) {
    if (c.batched(k)) return all_batched(c);
    inputs.push_back(c.x[k].var);
  }
  const Var& b = c.x[last].var;
  const int column = c.rank(last) - 1;
  inputs.push_back(merged(moved(b, 0, column), column));
  Var columns = split(c.remade(std::move(inputs)), column, c.size, dim(b, column + 1));
  return items(moved(columns, column, 0));
}

Values searchsorted_rule(const Call& c) {
  if (c.batched(0)) return all_batched(c);
  const Var& values = c.x[1].var;
  return items(split(c.remade({c.x[0].var, merged(values, 0)}), 0, c.size, dim(values, 1)));
}

Values nonzero_rule(const Call& c) {
  c.refuse("as many positions for all items",
           "use where() with a mask, or take positions of what is not batched");
}

// An observer sees the values of all items at once.
Values observe_rule(const Call& c) {
  std::vector<Var> inputs;
  for (const Value& value : c.x) inputs.push_back(value.var);
  return {{c.remade(std::move(inputs)), false}};
}

}  // namespace

Values all_batched(const Call& c) {
  std::vector<Var> inputs;
  for (size_t k = 0; k < c.x.size(); ++k) inputs.push_back(c.each(k));
  Var first = c.remade(std::move(inputs));
  Values results = items(first);
  for (size_t k = 1; k < first->op->results(first->inputs, first->attrs).size(); ++k)
    results.push_back({output(first, static_cast<int>(k)), true});
  return results;
}

Rules library_rules() {
  return {{"solve", solve_rule},
          {"solve_triangular", solve_rule},
          {"searchsorted", searchsorted_rule},
          {"nonzero", nonzero_rule},
          {"observe", observe_rule}};
}

}  // namespace croton::batching
