// SPDX-License-Identifier: MIT
#include "diffode/tape/time_moments.hpp"

#include "catch.hpp"
#include "diffode/diffode.hpp"

#include <cmath>
#include <vector>

using namespace diffode;

namespace {

/// Keeps the moments of its steps.
struct observer {
  std::vector<std::array<double, 4>>* exact;
  std::vector<std::array<double, 4>>* summed;
  static constexpr const char* name = "observer";
  static constexpr prediction target = prediction::x0;
  static constexpr int keep() { return 0; }
  static constexpr int order() { return 1; }
  static fault check() { return {}; }
  template <coefficient R>
  value step(recorder<R>& r, const level<R>& s, const level<R>& t) const {
    const R unit = t.t - s.t;
    const auto a = time_moments(r, s, t, unit);
    const auto b = summed_time_moments(r, s, t, unit, false);
    exact->push_back({lane(a[0], 0), lane(a[1], 0), lane(a[2], 0), lane(a[3], 0)});
    summed->push_back({lane(b[0], 0), lane(b[1], 0), lane(b[2], 0), lane(b[3], 0)});
    return r.sum({{r.state(), 0.5}, {r.predict(r.state(), s), 0.5}});
  }
};

}  // namespace

TEST_CASE("moments where time is rho are those of the plain integral") {
  std::vector<std::array<double, 4>> exact, summed;
  compile(observer{&exact, &summed}, from_sigmas(edm{}, std::vector<double>{80, 20, 3, 0.01, 0}), x0_model{});
  const double sigmas[] = {80, 20, 3, 0.01, 0};
  for (std::size_t i = 0; i < 4; ++i)
    for (int k = 0; k < 4; ++k) {
      const double length = sigmas[i + 1] - sigmas[i];
      CHECK(exact[i][static_cast<std::size_t>(k)] == Approx(length / (k + 1)).epsilon(1e-13));
    }
}

TEST_CASE("left sums have the error that a left sum has: half a piece times the difference of the ends") {
  std::vector<std::array<double, 4>> exact, summed;
  const grid levels = from_times(vp_linear{}, std::vector<double>{1, 0.6, 0.2, 0.01});
  compile(observer{&exact, &summed}, levels, eps_model{});
  for (std::size_t i = 0; i < 3; ++i) {
    // d rho/dt = rho (-dlambda/dt) = rho beta(t)/(2 sigma^2), with beta(t) = 0.1 + 19.9 t
    const auto rate = [&](const level<>& at) { return rho(at) * (0.1 + 19.9 * at.t) / (2 * at.sigma * at.sigma); };
    const double length = levels[i + 1].t - levels[i].t, piece = length / 10000;
    for (std::size_t k = 0; k < 4; ++k) {
      const double at_start = k == 0 ? rate(levels[i]) : 0, at_end = rate(levels[i + 1]);
      const double expected = exact[i][k] + piece / 2 * (at_start - at_end);
      // The next term of Euler and Maclaurin is of the size of piece^2; the last step begins where the rate varies fast.
      CHECK(std::abs(summed[i][k] - expected) <= 2e-7 * std::abs(exact[i][0]));
      CHECK(std::abs(summed[i][k] - expected) <= 0.02 * std::abs(summed[i][k] - exact[i][k]) + 1e-12 * std::abs(exact[i][0]));
    }
  }
}

TEST_CASE("lanes have the moments that they have alone, on tables too") {
  const noise_path path = discrete_from({});
  const std::vector<double> first{900, 500, 100}, second{800.5, 450, 3};
  std::vector<std::array<double, 4>> both, alone, ignored;
  compile(observer{&both, &ignored}, fixed<lanes>({from_times(path, first), from_times(path, second)}, {.stride = 1, .count = 2}), v_model{});
  compile(observer{&alone, &ignored}, from_times(path, first), v_model{});
  CHECK(both == alone);
}

TEST_CASE("left sums of a table stay on it, from its first entry to its last") {
  const noise_path table = discrete_from({});
  for (const auto& times : {std::vector<double>{999, 700, 400, 100, 0}, std::vector<double>{999, 990, 989}, std::vector<double>{999, 998.5, 998},
                            std::vector<double>{950, 945.5, 30, 1, 0}}) {
    std::vector<std::array<double, 4>> exact, summed;
    const grid levels = from_times(table, times);
    compile(observer{&exact, &summed}, levels, eps_model{});
    for (std::size_t i = 0; i + 1 < levels.size(); ++i)
      for (std::size_t k = 0; k < 4; ++k) {
        INFO("from " << times[i] << " to " << times[i + 1] << ", moment " << k);
        CHECK(std::abs(summed[i][k] / exact[i][k] - 1) < 2e-3);
      }
  }
}
