// SPDX-License-Identifier: MIT
#include "catch.hpp"
#include "conformance/families.hpp"
#include "conformance/runs.hpp"
#include "conformance/subject.hpp"
#include "diffode/method/ddim.hpp"
#include "diffode/run/start.hpp"

#include <cmath>
#include <string>

using namespace diffode_test;

namespace {

constexpr std::size_t samples = 100, elements = 500;

/// One normal as data, and its perfect model: linear in x.
struct normal {
  double mean = 0.8, deviation = 0.3;

  double variance(const diffode::level<>& l) const { return std::pow(l.alpha * deviation, 2) + l.sigma * l.sigma; }
  truth at(double x, const diffode::level<>& l) const {
    const double off = (x - l.alpha * mean) / variance(l);
    return {mean + l.alpha * deviation * deviation * off, l.sigma * off};
  }
};

struct moments {
  double mean, variance;
};

/// What DDIM does to a normal, from Song et al. 2021, arXiv:2010.02502, eq. (12) and (16), for any alpha and sigma: each
/// step is x_t = alpha_t x0 + sqrt(sigma_t^2 - c^2) eps + c z with c = eta sigma_t sqrt(1 - (rho_t/rho_s)^2), and x0 and eps
/// are linear in x_s.
moments closed_form(const diffode::grid& g, double eta, const normal& data) {
  moments now{g.front().alpha * data.mean, data.variance(g.front())};
  for (std::size_t i = 0; i + 1 < g.size(); ++i) {
    const diffode::level<>&s = g[i], &t = g[i + 1];
    const double ratio = diffode::rho(t) / diffode::rho(s), c = eta * t.sigma * std::sqrt(1 - ratio * ratio);
    const double q = std::sqrt(t.sigma * t.sigma - c * c), v = data.variance(s);
    const double gain = t.alpha * s.alpha * data.deviation * data.deviation / v + q * s.sigma / v;
    now = {t.alpha * data.mean + gain * (now.mean - s.alpha * data.mean), gain * gain * now.variance + c * c};
  }
  return now;
}

moments of(const std::vector<double>& x) {
  double sum = 0, square = 0;
  for (const double v : x) sum += v;
  const double mean = sum / static_cast<double>(x.size());
  for (const double v : x) square += (v - mean) * (v - mean);
  return {mean, square / static_cast<double>(x.size() - 1)};
}

}  // namespace

TEST_CASE("ddim with noise has the mean and the variance of its closed form on a normal") {
  const normal data;
  for (const family& f : families())
    for (const double eta : {0.0, 0.5, 1.0})
      for (const told what : {told::eps, told::x0, told::v, told::flow})
        for (const bool to_zero : {false, true}) {
          const diffode::grid g = to_zero ? f.uniform_to_zero(6) : f.uniform(6);
          std::vector<double> x(samples * elements);
          diffode::fill_with_noise(x, {.sigma = std::sqrt(data.variance(g.front()))}, diffode::philox{.seed = 3}, samples);
          for (double& v : x) v += g.front().alpha * data.mean;
          const answer_to<double> net = [&](const diffode::request<double>& call, std::span<double> out) {
            for (std::size_t i = 0; i < out.size(); ++i) out[i] = returned(what, data.at(call.x[i], call.at), call.at);
          };
          const moments got = of(run(subject_of(diffode::ddim{.eta = eta}).on(g, what), x, net, samples, {.seed = 3}));
          const moments exact = closed_form(g, eta, data);
          INFO(f.name << ", eta = " << eta << ", " << name(what) << ", end at sigma " << g.back().sigma);
          // N independent normals: mean off by more than 5 sqrt(V/N), variance by more than 5 V sqrt(2/N), has a
          // chance of 6e-7 each; with 144 checks a false alarm in 1 of 12000 seeds.
          const double n = static_cast<double>(x.size());
          CHECK(std::abs(got.mean - exact.mean) <= 5 * std::sqrt(exact.variance / n));
          CHECK(std::abs(got.variance - exact.variance) <= 5 * exact.variance * std::sqrt(2 / n));
        }
}

TEST_CASE("the fine limit of ddim has the moments of the noised data, with any amount of noise") {
  const normal data;
  const diffode::grid g = families()[1].uniform(2000);
  for (const double eta : {0.0, 0.5, 1.0}) {
    const moments m = closed_form(g, eta, data);
    // A method of order 1 with h = 0.003, times a variance of 0.09.
    CHECK(std::abs(m.mean - data.mean) < 1e-12);
    CHECK(std::abs(m.variance - data.variance(g.back())) < 3e-4);
  }
}

TEST_CASE("each step draws noise of its own, and each seed, sample and element another one") {
  const diffode::grid g = families()[0].uniform(3);
  const auto zero = [](const diffode::request<double>& call, std::span<double> out) {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = 0 * call.x[i];
  };
  const diffode::shared_plan made = subject_of(diffode::ddim{.eta = 1}).on(g, told::x0);
  CHECK(made->noises() == 3);
  const std::vector<double> a = run(made, std::vector<double>(12), zero, 3, {.seed = 5}), b = run(made, std::vector<double>(12), zero, 3, {.seed = 6});
  for (std::size_t i = 0; i < a.size(); ++i) {
    CHECK(a[i] != b[i]);
    for (std::size_t j = 0; j < i; ++j) CHECK(a[i] != a[j]);
  }
  // The last step's noise alone: c = sigma_t sqrt(1 - e^(-2h)), stream 2, where the state before was 0 in x0 and noise.
  std::vector<double> x(12), out(12);
  diffode::sampler<double> s(made, x, {.batch = 3}, diffode::philox{.seed = 5});
  for (int k = 0; k < 2; ++k) {
    s.feed(out);
  }
  const std::vector<double> before = x;
  s.feed(out);
  const double h = g[3].lambda - g[2].lambda, c = g[3].sigma * std::sqrt(-std::expm1(-2 * h)), kept = g[3].sigma / g[2].sigma * std::exp(-h);
  for (std::uint32_t sample = 0; sample < 3; ++sample)
    for (std::uint32_t e = 0; e < 4; ++e)
      CHECK(std::abs(x[sample * 4 + e] - kept * before[sample * 4 + e] - c * diffode::philox{.seed = 5}.normal(sample, 2, e)) < 1e-14);
}

TEST_CASE("without noise the seed does not matter") {
  const diffode::plan p = subject_of(diffode::ddim{}).on(families()[0].uniform(4), told::eps);
  CHECK_FALSE(p.uses_noise());
  CHECK(p.noises() == 0);
}
