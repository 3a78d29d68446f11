// SPDX-License-Identifier: MIT
#include "diffode/schedule/vp_sigmoid.hpp"

#include "path_checks.hpp"

using namespace diffode;
using namespace diffode_test;

TEST_CASE("vp_sigmoid: alpha squared is a scaled piece of a sigmoid") {
  const auto logistic = [](double y) { return 1 / (1 + std::exp(-y)); };
  for (const vp_sigmoid s : {vp_sigmoid{}, vp_sigmoid{0, 3, 0.3}, vp_sigmoid{-3, 3, 1.1}}) {
    for (const double t : {0.01, 0.3, 0.5, 0.8, 0.99}) {
      const double y = (s.start + t * (s.end - s.start)) / s.tau, last = logistic(s.end / s.tau);
      const double square = (last - logistic(y)) / (last - logistic(s.start / s.tau));
      CHECK(std::abs(s.at(t).alpha * s.at(t).alpha - square) < 1e-14);
    }
    CHECK(worst_norm(s, 0, 1) < 4e-15);  // the two squares are made apart: a handful of roundings
    check_lambda(s);
  }
}

TEST_CASE("vp_sigmoid: at_lambda inverts at") {
  CHECK(worst_inverse(vp_sigmoid{}, 0, 1) < 1e-14);
  CHECK(worst_inverse(vp_sigmoid{0, 3, 0.3}, 0, 1) < 1e-14);
  // From -300 to 300 lambda is a constant to all digits over most of the way: only the middle can be told apart.
  CHECK(worst_inverse(vp_sigmoid{-300, 300, 1}, 0.45, 0.55) < 1e-14);
  CHECK(worst_level(vp_sigmoid{}, 1e-9, 1 - 1e-9) < 1e-14);
}

TEST_CASE("vp_sigmoid: both ends are exact") {
  check_clean_end(vp_sigmoid{});
  CHECK(vp_sigmoid{}.at(0).sigma == 0);
  CHECK(vp_sigmoid{}.at(1).alpha == 0);
  CHECK(off(vp_sigmoid{}.at_lambda(-infinity).t, 1) < 1e-15);
}

TEST_CASE("vp_sigmoid: refusals name argument, value and what is allowed") {
  CHECK(message(vp_sigmoid{}.check()) == "no fault");
  CHECK(message(vp_sigmoid{.tau = 0}.check()) == "vp_sigmoid: tau is 0, needs a finite number above 0");
  CHECK(message(vp_sigmoid{.start = not_a_number}.check()) ==
        "vp_sigmoid: start is nan, needs a number from -300 to 300");
  CHECK(message(vp_sigmoid{.end = 400}.check()) ==
        "vp_sigmoid: end is 400, needs a number above start = -3 and up to 300");
  CHECK(message(vp_sigmoid{.end = -3}.check()) ==
        "vp_sigmoid: end is -3, needs a number above start = -3 and up to 300");
}
