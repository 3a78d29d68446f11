// SPDX-License-Identifier: MIT
#include "diffode/method/solver_schedule.hpp"

#include "catch.hpp"
#include "method/schedules.hpp"
#include "reference/usf.hpp"
#include "search/vp_a.hpp"

#include <cmath>
#include <random>
#include <vector>

using namespace diffode_test;

namespace {

constexpr auto data = solver_form::data, noise = solver_form::noise;
constexpr auto pseudo = solver_corrector::pseudo;

/// x0 = x of a path with alpha = 1 at the start, so that one step's row can be read off.
step_row last_row(const solver_step& s, const grid& levels, prediction form) {
  const int steps = static_cast<int>(levels.steps());
  const probe p = form == prediction::x0 ? probe(same_steps(s, steps), levels, x0_model{}) : probe(same_steps(s, steps), levels, eps_model{});
  return step_of(p, levels.steps() - 1);
}

double solve_reference(const solver_schedule& how, const grid& g, double x) {
  const std::vector<level<>> levels(g.begin(), g.end());
  const mixture all = vp_a_data();
  return diffode_reference::usf(levels, x, how.steps, [&](double at, const level<>& l) { return all.at(at, l).eps; });
}

}  // namespace

TEST_CASE("coefficients of a step from lambda -0.5 to 0.8 on the variance-preserving path are those of the formula") {
  const grid two = vp({-1.4, -0.5, 0.8}), three = vp({-2, -1.4, -0.5, 0.8});
  // a and b with twelve digits; a probe takes them out of a run, where two or three cancel.
  const auto check = [](const step_row& found, double a, const row& b) {
    CHECK(found.a == Approx(a).epsilon(1e-12));
    REQUIRE(found.b.size() >= b.size());
    for (std::size_t j = 0; j < b.size(); ++j) CHECK(found.b[j] == Approx(b[j]).epsilon(2e-12));
  };
  check(last_row({.form = noise}, two, prediction::eps), 1.758885682012, {-1.717597205680, 0.623571011834});
  check(last_row({.form = data}, two, prediction::x0), 0.479352268661, {1.243821667272, -0.580261238176});
  check(last_row({.predict = {.relax = relaxation::bh2}}, two, prediction::x0), 0.479352268661, {1.142798516777, -0.479238087681});
  const step_row cubic = last_row({.predict = {.order = 3}}, three, prediction::x0);
  check(cubic, 0.479352268661, {1.960173949270, -2.371141943170, 1.074528422996});
  CHECK(cubic.b[0] + cubic.b[1] + cubic.b[2] == Approx(0.663560429096).epsilon(1e-12));
}

TEST_CASE("weights of every order, relaxation and choice of points keep constants") {
  const grid levels = vp({-2.5, -2, -1.4, -0.5, 0.8});
  const level<>&s = levels[3], &t = levels[4];
  const double sum_x0 = -t.alpha * std::expm1(s.lambda - t.lambda), sum_eps = -t.sigma * std::expm1(t.lambda - s.lambda);
  for (const auto relax : {relaxation::factor, relaxation::linear, relaxation::exponential, relaxation::bh1, relaxation::bh2})
    for (int order = 1; order <= 4; ++order)
      for (const bool far : {false, true}) {
        expansion e{.order = order, .relax = relax, .amount = 0.7};
        if (far && order > 1) e.points = {{3}};
        double total[2] = {0, 0};
        for (const double b : last_row({.form = data, .predict = e}, levels, prediction::x0).b) total[0] += b;
        for (const double b : last_row({.form = noise, .predict = e}, levels, prediction::eps).b) total[1] += b;
        CHECK(total[0] == Approx(sum_x0).epsilon(1e-12));
        CHECK(total[1] == Approx(sum_eps).epsilon(1e-12));
      }
}

