// SPDX-License-Identifier: MIT
#include "diffode/core/quadrature.hpp"

#include "catch.hpp"

#include <cmath>

using namespace diffode;

TEST_CASE("the rule is exact for polynomials up to degree 23, and not for 24") {
  for (int k = 0; k <= 23; ++k) CHECK(integrate([k](double u) { return std::pow(u, k); }, 0, 1) == Approx(1. / (k + 1)).epsilon(1e-15));
  CHECK(std::abs(integrate([](double u) { return std::pow(u, 24); }, -1, 1, 2) - 2. / 25) > 1e-8);
}

TEST_CASE("long intervals are cut into panels; reversed ones change the sign; empty ones give nothing") {
  const auto f = [](double u) { return std::exp(-2 * u); };
  CHECK(integrate(f, 0, 20) == Approx(-std::expm1(-40.) / 2).epsilon(1e-14));
  CHECK(integrate(f, 3, -1) == -integrate(f, -1, 3));
  CHECK(integrate(f, 1, 1) == 0);
}
