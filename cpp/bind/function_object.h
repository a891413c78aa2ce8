// The Python type of compiled functions: a call does no more than check, find the plan and run.
#pragma once

#include <pybind11/pybind11.h>

#include <memory>

#include "compile.h"

namespace croton {

/// Adds the type `CompiledFunction` to the module. Its constructor is make_function_object.
void add_function_type(pybind11::module_& module);

/// `convert(position, object)` returns a dense NumPy array of the input's dtype and rank, or raises;
/// `bind(args, kwargs)` returns the positional arguments of a call by keyword; `results`: True, the only
/// result alone; False, a list; None, nothing; a tuple of keys, a dict.
pybind11::object make_function_object(std::shared_ptr<Function> function, pybind11::object convert,
                                      pybind11::object bind, pybind11::object results);
/// The function behind such an object.
Function& function_of(pybind11::handle object);

}  // namespace croton
