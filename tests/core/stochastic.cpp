// SPDX-License-Identifier: MIT
#include "diffode/core/stochastic.hpp"

#include "catch.hpp"
#include "diffode/core/multistep.hpp"
#include "diffode/core/quadrature.hpp"
#include "diffode/schedule/flow.hpp"
#include "diffode/schedule/noise_path.hpp"
#include "diffode/schedule/ve.hpp"
#include "diffode/schedule/vp_linear.hpp"

#include <cmath>
#include <random>
#include <vector>

using namespace diffode;

namespace {

const std::vector<noise_path> paths{vp_linear{}, ve{}, flow{}};

}  // namespace

TEST_CASE("tau = 0 is the exponential step, bit for bit") {
  for (const noise_path& path : paths)
    for (const prediction form : {prediction::x0, prediction::eps}) {
      const level<> s = path.at_lambda(-1.3), t = path.at_lambda(0.4);
      const auto e = stochastic(form, 0., s, t);
      const auto plain = exponential(form, s, t);
      CHECK((e.c == 0 && e.a == 1 && e.drift.A == plain.A && e.drift.G == plain.G && e.drift.first == plain.first));
      for (std::size_t k = 1; k <= 5; ++k) CHECK(e.drift.g[k] == plain.g[k]);
    }
}

TEST_CASE("weights for tau = 1 are those of the data form computed elsewhere") {
  const auto e = stochastic(prediction::x0, 1., ve{}.at_lambda(0), ve{}.at_lambda(0.5));
  const double d[] = {0, 0.4, 1.1};
  CHECK(e.drift.g[1] == Approx(0.6321205588285577).epsilon(1e-15));
  const auto two = exact_weights<double>(e.drift, {d, 2}), three = exact_weights<double>(e.drift, {d, 3});
  CHECK(two[0] == Approx(1.091969860292861).epsilon(1e-14));
  CHECK(two[1] == Approx(-0.4598493014643029).epsilon(1e-14));
  CHECK(three[0] == Approx(1.409324786766877).epsilon(1e-14));
  CHECK(three[1] == Approx(-0.9585499002091861).epsilon(1e-14));
  CHECK(three[2] == Approx(0.1813456722708666).epsilon(1e-14));
}

TEST_CASE("any two levels: constants are kept, and in data form the variance of the noise") {
  std::mt19937 random(1);
  std::uniform_real_distribution<double> start(-5, 4), length(1e-3, 5), strength(0, 2);
  for (const noise_path& path : paths)
    for (int k = 0; k < 3000; ++k) {
      const double lambda = start(random), tau2 = strength(random);
      const level<> s = path.at_lambda(lambda), t = path.at_lambda(lambda + length(random));
      const auto data = stochastic(prediction::x0, tau2, s, t);
      // A few roundings, and lambda's, which is of size 10.
      CHECK(std::abs(std::pow(data.drift.A * s.sigma, 2) + data.c * data.c - t.sigma * t.sigma) <= 1e-13 * t.sigma * t.sigma);
      CHECK(std::abs(data.drift.A * s.alpha + data.drift.first - t.alpha) <= 1e-13 * t.alpha);
      CHECK(std::abs(data.drift.first - data.drift.G * data.drift.g[1]) <= 1e-13 * t.alpha);
      const auto noise = stochastic(prediction::eps, tau2, s, t);
      const double sizes = noise.drift.A * s.sigma * (1 + tau2);
      CHECK(std::abs(noise.drift.A * s.sigma + noise.drift.first - (noise.drift.A * s.sigma * -tau2 + t.sigma * (1 + tau2))) <= 1e-13 * sizes);
      CHECK(std::abs(noise.c * noise.c - tau2 * (std::pow(noise.drift.A * s.sigma, 2) - t.sigma * t.sigma)) <= 1e-13 * sizes * sizes);
    }
}

