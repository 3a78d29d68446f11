// SPDX-License-Identifier: MIT
//
// What coefficients of their own for samples, channels or elements cost: time of an evaluation outside of the model, time to plan, memory of
// the plan.
//
//   build/release/bench/bench_lanes --benchmark_repetitions=5 --benchmark_report_aggregates_only=true
//
// run/METHOD/LANES   runs of 10 steps, 4 samples of 4 x 64 x 64 float; per_evaluation is the time of one kernel
// plan/METHOD/LANES  planning that run; MiB is what its coefficients take
#include <diffode/diffode.hpp>

#include <benchmark/benchmark.h>

#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

namespace dd = diffode;

namespace {

constexpr std::size_t batch = 4, channels = 4, pixels = 64 * 64, sample = channels * pixels, size = batch * sample;
constexpr int steps = 10;
const dd::noise_path path{dd::vp_linear{}};

/// Statistics that differ from element to element, at 121 lambdas.
dd::model_statistics statistics(std::size_t columns) {
  std::vector<double> lambda, l, s, b;
  const double from = path.at(1).lambda, to = path.at(1e-3).lambda;
  for (int i = 0; i <= 120; ++i) {
    lambda.push_back(from + (to - from) * i / 120);
    for (std::size_t c = 0; c < columns; ++c) {
      const double phase = 6.28 * static_cast<double>(c) / static_cast<double>(columns);
      l.push_back(0.9 + 0.05 * std::sin(phase)), s.push_back(0.3 * std::cos(phase)), b.push_back(0.01);
    }
  }
  return dd::model_statistics::make({.lambda = lambda, .l = l, .s = s, .b = b});
}

template <class M, class Levels>
void add(const std::string& name, const M& how, const Levels& where) {
  benchmark::RegisterBenchmark(("run/" + name).c_str(), [=](benchmark::State& state) {
    const dd::shared_plan plan = dd::compile(how, where, dd::eps_model{});
    std::vector<float> x(size, 0.5f), answer(size, 0.1f);
    dd::sampler run(plan, x, {.batch = batch});
    for (auto _ : state) {
      run.restart();
      while (run.next()) run.feed(answer);
    }
    state.counters["per_evaluation"] = benchmark::Counter(static_cast<double>(state.iterations()) * plan->calls(), benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  });
  benchmark::RegisterBenchmark(("plan/" + name).c_str(), [=](benchmark::State& state) {
    std::size_t numbers = 0;
    for (auto _ : state) {
      const dd::plan made = dd::compile(how, where, dd::eps_model{});
      numbers = 0;
      for (const dd::instruction& i : made.instructions())
        if (i.what == dd::operation::combine) numbers += made.coefficients(i).size();
      benchmark::DoNotOptimize(made);
    }
    state.counters["MiB"] = static_cast<double>(numbers * sizeof(double)) / 1048576;
  });
}

/// What a good engineer writes by hand for dpmpp_2m with coefficients for each element: one loop, each array and each coefficient read once.
template <class C>
void two_step(float* __restrict x, const float* __restrict F, float* __restrict m1, const C* __restrict c) {
  for (std::size_t i = 0; i < sample; ++i) {
    const float was = x[i], f = F[i];
    x[i] = static_cast<float>(c[i]) * was + static_cast<float>(c[sample + i]) * f + static_cast<float>(c[2 * sample + i]) * m1[i];
    m1[i] = static_cast<float>(c[3 * sample + i]) * was + static_cast<float>(c[4 * sample + i]) * f;
  }
}

template <class C>
void add_by_hand(const std::string& name) {
  benchmark::RegisterBenchmark(("run/" + name).c_str(), [](benchmark::State& state) {
    std::vector<float> x(size, 0.5f), answer(size, 0.1f), m1(size, 0.1f);
    const std::vector<C> c(steps * 5 * sample, static_cast<C>(0.3));
    for (auto _ : state)
      for (int step = 0; step < steps; ++step) {
        for (std::size_t i = 0; i < size; i += sample) two_step(x.data() + i, answer.data() + i, m1.data() + i, c.data() + static_cast<std::size_t>(step) * 5 * sample);
        benchmark::DoNotOptimize(x.data());
        benchmark::ClobberMemory();
      }
    state.counters["per_evaluation"] = benchmark::Counter(static_cast<double>(state.iterations()) * steps, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  });
}

const bool added = [] {
  const dd::grid g = dd::uniform_lambda(path, {.from = 1.0, .to = 1e-3, .count = steps});
  add("dpmpp_2m/one", dd::dpmpp_2m{}, g);
  add("dpmpp_2m/sample", dd::dpmpp_2m{}, dd::fixed<dd::lanes>(g, {.stride = sample, .count = batch}));
  add("dpmpp_2m/channel", dd::dpmpp_2m{}, dd::fixed<dd::lanes>(g, {.stride = pixels, .count = channels}));
  add("dpmpp_2m/element", dd::dpmpp_2m{}, dd::fixed<dd::lanes>(g, {.stride = 1, .count = sample}));
  add_by_hand<double>("by_hand/element");
  add_by_hand<float>("by_hand/element_float");
  for (const std::size_t columns : {std::size_t{1}, channels, sample}) {
    const dd::dpm_v3 v3{.statistics = statistics(columns)};
    const dd::grid nodes = dd::on_nodes(g, v3.statistics);
    if (columns == 1) add("dpm_v3/one", v3, nodes);
    else add(columns == channels ? "dpm_v3/channel" : "dpm_v3/element", v3, dd::fixed<dd::lanes>(nodes, {.stride = sample / columns, .count = columns}));
  }
  return true;
}();

}  // namespace
