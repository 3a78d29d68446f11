// SPDX-License-Identifier: MIT
//
// How do I pause a run, keep it somewhere and go on later, with the same bits in the end?

#include "gaussian.hpp"

#include <diffode/diffode.hpp>

#include <cstdio>
#include <vector>

int main() {
  namespace dd = diffode;

  const dd::grid grid = dd::uniform_lambda(dd::vp_linear{}, {.from = 1.0, .to = 1e-3, .count = 20});
  const dd::shared_plan plan = dd::compile(dd::ddim{.eta = 1}, grid, dd::eps_model{});
  std::vector<float> x(4096), answer(x.size());

  const auto go = [&](auto& run, int evaluations) {
    for (int k = 0; k < evaluations; ++k) {
      const auto call = run.next();
      if (!call) return;
      gaussian::eps(call->x, call->at, answer);
      run.feed(answer);
    }
  };

  dd::fill_with_noise(x, grid.front());
  auto run = dd::sampler(plan, x);
  go(run, 7);
  const dd::saved_run<float> half = run.save();
  go(run, 13);
  const std::vector<float> straight = x;

  std::vector<float> y(x.size());
  auto later = dd::sampler(plan, y);
  later.restore(half);
  go(later, 13);
  std::printf("the paused run and the one without a pause %s\n", y == straight ? "agree in every bit" : "differ");
  return y == straight ? 0 : 1;
}
