// SPDX-License-Identifier: MIT
#include "diffode/schedule/vp_cosine_shifted.hpp"

#include "diffode/schedule/shifted.hpp"
#include "path_checks.hpp"

using namespace diffode;
using namespace diffode_test;

TEST_CASE("vp_cosine_shifted: lambda = -ln tan of an angle that is linear in t, less ln factor") {
  const double first = std::atan(std::exp(-7.5)), last = std::atan(std::exp(7.5));
  for (const double t : {0.0, 0.1, 0.5, 0.9})
    for (const double factor : {1.0, 4.0}) {
      const double lambda = -std::log(std::tan(first + t * (last - first))) - std::log(factor);
      CHECK(std::abs(vp_cosine_shifted{.factor = factor}.at(t).lambda - lambda) < 1e-14);
    }
  CHECK(off(vp_cosine_shifted{}.at(0).lambda, 7.5) < 1e-15);
  CHECK(off(vp_cosine_shifted{}.at(1).lambda, -7.5) < 1e-15);
  check_lambda(vp_cosine_shifted{.factor = 4});
}

TEST_CASE("vp_cosine_shifted: with distant bounds it is a quarter of a cosine") {
  const vp_cosine_shifted s{.lambda_min = -700, .lambda_max = 700};
  for (const double t : {0.1, 0.5, 0.9}) CHECK(off(s.at(t).alpha, std::cos(std::acos(-1.0) / 2 * t)) < 1e-14);
}

TEST_CASE("vp_cosine_shifted: the factor is that of `shifted`") {
  const auto other = shifted_by(4.0, vp_cosine_shifted{});
  for (const double t : {0.1, 0.5, 0.9})
    CHECK(std::abs(vp_cosine_shifted{.factor = 4}.at(t).lambda - other.at(t).lambda) < 1e-14);
}

TEST_CASE("vp_cosine_shifted: at_lambda inverts at, and keeps a lambda beyond the ends") {
  CHECK(worst_inverse(vp_cosine_shifted{}, 0, 1) < 1e-15);
  CHECK(worst_inverse(vp_cosine_shifted{.factor = 16}, 0, 1) < 1e-14);
  CHECK(worst_level(vp_cosine_shifted{.factor = 4}, 0, 1) < 1e-15);
  CHECK(worst_norm(vp_cosine_shifted{}, 0, 1) < 1e-15);
  check_clean_end(vp_cosine_shifted{});
  CHECK(vp_cosine_shifted{}.at_lambda(-infinity).t == 1);
  CHECK(vp_cosine_shifted{}.at_lambda(9).lambda == 9);
  CHECK(vp_cosine_shifted{}.at_lambda(9).t == 0);
}

TEST_CASE("vp_cosine_shifted: refusals name argument, value and what is allowed") {
  CHECK(message(vp_cosine_shifted{}.check()) == "no fault");
  CHECK(message(vp_cosine_shifted{.factor = 0}.check()) ==
        "vp_cosine_shifted: factor is 0, needs a finite number above 0");
  CHECK(message(vp_cosine_shifted{.lambda_min = -infinity}.check()) ==
        "vp_cosine_shifted: lambda_min is -inf, needs a finite number");
  CHECK(message(vp_cosine_shifted{.lambda_max = -8}.check()) ==
        "vp_cosine_shifted: lambda_max is -8, needs a finite number above lambda_min = -7.5");
}
