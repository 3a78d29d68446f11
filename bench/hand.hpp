// SPDX-License-Identifier: MIT
#pragma once

#include "hand_runs.hpp"

#include <cmath>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace diffode_bench::hand {

/// The numbers of every evaluation of a course, from a function of the step.
template <class F>
std::vector<numbers> for_each_step(const course& on, F of) {
  std::vector<numbers> all;
  for (int k = 0; k + 1 < static_cast<int>(on.levels.size()); ++k) all.push_back(of(k));
  return all;
}

inline std::vector<numbers> ddim_numbers(const course& on) {
  return for_each_step(on, [&](int k) -> numbers {
    const double a = on[k + 1].alpha / on[k].alpha;
    return {a, on[k + 1].sigma - on[k].sigma * a};
  });
}

/// Exponential multistep methods with p predictions (2 or 3).
inline std::vector<numbers> multistep_numbers(const course& on, int p) {
  return for_each_step(on, [&](int k) -> numbers {
    const conversion c = to_x0(on[k]);
    const weights w = predictor_weights(on, k, p);
    return {c.cx, c.cf, on[k + 1].sigma / on[k].sigma, w[0], w[1], w[2]};
  });
}

/// SDE-DPM-Solver++(2M): everything that decays does so twice as fast, and noise fills the variance up again.
inline std::vector<numbers> sde_2m_numbers(const course& on) {
  return for_each_step(on, [&](int k) -> numbers {
    const conversion c = to_x0(on[k]);
    const double h = on.h(k), forgotten = -std::expm1(-2 * h);
    const weights w = midpoint_weights(on, k, on[k + 1].alpha * forgotten);
    return {c.cx, c.cf, on[k + 1].sigma / on[k].sigma * std::exp(-h), w[0], w[1], on[k + 1].sigma * std::sqrt(forgotten)};
  });
}

inline std::vector<numbers> unipc_numbers(const course& on, int p) {
  return for_each_step(on, [&](int k) -> numbers {
    const conversion c = to_x0(on[k]);
    const weights w = predictor_weights(on, k, p);
    numbers all{c.cx, c.cf, 1, 0, 0, 0, 0, on[k + 1].sigma / on[k].sigma, w[0], w[1], w[2]};
    if (k > 0) {
      const weights corrected = corrector_weights(on, k, p);
      all[2] = on[k].sigma / on[k - 1].sigma;
      for (std::size_t j = 0; j < 4; ++j) all[3 + j] = corrected[j];
    }
    return all;
  });
}

inline std::vector<numbers> deis_numbers(const course& on) {
  return for_each_step(on, [&](int k) -> numbers {
    const weights w = time_weights(on, k, newest(k, 4));
    return {on[k + 1].alpha / on[k].alpha, w[0], w[1], w[2], w[3]};
  });
}

/// Heun along rho, two evaluations a step.
inline std::vector<numbers> heun_numbers(const course& on) {
  std::vector<numbers> all;
  for (int k = 0; k + 1 < static_cast<int>(on.levels.size()); ++k) {
    const dd::level<>&s = on[k], &t = on[k + 1];
    const conversion first = to_x0(s), second = to_x0(t);
    const double a = t.sigma / s.sigma, half = 0.5 * (dd::rho(t) - dd::rho(s));
    all.push_back({first.cx, first.cf, a, -t.alpha * std::expm1(-on.h(k))});
    all.push_back({second.cx, second.cf, a, t.alpha * half * (1 / dd::rho(t) - 2 / dd::rho(s)), -t.alpha * half / dd::rho(t)});
  }
  return all;
}

/// The hand-written run of a method, by the name that it has in cases.hpp.
template <class E>
std::unique_ptr<contender> make(const std::string& method, const course& on, const material<E>& with, const crew& by) {
  const auto made = [&]<class L>(L loop, std::size_t arrays, const std::vector<numbers>& all) -> std::unique_ptr<contender> {
    return std::make_unique<run<E, L>>(with, by, arrays, all, loop);
  };
  if (method == "ddim") return made(ddim_loop{}, 0, ddim_numbers(on));
  if (method == "dpmpp_2m") return made(two_step_loop{}, 1, multistep_numbers(on, 2));
  if (method == "dpmpp_3m") return made(three_step_loop{}, 2, multistep_numbers(on, 3));
  if (method == "unipc_2") return made(unipc_loop{2}, 3, unipc_numbers(on, 2));
  if (method == "unipc_3") return made(unipc_loop{3}, 4, unipc_numbers(on, 3));
  if (method == "deis_3") return made(deis_loop{}, 3, deis_numbers(on));
  if (method == "heun") return made(heun_loop{}, 2, heun_numbers(on));
  if (method == "sde_2m") return made(noisy_loop{}, 1, sde_2m_numbers(on));
  throw std::invalid_argument("hand: method is '" + method + "', needs one of cases.hpp");
}

}  // namespace diffode_bench::hand
