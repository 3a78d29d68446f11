// SPDX-License-Identifier: MIT
#include "diffode/model/parameterisation.hpp"

#include "catch.hpp"
#include "diffode/schedule.hpp"

#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

using namespace diffode;

namespace {

/// Levels of every family: VP, VE, straight path, and (alpha, sigma) pairs of no schedule at all.
std::vector<level<>> ordinary_levels() {
  std::vector<level<>> all;
  for (const double t : {0.001, 0.02, 0.3, 0.7, 0.999}) {
    all.push_back(vp_linear{}.at(t));
    all.push_back(ve{}.at(t * 50));
    all.push_back(flow{}.at(t));
  }
  std::mt19937 draw(7);
  std::uniform_real_distribution<double> number(0.01, 3);
  for (int k = 0; k < 50; ++k) all.push_back(make_level(0.5, number(draw), number(draw)));
  return all;
}

/// For clean data and noise of any value the model's true answer must lead back to both.
/// `answer(x0, eps, at)` is what the model returns by the definition of its kind (spec of each below).
template <class P, class Answer>
void check_inverts(const P& p, const level<>& at, Answer answer) {
  INFO("alpha " << at.alpha << " sigma " << at.sigma);
  for (const double x0 : {-1.3, 0.4, 2.})
    for (const double eps : {-0.8, 0., 1.7}) {
      const double x = at.alpha * x0 + at.sigma * eps, F = answer(x0, eps, at);
      const affine<double> clean = p.x0(at), noise = p.eps(at);
      // Two products are subtracted; what cancels is lost.
      const double eps0 = 4e-16 * (std::abs(clean.cx * x) + std::abs(clean.cf * F)), eps1 = 4e-16 * (std::abs(noise.cx * x) + std::abs(noise.cf * F));
      // F itself is rounded too, and x.
      CHECK(std::abs(clean.cx * x + clean.cf * F - x0) <= 2 * eps0 + 1e-15);
      CHECK(std::abs(noise.cx * x + noise.cf * F - eps) <= 2 * eps1 + 1e-15);
    }
}

const auto noise_answer = [](double, double eps, const level<>&) { return eps; };
const auto data_answer = [](double x0, double, const level<>&) { return x0; };
const auto v_answer = [](double x0, double eps, const level<>& at) { return (at.alpha * eps - at.sigma * x0) / std::hypot(at.alpha, at.sigma); };
const auto flow_answer = [](double x0, double eps, const level<>&) { return eps - x0; };
const auto score_answer = [](double, double eps, const level<>& at) { return -eps / at.sigma; };

/// Karras et al. 2022, table 1, last column, written as there: y = x/alpha, s = sigma/alpha.
struct edm_table {
  double s, d;
  double skip() const { return d * d / (s * s + d * d); }
  double out() const { return s * d / std::sqrt(s * s + d * d); }
  double in() const { return 1 / std::sqrt(s * s + d * d); }
  double noise() const { return std::log(s) / 4; }
};
edm_table table_of(const level<>& at, double sigma_data) { return {at.sigma / at.alpha, sigma_data}; }

const level<> no_data = make_level(1, 0, 1), no_noise = make_level(0, 1, 0);

}  // namespace

TEST_CASE("every kind of model leads back to the data and the noise that made its state") {
  for (const level<>& at : ordinary_levels()) {
    check_inverts(eps_model{}, at, noise_answer);
    check_inverts(x0_model{}, at, data_answer);
    check_inverts(v_model{}, at, v_answer);
    check_inverts(flow_model{}, at, flow_answer);
    check_inverts(score_model{}, at, score_answer);
    for (const bool negated : {false, true}) {
      const auto answer = [&](double x0, double eps, const level<>& l) {
        // (x0 - c_skip*y)/c_out with y = x0 + s*eps, written out so that the test itself cancels nothing.
        const auto [s, d] = table_of(l, 0.7);
        return (negated ? -1 : 1) * (s * x0 / d - d * eps) / std::hypot(s, d);
      };
      check_inverts(edm_model{.sigma_data = 0.7, .negated = negated}, at, answer);
    }
  }
}

TEMPLATE_TEST_CASE("x = alpha*x0 + sigma*eps for any answer of the model", "", eps_model, x0_model, v_model, flow_model, score_model, edm_model,
                   vp_input<v_model>) {
  for (const level<>& at : ordinary_levels()) {
    const affine<double> clean = TestType{}.x0(at), noise = TestType{}.eps(at);
    INFO("alpha " << at.alpha << " sigma " << at.sigma);
    // The sums are 1 and 0, of terms that may be larger: a rounding of each term is allowed.
    CHECK(std::abs(at.alpha * clean.cx + at.sigma * noise.cx - 1) <= 5e-16 * (std::abs(at.alpha * clean.cx) + std::abs(at.sigma * noise.cx)));
    CHECK(std::abs(at.alpha * clean.cf + at.sigma * noise.cf) <= 5e-16 * (std::abs(at.alpha * clean.cf) + std::abs(at.sigma * noise.cf)));
  }
}

TEST_CASE("where there is no noise, and where there is no data, the kinds that have both predictions give them") {
  for (const level<>& at : {no_data, no_noise}) {
    check_inverts(v_model{}, at, v_answer);
    check_inverts(flow_model{}, at, flow_answer);
  }
  // EDM's F is (x0 - c_skip*y)/c_out with y = x/alpha; in (alpha, sigma) the limits are those of alpha -> 0 and sigma -> 0.
  const edm_model edm{.sigma_data = 0.7};
  CHECK(edm.x0(no_data).cx == 0);
  CHECK(edm.x0(no_data).cf == Approx(0.7).epsilon(1e-15));
  CHECK(edm.eps(no_data).cx == 1);
  CHECK(edm.x0(no_noise).cx == Approx(1).epsilon(1e-15));
  CHECK(edm.x0(no_noise).cf == 0);
  CHECK(edm.input_scale(no_noise) == Approx(1 / 0.7).epsilon(1e-15));
}

