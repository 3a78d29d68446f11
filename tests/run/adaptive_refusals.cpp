// SPDX-License-Identifier: MIT
#include "diffode/run/adaptive.hpp"

#include "adaptive_probe.hpp"
#include "catch.hpp"
#include "diffode/method/ddim.hpp"
#include "diffode/method/dpm2.hpp"
#include "diffode/method/dpmpp_2m.hpp"
#include "diffode/method/exponential_rk.hpp"
#include "diffode/method/heun.hpp"
#include "diffode/method/reversible.hpp"
#include "diffode/method/rk.hpp"
#include "diffode/method/singlestep.hpp"

#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace dd = diffode;
using namespace diffode_test;

namespace {

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

}  // namespace

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
        "adaptive: options have a plan part, needs none: states are shown as they are accepted, and arrays change their roles");
  CHECK(message(dd::try_sample(dd::heun{}, where, dd::eps(witness{}), x, {.partner_in_memory = true})) ==
        "adaptive: partner_in_memory is true, needs false: no method of adaptive control has a second state");
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
