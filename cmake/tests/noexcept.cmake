# SPDX-License-Identifier: MIT
#
# The library for engines that have neither exceptions nor run-time type information: plain programs that return 0.
set(noexcept_flags -fno-exceptions -fno-rtti)

# Libraries that a program uses on top of the library.
set(noexcept_needs_search eigen json)
set(noexcept_needs_statistics json zip)

file(GLOB files CONFIGURE_DEPENDS noexcept/*.cpp)
foreach(file IN LISTS files)
  cmake_path(GET file STEM program)
  diffode_doors(noexcept_libraries ${noexcept_needs_${program}})
  if(noexcept_libraries_missing)
    message(STATUS "diffode: tests/${file} left out, missing: ${noexcept_libraries_missing}")
    continue()
  endif()
  diffode_executable(noexcept_${program} ${file})
  diffode_test_settings(noexcept_${program})
  target_link_libraries(noexcept_${program} PRIVATE ${noexcept_libraries})
  target_compile_options(noexcept_${program} PRIVATE ${noexcept_flags})
  add_test(NAME noexcept_${program} COMMAND noexcept_${program})
endforeach()

# Whatever the umbrella header pulls in compiles under the same flags.
if(EXISTS "${PROJECT_SOURCE_DIR}/include/diffode/diffode.hpp")
  diffode_executable(noexcept_umbrella build/main.cpp)
  target_compile_options(noexcept_umbrella PRIVATE ${noexcept_flags})
  add_test(NAME noexcept_umbrella COMMAND noexcept_umbrella)
endif()