TEST_CASE("relaxations are factors on the first derivative") {
  const grid levels = vp({-1.4, -0.5, 0.8});
  const double h = levels[2].lambda - levels[1].lambda;
  const auto older = [&](solver_form form, relaxation relax, double amount) {
    return last_row({.form = form, .predict = {.relax = relax, .amount = amount}}, levels, form == data ? prediction::x0 : prediction::eps).b[1];
  };
  for (const solver_form form : {data, noise}) {
    const double z = form == data ? -h : h, plain = older(form, relaxation::factor, 1);
    const auto R = [&](relaxation relax, double amount) { return older(form, relax, amount) / plain; };
    CHECK(R(relaxation::factor, 0.25) == Approx(0.25).epsilon(1e-12));
    CHECK(R(relaxation::linear, 0.3) == Approx(1 + 0.3 * h).epsilon(1e-12));
    CHECK(R(relaxation::exponential, 0.5) == Approx(1 + 0.5 * std::expm1(z)).epsilon(1e-12));
    CHECK(R(relaxation::exponential, -0.5) == Approx(1 - 0.5 * std::expm1(z)).epsilon(1e-12));
    CHECK(R(relaxation::bh1, 9) == Approx(0.5 * z * z / (std::expm1(z) - z)).epsilon(1e-12));
    CHECK(R(relaxation::bh2, 9) == Approx(0.5 * z * std::expm1(z) / (std::expm1(z) - z)).epsilon(1e-12));
  }
}

TEST_CASE("random schedules that change form, order and corrector from step to step agree with a plain loop") {
  std::mt19937 draw(23);
  const auto below = [&](int n) { return static_cast<int>(draw() % static_cast<unsigned>(n)); };
  std::uniform_real_distribution<double> amount(0.3, 1.6), start(-1.5, 1.5);
  for (int k = 0; k < 300; ++k) {
    const grid g = vp_a_grid(7);
    solver_schedule how;
    for (int i = 0; i < 7; ++i) {
      solver_step s{.form = below(2) == 0 ? data : noise, .predict = {.order = 1 + below(4), .amount = amount(draw)}};
      s.corrector = static_cast<solver_corrector>(below(3));
      s.correct = {.order = 1 + below(4), .amount = amount(draw)};
      how.steps.push_back(s);
    }
    std::vector<double> x{start(draw)};
    const double wanted = solve_reference(how, g, x[0]);
    sample(how, g, eps(vp_a_model{}), x);
    CHECK(x[0] == Approx(wanted).epsilon(1e-8).margin(1e-8 * std::abs(wanted)));
  }
}

TEST_CASE("the baselines of the mixture come out to three digits") {
  const double first[] = {2.543e-1, 2.355e-1, 1.794e-1, 1.489e-1}, second[] = {1.276e-1, 9.513e-2, 6.970e-2, 5.039e-2};
  const int counts[] = {5, 6, 8, 10};
  for (std::size_t k = 0; k < 4; ++k) {
    const grid g = vp_a_grid(counts[k]);
    CHECK(vp_a_error(same_steps({.predict = {.order = 1}}, counts[k]), g) == Approx(first[k]).epsilon(4e-4));
    solver_schedule two = same_steps({.predict = {.relax = relaxation::bh2}}, counts[k]);
    CHECK(vp_a_error(two, g) == Approx(vp_a_error(dpmpp_2m{}, g)).epsilon(1e-10));
    two.steps.back().predict.order = 1;
    CHECK(vp_a_error(two, g) == Approx(second[k]).epsilon(4e-4));
  }
}

