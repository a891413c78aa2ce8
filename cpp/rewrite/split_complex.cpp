#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "graph/body.h"
#include "graph/leaves.h"
#include "ops/complex_math.h"
#include "ops/core_rows.h"
#include "ops/functions.h"
#include "ops/interpret.h"
#include "ops/linalg.h"
#include "rewrite/passes.h"

namespace croton {
namespace {

bool any_complex(std::span<const Var> outputs);

// Also inside a loop.
bool has_complex(const Node& node) {
  if (node.attrs.body && any_complex(node.attrs.body->outputs)) return true;
  return is_complex(node.type.dtype) || std::any_of(node.inputs.begin(), node.inputs.end(),
                                                    [](const Var& x) { return is_complex(x.dtype()); });
}

bool any_complex(std::span<const Var> outputs) {
  std::vector<Node*> order = topological_order(outputs);
  return std::any_of(order.begin(), order.end(), [](const Node* node) { return has_complex(*node); });
}

// Puts elements of its first inputs in other places, whatever they are.
bool moves(const Node& node) {
  switch (node.op->kind) {
    case OpKind::View:
    case OpKind::Gather:
    case OpKind::Concatenate: return true;
    case OpKind::Scatter:
      return node.op == &set_slice_op || node.attrs.ints[1] == static_cast<int64_t>(ScatterMode::Set);
    default: return false;
  }
}

// The axes last and as one, behind a 1: the last of their running products.
Var product_along(const Var& x, const std::vector<int64_t>& axes) {
  std::vector<int64_t> order;
  std::vector<Var> sizes;
  for (int axis = 0; axis < x.rank(); ++axis)
    if (std::find(axes.begin(), axes.end(), axis) == axes.end()) {
      order.push_back(axis);
      sizes.push_back(dim(x, axis));
    }
  Var count = make_int(1);
  for (int64_t axis : axes) {
    order.push_back(axis);
    count = count * dim(x, static_cast<int>(axis));
  }
  int last = static_cast<int>(sizes.size());
  sizes.push_back(make_int(1));
  Var one = full(sizes, make_scalar(x.dtype(), 1));
  sizes[last] = count;
  Var all = concatenate({one, reshape(transpose(x, order), sizes)}, last);
  return squeeze(slice(apply_all("cumprod", {all})[0], last, count, make_int(1), 1), {last});
}

// Computed in the midst of a nest, where an element is not two numbers.
bool is_gathered(const Node* node) {
  while (node->op->kind == OpKind::View) node = node->inputs[0].get();
  return node->op->kind == OpKind::Gather;
}

// Some nodes remain as they are, on new inputs; of the others the parts are known. Either is made from the
// other where it is asked for.
class Splitter {
 public:
  void visit(Node* node) {
    if (whole_.count(node) || parts_.count(node)) return;
    SourceScope scope(node->source);
    if (!has_complex(*node) || stays_whole(*node)) {
      whole_[node] = rebuilt(*node);
      if (is_complex(node->type.dtype)) stored_.insert(node);
    } else {
      parts_[node] = with_shape_of(*node, parts_of_result(*node));
    }
  }

  Var whole(const Var& x) {
    if (auto it = whole_.find(x.get()); it != whole_.end()) return it->second;
    const ComplexParts& z = parts_.at(x.get());
    return whole_[x.get()] = is_complex(x.dtype()) ? complex(z.re, complex_math::imag_of(z)) : z.re;
  }

 private:
  std::unordered_map<const Node*, Var> whole_;
  std::unordered_map<const Node*, ComplexParts> parts_;
  std::unordered_set<const Node*> stored_;  // complex ones that remain
  std::vector<Var> made_;                   // keeps expressions alive that stand for nodes

  // Leaves, arrays that are only moved, and the operands and results of routines.
  bool stays_whole(const Node& node) const {
    OpKind kind = node.op->kind;
    if (kind == OpKind::Leaf || kind == OpKind::Library || kind == OpKind::Output || kind == OpKind::Size)
      return true;
    return moves(node) && std::all_of(node.inputs.begin(), node.inputs.end(), [&](const Var& x) {
             return !is_complex(x.dtype()) || stored_.count(x.get());
           });
  }

  Var rebuilt(const Node& node) {
    bool changed = false;
    std::vector<Var> inputs;
    for (const Var& x : node.inputs) {
      inputs.push_back(whole(x));
      changed |= !same(inputs.back(), x);
    }
    if (node.attrs.body && any_complex(node.attrs.body->outputs))
      return with_split_body(node, std::move(inputs));
    return changed ? rebuild(node, std::move(inputs)) : Var(const_cast<Node*>(&node));
  }

