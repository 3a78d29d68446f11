// SPDX-License-Identifier: MIT
#include "diffode/run/sample.hpp"

#include "catch.hpp"
#include "conformance/families.hpp"
#include "conformance/mixture.hpp"
#include "diffode/method/ddim.hpp"
#include "diffode/method/dpmpp_2m.hpp"
#include "diffode/model.hpp"
#include "diffode/noise/recorded_noise.hpp"

#include <cmath>
#include <string>
#include <vector>

namespace dd = diffode;
using diffode_test::families;

namespace {

const diffode_test::family vp = families()[0];
const dd::grid levels = vp.uniform(40);

/// A denoiser as a user writes it.
void denoise(std::span<const double> x, const dd::level<>& at, std::span<double> eps) {
  const diffode_test::mixture data;
  for (std::size_t i = 0; i < x.size(); ++i) eps[i] = data.at(x[i], at).eps;
}

std::vector<double> expected() {
  std::vector<double> x{-0.8, 0.1, 1.2};
  dd::sample(dd::dpmpp_2m{}, levels, dd::eps(denoise), x);
  return x;
}

}  // namespace

TEST_CASE("a push run ends where the exact flow ends") {
  const diffode_test::mixture data;
  std::vector<double> x{-0.8, 0.1, 1.2};
  const std::vector<double> start = x;
  const dd::run_report report = dd::sample(dd::dpmpp_2m{}, levels, dd::eps(denoise), x);
  CHECK(report.outcome == dd::status::finished);
  CHECK(report.steps == 40);
  CHECK(report.calls == 40);
  // Order 2: 2e-5 at 320 steps (docs/orders.md), 64 times that at 40.
  for (std::size_t i = 0; i < 3; ++i) CHECK(std::abs(x[i] - data.flow(start[i], levels.front(), levels.back())) < 5e-3);
}

TEST_CASE("every form of denoiser gives the same run") {
  std::vector<double> a{-0.8, 0.1, 1.2}, b = a, c = a;
  dd::sample(dd::dpmpp_2m{}, levels, dd::eps([](std::span<const double> x, const dd::level<>& at, std::span<double> out, int which) {
               CHECK(which == 0);
               denoise(x, at, out);
             }), a);
  dd::sample(dd::dpmpp_2m{}, levels, dd::eps([](std::span<const double> x, std::span<const dd::level<>> at, std::span<double> out) {
               CHECK(at.size() == 1);
               denoise(x, at[0], out);
             }), b);
  dd::sample(dd::dpmpp_2m{}, levels, dd::eps([](const dd::request<double>& call, std::span<const std::span<double>> outs) {
               CHECK(outs.size() == 1);
               denoise(call.x, call.at, outs[0]);
             }), c);
  CHECK(a == expected());
  CHECK(b == expected());
  CHECK(c == expected());
}

TEST_CASE("a plan that was made before runs the same") {
  std::vector<double> x{-0.8, 0.1, 1.2};
  const dd::shared_plan made = dd::compile(dd::dpmpp_2m{}, levels, dd::eps_model{});
  dd::sample(made, dd::eps(denoise), x);
  CHECK(x == expected());
}

TEST_CASE("a denoiser may keep a state of its own") {
  std::vector<double> x{-0.8, 0.1, 1.2};
  int calls = 0;
  dd::sample(dd::dpmpp_2m{}, levels, dd::eps([&calls](std::span<const double> in, const dd::level<>& at, std::span<double> out) {
               ++calls;
               denoise(in, at, out);
             }), x);
  CHECK(calls == 40);
}

TEST_CASE("noise that was drawn elsewhere is used in the order of the steps") {
  const dd::grid g = vp.uniform(3);
  const std::size_t size = 4;
  std::vector<double> drawn(3 * size), x(size, 0.3), y = x;
  const dd::philox source{.seed = 2};
  for (std::uint32_t stream = 0; stream < 3; ++stream)
    for (std::uint32_t sample = 0; sample < 2; ++sample)
      for (std::uint32_t e = 0; e < 2; ++e) drawn[stream * size + sample * 2 + e] = source.normal(sample, stream, e);
  const dd::ddim how{.eta = 1};
  dd::sample(how, g, dd::eps(denoise), x, {.batch = 2}, source);
  dd::sample(how, g, dd::eps(denoise), y, {.batch = 2}, dd::recorded_noise<double>{drawn, 2, 2});
  CHECK(x == y);
}

TEST_CASE("lanes of a push run are told each its own level") {
  std::vector<double> x{0.5, 0.5, -0.2, -0.2}, a{0.5, 0.5}, b{-0.2, -0.2};
  const dd::grid other = diffode_test::family{"VP", dd::vp_linear{}, 0.6, 0.1}.uniform(40);
  const dd::fixed<dd::lanes> both({levels, other}, {.stride = 2, .count = 2});
  dd::sample(dd::dpmpp_2m{}, both, dd::eps([](std::span<const double> in, std::span<const dd::level<>> at, std::span<double> out) {
               CHECK(at.size() == 2);
               for (std::size_t l = 0; l < 2; ++l) denoise(in.subspan(2 * l, 2), at[l], out.subspan(2 * l, 2));
             }), x);
  dd::sample(dd::dpmpp_2m{}, levels, dd::eps(denoise), a);
  dd::sample(dd::dpmpp_2m{}, other, dd::eps(denoise), b);
  CHECK(x == std::vector<double>{a[0], a[1], b[0], b[1]});
}
