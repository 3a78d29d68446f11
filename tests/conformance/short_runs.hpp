// SPDX-License-Identifier: MIT
#pragma once

#include "catch.hpp"
#include "conformance/invariants.hpp"
#include "diffode/grid/uniform_time.hpp"
#include "diffode/schedule/betas.hpp"
#include "diffode/schedule/discrete.hpp"
#include "diffode/schedule/zero_snr.hpp"
#include "effort.hpp"

#include <cmath>
#include <string>

namespace diffode_test {

/// Whether a model of this kind says something where alpha = 0.
inline bool knows_pure_noise(told what) { return what != told::eps && what != told::score; }

/// A run of the model that always predicts the same x0: the exact end is x0 where sigma = 0, for noise forms too, whose
/// first-order step has that limit; else it is on the line, and with noise within its deviations (8 of them: false alarms below 1e-14).
inline void check_constant_run(const subject& s, const diffode::grid& g, told what) {
  constexpr double x = 0.7, x0 = -0.3;
  const diffode::level<>&from = g.front(), &to = g.back();
  const diffode::plan made = s.on(g, what);
  const double y = run(made, {x}, constant_x0(what, x0))[0];
  INFO(s.name() << " on " << g.path().name << " with " << name(what) << ", " << g.steps() << " steps from t = " << from.t << " to " << to.t);
  REQUIRE(std::isfinite(y));
  // To the noise form of a stochastic equation a constant x0 is not constant: the noise that is drawn moves its eps.
  if (made.uses_noise() && s.target == diffode::prediction::eps) return;
  // A few roundings per step of numbers up to the largest coefficient; noise forms divide the state by alpha in the end.
  const double carried = s.target == diffode::prediction::eps ? 1 / from.alpha : 1;
  const double rounding = 2.2e-16 * 10 * static_cast<double>(g.steps() + 1) * (1 + made.largest_coefficient() * (1 + from.sigma)) * carried * stage_gain(made, g);
  if (to.sigma == 0) CHECK(std::abs(y - to.alpha * x0) <= rounding);
  else if (made.uses_noise()) CHECK(std::abs(y - to.alpha * x0) <= 8 * to.sigma * std::fmax(1, std::abs(x - from.alpha * x0) / from.sigma));
  else if (s.target == diffode::prediction::x0) CHECK(std::abs(y - to.alpha * x0 - to.sigma / from.sigma * (x - from.alpha * x0)) <= rounding);
}

inline void check_short_runs(const subject& s) {
  for (const family& f : families())
    for (const told what : every_told)
      for (int n = 1; n <= 8; n = is_short() ? 2 * n : n + 1) {
        check_constant_run(s, f.uniform(n), what);
        check_constant_run(s, f.uniform_to_zero(n), what);
      }
}

/// From pure noise: the flow path from t = 1, and a table rescaled to zero terminal SNR.
inline void check_pure_noise_start(const subject& s) {
  const diffode::noise_path straight = diffode::flow{}, table = diffode::zero_snr(diffode::discrete_from({}));
  for (const told what : every_told)
    for (int n = 1; n <= 8; n = is_short() ? 2 * n : n + 1) {
      const diffode::grid grids[] = {
          diffode::uniform_time(straight, {.from = 1, .to = 0.05, .count = n}),
          diffode::uniform_time(straight, {.from = 1, .to = 0, .count = n}),
          diffode::uniform_time(table, {.from = 999, .to = 10, .count = n}),
          diffode::uniform_time(table, {.from = 999, .to = 10, .count = n, .end = diffode::ending::zero})};
      for (const diffode::grid& g : grids) {
        const bool possible = knows_pure_noise(what) && s.target == diffode::prediction::x0;
        const auto made = s.plan_on(g, {{what}}, {});
        INFO(s.name() << " on " << g.path().name << " with " << name(what) << ", " << n << " steps");
        REQUIRE(static_cast<bool>(made) == possible);
        if (possible) check_constant_run(s, g, what);
        else {
          const std::string why = made.reason()->what();
          CHECK_THAT(why, diffode_test::starts_with(s.method + ": a coefficient of step 0 (lambda -inf to "));
          CHECK_THAT(why, diffode_test::contains("needs a finite number: noise prediction (an eps or score model, or target eps of the method) has no limit where alpha = 0"));
        }
      }
    }
}

}  // namespace diffode_test
