#define CROTON_IMPORTS_NUMPY
#include "bind/arrays.h"

#include <cstring>

#include "base/error.h"
#include "bind/numpy_api.h"
#include "runtime/memory_pool.h"

namespace py = pybind11;

namespace croton {
namespace {

constexpr int numpy_types[dtype_count] = {NPY_BOOL,  NPY_INT8,    NPY_INT16,   NPY_INT32,     NPY_INT64,
                                          NPY_UINT8, NPY_UINT16,  NPY_UINT32,  NPY_UINT64,    NPY_FLOAT16,
                                          -1,        NPY_FLOAT32, NPY_FLOAT64, NPY_COMPLEX64, NPY_COMPLEX128};

int load_numpy() {
  import_array1(-1);
  return 0;
}

// The number that NumPy gave to ml_dtypes' bfloat16, or -1.
int bfloat16_type() {
  static int known = -1;
  if (known >= 0) return known;
  try {
    py::object scalar = py::module_::import("ml_dtypes").attr("bfloat16");
    known = py::module_::import("numpy").attr("dtype")(scalar).attr("num").cast<int>();
  } catch (const py::error_already_set& error) {
    if (!error.matches(PyExc_ImportError)) throw;
  }
  return known;
}

}  // namespace

void import_numpy() {
  if (load_numpy() < 0) throw py::error_already_set();
}

int numpy_type(DType dtype) {
  int type = dtype == DType::BFloat16 ? bfloat16_type() : numpy_types[static_cast<int>(dtype)];
  if (type < 0)
    throw TypeError(
        "array: required a dtype that NumPy has, given bfloat16; install the package ml_dtypes, or cast to "
        "float32");
  return type;
}

DType dtype_of_numpy(int type_number) {
  if (type_number == NPY_LONGLONG) type_number = NPY_INT64;
  if (type_number == NPY_ULONGLONG) type_number = NPY_UINT64;
  for (int i = 0; i < dtype_count; ++i)
    if (numpy_types[i] == type_number) return static_cast<DType>(i);
  if (type_number >= NPY_USERDEF && type_number == bfloat16_type()) return DType::BFloat16;
  throw TypeError("array: required numbers or bool, given an array of another kind");
}

std::shared_ptr<Array> array_from_python(py::handle object) {
  int flags = NPY_ARRAY_C_CONTIGUOUS | NPY_ARRAY_ALIGNED | NPY_ARRAY_NOTSWAPPED;
  auto dense = py::reinterpret_steal<py::object>(PyArray_FROM_OF(object.ptr(), flags));
  if (!dense) throw py::error_already_set();
  auto* source = reinterpret_cast<PyArrayObject*>(dense.ptr());
  auto array = std::make_shared<Array>();
  array->dtype = dtype_of_numpy(PyArray_TYPE(source));
  array->shape.assign(PyArray_DIMS(source), PyArray_DIMS(source) + PyArray_NDIM(source));
  array->data = allocate(std::max<size_t>(array->bytes(), 16));
  std::memcpy(array->data.get(), PyArray_DATA(source), array->bytes());
  return array;
}

py::object array_to_python(const Array& array, bool writable) {
  int type = numpy_type(array.dtype);
  auto* owner = new Buffer(array.data);
  PyObject* capsule = PyCapsule_New(
      owner, nullptr, [](PyObject* c) { delete static_cast<Buffer*>(PyCapsule_GetPointer(c, nullptr)); });
  std::vector<npy_intp> dims(array.shape.begin(), array.shape.end());
  PyObject* result =
      PyArray_New(&PyArray_Type, static_cast<int>(dims.size()), dims.data(), type, nullptr, array.data.get(),
                  0, writable ? NPY_ARRAY_CARRAY : NPY_ARRAY_CARRAY_RO, nullptr);
  if (!result) {
    Py_DECREF(capsule);
    throw py::error_already_set();
  }
  PyArray_SetBaseObject(reinterpret_cast<PyArrayObject*>(result), capsule);
  return py::reinterpret_steal<py::object>(result);
}

py::object copy_to_python(const Array& array) {
  py::object view = array_to_python(array, false);
  PyObject* copy = PyArray_NewCopy(reinterpret_cast<PyArrayObject*>(view.ptr()), NPY_CORDER);
  if (!copy) throw py::error_already_set();
  return py::reinterpret_steal<py::object>(copy);
}

py::tuple copies_of(std::span<const HostArray> values) {
  py::tuple arrays(values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    const auto bytes = static_cast<size_t>(values[i].bytes());
    Array copy{values[i].dtype,
               {values[i].shape.begin(), values[i].shape.end()},
               allocate(std::max<size_t>(bytes, 16))};
    if (bytes) std::memcpy(copy.data.get(), values[i].data, bytes);
    arrays[i] = array_to_python(copy, true);
  }
  return arrays;
}

}  // namespace croton
