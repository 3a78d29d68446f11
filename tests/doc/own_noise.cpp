// SPDX-License-Identifier: MIT
//
// docs/concepts/noise_source.md: a source of noise of your own.
#include <diffode/diffode.hpp>

#include <cstdint>
#include <span>
#include <vector>

namespace dd = diffode;

namespace {

/// Samples in pairs: the second of each pair gets the noise of the first with the opposite sign.
struct antithetic {
  dd::philox pairs{};

  template <class T>
  void fill(std::uint32_t sample, std::uint32_t stream, std::uint64_t first, std::span<T> out) const {
    pairs.fill(sample / 2, stream, first, out);
    if (sample % 2 == 1)
      for (T& z : out) z = -z;
  }
};
static_assert(dd::noise_source<antithetic, float>);

/// A model without a preferred sign.
void half(std::span<const float> x, const dd::level<>&, std::span<float> out) {
  for (std::size_t i = 0; i < x.size(); ++i) out[i] = 0.5f * x[i];
}

}  // namespace

int main() {
  constexpr std::size_t batch = 4, size = 1000;
  const antithetic noise{{.seed = 42}};
  const dd::grid grid = dd::uniform_lambda(dd::vp_linear{}, {.from = 1.0, .to = 1e-3, .count = 10});
  std::vector<float> x(batch * size);
  dd::fill_with_noise(x, grid.front(), noise, batch);
  dd::sample(dd::ddim{.eta = 1}, grid, dd::x0(half), x, {.batch = batch}, noise);
  for (std::size_t k = 0; k < batch; k += 2)
    for (std::size_t i = 0; i < size; ++i)
      if (x[k * size + i] != -x[(k + 1) * size + i] || x[k * size + i] == 0) return 1;
  return x[0] != x[2 * size] ? 0 : 1;
}
