// SPDX-License-Identifier: MIT
//
// docs/concepts/filter.md: a filter of your own on the predicted x0.
#include "../../examples/gaussian.hpp"

#include <diffode/diffode.hpp>

#include <cmath>
#include <limits>
#include <vector>

namespace dd = diffode;

namespace {

/// Puts what is known of a sample into every prediction; NaN stands for unknown.
struct known_elements {
  std::span<const float> known;  // of one sample

  template <class T>
  void operator()(std::span<const T> in, std::span<T> out, const dd::filter_call& where) const {
    for (std::size_t i = 0; i < in.size(); ++i) {
      const float k = known[i % where.sample_size];
      out[i] = std::isnan(k) ? in[i] : static_cast<T>(k);
    }
  }
};
static_assert(dd::filter<known_elements, float>);

}  // namespace

int main() {
  std::vector<float> known(1024, std::numeric_limits<float>::quiet_NaN());
  known[3] = 0.25f;
  const dd::grid grid = dd::karras(dd::edm{}, {.count = 30});
  std::vector<float> x(16 * known.size());
  dd::fill_with_noise(x, grid.front(), dd::philox{.seed = 42}, 16);
  dd::sample(dd::dpmpp_2m{}, grid, dd::filtered(dd::eps(gaussian::eps), known_elements{known}), x, {.batch = 16});
  for (std::size_t k = 0; k < 16; ++k)
    if (x[k * known.size() + 3] != 0.25f) return 1;
  return gaussian::looks_right(x) ? 0 : 1;
}
