// SPDX-License-Identifier: MIT
#include "diffode/method/unipc.hpp"

#include "catch.hpp"
#include "method/probe.hpp"

#include <string>

using namespace diffode_test;

namespace {

/// A step with h = 0.5 and past evaluations 0.4 and 1.1 before its start.
exponential_step<double> golden(prediction form) { return exponential(form, ve{}.at_lambda(0), ve{}.at_lambda(0.5)); }

void check_corrector(unified form, prediction target, std::span<const double> d, row wanted) {
  const auto w = unified_corrector(form, golden(target), d);
  CHECK(w.at_target == Approx(wanted[0]).epsilon(1e-14));
  for (std::size_t j = 0; j < d.size(); ++j) CHECK(w.at_node[j] == Approx(wanted[j + 1]).epsilon(1e-14));
}

/// Weights {w_t, w_0, w_1, ...} by which the corrector makes the state at point `i` (below the last) from that before.
row corrected_weights(const unipc& how, const grid& levels, std::size_t i) {
  const probe p = how.target == prediction::x0 ? probe(how, levels, x0_model{}) : probe(how, levels, eps_model{});
  const double a = p.state[i][0] / p.state[i - 1][0], G = how.target == prediction::x0 ? levels[i].alpha : -levels[i].sigma;
  row w;
  for (std::size_t j = 0; j <= i; ++j) w.push_back((p.state[i][i + 1 - j] - a * p.state[i - 1][i + 1 - j]) / G);
  return w;
}

constexpr double d[] = {0, 0.4, 1.1};
const std::span<const double> one(d, 1), two(d, 2), three(d, 3);

}  // namespace

TEST_CASE("predictor weights are those of the paper") {
  const auto check = [](unified form, prediction target, double w0, double w1) {
    const auto w = unified_predictor(form, golden(target), two);
    CHECK(w[0] == Approx(w0).epsilon(1e-14));
    CHECK(w[1] == Approx(w1).epsilon(1e-14));
  };
  check(unified::bh1, prediction::x0, 0.7059693402873664, -0.3125);
  check(unified::bh1, prediction::eps, 0.9612212707001281, -0.3125);
  check(unified::bh2, prediction::x0, 0.6393876779669704, -0.245918337679604);  // DPM-Solver++(2M), midpoint
  check(unified::vary_coeff, prediction::x0, 0.6597959895689499, -0.2663266492815835);  // and with the exact slope
}

TEST_CASE("corrector weights are those of the paper") {
  check_corrector(unified::bh1, prediction::x0, one, {0.25, 0.1434693402873664});
  check_corrector(unified::bh2, prediction::x0, one, {0.1967346701436832, 0.1967346701436832});
  check_corrector(unified::bh1, prediction::eps, one, {0.25, 0.3987212707001281});
  check_corrector(unified::bh2, prediction::eps, one, {0.324360635350064, 0.324360635350064});
  for (const unified form : {unified::bh1, unified::bh2, unified::exact}) {
    check_corrector(form, prediction::x0, two, {0.1767798765773034, 0.2620412672700173, -0.0453518035599543});
    check_corrector(form, prediction::eps, two, {0.2376245548451279, 0.4858691990489108, -0.0747724831939105});
    check_corrector(form, prediction::x0, three, {0.1617575964048041, 0.3112050932891057, -0.08827260405280929, 0.008779254646265791});
    check_corrector(form, prediction::eps, three, {0.2137899936239024, 0.5638732175911032, -0.1428712295402691, 0.01392928902539151});
  }
}

TEST_CASE("a run applies these weights: predictor, then corrector once the next evaluation is known") {
  // One more level at the end: the last point is never corrected.
  const grid levels = at_lambdas({-1.1, -0.4, 0, 0.5, 1});
  const row three_back = corrected_weights({.p = 3, .ends = ramp::full()}, levels, 3);
  const double wanted[] = {0.1617575964048041, 0.3112050932891057, -0.08827260405280929, 0.008779254646265791};
  REQUIRE(three_back.size() == 4);
  // Up to two digits cancel where the probe takes the smallest weight out of the run.
  for (std::size_t j = 0; j < 4; ++j) CHECK(three_back[j] == Approx(wanted[j]).epsilon(1e-14).margin(1e-15));
  const row two_back = corrected_weights({.p = 2, .target = prediction::eps, .ends = ramp::full()}, levels, 3);
  const double noise[] = {0.2376245548451279, 0.4858691990489108, -0.0747724831939105};
  for (std::size_t j = 0; j < 3; ++j) CHECK(two_back[j] == Approx(noise[j]).epsilon(1e-14).margin(1e-15));
  const grid shorter = at_lambdas({-0.4, 0, 0.5});
  const row predicted = weights(probe(unipc{.form = unified::bh1, .ends = ramp::full()}, shorter, x0_model{}), 1, shorter, prediction::x0);
  CHECK(predicted[0] == Approx(0.7059693402873664).epsilon(1e-14));
  CHECK(predicted[1] == Approx(-0.3125).epsilon(1e-14));
}

TEST_CASE("bh1, bh2 and exact weights are the same from three points on, and vary_coeff's predictor too") {
  std::mt19937 draw(4);
  std::uniform_real_distribution<double> gap(0.05, 1.5);
  for (int k = 0; k < 1000; ++k) {
    const double h = gap(draw), d1 = gap(draw), d2 = d1 + gap(draw);
    const double nodes[] = {0, d1, d2};
    for (const prediction target : {prediction::x0, prediction::eps}) {
      const auto e = exponential(target, vp_linear{}.at_lambda(0), vp_linear{}.at_lambda(h));
      const auto p = unified_predictor<double>(unified::exact, e, nodes);
      const auto c = unified_corrector<double>(unified::exact, e, nodes);
      for (const unified form : {unified::bh1, unified::bh2, unified::vary_coeff}) CHECK(unified_predictor<double>(form, e, nodes) == p);
      for (const unified form : {unified::bh1, unified::bh2}) {
        CHECK(unified_corrector<double>(form, e, nodes).at_target == c.at_target);
        CHECK(unified_corrector<double>(form, e, nodes).at_node == c.at_node);
      }
    }
  }
}

