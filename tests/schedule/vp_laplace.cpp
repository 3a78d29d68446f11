// SPDX-License-Identifier: MIT
#include "diffode/schedule/vp_laplace.hpp"

#include "path_checks.hpp"

using namespace diffode;
using namespace diffode_test;

TEST_CASE("vp_laplace: the log-SNR is the quantile of a Laplace distribution") {
  const vp_laplace s{.mu = 0.4, .b = 0.7};
  for (const double t : {1e-9, 0.1, 0.4, 0.6, 0.999}) {
    const double sign = t < 0.5 ? 1 : -1, log_snr = 0.4 - 0.7 * sign * std::log(1 - 2 * std::abs(t - 0.5));
    CHECK(off(2 * s.at(t).lambda, log_snr) < 1e-7);  // 1 - 2 |t - 1/2| has lost digits at t = 1e-9
    CHECK(off(2 * std::log(s.at(t).alpha / s.at(t).sigma), log_snr) < 1e-7);
  }
  CHECK(2 * s.at(0.5).lambda == 0.4);
  check_lambda(s);
}

TEST_CASE("vp_laplace: at_lambda inverts at") {
  CHECK(worst_inverse(vp_laplace{}, 0, 1) < 1e-15);
  CHECK(worst_inverse(vp_laplace{.mu = -2, .b = 1.5}, 0, 1) < 1e-15);
  CHECK(worst_level(vp_laplace{}, 1e-9, 1 - 1e-9) < 1e-15);
  CHECK(worst_norm(vp_laplace{}, 0, 1) < 1e-15);
}

TEST_CASE("vp_laplace: both ends are exact") {
  check_clean_end(vp_laplace{});
  CHECK(vp_laplace{}.at(0).sigma == 0);
  CHECK(vp_laplace{}.at(1).alpha == 0);
  CHECK(vp_laplace{}.at_lambda(-infinity).t == 1);
}

TEST_CASE("vp_laplace: refusals name argument, value and what is allowed") {
  CHECK(message(vp_laplace{}.check()) == "no fault");
  CHECK(message(vp_laplace{.mu = not_a_number}.check()) == "vp_laplace: mu is nan, needs a finite number");
  CHECK(message(vp_laplace{.b = 0}.check()) == "vp_laplace: b is 0, needs a finite number above 0");
}
