// SPDX-License-Identifier: MIT
#include "diffode/statistics/model.hpp"

#include "catch.hpp"
#include "diffode/model/parameterisation.hpp"
#include "diffode/schedule/flow.hpp"
#include "diffode/schedule/vp_linear.hpp"
#include "statistics/two_normals.hpp"

#include <string>
#include <vector>

using namespace diffode;
using namespace diffode_test;

namespace {

static_assert(statistics_model<difference_model<float, eps_model, void (*)(std::span<const float>, const statistics_call&, std::span<float>)>>);

const std::vector<double> places{-2.1, -0.6, 0.05, 0.3, 1.4}, ways{1, -0.5, 2, -1, 0.7};

statistics_call at(const noise_path& path, double lambda) { return {.at = path.at_lambda(lambda), .first = 0, .count = static_cast<std::uint32_t>(places.size())}; }

template <class M>
std::vector<double> slope_of(M m, double lambda, double dlambda) {
  const statistics_call call = at(m.path(), lambda);
  std::vector<double> dx, out(places.size());
  for (const double w : ways) dx.push_back(call.at.sigma * w);
  m.slope(places, call, dx, dlambda, out);
  return out;
}
template <class M>
std::vector<double> noise_of(M m, double lambda) {
  std::vector<double> out(places.size());
  m.eps(places, at(m.path(), lambda), out);
  return out;
}

double apart(const std::vector<double>& a, const std::vector<double>& b) {
  double most = 0;
  for (std::size_t i = 0; i < a.size(); ++i) most = std::fmax(most, std::abs(a[i] - b[i]));
  return most;
}

}  // namespace

TEST_CASE("differences have an error of second order in their step, and at the default one that of rounding") {
  for (const bool vp : {true, false})
    for (const double lambda : {-3.0, -1.0, 0.0, 1.0, 2.5})
      for (const double dlambda : {0.0, 1.0}) {
        const two_normals_model m{.path = {.vp = vp}};
        const std::vector<double> exact = slope_of(m.model(), lambda, dlambda);
        const auto error = [&](double step) { return apart(slope_of(differences(m.path, eps_model{}, m.net(), step), lambda, dlambda), exact); };
        INFO("vp " << vp << ", lambda " << lambda << ", dlambda " << dlambda << ": " << error(2e-3) << ", " << error(1e-3));
        // The next term is (step)^2 of this one's size times what fifth derivatives are to third ones.
        if (error(1e-3) > 1e-9) CHECK(error(2e-3) / error(1e-3) == Approx(4).epsilon(0.02));
        // Third derivatives along a sigma stay below 100 here: step^2/6 of them, and 1e-16/step of the noise and of x/sigma.
        const double h = std::cbrt(std::numeric_limits<double>::epsilon()), sigma = m.path.sigma(lambda);
        const double at_default = apart(slope_of(differences(m.path, eps_model{}, m.net()), lambda, dlambda), exact);
        CHECK(at_default < h * h / 6 * 100 + 4e-16 / h * (3 + 3 / sigma));
        CHECK(at_default < 2e-10);  // what docs/dpm_v3.md says
      }
}