TEST_CASE("without a corrector, UniP-2 with bh2 is DPM-Solver++(2M), and UniP-3 is the exact DPM-Solver++(3M)") {
  std::mt19937 draw(5);
  for (int k = 0; k < 100; ++k) {
    const grid levels = random_grid(draw, 5);
    const probe two_m(dpmpp_2m{}, levels, x0_model{}), unip_2(unipc{.p = 2, .corrector = false, .ends = ramp::full()}, levels, x0_model{});
    CHECK(two_m.state == unip_2.state);
    const probe three_m(dpmpp_3m{}, levels, x0_model{}), unip_3(unipc{.p = 3, .corrector = false, .ends = ramp::full()}, levels, x0_model{});
    CHECK(three_m.state == unip_3.state);
  }
}

TEST_CASE("constants and order conditions of the corrected states hold on random grids of every path") {
  std::mt19937 draw(6);
  for (int k = 0; k < 1000; ++k) {
    const grid levels = random_grid(draw, 4);
    const level<>&s = levels[2], &t = levels[3];
    const double h = t.lambda - s.lambda, d1 = s.lambda - levels[1].lambda, d2 = s.lambda - levels[0].lambda;
    for (const prediction form : {prediction::x0, prediction::eps}) {
      const bool data = form == prediction::x0;
      const row w = corrected_weights({.p = 3, .target = form, .ends = ramp::full()}, levels, 3);
      const std::vector<double> g = g_of(form, h);
      // Rounding: of weights of this size, and of the states that the probe subtracts, which are of size 1/G.
      const double G = data ? t.alpha : t.sigma;
      double size = 1 + (1 + t.sigma) / G * (1 + s.sigma / t.sigma);
      for (const double v : w) size += std::abs(v);
      const auto moment = [&](int q) {
        return w[0] * std::pow(h, q) + w[1] * (q == 0) + w[2] * std::pow(-d1, q) + w[3] * std::pow(-d2, q);
      };
      const double reach = std::fmax(h, d2);
      CHECK(std::abs(moment(0) - g[1]) <= 1e-13 * size);
      CHECK(std::abs(moment(1) - h * g[2]) <= 1e-13 * size * reach);
      CHECK(std::abs(moment(2) - 2 * h * h * g[3]) <= 1e-13 * size * reach * reach);
      CHECK(std::abs(moment(3) - 6 * h * h * h * g[4]) <= 1e-13 * size * reach * reach * reach);
    }
  }
}

TEST_CASE("the published varying coefficients have a corrector of order 1: it misses the first moment") {
  const double nodes[] = {0, 0.4};
  const auto e = golden(prediction::x0);
  const auto published = unified_corrector<double>(unified::vary_coeff, e, nodes), exact = unified_corrector<double>(unified::exact, e, nodes);
  CHECK(published.at_target + published.at_node[0] + published.at_node[1] == Approx(e.g[1]).epsilon(1e-14));
  CHECK(exact.at_target * 0.5 - exact.at_node[1] * 0.4 == Approx(0.5 * e.g[2]).epsilon(1e-14));
  CHECK(std::abs(published.at_target * 0.5 - published.at_node[1] * 0.4 - 0.5 * e.g[2]) > 0.01);
  CHECK(unipc{.form = unified::vary_coeff}.order() == 1);
  // With one evaluation it is exact: w_t = g_2.
  CHECK(unified_corrector<double>(unified::vary_coeff, e, one).at_target == Approx(0.2130613194252668).epsilon(1e-14));
}

TEST_CASE("points named as uncorrected keep the predicted state") {
  const grid levels = at_lambdas({-1.1, -0.4, 0, 0.5, 1});
  const probe all(unipc{}, levels, x0_model{}), some(unipc{.uncorrected = {1, 3}}, levels, x0_model{});
  for (const std::size_t i : {1U, 2U, 3U}) CHECK(all.state[i] != all.predicted[i]);
  CHECK(some.state[1] == some.predicted[1]);
  CHECK(some.state[2] != some.predicted[2]);
  CHECK(some.state[3] == some.predicted[3]);
  CHECK(all.state[4] == all.predicted[4]);  // nothing evaluates at the end
}

TEST_CASE("next to infinite lambda the state is left as predicted") {
  const probe p(unipc{.p = 3}, from_times(flow{}, std::vector<double>{1, 0.7, 0.4, 0}), x0_model{});
  CHECK(p.state[1] == p.predicted[1]);
  CHECK(p.state[2] != p.predicted[2]);
  CHECK(p.state[3] == row{0, 0, 0, 1});
}

TEST_CASE("its order is p + 1 with the corrector; orders it does not have are refused") {
  CHECK(unipc{.p = 3}.order() == 4);
  CHECK(unipc{.p = 3, .corrector = false}.order() == 3);
  CHECK_FALSE(unipc{}.check());
  CHECK(unipc{.p = 5}.check()->what() == std::string("unipc: order p is 5, needs 1 to 4"));
  CHECK(unipc{.p = 0}.check()->what() == std::string("unipc: order p is 0, needs 1 to 4"));
  CHECK(unipc{.p = 2, .ends = ramp::given({1, 3})}.check()->what() == std::string("unipc: ramp.orders[1] is 3, needs 1 to 2"));
}
