// SPDX-License-Identifier: MIT
#include "diffode/core/renoise.hpp"

#include "catch.hpp"
#include "diffode/schedule/flow.hpp"
#include "diffode/schedule/ve.hpp"

#include <cmath>
#include <limits>
#include <vector>

using namespace diffode;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

}  // namespace

TEST_CASE("noise lifts a state from one level to another: variances add up, on every path") {
  for (const double low : {-1., 0.3, 2.5, 9.})
    for (const double lift : {1e-12, 1e-3, 0.5, 4., 30.}) {
      const level<> from = flow{}.at_lambda(low + lift), to = flow{}.at_lambda(low);
      const renoised<double> w = renoise(from, to, lift);
      CHECK(w.kept == Approx(to.alpha / from.alpha).epsilon(1e-15));
      CHECK(std::hypot(w.kept * from.sigma, w.fresh) == Approx(to.sigma).epsilon(1e-14));
      // Small lifts keep their digits: 1 - e^(-2 lift) is 2 lift there.
      if (lift < 1e-6) CHECK(w.fresh == Approx(to.sigma * std::sqrt(2 * lift)).epsilon(1e-11));
    }
}

TEST_CASE("from clean data all noise is new, and a lift of nothing, or of a rounding error below, adds none") {
  const level<> to = ve{}.at_lambda(0.5);
  CHECK(fresh_noise(to, infinity) == to.sigma);
  CHECK(fresh_noise(to, 0.) == 0);
  CHECK(fresh_noise(to, -1e-16) == 0);
}

TEST_CASE("an ancestral step leaves a share 1 - eta^2 (1 - e^(-2h)) of the old noise") {
  for (const double eta : {0.1, 0.5, 0.999, 1.})
    for (const double h : {1e-9, 0.1, 1., 5.}) {
      const double lift = ancestral_lift(eta, h), share = eta * eta * -std::expm1(-2 * h);
      // 1 - share loses up to e^(2h) = 22000 of its digits.
      CHECK(std::exp(-2 * lift) == Approx(1 - share).epsilon(1e-11));
      CHECK(lift >= 0);
      CHECK(lift <= h);
    }
  CHECK(ancestral_lift(1, 20.) == 20);
  CHECK(ancestral_lift(1, infinity) == infinity);
  CHECK(std::isfinite(ancestral_lift(0.5, infinity)));
  CHECK(ancestral_lift(0.5, 0.) == 0);
  // Small steps keep their digits.
  CHECK(ancestral_lift(0.5, 1e-12) == Approx(0.25e-12).epsilon(1e-11));
}

TEST_CASE("a choice is made lane by lane, and lanes do what single numbers do") {
  const auto positive = [](double v) { return v > 0; };
  const lanes about(std::vector<double>{1, -1}), chosen = choose(positive, about, lanes(infinity), lanes(std::vector<double>{5, 6}));
  CHECK(chosen[0] == infinity);
  CHECK(chosen[1] == 6);
  CHECK(choose(positive, 2., 3., 4.) == 3);
  const level<> both[] = {ve{}.at(3), ve{}.at(2)};
  const level<lanes> l = choose(positive, about, join(both), join(std::vector<level<>>{ve{}.at(7), ve{}.at(8)}));
  CHECK(l.sigma[0] == 3);
  CHECK(l.sigma[1] == 8);
  CHECK(l.label[1] == 8);
  CHECK(l.lambda[1] == ve{}.at(8).lambda);
  const lanes lift = ancestral_lift(0.5, lanes(std::vector<double>{0.1, 2}));
  CHECK(lift[0] == ancestral_lift(0.5, 0.1));
  CHECK(lift[1] == ancestral_lift(0.5, 2.));
}
