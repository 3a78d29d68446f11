# SPDX-License-Identifier: MIT
#
# Inside another project diffode is two targets (one and its alias), and nothing else: no programs, no tests, no
# install rules, no searches for libraries.
get_property(folders DIRECTORY "${diffode_SOURCE_DIR}" PROPERTY SUBDIRECTORIES)
get_property(targets DIRECTORY "${diffode_SOURCE_DIR}" PROPERTY BUILDSYSTEM_TARGETS)
if(folders OR NOT targets STREQUAL "diffode")
  message(FATAL_ERROR "embedded diffode adds folders '${folders}' and targets '${targets}'")
endif()
get_cmake_property(names CACHE_VARIABLES)
foreach(name IN LISTS names)
  if(name MATCHES "^(Catch2|fmt|Eigen3|xtensor|benchmark|CLI11|nlohmann_json)_DIR$")
    message(FATAL_ERROR "embedded diffode looks for ${name}")
  endif()
endforeach()
