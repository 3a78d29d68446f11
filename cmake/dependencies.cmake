# SPDX-License-Identifier: MIT
#
# The doors to other people's libraries, one function each. The library itself needs none of them: they serve
# tests, benchmarks, tools, examples and the optional adapters.
#
#   diffode_catch2()   Catch2::Catch2, Catch2 2 or 3          diffode_eigen()    Eigen3::Eigen
#   diffode_fmt()      fmt::fmt                               diffode_xtensor()  xtensor
#   diffode_json()     nlohmann_json::nlohmann_json           diffode_cli11()    CLI11::CLI11
#   diffode_benchmark()  benchmark::benchmark                 diffode_cairo()    PkgConfig::cairo
#   diffode_zip()      diffode_zip (libzip)
#
# An installed package always wins. Where it is missing, the library can be built along with diffode, from a
# directory or from a git repository at a full commit hash (never a branch or a tag, which can move):
#
#   cmake --preset dev -DDIFFODE_FMT_SOURCE=/path/to/fmt
#   cmake --preset dev -DDIFFODE_FMT_SOURCE=<git url>@<40 hexadecimal digits>
#
# With neither, DIFFODE_REQUIRE_DEPENDENCIES decides: an error that names the Debian package, or a message, after
# which the caller sees that the target does not exist and leaves out what needs it.
include(FetchContent)

# diffode_from_source(NAME SOURCE): adds the project at SOURCE, as described above.
function(diffode_from_source name source)
  # Only the library, none of its own tests, documents or install rules.
  set(CMAKE_POLICY_DEFAULT_CMP0077 NEW)
  set(BUILD_TESTING OFF)
  set(BENCHMARK_ENABLE_TESTING OFF)
  set(BENCHMARK_ENABLE_INSTALL OFF)
  set(CATCH_INSTALL_DOCS OFF)
  set(CATCH_INSTALL_EXTRAS OFF)
  set(EIGEN_BUILD_DOC OFF)
  set(FMT_INSTALL OFF)
  set(JSON_BuildTests OFF)
  set(CLI11_BUILD_TESTS OFF)
  set(CLI11_BUILD_EXAMPLES OFF)
  set(BUILD_TOOLS OFF)
  set(BUILD_REGRESS OFF)
  set(BUILD_DOC OFF)
  set(LIBZIP_DO_INSTALL OFF)
  if(IS_DIRECTORY "${source}")
    FetchContent_Declare(diffode_${name} SOURCE_DIR "${source}" SYSTEM)
  elseif(source MATCHES "^(.+)@([0-9a-f]+)$")
    set(url "${CMAKE_MATCH_1}")
    set(commit "${CMAKE_MATCH_2}")
    string(LENGTH "${commit}" digits)
    if(NOT digits EQUAL 40)
      message(FATAL_ERROR "diffode: the commit in '${source}' has ${digits} digits, a full hash has 40")
    endif()
    FetchContent_Declare(diffode_${name} GIT_REPOSITORY "${url}" GIT_TAG "${commit}" SYSTEM)
  else()
    message(FATAL_ERROR "diffode: the source of ${name} is '${source}'; it must be a directory, or URL@COMMIT")
  endif()
  FetchContent_MakeAvailable(diffode_${name})
endfunction()

# diffode_missing(NAME DEBIAN): what to do about a library that is nowhere.
function(diffode_missing name debian)
  string(TOUPPER "${name}" upper)
  set(text "diffode: ${name} is not installed. On Debian or Ubuntu: apt-get install ${debian}. "
    "Elsewhere, set DIFFODE_${upper}_SOURCE to its source directory or to URL@COMMIT.")
  list(JOIN text "" text)
  if(DIFFODE_REQUIRE_DEPENDENCIES)
    message(FATAL_ERROR "${text}\n"
      "With -DDIFFODE_REQUIRE_DEPENDENCIES=OFF, the programs that need it are left out.")
  endif()
  message(STATUS "${text} What needs it is left out.")
endfunction()

# diffode_door(NAME PACKAGE TARGET DEBIAN): the rule that all doors share.
macro(diffode_door name package target debian)
  string(TOUPPER "${name}" upper)
  set(DIFFODE_${upper}_SOURCE "" CACHE STRING
    "Where to take ${name} from if it is not installed: a directory, or URL@COMMIT")
  mark_as_advanced(DIFFODE_${upper}_SOURCE)
  if(NOT TARGET ${target})
    find_package(${package} QUIET)
  endif()
  if(NOT TARGET ${target} AND DIFFODE_${upper}_SOURCE)
    diffode_from_source(${name} "${DIFFODE_${upper}_SOURCE}")
  endif()
  if(NOT TARGET ${target})
    diffode_missing(${name} ${debian})
  endif()
