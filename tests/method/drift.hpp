// SPDX-License-Identifier: MIT
#pragma once

// The drift of a stochastic method: a run without noise against dx/dlambda = (d ln sigma/dlambda - tau^2) x +
// (1 + tau^2) alpha x0, on a mixture of normals.

#include "conformance/mixture.hpp"
#include "method/probe.hpp"

#include <cmath>
#include <cstddef>

namespace diffode_test {

/// Where a run from x ends when every draw is 0.
template <class M>
double quiet_end(const M& how, const grid& levels, double x) {
  const mixture data;
  const plan made = compile(how, levels, x0_model{});
  std::vector<double> state{x}, noise(static_cast<std::size_t>(made.noises())), answer(1);
  sampler<double, recorded_noise<double>, no_filter, reference> s(shared_plan(made), state, {}, recorded_noise<double>{noise, 1});
  while (const auto call = s.next()) {
    answer[0] = data.at(call->x[0], call->at).x0;
    s.feed(answer);
  }
  return state[0];
}

/// Where the drift ends: classical Runge-Kutta for v = x/sigma, dv/dlambda = -tau^2 v + (1 + tau^2) e^lambda x0. With 2000
/// steps of 0.002 its error is far below that of any run measured here.
inline double drift_end(const noise_path& path, const level<>& from, const level<>& to, double tau2, double x) {
  const mixture data;
  constexpr int steps = 2000;
  const double h = (to.lambda - from.lambda) / steps;
  double v = x / from.sigma;
  const auto slope_at = [&](double lambda, double y) {
    const level<> at = path.at_lambda(lambda);
    return -tau2 * y + (1 + tau2) * std::exp(lambda) * data.at(y * at.sigma, at).x0;
  };
  for (int i = 0; i < steps; ++i) {
    const double l = from.lambda + i * h, k1 = slope_at(l, v), k2 = slope_at(l + h / 2, v + h / 2 * k1), k3 = slope_at(l + h / 2, v + h / 2 * k2);
    v += h / 6 * (k1 + 2 * k2 + 2 * k3 + slope_at(l + h, v + h * k3));
  }
  return v * to.sigma;
}

/// The order of a method's drift: log2 of how much the error, over four starts, falls from `steps` steps to twice as many.
template <class M>
double drift_order(const M& how, double tau2, const noise_path& path, double noisy, double clean, int steps = 120) {
  const auto on = [&](int n) { return uniform_lambda(path, {.from = noisy, .to = clean, .count = n}); };
  const level<> from = on(1).front(), to = on(1).back();
  double coarse = 0, fine = 0;
  for (const double z : {-1.5, -0.3, 0.5, 1.3}) {
    const double x = z * std::hypot(from.alpha, from.sigma), exact = drift_end(path, from, to, tau2, x);
    coarse += std::pow(quiet_end(how, on(steps), x) - exact, 2);
    fine += std::pow(quiet_end(how, on(2 * steps), x) - exact, 2);
  }
  return std::log2(coarse / fine) / 2;
}

}  // namespace diffode_test
