#include "bind/source.h"

#include <pybind11/pybind11.h>

#include <unordered_map>
#include <unordered_set>

namespace py = pybind11;

namespace croton {
namespace {

std::string package_folder;

// File names live as long as the process: nodes point to them.
const char* intern(const std::string& text) {
  static auto* names = new std::unordered_set<std::string>;
  return names->insert(text).first->c_str();
}

// The file of a code object, or null for code of this package.
const char* user_file(PyCodeObject* code) {
  static auto* known = new std::unordered_map<PyObject*, const char*>;
  PyObject* name = code->co_filename;
  auto it = known->find(name);
  if (it != known->end()) return it->second;
  const char* text = PyUnicode_AsUTF8(name);
  std::string file = text ? text : "";
  bool internal = !package_folder.empty() && file.rfind(package_folder, 0) == 0;
  Py_INCREF(name);
  return known->emplace(name, internal ? nullptr : intern(file)).first->second;
}

Source find_source() {
  PyFrameObject* frame = PyEval_GetFrame();
  Py_XINCREF(frame);
  Source source;
  while (frame && !source.file) {
    PyCodeObject* code = PyFrame_GetCode(frame);
    if (const char* file = user_file(code)) source = {file, PyFrame_GetLineNumber(frame)};
    Py_DECREF(code);
    PyFrameObject* back = PyFrame_GetBack(frame);
    Py_DECREF(frame);
    frame = back;
  }
  Py_XDECREF(frame);
  return source;
}

}  // namespace

UserSource::UserSource() : scope_(find_source()) {}

void set_package_folder(const std::string& folder) { package_folder = folder; }

}  // namespace croton
