// SPDX-License-Identifier: MIT
#include "diffode/schedule/trigflow.hpp"

#include "path_checks.hpp"

using namespace diffode;
using namespace diffode_test;

TEST_CASE("trigflow: alpha is the cosine of t, sigma its sine, lambda = -ln tan t") {
  for (const double t : {1e-6, 0.1, 0.7, 1.3, 1.56454}) {
    const level<> l = trigflow{}.at(t);
    CHECK(std::abs(l.alpha - std::cos(t)) < 2e-16);
    CHECK(off(l.sigma, std::sin(t)) < 1e-15);
    CHECK(off(l.lambda, -std::log(std::tan(t))) < 1e-13);
    CHECK(l.label == t);
  }
  check_lambda(trigflow{});
}

TEST_CASE("trigflow: at_lambda inverts at") {
  CHECK(worst_inverse(trigflow{}, 0, trigflow{}.range().noisy) < 1e-15);
  CHECK(worst_level(trigflow{}, 1e-9, 1.57) < 1e-13);
  CHECK(worst_norm(trigflow{}, 0, trigflow{}.range().noisy) < 1e-15);
}

TEST_CASE("trigflow: both ends are exact") {
  check_clean_end(trigflow{});
  const level<> noise = trigflow{}.at(trigflow{}.range().noisy);
  CHECK(noise.alpha == 0);
  CHECK(noise.sigma == 1);
  CHECK(noise.lambda == -infinity);
  CHECK(trigflow{}.at_lambda(-infinity).t == trigflow{}.range().noisy);
  CHECK(trigflow{}.at(0).lambda == infinity);
}
