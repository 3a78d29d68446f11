// SPDX-License-Identifier: MIT
#include "catch.hpp"
#include "conformance/families.hpp"
#include "conformance/runs.hpp"
#include "conformance/subject.hpp"
#include "diffode/method/ddim.hpp"

#include <cmath>
#include <string>

using namespace diffode_test;

TEST_CASE("each step draws noise of its own, and each seed, sample and element another one") {
  const diffode::grid g = families()[0].uniform(3);
  const auto zero = [](const diffode::request<double>& call, std::span<double> out) {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = 0 * call.x[i];
  };
  const diffode::shared_plan made = subject_of(diffode::ddim{.eta = 1}).on(g, told::x0);
  CHECK(made->noises() == 3);
  const std::vector<double> a = run(made, std::vector<double>(12), zero, 3, {.seed = 5}), b = run(made, std::vector<double>(12), zero, 3, {.seed = 6});
  for (std::size_t i = 0; i < a.size(); ++i) {
    CHECK(a[i] != b[i]);
    for (std::size_t j = 0; j < i; ++j) CHECK(a[i] != a[j]);
  }
  // The last step's noise alone: c = sigma_t sqrt(1 - e^(-2h)), stream 2, where the state before was 0 in x0 and noise.
  std::vector<double> x(12), out(12);
  diffode::sampler<double> s(made, x, {.batch = 3}, diffode::philox{.seed = 5});
  for (int k = 0; k < 2; ++k) {
    s.feed(out);
  }
  const std::vector<double> before = x;
  s.feed(out);
  const double h = g[3].lambda - g[2].lambda, c = g[3].sigma * std::sqrt(-std::expm1(-2 * h)), kept = g[3].sigma / g[2].sigma * std::exp(-h);
  for (std::uint32_t sample = 0; sample < 3; ++sample)
    for (std::uint32_t e = 0; e < 4; ++e)
      CHECK(std::abs(x[sample * 4 + e] - kept * before[sample * 4 + e] - c * diffode::philox{.seed = 5}.normal(sample, 2, e)) < 1e-14);
}

TEST_CASE("without noise the seed does not matter") {
  const diffode::plan p = subject_of(diffode::ddim{}).on(families()[0].uniform(4), told::eps);
  CHECK_FALSE(p.uses_noise());
  CHECK(p.noises() == 0);
}
