// SPDX-License-Identifier: MIT

// What exact weights are exact for: a prediction that is a polynomial in the variable of the method. On random steps of every
// path, from an exact state with an exact history, such runs end where a quadrature says, to rounding; one degree higher they
// do not. For weights w_j of nodes d_j behind, these are the conditions sum_j w_j (-d_j)^q = int s^q dw of order q + 1.

#include "catch.hpp"
#include "conformance/exact_start.hpp"
#include "method/probe.hpp"

#include <algorithm>
#include <functional>

using namespace diffode_test;

namespace {

constexpr auto data_form = prediction::x0, noise_form = prediction::eps;
const ramp full = ramp::full();

using variable = double (*)(const level<>&);
double lambda_of_level(const level<>& at) { return at.lambda; }
double rho_of_level(const level<>& at) { return rho(at); }
double time_of_level(const level<>& at) { return at.t; }

/// int f over lambda from a to b: Gauss's rule with 5 points on 40 panels, error far below rounding.
double integral(double a, double b, const std::function<double(double)>& f) {
  constexpr double x[] = {0, 0.5384693101056831, 0.9061798459386640}, w[] = {0.5688888888888889, 0.4786286704993665, 0.2369268850561891};
  constexpr int panels = 40;
  double sum = 0;
  for (int k = 0; k < panels; ++k) {
    const double half = (b - a) / panels / 2, middle = a + (2 * k + 1) * half;
    sum += half * w[0] * f(middle);
    for (int j : {1, 2}) sum += half * w[j] * (f(middle - half * x[j]) + f(middle + half * x[j]));
  }
  return sum;
}

/// A polynomial of a level, of size 1 on the grid.
struct polynomial {
  variable of;
  int degree;
  double middle, reach;

  polynomial(variable v, int n, const grid& g) : of(v), degree(n), middle(0.5 * (v(g.front()) + v(g.back()))), reach(0.5 * std::abs(v(g.front()) - v(g.back()))) {}
  double operator()(const level<>& at) const { return 0.5 + std::pow((of(at) - middle) / reach, degree); }
};

/// Where the flow (or the drift with strength tau2 of noise) takes x from s to t while x0 or eps is the polynomial.
double exact(const grid& g, prediction form, double tau2, const polynomial& f, double x, const level<>& s, const level<>& t) {
  const double a = 1 + tau2;
  const auto at = [&](double lambda) { return f(g.path().at_lambda(lambda)); };
  if (form == data_form)
    return t.sigma / s.sigma * std::exp(tau2 * (s.lambda - t.lambda)) * x +
           t.alpha * integral(s.lambda, t.lambda, [&](double l) { return a * std::exp(a * (l - t.lambda)) * at(l); });
  return t.alpha / s.alpha * x - t.alpha * integral(s.lambda, t.lambda, [&](double l) { return std::exp(-l) * at(l); });
}

/// How far off a method is at the last point but one, after some steps of its own, in units of what rounding may do.
template <class M>
double miss(const M& how, const grid& g, prediction form, double tau2, const polynomial& f) {
  const exact_start<M> started{.then = how};
  const auto run = [&](const auto& model) {
    const plan made = compile(started, g, model, {.watch_state = true});
    const std::size_t known = static_cast<std::size_t>(started.steps), streams = static_cast<std::size_t>(made.noises());
    row truth{0.7}, noise(streams), x{0.7}, answer(1);
    for (std::size_t k = 0; k < g.steps(); ++k) truth.push_back(exact(g, form, tau2, f, truth.back(), g[k], g[k + 1]));
    for (std::size_t k = 0; k < known; ++k) noise[k * (1 + (streams - known) / g.steps())] = truth[k + 1];
    const recorded_noise<double> given{noise, 1};
    sampler<double, recorded_noise<double>> s(shared_plan(made), x, {}, given);
    double reached = 0;
    while (const auto call = s.next()) {
      answer[0] = f(call->at);
      s.feed(answer, [&](const sight<double>& now) {
        if (now.what == seen::state && now.point + 1 == static_cast<int>(g.steps())) reached = now.x[0];
      });
    }
    double size = made.largest_coefficient();
    for (const double v : truth) size = std::fmax(size, std::abs(v));
    return std::abs(reached - truth[g.steps() - 1]) / size;
  };
  return form == data_form ? run(x0_model{}) : run(eps_model{});
}

/// Exact up to `degree`, and no further.
template <class M>
void check_exact(const M& how, int degree, variable of = lambda_of_level, double tau2 = 0, prediction form = data_form) {
  std::mt19937 draw(41);
  double beyond = 0;
  for (int k = 0; k < 30; ++k) {
    const grid g = random_grid(draw, how.keep() + 3);
    for (int n = 0; n <= degree; ++n) {
      INFO(how.name << ", degree " << n << " on " << g.path().name);
      CHECK(miss(how, g, form, tau2, polynomial(of, n, g)) <= 1e-13);
    }
    beyond = std::fmax(beyond, miss(how, g, form, tau2, polynomial(of, degree + 1, g)));
  }
  CHECK(beyond > 1e-6);
}

}  // namespace

