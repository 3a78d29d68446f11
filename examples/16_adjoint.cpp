// SPDX-License-Identifier: MIT
//
// How do I get the gradient of a loss on the sample, by the start, by a parameter of my model, and by the times of the grid?

#include "gaussian.hpp"

#include <diffode/diffode.hpp>
#include <diffode/run/adjoint.hpp>
#include <diffode/run/plan_gradient.hpp>

#include <cmath>
#include <cstdio>
#include <span>
#include <vector>

namespace dd = diffode;

namespace {

/// A network with one parameter: it adds `shift` to the noise that it predicts.
struct network {
  double shift = 0;

  void operator()(std::span<const double> x, const dd::level<>& at, std::span<double> out) const {
    for (std::size_t i = 0; i < x.size(); ++i) out[i] = (x[i] - at.alpha * gaussian::x0(x[i], at)) / at.sigma + shift;
  }
  /// d eps/dx at a level.
  static double slope(const dd::level<>& at) { return at.sigma / (at.alpha * at.alpha * gaussian::deviation * gaussian::deviation + at.sigma * at.sigma); }
};

/// Half the squared distance from 1, and its gradient.
double loss(std::span<const double> x) {
  double sum = 0;
  for (const double v : x) sum += 0.5 * (v - 1) * (v - 1);
  return sum;
}
void loss_gradient(std::span<const double> x, std::span<double> dx) {
  for (std::size_t i = 0; i < x.size(); ++i) dx[i] = x[i] - 1;
}

dd::shared_plan plan_at(std::span<const double> times) {
  const dd::noise_path path = dd::vp_linear{};
  std::vector<dd::level<>> levels;
  for (const double t : times) levels.push_back(path.at(t));
  return dd::compile(dd::dpmpp_2m{}, dd::from_levels(path, levels), dd::eps_model{});
}

/// The loss at the end of a run, for differences.
double loss_of(std::span<const double> times, const network& net, std::vector<double> x) {
  dd::sample(plan_at(times), dd::eps(net), x);
  return loss(x);
}

}  // namespace

int main() {
  std::vector<double> times{0.9, 0.6, 0.4, 0.2, 0.05};
  std::vector<double> start(4);
  dd::philox{.seed = 1}.fill(0, 0, 0, std::span<double>(start));

  // One product for each evaluation: v^T dF/dx to `out`; what v^T dF/dtheta adds up to is dL/dtheta.
  double by_shift = 0;
  const auto vjp = [&](const dd::adjoint_request<double>& call, std::span<double> out, std::span<double> label) {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = network::slope(call.call.at) * call.cotangent[i];
    for (const double v : call.cotangent) by_shift += v;
    // v^T dF/dlabel: here the label is the time, and its derivative is taken by differences.
    std::vector<double> after(out.size()), before(out.size());
    const dd::vp_linear path;
    network{}(call.call.x, path.at(call.call.label + 1e-5), after);
    network{}(call.call.x, path.at(call.call.label - 1e-5), before);
    label[0] = 0;
    for (std::size_t i = 0; i < out.size(); ++i) label[0] += call.cotangent[i] * (after[i] - before[i]) / 2e-5;
  };
  const dd::shared_plan plan = plan_at(times);
  std::vector<double> x = start, dx(x.size());
  const dd::adjoint_report report = dd::adjoint(plan, dd::eps(network{}), vjp, x, dx, loss_gradient, {.checkpoints = 1, .coefficients = true, .labels = true});
  const auto plan_of = [](std::span<const double> t) { return *plan_at(t); };
  const std::vector<double> by_times = dd::gradient_of(times, report.plan, plan_of);

  // The same by differences of whole runs.
  const double h = 1e-5;
  std::vector<double> up = start, down = start;
  up[0] += h, down[0] -= h;
  const double start_difference = (loss_of(times, {}, up) - loss_of(times, {}, down)) / (2 * h);
  const double shift_difference = (loss_of(times, {h}, start) - loss_of(times, {-h}, start)) / (2 * h);
  std::vector<double> later = times, earlier = times;
  later[2] += h, earlier[2] -= h;
  const double time_difference = (loss_of(later, {}, start) - loss_of(earlier, {}, start)) / (2 * h);

  std::printf("%d evaluations, %d products, %zu bytes\n", report.calls, report.products, report.bytes);
  std::printf("by the start  %.8f, by differences %.8f\n", dx[0], start_difference);
  std::printf("by the shift  %.8f, by differences %.8f\n", by_shift, shift_difference);
  std::printf("by a time     %.8f, by differences %.8f\n", by_times[2], time_difference);
  const auto near = [](double a, double b) { return std::abs(a - b) <= 1e-6 * (1 + std::abs(b)); };
  return near(dx[0], start_difference) && near(by_shift, shift_difference) && near(by_times[2], time_difference) ? 0 : 1;
}
