// SPDX-License-Identifier: MIT
//
// docs/concepts/backend.md: a backend of your own.
#include "../../examples/gaussian.hpp"

#include <diffode/diffode.hpp>

#include <chrono>
#include <vector>

namespace dd = diffode;

namespace {

/// The cpu backend with a clock and a counter: what a run costs besides the model.
struct timed {
  std::chrono::nanoseconds* spent;
  int* passes;

  template <class T, class Noise>
  void combine(const dd::combination<T>& c, const Noise& noise) const {
    const auto start = std::chrono::steady_clock::now();
    dd::cpu{}.combine<T>(c, noise);
    *spent += std::chrono::steady_clock::now() - start;
    ++*passes;
  }
};
static_assert(dd::backend<timed, float, dd::philox>);

}  // namespace

int main() {
  const dd::grid grid = dd::uniform_lambda(dd::vp_linear{}, {.from = 1.0, .to = 1e-3, .count = 20});
  const dd::shared_plan plan = dd::compile(dd::dpmpp_2m{}, grid, dd::eps_model{});
  std::vector<float> x(16 * 1024), answer(x.size());
  dd::fill_with_noise(x, grid.front(), dd::philox{.seed = 42});

  std::chrono::nanoseconds spent{};
  int passes = 0;
  auto run = dd::sampler(plan, x, {}, dd::philox{}, dd::no_filter{}, timed{&spent, &passes});
  while (const auto call = run.next()) {
    gaussian::eps(call->x, call->at, answer);
    run.feed(answer);
  }
  return passes == plan->kernels() && spent.count() > 0 && gaussian::looks_right(x) ? 0 : 1;
}
