// SPDX-License-Identifier: MIT
#include "diffode/grid/kl_optimal.hpp"

#include "diffode/schedule/edm.hpp"
#include "grid_checks.hpp"

using namespace diffode;
using namespace diffode_test;

TEST_CASE("kl_optimal: the arctangents of the sigmas are equidistant") {
  const double root = std::sqrt(3.0);
  CHECK(off(rhos(kl_optimal(edm{}, {root, 1 / root, 3})), {root, 1, 1 / root, 0}) < 1e-15);
  check_counts([](int n) { return kl_optimal(edm{}, {8, 1, n}); }, -std::log(8), infinity);
}

TEST_CASE("kl_optimal: refusals name argument, value and what is allowed") {
  CHECK(message(try_kl_optimal(edm{}, {8, 1, 0})) == "kl_optimal: count is 0, needs at least 1");
}
