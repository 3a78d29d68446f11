// SPDX-License-Identifier: MIT
#include "diffode/grid/flow_uniform.hpp"

#include "diffode/grid/capped.hpp"
#include "diffode/schedule/shifted.hpp"
#include "grid_checks.hpp"

using namespace diffode;
using namespace diffode_test;

// The flow grids of well-known pipelines for 4 steps and shift 3: all different. Values are printed to five digits.
TEST_CASE("flow_uniform: the grids of the pipelines come from first, last and the ending") {
  const auto near = [](const column& a, const column& b) { return off(a, b) < 1e-4; };
  const column dpm = sigmas(flow_uniform(shifted_by(3), {.count = 4, .first = 0.999}));
  CHECK(near(dpm, {0.99967, 0.89964, 0.74963, 0.49967, 0}));

  const flow_steps steps{.count = 4, .last = 1 - 0.75 * 0.999, .end = ending::zero};
  const grid unipc = capped(flow_uniform(shifted_by(3), steps), 1 - 1e-6);
  CHECK(near(sigmas(unipc), {0.999999, 0.90012, 0.75038, 0.50100, 0}));

  // FlowMatchEuler shifts its ends when it is made and all levels once more when steps are set.
  const double bottom = shifted_by(3).at(0.001).sigma;
  const column match = sigmas(flow_uniform(shifted_by(3), {.count = 4, .last = bottom, .end = ending::zero}));
  CHECK(off(match, {1, 0.85769, 0.60215, 0.00893, 0}) < 1e-3);

  const flow_steps deis{.count = 4, .first = 0.999, .last = 0.999 / 4, .end = ending::repeat};
  CHECK(near(sigmas(flow_uniform(shifted_by(3), deis)), {0.99967, 0.89964, 0.74963, 0.49967, 0.49967}));
}

TEST_CASE("flow_uniform: both ends are exact, and labels are the shifted sigmas") {
  const grid g = flow_uniform(shifted_by(3), {.count = 4});
  CHECK(g.front().alpha == 0);
  CHECK(g.back().sigma == 0);
  CHECK(labels(g) == sigmas(g));
  CHECK(times(g) == column{1, 0.75, 0.5, 0.25, 0});
  check_counts([](int n) { return flow_uniform(shifted_by(3), {.count = n}); }, -infinity, infinity);
  check_counts([](int n) { return flow_uniform(flow{}, {.count = n, .last = 0.001, .end = ending::zero}); },
               -infinity, infinity);
  CHECK_FALSE(flow_uniform(flow{}, {.count = 3, .first = 0, .last = 1}).denoises());
}

TEST_CASE("flow_uniform: refusals name argument, value and what is allowed") {
  const auto with = [](flow_steps o) { return message(try_flow_uniform(shifted_by(3), o)); };
  CHECK(with({.count = 0}) == "flow_uniform: count is 0, needs at least 1");
  CHECK(with({.count = 4, .first = 1.2}) ==
        "flow_uniform: first is 1.2, needs a time of shifted, from 0 to 1");
  CHECK(with({.count = 4, .last = -1}) == "flow_uniform: last is -1, needs a time of shifted, from 0 to 1");
  CHECK(with({.count = 4, .first = 0}) == "flow_uniform: last is 0, needs to differ from `first`");
  CHECK(with({.count = 4, .end = ending::at(-1)}) ==
        "flow_uniform: ending is at sigma -1, needs a finite number not below 0");
  CHECK(message(try_flow_uniform(shifted_by(-3), {.count = 4})) ==
        "shifted: factor is -3, needs a finite number above 0");
}
