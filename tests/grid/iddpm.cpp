// SPDX-License-Identifier: MIT
#include "diffode/grid/iddpm.hpp"

#include "diffode/schedule/ve.hpp"
#include "grid_checks.hpp"

using namespace diffode;
using namespace diffode_test;

TEST_CASE("iddpm: the sigmas of the published code") {
  CHECK(off(rhos(iddpm(ve{}, {81, 0.002, 9, ending::keep})),
            {80.20370184547417, 5.376378290812824, 2.6948493515023406, 1.7194722462178302, 1.1915957757109217,
             0.8416009061530327, 0.583421981105102, 0.3725818812975453, 0.18716728526412152,
             0.006425412771141183}) < 1e-11);  // the list is a recursion of 1000 steps
  for (const int n : {1, 2, 3, 4, 5, 6, 7, 8})
    CHECK(iddpm(ve{}, {81, 0.002, n}).steps() == static_cast<std::size_t>(n));
}

TEST_CASE("iddpm: refusals name argument, value and what is allowed") {
  const auto with = [](sigma_steps o, iddpm_levels l = {}) { return message(try_iddpm(ve{}, o, l)); };
  CHECK(with({81, 0.002, 0}) == "iddpm: count is 0, needs at least 1");
  CHECK(with({81, 90, 4}) == "iddpm: sigma_min is 90, needs a number below sigma_max = 81");
  CHECK(with({81, 0.002, 4}, {.levels = 0}) == "iddpm: levels is 0, needs at least 1");
  CHECK(with({81, 0.002, 4}, {.c1 = 1}) == "iddpm: c1 is 1, needs a number above 0 and below 1");
  CHECK(with({81, 0.002, 4}, {.c2 = not_a_number}) == "iddpm: c2 is nan, needs a number above 0 and below 1");
  CHECK_THAT(with({81, 0.002, 2000}),
             starts_with("iddpm: count is 2000, which takes 2000 sigmas, needs at most the "));
}
