// SPDX-License-Identifier: MIT
//
// docs/adjoint.md: gradients, in both styles, and the continuous adjoint.
#include "../../examples/gaussian.hpp"

#include <diffode/diffode.hpp>
#include <diffode/run/adjoint.hpp>
#include <diffode/run/continuous_adjoint.hpp>

#include <cmath>
#include <vector>

namespace dd = diffode;

namespace {

/// v^T d eps/dx of gaussian::eps.
void gaussian_vjp(std::span<const float>, const dd::level<>& at, std::span<const float> v, std::span<float> out) {
  const double slope = at.sigma / (at.alpha * at.alpha * gaussian::deviation * gaussian::deviation + at.sigma * at.sigma);
  for (std::size_t i = 0; i < v.size(); ++i) out[i] = static_cast<float>(slope) * v[i];
}

void loss_gradient(std::span<const float> x, std::span<float> dx) {
  for (std::size_t i = 0; i < x.size(); ++i) dx[i] = x[i];
}

}  // namespace

int main() {
  const dd::grid grid = dd::uniform_lambda(dd::vp_linear{}, {.from = 0.9, .to = 0.05, .count = 20});
  const dd::shared_plan plan = dd::compile(dd::dpmpp_2m{}, grid, dd::eps_model{});
  std::vector<float> noise(256);
  dd::fill_with_noise(noise, grid.front(), dd::philox{.seed = 4});

  std::vector<float> x = noise, dx(x.size());
  dd::adjoint(plan, dd::eps(gaussian::eps), gaussian_vjp, x, dx, loss_gradient, {.checkpoints = 4});

  std::vector<float> pulled = noise, gradient(x.size()), answer(x.size());
  dd::adjoint_sampler s(plan, pulled, gradient, {.checkpoints = 4});
  const auto work = [&] {
    while (const auto wanted = s.next()) {
      if (wanted->is_product()) gaussian_vjp(wanted->call.x, wanted->call.at, wanted->cotangent, answer);
      else gaussian::eps(wanted->call.x, wanted->call.at, answer);
      s.feed(answer);
    }
  };
  work();                            // pulled holds the sample
  loss_gradient(pulled, gradient);   // dL/dx of the sample
  s.start_backward();
  work();                            // gradient holds dL/dx of the start

  std::vector<float> back = x, flow_gradient = x;
  const dd::continuous_report report = dd::follow_back(dd::heun{}, grid, dd::eps(gaussian::eps), gaussian_vjp, back, flow_gradient, noise);

  float off = 0, size = 0;
  for (std::size_t i = 0; i < x.size(); ++i) off = std::fmax(off, std::abs(flow_gradient[i] - dx[i])), size = std::fmax(size, std::abs(dx[i]));
  return pulled == x && gradient == dx && off < 0.05f * size && report.reconstruction < 0.05 ? 0 : 1;
}
