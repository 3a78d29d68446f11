// SPDX-License-Identifier: MIT
#include "diffode/run/adaptive.hpp"

#include "catch.hpp"
#include "conformance/families.hpp"
#include "conformance/mixture.hpp"
#include "conformance/told.hpp"
#include "diffode/method/ddim.hpp"
#include "diffode/method/dpm2.hpp"
#include "diffode/method/dpmpp_2m.hpp"
#include "diffode/method/exponential_rk.hpp"
#include "diffode/method/heun.hpp"
#include "diffode/method/reversible.hpp"
#include "diffode/method/rk.hpp"
#include "diffode/method/singlestep.hpp"
#include "diffode/model/bound.hpp"
#include "diffode/model/parameterisation.hpp"
#include "diffode/schedule/edm.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <vector>

namespace dd = diffode;
using namespace diffode_test;

namespace {

const std::vector<double> starts{-2.1, -0.7, 0.05, 0.9, 1.7};

/// A perfect model that counts how often it is asked and remembers where.
struct witness {
  told what = told::eps;
  std::vector<dd::level<>> asked{};

  void operator()(std::span<const double> x, const dd::level<>& at, std::span<double> out) {
    asked.push_back(at);
    for (std::size_t i = 0; i < x.size(); ++i) out[i] = returned(what, mixture{}.at(x[i], at), at);
  }
};

dd::adaptive over(const family& f, double tolerance, dd::step_rule rule = {}) {
  return {f.path, {.from = f.from, .to = f.to, .rtol = tolerance, .atol = tolerance, .rule = rule}};
}

double worst_error(const family& f, const std::vector<double>& x) {
  double worst = 0;
  for (std::size_t i = 0; i < x.size(); ++i)
    worst = std::fmax(worst, std::abs(x[i] - mixture{}.flow(starts[i] * f.path.at(f.from).sigma, f.path.at(f.from), f.path.at(f.to))));
  return worst;
}

std::vector<double> start_of(const family& f) {
  std::vector<double> x = starts;
  for (double& v : x) v *= f.path.at(f.from).sigma;
  return x;
}

/// Its first step takes fewer arrays than the others.
struct growing {
  static constexpr const char* name = "growing";
  static constexpr dd::prediction target = dd::prediction::x0;
  static constexpr int keep() { return 0; }
  static constexpr int order() { return 2; }

