// Python bindings of expressions.
#pragma once

#include <pybind11/pybind11.h>

namespace croton {

void add_graph(pybind11::module_& module);
void add_function(pybind11::module_& module);
void add_inspection(pybind11::module_& module);
void add_user_ops(pybind11::module_& module);

}  // namespace croton
