#include "bind/function_object.h"

#include <structmember.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "base/error.h"
#include "bind/arrays.h"
#include "bind/errors.h"
#include "bind/numpy_api.h"
#include "runtime/memory_pool.h"

namespace py = pybind11;

namespace croton {
namespace {

constexpr size_t small_result = 32 << 10;  // up to this size NumPy's own memory is the quickest
constexpr size_t stack_arguments = 32;

struct InputSpec {
  int type, rank;
  std::vector<int64_t> dims;  // empty if every size is unknown
};

struct FunctionObject {
  PyObject_HEAD vectorcallfunc vectorcall;
  std::shared_ptr<Function>* function;
  std::vector<InputSpec>* inputs;
  PyObject *convert, *bind, *dict;
  PyObject* results;  // True: alone, False: a list, None: nothing, a tuple of keys: a dict
};

// Results in NumPy arrays: small ones in NumPy's memory, large ones in the pool's.
class NumpySink : public ResultSink {
 public:
  explicit NumpySink(size_t count) : arrays_(count) {}
  ~NumpySink() {
    for (PyObject* array : arrays_) Py_XDECREF(array);
  }

  void* allocate(size_t k, DType dtype, const std::vector<int64_t>& shape, size_t bytes) override {
    int type = numpy_type(dtype);
    npy_intp dims[NPY_MAXDIMS];
    for (size_t i = 0; i < shape.size(); ++i) dims[i] = shape[i];
    int rank = static_cast<int>(shape.size());
    if (bytes <= small_result) {
      arrays_[k] = PyArray_SimpleNew(rank, dims, type);
      if (!arrays_[k]) throw py::error_already_set();
      return PyArray_DATA(reinterpret_cast<PyArrayObject*>(arrays_[k]));
    }
    void* memory = pool_allocate(bytes);
    arrays_[k] = PyArray_SimpleNewFromData(rank, dims, type, memory);
    PyObject* owner =
        PyCapsule_New(memory, nullptr, [](PyObject* c) { pool_free(PyCapsule_GetPointer(c, nullptr)); });
    PyArray_SetBaseObject(reinterpret_cast<PyArrayObject*>(arrays_[k]), owner);
    return memory;
  }

  PyObject* take(size_t k) { return std::exchange(arrays_[k], nullptr); }

 private:
  std::vector<PyObject*> arrays_;
};

// Gives up the interpreter's lock while a call waits or works, unless it is too brief for that; results are
// allocated under it. Nothing may wait for another call while it holds the interpreter's lock.
class UnlockingSink : public ResultSink {
 public:
  explicit UnlockingSink(NumpySink& sink) : sink_(sink) {}
  void* allocate(size_t k, DType dtype, const std::vector<int64_t>& shape, size_t bytes) override {
    if (!released_) return sink_.allocate(k, dtype, shape, bytes);
    py::gil_scoped_acquire lock;
    return sink_.allocate(k, dtype, shape, bytes);
  }
  void wait() override { released_.emplace(); }
  void begin(bool brief) override {
    if (!brief && !released_) released_.emplace();
  }

 private:
  NumpySink& sink_;
  std::optional<py::gil_scoped_release> released_;
};

// Whether elements can be read where they lie, in steps of whole elements.
bool is_readable(PyArrayObject* array) {
  if (!PyArray_ISALIGNED(array) || !PyArray_ISNOTSWAPPED(array)) return false;
  for (int axis = 0; axis < PyArray_NDIM(array); ++axis)
    if (PyArray_STRIDE(array, axis) % PyArray_ITEMSIZE(array) != 0) return false;
  return true;
}

bool fits(PyObject* object, const InputSpec& spec) {
  if (!PyArray_CheckExact(object)) return false;
  auto* array = reinterpret_cast<PyArrayObject*>(object);
  if (PyArray_TYPE(array) != spec.type || PyArray_NDIM(array) != spec.rank) return false;
  if (!PyArray_ISCARRAY_RO(array) && !is_readable(array)) return false;
  for (size_t axis = 0; axis < spec.dims.size(); ++axis)
    if (spec.dims[axis] != unknown && spec.dims[axis] != PyArray_DIMS(array)[axis]) return false;
  return true;
}

struct Call {
  FunctionObject* self;
  std::vector<py::object> converted;

