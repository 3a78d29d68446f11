# SPDX-License-Identifier: MIT
#
# The library for engines that have neither exceptions nor run-time type information: plain programs that return 0.
set(noexcept_flags -fno-exceptions -fno-rtti)

file(GLOB files CONFIGURE_DEPENDS noexcept/*.cpp)
foreach(file IN LISTS files)
  cmake_path(GET file STEM name)
  diffode_executable(noexcept_${name} ${file})
  diffode_test_settings(noexcept_${name})
  target_compile_options(noexcept_${name} PRIVATE ${noexcept_flags})
  add_test(NAME noexcept_${name} COMMAND noexcept_${name})
endforeach()

# Whatever the umbrella header pulls in compiles under the same flags.
if(EXISTS "${PROJECT_SOURCE_DIR}/include/diffode/diffode.hpp")
  diffode_executable(noexcept_umbrella build/main.cpp)
  target_compile_options(noexcept_umbrella PRIVATE ${noexcept_flags})
  add_test(NAME noexcept_umbrella COMMAND noexcept_umbrella)
endif()
