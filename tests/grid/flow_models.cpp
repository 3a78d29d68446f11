// SPDX-License-Identifier: MIT
#include "diffode/grid/flow_models.hpp"

#include "grid_checks.hpp"

using namespace diffode;
using namespace diffode_test;

namespace {

/// 1 - i/n with rho multiplied by e^mu; terminal: what 1 - sigma is scaled to before the last 0, or 0.
column by_formula(int n, double mu, double terminal) {
  column c;
  for (int i = 0; i <= n; ++i) {
    const double u = 1 - static_cast<double>(i) / n;
    c.push_back(u == 0 ? 0 : std::exp(mu) / (std::exp(mu) + 1 / u - 1));
  }
  const double last = 1 - c[static_cast<std::size_t>(n) - 1];
  if (terminal > 0)
    for (int i = 0; i < n; ++i)
      c[static_cast<std::size_t>(i)] = 1 - (1 - c[static_cast<std::size_t>(i)]) * (1 - terminal) / last;
  return c;
}

}  // namespace

TEST_CASE("flow models: 1 - i/count, shifted by the mu of the model and stretched to its terminal") {
  for (const int n : {2, 3, 4, 8, 28}) {
    CHECK(off(sigmas(flux_steps({4096, n})), by_formula(n, 1.15, 0)) < 1e-14);
    CHECK(off(sigmas(flux_steps({256, n})), by_formula(n, 0.5, 0)) < 1e-14);
    CHECK(off(sigmas(flux2_steps({4096, n})), by_formula(n, flux2_mu(4096, n), 0)) < 1e-14);
    CHECK(off(sigmas(qwen_image_steps({8192, n})), by_formula(n, 0.9, 0.02)) < 1e-13);
    CHECK(off(sigmas(ltx_steps({1024, n})), by_formula(n, 0.95, 0.1)) < 1e-13);
    CHECK(off(sigmas(sd3_steps({n})), by_formula(n, std::log(3.0), 0)) < 1e-14);
  }
  CHECK(off(sigmas(ltx_steps({4096, 5}))[4], 0.1) < 1e-14);
  CHECK(labels(ltx_steps({4096, 5})) == sigmas(ltx_steps({4096, 5})));
}

TEST_CASE("flow models: every count goes from pure noise to clean data") {
  for (const auto rule : {flux_steps, flux2_steps, qwen_image_steps, ltx_steps})
    check_counts([&](int n) { return rule({3000, n}); }, -infinity, infinity);
  check_counts([](int n) { return sd3_steps({n}); }, -infinity, infinity);
  check_counts([](int n) { return flow_match_steps({n}); }, -infinity, infinity);
}

TEST_CASE("flow_match_steps: the smallest sigma is shifted twice") {
  // 0.001 shifted by 3 is 0.003/1.002, and shifted once more 0.009/1.008.
  const double u = 0.003 / 1.002, v = (1 + 2 * u) / 3, w = (2 + u) / 3;
  CHECK(off(sigmas(flow_match_steps({4})), {1, 3 * w / (1 + 2 * w), 3 * v / (1 + 2 * v), 0.009 / 1.008, 0}) < 1e-14);
  CHECK(off(sigmas(flow_match_steps({.count = 2, .shift = 1, .train_steps = 10})), {1, 0.1, 0}) < 1e-15);
}

TEST_CASE("flow models: refusals name argument, value and what is allowed") {
  CHECK(message(try_flux_steps({0, 4})) == "flux_steps: tokens is 0, needs a finite number above 0");
  CHECK(message(try_flux_steps({1024, 0})) == "flux_steps: count is 0, needs at least 1");
  CHECK(message(try_flux2_steps({infinity, 4})) == "flux2_steps: tokens is inf, needs a finite number above 0");
  CHECK(message(try_flux2_steps({1024, -4})) == "flux2_steps: count is -4, needs at least 1");
  CHECK(message(try_qwen_image_steps({-1, 4})) == "qwen_image_steps: tokens is -1, needs a finite number above 0");
  CHECK(message(try_ltx_steps({1024, 1000001})) == "ltx_steps: count is 1000001, needs at most 1000000");
  CHECK(message(try_sd3_steps({0})) == "sd3_steps: count is 0, needs at least 1");
  CHECK(message(try_sd3_steps({4, 0})) == "sd3_steps: shift is 0, needs a finite number above 0");
  CHECK(message(try_flow_match_steps({4, 3, 1})) == "flow_match_steps: train_steps is 1, needs at least 2");
}
