#include "ops/interpret.h"

#include <cstring>
#include <mutex>

#include "graph/broadcast.h"
#include "graph/leaves.h"
#include "graph/print.h"
#include "ops/core_rows.h"
#include "ops/host.h"
#include "ops/ifelse.h"
#include "ops/interpret_values.h"
#include "ops/required_sizes.h"
#include "ops/scan.h"

namespace croton {
namespace {

using interpreter::Values;
using Meaning = Array (*)(const Node&, Values);

// Rows whose meaning does not follow from their kind.
Meaning meaning_of(const OpSpec* op) {
  static const std::unordered_map<const OpSpec*, Meaning> table = {
      {&cast_op, interpreter::cast},
      {&dim_op, interpreter::dim},
      {&broadcast_size_op, interpreter::broadcast_size},
      {&real_op, interpreter::real},
      {&imag_op, interpreter::imag},
      {&complex_op, interpreter::complex},
      {&dimshuffle_op, interpreter::dimshuffle},
      {&broadcast_op, interpreter::broadcast_to},
      {&reshape_op, interpreter::reshape},
      {&slice_op, interpreter::slice},
      {&windows_op, interpreter::windows},
      {&set_slice_op, interpreter::set_slice},
      {&concatenate_op, interpreter::concatenate},
      {&iota_op, interpreter::iota},
      {&take_op, interpreter::take},
      {&scatter_op, interpreter::scatter},
      {&sum_to_op, interpreter::sum_to},
      {&matmul_op, interpreter::matmul},
      {&correlate_op, interpreter::correlate},
      {&correlate_transposed_op, interpreter::correlate_transposed}};
  auto it = table.find(op);
  return it == table.end() ? nullptr : it->second;
}

bool fits(const Array& value, const Type& type) {
  if (value.shape.size() != type.dims.size()) return false;
  for (size_t axis = 0; axis < type.dims.size(); ++axis)
    if (type.dims[axis] != unknown && type.dims[axis] != value.shape[axis]) return false;
  return true;
}

// The expansion over fresh inputs whose sizes are all known, so that it needs nothing but these values.
Array expanded(const Node& node, Values x) {
  SourceScope scope(node.source);
  std::vector<Var> inputs;
  Bindings leaves;
  for (size_t i = 0; i < x.size(); ++i) {
    inputs.push_back(make_input({x[i].dtype, x[i].shape}, node.inputs[i]->name));
    leaves.emplace(inputs.back().get(), x[i]);
  }
  make_node(*node.op, inputs, node.attrs);  // throws where they do not fit
  const Var result = node.op->expand(inputs, node.attrs);
  return interpret({&result, 1}, leaves)[0];
}

std::string leaf_text(const Node& node) {
  return node.name.empty() ? "<" + to_string(node.type) + ">" : "'" + node.name + "'";
}

Array leaf_value(Node& node, const Bindings& leaves) {
  if (node.op == &constant_op) return *node.attrs.value;
  Array value;
  if (auto it = leaves.find(&node); it != leaves.end()) {
    value = it->second;
  } else if (node.attrs.shared) {
    std::lock_guard lock(node.attrs.shared->mutex);
    value = interpreter::copy_of(node.attrs.shared->value);
  } else {
    throw ValueError("input: required a value for " + leaf_text(node) + ", given none" +
                     source_text(node.source));
  }
  std::string mismatch = std::string(node.op->name) + ": required a value of type " + to_string(node.type) +
                         " for " + leaf_text(node) + ", given " + to_string(Type{value.dtype, value.shape}) +
                         source_text(node.source);
  if (value.dtype != node.type.dtype) throw TypeError(mismatch);
  if (!fits(value, node.type)) throw ValueError(mismatch);
  return value;
}

void copy_row(const Array& from, int64_t i, Array& to) {
  size_t bytes = to.bytes();
  std::memcpy(to.data.get(), static_cast<const char*>(from.data.get()) + static_cast<size_t>(i) * bytes,
              bytes);
}

/// A loop, step by step.
struct Steps {
  const Node& node;
  Values x;
  const Body& body = *node.attrs.body;
  int64_t count = *x[0].as<int64_t>();
  Bindings bound;
  std::vector<std::vector<Array>> rows;  // yielded, by step

  void start() {
    for (size_t k = 0; k < body.inputs.size(); ++k) {
      const Array& operand = x[k + 1];
      if (k >= body.sequences) {
        bound[body.inputs[k].get()] = operand;
      } else if (operand.shape[0] < count) {
        throw ValueError(interpreter::complaint(node, x, "a row of each sequence for every step"));
      }
    }
  }

