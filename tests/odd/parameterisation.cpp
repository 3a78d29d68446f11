// SPDX-License-Identifier: MIT
#include "catch.hpp"
#include "conformance/families.hpp"
#include "conformance/mixture.hpp"
#include "diffode/method/dpmpp_2m.hpp"
#include "diffode/method/unipc.hpp"
#include "diffode/model.hpp"
#include "diffode/run/sample.hpp"

#include <cmath>
#include <string>
#include <vector>

namespace dd = diffode;
using namespace diffode_test;

namespace {

/// A model that returns 2 x0 - 3 eps, is shown a third of the state, and told the time backwards.
struct odd_model {
  bool broken = false;

  template <dd::coefficient R>
  dd::affine<R> x0(const dd::level<R>& at) const {
    const R n = at.alpha * 3 + at.sigma * 2;
    return {3 / n, at.sigma / n};
  }
  template <dd::coefficient R>
  dd::affine<R> eps(const dd::level<R>& at) const {
    const R n = at.alpha * 3 + at.sigma * 2;
    return {2 / n, -at.alpha / n};
  }
  template <dd::coefficient R>
  R input_scale(const dd::level<R>&) const {
    return R(1) / 3;
  }
  template <dd::coefficient R>
  R label(const dd::level<R>& at) const {
    return 1 - at.t;
  }
  dd::fault check() const {
    if (!broken) return {};
    return dd::error(dd::errc::bad_model, "odd_model: broken is 1, needs 0");
  }
};
static_assert(dd::parameterisation<odd_model>);

const dd::grid levels = families()[2].uniform(10);

}  // namespace

TEST_CASE("an odd parameterisation gives the run of an ordinary one") {
  const mixture data;
  const auto both = [&](const auto& how) {
    std::vector<double> x{-0.8, 0.1, 1.2}, y = x;
    dd::sample(how, levels, dd::model_of(odd_model{}, [&](std::span<const double> shown, const dd::level<>& at, std::span<double> out) {
                 CHECK(at.label == 1 - at.t);
                 for (std::size_t i = 0; i < out.size(); ++i) {
                   const truth t = data.at(3 * shown[i], at);
                   out[i] = 2 * t.x0 - 3 * t.eps;
                 }
               }), x);
    dd::sample(how, levels, dd::eps([&](std::span<const double> in, const dd::level<>& at, std::span<double> out) {
                 for (std::size_t i = 0; i < out.size(); ++i) out[i] = data.at(in[i], at).eps;
               }), y);
    // Ten steps, 1/alpha = 20 for the eps model at the start.
    for (std::size_t i = 0; i < x.size(); ++i) CHECK(std::abs(x[i] - y[i]) < 1e-12);
  };
  both(dd::dpmpp_2m{});
  both(dd::unipc{.target = dd::prediction::eps});
}

TEST_CASE("a scaled input costs no pass of its own, only an array") {
  const dd::plan scaled = dd::compile(dd::dpmpp_2m{}, levels, odd_model{}), plain = dd::compile(dd::dpmpp_2m{}, levels, dd::v_model{});
  CHECK(scaled.kernels() == plain.kernels() + 1);  // the first input, before there is anything to fold it into
  CHECK(scaled.slots() == plain.slots() + 1);
}

TEST_CASE("what an odd parameterisation refuses is passed on") {
  const auto refused = dd::try_compile(dd::dpmpp_2m{}, levels, odd_model{.broken = true});
  REQUIRE_FALSE(refused);
  CHECK(std::string(refused.reason()->what()) == "odd_model: broken is 1, needs 0");
}
