// The exceptions of the engine; the bindings map each to the Python exception of the same name.
#pragma once

#include <stdexcept>
#include <string>

namespace croton {

/// What every error of the engine derives from. Messages read "operation: required, given, remedy".
struct Error : std::runtime_error {
  using std::runtime_error::runtime_error;
};
/// Shapes, ranks or values that do not fit (ValueError in Python).
struct ValueError : Error {
  using Error::Error;
};
/// A matrix without the decomposition or inverse that was asked for (numpy.linalg.LinAlgError, a ValueError).
struct LinAlgError : ValueError {
  using ValueError::ValueError;
};
/// Wrong dtype or wrong kind of object (TypeError).
struct TypeError : Error {
  using Error::Error;
};
/// A gradient that is asked for where there is none to be had (croton.errors.NullTypeGradError, a TypeError).
struct NullTypeGradError : TypeError {
  using TypeError::TypeError;
};
/// Index out of range (IndexError).
struct IndexError : Error {
  using Error::Error;
};
/// A condition that the user states does not hold (AssertionError).
struct AssertionError : Error {
  using Error::Error;
};
/// Something that this op or backend cannot do (NotImplementedError).
struct NotImplemented : Error {
  using Error::Error;
};
/// No memory left (MemoryError).
struct MemoryError : Error {
  using Error::Error;
};
/// The user pressed Ctrl-C (the pending Python exception is raised).
struct Interrupted : Error {
  using Error::Error;
};
/// A broken promise of the engine itself, never the user's fault (RuntimeError).
struct InternalError : Error {
  using Error::Error;
};

/// Throws InternalError with `what` unless `condition` holds.
inline void check_internal(bool condition, const char* what) {
  if (!condition) throw InternalError(std::string("internal error: ") + what);
}

}  // namespace croton
