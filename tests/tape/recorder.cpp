// SPDX-License-Identifier: MIT
#include "diffode/tape/recorder.hpp"

#include "catch.hpp"
#include "diffode/diffode.hpp"
#include "tape/record.hpp"

#include <limits>
#include <string>
#include <vector>

using namespace diffode_test;

namespace {

/// A method made of one function, to see what its recorder does.
template <class Step>
struct by_hand {
  Step record;
  int most = 0;
  prediction target = prediction::x0;
  static constexpr const char* name = "by_hand";
  int keep() const { return most; }
  static int order() { return 1; }
  static fault check() { return {}; }
  template <coefficient R>
  value step(recorder<R>& r, const level<R>& s, const level<R>& t) const {
    return record(r, s, t);
  }
};
template <class Step>
by_hand(Step, int = 0, prediction = prediction::x0) -> by_hand<Step>;

grid levels() { return from_sigmas(ve{}, std::vector<double>{8, 4, 2, 1}); }
/// The weights below are products of powers of 2, but for the sigma of the first level: exp(log(8)) to a rounding.
const double tight = 1e-15;

}  // namespace

TEST_CASE("predict returns x0 or eps, as the target says, folded into the step") {
  const auto record = [](auto& r, const auto& s, const auto&) { return r.predict(r.state(), s); };
  const plan x0_plan = compile(by_hand{record}, levels(), eps_model{});
  CHECK(weight_of(x0_plan, combine_of(x0_plan), 0, held(0)) == 1);
  CHECK(weight_of(x0_plan, combine_of(x0_plan), 0, output()) == Approx(-8).epsilon(tight));
  const plan eps_plan = compile(by_hand{record, 0, prediction::eps}, levels(), x0_model{});
  CHECK(weight_of(eps_plan, combine_of(eps_plan), 0, held(0)) == Approx(1. / 8).epsilon(tight));
  CHECK(weight_of(eps_plan, combine_of(eps_plan), 0, output()) == Approx(-1. / 8).epsilon(tight));
}

TEST_CASE("with a filter, eps is made again from the filtered x0, but predict_both gives the model's own") {
  const auto again = [](auto& r, const auto& s, const auto&) { return r.predict(r.state(), s); };
  const plan p = compile(by_hand{again, 0, prediction::eps}, levels(), filtered(eps_model{}, clip{}));
  CHECK(shape_of(p) == "ckfkckfkckfk");
  CHECK(weight_of(p, combine_of(p, 1), 0, held(0)) == Approx(1. / 8).epsilon(tight));
  const auto own = [](auto& r, const auto& s, const auto&) { return r.predict_both(r.state(), s).eps; };
  const plan q = compile(by_hand{own}, levels(), eps_model{});
  CHECK(q.inputs(combine_of(q)).size() == 1);
  CHECK(weight_of(q, combine_of(q), 0, output()) == 1);
}

TEST_CASE("guidance weights multiply the outputs, and an output of weight zero is not asked for") {
  const auto record = [](auto& r, const auto& s, const auto&) { return r.predict(r.state(), s); };
  const plan p = compile(by_hand{record}, levels(), guided(x0_model{}, classifier_free(3)));
  CHECK(p.model_outputs() == 2);
  CHECK(weight_of(p, combine_of(p), 0, output(0)) == 3);
  CHECK(weight_of(p, combine_of(p), 0, output(1)) == -2);
  CHECK(p.call(0).outputs == 3);
  const plan conditional = compile(by_hand{record}, levels(), guided(x0_model{}, classifier_free(1)));
  CHECK(conditional.call(0).outputs == 1);
  const plan unconditional = compile(by_hand{record}, levels(), guided(x0_model{}, classifier_free(0)));
  CHECK(unconditional.call(0).outputs == 2);
}

TEST_CASE("a model with an input scale is shown the scaled state, while the step starts from the state") {
  const auto record = [](auto& r, const auto& s, const auto&) { return r.sum({{r.state(), 2}, {r.predict(r.state(), s), 1}}); };
  const plan p = compile(by_hand{record}, levels(), vp_input<x0_model>{});
  CHECK(shape_of(p) == "kckckck");
  CHECK(weight_of(p, combine_of(p, 0), 0, held(0)) == Approx(1 / std::sqrt(65.)).epsilon(1e-15));
  CHECK(weight_of(p, combine_of(p, 1), 0, held(0)) == 2);
}

TEST_CASE("every call of noise is a stream of its own, numbered over the run") {
  const auto record = [](auto& r, const auto&, const auto&) { return r.sum({{r.state(), 1}, {r.noise(), 2}, {r.noise(), 3}}); };
  const plan p = compile(by_hand{record}, levels(), x0_model{});
  CHECK(p.noises() == 6);
  REQUIRE(p.kernels() == 1);  // no evaluation: three steps are one kernel
  for (int stream = 0; stream < 6; ++stream)
    CHECK(weight_of(p, combine_of(p), 0, {operand::kind::noise, stream}) == 2 + stream % 2);
}

