// SPDX-License-Identifier: MIT
#include "catch.hpp"

#include <diffode/diffode.hpp>

#include <limits>
#include <string>
#include <utility>

namespace {

namespace dd = diffode;

constexpr double infinity = std::numeric_limits<double>::infinity(), not_a_number = std::numeric_limits<double>::quiet_NaN();

template <class M>
std::string why(const M& how) {
  const auto made = dd::try_compile(how, dd::karras(dd::ve{}, {.sigma_max = 10, .sigma_min = 0.1, .count = 4}), dd::eps_model{});
  return made ? "" : made.reason()->what();
}
std::string tableau(dd::exponential_tableau t) { return why(dd::exponential_rk{.table = std::move(t)}); }

/// A coefficient that is no number in the middle of a run.
struct overflows {
  static constexpr const char* name = "overflows";
  static constexpr dd::prediction target = dd::prediction::x0;
  static constexpr int keep() { return 0; }
  static constexpr int order() { return 0; }
  static dd::fault check() { return {}; }
  template <dd::coefficient R>
  dd::value step(dd::recorder<R>& r, const dd::level<R>&, const dd::level<R>&) const {
    return r.sum({{r.state(), infinity}});
  }
};

}  // namespace

TEST_CASE("options whose coefficients overflow are refused by their name") {
  const std::string range = ", needs a number from 0 to 1000000";
  CHECK(why(dd::sa_solver<>{.tau = {1e200}}) == "sa_solver: tau is 1e+200" + range);
  CHECK(why(dd::sa_solver<dd::tau_between>{.tau = {.tau = infinity}}) == "sa_solver: tau is inf" + range);
  CHECK(why(dd::er_sde<>{.eta = 1e308}) == "er_sde: eta is 1e+308" + range);
  CHECK(why(dd::sde_dpmpp{.eta = 1e308}) == "sde_dpmpp: eta is 1e+308" + range);
  CHECK(why(dd::seeds{.eta = 1e308}) == "seeds: eta is 1e+308" + range);
  CHECK(why(dd::singlestep_chained{.eta = not_a_number}) == "singlestep_chained: eta is nan" + range);
  CHECK(why(dd::seeds{.s_noise = 1e308}) == "seeds: s_noise is 1e+308" + range);
  CHECK(why(dd::res_multistep{.s_noise = 1e308}) == "res_multistep: s_noise is 1e+308" + range);
  CHECK(why(dd::er_sde<dd::er_power>{.f = {1e308}}) == "er_power: power is 1e+308, needs a number from 1 to 1000000");
  CHECK(why(dd::gradient_estimation{.gamma = -1e308}) == "gradient_estimation: gamma is -1e+308, needs a number from -1000000 to 1000000");
}

TEST_CASE("the largest strengths allowed give finite coefficients") {
  CHECK(why(dd::sa_solver<>{.tau = {1e6}}).empty());
  CHECK(why(dd::er_sde<>{.eta = 1e6}).empty());
  CHECK(why(dd::sde_dpmpp{.eta = 1e6}).empty());
  CHECK(why(dd::seeds{.eta = 1e6}).empty());
  CHECK(why(dd::er_sde<dd::er_power>{.f = {1e6}}).empty());
  CHECK(why(dd::gradient_estimation{.gamma = 1e6}).empty());
}

TEST_CASE("terms of a tableau that are no numbers or lie outside the step are refused") {
  const auto with = [](double node, double factor) { return dd::exponential_tableau{2, {0, 0.5}, {{2, 1, 1, node, factor}}}; };
  CHECK(tableau(with(1, 1)).empty());
  CHECK(tableau(with(1e300, 1)) == "exponential_rk: terms[0] has node 1e+300, needs a number from 0 to 1");
  CHECK(tableau(with(not_a_number, 1)) == "exponential_rk: terms[0] has node nan, needs a number from 0 to 1");
  CHECK(tableau(with(1, not_a_number)) == "exponential_rk: terms[0] has factor nan, needs a number from -1000000 to 1000000");
  CHECK(tableau(with(1, infinity)) == "exponential_rk: terms[0] has factor inf, needs a number from -1000000 to 1000000");
}

TEST_CASE("a coefficient that is no number between levels that have limits is not put down to noise prediction") {
  const std::string said = why(overflows{});
  CHECK_THAT(said, diffode_test::starts_with("overflows: a coefficient of step 0 (lambda "));
  CHECK_THAT(said, diffode_test::ends_with(
                       ") is inf, needs a finite number: options of the method are too large, or the model's form has no value there"));
}

TEST_CASE("a flow model with a method of noise prediction is not told to use a flow model") {
  const auto made = dd::try_compile(dd::singlestep{.target = dd::prediction::eps},
                                    dd::uniform_time(dd::flow{}, {.from = 1, .to = 0.1, .count = 4}), dd::flow_model{});
  REQUIRE_FALSE(made);
  CHECK(made.reason()->code() == dd::errc::bad_model);
  CHECK_THAT(made.reason()->what(), diffode_test::ends_with(
                                        "needs a finite number: noise prediction (an eps or score model, or target eps of the method) has no "
                                        "limit where alpha = 0 or sigma = 0; predict something else there, or move that end of the grid"));
}
