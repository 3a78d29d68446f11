# SPDX-License-Identifier: MIT
#
# How diffode builds its own programs: wide warnings, no language extensions. Users of the library never get these flags.

set(diffode_warnings -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wold-style-cast -Wdouble-promotion)
if(DIFFODE_WERROR)
  list(APPEND diffode_warnings -Werror)
endif()
set(diffode_cuda_warnings -Wall -Wextra -Wshadow -Wconversion)
if(DIFFODE_WERROR)
  list(APPEND diffode_cuda_warnings -Werror)
endif()
list(JOIN diffode_cuda_warnings "," diffode_cuda_warnings)
# Kernels that keep in local memory what registers should hold are slow without telling.
set(diffode_cuda_device_warnings "-Xptxas=-warn-spills,-warn-lmem-usage")
if(DIFFODE_WERROR)
  string(APPEND diffode_cuda_device_warnings ",-Werror -Werror=all-warnings")
endif()

set(DIFFODE_UNOPTIMISED "" CACHE STRING "Regular expression for folders whose programs are built with -O0, to have them sooner; empty for none")

# diffode_own(TARGET): the flags of all our targets, and the library.
function(diffode_own target)
  target_link_libraries(${target} PRIVATE diffode::diffode)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF)
  target_compile_options(${target} PRIVATE
    "$<$<COMPILE_LANGUAGE:CXX>:${diffode_warnings}>"
    "$<$<COMPILE_LANGUAGE:CUDA>:SHELL:-Xcompiler=${diffode_cuda_warnings}>"
    "$<$<COMPILE_LANGUAGE:CUDA>:SHELL:${diffode_cuda_device_warnings}>")
endfunction()

# diffode_optimise(TARGET): also where all else is not optimised, as tests run it much.
function(diffode_optimise target)
  target_compile_options(${target} PRIVATE "$<$<NOT:$<CONFIG:Release,RelWithDebInfo,MinSizeRel>>:-O1>")
endfunction()

# diffode_kernels: what diffode/backend/declare_kernels.hpp leaves to one file. Made when first asked for.
function(diffode_make_kernels)
  if(NOT TARGET diffode_kernels)
    add_library(diffode_kernels STATIC "${PROJECT_SOURCE_DIR}/cmake/kernels.cpp")
    diffode_own(diffode_kernels)
    diffode_optimise(diffode_kernels)
  endif()
endfunction()

# diffode_share_kernels(TARGET): a program of many files does not compile the kernels in each of them.
function(diffode_share_kernels target)
  diffode_make_kernels()
  target_compile_options(${target} PRIVATE "$<$<COMPILE_LANGUAGE:CXX>:SHELL:-include diffode/backend/declare_kernels.hpp>")
  target_link_libraries(${target} PRIVATE diffode_kernels)
endfunction()

# diffode_share_decompositions(TARGET): a program leaves those of Eigen that decompositions.hpp declares to one file of all.
function(diffode_share_decompositions target)
  if(NOT TARGET diffode_decompositions)
    diffode_doors(decompositions_libraries eigen)
    add_library(diffode_decompositions STATIC "${PROJECT_SOURCE_DIR}/cmake/decompositions.cpp")
    diffode_own(diffode_decompositions)
    target_link_libraries(diffode_decompositions PRIVATE ${decompositions_libraries})
    diffode_optimise(diffode_decompositions)
  endif()
  target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}/cmake")
  target_compile_options(${target} PRIVATE "$<$<COMPILE_LANGUAGE:CXX>:SHELL:-include decompositions.hpp>")
  target_link_libraries(${target} PRIVATE diffode_decompositions)
endfunction()

# diffode_executable(TARGET FILE...): one of our programs.
function(diffode_executable target)
  add_executable(${target} ${ARGN})
  diffode_own(${target})
  cmake_path(RELATIVE_PATH CMAKE_CURRENT_SOURCE_DIR BASE_DIRECTORY "${PROJECT_SOURCE_DIR}" OUTPUT_VARIABLE folder)
  if(DIFFODE_UNOPTIMISED AND folder MATCHES "${DIFFODE_UNOPTIMISED}")
    target_compile_options(${target} PRIVATE -O0)
  endif()
endfunction()

# diffode_subfolders(OUT): the folders right below the current one that hold sources or a CMakeLists.txt. Looked
# at again at each build, so a new folder needs no edit.
function(diffode_subfolders out)
  file(GLOB files CONFIGURE_DEPENDS RELATIVE "${CMAKE_CURRENT_SOURCE_DIR}" */*.cpp */CMakeLists.txt)
  set(folders "")
  foreach(file IN LISTS files)
    cmake_path(GET file PARENT_PATH folder)
    list(APPEND folders "${folder}")
  endforeach()
  list(REMOVE_DUPLICATES folders)
  set(${out} "${folders}" PARENT_SCOPE)
endfunction()
