// SPDX-License-Identifier: MIT
#include "diffode/core/phi.hpp"

#include "catch.hpp"

#include <cmath>
#include <limits>
#include <vector>

using namespace diffode;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

struct exact {
  double z, phi[7];
};
constexpr exact table[] = {
#include "data/phi.inc"
};

}  // namespace

TEST_CASE("phi agrees with 700-digit arithmetic from -200 to 32") {
  // The library promises 2e-15 up to phi_3 and 2e-14 up to phi_5; what it reaches is a few roundings, and a formula
  // change that loses a digit should not go unseen.
  constexpr double bound[] = {4e-16, 5e-16, 8e-16, 8e-16, 1e-15, 1.2e-15, 1.2e-15};
  CHECK(std::size(table) >= 200);
  for (const exact& row : table)
    for (int k = 0; k <= 6; ++k) {
      INFO("phi_" << k << " at " << row.z);
      CHECK(std::abs(phi(k, row.z) - row.phi[k]) <= bound[k] * row.phi[k]);
    }
}

TEST_CASE("phi at 0 is one over k factorial, whatever the sign of 0") {
  double one_over_factorial = 1;
  for (int k = 0; k <= 6; ++k) {
    if (k > 1) one_over_factorial /= k;
    CHECK(phi(k, 0.0) == Approx(one_over_factorial).epsilon(2e-16));
    CHECK(phi(k, -0.0) == phi(k, 0.0));
    CHECK(phi(k, std::numeric_limits<double>::denorm_min()) == phi(k, 0.0));
  }
}

TEST_CASE("phi has its limits at both infinities and passes a NaN on") {
  for (int k = 0; k <= 6; ++k) {
    CHECK(phi(k, -infinity) == 0);
    CHECK(phi(k, infinity) == infinity);
    CHECK(std::isnan(phi(k, std::numeric_limits<double>::quiet_NaN())));
  }
}

TEST_CASE("phi is positive and rises, also where the series hands over to the recurrence") {
  for (int k = 1; k <= 6; ++k)
    for (double z = -6; z < 6; z += 1. / 1024) {
      const double here = phi(k, z), next = phi(k, z + 1. / 1024);
      if (!(0 < here && here < next)) FAIL("phi_" << k << " at " << z << " is " << here << ", then " << next);
    }
}

TEST_CASE("phi of lanes is phi of each lane, bit for bit") {
  const std::vector<double> z{-infinity, -200, -3.5, -1, -1e-300, 0, 1e-9, 0.7, 2.5, 32};
  for (int k = 0; k <= 6; ++k) {
    const lanes p = phi(k, lanes(z));
    REQUIRE(p.size() == z.size());
    for (std::size_t i = 0; i < z.size(); ++i) CHECK(p[i] == phi(k, z[i]));
    CHECK(phi(k, lanes(-1.5)).size() == 1);
  }
}