TEST_CASE("noise may be the state of the next step, and be evaluated or watched") {
  const auto record = [](auto& r, const auto& s, const auto&) {
    r.predict(r.state(), s);
    return r.noise();
  };
  const plan p = compile(by_hand{record}, levels(), x0_model{}, {.watch_state = true});
  std::vector<double> x{1, 2}, shown;
  sampler s(shared_plan(p), x);
  std::vector<std::vector<double>> watched;
  while (const auto call = s.next()) {
    shown.insert(shown.end(), call->x.begin(), call->x.end());
    s.feed(std::vector<double>{0, 0}, [&](const sight<double>& now) { watched.emplace_back(now.x.begin(), now.x.end()); });
  }
  std::vector<double> z(6);
  for (std::uint32_t stream = 0; stream < 3; ++stream) philox{}.fill(0, stream, 0, std::span<double>(z).subspan(2 * stream, 2));
  CHECK(shown == std::vector<double>{1, 2, z[0], z[1], z[2], z[3]});
  CHECK(x == std::vector<double>{z[4], z[5]});
  REQUIRE(watched.size() == 3);
  CHECK(watched[0] == std::vector<double>{z[0], z[1]});
  CHECK(watched[2] == x);
}

TEST_CASE("a method remembers as many evaluations as it keeps, newest first, with their level and order") {
  std::vector<std::size_t> depth;
  std::vector<double> sigma_of_oldest;
  std::vector<int> order_of_newest;
  const auto record = [&](auto& r, const auto& s, const auto&) {
    depth.push_back(r.depth());
    if (r.depth() > 0) {
      sigma_of_oldest.push_back(lane(r.past(r.depth() - 1).at.sigma, 0));
      order_of_newest.push_back(r.past(0).order);
    }
    const value m = r.predict(r.state(), s);
    r.remember(m, s, 10 + r.position().index);
    return m;
  };
  compile(by_hand{record, 2}, from_sigmas(ve{}, std::vector<double>{16, 8, 4, 2, 1}), x0_model{});
  CHECK(depth == std::vector<std::size_t>{0, 1, 2, 2});
  REQUIRE(sigma_of_oldest.size() == 3);
  CHECK(sigma_of_oldest[1] == Approx(16).epsilon(tight));
  CHECK(sigma_of_oldest[2] == Approx(8).epsilon(tight));
  CHECK(order_of_newest == std::vector<int>{10, 11, 12});
}

TEST_CASE("a method knows where in the run its step lies, and levels between two points") {
  std::vector<int> remaining;
  double between = 0;
  const auto record = [&](auto& r, const auto& s, const auto& t) {
    remaining.push_back(r.position().remaining());
    between = lane(r.at_lambda((s.lambda + t.lambda) * 0.5).sigma, 0);
    return r.state();
  };
  compile(by_hand{record}, levels(), x0_model{});
  CHECK(remaining == std::vector<int>{3, 2, 1});
  CHECK(between == Approx(std::sqrt(2.)).epsilon(1e-15));
}

TEST_CASE("a coefficient that is not finite refuses the run, naming the step, its levels and a way out") {
  const grid from_nothing = from_times(flow{}, std::vector<double>{1, 0.5, 0});
  const auto refused = try_compile(dpmpp_2m{}, from_nothing, eps_model{});
  REQUIRE_FALSE(refused);
  CHECK(refused.reason()->code() == errc::bad_model);
  CHECK(refused.reason()->what() ==
        std::string("dpmpp_2m: a coefficient of step 0 (lambda -inf to 0, alpha 0 to 0.5, sigma 1 to 0.5) is inf, needs a finite number: "
                    "noise prediction (an eps or score model, or target eps of the method) has no limit where alpha = 0 "
                    "or sigma = 0; predict something else there, or move that end of the grid"));
  const auto not_a_number = [](auto& r, const auto&, const auto&) { return r.sum({{r.state(), std::numeric_limits<double>::quiet_NaN()}}); };
  CHECK_THROWS_WITH(compile(by_hand{not_a_number}, levels(), x0_model{}), diffode_test::contains("by_hand: a coefficient of step 0") && diffode_test::contains("is nan, needs a finite number"));
}

TEST_CASE("with lanes one coefficient that is not finite is enough to refuse the run") {
  const grid good = from_times(flow{}, std::vector<double>{0.9, 0.5}), bad = from_times(flow{}, std::vector<double>{0.9, 0.25});
  const auto pole_at_a_quarter = [](auto& r, const auto&, const auto& t) { return r.sum({{r.state(), 1 / (t.sigma - 0.25)}}); };
  const auto refused = try_compile(by_hand{pole_at_a_quarter}, fixed<lanes>({good, bad}, {1, 2}), x0_model{});
  REQUIRE_FALSE(refused);
  CHECK_THAT(refused.reason()->what(), diffode_test::contains("is inf, needs a finite number"));
}
