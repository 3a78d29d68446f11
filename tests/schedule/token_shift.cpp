// SPDX-License-Identifier: MIT
#include "diffode/schedule/token_shift.hpp"

#include "path_checks.hpp"

using namespace diffode;
using namespace diffode_test;

TEST_CASE("token_shift: the lines of published models go through the two points of their configuration") {
  CHECK(mu_of_tokens(256, flux_line) == 0.5);
  CHECK(off(mu_of_tokens(4096, flux_line), 1.15) < 1e-15);
  CHECK(off(mu_of_tokens(4096, sd3_line), 1.16) < 1e-15);
  CHECK(mu_of_tokens(256, qwen_image_line) == 0.5);
  CHECK(off(mu_of_tokens(8192, qwen_image_line), 0.9) < 1e-15);
  CHECK(mu_of_tokens(1024, ltx_line) == 0.95);
  CHECK(off(mu_of_tokens(4096, ltx_line), 2.05) < 1e-15);
}

TEST_CASE("flux2_mu: two lines at 10 and 200 steps, one line above 4300 tokens") {
  CHECK(off(flux2_mu(4096, 10), 8.73809524e-05 * 4096 + 1.89833333) < 1e-15);
  CHECK(off(flux2_mu(4096, 200), 0.00016927 * 4096 + 0.45666666) < 1e-15);
  CHECK(off(flux2_mu(4096, 105), (flux2_mu(4096, 10) + flux2_mu(4096, 200)) / 2) < 1e-15);
  CHECK(flux2_mu(4301, 10) == flux2_mu(4301, 200));
  CHECK(flux2_mu(4301, 50) == 0.00016927 * 4301 + 0.45666666);
  CHECK(flux2_mu(4300, 10) > flux2_mu(4300, 200));
  CHECK(std::abs(flux2_mu(4096, 50) - (2.2562457103 + (1.1499965800 - 2.2562457103) * 40 / 190)) < 1e-9);
}

TEST_CASE("flux2_mu: refusals name argument, value and what is allowed") {
  CHECK(message(try_flux2_mu(0, 20)) == "flux2_mu: tokens is 0, needs a finite number above 0");
  CHECK(message(try_flux2_mu(not_a_number, 20)) == "flux2_mu: tokens is nan, needs a finite number above 0");
  CHECK(message(try_flux2_mu(4096, 0)) == "flux2_mu: count is 0, needs at least 1");
}