  // Whether it was the last one.
  bool step(int64_t t) {
    for (size_t k = 0; k < body.sequences; ++k) {
      const Array& operand = x[k + 1];
      Array row =
          interpreter::make_array(node, x, operand.dtype, {operand.shape.begin() + 1, operand.shape.end()});
      copy_row(operand, body.reversed ? count - 1 - t : t, row);
      bound[body.inputs[k].get()] = row;
    }
    std::vector<Array> values = interpret(body.outputs, bound);
    for (size_t k = 0; k < body.carries; ++k) {
      Array& state = bound[body.carried()[k].get()];
      if (state.shape != values[k].shape)
        throw ValueError(interpreter::complaint(node, x, "states that keep their shapes"));
      state = values[k];
    }
    rows.emplace_back(values.begin() + static_cast<std::ptrdiff_t>(body.carries),
                      values.begin() + static_cast<std::ptrdiff_t>(body.carries + body.yields));
    return body.until && *values.back().as<bool>();
  }

  Array stacked(size_t k, const ResultSpec& spec) {
    Array all = interpreter::make_array(node, x, spec.dtype, type_of(spec).dims);
    std::memset(all.data.get(), 0, all.bytes());
    for (size_t t = 0; t < rows.size(); ++t) {
      size_t place = body.reversed ? static_cast<size_t>(count) - 1 - t : t, bytes = rows[t][k].bytes();
      std::memcpy(static_cast<char*>(all.data.get()) + place * bytes, rows[t][k].data.get(), bytes);
    }
    return all;
  }

  // Keeps the states before step t, if a block begins there.
  void store_blocks(std::vector<Array>& blocks) const {
    const auto t = static_cast<int64_t>(rows.size());
    const int64_t size = *interpret({&body.block, 1}, bound)[0].as<int64_t>();
    if (t % size) return;
    for (size_t k = 0; k < blocks.size(); ++k) {
      const Array& state = bound.at(body.carried()[k].get());
      std::memcpy(static_cast<char*>(blocks[k].data.get()) + t / size * state.bytes(), state.data.get(),
                  state.bytes());
    }
  }