  template <dd::coefficient R>
  dd::value step(dd::recorder<R>& r, const dd::level<R>& s, const dd::level<R>& t) const {
    return r.position().index == 0 ? dd::heun{}.step(r, s, t) : dd::rk{.how = dd::butcher_tableau::dormand_prince(), .estimate = true}.step(r, s, t);
  }
  static dd::fault check() { return {}; }
};

std::string message(const dd::result<dd::run_report>& r) { return r ? "accepted" : r.reason()->what(); }

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

TEST_CASE("what adaptive control can not do is refused, with the reason") {
  const family f = families()[0];
  std::vector<double> x = start_of(f);
  const dd::adaptive where = over(f, 1e-3);
  const auto with = [&](const dd::adaptive_options& o) { return message(dd::try_sample(dd::heun{}, dd::adaptive(f.path, o), dd::eps(witness{}), x)); };
  CHECK(message(dd::try_sample(dd::dpmpp_2m{}, where, dd::eps(witness{}), x)) == "dpmpp_2m: it remembers 1 evaluation, needs 0 for adaptive control, which takes steps back");
  CHECK(message(dd::try_sample(dd::ddim{}, where, dd::eps(witness{}), x)) ==
        "ddim: step 0 has no estimate of lower order, needs one for adaptive control: take heun, dpm2, singlestep with p = 2 or 3, "
        "exponential_rk with a tableau of order 2, or rk with a tableau that has weights low and estimate = true");
  CHECK(message(dd::try_sample(dd::reversible<dd::heun>{}, where, dd::eps(witness{}), x)) ==
        "reversible: a second state travels with it, needs a method without one for adaptive control");
  CHECK(message(dd::try_sample(dd::heun{}, where, dd::eps(witness{}), x, {.batch = 2})) == "adaptive: batch is 2, needs a divisor of the size of x, 5");
  CHECK(message(dd::try_sample(dd::heun{}, where, dd::eps(witness{}), x, {.plan = {.denoise_at_end = true}})) ==
        "adaptive: options have a plan part, needs none: states are shown as they are accepted");
  CHECK(with({.from = 0.8, .to = 0}).find("adaptive: ") == 0);
  CHECK(with({.from = 2, .to = 0.1}) == "adaptive: from is 2, needs a time of the path vp_linear, from 0 to 1");
  CHECK(with({.from = 0.8, .to = 0.8}) == "adaptive: to is 0.8, needs another level than from");
  CHECK(with({.from = 0.8, .to = 0.1, .rtol = 0, .atol = 0}) == "adaptive: rtol is 0 and atol is 0, needs finite numbers from 0, not both 0");
  CHECK(with({.from = 0.8, .to = 0.1, .rtol = -1}) == "adaptive: rtol is -1 and atol is 0.0078, needs finite numbers from 0, not both 0");
  CHECK(with({.from = 0.8, .to = 0.1, .first_step = 0}) == "adaptive: first_step is 0, needs a number above 0");
  CHECK(with({.from = 0.8, .to = 0.1, .most_calls = 0}) == "adaptive: most_calls is 0, needs at least 1");
  CHECK(with({.from = 0.8, .to = 0.1, .rule = {.safety = 2}}) == "adaptive: rule.safety is 2, needs a number above 0, at most 1");
  CHECK(with({.from = 0.8, .to = 0.1, .rule = {.i = -1}}).find("adaptive: rule.p + rule.i + rule.d is -1") == 0);
  const double infinite = std::numeric_limits<double>::infinity();
  CHECK(with({.from = 0.8, .to = 0.1, .rtol = infinite}) == "adaptive: rtol is inf and atol is 0.0078, needs finite numbers from 0, not both 0");
  CHECK(with({.from = 0.8, .to = 0.1, .rule = {.floor = -1}}) == "adaptive: rule.floor is -1, needs a finite number from 0");
  for (const double within : {infinite, 100., -1., std::nan("")}) {
    CHECK(with({.from = 0.8, .to = 0.1, .within_lambda = within}).find("adaptive: within_lambda is " + std::string(dd::detail::text(within)) + ", needs a number from 0 and below ") == 0);
    CHECK(with({.from = 0.75, .to = 0.25, .within_time = within}) == "adaptive: within_time is " + std::string(dd::detail::text(within)) + ", needs a number from 0 and below 0.5, the way to go");
  }
  CHECK(with({.from = 0.75, .to = 0.25, .within_time = 0.5}) == "adaptive: within_time is 0.5, needs a number from 0 and below 0.5, the way to go");
  CHECK(x == start_of(f));
}

TEST_CASE("what the message of a missing estimate names has one") {
  const family f = families()[0];
  const auto runs = [&](const auto& how) {
    std::vector<double> x = start_of(f);
    return message(dd::try_sample(how, over(f, 1e-2), dd::eps(witness{}), x));
  };
  CHECK(runs(dd::heun{}) == "accepted");
  CHECK(runs(dd::dpm2{}) == "accepted");
  for (const int p : {2, 3}) CHECK(runs(dd::singlestep{.p = p}) == "accepted");
  CHECK(runs(dd::exponential_rk{.table = dd::etd2rk()}) == "accepted");
  CHECK(runs(dd::exponential_rk{}).find("exponential_rk: step 0 has no estimate") == 0);
  CHECK(runs(dd::rk{}).find("rk: step 0 has no estimate") == 0);
  for (const dd::butcher_tableau& table : {dd::butcher_tableau::bogacki_shampine(), dd::butcher_tableau::cash_karp(), dd::butcher_tableau::dormand_prince()})
    CHECK(runs(dd::rk{.how = table, .estimate = true}) == "accepted");
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

TEST_CASE("a step that can not be written ends the run and says why") {
  const family f = families()[0];
  const auto reason = [&](std::vector<int> orders) {
    std::vector<double> x = start_of(f), seen = x;
    const dd::singlestep how{.p = 3, .ends = dd::ramp::given(std::move(orders))};
    const dd::result<dd::run_report> done = dd::try_sample(how, over(f, 1e-3), dd::eps(witness{}), x, {},
                                                           [&](const dd::sight<double>& now) { seen.assign(now.x.begin(), now.x.end()); });
    CHECK(x == seen);
    return message(done);
  };
  CHECK(reason({2, 1}).find("singlestep: step 1 has no estimate of lower order, needs one for adaptive control") == 0);
  CHECK(reason({3}) == "accepted");
  std::vector<double> y = start_of(f);
  CHECK(message(dd::try_sample(growing{}, over(f, 1e-3), dd::eps(witness{}), y)) ==
        "growing: step 1 takes 8 arrays, needs at most 5, as step 0 does, for adaptive control: give no step a higher order than the first");

  std::vector<double> x = start_of(f), out(x.size());
  dd::adaptive_sampler s(dd::singlestep{.p = 2, .ends = dd::ramp::given({2, 1})}, over(f, 1e-3), dd::eps_model{}, x);
  dd::fault why;
  for (witness net; const auto call = s.next();) {
    net(call->x, call->at, out);
    why = s.try_feed(out);
  }
  REQUIRE(why);
  CHECK(std::string(why->what()).find("singlestep: step 1 has no estimate of lower order") == 0);
  CHECK(s.report().outcome == dd::status::stuck);
  CHECK(s.report().steps == 1);
}

TEST_CASE("an adaptive run takes the caller's memory, and says how much it needs") {
  const family f = families()[0];
  const dd::adaptive where = over(f, 1e-3);
  std::vector<double> x = start_of(f), same = x;
  const std::size_t needed = dd::adaptive_sampler<double, dd::heun, dd::model_form<dd::eps_model>>::bytes(dd::heun{}, where, dd::eps_model{}, x.size());
  std::vector<double> rest(needed / sizeof(double) + 1);
  const std::span<std::byte> memory = std::as_writable_bytes(std::span(rest));
  const auto with = [&](std::span<std::byte> given) { return message(dd::try_sample(dd::heun{}, where, dd::eps(witness{}), x, {.memory = given})); };
  CHECK(needed % (x.size() * sizeof(double)) == 0);
  CHECK(with(memory.first(needed - 1)) == "adaptive: size of memory is " + std::to_string(needed - 1) + " bytes, needs " + std::to_string(needed));
  CHECK(with(memory.subspan(1)).find("adaptive: address of memory is ") == 0);
  CHECK(with(memory.subspan(1)).find(", needs a multiple of 8") != std::string::npos);

  std::vector<double> both(needed / sizeof(double) + x.size());
  std::span<double> part = std::span(both).subspan(1, x.size());
  CHECK(message(dd::try_sample(dd::heun{}, where, dd::eps(witness{}), part, {.memory = std::as_writable_bytes(std::span(both))})) ==
        "adaptive: memory overlaps x, needs memory of its own");

  CHECK(with(memory.first(needed)) == "accepted");
  dd::sample(dd::heun{}, where, dd::eps(witness{}), same);
  CHECK(x == same);
}

TEST_CASE("an adaptive sampler is made as a sampler is, and refuses by throwing") {
  const family f = families()[0];
  std::vector<double> x = start_of(f), same = x, out(x.size());
  dd::adaptive_sampler s(dd::heun{}, over(f, 1e-3), dd::eps_model{}, x);
  for (witness net; const auto call = s.next(); s.feed(out)) net(call->x, call->at, out);
  CHECK(s.finished());
  dd::sample(dd::heun{}, over(f, 1e-3), dd::eps(witness{}), same);
  CHECK(x == same);
  CHECK_THROWS_AS(dd::adaptive_sampler(dd::ddim{}, over(f, 1e-3), dd::eps_model{}, x), dd::error);
}
