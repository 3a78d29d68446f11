// SPDX-License-Identifier: MIT
#include "diffode/method/dpm2.hpp"

#include "catch.hpp"
#include "diffode/method/heun.hpp"
#include "diffode/method/singlestep.hpp"
#include "method/probe.hpp"

#include <string>

using namespace diffode_test;

namespace {

/// One step in y over q in k-diffusion's own words, for any r: coefficients of y, m0, m1.
row textbook(double s, double t, double r) {
  const double mid = std::exp((1 - r) * std::log(s) + r * std::log(t));
  const row d{1 / s, -1 / s, 0}, y1{1 + (mid - s) / s, -(mid - s) / s, 0}, d1{y1[0] / mid, y1[1] / mid, -1 / mid};
  row y{1, 0, 0};
  for (std::size_t k = 0; k < 3; ++k) y[k] += (t - s) * ((1 - 1 / (2 * r)) * d[k] + d1[k] / (2 * r));
  return y;
}

double size_of(const row& a) {
  double sum = 1;
  for (const double v : a) sum += std::abs(v);
  return sum;
}

void check_near(const row& a, const row& b, double allowed) {
  REQUIRE(a.size() == b.size());
  for (std::size_t k = 0; k < a.size(); ++k) CHECK(std::abs(a[k] - b[k]) <= allowed);
}

}  // namespace

TEST_CASE("a step along rho is that of k-diffusion and diff-sampler, in every frame") {
  std::mt19937 draw(51);
  std::uniform_real_distribution<double> share(0.2, 1);
  for (int k = 0; k < 1000; ++k) {
    const grid levels = random_grid(draw, 1);
    const level<>&s = levels[0], &t = levels[1];
    const double r = k % 3 == 0 ? 0.5 : share(draw);
    row wanted = textbook(rho(s), rho(t), r);
    const double size = size_of(wanted);
    wanted[0] /= s.alpha;
    for (double& v : wanted) v *= t.alpha;
    check_near(probe(dpm2{.r = r}, levels, x0_model{}).state[1], wanted, 1e-13 * size * t.alpha / s.alpha);
  }
}

TEST_CASE("a step along time is the same for the velocity of the straight path") {
  const double s = 0.8, t = 0.3, mid = std::sqrt(s * t);
  const probe p(dpm2{.along = axis::time}, from_times(flow{}, std::vector<double>{s, t}), flow_model{});
  CHECK(p.made.call(1).at.sigma == Approx(mid).epsilon(1e-14));
  check_near(p.state[1], {1, 0, t - s}, 1e-14);
}

TEST_CASE("along rho it is DPM-Solver-2 in noise form, with stages in the same places") {
  std::mt19937 draw(52);
  std::uniform_real_distribution<double> share(0.2, 1);
  for (int k = 0; k < 500; ++k) {
    const grid levels = random_grid(draw, 3);
    const double r = share(draw);
    const probe ours(dpm2{.r = r}, levels, eps_model{}), solver(singlestep{.target = prediction::eps, .r1 = {r}}, levels, eps_model{});
    check_near(ours.state[3], solver.state[3], 1e-13 * size_of(solver.state[3]));
  }
}

TEST_CASE("with r = 1 it is heun, on either axis") {
  std::mt19937 draw(53);
  for (int k = 0; k < 200; ++k) {
    const grid levels = random_grid(draw, 2);
    for (const axis along : {axis::rho, axis::time}) {
      const row ours = probe(dpm2{.along = along, .r = 1}, levels, x0_model{}).state[2], wanted = probe(heun{.along = along}, levels, x0_model{}).state[2];
      check_near(ours, wanted, 1e-13 * size_of(wanted));
    }
  }
}

TEST_CASE("a step without a point between is one of Euler") {
  for (const axis along : {axis::rho, axis::time}) {
    const probe p(dpm2{.along = along}, from_sigmas(ve{}, std::vector<double>{2, 1, 0}), x0_model{});
    CHECK(p.calls() == 3);
    CHECK(p.state[2] == row{0, 0, 0, 1});
  }
  const grid levels = from_times(flow{}, std::vector<double>{1, 0.5});
  CHECK(probe(dpm2{}, levels, x0_model{}).calls() == 1);
  CHECK(probe(dpm2{.along = axis::time}, levels, flow_model{}).calls() == 2);
}

TEST_CASE("a stage outside the step is refused") {
  CHECK_FALSE(dpm2{.r = 1}.check());
  CHECK(dpm2{.r = 0}.check()->what() == std::string("dpm2: r is 0, needs a number from 0.0001 to 1"));
  CHECK(dpm2{.r = 1.5}.check()->what() == std::string("dpm2: r is 1.5, needs a number from 0.0001 to 1"));
}
