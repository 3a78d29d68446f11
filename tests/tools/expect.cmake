# SPDX-License-Identifier: MIT
#
# What the tests of command-line tools share: included with PROGRAM and SCRATCH set.

# expect_from(NAME STATUS TEXT COMMAND...): the exit status, and a regular expression for what is printed, errors after the rest.
function(expect_from name status text)
  execute_process(COMMAND ${ARGN} WORKING_DIRECTORY "${SCRATCH}" RESULT_VARIABLE result OUTPUT_VARIABLE out ERROR_VARIABLE err)
  if(NOT result STREQUAL status)
    message(SEND_ERROR "${name}: exit status is ${result}, needs ${status}\n${out}${err}")
  elseif(NOT "${out}${err}" MATCHES "${text}")
    message(SEND_ERROR "${name}: the output has no match of \"${text}\"\n${out}${err}")
  else()
    message(STATUS "${name}: as expected")
  endif()
endfunction()

# expect(NAME STATUS TEXT ARGUMENT...): the same of the tool, called with these arguments.
function(expect name status text)
  expect_from("${name}" "${status}" "${text}" "${PROGRAM}" ${ARGN})
endfunction()

# expect_same(NAME FILE FILE): equal to the byte.
function(expect_same name a b)
  file(SHA256 "${SCRATCH}/${a}" first)
  file(SHA256 "${SCRATCH}/${b}" second)
  if(NOT first STREQUAL second)
    message(SEND_ERROR "${name}: ${a} and ${b} differ")
  else()
    message(STATUS "${name}: the same bytes")
  endif()
endfunction()
