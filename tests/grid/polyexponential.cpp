// SPDX-License-Identifier: MIT
#include "diffode/grid/polyexponential.hpp"

#include "diffode/grid/exponential.hpp"
#include "diffode/schedule/edm.hpp"
#include "grid_checks.hpp"

using namespace diffode;
using namespace diffode_test;

TEST_CASE("polyexponential: exponent 1 is the exponential grid, exponent 2 squares the way that is left") {
  CHECK(off(rhos(polyexponential(edm{}, {50, 0.1, 10})), rhos(exponential(edm{}, {50, 0.1, 10}))) < 1e-14);
  CHECK(off(rhos(polyexponential(edm{}, {16, 1, 3}, 2)), {16, 2, 1, 0}) < 1e-15);
  check_counts([](int n) { return polyexponential(edm{}, {8, 1, n}, 1.5); }, -std::log(8), infinity);
}

TEST_CASE("polyexponential: refusals name argument, value and what is allowed") {
  CHECK(message(try_polyexponential(edm{}, {8, 1, -2})) == "polyexponential: count is -2, needs at least 1");
  CHECK(message(try_polyexponential(edm{}, {8, 1, 2}, 0)) ==
        "polyexponential: exponent is 0, needs a finite number above 0");
}
