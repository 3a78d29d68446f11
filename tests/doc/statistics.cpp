// SPDX-License-Identifier: MIT
//
// docs/dpm_v3.md: a run on statistics of a model, one column for each element of a sample.
#include <diffode/diffode.hpp>

#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

namespace dd = diffode;

namespace {

/// What a file of statistics holds: rows of one number for each element, as numpy stores them.
struct file {
  std::vector<double> lambda, l, s, b;
};

constexpr std::size_t elements = 4, samples = 2;

/// The deviation of element k of the data, which are normal with mean 0.
double deviation(std::size_t k) { return 0.25 * static_cast<double>(1 + k); }

/// In place of a file: the statistics of the perfect model of such data.
file read() {
  file all;
  for (int i = 0; i <= 250; ++i) {
    all.lambda.push_back(-5 + 0.04 * i);
    for (std::size_t k = 0; k < elements; ++k) {
      all.l.push_back(1 / (1 + std::pow(deviation(k) * std::exp(all.lambda.back()), 2)));
      all.s.push_back(0);
      all.b.push_back(0);
    }
  }
  return all;
}

}  // namespace

int main() {
  const auto net = [](std::span<const float> x, const dd::level<>& at, std::span<float> out) {
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double variance = std::pow(at.alpha * deviation(i % elements), 2) + at.sigma * at.sigma;
      out[i] = static_cast<float>(at.sigma / variance) * x[i];
    }
  };
  const dd::noise_path path = dd::vp_linear{};
  std::vector<float> x(samples * elements);
  dd::fill_with_noise(x, path.at(0.999), dd::philox{.seed = 1}, samples);
  const std::vector<float> start = x;

  const file from = read();
  const auto statistics = dd::model_statistics::make({.lambda = from.lambda, .l = from.l, .s = from.s, .b = from.b});
  const auto wished = dd::uniform_lambda(path, {.from = 0.98, .to = 0.001, .count = 5});
  const dd::grid grid = dd::on_nodes(wished, statistics);
  const dd::fixed<dd::lanes> levels(grid, {.stride = 1, .count = statistics.columns()});
  const auto each = [&](std::span<const float> in, std::span<const dd::level<>> at, std::span<float> out) { net(in, at[0], out); };
  dd::sample(dd::dpm_v3{.statistics = statistics}, levels, dd::eps(each), x, {.batch = samples});

  const dd::level<>&first = grid.front(), &last = grid.back();
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double c = deviation(i % elements), before = static_cast<double>(start[i]), after = static_cast<double>(x[i]);
    const double exact = before * std::hypot(last.alpha * c, last.sigma) / std::hypot(first.alpha * c, first.sigma);
    if (!(std::abs(after - exact) < 2e-3 * std::abs(exact))) return 1;
  }
  return 0;
}
