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
#include <random>
#include <span>
#include <vector>

namespace dd = diffode;
using namespace diffode_test;

namespace {

constexpr std::size_t size = 3072, samples = 6;

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

/// Unit normals as the program behind the known figures drew them: by the polar method, from numbers that the standard fixes.
std::vector<double> draws(std::size_t count) {
  std::mt19937_64 bits(1);
  const auto between = [&] { return 2 * std::ldexp(static_cast<double>(bits()), -64) - 1; };
  std::vector<double> all;
  while (all.size() < count) {
    const double a = between(), b = between(), square = a * a + b * b;
    if (square > 1 || square == 0) continue;
    const double scale = std::sqrt(-2 * std::log(square) / square);
    all.insert(all.end(), {b * scale, a * scale});
  }
  return all;
}

struct outcome {
  double distance;  ///< W1 between the numbers of all samples and those of the data at step 0
  double variance;  ///< mean over the samples
};

outcome ddim_run(int steps, const dd::time_shift_options& o) {
  const dd::grid g = uniform(steps);
  std::vector<double> x = draws(samples * size);
  dd::sample(dd::ddim{}, dd::time_shift(g, o), dd::eps([](std::span<const double> in, std::span<const dd::level<>> at, std::span<double> out) {
               for (std::size_t i = 0; i < in.size(); ++i) out[i] = data().at(in[i], at[i / size]).eps;
             }),
             x, {.batch = samples});
  outcome all{0, 0};
  for (std::size_t k = 0; k < samples; ++k) {
    double mean = 0, squares = 0;
    for (std::size_t i = k * size; i < (k + 1) * size; ++i) mean += x[i] / size, squares += x[i] * x[i] / size;
    all.variance += (squares - mean * mean) / samples;
  }
  // The known distances are means over every 37th number.
  std::sort(x.begin(), x.end());
  const std::size_t stride = 37, count = x.size() / stride + 1;
  for (std::size_t i = 0; i < x.size(); i += stride)
    all.distance += std::abs(x[i] - quantile(data(), (static_cast<double>(i) + 0.5) / static_cast<double>(x.size()), g.back())) / static_cast<double>(count);
  return all;
}

double distance(int steps, double window, dd::shifted_end end, double data_variance = 0) {
  return ddim_run(steps, {.window = window, .cutoff = 300, .end = end, .data_variance = data_variance}).distance;
}

/// To which times samples of nothing but noise at point 1 are shifted.
std::vector<double> shifted_times(const dd::grid& g, int count, std::size_t numbers) {
  const dd::time_shift where(g, {.window = 900});
  std::vector<double> all, x(numbers);
  for (int k = 0; k < count; ++k) {
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
  for (const auto& k : known) {
    INFO(k.steps << " steps, window " << k.window);
    CHECK(distance(k.steps, k.window, paper) == Approx(k.paper).margin(6e-5));
    CHECK(distance(k.steps, k.window, code) == Approx(k.code).margin(6e-5));
  }
}

TEST_CASE("where the data's variance is known, the paper's rule does DDIM no harm, and docs/time_shift.md says how much good") {
  const struct {
    int steps;
    double window, shown;
  } page[] = {{10, 20, .0834}, {10, 80, .0832}, {20, 20, .0446}, {20, 80, .0448}};
  for (const auto& k : page) {
    const double plain = distance(k.steps, 0, dd::shifted_end::model_time), shifted = distance(k.steps, k.window, dd::shifted_end::model_time, 0.236);
    INFO(k.steps << " steps, window " << k.window << ": " << shifted << " after " << plain);
    CHECK(shifted < plain);
    CHECK(shifted == Approx(k.shown).margin(6e-5));
  }
}

TEST_CASE("the code's rule undoes that DDIM leaves too little variance") {
  const dd::time_shift_options none{}, wide{.window = 80, .cutoff = 300, .end = dd::shifted_end::target_time};
  CHECK(ddim_run(20, none).variance == Approx(0.187).margin(6e-4));
  CHECK(ddim_run(20, wide).variance == Approx(0.235).margin(6e-4));
}

TEST_CASE("what a sample's variance says of its time is as uncertain as its numbers are few") {
  constexpr int count = 400;
  const dd::grid g = dd::from_times(path(), std::vector<double>{999, 500, 0});
  for (const std::size_t numbers : {3072U, 12288U}) {
    const std::vector<double> times = shifted_times(g, count, numbers);
    double mean = 0, squares = 0;
    for (const double t : times) mean += t / count;
    for (const double t : times) squares += (t - mean) * (t - mean);
    const double deviation = std::sqrt(squares / (count - 1));
    const double noise = std::pow(g[1].sigma, 2), slope = std::pow(path().at(501).sigma, 2) - noise;
    const double expected = noise * std::sqrt(2. / static_cast<double>(numbers - 1)) / slope;
    INFO(numbers << " numbers: " << deviation << " training steps where " << expected << " are expected");
    // A deviation from 400 draws is uncertain by 3.5 %; five times that is exceeded by chance once in two million runs.
    CHECK(std::abs(deviation / expected - 1) < 0.18);
    CHECK(expected == Approx(numbers == 3072 ? 30 : 15).epsilon(0.05));
  }
}
