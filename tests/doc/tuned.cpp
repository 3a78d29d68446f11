// SPDX-License-Identifier: MIT
//
// docs/tune.md: a plan of five evaluations that is tuned to a model.
#include <diffode/adapter/json.hpp>
#include <diffode/diffode.hpp>
#include <diffode/search/descend_table.hpp>
#include <diffode/search/table_of.hpp>
#include <diffode/search/tune.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <span>
#include <string>
#include <vector>

namespace dd = diffode;

namespace {

/// Data of two normals, N(-1, 0.2^2) and N(1, 0.2^2): the exact noise prediction.
void net(std::span<const double> x, const dd::level<>& at, std::span<double> out) {
  const double variance = 0.04 * at.alpha * at.alpha + at.sigma * at.sigma;
  for (std::size_t i = 0; i < x.size(); ++i) out[i] = at.sigma * (x[i] - at.alpha * std::tanh(at.alpha * x[i] / variance)) / variance;
}

const dd::noise_path path{dd::vp_linear{}};

/// v d eps/dx and v d eps/dt. Frameworks differentiate for you; here it is a formula, and a difference along the path.
void vjp(const dd::adjoint_request<double>& asked, std::span<double> out, std::span<double> label) {
  const std::span<const double> x = asked.call.x, v = asked.cotangent;
  const dd::level<>& at = asked.call.at;
  const double variance = 0.04 * at.alpha * at.alpha + at.sigma * at.sigma;
  std::vector<double> later(x.size()), earlier(x.size());
  net(x, path.at(at.t + 1e-4), later), net(x, path.at(at.t - 1e-4), earlier);
  label[0] = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double bend = std::tanh(at.alpha * x[i] / variance);
    out[i] = v[i] * at.sigma / variance * (1 - at.alpha * at.alpha / variance * (1 - bend * bend));
    label[0] += v[i] * (later[i] - earlier[i]) / 2e-4;
  }
}

}  // namespace

int main() {
  const dd::model m = dd::eps(net);
  const dd::grid fine = dd::uniform_lambda(path, {.from = 0.99, .to = 0.01, .count = 100});
  const auto course = [&](std::uint64_t seed) {  // 64 samples of 4 numbers, by 100 evaluations
    std::vector<double> start(256);
    dd::fill_with_noise(start, fine.front(), dd::philox{.seed = seed}, 64);
    return dd::teacher_course<double>::try_make(dd::unipc{.p = 3}, fine, m, start, 64).value();
  };
  const auto fitted_to = course(1), held_out = course(2);
  const std::vector<dd::grid> from{dd::uniform_lambda(path, {.from = 0.99, .to = 0.01, .count = 5}),
                                   dd::uniform_time(path, {.from = 0.99, .to = 0.01, .count = 5})};
  const auto progress = [](const auto&) { return true; };  // false stops
  const dd::tuned found = dd::try_tune(std::span<const dd::grid>(from), m, fitted_to, held_out, {}, {}, progress).value();

  const auto unseen = course(3);
  std::vector<double> x(unseen.starts().begin(), unseen.starts().end());
  dd::sample(found.table, dd::from_times(path, found.table.times), m, x, {.batch = 64});
  const std::string file = dd::to_json(found.table);

  const auto watch = [](const dd::descend_progress& p) { return std::isfinite(p.mean_square); };
  const dd::coefficient_table descended = dd::try_descend_table(dd::table_of(dd::dpmpp_2m{}, from[0]), m, vjp, fitted_to, {.iterations = 150}, {}, watch).value();
  std::vector<double> z(unseen.starts().begin(), unseen.starts().end());
  dd::sample(descended, dd::from_times(path, descended.times), m, z, {.batch = 64});

  std::vector<double> y(unseen.starts().begin(), unseen.starts().end());
  dd::sample(dd::dpmpp_2m{}, from[0], m, y, {.batch = 64});
  double tuned = 0, by_gradient = 0, fixed = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    tuned += (x[i] - unseen.ends()[i]) * (x[i] - unseen.ends()[i]);
    by_gradient += (z[i] - unseen.ends()[i]) * (z[i] - unseen.ends()[i]);
    fixed += (y[i] - unseen.ends()[i]) * (y[i] - unseen.ends()[i]);
  }
  std::printf("tuned %.4f, by gradients from dpmpp_2m %.4f, dpmpp_2m %.4f\n", std::sqrt(tuned / 256), std::sqrt(by_gradient / 256), std::sqrt(fixed / 256));
  return tuned < 0.25 * fixed && by_gradient < 0.25 * fixed && dd::table_from_json(file) == found.table ? 0 : 1;
}