TEST_CASE("the moments are integrals over the step") {
  for (const double tau2 : {0.25, 1.0, 3.0})
    for (const double h : {0.01, 0.5, 3.0}) {
      const level<> s = vp_linear{}.at_lambda(-1), t = vp_linear{}.at_lambda(-1 + h);
      const double a = 1 + tau2;
      const auto data = stochastic(prediction::x0, tau2, s, t).drift.moments(), noise = stochastic(prediction::eps, tau2, s, t).drift.moments();
      for (int k = 0; k < 5; ++k) {
        const auto i = static_cast<std::size_t>(k);
        CHECK(data[i] == Approx(integrate([&](double u) { return a * std::exp(-a * (h - u)) * std::pow(u, k); }, 0, h, 0.25)).epsilon(1e-12));
        CHECK(noise[i] == Approx(integrate([&](double u) { return a * std::exp(h - u) * std::pow(u, k); }, 0, h, 0.25)).epsilon(1e-12));
      }
    }
}

TEST_CASE("two steps without a model are one: what is carried and what is added compose") {
  for (const noise_path& path : paths)
    for (const prediction form : {prediction::x0, prediction::eps}) {
      const level<> s = path.at_lambda(-2), u = path.at_lambda(-0.7), t = path.at_lambda(1.5);
      const auto whole = stochastic(form, 0.7, s, t), first = stochastic(form, 0.7, s, u), second = stochastic(form, 0.7, u, t);
      CHECK(first.drift.A * second.drift.A == Approx(whole.drift.A).epsilon(1e-14));
      CHECK(std::hypot(first.c * second.drift.A, second.c) == Approx(whole.c).epsilon(1e-14));
    }
}

TEST_CASE("a step to sigma = 0 returns x0 without noise in both forms") {
  const level<> s = vp_linear{}.at(0.5), end = make_level(0, 1, 0);
  for (const double tau2 : {0.0, 1.0}) {
    const auto data = stochastic(prediction::x0, tau2, s, end), noise = stochastic(prediction::eps, tau2, s, end);
    CHECK((data.drift.A == 0 && data.drift.first == 1 && data.c == 0));
    CHECK(noise.drift.A == 1 / s.alpha);
    CHECK(noise.drift.first == Approx(-s.sigma / s.alpha).epsilon(1e-15));
    CHECK(noise.c == 0);
  }
}

TEST_CASE("from alpha = 0 all noise is new if tau > 0, and none if tau = 0") {
  const level<> start = flow{}.at(1), t = flow{}.at(0.7);
  const auto with = stochastic(prediction::x0, 0.5, start, t), without = stochastic(prediction::x0, 0., start, t);
  CHECK((with.drift.A == 0 && with.drift.first == t.alpha && with.c == t.sigma));
  CHECK((without.drift.A == t.sigma && without.drift.first == t.alpha && without.c == 0));
}

TEST_CASE("long steps do not overflow") {
  const level<> s = ve{}.at_lambda(-400), t = ve{}.at_lambda(400);
  const auto noise = stochastic(prediction::eps, 1., s, t);
  CHECK(noise.c == Approx(s.sigma).epsilon(1e-14));
  CHECK(noise.drift.first == Approx(-2 * s.sigma).epsilon(1e-14));
}

TEST_CASE("lanes are as many doubles") {
  const level<> s[] = {flow{}.at(0.9), flow{}.at(0.5)}, t[] = {flow{}.at(0.6), flow{}.at(0)};
  for (const prediction form : {prediction::x0, prediction::eps}) {
    const auto both = stochastic(form, lanes(std::vector<double>{0.5, 1}), join(s), join(t));
    for (std::size_t k = 0; k < 2; ++k) {
      const auto one = stochastic(form, k == 0 ? 0.5 : 1, s[k], t[k]);
      CHECK((both.drift.A[k] == one.drift.A && both.drift.first[k] == one.drift.first && both.c[k] == one.c));
      if (std::isfinite(one.drift.h)) CHECK(both.drift.g[3][k] == one.drift.g[3]);
    }
  }
}
