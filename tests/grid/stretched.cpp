// SPDX-License-Identifier: MIT
#include "diffode/grid/stretched.hpp"

#include "diffode/grid/flow_uniform.hpp"
#include "diffode/schedule/flow.hpp"
#include "diffode/schedule/vp_linear.hpp"
#include "grid_checks.hpp"

using namespace diffode;
using namespace diffode_test;

TEST_CASE("stretched: the last level with noise has the terminal sigma, data shares keep their ratios") {
  const grid g = flow_uniform(flow{}, {.count = 4, .last = 0.25, .end = ending::zero});
  const grid s = stretched(g, 0.1);
  CHECK(off(sigmas(s), {1, 0.7, 0.4, 0.1, 0}) < 1e-15);
  CHECK(labels(s) == sigmas(s));
  CHECK(s.back().sigma == 0);
}

TEST_CASE("stretched: refusals name argument, value and what is allowed") {
  const grid g = flow_uniform(flow{}, {.count = 4});
  CHECK(message(try_stretched(g, 0)) == "stretched: terminal is 0, needs a number above 0 and below 1");
  CHECK(message(try_stretched(g, not_a_number)) ==
        "stretched: terminal is nan, needs a number above 0 and below 1");
  const vp_linear vp;
  const grid other = grid::make("list", vp, {vp.at(1), vp.at(0.5)}).value();
  CHECK_THAT(message(try_stretched(other, 0.1)),
             starts_with("stretched: alpha + sigma is 1.00") &&
                 ends_with(" on schedule vp_linear, needs 1 (rectified flow)"));
  CHECK(message(try_stretched(flow_uniform(flow{}, {.count = 1}), 0.1)) ==
        "stretched: alpha of the last level with noise is 0, needs a number above 0");
}