TEST_CASE("exponential multistep methods are exact for polynomials in lambda") {
  check_exact(ddim{}, 0);
  check_exact(dpmpp_2m{.form = slope::heun}, 1);
  check_exact(dpmpp_2m{.form = slope::heun, .target = noise_form}, 1, lambda_of_level, 0, noise_form);
  check_exact(dpmpp_3m{}, 2);
  check_exact(dpmpp_3m{.target = noise_form}, 2, lambda_of_level, 0, noise_form);
  check_exact(unipc{.p = 4, .corrector = false, .ends = full}, 3);
  for (const int q : {1, 2, 3}) check_exact(deis{.q = q, .in = deis_in::log_rho}, q, lambda_of_level, 0, noise_form);
  check_exact(res_multistep{}, 1);
  // A slope of g_1/2 is exact for none but constants, and half a curvature for lines: of order 2 all the same.
  check_exact(dpmpp_2m{}, 0);
  check_exact(dpmpp_3m{.weights = curvature::published}, 1);
}

TEST_CASE("correctors are exact for one degree more") {
  for (const prediction form : {data_form, noise_form})
    for (const int p : {1, 2, 3, 4}) check_exact(unipc{.p = p, .form = unified::exact, .target = form, .ends = full}, p, lambda_of_level, 0, form);
  check_exact(unipc{.p = 2, .ends = full}, 2);  // bh2 differs at one evaluation only
  check_exact(unic<ddim>{.p = 3, .ends = full}, 3);
  check_exact(unic<dpmpp_3m>{.ends = full}, 3);
}

TEST_CASE("single-step methods that integrate the polynomial through their stages are exact for it") {
  for (const prediction form : {data_form, noise_form}) {
    check_exact(singlestep{.form = slope::heun, .target = form}, 1, lambda_of_level, 0, form);
    check_exact(singlestep{.p = 3, .form = slope::heun, .target = form}, 2, lambda_of_level, 0, form);
    check_exact(singlestep{.p = 3, .target = form}, 1, lambda_of_level, 0, form);
  }
}

TEST_CASE("the drift of stochastic exponential methods is exact for polynomials in lambda, whatever the strength") {
  for (const double eta : {0.5, 1.0}) {
    check_exact(sde_dpmpp{.eta = eta, .form = slope::heun}, 1, lambda_of_level, eta);
    check_exact(sde_dpmpp{.p = 3, .eta = eta}, 2, lambda_of_level, eta);
    check_exact(sa_solver<>{.predictor = 3, .corrector = 4, .tau = {std::sqrt(eta)}, .ends = full}, 3, lambda_of_level, eta);
  }
}

TEST_CASE("Adams and Runge-Kutta methods in sigma/alpha are exact for noise that is a polynomial in it, tAB in time") {
  for (const int p : {1, 2, 3, 4, 5}) check_exact(lms{.p = p}, p - 1, rho_of_level, 0, noise_form);
  for (const int q : {1, 2, 3}) {
    check_exact(deis{.q = q, .in = deis_in::rho}, q, rho_of_level, 0, noise_form);
    check_exact(deis{.q = q}, q, time_of_level, 0, noise_form);
  }
  check_exact(heun{}, 1, rho_of_level, 0, noise_form);
  check_exact(rk{.how = butcher_tableau::heun3()}, 2, rho_of_level, 0, noise_form);
  check_exact(rk{}, 3, rho_of_level, 0, noise_form);  // Simpson's rule
}
