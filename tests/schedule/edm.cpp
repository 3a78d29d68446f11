// SPDX-License-Identifier: MIT
#include "diffode/schedule/edm.hpp"

#include "path_checks.hpp"

using namespace diffode;
using namespace diffode_test;

TEST_CASE("edm: the path is that of ve, with the ends of the paper") {
  const edm e;
  CHECK(e.range().clean == 0.002);
  CHECK(e.range().noisy == 80);
  CHECK(e.sigma_data == 0.5);
  CHECK(e.at(7).lambda == ve{}.at(7).lambda);
  CHECK(e.at_lambda(1).sigma == ve{}.at_lambda(1).sigma);
  CHECK(worst_inverse(e, 0.002, 80) < 2e-15);
  check_lambda(e);
  check_clean_end(e);
}

TEST_CASE("edm: refusals name argument, value and what is allowed") {
  CHECK(message(edm{}.check()) == "no fault");
  CHECK(message(edm{.sigma_min = 90}.check()) ==
        "edm: sigma_max is 80, needs a finite number above sigma_min = 90");
  CHECK(message(edm{.sigma_min = -0.1}.check()) == "edm: sigma_min is -0.1, needs a finite number above 0");
  CHECK(message(edm{.sigma_data = 0}.check()) == "edm: sigma_data is 0, needs a finite number above 0");
  CHECK(message(edm{.sigma_data = not_a_number}.check()) ==
        "edm: sigma_data is nan, needs a finite number above 0");
}
