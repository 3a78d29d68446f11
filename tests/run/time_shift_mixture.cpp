// SPDX-License-Identifier: MIT
//
// What time shift does to a perfect model: samples of 3072 numbers that are independent and from a mixture of two normals.
#include "diffode/run/time_shift.hpp"

#include "catch.hpp"
#include "diffode/grid/table.hpp"
#include "diffode/method/ddim.hpp"
#include "diffode/model/bound.hpp"
#include "diffode/run/start.hpp"
#include "diffode/schedule/discrete.hpp"
#include "method/quantile_error.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace dd = diffode;
using namespace diffode_test;

namespace {

constexpr std::size_t size = 3072;

/// Mean 0, variance 0.236.
const mixture& data() {
  static const mixture both = two_normals({0.3, -0.6, 0.25}, {0.7, 0.2571428571, 0.3});
  return both;
}
const dd::noise_path& path() {
  static const dd::noise_path steps = dd::discrete_from({});
  return steps;
}

/// Every 1000/steps-th training step, one up, and the end at step 0.
dd::grid uniform(int steps) {
  std::vector<double> times;
  for (int k = steps; k-- > 0;) times.push_back(k * (1000 / steps) + 1);
  times.push_back(0);
  return dd::from_times(path(), times);
}

struct outcome {
  double distance;  ///< W1 between the numbers of the sample and those of the data at step 0
  double variance;
};

/// DDIM from a sample whose numbers are the quantiles of unit noise: no chance is in it.
outcome ddim_run(int steps, const dd::time_shift_options& o) {
  const dd::grid g = uniform(steps);
  const dd::level<> noise{0, 0, 1, -HUGE_VAL, 0};
  std::vector<double> x(size);
  for (std::size_t i = 0; i < size; ++i) x[i] = quantile(data(), (static_cast<double>(i) + 0.5) / size, noise);
  dd::sample(dd::ddim{}, dd::time_shift(g, o), dd::eps([](std::span<const double> in, const dd::level<>& at, std::span<double> out) {
               for (std::size_t i = 0; i < in.size(); ++i) out[i] = data().at(in[i], at).eps;
             }),
             x);
  std::sort(x.begin(), x.end());
  outcome all{0, 0};
  for (std::size_t i = 0; i < size; ++i) {
    all.distance += std::abs(x[i] - quantile(data(), (static_cast<double>(i) + 0.5) / size, g.back())) / size;
    all.variance += x[i] * x[i] / size;
  }
  return all;
}

double distance(int steps, double window, dd::shifted_end end, double data_variance = 0) {
  return ddim_run(steps, {.window = window, .cutoff = 300, .end = end, .data_variance = data_variance}).distance;
}

/// To which times samples of nothing but noise at point 1 are shifted.
std::vector<double> shifted_times(const dd::grid& g, int draws, std::size_t numbers) {
  const dd::time_shift where(g, {.window = 900});
  std::vector<double> all, x(numbers);
  for (int k = 0; k < draws; ++k) {
    dd::fill_with_noise(x, g[1], dd::philox{.seed = 21, .first_sample = static_cast<std::uint32_t>(k)});
    dd::lane_moments moments{};
    dd::cpu().measure(dd::moment_measure<double>{x.data(), numbers, {}}, std::span(&moments, 1));
    all.push_back(where.nearest(1, moments.squares / (moments.count - 1)).t);
  }
  return all;
}

}  // namespace

TEST_CASE("with a perfect model the paper's rule makes DDIM worse, and the code's rule better, as much as is known") {
  constexpr auto paper = dd::shifted_end::model_time, code = dd::shifted_end::target_time;
  const struct {
    int steps;
    double window, paper, code;
  } known[] = {{10, 0, .0932, .0932}, {10, 20, .1086, .0861}, {10, 80, .1289, .0681}, {20, 0, .0450, .0450}, {20, 20, .0636, .0320}, {20, 80, .0739, .0096}};
  // The known figures are of six samples that were drawn: 18432 numbers of deviation 0.49, whose mean alone is uncertain by
  // 0.0036 and W1 by about as much.
  for (const auto& k : known) {
    INFO(k.steps << " steps, window " << k.window);
    CHECK(distance(k.steps, k.window, paper) == Approx(k.paper).margin(0.004));
    CHECK(distance(k.steps, k.window, code) == Approx(k.code).margin(0.004));
  }
}

TEST_CASE("the code's rule undoes that DDIM leaves too little variance") {
  const dd::time_shift_options none{}, wide{.window = 80, .cutoff = 300, .end = dd::shifted_end::target_time};
  CHECK(ddim_run(20, none).variance == Approx(0.187).margin(0.005));
  CHECK(ddim_run(20, wide).variance == Approx(0.235).margin(0.005));
}

TEST_CASE("what a sample's variance says of its time is as uncertain as its numbers are few") {
  constexpr int draws = 400;
  const dd::grid g = dd::from_times(path(), std::vector<double>{999, 500, 0});
  for (const std::size_t numbers : {3072U, 12288U}) {
    const std::vector<double> times = shifted_times(g, draws, numbers);
    double mean = 0, squares = 0;
    for (const double t : times) mean += t / draws;
    for (const double t : times) squares += (t - mean) * (t - mean);
    const double deviation = std::sqrt(squares / (draws - 1));
    const double noise = std::pow(g[1].sigma, 2), slope = std::pow(path().at(501).sigma, 2) - noise;
    const double expected = noise * std::sqrt(2. / static_cast<double>(numbers - 1)) / slope;
    INFO(numbers << " numbers: " << deviation << " training steps where " << expected << " are expected");
    // A deviation from 400 draws is uncertain by 3.5 %; five times that is exceeded by chance once in two million runs.
    CHECK(std::abs(deviation / expected - 1) < 0.18);
    CHECK(expected == Approx(numbers == 3072 ? 30 : 15).epsilon(0.05));
  }
}
