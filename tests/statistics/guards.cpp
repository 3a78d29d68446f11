// SPDX-License-Identifier: MIT
//
// Statistics of few samples: what explodes without guards, and what a run on guarded ones costs.
#include "catch.hpp"
#include "conformance/runs.hpp"
#include "diffode/grid/table.hpp"
#include "diffode/method/dpm_v3.hpp"
#include "diffode/run.hpp"
#include "effort.hpp"
#include "statistics/two_normals.hpp"

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
  // At the first level all is one normal to a percent: these are not its exact quantiles, but where each goes is exact.
  std::vector<double> x, wanted;
  const double mean = levels.front().alpha * 0.05, deviation = std::hypot(levels.front().alpha * 0.739, levels.front().sigma);
  for (int i = 0; i < 400; ++i) {
    double low = -6, high = 6;
    for (int k = 0; k < 60; ++k) (std::erfc(-(low + high) / 2 / std::sqrt(2.)) / 2 < (i + 0.5) / 400 ? low : high) = (low + high) / 2;
    x.push_back(mean + deviation * low);
    wanted.push_back(exact.flow(x.back(), levels.front(), levels.back()));
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
  const finished_statistics exact = finish(exact_sums(m, o), {.smooth_l = 0});
  CHECK(rms(m, exact, 5) == Approx(0.117).epsilon(0.02));
  CHECK(rms(m, exact, 10) == Approx(0.046).epsilon(0.02));
  CHECK(rms(m, exact, 20) == Approx(0.0091).epsilon(0.03));

  // As the paper's code has it: the slope of l is smooth, l is not, and nothing limits s.
  constexpr statistics_guards as_published{.smooth_l = 0, .smooth_slope = 5, .largest_s = HUGE_VAL, .floor = 0}, raw{.smooth_l = 0, .largest_s = HUGE_VAL, .floor = 0};
  double published_5 = 0, raw_5 = 0, guarded[3]{}, one_noise[3]{};
  const int seeds = times(6, 2);
  for (int seed = 1; seed <= seeds; ++seed)
    for (const bool one : {false, true}) {
      two_normals_model data = m;
      data.seed = o.seed = static_cast<std::uint64_t>(seed);
      o.one_noise = one;
      statistics_sums sums = statistics_sums::make(o);
      measure(sums, data, m.model());
      double* const mean = one ? one_noise : guarded;
      const finished_statistics all = finish(sums);
      for (const std::size_t k : {0U, 1U, 2U}) mean[k] += rms(m, all, std::array{5, 10, 20}[k]) / seeds;
      if (one) continue;
      published_5 += rms(m, finish(sums, as_published), 5) / seeds;
      raw_5 += rms(m, finish(sums, raw), 5) / seeds;
      CHECK(all.flat > 0);
      for (const double s : all.s) CHECK(std::abs(s) <= 3);
    }
  INFO("5 steps: published " << published_5 << ", raw " << raw_5);
  INFO("guarded: " << guarded[0] << ", " << guarded[1] << ", " << guarded[2] << "; one noise: " << one_noise[0] << ", " << one_noise[1] << ", " << one_noise[2]);
  CHECK(published_5 > 1);
  CHECK(guarded[0] < 0.25);
  CHECK(guarded[1] < 0.055);
  CHECK(guarded[2] < 0.0105);
  for (const std::size_t k : {0U, 1U, 2U}) CHECK(one_noise[k] < guarded[k] * 1.05);
}
