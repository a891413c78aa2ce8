// Scalar programs as CUDA C++ text. Needs no CUDA header: the text is compiled when a device is there.
#pragma once

#include <string>
#include <string_view>

#include "base/scalar_program.h"

namespace croton::cuda {

/// The C++ type of a value of `type` in the text, for example "unsigned short"; 16-bit floats are "float".
/// Throws NotImplemented for complex types.
std::string_view type_name(DType type);

/// What the texts below call: saturating conversions, safe division, the library functions. It goes once to
/// the top of a translation unit and includes nothing, so NVRTC takes it as it is.
std::string_view scalar_prelude();

/// A `__device__` function `name` of the program's arguments a0, a1, ... that returns its result. Every
/// rounding is spelled out, so the flags of the compiler (contraction, fast division) do not change it.
std::string scalar_text(const ScalarProgram& program, std::string_view name);

}  // namespace croton::cuda
