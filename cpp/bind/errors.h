// The engine's exceptions as Python's.
#pragma once

#include <pybind11/pybind11.h>

namespace croton {

/// Registers the translation for functions bound by pybind11, and adds the exception classes to the module.
void add_errors(pybind11::module_& module);
/// Sets the Python exception for the C++ exception being handled.
void set_python_error();

/// Runs `body` for CPython itself: exceptions become Python's, and the result is null.
template <class Body>
PyObject* translate_errors(Body body) noexcept {
  try {
    return body();
  } catch (...) {
    set_python_error();
    return nullptr;
  }
}

}  // namespace croton
