#include "graph/closure.h"

#include "graph/op_spec.h"
#include "graph/substitute.h"

namespace croton {
namespace {

bool is_size(const Node& node) {
  if (node.type.rank() != 0 || node.type.dtype != DType::Int64) return false;
  bool computed = node.op->kind == OpKind::Elementwise && node.op->scalar && !node.inputs.empty();
  return node.op->kind == OpKind::Size || computed;
}

}  // namespace

void Closure::bind(const Var& x) {
  varying.insert(x.get());
  inside[x.get()] = x;
}

Var Closure::capture(const Var& x) {
  Var bound = make_input(x.type(), x->name);
  operands.push_back(x);
  inputs.push_back(bound);
  return bound;
}

Var Closure::visit(const Var& x) {
  if (auto known = inside.find(x.get()); known != inside.end()) return known->second;
  if (is_constant(x)) return x;
  const OpKind kind = x->op->kind;
  bool shows = opens_views && (kind == OpKind::View || kind == OpKind::Index);
  bool opened = varying.count(x.get()) || is_size(*x) || shows;
  if (!opened) return inside[x.get()] = capture(x);
  std::vector<Var> inputs;
  for (const Var& input : x->inputs) inputs.push_back(visit(input));
  SourceScope scope(x->source);
  return inside[x.get()] = remake(*x, std::move(inputs));
}

std::vector<Var> Closure::close(std::span<const Var> outputs) {
  for (Node* node : topological_order(outputs))  // inputs first, so that visits are shallow
    if (varying.count(node)) visit(Var(node));
  std::vector<Var> closed;
  for (const Var& output : outputs) closed.push_back(visit(output));
  return closed;
}

}  // namespace croton
