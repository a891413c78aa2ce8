// Graphs before and after optimisation, what a function launches, and observers written in Python.
#include <pybind11/stl.h>

#include "bind/arrays.h"
#include "bind/function_object.h"
#include "bind/graph.h"
#include "bind/source.h"
#include "graph/body.h"
#include "ops/observe.h"
#include "rewrite/branches.h"
#include "rewrite/passes.h"

namespace py = pybind11;

namespace croton {
namespace {

int64_t keep_python_observer(const py::function& function) {
  return keep_observer([function](std::span<const HostArray> values) {
    py::gil_scoped_acquire lock;
    function(*copies_of(values));
  });
}

Var observe_from_python(const Var& x, std::vector<Var> values, int64_t observer, int64_t identity) {
  UserSource source;
  return observe(x, std::move(values), observer, identity);
}

std::vector<Var> optimized(std::vector<Var> roots, const std::vector<std::string>& skip) {
  PassOptions options = PassOptions::from_environment();
  options.skip.insert(options.skip.end(), skip.begin(), skip.end());
  options.verify = true;
  PassRunner runner(std::move(options));
  return optimize(close_branches(std::move(roots)), runner);
}

std::vector<Var> nodes(const std::vector<Var>& roots) {
  std::vector<Var> all;
  for (Node* node : topological_order(roots)) all.emplace_back(node);
  return all;
}

// The nodes that a launch computes.
std::vector<Var> launched(const Launch& launch) {
  std::vector<Var> found;
  auto add = [&](const Node* node) {
    if (node && (found.empty() || found.back().get() != node)) found.emplace_back(const_cast<Node*>(node));
  };
  if (launch.product) add(launch.product->node);
  if (launch.call) add(launch.call->node);
  for (const Step& step : launch.nest.steps)
    if (computes(step)) add(step.node);
  if (found.empty()) add(launch.nest.steps.back().node);  // it copies
  return found;
}

// The graph that a function runs, and its launches: a kind and nodes of the graph.
py::tuple program(py::handle object) {
  const Executable& executable = function_of(object).executable();
  const std::vector<KernelReport> kernels = executable.kernels();
  py::list launches;
  for (size_t i = 0; i < executable.program().launches.size(); ++i)
    launches.append(py::make_tuple(kernels[i].name, launched(executable.program().launches[i])));
  return py::make_tuple(executable.program().roots, launches);
}

// What a loop does in one step (graph/body.h).
py::dict body_of(const Var& loop) {
  const Body& body = *loop->attrs.body;
  return py::dict(py::arg("inputs") = body.inputs, py::arg("outputs") = body.outputs,
                  py::arg("sequences") = body.sequences, py::arg("carries") = body.carries,
                  py::arg("until") = body.until, py::arg("reversed") = body.reversed);
}

}  // namespace

void add_inspection(py::module_& m) {
  m.def("keep_observer", keep_python_observer);
  m.def("keep_assertion", keep_assertion);
  m.def("observe", observe_from_python);
  m.def("optimized", optimized);
  m.def("nodes", nodes);
  m.def("program", program);
  m.def("body", body_of);
}

}  // namespace croton
