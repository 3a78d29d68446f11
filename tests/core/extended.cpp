// SPDX-License-Identifier: MIT
#include "diffode/core/extended.hpp"

#include "catch.hpp"
#include "diffode/schedule/ve.hpp"

#include <cmath>
#include <limits>

using namespace diffode;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

}  // namespace

TEST_CASE("noise functions are the logarithms of f(y)/y") {
  for (const double y : {0.01, 0.5, 3.0, 40.0}) {
    CHECK(er_power{2.5}.log_ratio(y) == Approx(1.5 * std::log(y)).epsilon(1e-14));
    CHECK(er_power{1}.log_ratio(y) == 0);
    CHECK(std::exp(er_stretched{}.log_ratio(y)) == Approx(std::exp(std::pow(y, 0.3)) + 10).epsilon(1e-14));
    CHECK(std::exp(er_saturating{}.log_ratio(y)) == Approx(std::exp(-1 / y) + 10).epsilon(1e-14));
    CHECK(std::exp(er_logarithm{}.log_ratio(y)) == Approx(std::pow(y, -0.1) * std::log10(1 + 100 * std::pow(y, 1.5))).epsilon(1e-13));
  }
}

TEST_CASE("noise functions have their limits at sigma = 0 and alpha = 0") {
  CHECK(er_stretched{}.log_ratio(0) == Approx(std::log(11.0)).epsilon(1e-15));
  CHECK(er_stretched{}.log_ratio(infinity) == infinity);
  CHECK(er_stretched{}.log_ratio(1e12) == std::pow(1e12, 0.3));  // f itself would overflow
  CHECK(er_saturating{}.log_ratio(0) == std::log(10.0));
  CHECK(er_saturating{}.log_ratio(infinity) == std::log(11.0));
  CHECK(er_power{}.log_ratio(infinity) == infinity);
}

TEST_CASE("moments for f(y) = y and f(y) = y^2 are those of the closed forms") {
  for (const double h : {0.3, 1.0, 2.5}) {
    const level<> s = ve{}.at_lambda(-0.4), t = ve{}.at_lambda(-0.4 + h);
    const double a = s.sigma, b = t.sigma, l = std::log(b / a);
    const auto flow = extended_moments(er_power{1}, 1, s, t), sde = extended_moments(er_power{2}, 1, s, t);
    // int (y - a)^k d(-b/y) and int (y - a)^k d(b^2/y^2) from a to b, which cancel some digits.
    CHECK(flow[0] == Approx(1 - b / a).epsilon(1e-14));
    CHECK(flow[1] == Approx(-(b * l) + b - a).epsilon(1e-12));
    CHECK(flow[2] == Approx(b * (2 * a * l - (b - a) + a * a / b - a)).epsilon(1e-11));
    CHECK(sde[0] == Approx(1 - b * b / (a * a)).epsilon(1e-14));
    CHECK(sde[1] == Approx(-(a - b) * (a - b) / a).epsilon(1e-13));
    CHECK(sde[2] == Approx(-2 * b * b * l - 4 * a * b + 3 * b * b + a * a).epsilon(1e-11));
  }
}

TEST_CASE("an exponent of the noise is a power of f(y)/y, and 0 is the flow") {
  const level<> s = ve{}.at_lambda(-1), t = ve{}.at_lambda(0.5);
  const auto half = extended_moments(er_power{2}, 0.5, s, t), same = extended_moments(er_power{1.5}, 1, s, t);
  const auto none = extended_moments(er_stretched{}, 0, s, t), flow = extended_moments(er_power{1}, 1, s, t);
  for (std::size_t k = 0; k < 3; ++k) {
    CHECK(half[k] == Approx(same[k]).epsilon(1e-14));
    CHECK(none[k] == flow[k]);
  }
}

TEST_CASE("left sums tend to the moments like one over their number") {
  const level<> s = ve{}.at_lambda(-1), t = ve{}.at_lambda(-0.5);
  const auto exact = extended_moments(er_stretched{}, 1, s, t);
  const auto coarse = sampled_moments(er_stretched{}, 1, 200, s, t), fine = sampled_moments(er_stretched{}, 1, 400, s, t);
  CHECK(coarse[0] == exact[0]);
  for (std::size_t k = 1; k < 3; ++k) {
    CHECK(std::abs(coarse[k] / exact[k] - 1) < 10. / 200);
    CHECK((coarse[k] - exact[k]) / (fine[k] - exact[k]) == Approx(2).epsilon(0.02));
  }
  // The sum of two samples, by hand: s_1 = (1/f(b) + 1/f((a + b)/2)) (a - b)/2, I_1 = b - a + s_1 f(b).
  const double a = s.sigma, b = t.sigma, m = (a + b) / 2;
  const auto f = [](double y) { return y * (std::exp(std::pow(y, 0.3)) + 10); };
  const auto two = sampled_moments(er_stretched{}, 1, 2, s, t);
  CHECK(two[1] == Approx(b - a + (1 / f(b) + 1 / f(m)) * (a - b) / 2 * f(b)).epsilon(1e-13));
  CHECK(two[2] == Approx((b - a) * (b - a) + 2 * ((b - a) / f(b) + (m - a) / f(m)) * (a - b) / 2 * f(b)).epsilon(1e-13));
}
