// SPDX-License-Identifier: MIT
#include "conformance/every_check.hpp"
#include "conformance/legacy.hpp"
#include "diffode/method.hpp"

using namespace diffode_test;

TEST_CASE("legacy methods that do not keep constants on unequal steps pass what else there is, with their true order") {
  for (const subject& s : legacy_subjects()) {
    check_orders(s);
    check_constants(s);
    check_line(s);
    check_plan(s);
    check_fingerprint(s);
    check_bitwise<double>(s);
    check_bitwise<float>(s);
    check_allocations<double>(s);
    check_allocations<float>(s);
  }
}
