// SPDX-License-Identifier: MIT
#include "conformance/moments.hpp"

#include "catch.hpp"
#include "conformance/laws.hpp"
#include "diffode/grid/table.hpp"
#include "diffode/method/ddim.hpp"
#include "diffode/run/start.hpp"

#include <algorithm>
#include <random>
#include <string>

using namespace diffode_test;

namespace {

constexpr std::size_t samples = 100, elements = 500;

/// Many runs from the noised data at once.
sampled draw(const diffode::plan& made, const diffode::grid& g, told what) {
  const normal data;
  std::vector<double> x(samples * elements);
  diffode::fill_with_noise(x, {.sigma = std::sqrt(data.variance(g.front()))}, diffode::philox{.seed = 3}, samples);
  for (double& v : x) v += g.front().alpha * data.mean;
  return sampled(run(made, x, perfect(what, data), samples, {.seed = 3}));
}

/// The results are a normal of the exact moments. With N independent normals the mean is off by more than 6.5 sqrt(V/N) and the
/// variance by more than 6.5 V sqrt(2/N) with a chance below 2e-10 each, and the kurtosis by more than 8 sqrt(24/N) below
/// 1e-11 (e^-28: a few large numbers on top of a bulk that is off). With 1000 checks, a false alarm for one seed in 2 million.
void check_drawn(const sampled& got, const moments& exact) {
  CHECK(std::abs(got.mean - exact.mean) <= 6.5 * std::sqrt(exact.variance / got.count));
  CHECK(std::abs(got.variance - exact.variance) <= 6.5 * exact.variance * std::sqrt(2 / got.count));
  CHECK(std::abs(got.kurtosis - 3) <= 8 * std::sqrt(24 / got.count));
}

std::vector<subject> random_of(const std::vector<subject>& subjects) {
  std::vector<subject> all;
  for (const subject& s : subjects)
    if (is_random(s)) all.push_back(s);
  return all;
}

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

}  // namespace

TEST_CASE("every random method has a law, and every law a method") {
  std::vector<std::string> names;
  for (const subject& s : random_of(all_subjects())) names.push_back(s.name());
  for (const named_law& l : laws()) {
    INFO(l.subject);
    CHECK(std::count(names.begin(), names.end(), l.subject) == 1);
  }
  for (const std::string& n : names) {
    INFO("tests/conformance/laws.hpp has no line for " << n);
    CHECK(law_of(n) != nullptr);
  }
}

TEST_CASE("the moments that are read off a plan are those of the closed form of ddim") {
  const normal data;
  for (const family& f : families())
    for (const double eta : {0.0, 0.5, 1.0})
      for (const told what : every_told)
        for (const bool to_zero : {false, true}) {
          const diffode::grid g = to_zero ? f.uniform_to_zero(6) : f.uniform(6);
          const moments got = exact_moments(subject_of(diffode::ddim{.eta = eta}).on(g, what), g, what), exact = closed_form(g, eta, data);
          INFO(f.name << ", eta = " << eta << ", " << name(what) << ", end at sigma " << g.back().sigma);
          // Some ten roundings per step of numbers up to sigma = 20, and the eps model's x0 divides by alpha = 0.04.
          CHECK(std::abs(got.mean - exact.mean) <= 1e-13);
          CHECK(std::abs(got.variance - exact.variance) <= 1e-12);
        }
}

TEST_CASE("what random methods draw has the exact mean and variance of the plan, and the kurtosis of a normal") {
  for (const subject& s : random_of(subjects_to_measure()))
    for (const family& f : families()) {
      const told what = s.target == diffode::prediction::eps ? told::eps : told::v;
      for (const bool to_zero : {false, true}) {
        const diffode::grid g = to_zero ? f.uniform_to_zero(6) : f.uniform(6);
        const diffode::plan made = s.on(g, what);
        INFO(s.name() << " on " << f.name << ", end at sigma " << g.back().sigma);
        check_drawn(draw(made, g, what), exact_moments(made, g, what));
      }
    }
}

