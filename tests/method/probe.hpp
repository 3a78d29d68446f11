// SPDX-License-Identifier: MIT
#pragma once

// A run with frozen model outputs is linear in the start, the model's outputs and the noise: with a unit vector for
// each of them, element k of the state is the coefficient of the k-th.

#include "diffode/backend/reference.hpp"
#include "diffode/diffode.hpp"

#include <cmath>
#include <cstddef>
#include <random>
#include <span>
#include <vector>

namespace diffode_test {

using namespace diffode;
using row = std::vector<double>;

/// What a run makes of its inputs. Element 0 counts the start, 1 + k the model's output at evaluation k, the rest noise.
struct probe {
  plan made;
  std::vector<row> state, predicted;  ///< at each point of the grid; [0] is the start

  template <class M, class Levels, class Form>
  probe(const M& how, const Levels& levels, const Form& form)
      : made(compile(how, levels, form, {.watch_state = true, .watch_predicted = true})) {
    const std::size_t calls = static_cast<std::size_t>(made.calls()), noises = static_cast<std::size_t>(made.noises());
    const std::size_t size = 1 + calls + noises;
    row x(size), noise(noises * size), answer(size);
    x[0] = 1;
    for (std::size_t k = 0; k < noises; ++k) noise[k * size + 1 + calls + k] = 1;
    state.assign(static_cast<std::size_t>(made.steps()) + 1, row(size));
    state[0] = x;
    predicted = state;
    const recorded_noise<double> streams{noise, size};
    sampler<double, recorded_noise<double>, no_filter, reference> s(shared_plan(made), x, {}, streams);
    while (const auto call = s.next()) {
      answer.assign(size, 0);
      answer[1 + static_cast<std::size_t>(call->index)] = 1;
      s.feed(answer, [&](const sight<double>& now) {
        (now.what == seen::predicted ? predicted : state)[static_cast<std::size_t>(now.point)].assign(now.x.begin(), now.x.end());
      });
    }
  }

  std::size_t calls() const { return static_cast<std::size_t>(made.calls()); }
};

/// One step i of a run with one evaluation per step: x_{i+1} = a*x_i + sum_j b[j]*m_{i-j} (+ c*z), with the size of the
/// numbers that were subtracted to find b.
struct step_row {
  double a = 0, c = 0, scale = 0;
  row b;
};

inline step_row step_of(const probe& p, std::size_t i, const row& before, const row& after) {
  step_row s;
  s.a = after[0] / before[0];
  for (std::size_t j = 0; j <= i; ++j) {
    s.b.push_back(after[i + 1 - j] - s.a * before[i + 1 - j]);
    s.scale = std::fmax(s.scale, std::abs(after[i + 1 - j]) + std::abs(s.a * before[i + 1 - j]));
  }
  if (p.made.uses_noise()) s.c = after[1 + p.calls() + i];
  return s;
}
/// From the corrected state at point i to the predicted one at i + 1.
inline step_row step_of(const probe& p, std::size_t i) { return step_of(p, i, p.state[i], p.predicted[i + 1]); }

/// A grid of the VE path through these lambdas.
inline grid at_lambdas(const std::vector<double>& lambdas, const noise_path& path = ve{}) {
  std::vector<level<>> levels;
  for (const double lambda : lambdas) {
    level<> l = path.at_lambda(lambda);
    l.lambda = lambda;
    levels.push_back(l);
  }
  return from_levels(path, levels);
}

/// A path, and lambdas on it: steps between 0.03 and 1.5, from a state that is mostly noise or one that is mostly data.
inline grid random_grid(std::mt19937& draw, int steps) {
  std::uniform_real_distribution<double> start(-3, 1), length(0.03, 1.5);
  std::vector<double> lambdas{start(draw)};
  for (int i = 0; i < steps; ++i) lambdas.push_back(lambdas.back() + length(draw));
  switch (draw() % 3) {
    case 0: return at_lambdas(lambdas, vp_linear{});
    case 1: return at_lambdas(lambdas, ve{});
    default: return at_lambdas(lambdas, flow{});
  }
}

/// The spec's golden geometry: a step of h = 0.5 after evaluations 0.4 and 1.1 back.
inline grid golden_grid() { return at_lambdas({-1.1, -0.4, 0, 0.5}); }

/// The weights w_j of step `i` of a run on a VE path: b = G*w, with G = 1 for data and -sigma for noise.
inline row weights(const probe& p, std::size_t i, const grid& levels, prediction form) {
  row w = step_of(p, i).b;
  if (form == prediction::eps)
    for (double& v : w) v /= -levels[i + 1].sigma;
  return w;
}

/// g_k = h*phi_k(-h) for data, h*phi_k(h) for noise, by their own recurrence in long double; for h not small.
inline std::vector<double> g_of(prediction form, double h) {
  const bool data = form == prediction::x0;
  const auto H = static_cast<long double>(h);
  std::vector<double> g{0};
  long double next = data ? -std::expm1(-H) : std::expm1(H), factorial = 1;
  for (int k = 1; k <= 4; ++k) {
    g.push_back(static_cast<double>(next));
    next = data ? 1 / factorial - next / H : next / H - 1 / factorial;
    factorial *= k + 1;
  }
  return g;
}

}  // namespace diffode_test
