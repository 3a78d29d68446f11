// SPDX-License-Identifier: MIT
//
// Statistics of few samples: what explodes without guards, and what a run on guarded ones costs.
#include "catch.hpp"
#include "conformance/runs.hpp"
#include "diffode/grid/table.hpp"
#include "diffode/method/dpm_v3.hpp"
#include "diffode/run.hpp"
#include "doc/files.hpp"
#include "effort.hpp"
#include "statistics/two_normals.hpp"

#include <array>
#include <cstdio>
#include <string>
#include <vector>

using namespace diffode;
using namespace diffode_test;

namespace {

/// Root mean square error, over 400 quantiles, of runs of third order without corrector.
double rms(const two_normals_model& m, const measured_statistics& all, int steps) {
  const mixture exact = m.exact();
  const std::size_t rows = all.lambda.size();
  std::vector<level<>> levels;
  for (int i = 0; i <= steps; ++i) levels.push_back(m.path.at_lambda(all.lambda[static_cast<std::size_t>(std::lround(static_cast<double>(rows - 1) * i / steps))]));
  // Quantiles of the data at both ends: where the flow takes those of a normal from where there is nothing but noise.
  std::vector<double> x, wanted;
  for (int i = 0; i < 400; ++i) {
    double low = -6, high = 6;
    for (int k = 0; k < 60; ++k) (std::erfc(-(low + high) / 2 / std::sqrt(2.)) / 2 < (i + 0.5) / 400 ? low : high) = (low + high) / 2;
    const level<> noise = m.path.at_lambda(-40);
    x.push_back(exact.flow(low, noise, levels.front()));
    wanted.push_back(exact.flow(low, noise, levels.back()));
  }
  const dpm_v3 how{.statistics = all.table(), .p = 3, .corrector = v3_corrector::none};
  const std::vector<double> y = run(compile(how, from_levels(m.path, levels), eps_model{}), x, answer_to<double>([&](const request<double>& call, std::span<double> out) {
                                      for (std::size_t i = 0; i < out.size(); ++i) out[i] = m.eps({call.x[i], 0}, {call.at.lambda, 0}).v;
                                    }));
  double sum = 0;
  for (std::size_t i = 0; i < y.size(); ++i) sum += (y[i] - wanted[i]) * (y[i] - wanted[i]);
  return std::sqrt(sum / 400);
}

}  // namespace

TEST_CASE("guards keep a run on statistics of few samples from exploding") {
  const two_normals_model m;
  statistics_options o{.from = -5, .to = 4.5, .steps = 120, .samples = 4096, .block = 4096};
  constexpr std::array steps{5, 10, 20};
  const auto errors = [&](const measured_statistics& all) {
    std::array<double, 3> of{};
    for (std::size_t k = 0; k < 3; ++k) of[k] = rms(m, all, steps[k]);
    return of;
  };
  const std::array<double, 3> exact = errors(finish(exact_sums(m, o), {.smooth_l = 0}));
  CHECK(exact[0] == Approx(0.117).margin(0.0005));  // as many digits as the specification gives
  CHECK(exact[1] == Approx(0.046).margin(0.0005));
  CHECK(exact[2] == Approx(0.0091).margin(0.00005));

  // As the paper's code has it: the slope of l is smooth, l is not, and nothing limits s.
  constexpr statistics_guards published{.smooth_l = 0, .smooth_slope = 5, .largest_s = HUGE_VAL, .floor = 0}, none{.smooth_l = 0, .largest_s = HUGE_VAL, .floor = 0};
  enum { no_guards, as_published, guarded, one_noise_no_guards, one_noise_guarded, kinds };
  std::array<std::array<double, 3>, kinds> mean{};
  const int seeds = times(6, 2);
  for (int seed = 1; seed <= seeds; ++seed)
    for (const bool one : {false, true}) {
      two_normals_model data = m;
      data.seed = o.seed = static_cast<std::uint64_t>(seed);
      o.one_noise = one;
      statistics_sums sums = statistics_sums::make(o);
      measure(sums, data, m.model());
      const auto add = [&](std::size_t kind, const statistics_guards& g) {
        const finished_statistics all = finish(sums, g);
        const std::array<double, 3> of = errors(all);
        for (std::size_t k = 0; k < 3; ++k) mean[kind][k] += of[k] / seeds;
        return all;
      };
      add(one ? one_noise_no_guards : no_guards, none);
      const finished_statistics all = add(one ? one_noise_guarded : guarded, {});
      for (const double s : all.s) CHECK(std::abs(s) <= 3);
      if (one) continue;
      CHECK(all.flat > 0);
      add(as_published, published);
    }

  std::string table = "| statistics | 5 steps | 10 steps | 20 steps |\n|---|---|---|---|\n";
  const auto row = [&](const char* name, const std::array<double, 3>& of) {
    char text[120];
    std::snprintf(text, sizeof text, "| %s | %.2g | %.2g | %.2g |\n", name, of[0], of[1], of[2]);
    table += text;
  };
  row("exact, by integrals", exact);
  row("measured, no guards", mean[no_guards]);
  row("measured, the slope of l smoothed over 5 rows to each side and l not, as in the paper's code", mean[as_published]);
  row("measured, guarded", mean[guarded]);
  row("measured with `one_noise`, no guards", mean[one_noise_no_guards]);
  row("measured with `one_noise`, guarded", mean[one_noise_guarded]);
  INFO(table);
  CHECK(mean[as_published][0] > 1);
  CHECK(mean[guarded][0] < 0.25);
  CHECK(mean[guarded][1] < 0.055);
  CHECK(mean[guarded][2] < 0.0105);
  for (std::size_t k = 0; k < 3; ++k) CHECK(mean[one_noise_guarded][k] < mean[guarded][k] * 1.05);
  if (!is_short()) CHECK(doc::holds(doc::root() / "docs/dpm_v3.md", "guards", table));
}