TEST_CASE("the exact moments of random methods converge to those of the noised data, in the order of their law") {
  const normal data;
  for (const subject& s : random_of(subjects_to_measure())) {
    const law* how = law_of(s.name());
    if (!how || how->variance == 0) continue;
    for (const family& f : families()) {
      const auto off_with = [&](int steps) {
        const diffode::grid g = f.uniform(steps);
        const moments m = exact_moments(s.on(g, told::x0), g, told::x0);
        // At the mean, x0 is the mean and eps is 0, which both forms follow exactly: a thousand steps of a few roundings.
        INFO(s.name() << " on " << f.name << ": mean off by " << m.mean - g.back().alpha * data.mean);
        CHECK(std::abs(m.mean - g.back().alpha * data.mean) <= 1e-11);
        return std::abs(m.variance / data.variance(g.back()) - 1);
      };
      // Below a millionth, where a term of higher order is still as large, there is no order to be seen: with fewer steps there is.
      int steps = 640;
      double off[2] = {off_with(steps), off_with(2 * steps)};
      for (; off[1] < 1e-6 && steps > 20; off[1] = off[0], off[0] = off_with(steps)) steps /= 2;
      INFO(s.name() << " on " << f.name << ", " << steps << " steps: variance off by " << off[0] << ", " << off[1] << ", order " << std::log2(off[0] / off[1]));
      CHECK(std::log2(off[0] / off[1]) > how->variance - 0.15);
      CHECK(off[1] < 0.1);
    }
  }
}

TEST_CASE("without noise, random methods follow the drift of their equation in the order that they claim") {
  for (const subject& s : random_of(subjects_to_measure())) {
    const law* how = law_of(s.name());
    if (!how || !how->tau2) continue;
    for (const family& f : families()) {
      const std::vector<double> starts{-2.1, -0.7, 0.05, 0.9, 1.7};
      std::vector<double> x, exact;
      for (const double z : starts) {
        const diffode::level<> from = f.path.at(f.from);
        x.push_back(std::hypot(from.alpha, from.sigma) * z);
        exact.push_back(drifted(x.back(), f, *how, from, f.path.at(f.to)));
      }
      double off[2] = {0, 0};
      for (const int finer : {0, 1}) {
        // Enough steps for the next term of the error to be small, not so many that rounding is seen.
        const int steps = (how->drift < 4 ? 640 : 320) << finer;
        const diffode::plan made = s.plan_full(f.graded(steps), {{told::x0}});
        const std::vector<double> silence(static_cast<std::size_t>(made.noises()) * x.size()), y = run_with(made, x, silence, perfect<mixture>(told::x0));
        for (std::size_t i = 0; i < x.size(); ++i) off[finer] += std::pow(y[i] - exact[i], 2);
      }
      const double order = 0.5 * std::log2(off[0] / off[1]);
      INFO(s.name() << " on " << f.name << ": order " << order << ", error " << std::sqrt(off[1] / 5));
      CHECK(std::abs(order - how->drift) <= 0.15);
    }
  }
}

TEST_CASE("a step of a method that keeps the variance of the noise does so for any two levels") {
  std::mt19937 random(5);
  std::uniform_real_distribution<double> start(-4, 3), length(0.001, 4);
  for (const subject& s : random_of(subjects_to_measure())) {
    const law* how = law_of(s.name());
    if (!how || !how->keeps_variance) continue;
    double worst = 0;
    for (const family& f : families())
      for (int k = 0; k < 400; ++k) {
        const double lambda = start(random);
        const diffode::level<> from = f.path.at_lambda(lambda), to = f.path.at_lambda(lambda + length(random));
        const std::vector<diffode::level<>> both{from, to};
        const diffode::plan made = s.on(diffode::from_levels(f.path, both), told::x0);
        // A frozen answer of 0, and a unit vector for the start and for each noise.
        const std::size_t noises = static_cast<std::size_t>(made.noises()), size = noises + 1;
        std::vector<double> x(size), z(noises * size);
        x[0] = 1;
        for (std::size_t n = 0; n < noises; ++n) z[n * size + n + 1] = 1;
        const std::vector<double> y = run_with(made, x, z, [](const auto&, std::span<double> out) { for (double& v : out) v = 0; });
        double sum = std::pow(y[0] * from.sigma, 2);
        for (std::size_t n = 1; n < size; ++n) sum += y[n] * y[n];
        worst = std::fmax(worst, std::abs(sum / (to.sigma * to.sigma) - 1));
      }
    INFO(s.name());
    CHECK(worst <= 1e-13);  // a dozen roundings
  }
}
