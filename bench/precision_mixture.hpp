// SPDX-License-Identifier: MIT
#pragma once

#include "precision_methods.hpp"

#include "conformance/mixture.hpp"

#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

namespace diffode_bench {

/// Models that are known in closed form, on a variance-preserving path: nothing is trained, nothing is estimated.
class closed_form {
 public:
  std::vector<result_point> points(const candidate& c, const std::vector<int>& budgets) const {
    std::vector<result_point> all;
    for (const int budget : budgets)
      if (const auto made = plan_within(c.on_eps, levels, budget)) all.push_back(point(c, *made, budget));
    return all;
  }

  static dd::grid levels(int steps) { return dd::uniform_lambda(dd::vp_linear{}, {.from = 1, .to = 1e-3, .count = steps}); }

 private:
  static result_point point(const candidate& c, const dd::plan& made, int budget) {
    const bool random = made.draws_noise();
    return {"closed form", c.name, random ? "distance of laws" : "distance to the exact flow", random, budget, made.calls(), made.steps(),
            random ? distance_of_laws(made) : distance_to_flow(made)};
  }

  /// Deterministic methods, data from a mixture of three normals: root mean square distance of results to where the
  /// probability flow takes their starts.
  static double distance_to_flow(const dd::plan& made) {
    const dd::grid ends = levels(1);
    const diffode_test::mixture data;
    std::vector<double> x(256);
    dd::fill_with_noise(x, ends.front(), dd::philox{.seed = 1}, x.size());
    std::vector<double> right = x;
    for (double& v : right) v = data.flow(v, ends.front(), ends.back());
    dd::sampler<double> run(made, x, {.batch = x.size()});
    answer(run, [&](double v, const dd::level<>& at) { return data.at(v, at).eps; });
    double sum = 0;
    for (std::size_t i = 0; i < x.size(); ++i) sum += (x[i] - right[i]) * (x[i] - right[i]);
    return std::sqrt(sum / static_cast<double>(x.size()));
  }

  /// Random methods, data from one normal: the 2-Wasserstein distance of the law of the results to the exact one. With a
  /// linear model a run is y = c + a x + sum_k b_k z_k; a state of unit vectors reads off all of these at once, so that no
  /// random number is drawn.
  static double distance_of_laws(const dd::plan& made) {
    constexpr double mean = 0.8, deviation = 0.3;
    const auto variance = [](const dd::level<>& l) { return std::pow(l.alpha * deviation, 2) + l.sigma * l.sigma; };
    const dd::grid ends = levels(1);
    const std::size_t noises = static_cast<std::size_t>(made.noises()), size = noises + 2;
    std::vector<double> x(size), z(noises * size);
    x[1] = 1;
    for (std::size_t k = 0; k < noises; ++k) z[k * size + k + 2] = 1;
    dd::sampler<double, dd::recorded_noise<double>> run(made, x, {}, {z, size});
    answer(run, [&](double v, const dd::level<>& at) { return at.sigma * (v - at.alpha * mean) / variance(at); });
    const double c = x[0], a = x[1] - c, carried = a * a * variance(ends.front());
    double fresh = 0;
    for (std::size_t k = 2; k < size; ++k) fresh += (x[k] - c) * (x[k] - c);
    return std::hypot(c + a * ends.front().alpha * mean - ends.back().alpha * mean, std::sqrt(carried + fresh) - std::sqrt(variance(ends.back())));
  }

  template <class Run, class Model>
  static void answer(Run& run, Model eps) {
    std::vector<double> out;
    while (const auto call = run.next()) {
      out.resize(call->x.size());
      for (std::size_t i = 0; i < out.size(); ++i) out[i] = eps(call->x[i], call->at);
      run.feed(out);
    }
  }
};

}  // namespace diffode_bench
