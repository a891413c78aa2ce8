// Reading and writing one element of any real dtype as a double: for constants and messages.
#pragma once

#include "base/dtype.h"

namespace croton {

double load_scalar(DType type, const void* data);
void store_scalar(DType type, double value, void* data);

}  // namespace croton
