// SPDX-License-Identifier: MIT
#include "diffode/run/adaptive.hpp"

#include "adaptive_probe.hpp"
#include "catch.hpp"
#include "diffode/method/heun.hpp"
#include "diffode/schedule/edm.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <vector>

namespace dd = diffode;
using namespace diffode_test;

namespace {

double worst_error(const family& f, const std::vector<double>& x) {
  double worst = 0;
  for (std::size_t i = 0; i < x.size(); ++i)
    worst = std::fmax(worst, std::abs(x[i] - mixture{}.flow(start_values[i] * f.path.at(f.from).sigma, f.path.at(f.from), f.path.at(f.to))));
  return worst;
}

}  // namespace

TEST_CASE("a tighter tolerance costs more evaluations and brings the error down in proportion") {
  for (const family& f : families())
    for (const dd::step_rule& rule : {dd::step_rule::dpm_solver(), dd::step_rule::k_diffusion(), dd::step_rule::pi()}) {
      double before = 1e9;
      int calls_before = 0;
      for (const double tolerance : {1e-2, 1e-3, 1e-4, 1e-5}) {
        std::vector<double> x = start_of(f);
        witness net;
        const dd::run_report done = dd::sample(dd::heun{}, over(f, tolerance, rule), dd::eps(std::ref(net)), x);
        INFO(f.name << ", tolerance " << tolerance << ", " << done.calls << " calls, " << done.rejected << " rejected, error " << worst_error(f, x));
        CHECK(done.outcome == dd::status::finished);
        CHECK(done.calls == static_cast<int>(net.asked.size()));
        CHECK(done.calls > calls_before);
        CHECK(worst_error(f, x) < before / 3);
        // The error of a step is that of the order below, so the result is better than the tolerance asks for, per step.
        CHECK(worst_error(f, x) < 10 * tolerance * done.steps);
        before = worst_error(f, x), calls_before = done.calls;
      }
    }
}

TEST_CASE("an evaluation is never repeated after a rejection") {
  int rejected = 0;
  for (const family& f : families())
    for (const dd::step_rule& rule : {dd::step_rule::dpm_solver(), dd::step_rule::k_diffusion()}) {
      std::vector<double> x = start_of(f);
      witness net;
      dd::adaptive_options o{.from = f.from, .to = f.to, .rtol = 1e-3, .atol = 1e-3, .first_step = 1.5, .rule = rule};
      const dd::run_report done = dd::sample(dd::heun{}, dd::adaptive(f.path, o), dd::eps(std::ref(net)), x);
      // Two evaluations make a step; a rejected one costs the second alone.
      CHECK(done.calls == 2 * done.steps + done.rejected);
      rejected += done.rejected;
    }
  CHECK(rejected > 5);
}

TEST_CASE("a run that keeps predictions through rejections is the run that asks again") {
  // The same steps on fixed grids of one step each: nothing of an attempt that was taken back is left behind.
  const family f = families()[0];
  std::vector<double> x = start_of(f), expected = x;
  witness net;
  dd::adaptive_sampler s = dd::adaptive_sampler<double, dd::heun, dd::model_form<dd::eps_model>>::try_make(
      dd::heun{}, dd::adaptive(f.path, {.from = f.from, .to = f.to, .rtol = 1e-3, .atol = 1e-4, .first_step = 2}), dd::as_form(dd::eps_model{}), x).value();
  std::vector<double> out(x.size());
  int steps = 0, attempts = 0;
  while (const auto call = s.next()) {
    CHECK(s.next()->x.data() == call->x.data());
    net(call->x, call->at, out);
    s.feed(out, [&](const dd::sight<double>& now) {
      const dd::attempt& last = s.last_attempt();
      CHECK(now.point == ++steps);
      const std::vector<dd::level<>> ends{last.from, last.to};
      dd::sample(dd::heun{}, dd::from_levels(f.path, ends), dd::eps(std::ref(net)), expected);
      for (std::size_t i = 0; i < expected.size(); ++i) CHECK(std::abs(now.x[i] - expected[i]) < 1e-14);
      expected.assign(now.x.begin(), now.x.end());
      CHECK(last.accepted);
      CHECK(last.error <= 1);
    });
    attempts = s.report().steps + s.report().rejected;
  }
  CHECK(s.finished());
  CHECK(s.report().rejected > 0);
  CHECK(steps == s.report().steps);
  CHECK(attempts > steps);
  CHECK(s.at().lambda == f.path.at(f.to).lambda);
  CHECK(x == expected);
  CHECK(std::string(s.try_feed(out)->what()) == "feed: the run has ended after " + std::to_string(s.report().calls) + " evaluations, needs a next() that asks for one");
}

