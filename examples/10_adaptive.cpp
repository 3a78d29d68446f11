// SPDX-License-Identifier: MIT
//
// How do I let the run choose its steps?

#include "gaussian.hpp"

#include <diffode/diffode.hpp>

#include <cstdio>
#include <vector>

int main() {
  namespace dd = diffode;

  const dd::vp_linear path{};
  std::vector<float> x(16 * 1024);
  dd::fill_with_noise(x, path.at(1.0), dd::philox{.seed = 42}, 16);

  // DPM-Solver-23: steps of order 3, judged by the step of order 2 from the same evaluations.
  const dd::singlestep dpm_23{.p = 3, .target = dd::prediction::eps};
  const dd::adaptive steps(path, {.from = 1.0, .to = 1e-3, .rtol = 0.05, .atol = 0.0078, .most_calls = 200});
  const dd::run_report done = dd::sample(dpm_23, steps, dd::eps(gaussian::eps), x, {.batch = 16});

  std::printf("%d steps accepted, %d taken back, %d evaluations, last error %.2f of what is allowed\n", done.steps, done.rejected, done.calls,
              done.last_error);
  // Three evaluations make a step; one that is taken back costs two, because the first is kept.
  const bool counted = done.calls == 3 * done.steps + 2 * done.rejected;
  return done.outcome == dd::status::finished && counted && gaussian::looks_right(x) ? 0 : 1;
}
