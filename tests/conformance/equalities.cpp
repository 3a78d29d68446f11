// SPDX-License-Identifier: MIT

// Methods under different names that are one: all coefficients of their runs are equal, noise among them, on random grids of
// every path, to rounding.

#include "catch.hpp"
#include "method/probe.hpp"

#include <algorithm>

using namespace diffode_test;

namespace {

constexpr auto noise_form = prediction::eps;
const ramp full = ramp::full();

/// A coefficient of a run; 0 for noise that it does not draw.
double at(const row& coefficients, std::size_t k) { return k < coefficients.size() ? coefficients[k] : 0; }

/// The largest difference of two runs' coefficients, in units of the largest coefficient on the way.
template <class A, class B>
double difference(const A& a, const B& b, const grid& g) {
  const probe one(a, g, v_model{}), other(b, g, v_model{});
  double size = 1, off = 0;
  INFO(one.made.method() << " and " << other.made.method());
  REQUIRE(one.calls() == other.calls());
  for (std::size_t i = 0; i < one.state.size(); ++i)
    for (std::size_t k = 0; k < std::max(one.state[i].size(), other.state[i].size()); ++k) {
      const double x = at(one.state[i], k), y = at(other.state[i], k);
      size = std::fmax(size, std::abs(x));
      off = std::fmax(off, std::abs(x - y));
    }
  return off / std::fmax(size, std::fmax(one.made.largest_coefficient(), other.made.largest_coefficient()));
}

/// Some ten roundings a step, over steps whose ratio divides by up to 0.03/1.5 at each divided difference.
template <class A, class B>
void check_equal(const A& a, const B& b, double tolerance = 1e-12) {
  std::mt19937 draw(31);
  for (int k = 0; k < 20; ++k) CHECK(difference(a, b, random_grid(draw, 5)) <= tolerance);
}
/// And that the comparison sees what differs.
template <class A, class B>
void check_different(const A& a, const B& b) {
  std::mt19937 draw(31);
  CHECK(difference(a, b, random_grid(draw, 5)) > 1e-6);
}

}  // namespace

TEST_CASE("first order is one method") {
  check_equal(ddim{}, euler{});
  check_equal(ddim{}, singlestep{.p = 1});
  check_equal(ddim{}, singlestep{.p = 1, .target = noise_form});
  check_equal(ddim{}, unipc{.p = 1, .corrector = false});
  check_equal(ddim{}, sa_solver<>{.predictor = 1, .corrector = 0, .tau = {0}});
  check_equal(ddim{}, sde_dpmpp{.p = 1, .eta = 0});
  check_equal(ddim{}, er_sde<>{.p = 1, .eta = 0});
  check_equal(ddim{}, lms{.p = 1});
  check_equal(ddim{}, lms{.p = 1, .along = axis::time});
  check_equal(ddim{}, ipndm{.p = 1});
  check_equal(ddim{}, rk{.how = butcher_tableau::euler()});
  for (const deis_in in : {deis_in::time, deis_in::rho, deis_in::log_rho}) check_equal(ddim{}, deis{.q = 0, .in = in});
  check_equal(ddim{}, gradient_estimation{.gamma = 1});
}

TEST_CASE("first order with noise is one method") {
  check_equal(ddim{.eta = 1}, ddpm{});
  check_equal(ddim{.eta = 1}, sde_dpmpp{.p = 1});
  check_equal(ddim{.eta = 1}, sa_solver<>{.predictor = 1, .corrector = 0});
  check_equal(ddim{.eta = 1}, er_sde<er_power>{.p = 1, .f = {2}});
  check_equal(ddim{.eta = 1}, ancestral<euler>{});
  check_equal(ddim{.eta = 0.5}, ancestral<euler>{.eta = 0.5});
}

