// SPDX-License-Identifier: MIT
#pragma once

#include "catch.hpp"
#include "conformance/families.hpp"
#include "conformance/runs.hpp"
#include "conformance/subject.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace diffode_test {

/// Whether a method's runs depend on noise.
inline bool is_random(const subject& s) { return s.on(families()[0].uniform(1), told::x0).uses_noise(); }

/// The model whose x0 is always `x0`, said as `what`.
inline answer_to<double> constant_x0(told what, double x0) {
  return [=](const diffode::request<double>& call, std::span<double> out) {
    // x0 = 0, eps = x/sigma and x0 = 1, eps = -alpha/sigma superposed: no division where sigma = 0 and x0 is returned.
    for (std::size_t i = 0; i < out.size(); ++i)
      out[i] = what == told::x0 ? x0 : returned(what, {x0, (call.x[i] - call.at.alpha * x0) / call.at.sigma}, call.at);
  };
}

/// The model whose noise is always `eps`, said as `what`.
inline answer_to<double> constant_eps(told what, double eps) {
  return [=](const diffode::request<double>& call, std::span<double> out) {
    for (std::size_t i = 0; i < out.size(); ++i)
      out[i] = what == told::eps ? eps : returned(what, {(call.x[i] - call.at.sigma * eps) / call.at.alpha, eps}, call.at);
  };
}

/// By how much a method with several evaluations in a step enlarges the rounding of its stages, at the most: an error e of
/// the state at t is an error e/sigma_t of eps there, and steps of the noise form add alpha_t (rho_s - rho_t) =
/// sigma_t (e^h - 1) of that. Counted for two stages, which is enough for all that are tested.
inline double stage_gain(const diffode::plan& made, const diffode::grid& g) {
  double h = 0;
  for (std::size_t i = 1; i < g.size(); ++i)
    if (std::isfinite(g[i].lambda - g[i - 1].lambda)) h = std::fmax(h, g[i].lambda - g[i - 1].lambda);
  const int stages = (made.calls() + made.steps() - 1) / made.steps();
  return std::pow(std::fmax(1, std::expm1(h)), std::min(stages - 1, 2));
}

/// A method solves exactly while its own prediction stays what it is: x_t = alpha_t x0 + sigma_t eps, with x0 (or eps)
/// the constant and the other one that of the start.
inline void check_constants(const subject& s) {
  if (is_random(s)) return;
  constexpr double x = 0.7, constant = -0.3;
  for (const family& f : families())
    for (const told what : every_told)
      for (const int n : {1, 2, 3, 7, 20}) {
        const diffode::grid g = f.uniform(n);
        const diffode::level<>&from = g.front(), &to = g.back();
        INFO(s.name() << " on " << f.name << " with " << name(what) << ", " << n << " steps");
        const diffode::plan made = s.on(g, what);
        // Each step rounds a few times, numbers of size largest_coefficient.
        const double tolerance = 2.2e-16 * 10 * (n + 1) * (1 + made.largest_coefficient() * (std::abs(x) + from.sigma)) * stage_gain(made, g);
        if (s.target == diffode::prediction::x0) {
          const double y = run(made, {x}, constant_x0(what, constant))[0];
          const double exact = to.sigma / from.sigma * x + (to.alpha - to.sigma / from.sigma * from.alpha) * constant;
          CHECK(std::abs(y - exact) <= tolerance);
        } else {
          const double y = run(made, {x}, constant_eps(what, constant))[0];
          const double exact = to.alpha / from.alpha * x + (to.sigma - to.alpha / from.alpha * from.sigma) * constant;
          CHECK(std::abs(y - exact) <= tolerance);
        }
      }
}

/// Both predictions constant: x0 and eps of the start. Every deterministic method of either form moves on the exact
/// line, so that it ends at alpha_t x0 + sigma_t eps, even where neither form is exact by itself.
inline void check_line(const subject& s) {
  if (is_random(s)) return;
  constexpr double x0 = 0.4, eps = -1.1;
  for (const family& f : families())
    for (const told what : every_told) {
      const diffode::grid g = f.uniform(9);
      const diffode::plan made = s.on(g, what);
      const answer_to<double> line = [&](const diffode::request<double>& call, std::span<double> out) { out[0] = returned(what, {x0, eps}, call.at); };
      const double y = run(made, {g.front().alpha * x0 + g.front().sigma * eps}, line)[0];
      INFO(s.name() << " on " << f.name << " with " << name(what));
      CHECK(std::abs(y - (g.back().alpha * x0 + g.back().sigma * eps)) <= 2.2e-16 * 100 * (1 + made.largest_coefficient() * g.front().sigma));
    }
}

}  // namespace diffode_test
