// NumPy arrays in and out. The only file pair that talks to NumPy's C interface besides function_object.cpp
// and user_op.cpp.
#pragma once

#include <pybind11/pybind11.h>

#include <memory>
#include <span>
#include <string>

#include "base/array.h"
#include "base/host_call.h"

namespace croton {

/// Loads NumPy's C interface; throws Python's ImportError.
void import_numpy();
/// NumPy's type number of `dtype`. That of bfloat16 comes from the package ml_dtypes; throws TypeError where
/// it is not installed.
int numpy_type(DType dtype);
/// The dtype of a NumPy type number; throws TypeError for the others.
DType dtype_of_numpy(int type_number);
/// A copy of any array-like object as a dense array in C order, native byte order.
std::shared_ptr<Array> array_from_python(pybind11::handle object);
/// A NumPy array on the same memory, which it keeps alive.
pybind11::object array_to_python(const Array& array, bool writable);
/// Copies of what a host routine sees, which Python may keep.
pybind11::tuple copies_of(std::span<const HostArray> values);
/// A copy.
pybind11::object copy_to_python(const Array& array);

}  // namespace croton
