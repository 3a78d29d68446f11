# SPDX-License-Identifier: MIT
#
# One Catch2 program per folder of tests/, and one program per snippet in tests/doc.
diffode_catch2()
if(NOT TARGET Catch2::Catch2)
  message(STATUS "diffode: the unit tests are left out, missing: catch2")
  return()
endif()

# Libraries that a folder's tests use on top of the library. All others see the standard library and Catch2 only.
set(libraries_adapter eigen xtensor json zip)
set(libraries_conformance fmt)
set(libraries_doc eigen xtensor fmt json zip)
set(libraries_regression eigen xtensor fmt)
set(libraries_search eigen json)
set(libraries_statistics json zip)
set(libraries_tape fmt)
set(libraries_tools fmt json)

# The runner, and the precompiled header that all test programs share.
add_library(diffode_test_main STATIC main.cpp)
diffode_own(diffode_test_main)
target_include_directories(diffode_test_main PUBLIC "${CMAKE_CURRENT_SOURCE_DIR}")
if(TARGET Catch2::Catch2WithMain)
  target_link_libraries(diffode_test_main PUBLIC Catch2::Catch2WithMain)
else()
  target_link_libraries(diffode_test_main PUBLIC Catch2::Catch2)
endif()
if(DIFFODE_PCH)
  # main.cpp has to see the header with its own macro, so an empty file carries the precompiled one.
  file(CONFIGURE OUTPUT "${CMAKE_CURRENT_BINARY_DIR}/precompiled.cpp" CONTENT "")
  target_sources(diffode_test_main PRIVATE "${CMAKE_CURRENT_BINARY_DIR}/precompiled.cpp")
  # Test programs of many files leave the kernels to one. That headers bring what they need is test_headers' to see.
  target_precompile_headers(diffode_test_main PRIVATE catch.hpp <diffode/backend/declare_kernels.hpp> <diffode/diffode.hpp>)
  diffode_make_kernels()
  target_link_libraries(diffode_test_main PUBLIC diffode_kernels)
  set_source_files_properties(main.cpp PROPERTIES SKIP_PRECOMPILE_HEADERS ON)
endif()

# The runner is other people's code: it is compiled fast, and the sanitizers look for faults in ours.
set_source_files_properties(main.cpp PROPERTIES COMPILE_OPTIONS "-O0;-fno-sanitize=all")

# What the CUDA tests of a folder need besides their own files: the list of all methods. Compiled by nvcc, where nothing
# else wants it: so all methods are known to compile there.
set(cuda_with_backend conformance/subjects.cpp)
if(DIFFODE_CUDA AND NOT "unit" IN_LIST DIFFODE_TESTS)
  set_source_files_properties(conformance/subjects.cpp PROPERTIES LANGUAGE CUDA)
endif()

# Folders whose tests run long enough that each file is a ctest entry of its own, test_FOLDER_FILE: they run side by side.
set(folders_by_file conformance method)

# diffode_test_program(NAME FILE...): a Catch2 program. The folder's own libraries are in `libraries`.
function(diffode_test_program name)
  diffode_executable(${name} ${ARGN})
  diffode_test_settings(${name})
  target_link_libraries(${name} PRIVATE diffode_test_main ${libraries})
endfunction()

# diffode_ctest(NAME FILE...): the ctest entry of a program, or its entries.
function(diffode_ctest name)
  string(REGEX REPLACE "^test_" "" folder "${name}")
  if(NOT folder IN_LIST folders_by_file)
    add_test(NAME ${name} COMMAND ${name})
    set_tests_properties(${name} PROPERTIES TIMEOUT 900)
    return()
  endif()
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${ARGN})
  foreach(file IN LISTS ARGN)
    # A file without cases has no entry; a case whose file has none would not run, but cases are written in .cpp files only.
    file(STRINGS "${file}" cases REGEX "^(TEMPLATE_(LIST_)?)?TEST_CASE")
    if(cases)
      cmake_path(GET file STEM stem)
      # Catch2 gives each case its file's name as a tag; no case at all with that tag is a failure.
      add_test(NAME ${name}_${stem} COMMAND ${name} --filenames-as-tags --warn NoTests "[#${stem}]")
      set_tests_properties(${name}_${stem} PROPERTIES TIMEOUT 900)
    endif()
  endforeach()
endfunction()

# Test files by folder, looked at again at each build.
file(GLOB test_files CONFIGURE_DEPENDS RELATIVE "${CMAKE_CURRENT_SOURCE_DIR}" */*.cpp */*.cu)
set(folders "")
foreach(file IN LISTS test_files)
  cmake_path(GET file PARENT_PATH folder)
  cmake_path(GET file EXTENSION LAST_ONLY extension)
  if(folder MATCHES "^(build|compile_fail|data|noexcept)$")
    continue()
  endif()
  list(APPEND folders ${folder})
  if(extension STREQUAL ".cu")
    list(APPEND cuda_${folder} "${file}")
    continue()
  endif()
  if(folder STREQUAL "doc")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/${file}")
    file(STRINGS "${file}" main_line REGEX "^int main *\\(")
    if(main_line)
      list(APPEND snippets "${file}")
      continue()
    endif()
  endif()
  list(APPEND unit_${folder} "${file}")
endforeach()
list(REMOVE_DUPLICATES folders)
foreach(folder IN LISTS DIFFODE_TEST_FOLDERS)
  if(NOT folder IN_LIST folders)
    message(FATAL_ERROR "diffode: DIFFODE_TEST_FOLDERS has '${folder}'; known are ${folders}")
  endif()
