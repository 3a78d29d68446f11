# SPDX-License-Identifier: MIT
#
# Code that has to be refused, with a message that a person can act on. A file tests/compile_fail/NAME.cpp has a line
#   // expect: REGEX
# It must not compile, and the compiler's output must match the CMake regular expression. Several such lines must all
# match. A line `// expect-gnu: REGEX` or `// expect-clang: REGEX` counts for that compiler only.
# Files named eigen_* and xtensor_* need that library and are left out without it.
set(compile_fail_dirs "${PROJECT_SOURCE_DIR}/include$<SEMICOLON>${CMAKE_CURRENT_SOURCE_DIR}")
diffode_doors(compile_fail_libraries eigen xtensor)
foreach(library IN LISTS compile_fail_libraries)
  string(APPEND compile_fail_dirs "$<SEMICOLON>$<TARGET_PROPERTY:${library},INTERFACE_INCLUDE_DIRECTORIES>")
endforeach()
set(compile_fail_command "${CMAKE_COMMAND}"
  "-DCOMPILER=${CMAKE_CXX_COMPILER}" "-DCOMPILER_ID=${CMAKE_CXX_COMPILER_ID}" "-DINCLUDE_DIRS=${compile_fail_dirs}")
set(compile_fail_script "${PROJECT_SOURCE_DIR}/cmake/tests/compile_fail_run.cmake")

if(NOT EXISTS "${PROJECT_SOURCE_DIR}/include/diffode/diffode.hpp")
  return()
endif()

file(GLOB files CONFIGURE_DEPENDS compile_fail/*.cpp)
foreach(file IN LISTS files)
  cmake_path(GET file STEM name)
  string(REGEX MATCH "^[a-z]+" library "${name}")
  if(library IN_LIST compile_fail_libraries_missing)
    continue()
  endif()
  add_test(NAME compile_fail_${name} COMMAND ${compile_fail_command} "-DFILE=${file}" -P "${compile_fail_script}")
endforeach()

# The mechanism itself: it must complain about a file that compiles, and about the wrong message.
foreach(name IN ITEMS compiles wrong_message says_nothing)
  add_test(NAME compile_fail_mechanism_${name} COMMAND ${compile_fail_command}
    "-DFILE=${CMAKE_CURRENT_SOURCE_DIR}/compile_fail/mechanism/${name}.cpp" -P "${compile_fail_script}")
endforeach()
set_tests_properties(compile_fail_mechanism_compiles PROPERTIES PASS_REGULAR_EXPRESSION "it compiles")
set_tests_properties(compile_fail_mechanism_wrong_message PROPERTIES PASS_REGULAR_EXPRESSION "the output does not match")
set_tests_properties(compile_fail_mechanism_says_nothing PROPERTIES PASS_REGULAR_EXPRESSION "no line `// expect: REGEX`")
