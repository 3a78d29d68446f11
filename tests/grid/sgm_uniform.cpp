// SPDX-License-Identifier: MIT
#include "diffode/grid/sgm_uniform.hpp"

#include "diffode/schedule/flow.hpp"
#include "diffode/schedule/ve.hpp"
#include "grid_checks.hpp"

using namespace diffode;
using namespace diffode_test;

TEST_CASE("sgm_uniform: equidistant times without the clean end, then sigma = 0") {
  CHECK(times(sgm_uniform(table(), 3)) == column{999, 666, 333, 0});
  CHECK(sgm_uniform(table(), 3).back().sigma == 0);
  CHECK(times(sgm_uniform(flow{}, 4)) == column{1, 0.75, 0.5, 0.25, 0});
  CHECK(times(sgm_uniform(flow{}, 3, ending::keep)) == column{1, 0.75, 0.5, 0.25});
  check_counts([](int n) { return sgm_uniform(table(), n); }, table().at(999).lambda, infinity);
}

TEST_CASE("sgm_uniform: refusals name argument, value and what is allowed") {
  CHECK(message(try_sgm_uniform(flow{}, 0)) == "sgm_uniform: count is 0, needs at least 1");
  CHECK(message(try_sgm_uniform(ve{.sigma_max = -1}, 3)) ==
        "ve: sigma_max is -1, needs a finite number above sigma_min = 0.02");
}
