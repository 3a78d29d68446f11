// SPDX-License-Identifier: MIT
#include "diffode/schedule/edm_vp.hpp"

#include "diffode/schedule/vp_linear.hpp"
#include "path_checks.hpp"

using namespace diffode;
using namespace diffode_test;

TEST_CASE("edm_vp: sigma is sigma/alpha of vp_linear, and alpha is 1") {
  const edm_vp s{.beta_d = 15, .beta_min = 0.5};
  for (const double t : {0.001, 0.02, 0.3, 0.7, 1.0}) {
    CHECK(off(s.at(t).sigma, rho(vp_linear{0.5, 15.5}.at(t))) < 1e-14);
    CHECK(s.at(t).alpha == 1);
    CHECK(s.at(t).label == t);
  }
}

TEST_CASE("edm_vp: at_lambda inverts at, with a start above and below 0") {
  check_lambda(edm_vp{});
  CHECK(worst_inverse(edm_vp{}, 1e-3, 1) < 1e-14);
  CHECK(worst_level(edm_vp{}, 1e-3, 1) < 1e-14);
  const edm_vp turned{.beta_d = 4, .beta_min = -0.1, .t_min = 0.1};
  CHECK(message(turned.check()) == "no fault");
  // t is found from ln(1 + sigma^2), whose slope at t_min is 0.3: the rounding of sigma is divided by it.
  CHECK(worst_inverse(turned, 0.1, 1) < 1e-13);
  check_lambda(turned);
  CHECK(off(edm_vp{.beta_d = 0, .beta_min = 2}.at_lambda(-0.5 * std::log(std::expm1(1.0))).t, 0.5) < 1e-15);
}

TEST_CASE("edm_vp: the ends of lambda") {
  check_clean_end(edm_vp{});
  CHECK(edm_vp{}.at_lambda(-infinity).t == infinity);
  CHECK(off(edm_vp{.beta_d = 4, .beta_min = -0.1, .t_min = 0.1}.at_lambda(infinity).t, 0.05) < 1e-15);
}

TEST_CASE("edm_vp_through: both sigmas are met at their times") {
  for (const edm_vp_ends ends : {edm_vp_ends{}, edm_vp_ends{0.02, 100, 1e-5}, edm_vp_ends{0.1, 20, 0.01}}) {
    const edm_vp s = edm_vp_through(ends);
    CHECK(s.range().noisy == 1);
    CHECK(s.range().clean == ends.t_min);
    CHECK(off(s.at(1).sigma, ends.sigma_max) < 1e-13);
    // ln(1 + sigma^2) at t_min is a difference of numbers up to t_min times the one at 1.
    CHECK(off(s.at(ends.t_min).sigma, ends.sigma_min) < 1e-12);
  }
  const vp_linear song;
  const edm_vp found = edm_vp_through({rho(song.at(1e-3)), rho(song.at(1)), 1e-3});
  CHECK(off(found.beta_d, 19.9) < 1e-12);
  CHECK(off(found.beta_min, 0.1) < 1e-10);
}

TEST_CASE("edm_vp: refusals name argument, value and what is allowed") {
  CHECK(message(edm_vp{}.check()) == "no fault");
  CHECK(message(edm_vp{.t_min = 0}.check()) == "edm_vp: t_min is 0, needs a number above 0 and below 1");
  CHECK(message(edm_vp{.beta_d = infinity}.check()) == "edm_vp: beta_d is inf, needs a finite number");
  CHECK(message(edm_vp{.beta_d = 4, .beta_min = -0.5, .t_min = 0.25}.check()) ==
        "edm_vp: beta_min is -0.5, needs a finite number above -0.5 (-beta_d t_min/2), or sigma is 0 at t_min");
  CHECK(message(edm_vp{.beta_d = -2, .beta_min = 1}.check()) ==
        "edm_vp: beta_d is -2, needs a number above -1 (-beta_min), or sigma falls before t = 1");
  CHECK(message(try_edm_vp_through({.sigma_min = 0})) ==
        "edm_vp_through: sigma_min is 0, needs a finite number above 0");
  CHECK(message(try_edm_vp_through({.sigma_min = 1, .sigma_max = 1})) ==
        "edm_vp_through: sigma_max is 1, needs a finite number above sigma_min = 1");
  CHECK(message(try_edm_vp_through({.t_min = 1})) == "edm_vp_through: t_min is 1, needs a number above 0 and below 1");
}
