// SPDX-License-Identifier: MIT
//
// How do I serve two requests in one batch when each is at its own noise level, on its own schedule?

#include "gaussian.hpp"

#include <diffode/diffode.hpp>

#include <cstdio>
#include <vector>

int main() {
  namespace dd = diffode;

  constexpr std::size_t size = 8 * 1024;  // of one sample
  const std::vector<dd::grid> grids{dd::uniform_lambda(dd::vp_linear{}, {.from = 1.0, .to = 1e-3, .count = 20}),
                                    dd::uniform_lambda(dd::flow{}, {.from = 0.99, .to = 1e-3, .count = 20})};
  const dd::fixed<dd::lanes> levels(grids, {.stride = size, .count = 2});

  const auto network = [&](std::span<const float> x, std::span<const dd::level<>> at, std::span<float> out) {
    for (std::size_t k = 0; k < 2; ++k) gaussian::eps(x.subspan(k * size, size), at[k], out.subspan(k * size, size));
  };
  std::vector<float> x(2 * size);
  const std::span<float> first = std::span(x).first(size), second = std::span(x).last(size);
  dd::fill_with_noise(first, grids[0].front(), dd::philox{.seed = 42});
  dd::fill_with_noise(second, grids[1].front(), dd::philox{.seed = 43});
  dd::sample(dd::unipc{}, levels, dd::eps(network), x, {.batch = 2});

  const bool right = gaussian::looks_right(first) && gaussian::looks_right(second);
  std::printf("both samples look %s\n", right ? "right" : "wrong");
  return right ? 0 : 1;
}