TEST_CASE("the cap on evaluations is kept, and the state is then that of the last accepted level") {
  const family f = families()[0];
  for (int most = 1; most <= 12; ++most) {
    std::vector<double> x = start_of(f), same = x;
    witness net;
    auto s = dd::adaptive_sampler<double, dd::heun, dd::model_form<dd::eps_model>>::try_make(
        dd::heun{}, dd::adaptive(f.path, {.from = f.from, .to = f.to, .rtol = 1e-4, .atol = 1e-4, .most_calls = most}), dd::as_form(dd::eps_model{}), x).value();
    std::vector<double> out(x.size()), accepted = x;
    while (const auto call = s.next()) {
      net(call->x, call->at, out);
      s.feed(out, [&](const dd::sight<double>& now) { accepted.assign(now.x.begin(), now.x.end()); });
    }
    CHECK(s.report().outcome == dd::status::exhausted);
    CHECK(s.report().calls <= most);
    CHECK(s.report().calls >= most - 1);
    CHECK(x == accepted);
  }
}

TEST_CASE("a model that answers no numbers ends the run instead of keeping it") {
  const family f = families()[0];
  for (const double bad : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    std::vector<double> x = start_of(f), before = x;
    const auto net = [&](std::span<const double>, const dd::level<>&, std::span<double> out) { std::fill(out.begin(), out.end(), bad); };
    const dd::run_report done = dd::sample(dd::heun{}, over(f, 1e-3), dd::eps(net), x);
    CHECK(done.outcome == dd::status::stuck);
    CHECK(done.steps == 0);
    CHECK(x == before);
  }
}

TEST_CASE("the worst sample decides, or the whole batch") {
  // One sample at rest (its prediction is constant) and one that moves.
  const family f = families()[0];
  const auto calls = [&](std::vector<double> x, std::size_t batch, dd::error_norm norm) {
    dd::step_rule rule;
    rule.over = norm;
    return dd::sample(dd::heun{}, over(f, 1e-3, rule), dd::eps(witness{}), x, {.batch = batch}).calls;
  };
  const int alone = calls({0.9}, 1, dd::error_norm::worst_sample);
  CHECK(calls({0.9, 0.9, 0.9, 0.9}, 4, dd::error_norm::worst_sample) == alone);
  CHECK(calls({0.9, 0.9, 0.9, 0.9}, 4, dd::error_norm::whole_batch) == alone);
  const int worst = calls({0.9, 8, 8, 8}, 4, dd::error_norm::worst_sample), mean = calls({0.9, 8, 8, 8}, 4, dd::error_norm::whole_batch);
  CHECK(worst > mean);
}

TEST_CASE("a run goes the other way too, and back to where it came from") {
  for (const family& f : families()) {
    std::vector<double> x = start_of(f);
    const std::vector<double> noise = x;
    dd::adaptive_options there{.from = f.from, .to = f.to, .rtol = 1e-6, .atol = 1e-6, .most_calls = 100000};
    CHECK(dd::sample(dd::heun{}, dd::adaptive(f.path, there), dd::eps(witness{}), x).outcome == dd::status::finished);
    dd::adaptive_options back = there;
    std::swap(back.from, back.to);
    const dd::run_report done = dd::sample(dd::heun{}, dd::adaptive(f.path, back), dd::eps(witness{}), x);
    CHECK(done.outcome == dd::status::finished);
    for (std::size_t i = 0; i < x.size(); ++i) CHECK(std::abs(x[i] - noise[i]) < 1e-3 * (1 + std::abs(noise[i])));
  }
}

TEST_CASE("a watcher may stop an adaptive run; the state is then what it saw last") {
  const family f = families()[1];
  std::vector<double> x = start_of(f), last;
  const dd::run_report done = dd::sample(dd::heun{}, over(f, 1e-3), dd::eps(witness{}), x, {}, [&](const dd::sight<double>& now) {
    last.assign(now.x.begin(), now.x.end());
    return now.point < 5;
  });
  CHECK(done.outcome == dd::status::stopped);
  CHECK(done.steps == 5);
  CHECK(x == last);
}

TEST_CASE("steps without any error do not spoil what the rule remembers") {
  // The Euler step is exact while the prediction is constant; then the first real error must not end the run.
  for (const dd::step_rule& rule : {dd::step_rule::pi(), dd::step_rule{.p = 0.2, .i = 0.3, .d = 0.1}, dd::step_rule::dpm_solver()}) {
    std::vector<double> x{80};
    const auto net = [](std::span<const double>, const dd::level<>& at, std::span<double> out) { out[0] = at.sigma > 0.5 ? 0 : 5 * std::sin(20 * at.sigma); };
    const dd::run_report done = dd::sample(dd::heun{}, dd::adaptive(dd::edm{}, {.from = 80, .to = 0.002, .rule = rule}), dd::x0(net), x);
    INFO(rule.p << ": " << done.steps << " steps, " << done.rejected << " rejected");
    CHECK(done.outcome == dd::status::finished);
    CHECK(done.rejected > 0);
  }
}
