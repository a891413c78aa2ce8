# Installs libcroton, its OpenBLAS, headers and CMake files below croton/, the Python package folder.
include(CMakePackageConfigHelpers)
set(cmake_files croton/lib/cmake/croton)

install(TARGETS croton EXPORT crotonTargets LIBRARY DESTINATION croton)
install(PROGRAMS "${croton_openblas_library}" DESTINATION croton)
install(DIRECTORY "${croton_licences}/" DESTINATION croton/licences)
install(DIRECTORY cpp/include/croton DESTINATION croton/include OPTIONAL FILES_MATCHING PATTERN "*.h")
# The headers behind the public ones, for those who add ops, rules or backends from outside.
install(DIRECTORY cpp/ DESTINATION croton/include/croton/engine FILES_MATCHING PATTERN "*.h"
        PATTERN "include" EXCLUDE PATTERN "bind" EXCLUDE PATTERN "llvm" EXCLUDE)

install(EXPORT crotonTargets NAMESPACE croton:: DESTINATION ${cmake_files})
configure_package_config_file(cmake/crotonConfig.cmake.in crotonConfig.cmake
                              INSTALL_DESTINATION ${cmake_files})
write_basic_package_version_file(crotonConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/crotonConfig.cmake"
              "${CMAKE_CURRENT_BINARY_DIR}/crotonConfigVersion.cmake" DESTINATION ${cmake_files})