TEST_CASE("a first prediction of zero, or of the mean of the data, is right in every form and costs no evaluation") {
  const grid g = vp_a_grid(5);
  for (const solver_form form : {data, noise, solver_form::v3})
    for (const double mean : {0.0, 0.4}) {
      solver_schedule how = same_steps({.form = form, .predict = {.order = 3}}, 5);
      how.first = mean == 0 ? first_prediction::zero_x0 : first_prediction::mean_x0;
      how.mean = {mean};
      CHECK(compile(how, g, eps_model{}).calls() == 4);
      // A model that answers the first call with that x0 gives the same run.
      const double start = 0.8;
      std::vector<double> x{start}, y = x;
      sample(how, g, eps(vp_a_model{}), x);
      how.first = first_prediction::asked;
      const auto told = [&](std::span<const double> in, const level<>& at, std::span<double> out) {
        vp_a_model{}(in, at, out);
        if (at.lambda == g.front().lambda) out[0] = (in[0] - at.alpha * mean) / at.sigma;
      };
      sample(how, g, eps(told), y);
      CHECK(x[0] == Approx(y[0]).epsilon(1e-12));
    }
}

TEST_CASE("a step may start from an older evaluation") {
  const grid levels = vp({-2, -1.4, -0.5, 0.8});
  solver_schedule how = same_steps({.predict = {.order = 3}}, 3);
  how.steps[2].start = 1;
  const probe p(how, levels, x0_model{});
  // From lambda -1.4 to 0.8 over evaluations at -1.4, -0.5 and -2: as a corrector's formula, but for what the state is.
  const exponential_step<double> e = exponential(prediction::x0, levels[1], levels[3]);
  const auto I = e.moments();
  const double x[] = {0.9, -0.6};
  // c_1 and c_2 of the quadratic through (0, m1), (0.9, m0), (-0.6, m2)
  const auto weight = [&](std::size_t q) {
    const double other = x[1 - q], apart = x[q] * (x[q] - other);
    return e.G * (I[1] * -other + I[2]) / apart;
  };
  const auto from = [&](std::size_t k) { return e.A * p.state[1][k]; };
  CHECK(p.state[3][0] == Approx(from(0)).epsilon(1e-13));
  CHECK(p.state[3][3] == Approx(weight(0)).epsilon(1e-12));
  CHECK(p.state[3][1] == Approx(from(1) + weight(1)).epsilon(1e-12));
  CHECK(p.state[3][2] == Approx(e.G * I[0] - weight(0) - weight(1)).epsilon(1e-12));
}

TEST_CASE("next to infinite lambda steps are of first order") {
  const grid levels = from_times(flow{}, std::vector<double>{1, 0.8, 0.5, 0.2, 0});
  const solver_schedule how = same_steps({.predict = {.order = 2, .relax = relaxation::bh2}, .corrector = pseudo}, 4);
  const probe p(how, levels, x0_model{});
  CHECK(p.state[4][0] == 0);
  CHECK(p.state[4][4] == Approx(1).epsilon(1e-15));
  for (std::size_t i = 1; i < p.state.size(); ++i) CHECK((p.state[i] == p.predicted[i]) == (i == 1 || i == 4));
}

TEST_CASE("a schedule is run on lanes as on single grids") {
  solver_schedule how = same_steps({.predict = {.order = 3}, .corrector = pseudo}, 4);
  how.steps[2].form = noise;
  how.first = first_prediction::mean_x0;
  how.mean = {0.3, -0.2};
  const std::vector<grid> grids{vp({-2, -1, 0, 1, 2}), vp({-1.5, -1, 0.2, 1, 1.9})};
  std::vector<double> both{0.7, -0.4};
  const auto net = [](std::span<const double> x, std::span<const level<>> at, std::span<double> out) {
    for (std::size_t i = 0; i < x.size(); ++i) vp_a_model{}(x.subspan(i, 1), at[i], out.subspan(i, 1));
  };
  sample(how, fixed<lanes>(grids, {.stride = 1, .count = 2}), eps(net), both);
  for (std::size_t k = 0; k < 2; ++k) {
    solver_schedule alone = how;
    alone.mean = {how.mean[k]};
    std::vector<double> x{k == 0 ? 0.7 : -0.4};
    sample(alone, grids[k], eps(vp_a_model{}), x);
    CHECK(both[k] == Approx(x[0]).epsilon(1e-13));
  }
}
