#include "schedule/size_table.h"

#include "base/error.h"
#include "graph/broadcast.h"
#include "graph/leaves.h"
#include "graph/scalar_io.h"
#include "ops/core_rows.h"
#include "ops/host.h"

namespace croton {
namespace {

// Integers and truth values computed from sizes are sizes, too: they are evaluated while planning.
bool is_size_op(const OpSpec& op) { return op.kind == OpKind::Elementwise && op.scalar; }

}  // namespace

std::vector<Var> planned_scalars(const Node& node) {
  std::vector<Var> scalars = node.shape;
  if (node.op == &slice_op) scalars.push_back(node.inputs[1]);
  if (node.op == &set_slice_op) scalars.push_back(node.inputs[2]);
  for (size_t i = 0; i < node.inputs.size(); ++i)
    if (is_size_input(node, i)) scalars.push_back(node.inputs[i]);
  if (node.op == &broadcast_size_op) scalars.insert(scalars.end(), node.inputs.begin(), node.inputs.end());
  if (node.op->equal_sizes)
    for (auto& [a, b] : node.op->equal_sizes(node.inputs)) scalars.insert(scalars.end(), {a, b});
  return scalars;
}

bool has_strides(const Node& x) { return x.op == &input_op && x.attrs.ints.size() > 1; }

SizeTable::SizeTable(std::span<Node* const> order, std::span<Node* const> written) {
  for (std::span<Node* const> nodes : {written, order})
    for (Node* node : nodes)
      for (const Var& size : planned_scalars(*node)) find_leaves(size.get());
  for (Node* node : written) meet(node);
  for (Node* node : order) meet(node);
}

// Scalar arguments that sizes are made of; other integer scalars are data and never part of a plan.
void SizeTable::find_leaves(const Node* node) {
  if (node->type.rank() != 0 || !visited_.insert(node).second) return;
  if (node->op == &input_op) size_arguments_.insert(node);
  for (const Var& input : node->inputs) find_leaves(input.get());
}

Size SizeTable::new_atom(Atom atom) {
  for (size_t id = 0; id < atoms_.size(); ++id) {
    const Atom& other = atoms_[id];
    bool same_op = atom.op && other.op && atom.op->op == other.op->op && atom.args == other.args;
    bool same_leaf =
        atom.leaf && atom.leaf == other.leaf && atom.axis == other.axis && atom.stride == other.stride;
    if (same_op || same_leaf) return Size::atom(static_cast<int32_t>(id));
  }
  atoms_.push_back(std::move(atom));
  canonical_.push_back(Size::atom(static_cast<int32_t>(atoms_.size() - 1)));
  return canonical_.back();
}

Size SizeTable::canonical(const Size& size) {
  return size.substitute([this](int32_t id) -> const Size& {
    if (canonical_[id].single_atom() != id) canonical_[id] = canonical(Size(canonical_[id]));
    return canonical_[id];
  });
}

std::optional<Size> SizeTable::compute(const Node* node) {
  const OpSpec* op = node->op;
  if (node->type.rank() != 0 || !is_discrete(node->type.dtype)) return {};
  if (op == &constant_op)
    return Size(static_cast<int64_t>(load_scalar(node->type.dtype, node->attrs.value->data.get())));
  if (op == &input_op && size_arguments_.count(node)) return new_atom({.leaf = node});
  if (node->inputs.empty()) return {};
  if (op == &dim_op)
    return new_atom({.leaf = node->inputs[0].get(), .axis = static_cast<int>(node->attrs.ints[0])});
  std::vector<Size> args;
  for (const Var& input : node->inputs) {
    std::optional<Size> arg = find_raw(input);
    if (!arg) return {};
    args.push_back(*arg);
  }
  if (op == &cast_op && is_integer(node->type.dtype) && args.size() == 1) return args[0];
  if (op == &broadcast_size_op) return args[0].is(1) ? args[1] : args[0];
  if (node->type.dtype == DType::Int64) {
    if (op->name == "add") return args[0] + args[1];
    if (op->name == "sub") return args[0] - args[1];
    if (op->name == "mul") return args[0] * args[1];
    if (op->name == "square") return args[0] * args[0];
    if (op->name == "neg") return Size(0) - args[0];
  }
  if (is_size_op(*op)) return new_atom({.op = node, .args = std::move(args)});
  return {};
}

std::optional<Size> SizeTable::find_raw(const Var& scalar) {
  auto it = known_.find(scalar.get());
  if (it != known_.end()) return it->second;
  kept_.push_back(scalar);
  std::optional<Size> size = compute(scalar.get());
  known_[scalar.get()] = size;
  return size;
}

std::optional<Size> SizeTable::find(const Var& scalar) {
  std::optional<Size> size = find_raw(scalar);
  if (size) size = canonical(*size);
  return size;
}

// The same, with sizes of both branches of an ifelse as equal where the condition is data: inside of loops
// and branches, they have to be.
std::optional<Size> SizeTable::find_with_branches(const Var& scalar) {
  if (std::optional<Size> size = find_raw(scalar)) return size;
  const Node* node = scalar.get();
  if (node->type.rank() != 0 || node->inputs.empty()) return {};
  const bool chooses = node->op->name == "where" && !find_raw(node->inputs[0]);
  std::vector<Size> sizes;
  for (const Var& input : std::span(node->inputs).subspan(chooses)) {
    std::optional<Size> size = find_with_branches(input);
    if (!size) return {};
    sizes.push_back(*size);
  }
  if (chooses) require_equal(sizes[0], sizes[1], node, -1);
  return known_[node] = chooses ? sizes[0] : compute(node);
}

Size SizeTable::raw(const Var& scalar) {
  std::optional<Size> size = find_with_branches(scalar);
  if (!size)
    throw NotImplemented("size: required an expression of shapes and integer arguments, given " +
                         describe(scalar) +
                         "; a step of a loop and a branch take no sizes that depend on data, as gradients of "
                         "while_loop and of loops with until do inside them" +
                         source_text(scalar->source));
  return *size;
}

Size SizeTable::of(const Var& scalar) { return canonical(raw(scalar)); }

std::vector<Size> SizeTable::dims(const Var& x) {
  std::vector<Size> sizes;
  for (int axis = 0; axis < x.rank(); ++axis) sizes.push_back(of(dim(x, axis)));
  return sizes;
}

std::vector<Size> SizeTable::strides(Node* x) {
  std::vector<Size> sizes = dims(x), strides = dense_strides(sizes);
  if (!has_strides(*x)) return strides;
  Size dense = 1;
  for (int axis = x->type.rank() - 1; axis >= 0; --axis) {
    int64_t code = x->attrs.ints[axis + 1];
    strides[axis] = code == dense_stride ? dense
                    : code == any_stride ? new_atom({.leaf = x, .axis = axis, .stride = true})
                                         : Size(code);
    dense = strides[axis] * sizes[axis];
  }
  return strides;
}

void SizeTable::require_equal(const Size& a, const Size& b, const Node* node, int axis) {
  if (a == b) return;
  checks_.push_back({a, b, node, axis});
  Size x = canonical(a), y = canonical(b);
  if (x == y) return;
  if (x.single_atom() < 0) std::swap(x, y);
  int32_t id = x.single_atom();
  // Two composite sizes are equal in value, but cannot stand for each other.
  if (id >= 0 && !atoms_[id].op && !y.contains(id)) canonical_[id] = y;
}

void SizeTable::meet_elementwise(Node* node) {
  int rank = node->type.rank();
  for (int axis = 0; axis < rank; ++axis) {
    Var first;
    for (const Var& x : node->inputs) {
      int k = aligned_axis(x, axis, rank);
      if (k < 0 || x.type().dims[k] == 1) continue;
      Var size = dim(x, k);
      if (!first)
        first = size;
      else if (!same(first, size))
        require_equal(raw(first), raw(size), node, axis);
    }
  }
}

void SizeTable::meet_broadcast(Node* node) {
  const Var& x = node->inputs[0];
  for (int axis = 0; axis < node->type.rank(); ++axis) {
    int k = aligned_axis(x, axis, node->type.rank());
    if (k >= 0 && x.type().dims[k] != 1) require_equal(raw(dim(x, k)), raw(node->shape[axis]), node, axis);
  }
}

void SizeTable::meet_reshape(Node* node) {
  std::vector<Size> from, to;
  for (const Var& size : shape_of(node->inputs[0])) from.push_back(raw(size));
  for (const Var& size : node->shape) to.push_back(raw(size));
  require_equal(product(from), product(to), node, -1);
}

void SizeTable::meet_dimshuffle(Node* node) {
  const Var& x = node->inputs[0];
  std::vector<bool> used(x.rank());
  for (int64_t axis : node->attrs.ints)
    if (axis >= 0) used[axis] = true;
  for (int axis = 0; axis < x.rank(); ++axis)
    if (!used[axis] && x.type().dims[axis] != 1) require_equal(raw(dim(x, axis)), 1, node, axis);
}

void SizeTable::meet_matmul(Node* node) {
  const Var &a = node->inputs[0], &b = node->inputs[1];
  require_equal(raw(dim(a, a.rank() - 1)), raw(dim(b, b.rank() - 2)), node, -1);
  int rank = node->type.rank();
  for (int axis = 0; axis < rank - 2; ++axis) {
    int i = aligned_axis(a, axis, rank), j = aligned_axis(b, axis, rank);
    if (i < 0 || j < 0 || a.type().dims[i] == 1 || b.type().dims[j] == 1) continue;
    require_equal(raw(dim(a, i)), raw(dim(b, j)), node, axis);
  }
}

void SizeTable::meet_concatenate(Node* node) {
  const Var& first = node->inputs[0];
  for (const Var& part : node->inputs)
    for (int axis = 0; axis < first.rank(); ++axis)
      if (axis != node->attrs.ints[0] && !same(dim(part, axis), dim(first, axis)))
        require_equal(raw(dim(first, axis)), raw(dim(part, axis)), node, axis);
}

void SizeTable::meet_set_slice(Node* node) {
  for (int axis = 0; axis < node->type.rank(); ++axis)
    if (axis != node->attrs.ints[0])
      require_equal(raw(dim(node->inputs[0], axis)), raw(dim(node->inputs[1], axis)), node, axis);
}

// The values have the axes of the index in place of the one they are put along.
void SizeTable::meet_scatter(Node* node) {
  const Var &x = node->inputs[0], &values = node->inputs[1], &index = node->inputs[2];
  int first = static_cast<int>(node->attrs.ints[0]), count = index.rank();
  for (int axis = 0; axis < values.rank(); ++axis) {
    bool along = axis >= first && axis < first + count;
    Var other = along ? dim(index, axis - first) : dim(x, axis < first ? axis : axis - count + 1);
    require_equal(raw(dim(values, axis)), raw(other), node, axis);
  }
}

// Where a gradient is as large as what it belongs to, nothing was broadcast.
void SizeTable::meet_sum_to(Node* node) {
  for (int axis = 0; axis < node->type.rank(); ++axis)
    if (!is_filled_with(node->inputs[axis + 1], 1))
      require_equal(raw(dim(node->inputs[0], axis)), raw(node->inputs[axis + 1]), node, axis);
}

// Records the sizes that an operation needs to be equal.
void SizeTable::meet(Node* node) {
  const OpSpec* op = node->op;
  if (op->equal_sizes)
    for (const auto& [a, b] : op->equal_sizes(node->inputs)) require_equal(raw(a), raw(b), node, -1);
  else if (op->kind == OpKind::Elementwise)
    meet_elementwise(node);
  else if (op == &broadcast_op)
    meet_broadcast(node);
  else if (op == &reshape_op)
    meet_reshape(node);
  else if (op == &dimshuffle_op)
    meet_dimshuffle(node);
  else if (op == &matmul_op)
    meet_matmul(node);
  else if (op == &concatenate_op)
    meet_concatenate(node);
  else if (op == &sum_to_op)
    meet_sum_to(node);
  else if (op == &set_slice_op)
    meet_set_slice(node);
  else if (op == &scatter_op)
    meet_scatter(node);
}

}  // namespace croton
