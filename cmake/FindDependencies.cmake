# Finds what Croton is built from. LLVM, OpenBLAS, Boost and pybind11 come from the Python environment that
# builds, unless LLVM_DIR or pybind11_DIR say otherwise.

# Prints what the Python command `ARGN` prints into `result`, or stops with `message`.
function(croton_ask_python result message)
  execute_process(COMMAND "${Python_EXECUTABLE}" ${ARGN} OUTPUT_VARIABLE answer ERROR_VARIABLE trouble
                  OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE status)
  if(status)
    message(FATAL_ERROR "${message}\n${trouble}")
  endif()
  set(${result} "${answer}" PARENT_SCOPE)
endfunction()

# An isolated pip build has new paths each time; forget the ones that are gone.
foreach(entry LLVM_DIR pybind11_DIR ZLIB_LIBRARY_RELEASE ZLIB_INCLUDE_DIR zstd_LIBRARY zstd_INCLUDE_DIR)
  if(DEFINED CACHE{${entry}} AND NOT EXISTS "$CACHE{${entry}}")
    unset(${entry} CACHE)
  endif()
endforeach()

find_package(Threads REQUIRED)
if(CROTON_PYTHON)
  find_package(Python 3.10 REQUIRED COMPONENTS Interpreter Development.Module)
else()
  find_package(Python 3.10 REQUIRED COMPONENTS Interpreter)
endif()

# ---- LLVM, static
if(NOT LLVM_DIR)
  set(hint "LLVM: none found; pip install mlc-llvm-static, or give -DLLVM_DIR=<prefix>/lib/cmake/llvm.")
  croton_ask_python(LLVM_DIR "${hint}" -m mlc_llvm_static.config --cmake-dir)
  croton_ask_python(llvm_prefix "${hint}" -m mlc_llvm_static.config --prefix)
  list(PREPEND CMAKE_PREFIX_PATH "${llvm_prefix}")  # its zlib and zstd
endif()
set(ZLIB_USE_STATIC_LIBS ON)
find_package(LLVM REQUIRED CONFIG)
if(LLVM_VERSION VERSION_LESS 19)
  message(FATAL_ERROR "LLVM: 19 or newer is required, ${LLVM_VERSION} was found in ${LLVM_DIR}.")
endif()
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(aarch64|arm64|ARM64)$")
  set(llvm_target AArch64)
else()
  set(llvm_target X86)
endif()
llvm_map_components_to_libnames(croton_llvm_libraries core support passes orcjit executionengine
                                ${llvm_target}codegen ${llvm_target}desc ${llvm_target}info)
message(STATUS "LLVM ${LLVM_VERSION} (${llvm_target}) in ${LLVM_DIR}")

# ---- OpenBLAS, a shared library that is bundled
set(hint "OpenBLAS: pip install scipy-openblas32.")
croton_ask_python(croton_openblas_include "${hint}" -c
                  "import scipy_openblas32 as b\nprint(b.get_include_dir())")
croton_ask_python(openblas_original "${hint}" -c
                  "import scipy_openblas32 as b\nprint(b.get_lib_dir() + '/' + b.get_library(True))")
croton_ask_python(croton_openblas_library "OpenBLAS: could not copy the library."
                  "${CMAKE_CURRENT_LIST_DIR}/own_openblas.py" "${openblas_original}" "${CMAKE_BINARY_DIR}")
message(STATUS "OpenBLAS in ${openblas_original}")

# ---- Boost.Math, headers alone
croton_ask_python(croton_boost_include "Boost.Math: pip install boost-headers." -c
                  "import boost_headers as b\nprint(b.get_include())")

# ---- pocketfft, a header: that of another project's package, or in -DCROTON_POCKETFFT_INCLUDE_DIR=<folder>
if(NOT CROTON_POCKETFFT_INCLUDE_DIR)
  set(hint "pocketfft: pip install mlx-cpu, or give -DCROTON_POCKETFFT_INCLUDE_DIR=<folder of pocketfft.h>.")
  set(ask "from importlib.metadata import distribution as d"
          "print(d('mlx-cpu').locate_file('mlx/include/mlx/3rdparty'))")
  list(JOIN ask "\n" ask)
  croton_ask_python(CROTON_POCKETFFT_INCLUDE_DIR "${hint}" -c "${ask}")
endif()
if(NOT EXISTS "${CROTON_POCKETFFT_INCLUDE_DIR}/pocketfft.h")
  message(FATAL_ERROR "pocketfft: required pocketfft.h in CROTON_POCKETFFT_INCLUDE_DIR, "
                      "given ${CROTON_POCKETFFT_INCLUDE_DIR}.")
endif()
message(STATUS "pocketfft in ${CROTON_POCKETFFT_INCLUDE_DIR}")

# ---- what the wheel has to carry of their licences
croton_ask_python(croton_licences "licences: could not collect them." "${CMAKE_CURRENT_LIST_DIR}/licences.py"
                  "${CMAKE_BINARY_DIR}/licences" "${CROTON_POCKETFFT_INCLUDE_DIR}/pocketfft.h")

# ---- pybind11
if(CROTON_PYTHON)
  if(NOT pybind11_DIR)
    croton_ask_python(pybind11_DIR "pybind11: pip install 'pybind11>=3,<4'." -m pybind11 --cmakedir)
  endif()
  find_package(pybind11 3 REQUIRED CONFIG)
endif()

# NumPy's headers: the type of compiled functions uses its C interface.
if(CROTON_PYTHON)
  croton_ask_python(croton_numpy_include "NumPy: pip install 'numpy>=2'." -c
                    "import numpy\nprint(numpy.get_include())")
endif()
