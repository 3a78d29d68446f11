// SPDX-License-Identifier: MIT
#include "diffode/schedule/flow.hpp"

#include "path_checks.hpp"

using namespace diffode;
using namespace diffode_test;

TEST_CASE("flow: the path is a straight line") {
  for (const double t : {0.0, 1e-9, 0.25, 0.5, 0.75, 1.0}) {
    CHECK(flow{}.at(t).alpha == 1 - t);
    CHECK(flow{}.at(t).sigma == t);
    CHECK(flow{}.at(t).label == t);
  }
}

TEST_CASE("flow: at_lambda inverts at") {
  CHECK(worst_inverse(flow{}, 0, 1) < 1e-15);
  CHECK(worst_level(flow{}, 1e-9, 1 - 1e-9) < 1e-14);  // lambda reaches 21: e^lambda has 21 eps of error
  check_lambda(flow{});
}

TEST_CASE("flow: both ends are exact") {
  check_clean_end(flow{});
  CHECK(flow{}.at(0).lambda == infinity);
  CHECK(flow{}.at(1).lambda == -infinity);
  const level<> noise = flow{}.at_lambda(-infinity);
  CHECK(noise.alpha == 0);
  CHECK(noise.sigma == 1);
  CHECK(noise.t == 1);
  CHECK(message(flow{}.check()) == "no fault");
}