  static Var with_split_body(const Node& node, std::vector<Var> inputs) {
    auto body = std::make_shared<Body>(*node.attrs.body);
    body->outputs = split_complex(std::move(body->outputs));
    Attrs attrs = node.attrs;
    attrs.body = std::move(body);
    return make_node(*node.op, std::move(inputs), std::move(attrs));
  }

  ComplexParts parts(const Var& x) {
    if (!is_complex(x.dtype())) return {whole(x), {}};
    if (auto it = parts_.find(x.get()); it != parts_.end()) return it->second;
    const Var& z = whole_.at(x.get());
    return parts_[x.get()] = is_gathered(x.get()) ? of_parts(*x) : ComplexParts{part(real(z)), part(imag(z))};
  }

  static Var part(const Var& x) {
    const Var& z = x->inputs[0];
    if (z->op != &constant_op) return x;
    return make_constant(std::make_shared<Array>(interpret_node(*x, {z->attrs.value.get(), 1})));
  }

  // The same op on the real parts, and on the imaginary parts, of its complex inputs.
  ComplexParts of_parts(const Node& node) {
    std::vector<Var> re, im;
    bool is_real = true;
    for (const Var& x : node.inputs) {
      ComplexParts z = parts(x);
      re.push_back(z.re);
      im.push_back(!is_complex(x.dtype()) ? z.re : z.im ? z.im : zeros_like(z.re));
      is_real &= !z.im;
    }
    return {rebuild(node, std::move(re)), is_real ? Var() : rebuild(node, std::move(im))};
  }

  ComplexParts parts_of_result(const Node& node) {
    const OpSpec* op = node.op;
    const std::vector<Var>& x = node.inputs;
    if (op == &real_op) return {parts(x[0]).re, {}};
    if (op == &imag_op) return {complex_math::imag_of(parts(x[0])), {}};
    if (op == &complex_op) return {whole(x[0]), whole(x[1])};
    if (op == &cast_op) return converted(parts(x[0]), node.type.dtype);
    if (op == &matmul_op) return product(parts(x[0]), parts(x[1]));
    if (op == &prod_op) return expanded(product_along(x[0], node.attrs.ints));
    if (op->kind == OpKind::Composite && op != &sum_to_op) return expanded(op->expand(x, node.attrs));
    if (!op->complex) return of_parts(node);
    std::vector<ComplexParts> operands;
    for (const Var& operand : x) operands.push_back(parts(operand));
    return op->complex(operands);
  }

  ComplexParts expanded(const Var& y) {
    made_.push_back(y);
    for (Node* node : topological_order({&y, 1})) visit(node);
    return parts(y);
  }

  static ComplexParts converted(const ComplexParts& z, DType dtype) {
    if (!is_bool(dtype)) return {cast(z.re, real_type(dtype)), z.im ? cast(z.im, real_type(dtype)) : Var()};
    return {z.im ? logical_or(cast(z.re, dtype), cast(z.im, dtype)) : cast(z.re, dtype), {}};
  }

  // One product of the parts of `a`, below each other, and those of `b`, side by side: all four at once.
  static ComplexParts product(const ComplexParts& a, const ComplexParts& b) {
    Var left = a.im ? concatenate({a.re, a.im}, a.re.rank() - 2) : a.re;
    Var right = b.im ? concatenate({b.re, b.im}, b.re.rank() - 1) : b.re;
    Var all = matmul(left, right);
    Var m = dim(a.re, a.re.rank() - 2), n = dim(b.re, b.re.rank() - 1), zero = make_int(0);
    auto block = [&](int i, int j) {
      Var rows = slice(all, all.rank() - 2, i ? m : zero, m, 1);
      return slice(rows, all.rank() - 1, j ? n : zero, n, 1);
    };
    if (a.im && b.im) return {block(0, 0) - block(1, 1), block(0, 1) + block(1, 0)};
    return {block(0, 0), a.im ? block(1, 0) : b.im ? block(0, 1) : Var()};
  }

  // Parts may be smaller than the result that they are broadcast to.
  static ComplexParts with_shape_of(const Node& node, ComplexParts z) {
    std::vector<Var> sizes = shape_of(Var(const_cast<Node*>(&node)));
    z.re = broadcast_to(z.re, sizes);
    if (z.im) z.im = broadcast_to(z.im, std::move(sizes));
    return z;
  }
};

}  // namespace

std::vector<Var> split_complex(std::vector<Var> outputs) {
  if (!any_complex(outputs)) return outputs;
  Splitter splitter;
  for (Node* node : topological_order(outputs)) splitter.visit(node);
  for (Var& output : outputs) output = splitter.whole(output);
  return outputs;
}

}  // namespace croton
