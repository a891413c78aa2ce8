#include "graph/verify.h"

#include "base/error.h"
#include "graph/broadcast.h"
#include "graph/op_spec.h"

namespace croton {
namespace {

[[noreturn]] void fail(const Node& node, const std::string& what) {
  throw InternalError("internal error: " + describe(Var(const_cast<Node*>(&node))) + ": " + what +
                      source_text(node.source));
}

// Whether `actual` says all that `required` says; it may know more sizes.
bool refines(const Type& actual, const Type& required) {
  if (actual.dtype != required.dtype || actual.rank() != required.rank()) return false;
  for (int axis = 0; axis < actual.rank(); ++axis)
    if (required.dims[axis] != unknown && actual.dims[axis] != required.dims[axis]) return false;
  return true;
}

void verify_operands(const Node& node) {
  std::vector<DType> dtypes;
  for (const Var& x : node.inputs) dtypes.push_back(x.dtype());
  if (node.op->signature && node.op->signature(dtypes).operands != dtypes)
    fail(node, "operands are not of the dtypes that " + std::string(node.op->name) + " computes in");
}

void verify_node(const Node& node) {
  for (const Var& x : node.inputs) {
    if (!x) fail(node, "an input is missing");
    if (x->id >= node.id) fail(node, "an input is younger than the node");
  }
  if (node.op->arity >= 0 && static_cast<size_t>(node.op->arity) != node.inputs.size())
    fail(node, "a wrong number of inputs");
  if (node.op->kind == OpKind::Leaf) return;
  if (node.op->kind == OpKind::Elementwise) verify_operands(node);
  Type inferred = infer_type(*node.op, node.inputs, node.attrs);
  if (!refines(node.type, inferred)) fail(node, "its op infers " + to_string(inferred));
  if (node.op->kind != OpKind::Size && node.shape.size() != node.type.dims.size())
    fail(node, "as many sizes as axes are required");
}

}  // namespace

void verify(std::span<const Var> outputs) {
  for (const Node* node : topological_order(outputs)) verify_node(*node);
}

void verify_same_types(std::span<const Var> before, std::span<const Var> after) {
  check_internal(before.size() == after.size(), "a pass changed the number of outputs");
  for (size_t i = 0; i < before.size(); ++i)
    if (!refines(after[i].type(), before[i].type()))
      fail(*after[i], "the output was of type " + to_string(before[i].type()));
}

}  // namespace croton
