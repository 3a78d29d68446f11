// SPDX-License-Identifier: MIT
//
// How do I draw a sample when my engine owns the loop: its own queue, its own buffers, its own way to cancel?

#include "gaussian.hpp"

#include <diffode/diffode.hpp>

#include <cstdio>
#include <vector>

namespace {

/// Stands for an inference engine.
struct some_engine {
  bool cancelled = false;
  void forward(std::span<const float> x, const diffode::level<>& at, std::span<float> out) { gaussian::eps(x, at, out); }
};

}  // namespace

int main() {
  namespace dd = diffode;

  some_engine engine;
  const dd::grid grid = dd::uniform_lambda(dd::vp_linear{}, {.from = 1.0, .to = 1e-3, .count = 20});
  std::vector<float> latent(16 * 1024), answer(latent.size());
  dd::fill_with_noise(latent, grid.front(), dd::philox{.seed = 42}, 16);

  auto run = dd::sampler(dd::unipc{.p = 3}, grid, dd::eps_model{}, latent, {.batch = 16});
  while (const auto call = run.next()) {   // call->x, call->label, call->step, call->last_of_step, ...
    if (engine.cancelled) break;           // to cancel, stop asking
    engine.forward(call->x, call->at, answer);
    run.feed(answer);                      // consumed before it returns
  }

  std::printf("%d evaluations; the samples look %s\n", run.report().calls, gaussian::looks_right(latent) ? "right" : "wrong");
  return run.finished() && gaussian::looks_right(latent) ? 0 : 1;
}
