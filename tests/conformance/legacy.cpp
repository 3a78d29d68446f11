// SPDX-License-Identifier: MIT
#include "conformance/every_check.hpp"
#include "diffode/method.hpp"

using namespace diffode_test;

// Legacy weights that do not keep constants on every grid: they are in no list of methods, and are held to the rest of
// the suite. On levels equidistant in lambda they do keep them.

TEST_CASE("legacy methods that do not keep constants on unequal steps pass what else there is, with their true order") {
  for (const subject& s : {subject_of(diffode::dpmpp_2m_v2{}), subject_of(diffode::ipndm{.p = 4, .weights = diffode::adams::ipndm_v}, "ipndm_v")}) {
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
