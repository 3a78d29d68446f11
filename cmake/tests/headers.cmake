# SPDX-License-Identifier: MIT
#
# Every public header compiles when it comes first and alone, may be included twice in a file, and may be included by
# many files of one program: a function that forgot `inline` is a link error here.
diffode_doors(header_libraries eigen xtensor fmt json zip)

# How to see that a header needs a library, and which one.
set(needs_eigen "#include <(unsupported/)?Eigen/")
set(needs_xtensor "#include <(xtensor|xtl)/")
set(needs_fmt "#include <fmt/")
set(needs_json "#include (<nlohmann/|\"diffode/(adapter/safetensors|statistics/statistics_file))")
set(needs_zip "#include (<zip\\.h>|\"diffode/adapter/npz)")
# Not in Debian: these adapters are checked where their library is.
set(needs_other "#include <(torch/|ATen/|ggml|mpi\\.h|cuda)")

set(include_dir "${PROJECT_SOURCE_DIR}/include")
file(GLOB_RECURSE headers CONFIGURE_DEPENDS RELATIVE "${include_dir}" "${include_dir}/diffode/*.hpp")
set(alone "")
set(all_text "// Made by cmake/tests/headers.cmake\n")
set(count 0)
foreach(header IN LISTS headers)
  file(READ "${include_dir}/${header}" text)
  set(skip FALSE)
  foreach(library IN ITEMS ${header_libraries_missing} other)
    if(text MATCHES "${needs_${library}}")
      set(skip TRUE)
      message(STATUS "diffode: no check of ${header}, missing: ${library}")
    endif()
  endforeach()
  if(skip)
    continue()
  endif()
  string(REPLACE "/" "__" name "${header}")
  set(file "${CMAKE_CURRENT_BINARY_DIR}/headers/${name}.cpp")
  file(CONFIGURE OUTPUT "${file}" CONTENT "#include <${header}>\n#include <${header}>  // NOLINT\n")
  list(APPEND alone "${file}")
  string(APPEND all_text "#include <${header}>\n")
  math(EXPR count "${count} + 1")
endforeach()
if(count EQUAL 0)
  return()
endif()

# The second file of each pair is shared: it includes every header, and has main().
string(APPEND all_text "#include <cstdio>\nint main() { std::puts(\"${count} headers, each alone and twice\"); }\n")
file(CONFIGURE OUTPUT "${CMAKE_CURRENT_BINARY_DIR}/headers/all.cpp" CONTENT "${all_text}")
diffode_executable(test_headers ${alone} "${CMAKE_CURRENT_BINARY_DIR}/headers/all.cpp")
target_link_libraries(test_headers PRIVATE ${header_libraries})
target_compile_options(test_headers PRIVATE -O0 -g0)
add_test(NAME headers COMMAND test_headers)
