// What tells this build of the library from every other one.
#pragma once

#include <cstdint>

namespace croton {

/// A hash of the linker's build id of the library that holds this function, or, without one, of the library
/// file's size and time. Whatever outlives the process and depends on the code is kept under it.
uint64_t build_id();

}  // namespace croton
