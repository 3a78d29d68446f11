// SPDX-License-Identifier: MIT
//
// docs/concepts/parameterisation.md: a model with a meaning of its own.
#include "../../examples/gaussian.hpp"

#include <diffode/diffode.hpp>

#include <vector>

namespace dd = diffode;

namespace {

/// A flow model of the other direction: it returns F = x0 - eps and is told 0 at pure noise and 1 at clean data.
struct backward_flow {
  template <dd::coefficient R>
  dd::affine<R> x0(const dd::level<R>& at) const {
    const R w = at.alpha + at.sigma;
    return {1 / w, at.sigma / w};
  }
  template <dd::coefficient R>
  dd::affine<R> eps(const dd::level<R>& at) const {
    const R w = at.alpha + at.sigma;
    return {1 / w, -at.alpha / w};
  }
  template <dd::coefficient R>
  R label(const dd::level<R>& at) const {
    return 1 - at.t;
  }
};
static_assert(dd::parameterisation<backward_flow>);

/// What such a network would return for the data of examples/gaussian.hpp.
void velocity(std::span<const float> x, const dd::level<>& at, std::span<float> out) {
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double xi = static_cast<double>(x[i]), x0 = gaussian::x0(xi, at), eps = (xi - at.alpha * x0) / at.sigma;
    out[i] = static_cast<float>(x0 - eps);
  }
}

}  // namespace

int main() {
  const dd::grid grid = dd::flow_uniform(dd::flow{}, {.count = 20});
  std::vector<float> x(16 * 1024);
  dd::fill_with_noise(x, grid.front(), dd::philox{.seed = 42});
  double first_label = 1;
  const auto network = [&](std::span<const float> in, const dd::level<>& at, std::span<float> out) {
    if (at.label < first_label) first_label = at.label;
    velocity(in, at, out);
  };
  dd::sample(dd::dpmpp_2m{}, grid, dd::model_of(backward_flow{}, network), x);
  return gaussian::looks_right(x) && first_label == 0 ? 0 : 1;
}