  // A view of `object`, converted by the Python layer into a dense array if it does not fit.
  ArgumentView view(size_t position, PyObject* object, int64_t* scalar) {
    const InputSpec& spec = (*self->inputs)[position];
    if (spec.rank == 0 && spec.type == NPY_FLOAT64) {
      bool number = PyArray_IsScalar(object, Double) || PyFloat_CheckExact(object);
      if (number) {
        double value = PyFloat_AS_DOUBLE(object);
        std::memcpy(scalar, &value, sizeof value);
        return {scalar, nullptr};
      }
    }
    if (!fits(object, spec)) object = convert(position, object);
    auto* array = reinterpret_cast<PyArrayObject*>(object);
    static_assert(sizeof(npy_intp) == sizeof(int64_t));
    const npy_intp* strides = PyArray_IS_C_CONTIGUOUS(array) ? nullptr : PyArray_STRIDES(array);
    return {PyArray_DATA(array), reinterpret_cast<const int64_t*>(PyArray_DIMS(array)),
            reinterpret_cast<const int64_t*>(strides)};
  }

  PyObject* convert(size_t position, PyObject* object) {
    py::object array = py::handle(self->convert)(position, py::handle(object));
    if (!fits(array.ptr(), (*self->inputs)[position]))
      throw InternalError("conversion of an argument gave an array of another type");
    converted.push_back(array);
    return array.ptr();
  }

  PyObject* run(PyObject* const* args, size_t count) {
    Function& function = **self->function;
    ArgumentView small[stack_arguments];
    int64_t small_scalars[stack_arguments];
    std::vector<ArgumentView> large(count > stack_arguments ? count : 0);
    std::vector<int64_t> large_scalars(large.size());
    ArgumentView* views = large.empty() ? small : large.data();
    int64_t* scalars = large.empty() ? small_scalars : large_scalars.data();
    for (size_t i = 0; i < count; ++i) views[i] = view(i, args[i], scalars + i);
    if (any_strided(views, count) && !function.accepts(views))
      for (size_t i = 0; i < count; ++i)
        if (views[i].strides) views[i] = view(i, convert(i, args[i]), scalars + i);
    size_t outputs = function.outputs().size();
    NumpySink sink(outputs);
    {
      UnlockingSink unlocking(sink);
      function.call(views, unlocking);
    }
    return pack(sink, outputs);
  }

