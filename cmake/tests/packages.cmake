# SPDX-License-Identifier: MIT
#
# Tests of the build: each way into the library, by a small project of a user (tests/build).
if(NOT EXISTS "${PROJECT_SOURCE_DIR}/include/diffode/diffode.hpp" OR NOT DIFFODE_INSTALL)
  return()
endif()

set(package_command "${CMAKE_COMMAND}"
  "-DCOMPILER=${CMAKE_CXX_COMPILER}" "-DGENERATOR=${CMAKE_GENERATOR}" "-DVERSION=${PROJECT_VERSION}"
  "-DSOURCE_DIR=${PROJECT_SOURCE_DIR}" "-DBUILD_DIR=${PROJECT_BINARY_DIR}"
  "-DWORK_DIR=${CMAKE_CURRENT_BINARY_DIR}/build")
set(package_script "${PROJECT_SOURCE_DIR}/cmake/tests/packages_run.cmake")

foreach(name IN ITEMS install find_package_install find_package_build add_subdirectory fetch_content pkg_config
    no_exceptions standard_library_only)
  add_test(NAME build_${name} COMMAND ${package_command} -DNAME=${name} -P "${package_script}")
endforeach()
set_tests_properties(build_install PROPERTIES FIXTURES_SETUP diffode_installed)
set_tests_properties(build_find_package_install build_pkg_config PROPERTIES FIXTURES_REQUIRED diffode_installed)
set_tests_properties(build_pkg_config PROPERTIES SKIP_REGULAR_EXPRESSION "skipped: ")
