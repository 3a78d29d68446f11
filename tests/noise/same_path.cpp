// SPDX-License-Identifier: MIT
//
// docs/concepts/noise_source.md: runs of any number of steps along one path.
#include "catch.hpp"
#include "diffode/control/fixed.hpp"
#include "diffode/grid/uniform_lambda.hpp"
#include "diffode/method/ddim.hpp"
#include "diffode/model.hpp"
#include "diffode/noise.hpp"
#include "diffode/run/sample.hpp"
#include "diffode/run/start.hpp"
#include "diffode/schedule/vp_linear.hpp"

#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

namespace dd = diffode;

namespace {

using values = std::vector<double>;

/// Where a run of ddim with eta = 1 ends that starts from the noise of `noise` at t = 1, after `count` steps.
template <class Noise, class Model>
values end_of_run(int count, Model model, const Noise& noise, std::size_t batch = 1) {
  const dd::grid grid = dd::uniform_lambda(dd::vp_linear{}, {.from = 1.0, .to = 1e-3, .count = count});
  values x(12 * batch);
  dd::fill_with_noise(x, grid.front(), noise, batch);
  dd::sample(dd::ddim{.eta = 1}, grid, dd::x0(model), x, {.batch = batch}, noise);
  return x;
}

double distance(const values& a, const values& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return std::sqrt(sum / static_cast<double>(a.size()));
}

void constant(std::span<const double>, const dd::level<>&, std::span<double> out) {
  for (double& v : out) v = 0.25;
}

/// The exact denoiser of data with variance 1/4.
void gaussian(std::span<const double> x, const dd::level<>& at, std::span<double> out) {
  const double gain = 0.25 * at.alpha / (0.25 * at.alpha * at.alpha + at.sigma * at.sigma);
  for (std::size_t i = 0; i < x.size(); ++i) out[i] = gain * x[i];
}

}  // namespace

TEST_CASE("with a constant model, a run along a path ends at the same place whatever its steps") {
  // Every step is then exact. Rounding: 200 steps of a few units in the last place, ends of steps known to 2^-48.
  const values once = end_of_run(1, constant, dd::brownian{.seed = 42});
  for (const int count : {2, 3, 10, 200})
    CHECK(distance(end_of_run(count, constant, dd::brownian{.seed = 42}), once) < 1e-12);
  CHECK(distance(end_of_run(10, constant, dd::philox{.seed = 42}), once) > 1e-4);  // sigma is 1e-2 there
}

TEST_CASE("more steps along one path converge, while independent noise gives another sample each time") {
  const auto along_path = [](int count) { return end_of_run(count, gaussian, dd::brownian{.seed = 43}, 50); };
  const auto independent = [](int count) { return end_of_run(count, gaussian, dd::philox{.seed = 43}, 50); };
  const values exact = along_path(1024);
  const double at_16 = distance(along_path(16), exact), at_64 = distance(along_path(64), exact);
  INFO(at_16 << ", " << at_64);
  CHECK(at_16 < 0.2);
  CHECK(at_64 < at_16 / 3);                                   // first order: a quarter
  CHECK(distance(independent(64), independent(1024)) > 0.3);  // two samples of standard deviation 1/2
}

TEST_CASE("a batch along its paths is its samples, one by one") {
  const values batch = end_of_run(7, gaussian, dd::brownian{.seed = 44}, 5);
  for (std::uint32_t k = 0; k < 5; ++k) {
    const values one = end_of_run(7, gaussian, dd::brownian{.seed = 44, .first_sample = k});
    CHECK(values(batch.begin() + 12 * k, batch.begin() + 12 * (k + 1)) == one);
  }
}

TEST_CASE("samples in lanes of their own follow the paths of their own runs") {
  std::vector<dd::grid> grids;
  for (const double from : {1.0, 0.7})
    grids.push_back(dd::uniform_lambda(dd::vp_linear{}, {.from = from, .to = 1e-3, .count = 7}));
  const dd::brownian noise{.seed = 45};
  values x(24);
  for (std::uint32_t k = 0; k < 2; ++k)
    dd::fill_with_noise(std::span(x).subspan(12 * k, 12), grids[k].front(), dd::philox{45, k});
  values both = x;
  const auto in_lanes = [](std::span<const double> in, std::span<const dd::level<>> at, std::span<double> out) {
    for (std::size_t k = 0; k < 2; ++k) gaussian(in.subspan(12 * k, 12), at[k], out.subspan(12 * k, 12));
  };
  const dd::fixed<dd::lanes> levels(grids, {.stride = 12, .count = 2});
  dd::sample(dd::ddim{.eta = 1}, levels, dd::x0(in_lanes), both, {.batch = 2}, noise);
  for (std::uint32_t k = 0; k < 2; ++k) {
    const std::span<double> one = std::span(x).subspan(12 * k, 12);
    dd::sample(dd::ddim{.eta = 1}, grids[k], dd::x0(gaussian), one, {}, dd::brownian{.seed = 45, .first_sample = k});
    for (std::size_t i = 0; i < 12; ++i) CHECK(both[12 * k + i] == one[i]);
  }
}

TEST_CASE("a finer run repeats the path of a coarse one") {
  const auto model = gaussian;
  const std::size_t batch = 2;
  values preview(24), x(24);
  const auto at = [](int count) {
    return dd::uniform_lambda(dd::vp_linear{}, {.from = 1.0, .to = 1e-3, .count = count});
  };
  const dd::grid few = at(20), many = at(320);
  const dd::brownian noise{.seed = 42};
  for (values* state : {&preview, &x}) dd::fill_with_noise(*state, few.front(), noise, batch);
  dd::sample(dd::ddim{.eta = 1}, few, dd::x0(model), preview, {.batch = batch}, noise);
  dd::sample(dd::ddim{.eta = 1}, many, dd::x0(model), x, {.batch = batch}, noise);
  CHECK(distance(preview, x) < 0.2);
}