  PyObject* pack(NumpySink& sink, size_t outputs) {
    PyObject* results = self->results;
    if (results == Py_True) return sink.take(0);
    if (results == Py_None) Py_RETURN_NONE;
    if (PyTuple_Check(results)) {
      py::dict values;
      for (size_t k = 0; k < outputs; ++k)
        values[PyTuple_GET_ITEM(results, static_cast<Py_ssize_t>(k))] =
            py::reinterpret_steal<py::object>(sink.take(k));
      return values.release().ptr();
    }
    PyObject* list = PyList_New(static_cast<Py_ssize_t>(outputs));
    for (size_t k = 0; k < outputs; ++k) PyList_SET_ITEM(list, static_cast<Py_ssize_t>(k), sink.take(k));
    return list;
  }
};

// Calls by keyword, or with another number of arguments: the Python layer sorts them out, or raises.
PyObject* call_bound(FunctionObject* self, PyObject* const* args, size_t count, PyObject* names) {
  py::tuple positional(count);
  for (size_t i = 0; i < count; ++i) positional[i] = py::reinterpret_borrow<py::object>(args[i]);
  py::dict keywords;
  for (Py_ssize_t i = 0; names && i < PyTuple_GET_SIZE(names); ++i)
    keywords[PyTuple_GET_ITEM(names, i)] =
        py::reinterpret_borrow<py::object>(args[count + static_cast<size_t>(i)]);
  py::tuple bound = py::handle(self->bind)(positional, keywords);
  std::vector<PyObject*> values;
  for (py::handle value : bound) values.push_back(value.ptr());
  return Call{self, {}}.run(values.data(), values.size());
}

PyObject* function_call(PyObject* object, PyObject* const* args, size_t nargsf, PyObject* names) {
  auto* self = reinterpret_cast<FunctionObject*>(object);
  size_t count = static_cast<size_t>(PyVectorcall_NARGS(nargsf));
  return translate_errors([&]() -> PyObject* {
    if ((names && PyTuple_GET_SIZE(names)) || count != self->inputs->size())
      return call_bound(self, args, count, names);
    return Call{self, {}}.run(args, count);
  });
}

// Calls of a function with a profile: of those that return, the whole counts, conversions included.
PyObject* profiled_call(PyObject* object, PyObject* const* args, size_t nargsf, PyObject* names) {
  auto start = Profile::Clock::now();
  PyObject* result = function_call(object, args, nargsf, names);
  if (result) function_of(object).profile()->add_call(Profile::Clock::now() - start);
  return result;
}

int function_traverse(PyObject* object, visitproc visit, void* arg) {
  auto* self = reinterpret_cast<FunctionObject*>(object);
  Py_VISIT(self->convert);
  Py_VISIT(self->bind);
  Py_VISIT(self->dict);
  Py_VISIT(self->results);
  Py_VISIT(Py_TYPE(object));
  return 0;
}

int function_clear(PyObject* object) {
  auto* self = reinterpret_cast<FunctionObject*>(object);
  Py_CLEAR(self->convert);
  Py_CLEAR(self->bind);
  Py_CLEAR(self->dict);
  Py_CLEAR(self->results);
  return 0;
}

void function_dealloc(PyObject* object) {
  PyObject_GC_UnTrack(object);
  auto* self = reinterpret_cast<FunctionObject*>(object);
  function_clear(object);
  delete self->function;
  delete self->inputs;
  PyTypeObject* type = Py_TYPE(object);
  type->tp_free(object);
  Py_DECREF(type);
}

PyMemberDef members[] = {
    {"__dictoffset__", T_PYSSIZET, offsetof(FunctionObject, dict), READONLY, nullptr},
    {"__vectorcalloffset__", T_PYSSIZET, offsetof(FunctionObject, vectorcall), READONLY, nullptr},
    {nullptr, 0, 0, 0, nullptr}};

PyGetSetDef getset[] = {{"__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict, nullptr, nullptr},
                        {nullptr, nullptr, nullptr, nullptr, nullptr}};

PyType_Slot slots[] = {{Py_tp_call, reinterpret_cast<void*>(PyVectorcall_Call)},
                       {Py_tp_dealloc, reinterpret_cast<void*>(function_dealloc)},
                       {Py_tp_traverse, reinterpret_cast<void*>(function_traverse)},
                       {Py_tp_clear, reinterpret_cast<void*>(function_clear)},
                       {Py_tp_members, members},
                       {Py_tp_getset, getset},
                       {0, nullptr}};

PyType_Spec spec = {
    "croton._core.CompiledFunction", sizeof(FunctionObject), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL | Py_TPFLAGS_BASETYPE, slots};

PyTypeObject* function_type = nullptr;

}  // namespace

void add_function_type(py::module_& module) {
  PyObject* type = PyType_FromSpec(&spec);
  if (!type) throw py::error_already_set();
  function_type = reinterpret_cast<PyTypeObject*>(type);
  module.attr("CompiledFunction") = py::reinterpret_borrow<py::object>(type);
}

py::object make_function_object(std::shared_ptr<Function> function, py::object convert, py::object bind,
                                py::object results) {
  PyObject* object = PyType_GenericAlloc(function_type, 0);
  if (!object) throw py::error_already_set();
  auto* self = reinterpret_cast<FunctionObject*>(object);
  self->vectorcall = function->profile() ? profiled_call : function_call;
  self->inputs = new std::vector<InputSpec>;
  for (const Var& x : function->inputs()) {
    std::vector<int64_t> dims = x.type().dims;
    if (std::all_of(dims.begin(), dims.end(), [](int64_t size) { return size == unknown; })) dims.clear();
    self->inputs->push_back({numpy_type(x.dtype()), x.rank(), std::move(dims)});
  }
  self->function = new std::shared_ptr<Function>(std::move(function));
  self->convert = convert.release().ptr();
  self->bind = bind.release().ptr();
  self->results = results.release().ptr();
  return py::reinterpret_steal<py::object>(object);
}

Function& function_of(py::handle object) {
  if (!PyObject_TypeCheck(object.ptr(), function_type)) throw TypeError("required a compiled function");
  return **reinterpret_cast<FunctionObject*>(object.ptr())->function;
}

}  // namespace croton
