// SPDX-License-Identifier: MIT
#include "diffode/schedule/ve.hpp"

#include "path_checks.hpp"

using namespace diffode;
using namespace diffode_test;

TEST_CASE("ve: sigma is the time and alpha is one") {
  const level<> l = ve{}.at(3.5);
  CHECK(l.alpha == 1);
  CHECK(l.sigma == 3.5);
  CHECK(l.t == 3.5);
  CHECK(l.label == 3.5);
  CHECK(l.lambda == -std::log(3.5));
}

TEST_CASE("ve: at_lambda inverts at") {
  CHECK(worst_inverse(ve{}, 0.02, 100) < 2e-15);
  CHECK(worst_level(ve{}, 0.02, 100) < 2e-15);
  check_lambda(ve{});
  check_clean_end(ve{});
}

TEST_CASE("ve: refusals name argument, value and what is allowed") {
  CHECK(message(ve{}.check()) == "no fault");
  CHECK(message(ve{.sigma_min = 0}.check()) == "ve: sigma_min is 0, needs a finite number above 0");
  CHECK(message(ve{.sigma_min = -1}.check()) == "ve: sigma_min is -1, needs a finite number above 0");
  CHECK(message(ve{.sigma_min = not_a_number}.check()) ==
        "ve: sigma_min is nan, needs a finite number above 0");
  CHECK(message(ve{.sigma_min = 5, .sigma_max = 5}.check()) ==
        "ve: sigma_max is 5, needs a finite number above sigma_min = 5");
  CHECK(message(ve{.sigma_max = infinity}.check()) ==
        "ve: sigma_max is inf, needs a finite number above sigma_min = 0.02");
}
