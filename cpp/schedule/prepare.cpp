#include "schedule/prepare.h"

#include <unordered_map>
#include <unordered_set>

#include "ops/core_rows.h"
#include "ops/functions.h"
#include "ops/host.h"
#include "ops/scan.h"
#include "schedule/fuse.h"
#include "schedule/views.h"

namespace croton {
namespace {

Var copy(const Var& x, int64_t identity) {
  SourceScope scope(x->source);
  if (x->op == &complex_op) return make_node(complex_op, x->inputs, {.ints = {identity}});
  return make_node(copy_op, {x}, {.ints = {identity}});
}

struct Preparation {
  SizeTable& sizes;
  std::unordered_map<const Node*, Var> replaced;

  // `x` itself where it is computed, and lies in memory as `node` reads it.
  Var array(const Node* node, size_t input, const Node* original, const Var& x) {
    Node* view = const_cast<Node*>(original);
    Node* source = source_of(view);
    bool computed = !is_inline(source, sizes) && source->op->kind != OpKind::Size;
    if (!computed) return copy(x, 0);
    bool reads_blocks = node->op == &reshape_op || node->op == &scan_op;
    bool fits = is_sequence(*node, input) ? row_block(view, sizes).has_value()
                : reads_blocks            ? block_offset(view, sizes).has_value()
                                          : is_dense(view, sizes);
    return fits ? x : copy(x, 0);
  }

  // Whether `node` reads the memory of this input in C order, rather than values.
  static bool needs_array(const Node* node, size_t input) {
    return (node->op->kind == OpKind::Library && !is_size_input(*node, input)) ||
           (node->op == &reshape_op && input == 0);
  }

  bool needs_source(const Node* node, size_t input) {
    bool addressed = node->op == &take_op ? input == 0 && !wraps_positions(*node)
                                          : node->op->kind == OpKind::Contraction && input < 2;
    Node* source = source_of(node->inputs[input].get());
    return addressed && (is_inline(source, sizes) || source->op->kind == OpKind::Size);
  }

  Var visit(Node* node) {
    std::vector<Var> inputs;
    bool changed = false;
    for (size_t i = 0; i < node->inputs.size(); ++i) {
      const Node* original = node->inputs[i].get();
      Var x = replaced.at(original);
      if (needs_array(node, i))
        x = array(node, i, original, x);
      else if (needs_source(node, i))
        x = copy(x, 0);
      changed |= x.get() != original;
      inputs.push_back(std::move(x));
    }
    return changed ? rebuild(*node, std::move(inputs)) : Var(node);
  }
};

}  // namespace

std::vector<Var> prepare(std::vector<Var> outputs) {
  std::vector<Node*> order = topological_order(outputs);
  SizeTable sizes(order);
  Preparation pass{sizes, {}};
  for (Node* node : order) pass.replaced[node] = pass.visit(node);
  std::unordered_set<const Node*> taken;
  int64_t identity = 1;
  for (Var& output : outputs) {
    const Node* original = output.get();
    Var x = pass.replaced.at(original);
    // What only shows a computed array under another shape needs no memory of its own.
    Node* source = source_of(x.get());
    OpKind kind = source->op->kind;
    bool computed = kind != OpKind::Leaf && kind != OpKind::Size && !is_inline(original, sizes) &&
                    !is_inline(source, sizes) && is_dense(x.get(), sizes);
    output = computed && taken.insert(source).second ? x : copy(x, identity++);
  }
  return outputs;
}

}  // namespace croton
