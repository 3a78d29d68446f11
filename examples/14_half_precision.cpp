// SPDX-License-Identifier: MIT
//
// My model speaks float16. How do I keep the state in float, without a conversion pass of my own?

#include "gaussian.hpp"

#include <diffode/diffode.hpp>

#include <cstdint>
#include <cstdio>
#include <vector>

namespace {

/// Stands for an engine with raw 16-bit tensors that are bound once.
struct some_engine {
  std::span<const diffode::float16> input;
  std::span<diffode::float16> output;

  void forward(const diffode::level<>& at) const {
    std::vector<float> x(input.size()), out(input.size());
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(input[i]);
    gaussian::eps(x, at, out);
    for (std::size_t i = 0; i < x.size(); ++i) output[i] = diffode::float16(out[i]);
  }
};

}  // namespace

int main() {
  namespace dd = diffode;

  const dd::grid grid = dd::uniform_lambda(dd::vp_linear{}, {.from = 1.0, .to = 1e-3, .count = 20});
  std::vector<float> latent(16 * 1024);
  dd::fill_with_noise(latent, grid.front(), dd::philox{.seed = 42}, 16);

  // The state is float, the model float16: each kernel also writes the model's input, rounded once, always to one array.
  dd::sampler_of<float, dd::float16> run(dd::unipc{.p = 3}, grid, dd::eps_model{}, latent, {.batch = 16});

  std::vector<std::uint16_t> raw(latent.size());  // the engine's memory is bits
  const std::span answer(reinterpret_cast<dd::float16*>(raw.data()), raw.size());
  const some_engine engine{run.next()->x, answer};
  while (const auto call = run.next()) {
    engine.forward(call->at);
    run.feed(answer);
  }

  std::printf("%d evaluations, %d kernels; the samples look %s\n", run.report().calls, run.plan().kernels(), gaussian::looks_right(latent) ? "right" : "wrong");
  return run.finished() && gaussian::looks_right(latent) ? 0 : 1;
}
