// SPDX-License-Identifier: MIT
#pragma once

// Catch2, version 2 or 3, under the names of both. What a test may use:
//   TEST_CASE SECTION REQUIRE CHECK ..., TEMPLATE_TEST_CASE, GENERATE and Catch::Generators, Catch::Approx (also
//   plain Approx), Catch::Matchers (WithinAbs, WithinRel, WithinULP), and for texts
//   diffode_test::contains(part), diffode_test::starts_with(part), diffode_test::ends_with(part).
// The last three exist because version 3 renamed version 2's Contains, StartsWith and EndsWith.

#if __has_include(<catch2/catch_test_macros.hpp>)
#define DIFFODE_TEST_CATCH_VERSION 3
#include <catch2/catch_approx.hpp>
#include <catch2/catch_message.hpp>
#include <catch2/catch_template_test_macros.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/catch_tostring.hpp>
#include <catch2/generators/catch_generators_all.hpp>
#include <catch2/matchers/catch_matchers.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <catch2/matchers/catch_matchers_vector.hpp>
#else
#define DIFFODE_TEST_CATCH_VERSION 2
#include <catch2/catch.hpp>
#endif

#include <string>

// Version 3 has Catch::Approx only; version 2 has a global Approx, and Catch::Approx names a matcher for vectors there.
#if DIFFODE_TEST_CATCH_VERSION == 3
using Catch::Approx;
#else
namespace Catch {
using Detail::Approx;
}
#endif

namespace diffode_test {

#if DIFFODE_TEST_CATCH_VERSION == 3
inline auto contains(const std::string& part) { return Catch::Matchers::ContainsSubstring(part); }
#else
inline auto contains(const std::string& part) { return Catch::Matchers::Contains(part); }
#endif
inline auto starts_with(const std::string& part) { return Catch::Matchers::StartsWith(part); }
inline auto ends_with(const std::string& part) { return Catch::Matchers::EndsWith(part); }

}  // namespace diffode_test