  std::vector<Array> run(const std::vector<ResultSpec>& specs) {
    start();
    std::vector<Array> blocks;
    for (size_t k = body.carries + body.yields + 1; k < specs.size(); ++k) {
      blocks.push_back(interpreter::make_array(node, x, specs[k].dtype, type_of(specs[k]).dims));
      std::memset(blocks.back().data.get(), 0, blocks.back().bytes());
    }
    for (int64_t t = 0; t < count; ++t) {
      if (body.block) store_blocks(blocks);
      if (step(t)) break;
    }
    if (body.block) store_blocks(blocks);
    std::vector<Array> results;
    for (const Var& state : body.carried()) results.push_back(bound.at(state.get()));
    for (size_t k = 0; k < body.yields; ++k) results.push_back(stacked(k, specs[body.carries + k]));
    Array taken = interpreter::make_array(node, x, DType::Int64, {});
    *taken.as<int64_t>() = static_cast<int64_t>(rows.size());
    results.push_back(taken);
    results.insert(results.end(), blocks.begin(), blocks.end());
    return results;
  }
};

// The values of the branch that the condition chooses.
std::vector<Array> chosen(const Node& node, Values x) {
  const bool holds = *x[0].as<bool>();
  const size_t count = node.op->results(node.inputs, node.attrs).size(), first = holds ? 0 : count;
  if (node.op == &ifelse_op) return {x.begin() + 1 + first, x.begin() + 1 + first + count};
  const Body& body = *node.attrs.body;
  Bindings bound;
  for (size_t k = 0; k < body.inputs.size(); ++k) bound[body.inputs[k].get()] = x[k + 1];
  return interpret(std::span(body.outputs).subspan(first, count), bound);
}

// All results of a call.
std::vector<Array> call(const Node& node, Values x) {
  if (node.op == &ifelse_op || node.op == &lazy_ifelse_op) return chosen(node, x);
  SourceScope scope(node.source);
  std::vector<Var> inputs;  // of known sizes, or sizes themselves, from which those of the results follow
  for (size_t i = 0; i < x.size(); ++i)
    inputs.push_back(x[i].shape.empty() ? make_constant(std::make_shared<Array>(x[i]))
                                        : make_input({x[i].dtype, x[i].shape}, node.inputs[i]->name));
  const Var known = make_node(*node.op, inputs, node.attrs);  // throws where they do not fit
  std::vector<ResultSpec> specs = node.op->results(known->inputs, node.attrs);
  Bindings values;
  for (size_t i = 0; i < x.size(); ++i) values.emplace(inputs[i].get(), x[i]);
  for (ResultSpec& spec : specs)
    for (Var& size : spec.sizes)
      if (!is_constant(size)) size = make_constant(std::make_shared<Array>(interpret({&size, 1}, values)[0]));
  if (node.op == &scan_op) return Steps{node, x}.run(specs);
  std::vector<Array> arrays(x.begin(), x.end());
  for (const ResultSpec& spec : specs)
    arrays.push_back(interpreter::make_array(node, x, spec.dtype, type_of(spec).dims));
  size_t batch = batch_rank(node);
  int64_t items = 1;
  for (size_t axis = 0; axis < batch; ++axis) items *= x[0].shape[axis];
  std::vector<HostArray> item;
  for (size_t i = 0; i < arrays.size(); ++i) {
    size_t leading = is_whole(node, i) ? 0 : std::min(batch, arrays[i].shape.size());
    item.push_back({arrays[i].dtype, std::span(arrays[i].shape).subspan(leading)});
  }
  std::vector<char> workspace(host_needs(node, item).workspace + 64);
  for (size_t i = 0; i < arrays.size(); ++i) item[i].data = arrays[i].data.get();
  run_host(node, item, items, workspace.data());
  return {arrays.begin() + x.size(), arrays.end()};
}

Array evaluate_node(const Node& node, Values x) {
  if (std::string text = requirement(node); !text.empty()) {
    const int64_t first = *x[1].as<int64_t>(), second = *x[2].as<int64_t>();
    if (first != second)
      throw ValueError(text + ", given " + std::to_string(first) + " and " + std::to_string(second) +
                       source_text(node.source));
  }
  if (Meaning meaning = meaning_of(node.op)) return meaning(node, x);
  switch (node.op->kind) {
    case OpKind::Elementwise: return interpreter::elementwise(node, x);
    case OpKind::Reduction: return interpreter::reduce(node, x);
    case OpKind::Composite: return expanded(node, x);
    case OpKind::Library: return call(node, x)[0];
    default: throw NotImplemented(interpreter::complaint(node, x, "an op that the reference knows"));
  }
}

}  // namespace

Array interpret_node(const Node& node, std::span<const Array> inputs) {
  if (node.op == &constant_op) return *node.attrs.value;
  check_internal(node.op->kind != OpKind::Leaf, "a leaf has no meaning without its value");
  check_internal(inputs.size() == node.inputs.size(), "as many values as the node has inputs");
  Array value = evaluate_node(node, inputs);
  if (value.dtype != node.type.dtype || !fits(value, node.type))
    throw InternalError(interpreter::complaint(node, inputs, "a value of type " + to_string(node.type),
                                               "computed " + to_string(Type{value.dtype, value.shape})));
  return value;
}

std::vector<Array> interpret(std::span<const Var> outputs, const Bindings& leaves) {
  std::vector<Node*> order = topological_order(outputs);
  std::unordered_map<const Node*, size_t> uses;  // that are still to come; values go after the last one
  for (const Node* node : order)
    for (const Var& input : node->inputs) ++uses[input.get()];
  for (const Var& output : outputs) ++uses[output.get()];
  std::unordered_map<const Node*, Array> values;
  std::unordered_map<const Node*, std::vector<Array>> called;  // all results of calls
  for (Node* node : order) {
    if (node->op->kind == OpKind::Leaf) {
      values[node] = leaf_value(*node, leaves);
      continue;
    }
    std::vector<Array> inputs;
    for (const Var& input : node->inputs) inputs.push_back(values.at(input.get()));
    if (node->op == &output_op)
      values[node] = called.at(node->inputs[0].get())[node->attrs.ints[0]];
    else if (node->op->kind == OpKind::Library)
      values[node] = (called[node] = call(*node, inputs))[0];
    else
      values[node] = interpret_node(*node, inputs);
    for (const Var& input : node->inputs)
      if (--uses[input.get()] == 0) values.erase(input.get());
  }
  std::vector<Array> results;
  for (const Var& output : outputs) results.push_back(interpreter::copy_of(values.at(output.get())));
  return results;
}

}  // namespace croton
