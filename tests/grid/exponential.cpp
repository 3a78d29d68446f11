// SPDX-License-Identifier: MIT
#include "diffode/grid/exponential.hpp"

#include "diffode/schedule/edm.hpp"
#include "grid_checks.hpp"

using namespace diffode;
using namespace diffode_test;

TEST_CASE("exponential: the sigmas are a geometric series") {
  CHECK(off(rhos(exponential(edm{}, {8, 1, 4})), {8, 4, 2, 1, 0}) < 1e-15);
  check_counts([](int n) { return exponential(edm{}, {8, 1, n}); }, -std::log(8), infinity);
  check_counts([](int n) { return exponential(table(), {8, 1, n, ending::keep}); }, -std::log(8), 0);
}

TEST_CASE("exponential: refusals name argument, value and what is allowed") {
  CHECK(message(try_exponential(edm{}, {8, 1, 0})) == "exponential: count is 0, needs at least 1");
  CHECK(message(try_exponential(edm{}, {8, 8, 2})) ==
        "exponential: sigma_min is 8, needs a number below sigma_max = 8");
}

TEST_CASE("lu_lambdas: the exponential grid under another name") {
  for (const int n : small_counts)
    CHECK(rhos(lu_lambdas(table(), {.count = n})) == rhos(exponential(table(), {.count = n})));
  CHECK(message(try_lu_lambdas(edm{}, {8, 1, 0})) == "lu_lambdas: count is 0, needs at least 1");
}
