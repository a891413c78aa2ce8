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
                   py::object bind, py::object results, bool profiled, std::vector<std::string> skip) {
  std::vector<Update> updates;
  for (const auto& [target, value] : pairs) updates.push_back({target, value});
  std::shared_ptr<Function> function;
  {
    py::gil_scoped_release release;
    function = std::make_shared<Function>(std::move(inputs), std::move(outputs), std::move(updates), name,
                                          profiled, std::move(skip));
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

py::object source_to_python(const Source& source) {
  return source.file ? py::object(py::make_tuple(source.file, source.line)) : py::none();
}

py::object profile_to_python(py::handle object) {
  Profile* profile = function_of(object).profile();
  if (!profile) return py::none();
  py::list programs;
  for (const std::vector<LaunchProfile>& program : profile->programs()) {
    py::list launches;
    for (const LaunchProfile& launch : program) {
      py::list ops;
      for (const LaunchedOp& op : launch.ops) ops.append(py::make_tuple(op.op, source_to_python(op.source)));
      launches.append(py::dict(py::arg("kind") = launch.kind, py::arg("ops") = ops,
                               py::arg("runs") = launch.time.runs,
                               py::arg("seconds") = 1e-9 * static_cast<double>(launch.time.nanoseconds)));
    }
    programs.append(launches);
  }
  LaunchTime calls = profile->calls();
  return py::dict(py::arg("calls") = calls.runs,
                  py::arg("seconds") = 1e-9 * static_cast<double>(calls.nanoseconds),
                  py::arg("programs") = programs);
}

py::object shape_to_python(const std::vector<int64_t>& shape) { return py::tuple(py::cast(shape)); }

py::dict memory_to_python(py::handle object) {
  MemoryReport report = function_of(object).memory();
  py::list buffers, results, copies;
  for (const BufferReport& b : report.buffers)
    buffers.append(py::make_tuple(b.value, name(b.dtype), shape_to_python(b.shape), b.bytes, b.offset,
                                  b.first, b.last, source_to_python(b.source)));
  for (const ResultReport& r : report.results)
    results.append(py::make_tuple(name(r.dtype), shape_to_python(r.shape), r.bytes, r.in_place));
  for (const CopyReport& c : report.copies)
    copies.append(py::make_tuple(c.value, c.reason, c.bytes, source_to_python(c.source)));
  return py::dict(py::arg("arena_bytes") = report.arena_bytes,
                  py::arg("scratch_bytes") = report.scratch_bytes, py::arg("buffers") = buffers,
                  py::arg("results") = results, py::arg("copies") = copies);
}

void reset_profile(py::handle object) {
  if (Profile* profile = function_of(object).profile()) profile->reset();
}

std::string nests(py::handle object) {
  std::string out;
  for (const Launch& launch : function_of(object).executable().program().launches)
    out += launch.product ? "product\n"
           : launch.call  ? "call " + std::string(launch.call->node->op->name) + "\n"
                          : text(launch.nest);
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
  m.def("profile", profile_to_python);
  m.def("memory_report", memory_to_python);
  m.def("reset_profile", reset_profile);
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
