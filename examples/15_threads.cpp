// SPDX-License-Identifier: MIT
//
// How do I let several threads do the sampler's arithmetic: diffode's, OpenMP's, or those of my engine?

#include "gaussian.hpp"

#include <diffode/backend/thread_pool.hpp>
#include <diffode/diffode.hpp>

#include <cstdio>
#include <cstring>
#include <vector>

namespace {

/// Stands for the pool that an engine has already.
struct engine_pool {
  diffode::thread_pool inner{3};
  std::size_t threads() const { return 3; }  // how many are at work at the same time
  template <class F>
  void run(std::size_t parts, F&& f) {       // f(0), ..., f(parts - 1), each once, and return when all are done
    inner.run(parts, f);
  }
};
static_assert(diffode::executor<engine_pool>);

}  // namespace

int main() {
  namespace dd = diffode;

  const dd::grid grid = dd::uniform_lambda(dd::vp_linear{}, {.from = 1.0, .to = 1e-3, .count = 20});
  const dd::shared_plan plan = dd::compile(dd::dpmpp_2m{}, grid, dd::eps_model{});
  std::vector<float> start(512 * 1024), answer(start.size());
  dd::fill_with_noise(start, grid.front(), dd::philox{.seed = 42}, 16);

  const auto sample_on = [&](auto backend) {
    std::vector<float> latent = start;
    auto run = dd::sampler(plan, latent, {.batch = 16}, dd::philox{}, dd::no_filter{}, backend);
    while (const auto call = run.next()) {
      gaussian::eps(call->x, call->at, answer);
      run.feed(answer);
    }
    return latent;
  };

  dd::thread_pool pool(2);  // sleeps between two kernels
  engine_pool mine;
  const std::vector<float> one = sample_on(dd::cpu()), two = sample_on(dd::basic_cpu(pool)), three = sample_on(dd::basic_cpu(mine));

  const auto same = [&](const std::vector<float>& a) { return std::memcmp(a.data(), one.data(), one.size() * sizeof(float)) == 0; };
  std::printf("one, two and three threads: %s\n", same(two) && same(three) ? "the same bits" : "different bits");
  return same(two) && same(three) && gaussian::looks_right(one) ? 0 : 1;
}
