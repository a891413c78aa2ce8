// The public C++ interface: checks what the user gives, and calls the engine.
#include <cstring>
#include <unordered_set>

#include "base/error.h"
#include "compile.h"
#include "croton/croton.h"
#include "graph/broadcast.h"
#include "graph/leaves.h"
#include "rewrite/stable_gradient.h"
#include "runtime/memory_pool.h"

namespace croton {

// ---- arrays

Array empty_array(DType dtype, std::vector<int64_t> shape) {
  for (int64_t size : shape)
    if (size < 0) throw ValueError("empty_array: required sizes of 0 or more, given " + std::to_string(size));
  Array array{dtype, std::move(shape), nullptr};
  array.data = allocate(std::max<size_t>(array.bytes(), 1));
  return array;
}

void require_dtype(const Array& array, DType dtype) {
  if (array.dtype != dtype)
    throw TypeError("array: required " + std::string(name(dtype)) + ", given " +
                    std::string(name(array.dtype)));
}

Array copy_array(const Array& array) {
  Array copy = empty_array(array.dtype, array.shape);
  if (array.bytes()) std::memcpy(copy.data.get(), array.data.get(), array.bytes());
  return copy;
}

// ---- leaves

Var tensor(std::string name, DType dtype, std::vector<int64_t> dims) {
  for (int64_t size : dims)
    if (size < 0 && size != unknown)
      throw ValueError("tensor: required sizes of 0 or more, or unknown; given " + std::to_string(size));
  return make_input({dtype, std::move(dims)}, std::move(name));
}

Var scalar(std::string name, DType dtype) { return tensor(std::move(name), dtype, {}); }
Var vector(std::string name, DType dtype) { return tensor(std::move(name), dtype, {unknown}); }
Var matrix(std::string name, DType dtype) { return tensor(std::move(name), dtype, {unknown, unknown}); }

Var constant(double value, DType dtype) { return make_scalar(dtype, value); }
Var constant(const Array& value) { return make_constant(std::make_shared<Array>(copy_array(value))); }

Shared::Shared(const Array& value, std::string name) {
  auto storage = std::make_shared<SharedStorage>();
  storage->value = copy_array(value);
  Type type{value.dtype, std::vector<int64_t>(value.shape.size(), unknown)};
  variable_ = make_shared(std::move(storage), std::move(type), std::move(name));
}

Array Shared::get() const { return copy_shared(*variable_->attrs.shared); }

void Shared::set(const Array& value) {
  if (value.dtype != variable_.dtype() || static_cast<int>(value.shape.size()) != variable_.rank())
    throw TypeError("set: required a value of the dtype and rank of " + describe(variable_) + ", given " +
                    to_string(Type{value.dtype, value.shape}));
  set_shared(*variable_->attrs.shared, copy_array(value));
}

Var sum(const Var& x) { return sum(x, all_axes(x)); }

Var mean(const Var& x) {
  Var count = make_int(1);
  for (int axis = 0; axis < x.rank(); ++axis) count = count * dim(x, axis);
  DType dtype = to_inexact(x.dtype());
  return sum(cast(x, dtype)) / cast(count, dtype);
}

// ---- gradients

std::vector<Var> grad(const Var& cost, const std::vector<Var>& wrt) {
  if (cost.rank() != 0)
    throw ValueError("grad: required a scalar cost, given " + describe(cost) + "; sum or average it");
  if (!is_inexact(cost.dtype())) throw TypeError("grad: required a float cost, given " + describe(cost));
  std::vector<Var> gradients = stable_gradient({{cost, scalar_like(cost, 1)}}, wrt);
  for (size_t i = 0; i < wrt.size(); ++i)
    if (!gradients[i]) throw ValueError("grad: the cost does not depend on " + describe(wrt[i]));
  return gradients;
}

Var grad(const Var& cost, const Var& wrt) { return grad(cost, std::vector<Var>{wrt})[0]; }

// ---- functions

namespace {

void check_inputs(const std::vector<Var>& inputs, const std::vector<Var>& roots) {
  std::unordered_set<const Node*> given;
  for (const Var& x : inputs) {
    if (x->op != &input_op)
      throw ValueError("function: required inputs, given the expression " + describe(x));
    if (!given.insert(x.get()).second)
      throw ValueError("function: the input " + describe(x) + " is given twice");
  }
  for (Node* node : topological_order(roots))
    if (node->op == &input_op && !given.count(node))
      throw ValueError("function: " + describe(Var(node)) + " is used, but it is not among the inputs");
}

Update checked(const Assignment& assignment) {
  const Var &target = assignment.target, &value = assignment.value;
  if (target->op != &shared_op)
    throw ValueError("function: required a shared variable, given " + describe(target));
  bool fits = value.rank() == target.rank() && promote(value.dtype(), target.dtype()) == target.dtype();
  if (!fits)
    throw TypeError("function: the update of " + describe(target) + " has the type " +
                    to_string(value.type()) + "; cast or reshape it");
  return {target, cast(value, target.dtype())};
}

class ArraySink : public ResultSink {
 public:
  explicit ArraySink(size_t count) : arrays(count) {}
  void* allocate(size_t k, DType dtype, const std::vector<int64_t>& shape, size_t) override {
    arrays[k] = empty_array(dtype, shape);
    return arrays[k].data.get();
  }
  std::vector<Array> arrays;
};

void check_argument(const std::string& function, const Var& input, size_t position, const Array& given) {
  const Type& type = input.type();
  bool rank_fits = given.shape.size() == type.dims.size(), sizes_fit = rank_fits;
  for (size_t axis = 0; rank_fits && axis < type.dims.size(); ++axis)
    sizes_fit = sizes_fit && (type.dims[axis] == unknown || type.dims[axis] == given.shape[axis]);
  if (given.dtype == type.dtype && sizes_fit) return;
  std::string text = function + ": required " + describe(input) + " for argument " +
                     std::to_string(position) + ", given " + to_string(Type{given.dtype, given.shape});
  if (given.dtype != type.dtype || !rank_fits) throw TypeError(text);
  throw ValueError(text);
}

}  // namespace

std::vector<Array> Compiled::call(std::span<const Array> arguments) const {
  const std::vector<Var>& inputs = function_->inputs();
  if (arguments.size() != inputs.size())
    throw TypeError(function_->name() + ": required " + std::to_string(inputs.size()) + " arguments, given " +
                    std::to_string(arguments.size()));
  std::vector<ArgumentView> views;
  for (size_t i = 0; i < inputs.size(); ++i) {
    check_argument(function_->name(), inputs[i], i, arguments[i]);
    views.push_back({arguments[i].data.get(), arguments[i].shape.data()});
  }
  ArraySink sink(function_->outputs().size());
  function_->call(views.data(), sink);
  return std::move(sink.arrays);
}

Compiled function(std::vector<Var> inputs, std::vector<Var> outputs, std::vector<Assignment> updates,
                  std::string name) {
  std::vector<Update> checked_updates;
  std::vector<Var> roots = outputs;
  std::unordered_set<const Node*> targets;
  for (const Assignment& assignment : updates) {
    checked_updates.push_back(checked(assignment));
    roots.push_back(checked_updates.back().value);
    if (!targets.insert(assignment.target.get()).second)
      throw ValueError("function: " + describe(assignment.target) + " has two updates");
  }
  check_inputs(inputs, roots);
  return Compiled(std::make_shared<Function>(std::move(inputs), std::move(outputs),
                                             std::move(checked_updates), std::move(name)));
}

}  // namespace croton
