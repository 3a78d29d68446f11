// SPDX-License-Identifier: MIT
//
// Gradients without exceptions: discrete and continuous, and what they refuse.
#include "diffode/diffode.hpp"

#include "diffode/run/adjoint.hpp"
#include "diffode/run/continuous_adjoint.hpp"
#include "noexcept/expect.hpp"

#include <cmath>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace dd = diffode;
using diffode_test::expect, diffode_test::failures;

namespace {

/// The model of normal data of variance 1/4 is linear, and so are its runs: the sample is the start times its own derivative.
double slope(const dd::level<>& at) { return at.sigma / (0.25 * at.alpha * at.alpha + at.sigma * at.sigma); }
void net(std::span<const double> x, const dd::level<>& at, std::span<double> out) {
  for (std::size_t i = 0; i < x.size(); ++i) out[i] = slope(at) * x[i];
}
void product(std::span<const double>, const dd::level<>& at, std::span<const double> v, std::span<double> out) {
  for (std::size_t i = 0; i < v.size(); ++i) out[i] = slope(at) * v[i];
}
void loss(std::span<const double> x, std::span<double> d) {
  for (std::size_t i = 0; i < x.size(); ++i) d[i] = 1;
}

}  // namespace

int main() {
  const auto grid = dd::try_uniform_lambda(dd::vp_linear{}, {.from = 1, .to = 1e-3, .count = 12});
  auto made = dd::try_compile(dd::unipc{}, grid.value(), dd::eps_model{});
  expect(static_cast<bool>(made), "the run is planned");
  const dd::shared_plan plan(std::move(made).value());
  const std::vector<double> start{0.3, -1.2};
  std::vector<double> x = start, dx(2);
  for (const int checkpoints : {0, 3}) {
    x = start;
    const auto report = dd::try_adjoint(plan, dd::eps(net), product, x, dx, loss, {.checkpoints = checkpoints});
    expect(report && report.value().products == plan->calls(), "there is a product for each evaluation");
    for (std::size_t i = 0; i < 2; ++i) expect(std::abs(dx[i] - x[i] / start[i]) < 1e-12, "the gradient is that of a linear run");
  }
  std::vector<double> small(1);
  const auto refused = dd::try_adjoint(plan, dd::eps(net), product, x, small, loss);
  expect(!refused && refused.reason()->code() == dd::errc::bad_shape, "a gradient of another size is refused");

  // Back along the flow of the same model: from the sample to a start, and a gradient that is their ratio.
  const auto fine = dd::try_uniform_lambda(dd::vp_linear{}, {.from = 1, .to = 1e-3, .count = 200});
  std::vector<double> back = x, gradient{1, 1};
  const auto led = dd::try_follow_back(dd::dpmpp_2m{}, fine.value(), dd::eps(net), product, back, gradient, start);
  expect(static_cast<bool>(led), "a sample is led back");
  // Second order, in steps of h = 0.05 of lambda: off by some h^2 = 0.0025.
  for (std::size_t i = 0; i < 2; ++i) expect(std::abs(gradient[i] * back[i] / x[i] - 1) < 0.02, "the gradient is that of a linear flow");
  expect(!dd::try_follow_back(dd::ddim{.eta = 1}, grid.value(), dd::eps(net), product, back, gradient), "a method that draws noise is refused");
  return failures == 0 ? 0 : 1;
}
