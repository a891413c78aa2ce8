// Expressions in Python: the class Variable, and the functions that make new ones.
#include "bind/graph.h"

#include <pybind11/operators.h>
#include <pybind11/stl.h>

#include "base/error.h"
#include "bind/arrays.h"
#include "bind/source.h"
#include "graph/leaves.h"
#include "graph/print.h"
#include "graph/substitute.h"
#include "ops/core_rows.h"
#include "ops/functions.h"
#include "ops/ifelse.h"
#include "ops/interpret.h"
#include "ops/linalg.h"
#include "ops/required_sizes.h"
#include "ops/scan.h"
#include "ops/vectorize.h"
#include "rewrite/branches.h"
#include "rewrite/passes.h"
#include "rewrite/stable_gradient.h"

namespace py = pybind11;

namespace croton {
namespace {

using Axes = std::vector<int64_t>;

// Marks every node that `function` makes with the user's line.
template <class Result, class... Args>
auto traced(Result (*function)(Args...)) {
  return [function](Args... args) {
    UserSource source;
    return function(std::forward<Args>(args)...);
  };
}

py::object shape_to_python(const std::vector<int64_t>& dims) {
  py::tuple shape(dims.size());
  for (size_t i = 0; i < dims.size(); ++i)
    shape[i] = dims[i] == unknown ? py::object(py::none()) : py::object(py::int_(dims[i]));
  return shape;
}

Type type_from_python(const std::string& dtype, const py::sequence& shape) {
  Type type{dtype_from_name(dtype), {}};
  for (py::handle size : shape) type.dims.push_back(size.is_none() ? unknown : size.cast<int64_t>());
  return type;
}

Var constant_from_python(py::handle object, const std::string& dtype) {
  std::shared_ptr<Array> array = array_from_python(object);
  Var x = make_constant(array);
  return dtype.empty() ? x : cast(x, dtype_from_name(dtype));
}

std::vector<py::object> gradient_to_python(const std::vector<std::pair<Var, Var>>& seeds,
                                           const std::vector<Var>& wrt, const std::vector<Var>& constants) {
  std::vector<KnownGradient> known;
  for (const auto& [of, value] : seeds) known.push_back({of, value});
  std::vector<py::object> result;
  for (const Var& g : stable_gradient(known, wrt, constants)) result.push_back(g ? py::cast(g) : py::none());
  return result;
}

std::vector<py::object> forward_to_python(const std::vector<Var>& outputs, const std::vector<Var>& wrt,
                                          const std::vector<Var>& tangents) {
  UserSource source;
  std::vector<py::object> result;
  for (const Var& t : stable_forward_derivatives(outputs, wrt, tangents))
    result.push_back(t ? py::cast(t) : py::none());
  return result;
}

py::tuple scan_to_python(const Var& steps, std::vector<Var> sequences, std::vector<Var> rows,
                         std::vector<Var> initial, std::vector<Var> carried, std::vector<Var> next,
                         std::vector<Var> yields, const py::object& until, int64_t truncated, bool reversed,
                         const py::object& block) {
  UserSource source;
  LoopResults results = scan({.steps = steps,
                              .sequences = std::move(sequences),
                              .rows = std::move(rows),
                              .initial = std::move(initial),
                              .carried = std::move(carried),
                              .next = std::move(next),
                              .yields = std::move(yields),
                              .until = until.is_none() ? Var() : until.cast<Var>(),
                              .truncated = truncated,
                              .reversed = reversed,
                              .block = block.is_none() ? Var() : block.cast<Var>()});
  return py::make_tuple(results.last, results.yields, results.traces, results.steps);
}

Var reduce(const std::string& name, const Var& x, Axes axes, bool keepdims) {
  if (name == "sum") return sum(x, std::move(axes), keepdims);
  if (name == "prod") return prod(x, std::move(axes), keepdims);
  if (name == "max") return reduce_max(x, std::move(axes), keepdims);
  if (name == "min") return reduce_min(x, std::move(axes), keepdims);
  throw InternalError("no reduction is called " + name);
}

std::vector<py::object> describe_leaves(const std::vector<Var>& roots) {
  std::vector<py::object> leaves;
  for (Node* node : topological_order(roots))
    if (node->op->kind == OpKind::Leaf) leaves.push_back(py::cast(Var(node)));
  return leaves;
}

std::string op_name(const Var& x) { return std::string(x->op->name); }

py::object source_to_python(const Var& x) {
  if (!x->source.file) return py::none();
  return py::make_tuple(x->source.file, x->source.line);
}

void add_variable(py::module_& m) {
  py::class_<Var>(m, "Variable", py::dynamic_attr(),
                  "A symbolic expression: a handle to a node of the graph.")
      .def_property_readonly("dtype", [](const Var& x) { return std::string(name(x.dtype())); })
      .def_property_readonly("ndim", [](const Var& x) { return x.rank(); })
      .def_property_readonly("static_shape", [](const Var& x) { return shape_to_python(x.type().dims); })
      .def_property_readonly("_op", op_name)
      .def_property_readonly("_id", [](const Var& x) { return x->id; })
      .def_property_readonly("_source", source_to_python)
      .def_property_readonly("_inputs", [](const Var& x) { return x->inputs; })
      .def_property(
          "_leaf_name", [](const Var& x) { return x->name; },
          [](const Var& x, const std::string& name) {
            if (x->op->kind == OpKind::Leaf) x->name = name;
          })
      .def("_value",
           [](const Var& x) -> py::object {
             return x->attrs.value ? copy_to_python(*x->attrs.value) : py::object(py::none());
           })
      .def("__eq__",
           [](const Var& a, const py::object& b) { return py::isinstance<Var>(b) && same(a, b.cast<Var>()); })
      .def("__hash__", [](const Var& x) { return static_cast<int64_t>(x->id); })
      .def("_text", [](const Var& x, size_t limit) { return text(x, limit); });
}

ScatterMode scatter_mode(const std::string& name) {
  if (name == "add") return ScatterMode::Add;
  if (name == "set") return ScatterMode::Set;
  if (name == "max") return ScatterMode::Max;
  check_internal(name == "min", "an unknown way to scatter");
  return ScatterMode::Min;
}

// The values of `outputs` by the reference interpreter, from arrays for the inputs.
std::vector<py::object> interpret_to_python(const std::vector<Var>& outputs,
                                            const std::vector<std::pair<Var, py::object>>& values) {
  Bindings bindings;
  for (const auto& [leaf, value] : values) bindings[leaf.get()] = *array_from_python(value);
  std::vector<py::object> results;
  for (const Array& array : interpret(close_branches(split_complex(outputs)), bindings))
    results.push_back(copy_to_python(array));
  return results;
}

void add_constructors(py::module_& m) {
  m.def("input", [](const std::string& dtype, const py::sequence& shape, const std::string& name) {
    UserSource source;
    return make_input(type_from_python(dtype, shape), name);
  });
  m.def(
      "constant",
      [](py::handle object, const std::string& dtype) {
        UserSource source;
        return constant_from_python(object, dtype);
      },
      py::arg("value"), py::arg("dtype") = "");
  m.def("apply", [](const std::string& op, std::vector<Var> inputs) {
    UserSource source;
    return croton::apply(std::string_view(op), std::move(inputs));
  });
  m.def("cast", [](const Var& x, const std::string& dtype) {
    UserSource source;
    return cast(x, dtype_from_name(dtype));
  });
  m.def("zeros", [](std::vector<Var> sizes, const std::string& dtype) {
    UserSource source;
    return zeros(std::move(sizes), dtype_from_name(dtype));
  });
  m.def("promote", [](const std::string& a, const std::string& b) {
    return std::string(name(promote(dtype_from_name(a), dtype_from_name(b))));
  });
  m.def("can_cast_safely", [](const std::string& a, const std::string& b) {
    return can_cast_safely(dtype_from_name(a), dtype_from_name(b));
  });
  m.def("to_inexact", [](const std::string& a) { return std::string(name(to_inexact(dtype_from_name(a)))); });
}

void add_operations(py::module_& m) {
  m.def("complex", traced(complex));
  m.def("real", traced(real));
  m.def("imag", traced(imag));
  m.def("conj", traced(conj));
  m.def("dimshuffle", traced(dimshuffle));
  m.def("broadcast_to", traced(broadcast_to));
  m.def("reshape", traced(reshape));
  m.def("slice", traced(slice));
  m.def("concatenate", traced(concatenate));
  m.def("iota", traced(iota));
  m.def("full", traced(full));
  m.def("take", traced(take));
  m.def("wrap_positions", traced(wrap_positions));
  m.def("scatter_add", traced(scatter_add));
  m.def("scatter", [](const Var& x, const Var& values, const Var& index, int axis, const std::string& mode) {
    UserSource source;
    return scatter(x, values, index, axis, scatter_mode(mode));
  });
  m.def("windows", traced(windows));
  m.def("correlate", traced(correlate));
  m.def("max_pool", traced(max_pool));
  m.def("set_slice", traced(set_slice));
  m.def("matmul", traced(matmul));
  m.def("reduce", traced(reduce));
  m.def("softmax", traced(softmax));
  m.def("log_softmax", traced(log_softmax));
  m.def("logsumexp", traced(logsumexp));
  m.def("stop_gradient", traced(stop_gradient));
  m.def("dim", traced(dim));
  m.def("apply_all", [](const std::string& op, std::vector<Var> inputs, Axes attrs) {
    UserSource source;
    return apply_all(op, std::move(inputs), std::move(attrs));
  });
  m.def("keep_requirement", keep_requirement);
  m.def("scan", scan_to_python, "A loop: last states, yields, traces of states, number of steps.");
  m.def("while_loop", [](const Var& limit, std::vector<Var> initial, std::vector<Var> carried,
                         std::vector<Var> next, const Var& until) {
    UserSource source;
    return scan({.steps = limit,
                 .initial = std::move(initial),
                 .carried = std::move(carried),
                 .next = std::move(next),
                 .until = until,
                 .unbounded = true})
        .last;
  });
  m.def("ifelse", [](const Var& condition, const std::vector<Var>& first, const std::vector<Var>& second) {
    UserSource source;
    return ifelse(condition, first, second);
  });
  m.def("solve", traced(solve));
  m.def("solve_triangular", [](const Var& a, const Var& b, bool lower, bool transposed, bool unit) {
    UserSource source;
    return solve_triangular(a, b, {lower, transposed, unit});
  });
  m.def("det_sign", traced(det_sign));
}

}  // namespace

void add_graph(py::module_& m) {
  add_variable(m);
  add_constructors(m);
  add_operations(m);
  m.def("set_package_folder", set_package_folder);
  m.def("gradient", gradient_to_python,
        "Gradients from (variable, gradient) seeds; None where disconnected.");
  m.def("forward_derivatives", forward_to_python,
        "Tangents of outputs from variables and their tangents; None where disconnected.");
  m.def("leaves", describe_leaves, "The inputs, constants and shared variables that expressions depend on.");
  m.def("substitute", [](const std::vector<Var>& outputs, const std::vector<std::pair<Var, Var>>& pairs) {
    std::unordered_map<const Node*, Var> replacements;
    for (const auto& [from, to] : pairs) replacements[from.get()] = to;
    return substitute(outputs, replacements);
  });
  m.def(
      "vectorize",
      [](const std::vector<Var>& outputs, const std::vector<Var>& inputs, const std::vector<Var>& batched) {
        UserSource source;
        return vectorize(outputs, inputs, batched);
      },
      "Expressions of one item as expressions of a batch of items.");
  m.def("interpret", interpret_to_python, "Values of expressions, node by node, by plain loops.");
  m.def("listing", [](const std::vector<Var>& roots) { return listing(roots); });
  m.def("op_rows", [] {
    py::list rows;
    for (const OpSpec* op : op_table())
      rows.append(py::dict(py::arg("name") = std::string(op->name), py::arg("doc") = std::string(op->doc),
                           py::arg("arity") = op->arity,
                           py::arg("elementwise") = op->kind == OpKind::Elementwise && op->signature,
                           py::arg("differentiable") = op->vjp || op->results_vjp,
                           py::arg("vectorizes") = has_vectorize_rule(*op),
                           py::arg("computes") = op->kind != OpKind::Leaf && op->kind != OpKind::Size &&
                                                 op->kind != OpKind::View));
    return rows;
  });
}

}  // namespace croton