endforeach()
if(DIFFODE_TEST_FOLDERS)
  set(folders ${DIFFODE_TEST_FOLDERS})
endif()

foreach(folder IN LISTS folders)
  diffode_doors(libraries ${libraries_${folder}})
  if(libraries_missing)
    message(STATUS "diffode: tests/${folder} left out, missing: ${libraries_missing}")
    continue()
  endif()
  if(unit_${folder} AND "unit" IN_LIST DIFFODE_TESTS)
    diffode_test_program(test_${folder} ${unit_${folder}})
    diffode_ctest(test_${folder} ${unit_${folder}})
    if(DIFFODE_PCH)
      target_precompile_headers(test_${folder} REUSE_FROM diffode_test_main)
    endif()
  endif()
  if(folder STREQUAL "doc" AND "unit" IN_LIST DIFFODE_TESTS)
    foreach(file IN LISTS snippets)
      cmake_path(GET file STEM name)
      diffode_executable(doc_${name} ${file})
      diffode_test_settings(doc_${name})
      target_link_libraries(doc_${name} PRIVATE ${libraries})
      # Snippets are compiled as a reader would; what searches would take half a minute each.
      file(STRINGS "${file}" searches REGEX "#include <diffode/search/")
      if(searches)
        diffode_share_kernels(doc_${name})
        diffode_share_decompositions(doc_${name})
      endif()
      add_test(NAME doc_${name} COMMAND doc_${name})
    endforeach()
  endif()
  if(cuda_${folder} AND DIFFODE_CUDA AND "cuda" IN_LIST DIFFODE_TESTS)
    diffode_test_program(test_${folder}_cuda ${cuda_${folder}} ${cuda_with_${folder}})
    diffode_ctest(test_${folder}_cuda ${cuda_${folder}})
    target_link_libraries(test_${folder}_cuda PRIVATE diffode::cuda)
  endif()
endforeach()

# The tests of threads once more with those of OpenMP, where the compiler has them; the thread sanitizer does not know them.
if(TARGET test_backend AND NOT CMAKE_CXX_FLAGS MATCHES "sanitize=thread")
  find_package(OpenMP QUIET COMPONENTS CXX)
  if(TARGET OpenMP::OpenMP_CXX)
    diffode_doors(libraries ${libraries_backend})
    diffode_test_program(test_openmp backend/threads.cpp)
    target_link_libraries(test_openmp PRIVATE OpenMP::OpenMP_CXX)
    add_test(NAME test_openmp COMMAND test_openmp)
  endif()
endif()

# The CUDA compiler has to accept the whole library, whether or not a device is there to run it.
if(DIFFODE_CUDA AND "cuda" IN_LIST DIFFODE_TESTS AND EXISTS "${PROJECT_SOURCE_DIR}/include/diffode/diffode.hpp")
  diffode_executable(test_cuda_smoke build/cuda_smoke.cu)
  target_link_libraries(test_cuda_smoke PRIVATE diffode::cuda)
  add_test(NAME cuda_smoke COMMAND test_cuda_smoke)
  # The benchmark of the CUDA backend, for one architecture: it compiles, and says so where there is no device.
  diffode_executable(bench_cuda "${PROJECT_SOURCE_DIR}/bench/cuda.cu")
  target_link_libraries(bench_cuda PRIVATE diffode::cuda)
  list(GET CMAKE_CUDA_ARCHITECTURES 0 first_architecture)
  set_target_properties(bench_cuda PROPERTIES CUDA_ARCHITECTURES "${first_architecture}")
  add_test(NAME bench_cuda COMMAND bench_cuda --quick)
  # Every kernel is there, for one architecture, and what it takes.
  add_test(NAME cuda_kernels COMMAND "${PROJECT_SOURCE_DIR}/scripts/cuda_kernels")
  set_tests_properties(cuda_kernels PROPERTIES ENVIRONMENT "NVCC=${CMAKE_CUDA_COMPILER}")
endif()

# The scripts for devices refuse what they do not know, on any machine.
if("unit" IN_LIST DIFFODE_TESTS)
  add_test(NAME cuda_script_arguments WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}/scripts"
    COMMAND sh -c "for call in 'bench_cuda --quick extra' 'bench_cuda extra' 'cuda_kernels sm_90 extra'; do ./$call; test $? -eq 2 || { echo \"$call is not refused\"; exit 1; }; done")
endif()

# The stored reference trajectories, through the tool that engines can use too.
if(TARGET diffode_goldens AND IS_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}/data/goldens" AND "unit" IN_LIST DIFFODE_TESTS)
  foreach(family IN ITEMS grid trajectory)
    add_test(NAME goldens_${family}
      COMMAND diffode_goldens "${CMAKE_CURRENT_SOURCE_DIR}/data/goldens" --family ${family})
    set_tests_properties(goldens_${family} PROPERTIES TIMEOUT 900)
  endforeach()
endif()

# Programs that are compiled without -march have the kernels for newer processors all the same.
if("unit" IN_LIST DIFFODE_TESTS AND TARGET test_backend AND CMAKE_NM AND CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  add_test(NAME kernels_by_symbol
    COMMAND sh -c "for set in avx2 avx512; do '${CMAKE_NM}' -C '$<TARGET_FILE:test_backend>' | grep -q \"diffode::detail::$set::unrolled<float, 2ul, 3ul, 0ul>\" || { echo \"no kernel for $set\"; exit 1; }; done")
endif()
