// SPDX-License-Identifier: MIT
#include "catch.hpp"
#include "diffode/diffode.hpp"

#include <vector>

namespace {

using namespace diffode;

/// The state after a run of published DPM-Solver++(3M) over flow levels with these sigmas.
std::vector<double> end_of(const std::vector<double>& sigmas) {
  std::vector<level<>> levels;
  for (const double sigma : sigmas) levels.push_back(flow{}.at(sigma));
  const grid g = from_levels(flow{}, levels, repeats::allowed);
  std::vector<double> x{1.5, -0.25};
  const auto net = [](std::span<const double> in, const level<>& at, std::span<double> out) {
    for (std::size_t i = 0; i < in.size(); ++i) out[i] = in[i] / (1 + at.sigma);
  };
  sample(dpmpp_3m{.weights = curvature::published}, g, model_of(x0_model{}, net), x);
  return x;
}

}  // namespace

TEST_CASE("a third-order step of length zero leaves the state as it is", "[regression]") {
  // The ratio of the last step to this one is infinite there, and infinite over infinite came out as NaN.
  CHECK(end_of({0.9, 0.7, 0.5, 0.3, 0.3}) == end_of({0.9, 0.7, 0.5, 0.3}));
}