endmacro()

function(diffode_catch2)
  diffode_door(catch2 Catch2 Catch2::Catch2 catch2)
endfunction()

function(diffode_benchmark)
  diffode_door(benchmark benchmark benchmark::benchmark libbenchmark-dev)
endfunction()

function(diffode_fmt)
  diffode_door(fmt fmt fmt::fmt libfmt-dev)
endfunction()

function(diffode_eigen)
  diffode_door(eigen Eigen3 Eigen3::Eigen libeigen3-dev)
endfunction()

function(diffode_xtensor)
  # From source, xtensor looks for the package of its own dependency, so that has to be there first.
  set(DIFFODE_XTL_SOURCE "" CACHE STRING "Where to take xtl from if xtensor is built from source")
  mark_as_advanced(DIFFODE_XTL_SOURCE)
  if(DIFFODE_XTL_SOURCE AND NOT TARGET xtl)
    diffode_from_source(xtl "${DIFFODE_XTL_SOURCE}")
  endif()
  diffode_door(xtensor xtensor xtensor libxtensor-dev)
endfunction()

function(diffode_json)
  diffode_door(json nlohmann_json nlohmann_json::nlohmann_json nlohmann-json3-dev)
endfunction()

function(diffode_cli11)
  diffode_door(cli11 CLI11 CLI11::CLI11 libcli11-dev)
endfunction()

# Debian's CMake package of libzip asks for programs that are in another Debian package, and stops without them; its pkg-config
# file asks for nothing.
function(diffode_zip)
  set(DIFFODE_ZIP_SOURCE "" CACHE STRING "Where to take libzip from if it is not installed: a directory, or URL@COMMIT")
  mark_as_advanced(DIFFODE_ZIP_SOURCE)
  if(TARGET diffode_zip)
    return()
  endif()
  find_package(PkgConfig QUIET)
  if(PkgConfig_FOUND AND NOT TARGET PkgConfig::libzip)
    pkg_check_modules(libzip QUIET IMPORTED_TARGET GLOBAL libzip)
  endif()
  if(NOT TARGET PkgConfig::libzip AND DIFFODE_ZIP_SOURCE)
    diffode_from_source(zip "${DIFFODE_ZIP_SOURCE}")
  endif()
  foreach(target IN ITEMS PkgConfig::libzip zip)
    if(TARGET ${target})
      add_library(diffode_zip INTERFACE IMPORTED GLOBAL)
      target_link_libraries(diffode_zip INTERFACE ${target})
      return()
    endif()
  endforeach()
  diffode_missing(zip libzip-dev)
endfunction()

# Cairo has no CMake package and is never built along. It only draws pictures in examples, so its absence is
# never an error.
function(diffode_cairo)
  find_package(PkgConfig QUIET)
  if(PkgConfig_FOUND AND NOT TARGET PkgConfig::cairo)
    pkg_check_modules(cairo QUIET IMPORTED_TARGET cairo)
  endif()
  if(NOT TARGET PkgConfig::cairo)
    message(STATUS "diffode: cairo is not installed. On Debian or Ubuntu: apt-get install libcairo2-dev")
  endif()
endfunction()

# diffode_doors(OUT NAME...): opens the named doors, then sets OUT to the targets that exist, and OUT_missing to
# the names that have none.
macro(diffode_doors out)
  set(${out} "")
  set(${out}_missing "")
  foreach(name IN ITEMS ${ARGN})
    cmake_language(CALL diffode_${name})
    if(TARGET "${diffode_target_${name}}")
      list(APPEND ${out} "${diffode_target_${name}}")
    else()
      list(APPEND ${out}_missing ${name})
    endif()
  endforeach()
endmacro()
set(diffode_target_catch2 Catch2::Catch2)
set(diffode_target_benchmark benchmark::benchmark)
set(diffode_target_fmt fmt::fmt)
set(diffode_target_eigen Eigen3::Eigen)
set(diffode_target_xtensor xtensor)
set(diffode_target_json nlohmann_json::nlohmann_json)
set(diffode_target_cli11 CLI11::CLI11)
set(diffode_target_cairo PkgConfig::cairo)
set(diffode_target_zip diffode_zip)
