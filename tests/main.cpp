// SPDX-License-Identifier: MIT

// Catch2 2 compiles its runner where this macro stands; Catch2 3 brings main() in a library (see cmake/tests/unit.cmake).
#if !__has_include(<catch2/catch_test_macros.hpp>)
#define CATCH_CONFIG_MAIN
#endif
#include "catch.hpp"
