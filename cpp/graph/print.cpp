#include "graph/print.h"

#include <cstdio>
#include <unordered_map>

#include "graph/leaves.h"
#include "graph/scalar_io.h"
#include "graph/user_op.h"

namespace croton {
namespace {

std::string constant_text(const Array& array) {
  if (array.size() != 1) return "constant";
  if (is_complex(array.dtype)) return "complex";
  double value = load_scalar(array.dtype, array.data.get());
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.9g", value);
  return buffer;
}

std::string leaf_text(const Node& node) {
  if (node.op == &constant_op) return constant_text(*node.attrs.value);
  if (!node.name.empty()) return node.name;
  return "<" + to_string(node.type) + ">";
}

std::string attrs_text(const Node& node) {
  std::string out = "[";
  for (size_t i = 0; i < node.attrs.ints.size(); ++i)
    out += (i ? "," : "") + std::to_string(node.attrs.ints[i]);
  return out + "]";
}

const char* infix(std::string_view op) {
  static const std::unordered_map<std::string_view, const char*> symbols = {
      {"add", " + "}, {"sub", " - "}, {"mul", " * "}, {"true_div", " / "}, {"matmul", " @ "},
      {"lt", " < "},  {"le", " <= "}, {"gt", " > "},  {"ge", " >= "},      {"pow", " ** "}};
  auto it = symbols.find(op);
  return it == symbols.end() ? nullptr : it->second;
}

constexpr int max_depth = 1000;  // deeper expressions are cut: recursion must not end the stack

void append(const Node& node, std::string& out, size_t limit, int depth) {
  if (out.size() > limit) return;
  if (depth > max_depth) {
    out += "...";
    return;
  }
  if (node.inputs.empty() && !node.attrs.user) {
    out += leaf_text(node);
    return;
  }
  const char* symbol = node.inputs.size() == 2 ? infix(node.op->name) : nullptr;
  if (symbol) {
    out += '(';
    append(*node.inputs[0], out, limit, depth + 1);
    out += symbol;
    append(*node.inputs[1], out, limit, depth + 1);
    out += ')';
    return;
  }
  out += op_label(node);
  out += '(';
  // The sizes and dtypes of what an op of the user's gives say nothing new.
  const size_t shown = node.attrs.user ? node.attrs.user->arity : node.inputs.size();
  for (size_t i = 0; i < shown; ++i) {
    if (i) out += ", ";
    append(*node.inputs[i], out, limit, depth + 1);
  }
  if (!node.attrs.ints.empty() && !node.attrs.user) out += ", " + attrs_text(node);
  out += ')';
}

}  // namespace

std::string op_label(const Node& node) {
  return node.attrs.user ? node.attrs.user->name : std::string(node.op->name);
}

std::string text(const Var& x, size_t limit) {
  std::string out;
  append(*x, out, limit, 0);
  if (out.size() > limit) out = out.substr(0, limit) + "...";
  return out;
}

std::string short_text(const Var& x) {
  if (!x->name.empty()) return "'" + x->name + "'";
  return text(x, 40);
}

std::string listing(std::span<const Var> roots) {
  std::unordered_map<const Node*, size_t> number;
  std::string out;
  for (const Node* node : topological_order(roots)) {
    size_t n = number.size();
    number[node] = n;
    out += "%" + std::to_string(n) + " = ";
    out += node->inputs.empty() ? leaf_text(*node) : op_label(*node);
    for (size_t i = 0; i < node->inputs.size(); ++i)
      out += (i ? ", %" : " %") + std::to_string(number[node->inputs[i].get()]);
    if (!node->inputs.empty() && !node->attrs.ints.empty() && !node->attrs.user)
      out += " " + attrs_text(*node);
    out += " : " + to_string(node->type) + "\n";
  }
  return out;
}

}  // namespace croton
