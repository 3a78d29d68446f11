// SPDX-License-Identifier: MIT
#include "diffode/tape/slope.hpp"

#include "catch.hpp"
#include "diffode/diffode.hpp"
#include "tape/record.hpp"

#include <vector>

using namespace diffode_test;

namespace {

/// Returns the slope at the start in place of a step.
struct only_slope {
  axis along = axis::rho;
  static constexpr const char* name = "only_slope";
  static constexpr prediction target = prediction::x0;
  static constexpr int keep() { return 0; }
  static constexpr int order() { return 1; }
  static fault check() { return {}; }
  template <coefficient R>
  value step(recorder<R>& r, const level<R>& s, const level<R>&) const {
    return r.sum({{slope_of(r, along, r.state(), s), 1}});
  }
};

grid one_step(const noise_path& path, double from) { return from_times(path, std::vector<double>{from, 0.1}); }

template <class Form>
double slope_here(axis along, const grid& g, const Form& form, double x, double answer) {
  std::vector<double> state{x};
  sampler<double> s(only_slope{along}, g, form, state);
  s.next();
  s.feed(std::vector<double>{answer});
  return state[0];
}

}  // namespace

TEST_CASE("the slope is eps along rho and eps - x0 along time, whatever the model says") {
  const grid g = one_step(vp_linear{}, 0.4);
  const level<> s = g[0];
  const double x0 = 0.7, eps = -1.2, x = s.alpha * x0 + s.sigma * eps;
  for (const axis along : {axis::rho, axis::time}) {
    const double wanted = along == axis::rho ? eps : eps - x0;
    CHECK(slope_here(along, g, eps_model{}, x, eps) == Approx(wanted).epsilon(1e-14));
    CHECK(slope_here(along, g, x0_model{}, x, x0) == Approx(wanted).epsilon(1e-14));
    CHECK(slope_here(along, g, v_model{}, x, s.alpha * eps - s.sigma * x0) == Approx(wanted).epsilon(1e-14));
    CHECK(slope_here(along, g, flow_model{}, x, eps - x0) == Approx(wanted).epsilon(1e-14));
  }
}

TEST_CASE("with a filter it goes where the filtered x0 says") {
  const grid g = one_step(vp_linear{}, 0.4);
  const level<> s = g[0];
  const double x = s.alpha * 3 + s.sigma * 0.5, eps = (x - s.alpha * 1) / s.sigma;  // x0 = 3 is clipped to 1
  for (const axis along : {axis::rho, axis::time}) {
    std::vector<double> state{x};
    sampler<double, philox, clip> run(shared_plan(compile(only_slope{along}, g, filtered(x0_model{}, clip{1}))), state, {}, philox{}, clip{1});
    run.next();
    run.feed(std::vector<double>{3});
    CHECK(state[0] == Approx(along == axis::rho ? eps : eps - 1).epsilon(1e-14));
  }
}

TEST_CASE("what a model says of the slope is taken as it is: the state cancels and is not read") {
  const plan rho_plan = compile(only_slope{}, one_step(vp_linear{}, 0.4), eps_model{});
  const plan time_plan = compile(only_slope{axis::time}, one_step(flow{}, 0.4), flow_model{});
  for (const plan* p : {&rho_plan, &time_plan}) {
    CHECK(p->inputs(combine_of(*p)).size() == 1);
    CHECK(weight_of(*p, combine_of(*p), 0, output()) == Approx(1).epsilon(1e-15));
  }
}

TEST_CASE("it exists on clean data for models that speak of noise, and from pure noise for models of x0") {
  const grid clean = from_sigmas(ve{}, std::vector<double>{0, 1});
  CHECK(slope_here(axis::rho, clean, eps_model{}, 2, 0.3) == 0.3);
  CHECK(slope_here(axis::time, clean, eps_model{}, 2, 0.3) == Approx(0.3 - 2).epsilon(1e-15));
  const grid noise = from_times(flow{}, std::vector<double>{1, 0.5});
  CHECK(slope_here(axis::rho, noise, x0_model{}, 2, 0.3) == 2);
  CHECK(slope_here(axis::time, noise, x0_model{}, 2, 0.3) == Approx(2 - 0.3).epsilon(1e-15));
}

TEST_CASE("predict answers in the form that is asked for, whatever the method's target") {
  struct eps_of_x0_method : only_slope {
    value step(recorder<double>& r, const level<>& s, const level<>&) const {
      const value m = r.predict(r.state(), s, prediction::eps);
      return r.sum({{m, 1}, {r.predict(r.state(), s), 10}});
    }
    value step(recorder<lanes>& r, const level<lanes>&, const level<lanes>&) const { return r.state(); }
  };
  const grid g = from_sigmas(ve{}, std::vector<double>{2, 1});
  std::vector<double> state{5};
  sampler<double> s(eps_of_x0_method{}, g, x0_model{}, state);
  s.next();
  s.feed(std::vector<double>{3});
  CHECK(state[0] == Approx((5 - 3) / 2. + 30).epsilon(1e-15));
}
