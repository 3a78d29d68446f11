// SPDX-License-Identifier: MIT
#pragma once

#include "conformance/moments.hpp"

#include <cmath>
#include <string>
#include <vector>

namespace diffode_test {

/// The law of a subject, by its name.
struct named_law {
  std::string subject;
  law is;
};

/// tau^2 the same everywhere.
inline auto constant(double tau2) {
  return [=](const diffode::level<>&) { return tau2; };
}
/// tau^2 = -d(ln q)/dlambda of er_stretched, q = e^(y^0.3) + 10, y = sigma/alpha.
inline double stretched(const diffode::level<>& at) {
  const double u = std::pow(diffode::rho(at), 0.3);
  return 0.3 * u / (1 + 10 * std::exp(-u));
}
/// The same of er_saturating, q = e^(-1/y) + 10.
inline double saturating(const diffode::level<>& at) {
  const double y = diffode::rho(at);
  return 1 / (y * (1 + 10 * std::exp(1 / y)));
}

/// What each random method does, one line for each subject of the suite. Shares of fresh noise that are given as eta^2 of
/// 1 - e^(-2h) have tau = eta in the limit of small steps, and for 0 < eta < 1 in order 1 only. Ancestral steps and churn follow the flow and put noise on top: exact in
/// distribution where the step is, so that their variance has the order of the method inside; but their drift alone is a
/// flow and a rescaling in turn, of order 1.
inline const std::vector<named_law>& laws() {
  static const std::vector<named_law> all{
      {"ddim eta = 1", {1, constant(1), 1}},
      {"ddim eta = 0.5", {1, constant(0.25), 1}},
      {"sde_dpmpp", {2, constant(1), 2}},
      {"sde_dpmpp p = 1", {1, constant(1), 1}},
      {"sde_dpmpp eta = 0.5, slope::heun", {2, constant(0.5), 2}},
      {"sde_dpmpp p = 3", {2, constant(1), 3}},
      {"sde_dpmpp p = 3, eta = 0.5, published (legacy)", {2, constant(0.5), 2}},
      {"sde_dpmpp p = 3, published, flipped (legacy)", {1, constant(1), 1}},
      {"sde_dpmpp target eps", {2, constant(1), 2, false}},
      {"sde_dpmpp p = 3, eta = 0.5, target eps", {2, constant(0.5), 3, false}},
      {"sa_solver", {2, constant(1), 2}},
      {"sa_solver simple", {2, constant(1), 2}},
      {"sa_solver 3, 4, tau = 0.5", {2, constant(0.25), 4}},
      {"sa_solver 1, 1", {1, constant(1), 1}},
      {"sa_solver 3, no corrector", {2, constant(1), 3}},
      {"sa_solver 2, 3, tau = 0.5, target eps", {2, constant(0.25), 3, false}},
      {"sa_solver tau between labels", {1}},
      {"er_sde", {2, stretched, 3}},
      {"er_sde p = 1", {1, stretched, 1}},
      {"er_sde p = 2, eta = 0.5", {2, [](const diffode::level<>& at) { return stretched(at) / 2; }, 2}},
      {"er_sde published (legacy)", {2, stretched, 2}},
      {"er_sde f(y) = y^2, eta = 0.5", {2, constant(0.5), 3}},
      {"er_sde f(y) = y (e^(-1/y) + 10)", {2, saturating, 3}},
      {"ancestral", {1, constant(1), 1}},
      {"ancestral eta = 0.5", {1, constant(0.25), 1}},
      {"ancestral descent::flow_time", {1, constant(1), 1}},
      {"ancestral of heun", {2, constant(1), 1}},
      {"ancestral of dpm2", {2, constant(1), 1}},
      {"ancestral of singlestep", {2, constant(1), 1}},
      {"ancestral of singlestep, p = 3", {3, constant(1), 1}},
      {"churn", {2}},
      {"churn of euler", {1}},
      {"churn s_churn = 6, in a range", {.variance = 0, .keeps_variance = false}},  // its noise is 1.003 times too large, on purpose
      {"ddpm", {1, constant(1), 1}},
      {"dpmpp_sde", {2, constant(1), 2}},
      {"dpmpp_sde eta = 0.5, r = 0.3", {2}},
      {"lcm", {0}},
      {"tcd", {0}},
      {"tcd gamma = 1", {0}},
      {"seeds", {2, constant(1), 2}},
      {"seeds p = 1", {1, constant(1), 1}},
      {"seeds p = 3", {2, constant(1), 3}},
      {"seeds p = 3, eta = 0.5, slope::heun", {2, constant(0.5), 3}},
      {"singlestep_chained eta = 1", {2}},
      {"singlestep_chained eta = 0.5", {2}},
      {"singlestep_chained p = 3, slope::heun, eta = 1", {2}},
      {"res_multistep eta = 0.5", {2, constant(0.25), 1}},
      {"singlestep_chained eta = 1, redrawn (legacy)", {0}},
      {"res_multistep eta = 1", {2, constant(1), 2}},
  };
  return all;
}

inline const law* law_of(const std::string& subject) {
  for (const named_law& l : laws())
    if (l.subject == subject) return &l.is;
  return nullptr;
}

}  // namespace diffode_test
