// The Python module croton._core.
#include <pybind11/pybind11.h>

#include "bind/arrays.h"
#include "bind/errors.h"
#include "bind/graph.h"

PYBIND11_MODULE(_core, m) {
  m.doc() = "The engine of Croton.";
  m.attr("__version__") = CROTON_VERSION;
  croton::import_numpy();
  croton::add_errors(m);
  croton::add_graph(m);
  croton::add_function(m);
  croton::add_inspection(m);
  croton::add_user_ops(m);
}
