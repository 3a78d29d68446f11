// SPDX-License-Identifier: MIT
#include "diffode/grid/vp_sigmas.hpp"

#include "diffode/grid/uniform_time.hpp"
#include "diffode/schedule/edm.hpp"
#include "diffode/schedule/vp_linear.hpp"
#include "grid_checks.hpp"

using namespace diffode;
using namespace diffode_test;

TEST_CASE("vp_sigmas: between the ends of vp_linear they are its sigmas at uniform times") {
  const vp_linear s;
  const grid here = vp_sigmas(edm{}, {rho(s.at(1)), rho(s.at(1e-3)), 9, ending::keep});
  CHECK(off(rhos(here), rhos(uniform_time(s, {1, 1e-3, 9}))) <
        1e-11);  // slope and start come from two logarithms
}

TEST_CASE("vp_sigmas: known values") {
  CHECK(off(rhos(vp_sigmas(edm{}, {80, 0.002, 7, ending::keep})),
            {80, 25.01532591124182, 9.312314073780897, 4.0678572482224515, 2.0043053883930804,
             1.0249080012764291, 0.44466736809191726, 0.002}) < 1e-12);
  check_counts(
      [](int n) {
        return vp_sigmas(edm{}, {80, 0.002, n}, {.exponent = 2});
      },
      -std::log(80), infinity);
}

TEST_CASE("vp_sigmas: refusals name argument, value and what is allowed") {
  const auto with = [](sigma_steps o, vp_times t = {}) { return message(try_vp_sigmas(edm{}, o, t)); };
  CHECK(with({80, 0.002, 0}) == "vp_sigmas: count is 0, needs at least 1");
  CHECK(with({80, 0.002, 4}, {.t_min = 0}) == "vp_sigmas: t_min is 0, needs a number above 0 and below 1");
  CHECK(with({80, 0.002, 4}, {.exponent = 0}) == "vp_sigmas: exponent is 0, needs a finite number above 0");
}