TEST_CASE("a noise model has data at sigma = 0, and none at alpha = 0; a data model has noise at alpha = 0, and none at sigma = 0") {
  CHECK(eps_model{}.x0(no_noise).cx == 1);
  CHECK(eps_model{}.x0(no_noise).cf == 0);
  CHECK(score_model{}.x0(no_noise).cf == 0);
  CHECK_FALSE(std::isfinite(eps_model{}.x0(no_data).cx));
  CHECK_FALSE(std::isfinite(score_model{}.x0(no_data).cx));
  CHECK(x0_model{}.eps(no_data).cx == 1);
  CHECK(x0_model{}.eps(no_data).cf == 0);
  CHECK_FALSE(std::isfinite(x0_model{}.eps(no_noise).cx));
}

TEST_CASE("EDM preconditioning is table 1 of its paper") {
  for (const double s : {0.002, 0.3, 1., 12., 80.}) {
    const level<> at = ve{.sigma_min = 0.001, .sigma_max = 100}.at(s);
    const edm_table table = table_of(at, 0.5);
    const edm_model p;
    CHECK(p.x0(at).cx == Approx(table.skip()).epsilon(1e-15));
    CHECK(p.x0(at).cf == Approx(table.out()).epsilon(1e-15));
    CHECK(p.input_scale(at) == Approx(table.in()).epsilon(1e-15));
    CHECK(p.label(at) == Approx(table.noise()).epsilon(1e-15).margin(1e-16));
    CHECK(edm_model{.negated = true}.x0(at).cf == -p.x0(at).cf);
  }
}

TEST_CASE("EDM preconditioning in another frame shows the network the same, and gives the same x0") {
  const level<> vp = vp_linear{}.at(0.4);
  const level<> frame = ve{}.at(vp.sigma / vp.alpha);
  const edm_model p;
  const double x = 0.9, y = x / vp.alpha, F = -0.6;
  CHECK(p.input_scale(vp) * x == Approx(p.input_scale(frame) * y).epsilon(1e-14));
  CHECK(p.label(vp) == Approx(p.label(frame)).epsilon(1e-14));
  CHECK(p.x0(vp).cx * x + p.x0(vp).cf * F == Approx(p.x0(frame).cx * y + p.x0(frame).cf * F).epsilon(1e-14));
}

TEST_CASE("the v of the VE frame is the one of diffusers and k-diffusion") {
  for (const double s : {0.1, 1., 9.}) {
    const affine<double> clean = v_model{}.x0(ve{}.at(s));
    CHECK(clean.cx == Approx(1 / (1 + s * s)).epsilon(1e-15));
    CHECK(clean.cf == Approx(-s / std::sqrt(1 + s * s)).epsilon(1e-15));
  }
}

TEST_CASE("a VP model in the VE frame is shown x / sqrt(sigma^2 + 1), and keeps meaning and label") {
  level<> at = ve{}.at(3);
  at.label = 417;
  CHECK(vp_input<eps_model>{}.input_scale(at) == Approx(1 / std::sqrt(10.)).epsilon(1e-15));
  CHECK(vp_input<eps_model>{}.x0(at).cf == eps_model{}.x0(at).cf);
  CHECK(vp_input<eps_model>{}.eps(at).cf == 1);
  CHECK(vp_input<eps_model>{}.label(at) == 417);
  // On a VP level it changes nothing.
  CHECK(vp_input<eps_model>{}.input_scale(vp_linear{}.at(0.4)) == Approx(1).epsilon(1e-15));
}

TEMPLATE_TEST_CASE("plain models are shown the state as it is, and told the label of the level", "", eps_model, x0_model, v_model, flow_model, score_model) {
  level<> at = vp_linear{}.at(0.4);
  at.label = 417;
  CHECK(input_scale_of(TestType{}, at) == 1);
  CHECK(label_of(TestType{}, at) == 417);
}

TEMPLATE_TEST_CASE("with lanes every lane is what its level alone would be", "", eps_model, x0_model, v_model, flow_model, score_model, edm_model, vp_input<edm_model>) {
  const std::vector<level<>> each = ordinary_levels();
  const level<lanes> joint = join(each);
  const TestType p{};
  for (std::size_t l = 0; l < each.size(); ++l) {
    const affine<double> clean = p.x0(each[l]), noise = p.eps(each[l]);
    CHECK(lane(p.x0(joint).cx, l) == clean.cx);
    CHECK(lane(p.x0(joint).cf, l) == clean.cf);
    CHECK(lane(p.eps(joint).cx, l) == noise.cx);
    CHECK(lane(p.eps(joint).cf, l) == noise.cf);
    CHECK(lane(input_scale_of(p, joint), l) == input_scale_of(p, each[l]));
    CHECK(lane(label_of(p, joint), l) == label_of(p, each[l]));
  }
}

TEST_CASE("edm_model refuses a sigma_data that is no standard deviation") {
  CHECK_FALSE(edm_model{}.check());
  const auto what = [](double sigma_data) { return std::string(edm_model{.sigma_data = sigma_data}.check()->what()); };
  CHECK(what(0) == "edm_model: sigma_data is 0, needs a finite number above 0");
  CHECK(what(-1) == "edm_model: sigma_data is -1, needs a finite number above 0");
  CHECK(what(std::numeric_limits<double>::quiet_NaN()) == "edm_model: sigma_data is nan, needs a finite number above 0");
  CHECK(what(std::numeric_limits<double>::infinity()) == "edm_model: sigma_data is inf, needs a finite number above 0");
}
