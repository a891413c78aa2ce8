// Python bindings of compilation, shared variables and the runtime's settings.
#include <pybind11/stl.h>

#include "base/error.h"
#include "bind/arrays.h"
#include "bind/function_object.h"
#include "bind/graph.h"
#include "runtime/disk_cache.h"
#include "runtime/kernel_cache.h"
#include "runtime/memory_pool.h"
#include "runtime/thread_pool.h"

namespace py = pybind11;

namespace croton {
namespace {

void poll_signals() {
  py::gil_scoped_acquire lock;
  if (PyErr_CheckSignals() != 0) throw Interrupted("interrupted");
}

py::object compile(std::vector<Var> inputs, std::vector<Var> outputs,
                   const std::vector<std::pair<Var, Var>>& pairs, const std::string& name, py::object convert,
                   py::object bind, py::object results) {
  std::vector<Update> updates;
  for (const auto& [target, value] : pairs) updates.push_back({target, value});
  std::shared_ptr<Function> function;
  {
    py::gil_scoped_release release;
    function = std::make_shared<Function>(std::move(inputs), std::move(outputs), std::move(updates), name);
  }
  return make_function_object(std::move(function), std::move(convert), std::move(bind), std::move(results));
}

py::dict report(py::handle object) {
  const Function& function = function_of(object);
  py::list kernels, passes;
  for (const KernelReport& kernel : function.executable().kernels())
    kernels.append(py::dict(py::arg("name") = kernel.name, py::arg("ops") = kernel.ops,
                            py::arg("origin") = name(kernel.origin), py::arg("ms") = kernel.milliseconds));
  for (const PassTime& pass : function.passes()) passes.append(py::make_tuple(pass.name, pass.milliseconds));
  return py::dict(py::arg("total_ms") = function.compile_milliseconds(), py::arg("kernels") = kernels,
                  py::arg("passes") = passes, py::arg("plans") = function.executable().plan_count());
}

std::string nests(py::handle object) {
  std::string out;
  for (const Launch& launch : function_of(object).executable().program().launches)
    out += launch.product ? "product\n" : text(launch.nest);
  return out;
}

// Shared variables: the storage is reached through the variable itself.
Var make_shared_variable(py::handle value, const py::sequence& shape, const std::string& name) {
  auto storage = std::make_shared<SharedStorage>();
  storage->value = *array_from_python(value);
  Type type{storage->value.dtype, {}};
  for (py::handle size : shape) type.dims.push_back(size.is_none() ? unknown : size.cast<int64_t>());
  return make_shared(std::move(storage), std::move(type), name);
}

py::object get_value(const Var& x, bool borrow) {
  Array value;
  {
    py::gil_scoped_release release;
    value = borrow ? get_shared(*x->attrs.shared) : copy_shared(*x->attrs.shared);
  }
  return array_to_python(value, true);
}

void set_value(const Var& x, py::handle object) {
  std::shared_ptr<Array> value = array_from_python(object);
  check_internal(value->dtype == x.dtype() && static_cast<int>(value->shape.size()) == x.rank(),
                 "a shared variable keeps its dtype and rank");
  py::gil_scoped_release release;
  set_shared(*x->attrs.shared, std::move(*value));
}

}  // namespace

void add_function(py::module_& m) {
  add_function_type(m);
  m.def("compile", compile);
  m.def("compile_report", report);
  m.def("loop_nests", nests);
  m.def("shared", make_shared_variable);
  m.def("is_shared", [](const Var& x) { return x->attrs.shared != nullptr; });
  m.def("get_value", get_value);
  m.def("set_value", set_value);
  m.def("set_num_threads", set_num_threads);
  m.def("num_threads", num_threads);
  m.def("kernels_built", kernels_built);
  m.def("release_memory", release_pool);
  m.def("cache_stats", [] {
    DiskCacheStats stats = disk_cache_stats();
    return py::dict(py::arg("hits") = stats.hits, py::arg("misses") = stats.misses,
                    py::arg("writes") = stats.writes, py::arg("errors") = stats.errors,
                    py::arg("folder") = stats.folder, py::arg("off_reason") = stats.off_reason);
  });
  m.def("watch_interrupts", [] { set_poll(poll_signals); });
}

}  // namespace croton
