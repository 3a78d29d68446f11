// SPDX-License-Identifier: MIT
//
// docs/time_shift.md: every sample at the noise level that its variance says it is at.
#include "../../examples/gaussian.hpp"

#include <diffode/diffode.hpp>

#include <cstddef>
#include <span>
#include <vector>

namespace dd = diffode;

int main() {
  constexpr std::size_t samples = 16;
  std::vector<float> x(samples * 1024);

  const dd::noise_path path = dd::discrete_from({});
  const dd::grid grid = dd::uniform_time(path, {.from = 999, .to = 0, .count = 20});
  dd::fill_with_noise(x, grid.front(), dd::philox{.seed = 42}, samples);
  // Each sample is at a level of its own.
  const auto net = [](std::span<const float> in, std::span<const dd::level<>> at, std::span<float> out) {
    const std::size_t size = in.size() / at.size();
    for (std::size_t k = 0; k < at.size(); ++k) gaussian::eps(in.subspan(k * size, size), at[k], out.subspan(k * size, size));
  };
  const dd::time_shift levels(grid, {.window = 40, .cutoff = 300, .data_variance = 0.25});
  const dd::run_report done = dd::sample(dd::dpmpp_2m{}, levels, dd::eps(net), x, {.batch = samples});

  // This model is perfect, and its data's variance is given: the samples are those of the grid itself, nearly.
  std::vector<float> y(x.size());
  dd::fill_with_noise(y, grid.front(), dd::philox{.seed = 42}, samples);
  dd::sample(dd::dpmpp_2m{}, grid, dd::eps(gaussian::eps), y);
  double off = 0, size = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double a = static_cast<double>(x[i]), b = static_cast<double>(y[i]);
    off += (a - b) * (a - b), size += b * b;
  }
  return done.outcome == dd::status::finished && done.calls == 20 && off > 0 && off < 0.01 * size ? 0 : 1;
}
