// SPDX-License-Identifier: MIT
#pragma once

#include "catch.hpp"
#include "conformance/exact_start.hpp"
#include "conformance/mixture.hpp"
#include "conformance/told.hpp"
#include "diffode/grid/table.hpp"
#include "diffode/noise/recorded_noise.hpp"
#include "diffode/run/sampler.hpp"
#include "diffode/schedule/flow.hpp"
#include "diffode/schedule/vp_linear.hpp"

#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

namespace diffode_test {

using points = std::vector<double>;

inline const points& starts() {
  static const points all{-2.1, -0.7, 0.05, 0.9, 1.7};
  return all;
}

/// n steps along a path with equal distances of some function of lambda, and one more of the same kind, for the corrector.
template <class To, class From>
diffode::grid equal_steps(const diffode::noise_path& path, double from, double to, int n, To coordinate, From lambda_at) {
  const double a = coordinate(path.at(from).lambda), b = coordinate(path.at(to).lambda);
  std::vector<diffode::level<>> levels;
  for (int i = 0; i <= n + 1; ++i) levels.push_back(path.at_lambda(lambda_at(a + (b - a) * i / n)));
  return diffode::from_levels(path, levels);
}

inline diffode::grid uniform_grid(int n) {
  const auto same = [](double lambda) { return lambda; };
  return equal_steps(diffode::vp_linear{}, 0.8, 0.02, n, same, same);
}
inline diffode::grid karras_grid(int n) {
  return equal_steps(diffode::vp_linear{}, 0.8, 0.02, n, [](double lambda) { return std::exp(-lambda / 7); },
                     [](double root) { return -7 * std::log(root); });
}

/// Equal steps in time on the straight path, from pure noise to t = 0.02.
inline diffode::grid straight_grid(int n) {
  std::vector<double> times;
  for (int i = 0; i <= n + 1; ++i) times.push_back(1 - 0.98 * i / n);
  return diffode::from_times(diffode::flow{}, times);
}

/// The exact states at the points of a grid: of the probability flow, or of the drift of the reverse SDE,
///     dx/dlambda = (d ln sigma/d lambda - tau2) x + (1 + tau2) alpha x0,
/// whose noise is left out; on the VP path d ln sigma/d lambda = -alpha^2.
inline std::vector<points> exact_states(const diffode::grid& g, double tau2) {
  const mixture data;
  std::vector<points> all{starts()};
  for (std::size_t k = 1; k < g.size(); ++k) {
    points now = starts();
    for (std::size_t i = 0; i < now.size(); ++i) {
      if (tau2 == 0) {
        now[i] = data.flow(now[i], g.front(), g[k]);
        continue;
      }
      // Runge-Kutta with steps of a thirtieth of the grid's: error 1e-13 at 160 steps.
      constexpr int parts = 30;
      const auto slope = [&](double lambda, double x) {
        const diffode::level<> at = g.path().at_lambda(lambda);
        return -(at.alpha * at.alpha + tau2) * x + (1 + tau2) * at.alpha * data.at(x, at).x0;
      };
      const double h = (g[k].lambda - g[k - 1].lambda) / parts;
      double x = all.back()[i];
      for (int j = 0; j < parts; ++j) {
        const double lambda = g[k - 1].lambda + j * h, a = slope(lambda, x), b = slope(lambda + h / 2, x + h / 2 * a);
        const double c = slope(lambda + h / 2, x + h / 2 * b), d = slope(lambda + h, x + h * c);
        x += h / 6 * (a + 2 * b + 2 * c + d);
      }
      now[i] = x;
    }
    all.push_back(now);
  }
  return all;
}

/// Largest error over the starts at the last point but one, with exact states at the first points and without noise. There
/// is one step more, so that the state at the point of interest is corrected where the method corrects.
template <diffode::method M>
double largest_error(const M& how, const diffode::grid& g, double tau2, int exact) {
  const exact_start<M> started{.then = how, .steps = exact};
  const told_form model{{how.target == diffode::prediction::x0 ? told::x0 : told::eps}};
  const diffode::shared_plan made = diffode::compile(started, g, model, {.watch_state = true});
  const std::size_t count = starts().size(), streams = static_cast<std::size_t>(made->noises()), end = g.steps() - 1;
  const std::vector<points> truth = exact_states(g, tau2);
  // Each of the first steps draws the truth and then what the method draws in any step.
  const std::size_t known = static_cast<std::size_t>(exact), per_step = (streams - known) / g.steps();
  points noise(streams * count), x = starts(), answer(count), reached;
  for (std::size_t k = 0; k < known; ++k)
    for (std::size_t i = 0; i < count; ++i) noise[k * (1 + per_step) * count + i] = truth[k + 1][i];
  const diffode::recorded_noise<double> streams_of{noise, count};
  diffode::sampler<double, diffode::recorded_noise<double>> s(made, x, {}, streams_of);
  const mixture data;
  while (const auto call = s.next()) {
    for (std::size_t i = 0; i < count; ++i) answer[i] = returned(model.meaning.what, data.at(call->x[i], call->at), call->at);
    s.feed(answer, [&](const diffode::sight<double>& now) {
      if (now.what == diffode::seen::state && now.point == static_cast<int>(end)) reached.assign(now.x.begin(), now.x.end());
    });
  }
  double worst = 0;
  for (std::size_t i = 0; i < count; ++i) worst = std::fmax(worst, std::abs(reached.at(i) - truth[end][i]));
  return worst;
}

/// One row: the slope from 160 to 320 steps, and the error at 320.
struct wanted {
  double slope, error;  ///< error 0: not listed
  double tau2 = 0;
  double tolerance = 0.02;  ///< both are listed with two or three digits, and which step is the first changes the last of them
};

template <diffode::method M>
void check_slope(const std::string& name, const M& how, diffode::grid (*on)(int), const wanted& w) {
  const double coarse = largest_error(how, on(160), w.tau2, how.keep()), fine = largest_error(how, on(320), w.tau2, how.keep());
  const double slope = std::log2(coarse / fine);
  INFO(name << ": slope " << slope << " where " << w.slope << " is listed, error " << fine << " where " << w.error);
  CHECK(std::abs(slope - w.slope) <= w.tolerance);
  if (w.error != 0) CHECK(std::abs(fine / w.error - 1) <= 0.05);
}

}  // namespace diffode_test
