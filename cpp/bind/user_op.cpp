// Ops written in Python: objects with `name`, `run(arrays)`, `gradients(g, operands, results)`, and where
// they have one, `tangents(changes, operands, results)`.
#include "ops/user_op.h"

#include <pybind11/stl.h>

#include <cstring>

#include "base/error.h"
#include "bind/arrays.h"
#include "bind/graph.h"
#include "bind/numpy_api.h"
#include "bind/source.h"
#include "graph/broadcast.h"

namespace py = pybind11;

namespace croton {
namespace {

Type type_of(const HostArray& array) { return {array.dtype, {array.shape.begin(), array.shape.end()}}; }

Type type_of(PyArrayObject* array) {
  return {dtype_of_numpy(PyArray_TYPE(array)),
          {PyArray_DIMS(array), PyArray_DIMS(array) + PyArray_NDIM(array)}};
}

std::string required(const Node& node, size_t k, const HostArray& result) {
  return node.attrs.user->name + ": required result " + std::to_string(k) + " of type " +
         to_string(type_of(result)) + ", given ";
}

// Plain numbers have no dtype of their own.
bool is_plain_number(py::handle value, DType dtype) {
  bool whole = PyLong_CheckExact(value.ptr()), real = PyFloat_CheckExact(value.ptr());
  return PyBool_Check(value.ptr()) ? is_bool(dtype) : whole ? !is_bool(dtype) : real && is_inexact(dtype);
}

void store(const Node& node, size_t k, py::handle value, const HostArray& result) {
  if (value.is_none())
    throw ValueError(required(node, k, result) + "None; put an array into output_storage[" +
                     std::to_string(k) + "][0]" + source_text(node.source));
  PyArray_Descr* dtype =
      is_plain_number(value, result.dtype) ? PyArray_DescrFromType(numpy_type(result.dtype)) : nullptr;
  auto array = py::reinterpret_steal<py::object>(
      PyArray_FromAny(value.ptr(), dtype, 0, 0, NPY_ARRAY_CARRAY_RO | NPY_ARRAY_NOTSWAPPED, nullptr));
  if (!array) throw py::error_already_set();
  auto* source = reinterpret_cast<PyArrayObject*>(array.ptr());
  Type given = type_of(source), wanted = type_of(result);
  if (given.dtype != wanted.dtype)
    throw TypeError(required(node, k, result) + to_string(given) +
                    "; cast it, or change the type that the op declares" + source_text(node.source));
  if (given.dims != wanted.dims)
    throw ValueError(required(node, k, result) + to_string(given) +
                     "; its shape is what infer_shape and the declared type say" + source_text(node.source));
  if (result.bytes()) std::memcpy(result.data, PyArray_DATA(source), static_cast<size_t>(result.bytes()));
}

void add_note(const py::error_already_set& error, const Node& node) {
  std::string note = "raised by the op " + node.attrs.user->name + source_text(node.source);
  if (py::hasattr(error.value(), "add_note")) error.value().attr("add_note")(note);
}

void run(const py::object& method, const Node& node, std::span<const HostArray> operands,
         std::span<const HostArray> results) {
  py::gil_scoped_acquire lock;
  try {
    py::sequence values = method(copies_of(operands));
    for (size_t k = 0; k < results.size(); ++k)
      if (results[k].wanted) store(node, k, values[k], results[k]);
  } catch (const py::error_already_set& error) {
    add_note(error, node);
    throw;
  }
}

py::list to_python(std::span<const Var> values) {
  py::list list;
  for (const Var& x : values) list.append(x ? py::cast(x) : py::none());
  return list;
}

std::vector<Var> derivatives(const py::object& method, std::span<const Var> changes,
                             std::span<const Var> operands, std::span<const Var> results) {
  py::gil_scoped_acquire lock;
  std::vector<Var> values;
  for (py::handle value : method(to_python(changes), to_python(operands), to_python(results)))
    values.push_back(value.is_none() ? Var() : value.cast<Var>());
  return values;
}

// The object is the identity: Python sees to it that there is one for all equal ops.
std::shared_ptr<const UserOp> op_from_python(const py::object& object, size_t arity, bool runs) {
  auto* op = new UserOp{.name = object.attr("name").cast<std::string>(),
                        .identity = object.ptr(),
                        .arity = arity,
                        .run = {},
                        .gradients = {},
                        .tangents = {}};
  using namespace std::placeholders;
  if (runs) op->run = std::bind(run, py::object(object.attr("run")), _1, _2, _3);
  op->gradients = std::bind(derivatives, py::object(object.attr("gradients")), _1, _2, _3);
  if (py::hasattr(object, "tangents"))
    op->tangents = std::bind(derivatives, py::object(object.attr("tangents")), _1, _2, _3);
  return {op, [](UserOp* done) {
            py::gil_scoped_acquire lock;
            delete done;
          }};
}

std::vector<Var> call_from_python(const py::object& op, std::vector<Var> operands,
                                  const std::vector<std::pair<std::string, std::vector<Var>>>& results) {
  UserSource source;
  std::vector<ResultSpec> specs;
  for (const auto& [dtype, sizes] : results) specs.push_back({dtype_from_name(dtype), sizes});
  size_t arity = operands.size();
  return call_user_op(op_from_python(op, arity, true), std::move(operands), specs);
}

}  // namespace

void add_user_ops(py::module_& m) {
  m.def("call_user_op", call_from_python,
        "The results of an op written in Python: given dtypes and sizes of each.");
  m.def("with_gradients",
        [](const py::object& op, const std::vector<Var>& outputs, const std::vector<Var>& inputs) {
          UserSource source;
          return with_gradients(op_from_python(op, outputs.size() + inputs.size(), false), outputs, inputs);
        });
  m.def("null_gradient",
        [](const Var& x, const std::string& message) { return make_null_gradient(x.type(), message); });
}

}  // namespace croton
