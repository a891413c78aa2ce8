// The Python module croton._core.
#include <pybind11/pybind11.h>

PYBIND11_MODULE(_core, m) {
  m.doc() = "The engine of Croton.";
  m.attr("__version__") = CROTON_VERSION;
}
