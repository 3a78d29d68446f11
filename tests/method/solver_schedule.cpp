// SPDX-License-Identifier: MIT
#include "diffode/method/solver_schedule.hpp"

#include "catch.hpp"
#include "method/probe.hpp"
#include "reference/usf.hpp"
#include "search/vp_a.hpp"

#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

using namespace diffode_test;

namespace {

constexpr auto data = solver_form::data, noise = solver_form::noise;
constexpr auto pseudo = solver_corrector::pseudo;

solver_schedule same_steps(const solver_step& s, int count) { return {.steps = std::vector<solver_step>(static_cast<std::size_t>(count), s)}; }

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

/// x0 = x of a path with alpha = 1 at the start, so that one step's row can be read off.
step_row last_row(const solver_step& s, const grid& levels, prediction form) {
  const int steps = static_cast<int>(levels.steps());
  const probe p = form == prediction::x0 ? probe(same_steps(s, steps), levels, x0_model{}) : probe(same_steps(s, steps), levels, eps_model{});
  return step_of(p, levels.steps() - 1);
}

grid vp(const std::vector<double>& lambdas) { return at_lambdas(lambdas, vp_linear{}); }

double solve_reference(const solver_schedule& how, const grid& g, double x) {
  const std::vector<level<>> levels(g.begin(), g.end());
  const mixture all = vp_a_data();
  return diffode_reference::usf(levels, x, how.steps, [&](double at, const level<>& l) { return all.at(at, l).eps; });
}

std::string refusal(const solver_schedule& how) {
  const fault f = how.check();
  return f ? f->what() : "accepted";
}
std::string refusal(const solver_schedule& how, const grid& g) {
  const result<plan> made = try_compile(how, g, eps_model{});
  return made ? "accepted" : made.reason()->what();
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

TEST_CASE("schedules that can not be run are refused, with the reason") {
  const solver_schedule good = same_steps({.predict = {.order = 2}}, 2);
  CHECK(refusal(good) == "accepted");
  CHECK(refusal(solver_schedule{}) == "solver_schedule: number of steps is 0, needs at least 1");
  const auto with = [&](auto change) {
    solver_schedule s = good;
    change(s);
    return refusal(s);
  };
  CHECK(with([](auto& s) { s.times = {1, 0}; }) == "solver_schedule: number of times is 2, needs 3, one more than steps, or none");
  CHECK(with([](auto& s) { s.times = {1, 0.5, std::nan("")}; }) == "solver_schedule: times[2] is nan, needs a finite number");
  CHECK(with([](auto& s) { s.steps[1].predict.order = 5; }) == "solver_schedule: steps[1].predict.order is 5, needs 1 to 4");
  CHECK(with([](auto& s) { s.steps[1].predict.order = 0; }) == "solver_schedule: steps[1].predict.order is 0, needs 1 to 4");
  CHECK(with([](auto& s) { s.steps[0].start = 4; }) == "solver_schedule: steps[0].start is 4, needs 0 to 3");
  CHECK(with([](auto& s) { s.steps[0].predict.amount = std::numeric_limits<double>::infinity(); }) ==
        "solver_schedule: steps[0].predict.amount is inf, needs a number from -1000000 to 1000000");
  CHECK(with([](auto& s) { s.steps[0].predict.points = {{1}, {1, 2}}; }) == "solver_schedule: steps[0].predict.points has 2 lists, needs one for each derivative at most, 1");
  CHECK(with([](auto& s) { s.steps[0].predict = {.order = 3, .points = {{}, {1}}}; }) == "solver_schedule: steps[0].predict.points[1] has 1 ages, needs 2 at least, or none");
  CHECK(with([](auto& s) { s.steps[0].predict.points = {{0}}; }) == "solver_schedule: steps[0].predict.points[0] has age 0, needs 0 to 3 other than 0, that of the start");
  CHECK(with([](auto& s) { s.steps[0].predict.points = {{4}}; }) == "solver_schedule: steps[0].predict.points[0] has age 4, needs 0 to 3 other than 0, that of the start");
  CHECK(with([](auto& s) { s.steps[0].predict.points = {{1, 1}}; }) == "solver_schedule: steps[0].predict.points[0] has age 1 twice, needs distinct ones");
  CHECK(with([](auto& s) { s.steps[0].corrector = pseudo, s.steps[0].correct.order = 6; }) == "solver_schedule: steps[0].correct.order is 6, needs 1 to 5");
  CHECK(with([](auto& s) { s.first = first_prediction::mean_x0; }) == "solver_schedule: mean has 0 numbers, needs at least 1 with mean_x0");
  CHECK(with([](auto& s) { s.mean = {std::nan("")}; }) == "solver_schedule: mean[0] is nan, needs a finite number");

  CHECK(refusal(good, vp({-1, 0, 1, 2})) == "solver_schedule: the grid has 3 steps, needs 2, one for each of `steps`");
  solver_schedule own = good;
  own.times = {0.9, 0.5, 0.1};
  CHECK(refusal(own, from_times(vp_linear{}, own.times)) == "accepted");
  CHECK(refusal(own, from_times(vp_linear{}, std::vector<double>{0.9, 0.5, 0.2})) ==
        "solver_schedule: level 2 of the grid is at time 0.2, needs 0.1: its grid is from_times(path, times)");
  own.first = first_prediction::mean_x0;
  own.mean = {1, 2};
  CHECK(refusal(own, from_times(vp_linear{}, own.times)) == "solver_schedule: mean has 2 numbers, needs 1, or as many as the run has lanes, 1");
}
