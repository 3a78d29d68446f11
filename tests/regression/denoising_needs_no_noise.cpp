// SPDX-License-Identifier: MIT
#include "catch.hpp"

#include <diffode/diffode.hpp>

#include <span>
#include <vector>

// The noise at sigma = 0 is 0/0 for a model that predicts x0; the last evaluation must not ask for it.
TEST_CASE("a run to sigma = 0 may end with an evaluation there, also of a model that predicts x0") {
  const diffode::grid grid = diffode::uniform_time(diffode::flow{}, {.from = 1, .to = 0, .count = 4});
  const auto plan = diffode::try_compile(diffode::euler{}, grid, diffode::x0_model{}, {.denoise_at_end = true});
  REQUIRE(plan);
  std::vector<double> x{3, -3};
  const auto two = [](std::span<const double>, const diffode::level<>&, std::span<double> out) { out[0] = out[1] = 2; };
  diffode::sample(diffode::euler{}, grid, diffode::x0(two), x, {.plan = {.denoise_at_end = true}});
  CHECK(x == std::vector<double>{2, 2});
}
