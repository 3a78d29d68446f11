# SPDX-License-Identifier: MIT
#
# cmake -DCOMPILER=... -DCOMPILER_ID=GNU|Clang -DINCLUDE_DIRS=... -DFILE=... -P compile_fail_run.cmake
cmake_minimum_required(VERSION 3.25)

# fail(TEXT): in one piece, where message(FATAL_ERROR) would break lines.
function(fail text)
  message("${FILE}: ${text}")
  message(FATAL_ERROR "compile-fail test failed")
endfunction()

string(TOLOWER "${COMPILER_ID}" id)
string(REPLACE "apple" "" id "${id}")
# Read as one text and cut by hand: CMake's lists would trip over brackets and semicolons in an expression.
file(READ "${FILE}" rest)
set(expected 0)
while(rest MATCHES "(^|\n)// expect(-[a-z]+)?: *([^\n]*)\n(.*)$")
  set(only "${CMAKE_MATCH_2}")
  set(regex "${CMAKE_MATCH_3}")
  set(rest "\n${CMAKE_MATCH_4}")
  if(only STREQUAL "" OR only STREQUAL "-${id}")
    math(EXPR expected "${expected} + 1")
    set(regex_${expected} "${regex}")
  endif()
endwhile()
if(expected EQUAL 0)
  fail("no line `// expect: REGEX`")
endif()

list(TRANSFORM INCLUDE_DIRS PREPEND "-I")
execute_process(COMMAND "${COMPILER}" -std=c++20 -fsyntax-only ${INCLUDE_DIRS} "${FILE}"
  RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
if(result EQUAL 0)
  fail("it compiles, and must not")
endif()
foreach(k RANGE 1 ${expected})
  if(NOT output MATCHES "${regex_${k}}")
    fail("the output does not match\n  ${regex_${k}}\nThe output was:\n${output}")
  endif()
endforeach()
