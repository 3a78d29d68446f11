// SPDX-License-Identifier: MIT
#include "diffode/method/heun.hpp"

#include "catch.hpp"
#include "method/probe.hpp"

using namespace diffode_test;

namespace {

/// Karras et al. 2022, Algorithm 1, one step in y = x/alpha over rho, in its own words: returns coefficients of y, m0, m1.
row textbook(double s, double t) {
  // d = (y - m0)/s; y1 = y + (t - s) d; d' = (y1 - m1)/t; y + (t - s)(d + d')/2
  const row d{1 / s, -1 / s, 0}, y1{1 + (t - s) / s, -(t - s) / s, 0}, d1{y1[0] / t, y1[1] / t, -1 / t};
  row y{1, 0, 0};
  for (std::size_t k = 0; k < 3; ++k) y[k] += (t - s) * (d[k] + d1[k]) / 2;
  return y;
}

}  // namespace

TEST_CASE("a step along rho is Algorithm 1 of its paper, in every frame") {
  std::mt19937 draw(12);
  for (int k = 0; k < 1500; ++k) {
    const grid levels = random_grid(draw, 1);
    const level<>&s = levels[0], &t = levels[1];
    const probe p(heun{}, levels, x0_model{});
    const row wanted = textbook(rho(s), rho(t));
    const double size = std::abs(wanted[0]) + std::abs(wanted[1]) + std::abs(wanted[2]);  // what is added up in either form
    CHECK(std::abs(p.state[1][0] - t.alpha / s.alpha * wanted[0]) <= 1e-13 * t.alpha / s.alpha * size);
    CHECK(std::abs(p.state[1][1] - t.alpha * wanted[1]) <= 1e-13 * t.alpha * size);
    CHECK(std::abs(p.state[1][2] - t.alpha * wanted[2]) <= 1e-13 * t.alpha * size);
    CHECK(std::abs(p.state[1][0] * s.alpha + p.state[1][1] + p.state[1][2] - t.alpha) <= 1e-13 * t.alpha * size);
  }
}

TEST_CASE("along time it is the trapezoidal rule for the velocity of the straight path") {
  std::mt19937 draw(13);
  std::uniform_real_distribution<double> time(0.02, 0.98);
  for (int k = 0; k < 500; ++k) {
    double s = time(draw), t = time(draw);
    if (s < t) std::swap(s, t);
    if (s - t < 0.01) continue;
    const grid levels = from_times(flow{}, std::vector<double>{s, t});
    const probe p(heun{.along = axis::time}, levels, flow_model{});
    // Sums and products of terms up to s/t.
    CHECK(std::abs(p.state[1][0] - 1) <= 1e-15 * (4 + 4 * s / t));
    CHECK(std::abs(p.state[1][1] - (t - s) / 2) <= 1e-15 * (4 + 4 * s / t));
    CHECK(std::abs(p.state[1][2] - (t - s) / 2) <= 1e-15 * (4 + 4 * s / t));
  }
}

TEST_CASE("both axes give the same constants on random grids of every path") {
  std::mt19937 draw(14);
  for (int k = 0; k < 500; ++k) {
    const grid levels = random_grid(draw, 1);
    const probe p(heun{.along = axis::time}, levels, x0_model{});
    const row& x = p.state[1];
    CHECK(std::abs(x[0] * levels[0].alpha + x[1] + x[2] - levels[1].alpha) <= 1e-13 * (levels[1].alpha + std::abs(x[1]) + std::abs(x[2])));
    CHECK(x[0] == Approx(levels[1].sigma / levels[0].sigma).epsilon(1e-14));
  }
}

TEST_CASE("the second evaluation is at the end of the step, on Euler's state") {
  const grid levels = from_sigmas(ve{}, std::vector<double>{4, 1});
  std::vector<double> x{8};
  sampler s(heun{}, levels, x0_model{}, x);
  CHECK(s.next()->at.sigma == Approx(4).epsilon(1e-15));
  s.feed(std::vector<double>{2});
  CHECK(s.next()->at.sigma == Approx(1).epsilon(1e-15));
  CHECK(s.next()->x[0] == Approx(0.25 * 8 + 0.75 * 2).epsilon(1e-15));
  CHECK(s.next()->stage == 1);
}

TEST_CASE("a step to sigma = 0 is one Euler step with one evaluation, on either axis") {
  for (const axis along : {axis::rho, axis::time}) {
    const probe p(heun{.along = along}, from_sigmas(ve{}, std::vector<double>{2, 1, 0}), x0_model{});
    CHECK(p.calls() == 3);
    CHECK(p.state[2] == row{0, 0, 0, 1});
  }
}

TEST_CASE("a step from alpha = 0 is one Euler step along rho, which is infinite there, and a whole one along time") {
  const grid levels = from_times(flow{}, std::vector<double>{1, 0.5});
  const probe along_rho(heun{}, levels, x0_model{});
  CHECK(along_rho.calls() == 1);
  CHECK(along_rho.state[1][0] == Approx(0.5).epsilon(1e-15));
  CHECK(along_rho.state[1][1] == Approx(0.5).epsilon(1e-15));
  const probe along_time(heun{.along = axis::time}, levels, flow_model{});
  CHECK(along_time.calls() == 2);
  CHECK(along_time.state[1][0] == Approx(1).epsilon(1e-15));
  CHECK(along_time.state[1][1] == Approx(-0.25).epsilon(1e-15));
  CHECK(along_time.state[1][2] == Approx(-0.25).epsilon(1e-15));
}
