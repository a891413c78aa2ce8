#include "ops/vectorize_rules.h"

#include "base/error.h"
#include "graph/broadcast.h"
#include "ops/functions.h"

namespace croton::batching {

Var repeated(const Var& x, const Var& size) {
  std::vector<Var> sizes = shape_of(x);
  sizes.insert(sizes.begin(), size);
  return broadcast_to(x, std::move(sizes));
}

Var moved(const Var& x, int from, int to) {
  std::vector<int64_t> pattern;
  for (int axis = 0; axis < x.rank(); ++axis)
    if (axis != from) pattern.push_back(axis);
  pattern.insert(pattern.begin() + to, from);
  return dimshuffle(x, std::move(pattern));
}

Var merged(const Var& x, int axis) {
  std::vector<Var> sizes = shape_of(x);
  sizes[axis] = sizes[axis] * sizes[axis + 1];
  sizes.erase(sizes.begin() + axis + 1);
  return reshape(x, std::move(sizes));
}

Var split(const Var& x, int axis, const Var& first, const Var& second) {
  std::vector<Var> sizes = shape_of(x);
  sizes[axis] = second;
  sizes.insert(sizes.begin() + axis, first);
  return reshape(x, std::move(sizes));
}

Var Call::each(size_t k) const { return x[k].batched ? x[k].var : repeated(x[k].var, size); }

Var Call::aligned(size_t k, int rank) const {
  if (!x[k].batched) return x[k].var;
  std::vector<int64_t> axes;
  for (int axis = x[k].var.rank(); axis <= rank; ++axis) axes.push_back(axis - x[k].var.rank() + 1);
  return expand_dims(x[k].var, std::move(axes));
}

Var Call::common(size_t k) const {
  if (!x[k].batched) return x[k].var;
  refuse("the same " + describe(node.inputs[k]) + " for all items",
         "compute it from what is not batched, or the items one by one with scan");
}

std::vector<Var> Call::sizes(size_t first) const {
  std::vector<Var> all = {size};
  for (size_t k = first; k < x.size(); ++k) all.push_back(common(k));
  return all;
}

Var Call::remade(std::vector<Var> inputs) const { return remade(std::move(inputs), node.attrs.ints); }

Var Call::remade(std::vector<Var> inputs, std::vector<int64_t> ints) const {
  Attrs attrs = node.attrs;
  attrs.ints = std::move(ints);
  return make_node(*node.op, std::move(inputs), std::move(attrs));
}

void Call::refuse(const std::string& required, const std::string& remedy) const {
  throw NotImplemented("vectorize: " + std::string(node.op->name) + " required " + required +
                       ", given a batch of different ones; " + remedy + source_text(node.source));
}

}  // namespace croton::batching
