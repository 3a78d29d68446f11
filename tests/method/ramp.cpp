// SPDX-License-Identifier: MIT
#include "diffode/core/ramp.hpp"

#include "catch.hpp"
#include "method/probe.hpp"

#include <vector>

using namespace diffode_test;

namespace {

using orders = std::vector<int>;

/// The order that a policy gives each step of a run, before history limits it.
orders allowed(const ramp& ends, int most, int count) {
  orders o;
  for (int i = 0; i < count; ++i) o.push_back(ends.order(most, {i, count}));
  return o;
}

/// The order of each step as the run has it: how many evaluations its predictor uses.
template <class M>
orders used(const M& how, const grid& levels) {
  const probe p(how, levels, x0_model{});
  orders o;
  for (std::size_t i = 0; i < levels.steps(); ++i) {
    const step_row s = step_of(p, i);
    int n = 0;
    for (const double b : s.b) n += std::abs(b) > 1e-12 * (1 + s.scale);
    o.push_back(n);
  }
  return o;
}

grid evenly(int count) {
  std::vector<double> lambdas;
  for (int i = 0; i <= count; ++i) lambdas.push_back(-2 + 0.4 * i);
  return at_lambdas(lambdas);
}

}  // namespace

TEST_CASE("full order stays to the end") { CHECK(allowed(ramp::full(), 3, 5) == orders{3, 3, 3, 3, 3}); }

TEST_CASE("UniPC and SA-Solver lower the order at the end of every run") {
  CHECK(allowed(ramp::lowered(), 3, 5) == orders{3, 3, 3, 2, 1});
  CHECK(allowed(ramp::lowered(), 3, 1) == orders{1});
  CHECK(allowed(ramp::lowered(), 2, 1000).at(998) == 2);
  CHECK(allowed(ramp::lowered(), 2, 1000).back() == 1);
}

TEST_CASE("dpm-solver lowers it in runs of fewer than 10 steps") {
  CHECK(allowed(ramp::dpm_solver(), 3, 9) == orders{3, 3, 3, 3, 3, 3, 3, 2, 1});
  CHECK(allowed(ramp::dpm_solver(), 3, 10) == orders(10, 3));
}

TEST_CASE("diffusers lowers it in runs of fewer than 15 steps") {
  CHECK(allowed(ramp::diffusers(), 2, 14).back() == 1);
  CHECK(allowed(ramp::diffusers(), 2, 14)[12] == 2);
  CHECK(allowed(ramp::diffusers(), 3, 14)[12] == 2);
  CHECK(allowed(ramp::diffusers(), 3, 15) == orders(15, 3));
}

TEST_CASE("euler at the end lowers the last step only") {
  CHECK(allowed(ramp::euler_last(), 3, 5) == orders{3, 3, 3, 3, 1});
  CHECK(allowed(ramp::euler_last(), 3, 20).back() == 1);
}

TEST_CASE("orders given by hand count step by step, the last for all that follow, and never above the method's") {
  CHECK(allowed(ramp::given({1, 2, 3, 1}), 3, 6) == orders{1, 2, 3, 1, 1, 1});
  CHECK(allowed(ramp::given({3, 3}), 2, 3) == orders{2, 2, 2});
}

TEST_CASE("every multistep method grows from order 1, and ends as its policy says") {
  CHECK(used(dpmpp_2m{}, evenly(5)) == orders{1, 2, 2, 2, 2});
  CHECK(used(dpmpp_3m{}, evenly(5)) == orders{1, 2, 3, 3, 3});
  CHECK(used(dpmpp_3m{.ends = ramp::dpm_solver()}, evenly(6)) == orders{1, 2, 3, 3, 2, 1});
  CHECK(used(dpmpp_3m{.ends = ramp::dpm_solver()}, evenly(10)).back() == 3);
  CHECK(used(dpmpp_3m{.ends = ramp::diffusers()}, evenly(10)).back() == 1);
  CHECK(used(dpmpp_2m{.ends = ramp::euler_last()}, evenly(4)) == orders{1, 2, 2, 1});
  CHECK(used(dpmpp_3m{.ends = ramp::given({1, 1, 2, 3})}, evenly(5)) == orders{1, 1, 2, 3, 3});
  CHECK(used(unipc{.p = 3, .corrector = false}, evenly(6)) == orders{1, 2, 3, 3, 2, 1});
  CHECK(used(unipc{.p = 4, .corrector = false, .ends = ramp::full()}, evenly(6)) == orders{1, 2, 3, 4, 4, 4});
  CHECK(used(euler{}, evenly(4)) == orders{1, 1, 1, 1});
}

TEST_CASE("runs of one to three steps need no special care") {
  for (int n = 1; n <= 3; ++n) {
    orders rising{1, 2, 3};
    rising.resize(static_cast<std::size_t>(n));
    CHECK(used(dpmpp_3m{}, evenly(n)) == rising);
    CHECK(used(dpmpp_3m{.ends = ramp::lowered()}, evenly(n)).back() == 1);
  }
}

TEST_CASE("a step to sigma = 0 is of first order, whatever the policy says") {
  const grid levels = from_sigmas(ve{}, std::vector<double>{8, 4, 2, 1, 0});
  CHECK(used(dpmpp_3m{}, levels) == orders{1, 2, 3, 1});
  CHECK(used(unipc{.p = 2, .corrector = false, .ends = ramp::full()}, levels) == orders{1, 2, 2, 1});
}

TEST_CASE("a step from alpha = 0 is of first order, and later steps do not look back at it") {
  const grid levels = from_times(flow{}, std::vector<double>{1, 0.8, 0.6, 0.4, 0.2});
  CHECK(used(dpmpp_3m{}, levels) == orders{1, 1, 2, 3});
}
