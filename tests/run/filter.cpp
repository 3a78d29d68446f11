// SPDX-License-Identifier: MIT
#include "diffode/model/filter.hpp"

#include "catch.hpp"
#include "conformance/families.hpp"
#include "conformance/mixture.hpp"
#include "diffode/method/ddim.hpp"
#include "diffode/method/unipc.hpp"
#include "diffode/model.hpp"
#include "diffode/noise/philox.hpp"
#include "diffode/run/sample.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace dd = diffode;

namespace {

const dd::grid levels = diffode_test::families()[2].uniform(6);

void denoise(std::span<const double> x, const dd::level<>& at, std::span<double> eps) {
  const diffode_test::mixture data;
  for (std::size_t i = 0; i < x.size(); ++i) eps[i] = data.at(x[i], at).eps;
}

double limited(double v, double range) { return v < -range ? -range : v > range ? range : v; }

/// The threshold by sorting.
std::vector<double> by_sorting(std::vector<double> x, double ratio, double least, double most) {
  std::vector<double> sorted;
  for (const double v : x) sorted.push_back(std::abs(v));
  std::sort(sorted.begin(), sorted.end());
  const double place = ratio * static_cast<double>(x.size() - 1);
  const std::size_t below = static_cast<std::size_t>(place), above = std::min(below + 1, x.size() - 1);
  double s = std::fma(place - static_cast<double>(below), sorted[above] - sorted[below], sorted[below]);
  s = std::min(std::max(s, least), most);
  for (double& v : x) v = limited(v, s) / s;
  return x;
}

}  // namespace

TEST_CASE("clip limits every element, in place and not") {
  std::vector<float> x{-2, -1, -0.5f, 0, 0.75f, 3}, y(6);
  dd::clip{}(std::span<const float>(x), std::span<float>(y), dd::filter_call{{}, 6});
  CHECK(y == std::vector<float>{-1, -1, -0.5f, 0, 0.75f, 1});
  dd::clip{.range = 0.5}(std::span<const float>(x), std::span<float>(x), dd::filter_call{{}, 6});
  CHECK(x == std::vector<float>{-0.5f, -0.5f, -0.5f, 0, 0.5f, 0.5f});
}

TEST_CASE("dynamic_threshold is what sorting gives, for every size, ratio and repetition") {
  constexpr double inf = std::numeric_limits<double>::infinity();
  dd::dynamic_threshold limit;
  for (std::size_t size = 1; size <= 67; ++size)
    for (const double ratio : {0.01, 0.5, 0.9, 0.995, 1.0})
      for (const double step : {0.0, 0.5}) {  // continuous values, and many equal ones
        std::vector<double> x(3 * size), y(x.size());
        dd::philox{.seed = size}.fill(0, 0, 0, std::span<double>(x));
        for (double& v : x) v = step == 0 ? 2 * v : step * std::round(v / step);
        limit.ratio = ratio;
        limit.least = size % 2 == 0 ? 1 : 1e-3;
        limit.most = size % 3 == 0 ? 1.5 : inf;
        limit(std::span<const double>(x), std::span<double>(y), dd::filter_call{{}, size});
        std::vector<double> sorted;
        for (std::size_t k = 0; k < 3; ++k) {
          const auto first = x.begin() + static_cast<std::ptrdiff_t>(k * size);
          const auto one = by_sorting({first, first + static_cast<std::ptrdiff_t>(size)}, ratio, limit.least, limit.most);
          sorted.insert(sorted.end(), one.begin(), one.end());
        }
        INFO("size " << size << ", ratio " << ratio);
        CHECK(y == sorted);
        limit(std::span<const double>(x), std::span<double>(x), dd::filter_call{{}, size});
        CHECK(x == sorted);
      }
}

TEST_CASE("a run with a clipped x0 is the run clipped by hand") {
  std::vector<double> x{-2.5, 0.1, 1.9}, y = x, eps(3);
  dd::sample(dd::ddim{}, levels, dd::filtered(dd::eps(denoise), dd::clip{.range = 0.5}), x);
  // diffusers' DDIM with clip_sample: x0 limited, the noise as the model said it.
  for (std::size_t i = 0; i < levels.steps(); ++i) {
    const dd::level<>&s = levels[i], &t = levels[i + 1];
    denoise(y, s, eps);
    for (std::size_t k = 0; k < 3; ++k) y[k] = t.alpha * limited((y[k] - s.sigma * eps[k]) / s.alpha, 0.5) + t.sigma * eps[k];
  }
  for (std::size_t k = 0; k < 3; ++k) CHECK(std::abs(x[k] - y[k]) < 1e-13);  // 1/alpha = 20 roundings of size 1
}

TEST_CASE("with rederive_noise the noise follows the clipped x0") {
  std::vector<double> x{-2.5, 0.1, 1.9}, y = x, eps(3);
  dd::sample(dd::ddim{.rederive_noise = true}, levels, dd::filtered(dd::eps(denoise), dd::clip{.range = 0.5}), x);
  for (std::size_t i = 0; i < levels.steps(); ++i) {
    const dd::level<>&s = levels[i], &t = levels[i + 1];
    denoise(y, s, eps);
    for (std::size_t k = 0; k < 3; ++k) {
      const double x0 = limited((y[k] - s.sigma * eps[k]) / s.alpha, 0.5);
      y[k] = t.alpha * x0 + t.sigma * (y[k] - s.alpha * x0) / s.sigma;
    }
  }
  for (std::size_t k = 0; k < 3; ++k) CHECK(std::abs(x[k] - y[k]) < 1e-13);
}

TEST_CASE("a filter that does nothing changes roundings only, whichever prediction the method works in") {
  const auto both = [](const auto& how) {
    std::vector<double> x{-2.5, 0.1, 1.9}, y = x;
    dd::sample(how, levels, dd::filtered(dd::eps(denoise), dd::clip{.range = 1e9}), x);
    dd::sample(how, levels, dd::eps(denoise), y);
    for (std::size_t k = 0; k < 3; ++k) CHECK(std::abs(x[k] - y[k]) < 1e-12);
  };
  both(dd::ddim{});
  both(dd::unipc{.p = 3});
  both(dd::unipc{.p = 3, .target = dd::prediction::eps});
}

TEST_CASE("a filter costs one pass and at most one array, and the plan shows it") {
  const dd::plan p = dd::compile(dd::ddim{}, levels, dd::filtered(dd::v_model{}, dd::clip{})), plain = dd::compile(dd::ddim{}, levels, dd::v_model{});
  CHECK(plain.filters() == 0);
  CHECK(p.filters() == p.calls());
  CHECK(p.kernels() == 2 * p.calls());
  CHECK(p.slots() == plain.slots() + 1);
  // An eps model's noise is its output itself, so that the prediction takes the place of the state.
  CHECK(dd::compile(dd::ddim{}, levels, dd::filtered(dd::eps_model{}, dd::clip{})).slots() == 1);
}

TEST_CASE("a user's filter sees every sample, once per evaluation, at its level") {
  int seen = 0;
  std::vector<double> x{0.1, 0.2, 0.3, 0.4};
  const auto mine = [&seen](auto in, auto out, const dd::filter_call& where) {
    CHECK(where.sample_size == 2);
    REQUIRE(where.levels.size() == 1);
    CHECK(where.levels[0].t == levels[static_cast<std::size_t>(seen)].t);
    ++seen;
    for (std::size_t i = 0; i < in.size(); ++i) out[i] = 0.25;
  };
  dd::sample(dd::ddim{}, levels, dd::filtered(dd::eps(denoise), mine), x, {.batch = 2});
  CHECK(seen == 6);
}