TEST_CASE("what a network's output means, how its input is scaled and what it is told make no difference") {
  const flow path;
  // The same model in each form: from what it is shown and told, back to the state; from the noise there, to the form's output.
  const auto check = [&](auto meaning) {
    const auto restored = [=](double label) {
      if constexpr (requires { meaning.label(level<>{}); }) return path.at_lambda(-4 * label);
      else return path.at(label);
    };
    const auto net = [=](std::span<const double> x, const statistics_call& call, std::span<double> out) {
      const level<> here = restored(call.at.label);
      const affine<double> c = meaning.eps(here);
      for (std::size_t i = 0; i < x.size(); ++i) {
        const double state = x[i] / input_scale_of(meaning, here), e = std::sin(2 * state) + here.lambda * state;
        out[i] = (e - c.cx * state) / c.cf;
      }
    };
    // A Jacobian-vector product by differences of its own, of fourth order.
    const auto jvp = [=](std::span<const double> x, const statistics_call& call, std::span<const double> dx, double dlabel, std::span<double> out, std::span<double> dout) {
      constexpr double h = 1e-3;
      std::vector<double> moved(x.size()), part(x.size());
      std::fill(dout.begin(), dout.end(), 0);
      for (const auto& [steps, weight] : {std::pair{1.0, 8.0}, std::pair{-1.0, -8.0}, std::pair{2.0, -1.0}, std::pair{-2.0, 1.0}}) {
        statistics_call there = call;
        there.at.label += steps * h * dlabel;
        for (std::size_t i = 0; i < x.size(); ++i) moved[i] = x[i] + steps * h * dx[i];
        net(moved, there, part);
        for (std::size_t i = 0; i < x.size(); ++i) dout[i] += weight * part[i] / (12 * h);
      }
      net(x, call, out);
    };
    for (const double lambda : {-1.5, 0.0, 2.0}) {
      const level<> here = path.at_lambda(lambda);
      std::vector<double> exact_noise, exact_slope[2];
      for (std::size_t i = 0; i < places.size(); ++i) {
        const double x = places[i], dx = here.sigma * ways[i], along = (2 * std::cos(2 * x) + lambda) * dx;
        exact_noise.push_back(std::sin(2 * x) + lambda * x);
        exact_slope[0].push_back(along);
        exact_slope[1].push_back(along + x);
      }
      CHECK(apart(noise_of(with_jvp(path, meaning, net, jvp), lambda), exact_noise) < 1e-12);
      CHECK(apart(noise_of(differences(path, meaning, net), lambda), exact_noise) < 1e-12);
      for (const std::size_t moves : {0U, 1U}) {
        CHECK(apart(slope_of(with_jvp(path, meaning, net, jvp), lambda, static_cast<double>(moves)), exact_slope[moves]) < 1e-9);
        CHECK(apart(slope_of(differences(path, meaning, net), lambda, static_cast<double>(moves)), exact_slope[moves]) < 1e-8);
      }
    }
  };
  check(eps_model{});
  check(x0_model{});
  check(v_model{});
  check(flow_model{});
  check(edm_model{.sigma_data = 0.7});
}

TEST_CASE("a network in single precision has differences to some digits") {
  const two_normals_model m;
  const auto net = [&](std::span<const float> x, const statistics_call& call, std::span<float> out) {
    for (std::size_t i = 0; i < x.size(); ++i) out[i] = static_cast<float>(m.eps({static_cast<double>(x[i]), 0}, {call.at.label, 0}).v);
  };
  for (const double lambda : {-2.0, 0.0, 1.0}) {
    const double h = std::cbrt(static_cast<double>(std::numeric_limits<float>::epsilon())), sigma = m.path.sigma(lambda);
    const double off = apart(slope_of(differences<float>(m.path, eps_model{}, net), lambda, 0), slope_of(m.model(), lambda, 0));
    CHECK(off < h * h / 6 * 100 + 1.2e-7 / h * (3 + 3 / sigma));
    CHECK(off < 1e-4);  // what docs/dpm_v3.md says
  }
}

TEST_CASE("models that make no sense are refused") {
  const auto net = [](std::span<const double>, const statistics_call&, std::span<double>) {};
  CHECK_THROWS_WITH(differences(flow{}, eps_model{}, net, 0), "difference_model: step is 0, needs a number above 0 and below 1");
  CHECK_THROWS_WITH(differences(flow{}, eps_model{}, net, std::nan("")), contains("step is nan"));
  CHECK_THROWS_WITH(differences(flow{}, edm_model{.sigma_data = -1}, net), "difference_model: edm_model: sigma_data is -1, needs a finite number above 0");
  CHECK_THROWS_WITH(differences(vp_linear{.beta0 = -1}, eps_model{}, net), contains("vp_linear: beta0 is -1"));
  CHECK_THROWS_WITH(with_jvp(vp_linear{.beta0 = -1}, eps_model{}, net, net), contains("vp_linear: beta0 is -1"));
}
