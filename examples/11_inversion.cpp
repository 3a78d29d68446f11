// SPDX-License-Identifier: MIT
//
// How do I turn an image into noise, and get the same image back?

#include "gaussian.hpp"

#include <diffode/diffode.hpp>

#include <cmath>
#include <cstdio>
#include <span>
#include <vector>

namespace {

float largest_difference(const std::vector<float>& a, const std::vector<float>& b) {
  float most = 0;
  for (std::size_t i = 0; i < a.size(); ++i) most = std::fmax(most, std::abs(a[i] - b[i]));
  return most;
}

}  // namespace

int main() {
  namespace dd = diffode;

  const dd::grid down = dd::uniform_lambda(dd::vp_linear{}, {.from = 0.9, .to = 0.02, .count = 5});
  const dd::grid up = dd::reversed(down);
  std::vector<float> image(1024);
  dd::philox{.seed = 1}.fill(0, 0, 0, std::span<float>(image));

  // Any deterministic method runs backwards on the reversed grid. It comes back as well as its steps are small.
  std::vector<float> x = image;
  dd::sample(dd::dpmpp_2m{}, up, dd::eps(gaussian::eps), x);
  dd::sample(dd::dpmpp_2m{}, down, dd::eps(gaussian::eps), x);
  const float ordinary = largest_difference(x, image);

  // A reversible method carries a second state, first in this memory, and comes back to rounding.
  x = image;
  const dd::reversible<dd::heun> exact{};
  std::vector<float> memory(8 * x.size());
  const auto bytes = std::as_writable_bytes(std::span(memory));
  dd::sample(exact, up, dd::eps(gaussian::eps), x, {.memory = bytes});
  dd::sample(exact, down, dd::eps(gaussian::eps), x, {.memory = bytes, .partner_in_memory = true});
  const float reversible = largest_difference(x, image);

  std::printf("there and back in 5 steps each: %.1e off with dpmpp_2m, %.1e with a reversible method\n", static_cast<double>(ordinary),
              static_cast<double>(reversible));
  return reversible < 1e-4f && ordinary > 10 * reversible ? 0 : 1;
}
