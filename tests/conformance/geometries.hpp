// SPDX-License-Identifier: MIT
#pragma once

#include "catch.hpp"
#include "conformance/families.hpp"
#include "conformance/invariants.hpp"
#include "conformance/runs.hpp"
#include "conformance/subject.hpp"
#include "diffode/noise/recorded_noise.hpp"

#include <cmath>
#include <cstddef>
#include <random>
#include <vector>

namespace diffode_test {

/// Levels of a path at these lambdas.
inline diffode::grid through(const diffode::noise_path& path, const std::vector<double>& lambdas) {
  std::vector<diffode::level<>> levels;
  for (const double lambda : lambdas) levels.push_back(path.at_lambda(lambda));
  return diffode::from_levels(path, levels);
}

/// A path, from mostly noise or mostly data, in 1 to 6 steps whose lengths differ by a factor of up to 50.
struct geometry {
  diffode::grid levels;
  told what;

  explicit geometry(std::mt19937& draw) : levels(any(draw)), what(every_told[draw() % std::size(every_told)]) {}

 private:
  static diffode::grid any(std::mt19937& draw) {
    std::uniform_real_distribution<double> start(-3, 1), length(std::log(0.03), std::log(1.5));
    std::vector<double> lambdas{start(draw)};
    const std::size_t steps = 1 + draw() % 6;
    for (std::size_t i = 0; i < steps; ++i) lambdas.push_back(lambdas.back() + std::exp(length(draw)));
    return through(families()[draw() % 3].path, lambdas);
  }
};

/// Runs a plan without its noise, on one number.
inline double run_drift(const diffode::shared_plan& made, double x, const answer_to<double>& net) {
  std::vector<double> state{x}, nothing(static_cast<std::size_t>(made->noises()));
  const diffode::recorded_noise<double> silence{nothing, 1};
  diffode::sampler<double, diffode::recorded_noise<double>> s(made, state, {}, silence);
  finish<decltype(s), double>(s, net, 1);
  return state[0];
}

/// A few roundings per step of numbers up to this size.
inline double rounding_of(const diffode::plan& made, const diffode::grid& g, double x) {
  const double size = 1 + made.largest_coefficient() * (std::abs(x) + g.front().sigma);
  return 2.2e-16 * 10 * static_cast<double>(g.steps() + 1) * size * stage_gain(made, g);
}

/// Consistency: a state without noise of data that are all the same stays without noise, whatever the method draws; and a
/// method that draws nothing keeps the line between any x0 and any noise.
inline void check_line(const subject& s, const geometry& where) {
  const diffode::grid& g = where.levels;
  const diffode::shared_plan made = s.on(g, where.what);
  const auto model = [&](truth both) -> answer_to<double> {
    return [both, what = where.what](const diffode::request<double>& call, std::span<double> out) { out[0] = returned(what, both, call.at); };
  };
  const diffode::level<>&from = g.front(), &to = g.back();
  const double signal = run_drift(made, from.alpha * -0.4, model({-0.4, 0}));
  CHECK(std::abs(signal - to.alpha * -0.4) <= rounding_of(*made, g, 0.4 * from.alpha));
  if (made->uses_noise()) return;
  const double both = run_drift(made, from.alpha * 0.4 - from.sigma * 1.1, model({0.4, -1.1}));
  CHECK(std::abs(both - (to.alpha * 0.4 - to.sigma * 1.1)) <= rounding_of(*made, g, 0.4 * from.alpha + 1.1 * from.sigma));
}

/// While its own prediction is constant, a method without noise is exact from any state, so that a run of several steps ends
/// where one step ends.
inline void check_own_constant(const subject& s, const geometry& where) {
  const diffode::grid& g = where.levels;
  const diffode::level<>&from = g.front(), &to = g.back();
  const diffode::shared_plan made = s.on(g, where.what);
  if (made->uses_noise()) return;
  constexpr double x = 0.7, constant = -0.3;
  const bool data = s.target == diffode::prediction::x0;
  const answer_to<double> net = data ? constant_x0(where.what, constant) : constant_eps(where.what, constant);
  const double exact = data ? to.sigma / from.sigma * x + (to.alpha - to.sigma / from.sigma * from.alpha) * constant
                            : to.alpha / from.alpha * x + (to.sigma - to.alpha / from.alpha * from.sigma) * constant;
  const double y = run_drift(made, x, net);
  CHECK(std::abs(y - exact) <= rounding_of(*made, g, x));
  const diffode::grid at_once = diffode::from_levels(g.path(), std::vector<diffode::level<>>{from, to});
  const diffode::shared_plan one = s.on(at_once, where.what);
  CHECK(std::abs(y - run_drift(one, x, net)) <= rounding_of(*made, g, x) + rounding_of(*one, at_once, x));
}

/// The error of one step from an exact state with an exact history, squared and summed over five states; the step is the
/// last but one, so that a corrector has had its say.
inline double local_error(const subject& s, const diffode::noise_path& path, const std::vector<double>& lambdas) {
  const diffode::grid g = through(path, lambdas);
  const diffode::shared_plan made = s.plan_started(g, {{told::v}});
  const mixture data;
  std::vector<double> start{-2.1, -0.7, 0.05, 0.9, 1.7};
  for (double& x : start) x *= std::hypot(g.front().alpha, g.front().sigma);
  const std::size_t count = start.size(), known = static_cast<std::size_t>(s.exact);
  std::vector<double> noise(static_cast<std::size_t>(made->noises()) * count), x = start, answer(count), reached;
  for (std::size_t k = 0; k < known; ++k)
    for (std::size_t i = 0; i < count; ++i) noise[k * count + i] = data.flow(start[i], g.front(), g[k + 1]);
  const diffode::recorded_noise<double> given{noise, count};
  diffode::sampler<double, diffode::recorded_noise<double>> run(made, x, {}, given);
  while (const auto call = run.next()) {
    for (std::size_t i = 0; i < count; ++i) answer[i] = returned(told::v, data.at(call->x[i], call->at), call->at);
    run.feed(answer, [&](const diffode::sight<double>& now) {
      if (now.what == diffode::seen::state && now.point == s.exact + 1) reached.assign(now.x.begin(), now.x.end());
    });
  }
  double sum = 0;
  for (std::size_t i = 0; i < count; ++i) sum += std::pow(reached.at(i) - data.flow(start[i], g.front(), g[known + 1]), 2);
  return sum;
}

/// By which power of the length of the steps the error of one step falls, over random ratios of steps on every path.
inline double local_order(const subject& s, std::mt19937 draw) {
  std::uniform_real_distribution<double> start(-1, 0.5), ratio(0.5, 2);
  const double h = 0.06;  // the next term counts little, and rounding does not yet at order 5: h^6 is 5e-8
  double coarse = 0, fine = 0;
  for (int k = 0; k < 30; ++k) {
    // Steps of both lengths start from the same point with history behind it.
    const double at = start(draw);
    std::vector<double> lengths;
    for (int i = 0; i < s.exact + 2; ++i) lengths.push_back(ratio(draw));
    const auto levels = [&](double unit) {
      std::vector<double> lambdas{at};
      for (int i = s.exact; i-- > 0;) lambdas.insert(lambdas.begin(), lambdas.front() - unit * lengths[static_cast<std::size_t>(i)]);
      for (int i = s.exact; i < s.exact + 2; ++i) lambdas.push_back(lambdas.back() + unit * lengths[static_cast<std::size_t>(i)]);
      return lambdas;
    };
    const diffode::noise_path path = families()[static_cast<std::size_t>(k) % 3].path;
    coarse += local_error(s, path, levels(h));
    fine += local_error(s, path, levels(h / 2));
  }
  return 0.5 * std::log2(coarse / fine);
}

}  // namespace diffode_test
