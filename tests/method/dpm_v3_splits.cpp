// SPDX-License-Identifier: MIT
//
// Statistics that stand for a prediction: the linear part of a model's output psi = a eps + beta x + gamma.
#include "diffode/method/dpm_v3.hpp"

#include "catch.hpp"
#include "conformance/runs.hpp"
#include "method/exact_statistics.hpp"
#include "method/probe.hpp"

#include <vector>

using namespace diffode_test;

namespace {

/// Statistics at equidistant lambdas from functions of them.
template <class L, class S, class B>
model_statistics table(double from, double to, int steps, L l, S s, B b) {
  std::vector<double> lambda, all[3];
  for (int i = 0; i <= steps; ++i) {
    lambda.push_back(i == steps ? to : from + (to - from) / steps * i);
    all[0].push_back(l(lambda.back())), all[1].push_back(s(lambda.back())), all[2].push_back(b(lambda.back()));
  }
  return model_statistics::make({.lambda = lambda, .l = all[0], .s = all[1], .b = all[2]});
}

constexpr by_lambda vp{.vp = true};

}  // namespace

TEST_CASE("with the statistics of v prediction the first order is Euler's method along the angle") {
  const auto error = [](int steps) {
    const model_statistics v = table(-2, 2, steps, [](double l) { return vp.drift(l); }, [](double l) { return vp.drift(l) - 1; }, [](double) { return 0; });
    const grid g = at_lambdas({-2, 0, 2}, vp);
    const double start = 0.8, answers[] = {0.3, -1.1};
    const double y = run(compile(dpm_v3{.statistics = v, .p = 1, .corrector = v3_corrector::none}, g, v_model{}), {start},
                         answer_to<double>([&](const request<double>& call, std::span<double> out) { out[0] = answers[call.index]; }))[0];
    // alpha = cos phi, sigma = sin phi: a constant v moves x by v times the angle.
    const auto angle = [](double lambda) { return std::atan(std::exp(-lambda)); };
    return std::abs(y - (start + answers[0] * (angle(0) - angle(-2)) + answers[1] * (angle(2) - angle(0))));
  };
  CHECK(error(40) < 0.1 * 0.1);  // that of the trapezoidal rule, d^2
  CHECK(error(40) / error(80) == Approx(4).epsilon(0.02));
}

TEST_CASE("a prediction a eps + beta x + gamma has statistics on which it is what is kept, times a constant") {
  const auto a = [](double l) { return std::exp(0.4 * l) * (2 + std::sin(l)); };
  const auto a_slope = [&](double l) { return 0.4 * a(l) + std::exp(0.4 * l) * std::cos(l); };
  const auto beta = [](double l) { return 0.3 + 0.2 * std::cos(l); };
  const auto gamma = [](double l) { return std::sin(2 * l); };
  const auto gamma_slope = [](double l) { return 2 * std::cos(2 * l); };
  const auto l_of = [&](double l) { return -vp.sigma(l) * beta(l) / a(l); };
  const double x = 0.7, noise = -0.4, from = 0.5;
  const auto error = [&](int steps) {
    const model_statistics made = table(-1, 2, steps, l_of, [&](double l) { return -1 - a_slope(l) / a(l); }, [&](double l) { return -std::exp(-l) * gamma_slope(l) / a(l); });
    double most = 0;
    for (const double at : {-0.4, 0.2, 1.1, 2.0}) {
      const double f = (vp.sigma(at) * noise - l_of(at) * x) / vp.alpha(at), psi = a(at) * noise + beta(at) * x + gamma(at);
      const statistics_shift<double> seen = made.shift(from, at);
      most = std::fmax(most, std::abs(seen.fade * f - seen.B - std::exp(-from) / a(from) * (psi - gamma(from))));
    }
    return most;
  };
  CHECK(error(30) < 0.1 * 0.1);
  CHECK(error(30) / error(60) == Approx(4).epsilon(0.03));
}
