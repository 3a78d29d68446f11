# SPDX-License-Identifier: MIT
#
# cmake -DNAME=... -DCOMPILER=... -DGENERATOR=... -DVERSION=... -DSOURCE_DIR=... -DBUILD_DIR=... -DWORK_DIR=...
#   -P packages_run.cmake
cmake_minimum_required(VERSION 3.25)
set(here "${WORK_DIR}/${NAME}")
set(prefix "${WORK_DIR}/moved_prefix")
set(main "${SOURCE_DIR}/tests/build/main.cpp")
file(REMOVE_RECURSE "${here}")
file(MAKE_DIRECTORY "${here}")

# A user's build knows nothing of ours.
foreach(variable IN ITEMS CXXFLAGS CFLAGS LDFLAGS CMAKE_PREFIX_PATH DESTDIR)
  unset(ENV{${variable}})
endforeach()

# run(COMMAND...): stops with the whole output when it fails, else leaves it in `output`.
function(run)
  execute_process(COMMAND ${ARGV} RESULT_VARIABLE result OUTPUT_VARIABLE text ERROR_VARIABLE errors)
  if(NOT result EQUAL 0)
    list(JOIN ARGV " " command)
    message(FATAL_ERROR "${command}\n${text}${errors}")
  endif()
  set(output "${text}" PARENT_SCOPE)
endfunction()

function(run_program program)
  run("${program}")
  string(STRIP "${output}" output)
  if(NOT output STREQUAL "${VERSION}")
    message(FATAL_ERROR "${program} prints '${output}', not the version '${VERSION}'")
  endif()
endfunction()

# consumer(FOLDER ARGUMENT...): configures, builds and runs the consumer in tests/build/FOLDER.
function(consumer folder)
  run("${CMAKE_COMMAND}" -S "${SOURCE_DIR}/tests/build/${folder}" -B "${here}" -G "${GENERATOR}"
    "-DCMAKE_CXX_COMPILER=${COMPILER}" ${ARGN})
  run("${CMAKE_COMMAND}" --build "${here}")
  run_program("${here}/consumer")
endfunction()

# compile(ARGUMENT...): a plain compiler call, then the program.
function(compile)
  run("${COMPILER}" -std=c++20 -Wall -Wextra -Werror ${ARGN} "${main}" -o "${here}/consumer")
  run_program("${here}/consumer")
endfunction()

if(NAME STREQUAL "install")
  # Installed in one place, then moved: whoever uses it afterwards finds nothing at the first.
  run("${CMAKE_COMMAND}" --install "${BUILD_DIR}" --prefix "${here}/prefix")
  file(REMOVE_RECURSE "${prefix}")
  file(RENAME "${here}/prefix" "${prefix}")
elseif(NAME STREQUAL "find_package_install")
  consumer(find_package "-DCMAKE_PREFIX_PATH=${prefix}")
  file(READ "${here}/found_in" found_in)
  if(NOT found_in STREQUAL "${prefix}/share/cmake/diffode")
    message(FATAL_ERROR "the consumer found diffode in ${found_in}, not in ${prefix}")
  endif()
elseif(NAME STREQUAL "find_package_build")
  consumer(find_package "-Ddiffode_DIR=${BUILD_DIR}")
elseif(NAME STREQUAL "add_subdirectory")
  consumer(add_subdirectory "-DDIFFODE_DIR=${SOURCE_DIR}")
elseif(NAME STREQUAL "fetch_content")
  consumer(fetch_content "-DFETCHCONTENT_SOURCE_DIR_DIFFODE=${SOURCE_DIR}" -DFETCHCONTENT_FULLY_DISCONNECTED=ON)
elseif(NAME STREQUAL "pkg_config")
  find_program(pkg_config NAMES pkg-config pkgconf)
  if(NOT pkg_config)
    message("skipped: there is no pkg-config here")
    return()
  endif()
  set(ENV{PKG_CONFIG_PATH} "${prefix}/share/pkgconfig")
  run("${pkg_config}" --cflags --libs "diffode >= ${VERSION}")
  string(STRIP "${output}" flags)
  separate_arguments(flags UNIX_COMMAND "${flags}")
  compile(${flags})
elseif(NAME STREQUAL "no_exceptions")
  compile("-I${SOURCE_DIR}/include" -fno-exceptions -fno-rtti)
elseif(NAME STREQUAL "standard_library_only")
  # The umbrella header must not pull in any other library.
  run("${COMPILER}" -std=c++20 "-I${SOURCE_DIR}/include" -M "${main}")
  if(output MATCHES "[^ \n]*/(Eigen|unsupported|xtensor|xtl|xsimd|fmt|nlohmann|catch2|CLI|benchmark)/[^ \n]*")
    message(FATAL_ERROR "the umbrella header includes ${CMAKE_MATCH_0}")
  endif()
else()
  message(FATAL_ERROR "no such test: ${NAME}")
endif()
