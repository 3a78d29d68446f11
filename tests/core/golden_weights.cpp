// SPDX-License-Identifier: MIT

// Weights of every family for one step, as numbers: h = 0.5 after evaluations 0.4 and 1.1 back in lambda. They were computed
// apart from this library, with 200 digits. Where a method exists, its own tests find the same numbers in its plans.

#include "catch.hpp"
#include "diffode/core/adams.hpp"
#include "diffode/core/stages.hpp"
#include "diffode/core/stochastic.hpp"
#include "diffode/core/unified.hpp"
#include "diffode/schedule/ve.hpp"

#include <cstddef>
#include <initializer_list>

using namespace diffode;

namespace {

constexpr double back[] = {0, 0.4, 1.1};
const std::span<const double> one(back, 1), two(back, 2), three(back, 3);

level<> at(double lambda) { return ve{}.at_lambda(lambda); }
/// The step, or its first part up to the share c.
exponential_step<double> step(prediction form, double c = 1) { return exponential(form, at(0), at(0.5 * c)); }

// The weights are differences of numbers up to 1, so that the small ones have the rounding of these.
void check(const node_weights<double>& w, std::initializer_list<double> wanted) {
  std::size_t j = 0;
  for (const double v : wanted) CHECK(w[j++] == Approx(v).epsilon(2e-15).margin(1e-15));
  for (; j < w.size(); ++j) CHECK(w[j] == 0);
}
/// {w_t, w_0, w_1, ...}
void check(const implicit_weights<double>& w, std::initializer_list<double> wanted) {
  CHECK(w.at_target == Approx(*wanted.begin()).epsilon(2e-15));
  for (std::size_t j = 1; j < wanted.size(); ++j) CHECK(w.at_node[j - 1] == Approx(wanted.begin()[j]).epsilon(2e-15).margin(1e-15));
}

constexpr prediction data = prediction::x0, noise = prediction::eps;

}  // namespace

TEST_CASE("golden moments of the exponential step") {
  const double of_data[] = {0.3934693402873664, 0.2130613194252668, 0.0738773611494663, 0.01891194436773405};
  const double of_noise[] = {0.6487212707001281, 0.2974425414002563, 0.09488508280051258, 0.0231034989343585};
  // These goldens were printed after a recurrence that cancels: g_3 has lost one digit, g_4 two.
  const double digits[] = {1e-15, 2e-15, 1e-14, 2e-13};
  for (std::size_t k = 0; k < 4; ++k) {
    CHECK(step(data).g[k + 1] == Approx(of_data[k]).epsilon(digits[k]));
    CHECK(step(noise).g[k + 1] == Approx(of_noise[k]).epsilon(digits[k]));
  }
}

TEST_CASE("golden weights of two-step methods") {
  check(two_point_weights(step(data), slope::midpoint, 0.4), {0.6393876779669704, -0.245918337679604});
  check(two_point_weights(step(noise), slope::midpoint, 0.4), {1.054172064887708, -0.40545079418758});
  check(two_point_weights(step(data), slope::heun, 0.4), {0.6597959895689499, -0.2663266492815835});
  check(two_point_weights(step(noise), slope::heun, 0.4), {1.020524447450448, -0.3718031767503203});
  check(unified_predictor(unified::bh1, step(data), two), {0.7059693402873664, -0.3125});
  check(unified_predictor(unified::bh1, step(noise), two), {0.9612212707001281, -0.3125});
}

TEST_CASE("golden weights of three-step methods, as published and exact") {
  check(published_weights(step(data), 0.4, 1.1), {0.7986178172335407, -0.4844752356116547, 0.07932675866548043});
  check(published_weights(step(noise), 0.4, 1.1), {1.209637581496311, -0.6689809588223896, 0.108064648026207});
  check(exact_weights(step(data), three), {0.8405935906139194, -0.5504371652093926, 0.1033129148828396});
  check(exact_weights(step(noise), three), {1.263549560360238, -0.7536997827514187, 0.1388714930913085});
  check(unified_predictor(unified::bh2, step(data), three), {0.8405935906139194, -0.5504371652093926, 0.1033129148828396});
}

TEST_CASE("golden weights of the correctors") {
  check(unified_corrector(unified::bh1, step(data), one), {0.25, 0.1434693402873664});
  check(unified_corrector(unified::bh2, step(data), one), {0.1967346701436832, 0.1967346701436832});
  check(unified_corrector(unified::bh1, step(noise), one), {0.25, 0.3987212707001281});
  check(unified_corrector(unified::bh2, step(noise), one), {0.324360635350064, 0.324360635350064});
  check(unified_corrector(unified::bh2, step(data), two), {0.1767798765773034, 0.2620412672700173, -0.0453518035599543});
  check(unified_corrector(unified::bh2, step(noise), two), {0.2376245548451279, 0.4858691990489108, -0.0747724831939105});
  check(unified_corrector(unified::bh2, step(data), three), {0.1617575964048041, 0.3112050932891057, -0.08827260405280929, 0.008779254646265791});
  check(unified_corrector(unified::bh2, step(noise), three), {0.2137899936239024, 0.5638732175911032, -0.1428712295402691, 0.01392928902539151});
}

TEST_CASE("golden weights of the single-step method with stages at 1/3 and 2/3") {
  check(second_stage_weights(step(data, 2. / 3), 2.), {-0.01571917401652473, 0.2991878634427355});
  check(second_stage_weights(step(noise, 2. / 3), 2.), {0.02193787456955243, 0.3736745505165371});
  check(three_stage_weights(step(data), slope::midpoint, 1. / 3, 2. / 3), {0.07387736114946614, 0, 0.3195919791379003});
  check(three_stage_weights(step(noise), slope::midpoint, 1. / 3, 2. / 3), {0.2025574585997437, 0, 0.4461638121003844});
  check(three_stage_weights(step(data), slope::heun, 1. / 3, 2. / 3), {0.09958965321886254, -0.05142458413879269, 0.3453042712072966});
  check(three_stage_weights(step(noise), slope::heun, 1. / 3, 2. / 3), {0.1641955796035881, 0.0767237579923111, 0.4078019331042289});
}

TEST_CASE("golden weights of the stochastic methods with tau = 1") {
  const exponential_step<double> e = stochastic(data, 1., at(0), at(0.5)).drift;
  check(exact_weights(e, one), {0.6321205588285577});
  check(exact_weights(e, two), {1.091969860292861, -0.4598493014643029});
  check(exact_weights(e, three), {1.409324786766877, -0.9585499002091861, 0.1813456722708666});
}

TEST_CASE("golden weights of LMS from rho = 10, 6, 3.5 and 2 to 1.2") {
  const double d[] = {0, 2 - 3.5, 2 - 6., 2 - 10.};
  const std::span<const double> slopes(d);
  check(adams_weights(adams::exact, 1.2 - 2, slopes.first(2)), {-1.013333333333333, 0.2133333333333333});
  check(adams_weights(adams::exact, 1.2 - 2, slopes.first(3)), {-1.121777777777778, 0.3868444444444444, -0.06506666666666667});
  check(adams_weights(adams::exact, 1.2 - 2, slopes), {-1.183466666666667, 0.5083241025641026, -0.1390933333333333, 0.01423589743589744});
}
