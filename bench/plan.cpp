// SPDX-License-Identifier: MIT
//
// What a run costs besides the model and the kernels: planning it, and the machine between next() and feed().
//
//   build/release/bench/bench_plan --benchmark_min_time=0.05 --benchmark_repetitions=20
//
// build/METHOD/STEPS    one plan, from the grid's levels to the fingerprint of the model it is for
// machine/METHOD/STEPS  a run on a backend that does nothing; per_evaluation is what is added to each kernel
#include <diffode/diffode.hpp>

#include <benchmark/benchmark.h>

#include <string>
#include <utility>
#include <vector>

namespace dd = diffode;

namespace {

/// Counts passes over the state and makes none.
struct idle {
  long* passes;

  template <class... T>
  void combine(const auto&, const auto&) const {
    ++*passes;
  }
};

dd::grid levels(int steps) { return dd::uniform_lambda(dd::vp_linear{}, {.from = 1.0, .to = 1e-3, .count = steps}); }

template <class M, class Levels>
void build(benchmark::State& state, const M& how, const Levels& where) {
  for (auto _ : state) benchmark::DoNotOptimize(dd::compile(how, where, dd::eps_model{}));
}

template <class M, class Levels>
void machine(benchmark::State& state, const M& how, const Levels& where) {
  const dd::shared_plan plan = dd::compile(how, where, dd::eps_model{});
  std::vector<float> x(plan->lanes().count * 16), answer(x.size());
  long passes = 0;
  dd::sampler run(plan, x, {}, dd::philox{}, dd::no_filter{}, idle{&passes});
  passes = 0;
  for (auto _ : state) {
    run.restart();
    while (const auto call = run.next()) {
      benchmark::DoNotOptimize(call->x.data());
      run.feed(answer);
    }
  }
  if (passes != state.iterations() * plan->kernels()) state.SkipWithError("the backend was not asked once for each kernel");
  const double evaluations = static_cast<double>(state.iterations()) * plan->calls();
  state.counters["per_evaluation"] = benchmark::Counter(evaluations, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

template <class M, class Levels>
void add(const std::string& name, const M& how, const Levels& where) {
  benchmark::RegisterBenchmark(("build/" + name).c_str(), [=](benchmark::State& s) { build(s, how, where); });
  benchmark::RegisterBenchmark(("machine/" + name).c_str(), [=](benchmark::State& s) { machine(s, how, where); });
}

const bool added = [] {
  for (const int steps : {20, 50}) {
    const auto on_grid = [&](const std::string& name, const auto& how) { add(name + "/" + std::to_string(steps), how, levels(steps)); };
    on_grid("ddim", dd::ddim{});
    on_grid("heun", dd::heun{});
    on_grid("dpmpp_2m", dd::dpmpp_2m{});
    on_grid("dpmpp_3m", dd::dpmpp_3m{});
    on_grid("deis-3", dd::deis{.q = 3});
    on_grid("unipc-2", dd::unipc{.p = 2});
    on_grid("unipc-3", dd::unipc{.p = 3});
    on_grid("sde_dpmpp", dd::sde_dpmpp{});
    add("unipc-3-of-16-lanes/" + std::to_string(steps), dd::unipc{.p = 3},
        dd::fixed<dd::lanes>(std::vector<dd::grid>(16, levels(steps)), {.stride = 16, .count = 16}));
  }
  return true;
}();

}  // namespace
