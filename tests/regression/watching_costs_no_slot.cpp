// SPDX-License-Identifier: MIT
#include "catch.hpp"

#include <diffode/diffode.hpp>

// A state that no corrector will change is shown before the next evaluation, not after it, when it would have to be kept.
TEST_CASE("watching the state of a method without a corrector takes no more memory and no more passes") {
  const diffode::grid grid = diffode::uniform_lambda(diffode::vp_linear{}, {.from = 1, .to = 1e-3, .count = 10});
  const auto costs = [&](const auto& how, bool watch) {
    const diffode::plan p = diffode::compile(how, grid, diffode::eps_model{}, {.watch_state = watch});
    return std::pair(p.slots(), p.kernels());
  };
  CHECK(costs(diffode::ddim{}, true) == costs(diffode::ddim{}, false));
  CHECK(costs(diffode::dpmpp_2m{}, true) == costs(diffode::dpmpp_2m{}, false));
  CHECK(costs(diffode::dpmpp_3m{}, true) == costs(diffode::dpmpp_3m{}, false));
}

TEST_CASE("a watcher sees every point of the grid once, in order, corrected or not") {
  const diffode::grid grid = diffode::uniform_lambda(diffode::vp_linear{}, {.from = 1, .to = 1e-3, .count = 10});
  const auto net = [](std::span<const double> x, const diffode::level<>&, std::span<double> out) { out[0] = x[0]; };
  for (const bool corrector : {false, true}) {
    std::vector<double> x{1};
    std::vector<int> points;
    const auto look = [&](const diffode::sight<double>& now) { points.push_back(now.point); };
    diffode::sample(diffode::unipc{.corrector = corrector}, grid, diffode::eps(net), x, {}, diffode::philox{}, look);
    CHECK(points == std::vector<int>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
  }
}
