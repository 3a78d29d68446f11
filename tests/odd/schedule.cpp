// SPDX-License-Identifier: MIT
#include "catch.hpp"
#include "conformance/orders.hpp"
#include "diffode/method/ddim.hpp"
#include "diffode/method/dpmpp_2m.hpp"
#include "diffode/method/heun.hpp"
#include "diffode/method/unipc.hpp"

using namespace diffode_test;

namespace {

/// A path of nobody's library: alpha = e^(-t), sigma = 1 - alpha^2. It neither keeps the variance nor is it straight, its
/// time has no end, and sigma never reaches 1.
struct sub_vp {
  static constexpr std::string_view name = "sub_vp";

  diffode::level<> at(double t) const { return {t, std::exp(-t), -std::expm1(-2 * t), -t - std::log(-std::expm1(-2 * t)), 1000 * t}; }
  diffode::level<> at_lambda(double lambda) const {
    if (std::isinf(lambda)) return lambda > 0 ? diffode::level<>{0, 1, 0, lambda, 0} : diffode::level<>{lambda, 0, 1, lambda, lambda};
    // alpha/(1 - alpha^2) = e^lambda, a quadratic for alpha, solved without a difference.
    const double ratio = std::exp(lambda), root = 1 + std::sqrt(1 + 4 * ratio * ratio);
    const double alpha = 2 * ratio / root, sigma = 2 / root;
    return {-std::log(alpha), alpha, sigma, lambda, -1000 * std::log(alpha)};
  }
  diffode::time_range range() const { return {0, 20}; }
  diffode::fault check() const { return {}; }
};
static_assert(diffode::noise_schedule<sub_vp>);

const family odd{"sub_vp", sub_vp{}, 3, 0.02};

}  // namespace

TEST_CASE("the odd schedule's inverse is its inverse") {
  for (const double t : {0.02, 0.3, 1.0, 3.0}) {
    const diffode::level<> a = odd.path.at(t), b = odd.path.at_lambda(a.lambda);
    CHECK(std::abs(b.t - t) < 1e-14 * (1 + 1 / t));
    CHECK(std::abs(b.alpha - a.alpha) < 1e-15);
    CHECK(std::abs(b.sigma - a.sigma) < 1e-15);
  }
}

TEST_CASE("methods keep their order on a schedule they have never seen") {
  for (const subject& s : {subject_of(diffode::ddim{}), subject_of(diffode::heun{}), subject_of(diffode::dpmpp_2m{}),
                           subject_of(diffode::unipc{}), subject_of(diffode::unipc{.p = 3})})
    for (const told what : every_told) {
      const measured m = order_of(s, odd, what);
      INFO(s.name() << " with " << name(what) << ": order " << m.order << ", error " << m.error);
      CHECK(std::abs(m.order - s.order) <= (s.order >= 4 ? 0.3 : 0.15));
    }
}

TEST_CASE("the model is told the odd schedule's own labels") {
  const diffode::grid g = odd.uniform(5);
  const diffode::plan p = subject_of(diffode::dpmpp_2m{}).on(g, told::v);
  for (int k = 0; k < p.calls(); ++k) CHECK(p.call(k).at.label == g[static_cast<std::size_t>(k)].label);
  CHECK(p.call(0).at.label == 3000);
}