TEST_CASE("two-point multistep: midpoint and heun slopes under their names") {
  check_equal(dpmpp_2m{}, unipc{.p = 2, .corrector = false, .ends = full});
  check_equal(dpmpp_2m{}, sde_dpmpp{.eta = 0});
  check_equal(dpmpp_2m{.form = slope::heun}, res_multistep{});
  check_equal(dpmpp_2m{.form = slope::heun}, unipc{.p = 2, .form = unified::vary_coeff, .corrector = false, .ends = full});
  check_equal(dpmpp_2m{.form = slope::heun}, sa_solver<>{.predictor = 2, .corrector = 0, .tau = {0}, .ends = full});
  check_equal(dpmpp_2m{.form = slope::heun, .target = noise_form}, deis{.q = 1, .in = deis_in::log_rho});
  check_different(dpmpp_2m{}, dpmpp_2m{.form = slope::heun});
  check_different(dpmpp_2m{}, dpmpp_2m{.target = noise_form});
}

TEST_CASE("from three points on, exact weights are one method") {
  const dpmpp_3m exact{.form = slope::heun};
  check_equal(exact, sa_solver<>{.predictor = 3, .corrector = 0, .tau = {0}, .ends = full});
  check_equal(exact, unipc{.p = 3, .form = unified::exact, .corrector = false, .ends = full});
  check_equal(dpmpp_3m{}, unipc{.p = 3, .corrector = false, .ends = full});
  check_equal(dpmpp_3m{.weights = curvature::published}, sde_dpmpp{.p = 3, .eta = 0, .weights = curvature::published});
  check_equal(dpmpp_3m{.form = slope::heun, .target = noise_form}, deis{.q = 2, .in = deis_in::log_rho});
  check_equal(unipc{.p = 4, .form = unified::exact, .target = noise_form, .corrector = false, .ends = full}, deis{.in = deis_in::log_rho});
  check_different(dpmpp_3m{}, dpmpp_3m{.weights = curvature::published});
}

TEST_CASE("correctors: UniPC and SA-Solver without noise") {
  for (const int p : {1, 2, 3})
    for (const prediction target : {prediction::x0, noise_form})
      for (const ramp& ends : {full, ramp::lowered()})
        check_equal(unipc{.p = p, .form = unified::exact, .target = target, .ends = ends},
                    sa_solver<>{.predictor = p, .corrector = p + 1, .tau = {0}, .target = target, .ends = ends});
  check_equal(unipc{.p = 1, .form = unified::bh1}, sa_solver<>{.predictor = 1, .corrector = 2, .tau = {0}, .simple = true});
  check_equal(unipc{.p = 2, .form = unified::bh1}, sa_solver<>{.predictor = 2, .corrector = 3, .tau = {0}, .simple = true});
  check_different(unipc{.p = 2}, unipc{.p = 2, .form = unified::exact});
}

TEST_CASE("Adams methods in sigma/alpha are one method") {
  for (const int p : {2, 3, 4}) {
    check_equal(lms{.p = p}, deis{.q = p - 1, .in = deis_in::rho});
    check_equal(lms{.p = p}, ipndm{.p = p, .weights = adams::exact});
  }
  check_different(lms{.p = 2}, ipndm{.p = 2});
  check_different(lms{.p = 2}, deis{.q = 1});
}

TEST_CASE("two-stage methods under their names") {
  check_equal(heun{}, rk{.how = butcher_tableau::heun2()});
  check_equal(heun{.along = axis::time}, rk{.how = butcher_tableau::heun2(), .along = axis::time});
  check_equal(heun{}, dpm2{.r = 1});
  check_equal(dpm2{}, singlestep{.target = noise_form});
  check_equal(dpm2{.r = 0.3}, singlestep{.target = noise_form, .r1 = {0.3}});
  check_equal(dpmpp_sde{.eta = 0}, singlestep{});
  check_different(dpm2{}, rk{.how = butcher_tableau::midpoint()});
}

TEST_CASE("decorators that do nothing leave the method as it is") {
  check_equal(ancestral<heun>{.eta = 0}, heun{});
  check_equal(churn<heun>{.s_churn = 0}, heun{});
  check_equal(unic<unipc>{.predictor = {.p = 3, .corrector = false}, .p = 3}, unipc{.p = 3});
  check_equal(warm_start<euler, dpmpp_2m>{}, dpmpp_2m{});
}
