// SPDX-License-Identifier: MIT
#include "diffode/method/solver_schedule.hpp"

#include "catch.hpp"
#include "method/schedules.hpp"
#include "search/vp_a.hpp"

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

using namespace diffode_test;

namespace {

constexpr auto data = solver_form::data, noise = solver_form::noise;
constexpr auto pseudo = solver_corrector::pseudo;

/// Largest difference of two probes' states, over the largest of their numbers.
double apart(const probe& a, const probe& b) {
  REQUIRE(a.state.size() == b.state.size());
  double worst = 0, size = 1;
  for (std::size_t i = 0; i < a.state.size(); ++i)
    for (std::size_t k = 0; k < a.state[i].size(); ++k) {
      worst = std::fmax(worst, std::abs(a.state[i][k] - b.state[i][k]));
      size = std::fmax(size, std::abs(b.state[i][k]));
    }
  return worst / size;
}

}  // namespace

TEST_CASE("known methods are schedules") {
  std::mt19937 draw(17);
  const int count = 7;
  for (int k = 0; k < 30; ++k) {
    const grid levels = random_grid(draw, count);
    CHECK(apart(probe(same_steps({.predict = {.relax = relaxation::bh2}}, count), levels, x0_model{}), probe(dpmpp_2m{}, levels, x0_model{})) < 1e-13);
    for (const prediction target : {prediction::x0, prediction::eps}) {
      const solver_form form = target == prediction::x0 ? data : noise;
      const auto model = [&](const auto& how) { return target == prediction::x0 ? probe(how, levels, x0_model{}) : probe(how, levels, eps_model{}); };
      for (int p = 1; p <= 4; ++p) {
        // Four nodes close together: differences of their weights cancel to some 1e-12.
        const double bound = p < 4 ? 1e-11 : 1e-9;
        CHECK(apart(model(same_steps({.form = form, .predict = {.order = p}}, count)),
                    model(unipc{.p = p, .form = unified::exact, .target = target, .corrector = false, .ends = ramp::full()})) < bound);
        if (form == noise) CHECK(apart(model(same_steps({.form = noise, .predict = {.order = p}}, count)), model(deis{.q = p - 1, .in = deis_in::log_rho})) < bound);
        for (const unified B : {unified::bh1, unified::bh2, unified::exact}) {
          const relaxation two = B == unified::bh1 ? relaxation::bh1 : B == unified::bh2 ? relaxation::bh2 : relaxation::factor;
          solver_schedule how;
          for (int i = 0; i < count; ++i) {
            const int order = std::min({p, i + 1, count - i});
            const auto expanded = [&](int o) { return expansion{.order = o, .relax = o == 2 ? two : relaxation::factor}; };
            how.steps.push_back({.form = form, .predict = expanded(order), .corrector = pseudo, .correct = expanded(order + 1)});
          }
          INFO("p = " << p << ", B " << static_cast<int>(B) << ", form " << static_cast<int>(form));
          CHECK(apart(model(how), model(unipc{.p = p, .form = B, .target = target})) < bound);
        }
      }
    }
  }
}

TEST_CASE("derivatives from points of their own, the newest that suffice for each, are the pseudo-order of dpm_v3") {
  std::mt19937 draw(18);
  for (int k = 0; k < 20; ++k) {
    const grid levels = random_grid(draw, 6);
    const solver_step newest{.predict = {.order = 3, .points = {{1}, {1, 2}}}};
    const dpm_v3 pseudo_order{.pseudo = true, .corrector = v3_corrector::none, .ends = ramp::full()};
    CHECK(apart(probe(same_steps(newest, 6), levels, x0_model{}), probe(pseudo_order, levels, x0_model{})) < 1e-12);
    CHECK(apart(probe(same_steps({.predict = {.order = 3}}, 6), levels, x0_model{}), probe(pseudo_order, levels, x0_model{})) > 1e-3);
  }
}

TEST_CASE("with the statistics of data and noise prediction, v3 steps are steps of these forms") {
  std::mt19937 draw(19);
  for (int k = 0; k < 20; ++k) {
    const grid levels = random_grid(draw, 6);
    const solver_step v3{.form = solver_form::v3, .predict = {.order = 3}, .corrector = pseudo, .correct = {.order = 4}};
    const auto as = [&](solver_form form) {
      solver_step s = v3;
      s.form = form;
      return probe(same_steps(s, 6), levels, eps_model{});
    };
    solver_schedule on = same_steps(v3, 6);
    CHECK(apart(probe(on, levels, eps_model{}), as(data)) < 1e-11);
    on.statistics = model_statistics::noise_prediction();
    CHECK(apart(probe(on, levels, eps_model{}), as(noise)) < 1e-11);
  }
}

TEST_CASE("v3 steps on a table of statistics are those of dpm_v3") {
  std::vector<double> lambda, l, s, b;
  for (int i = 0; i <= 400; ++i) {
    lambda.push_back(-4 + 0.02 * i);
    l.push_back(1 / (1 + 0.3 * std::exp(2 * lambda.back())));
    s.push_back(-std::tanh(lambda.back()));
    b.push_back(0.2 * std::cos(lambda.back()));
  }
  const model_statistics table = model_statistics::make({.lambda = lambda, .l = l, .s = s, .b = b});
  const grid levels = on_nodes(vp({-3.5, -2, -1, -0.1, 0.7, 1.9, 3}), table);
  solver_schedule how;
  for (int i = 0; i < 6; ++i) {
    const int order = std::min({3, i + 1, 6 - i});
    how.steps.push_back({.form = solver_form::v3, .predict = {.order = order}, .corrector = pseudo, .correct = {.order = order + 1}});
  }
  how.statistics = table;
  // The constant term is in no probe: a run on zeros shows it.
  for (const double start : {0.0, 1.3}) {
    std::vector<double> x{start}, y = x;
    sample(how, levels, eps(vp_a_model{}), x);
    sample(dpm_v3{.statistics = table}, levels, eps(vp_a_model{}), y);
    CHECK(x[0] == Approx(y[0]).epsilon(1e-11).margin(1e-12));
  }
  CHECK(refusal(how, vp({-3.51, -2, -1, -0.1, 0.7, 1.9, 3})).find("solver_schedule: lambda -3.51 is not where the statistics were taken") == 0);
}
