// SPDX-License-Identifier: MIT
#include "diffode/run/continuous_adjoint.hpp"

#include "catch.hpp"
#include "diffode/grid/karras.hpp"
#include "diffode/grid/table.hpp"
#include "diffode/grid/uniform_lambda.hpp"
#include "diffode/method/ddim.hpp"
#include "diffode/method/dpmpp_2m.hpp"
#include "diffode/method/euler.hpp"
#include "diffode/method/exponential_rk.hpp"
#include "diffode/method/heun.hpp"
#include "diffode/method/lms.hpp"
#include "diffode/method/rk.hpp"
#include "diffode/model.hpp"
#include "diffode/schedule/edm.hpp"
#include "diffode/schedule/flow.hpp"
#include "diffode/schedule/vp_linear.hpp"
#include "doc/files.hpp"
#include "run/mixture_a.hpp"
#include "run/products.hpp"

#include <cmath>
#include <cstddef>
#include <cstdio>
#include <span>
#include <string>
#include <vector>

using namespace diffode_test;
namespace dd = diffode;

namespace {

constexpr double noisy = 80, clean = 0.002;

/// The levels of EDM, without the last step to 0.
dd::grid edm_steps(int count) {
  return dd::karras(dd::edm{}, {.sigma_max = noisy, .sigma_min = clean, .count = count, .end = dd::ending::keep});
}

struct gradients {
  double sample, by_start, by_mean, led_back;
};

const auto net = [](std::span<const double> x, const dd::level<>& at, std::span<double> out) { out[0] = mixture_a{}.at(x[0], at.sigma).eps; };

template <class M>
gradients discrete(const M& how, const dd::grid& g, double start) {
  std::vector<double> x{start}, dx(1);
  double by_mean = 0;
  const auto vjp = [&](const dd::adjoint_request<double>& wanted, std::span<double> out) {
    const auto here = mixture_a{}.at(wanted.call.x[0], wanted.call.at.sigma);
    out[0] = here.by_x * wanted.cotangent[0];
    by_mean += wanted.weight * here.by_mean * wanted.cotangent[0];
  };
  const dd::shared_plan made = dd::compile(how, g, dd::eps_model{});
  dd::adjoint(made, dd::eps(net), vjp, x, dx, [](std::span<const double>, std::span<double> d) { d[0] = 1; });
  return {x[0], dx[0], by_mean, start};
}

template <class M>
gradients continuous(const M& how, const dd::grid& g, double sample) {
  std::vector<double> x{sample}, dx{1};
  double by_mean = 0;
  const auto vjp = [&](const dd::adjoint_request<double>& wanted, std::span<double> out) {
    const auto here = mixture_a{}.at(wanted.call.x[0], wanted.call.at.sigma);
    out[0] = here.by_x * wanted.cotangent[0];
    by_mean += wanted.weight * here.by_mean * wanted.cotangent[0];
  };
  dd::follow_back(how, g, dd::eps(net), vjp, x, dx);
  return {sample, dx[0], by_mean, x[0]};
}

/// Equal to as many digits as are written: half a unit of the last one.
void check_printed(double value, double printed, double unit) {
  INFO(value << ", printed " << printed);
  CHECK(std::abs(value - printed) <= 0.5 * unit * (1 + 1e-6));
}

}  // namespace

TEST_CASE("the exact flow of the two normals has the derivatives that are written down") {
  const mixture_a data;
  const double x = data.quantile(0.2, noisy), y = data.quantile(0.2, clean);
  check_printed(x, -67.2825768047, 1e-10);
  check_printed(y, -0.9138518015, 1e-10);
  check_printed(data.density(x, noisy) / data.density(y, clean), 6.416298801e-3, 1e-12);
  const double far = data.quantile(0.4, noisy), near = data.quantile(0.4, clean);
  check_printed(data.by_mean(x, noisy, y, clean), 0.9980282076, 1e-10);
  check_printed(far, -20.2186294171, 1e-10);
  check_printed(near, 0.1797217268, 1e-10);
  check_printed(data.density(far, noisy) / data.density(near, clean), 9.172145177e-3, 1e-12);
}

TEST_CASE("gradients of runs with many steps of order 4 are those of the exact flow") {
  const mixture_a data;
  const double x = data.quantile(0.2, noisy);
  // The error of order 4 at 4000 steps, and rounding: 4000 steps of a map that shrinks.
  const gradients all = discrete(dd::rk{}, edm_steps(4000), x);
  check_printed(all.by_start, 6.416298801e-3, 1e-12);
  check_printed(all.by_mean, 0.9980282076, 1e-10);
  const gradients back = continuous(dd::rk{}, edm_steps(4000), data.quantile(0.2, clean));
  check_printed(back.by_start, 6.416298801e-3, 1e-12);
  check_printed(back.by_mean, 0.9980282076, 1e-10);
  check_printed(back.led_back, x, 1e-6);
  check_printed(discrete(dd::rk{}, edm_steps(4000), data.quantile(0.4, noisy)).by_start, 9.172145177e-3, 1e-12);
}

TEST_CASE("gradients of a run on one normal are those in closed form, by start, mean and deviation") {
  // mean 0.3, deviation 0.5: dx_0/dx_T, dx_0/dmean and dx_0/ddeviation from x_T = 40.
  const auto one = [](std::span<const double> x, const dd::level<>& at, std::span<double> out) { out[0] = at.sigma * (x[0] - 0.3) / (0.25 + at.sigma * at.sigma); };
  double by_mean = 0, by_deviation = 0;
  const auto vjp = [&](const dd::adjoint_request<double>& wanted, std::span<double> out) {
    const double sigma = wanted.call.at.sigma, v = 0.25 + sigma * sigma;
    out[0] = sigma / v * wanted.cotangent[0];
    by_mean += -sigma / v * wanted.cotangent[0];
    by_deviation += -sigma * (wanted.call.x[0] - 0.3) / (v * v) * 2 * 0.5 * wanted.cotangent[0];
  };
  std::vector<double> x{40}, dx(1);
  const dd::shared_plan made = dd::compile(dd::rk{}, edm_steps(8000), dd::eps_model{});
  dd::adjoint(made, dd::eps(one), vjp, x, dx, [](std::span<const double>, std::span<double> d) { d[0] = 1; }, {.checkpoints = 50});
  check_printed(dx[0], 0.006249927932, 1e-12);
  check_printed(by_mean, 0.993750072068, 1e-12);
  check_printed(by_deviation, 0.4962169542, 1e-10);
}

TEST_CASE("discrete and continuous gradients are off by what is written down, and the start is led back to where it is written") {
  const mixture_a data;
  const double x = data.quantile(0.2, noisy), exact = data.density(x, noisy) / data.density(data.quantile(0.2, clean), clean);
  std::string table = "| method, steps | discrete | continuous | led back to |\n|---|---|---|---|\n";
  struct printed {
    double discrete, unit, continuous, continuous_unit;
  };
  const auto check = [&](const auto& how, const char* title, int steps, const printed& p) {
    const gradients there = discrete(how, edm_steps(steps), x), back = continuous(how, edm_steps(steps), there.sample);
    const double differences = slope_at_zero([&](double h) { return discrete(how, edm_steps(steps), x + h).sample; }, 1e-2);
    CHECK(std::abs(there.by_start - differences) <= 1e-6 * std::abs(differences));
    const double off = there.by_start / exact - 1, off_back = back.by_start / exact - 1;
    INFO(title << ", " << steps << " steps");
    check_printed(off, p.discrete, p.unit);
    check_printed(off_back, p.continuous, p.continuous_unit);
    char row[96];
    std::snprintf(row, sizeof row, "| `%s`, %d | %.2g | %.2g | %.1f |\n", title, steps, off, off_back, back.led_back);
    table += row;
    return back.led_back;
  };
  check_printed(check(dd::euler{}, "euler", 20, {0.33, 0.01, -0.85, 0.01}), -44.5, 0.1);
  check(dd::euler{}, "euler", 80, {0.060, 0.001, -0.29, 0.01});
  check(dd::heun{}, "heun", 20, {0.003, 0.001, -0.078, 0.001});
  check(dd::heun{}, "heun", 40, {0.0006, 0.0001, -0.012, 0.001});
  check(dd::lms{.p = 2}, "lms{.p = 2}", 20, {0.17, 0.01, 4.5, 0.1});
  check(dd::lms{.p = 2}, "lms{.p = 2}", 80, {0.012, 0.001, 0.12, 0.01});
  INFO("docs/adjoint.md is not what was measured; run test_run with DIFFODE_UPDATE_DOCS=1 to write it. Measured:\n" << table);
  CHECK(doc::holds(doc::root() / "docs/adjoint.md", "errors", table));
}

TEST_CASE("the continuous adjoint converges in rho and in lambda, for every parameterisation, to the gradient of the flow") {
  const dd::noise_path path = dd::vp_linear{};
  const mixture data;
  for (const told what : every_told) {
    const auto flow = [what](std::span<const double> x, const dd::level<>& at, std::span<double> out) { out[0] = returned(what, mixture{}.at(x[0], at), at); };
    const auto vjp = [what](std::span<const double> x, const dd::level<>& at, std::span<const double> v, std::span<double> out) { told_product(what, x, at, v, out); };
    const auto steps = [&](int count) { return dd::uniform_lambda(path, {.from = 0.9, .to = 0.05, .count = count}); };
    const auto error = [&](const auto& how, int count) {
      const dd::grid g = steps(count);
      const double start = 0.4, y = data.flow(start, g.front(), g.back());
      const double slope = slope_at_zero([&](double h) { return data.flow(start + h, g.front(), g.back()); }, 1e-3);
      std::vector<double> x{y}, dx{1};
      const auto report = dd::follow_back(how, g, dd::model_of(told_model{what}, flow), vjp, x, dx, std::span<const double>(&start, 1));
      CHECK(report.calls == report.products);
      CHECK(report.reconstruction == Approx(std::abs(x[0] - start) / start).margin(1e-12));
      return std::abs(dx[0] / slope - 1);
    };
    INFO(name(what));
    // Order 2, less a tenth for what three doublings have of higher orders; a limit other than the gradient of the flow would
    // show as an error that stays.
    const auto converges = [&](const auto& how) { CHECK(error(how, 640) < error(how, 80) / std::pow(8, 1.8)); };
    converges(dd::heun{});                                      // along rho
    converges(dd::dpmpp_2m{.target = dd::prediction::eps});     // in lambda
  }
}

TEST_CASE("guidance: both outputs are asked for, and their products; two equal outputs count as one") {
  const dd::grid g = dd::uniform_lambda(dd::vp_linear{}, {.from = 0.9, .to = 0.05, .count = 12});
  const auto noise = [](std::span<const double> x, const dd::level<>& at, std::span<double> out) { out[0] = returned(told::eps, mixture{}.at(x[0], at), at); };
  const auto vjp = [](std::span<const double> x, const dd::level<>& at, std::span<const double> v, std::span<double> out) { told_product(told::eps, x, at, v, out); };
  std::vector<double> x{0.3}, dx{1};
  dd::follow_back(dd::heun{}, g, dd::eps(noise), vjp, x, dx);
  std::vector<double> guided_x{0.3}, guided_dx{1};
  const auto two = [&](std::span<const double> in, const dd::level<>& at, std::span<double> out, int) { noise(in, at, out); };
  const auto two_products = [&](std::span<const double> in, const dd::level<>& at, std::span<const double> v, std::span<double> out, int) { vjp(in, at, v, out); };
  const auto report = dd::follow_back(dd::heun{}, g, dd::guided(dd::eps(two), dd::classifier_free(3)), two_products, guided_x, guided_dx);
  CHECK(report.products == 2 * report.calls);
  CHECK(guided_x[0] == Approx(x[0]).epsilon(1e-12));
  CHECK(guided_dx[0] == Approx(dx[0]).epsilon(1e-12));
}

TEST_CASE("what a continuous adjoint can not do is refused") {
  const dd::grid g = edm_steps(5);
  std::vector<double> x{1}, dx{1}, two(2);
  const auto vjp = [](std::span<const double>, const dd::level<>&, std::span<const double>, std::span<double>) {};
  const auto why = [&](const auto& how, const dd::grid& on, auto m, std::vector<double>& state, std::vector<double>& gradient) {
    const auto r = dd::try_follow_back(how, on, m, vjp, state, gradient);
    REQUIRE(r.reason());
    return std::string(r.reason()->what());
  };
  CHECK(why(dd::ddim{.eta = 1}, g, dd::eps(net), x, dx) == "ddim: eta is 1 on a step towards noise, needs 0: noise is drawn anew only where some is taken away");
  CHECK(why(dd::euler{}, dd::reversed(g), dd::eps(net), x, dx) == "continuous_adjoint: lambda goes from 6.214608098422191 to -4.382026634673881, needs to rise, from noise to data");
  CHECK(why(dd::euler{}, g, dd::filtered(dd::eps(net), dd::clip{1}), x, dx) == "continuous_adjoint: the model has a filter, needs none: with one there is no flow to solve backwards");
  CHECK(why(dd::euler{}, g, dd::eps(net), x, two) == "continuous_adjoint: sizes of x and dx are 1 and 2, needs two arrays of one size, at least 1");
  CHECK(why(dd::euler{}, g, dd::eps(net), x, x) == "continuous_adjoint: sizes of x and dx are 1 and 1, in one memory, needs two arrays of one size, at least 1");
  std::vector<double> both(3);
  std::span<double> of_x = std::span(both).first(2), of_dx = std::span(both).last(2);
  const auto overlapping = dd::try_follow_back(dd::euler{}, g, dd::eps(net), vjp, of_x, of_dx);
  REQUIRE(overlapping.reason());
  CHECK(std::string(overlapping.reason()->what()) == "continuous_adjoint: sizes of x and dx are 2 and 2, in one memory, needs two arrays of one size, at least 1");
  const dd::grid from_nothing = dd::from_times(dd::flow{}, std::vector<double>{1, 0.5, 0.1});
  CHECK(why(dd::euler{}, from_nothing, dd::eps(net), x, dx) == "continuous_adjoint: alpha of level 0 is 0, needs a number above 0: y = x/alpha");
  const dd::grid to_zero = dd::karras(dd::edm{}, {.count = 5});
  CHECK(why(dd::euler{}, to_zero, dd::x0(net), x, dx) == "continuous_adjoint: the model's noise has no value at sigma 0, needs a grid that ends above 0, or an eps model");
  const auto wrong = dd::try_follow_back(dd::euler{}, g, dd::eps(net), vjp, x, dx, std::span<const double>(two));
  REQUIRE(wrong.reason());
  CHECK(std::string(wrong.reason()->what()) == "follow_back: size of start is 2, needs 1, the size of x");
  CHECK(x[0] == 1);
  dd::continuous_adjoint<double, dd::eps_model> s(dd::euler{}, g, dd::eps_model{}, x, dx);
  CHECK_THROWS_WITH(s.reconstruction_error(two), "reconstruction_error: size of start is 2, needs 1, the size of x");
  const dd::fault f = s.try_feed(std::span<const double>(two));
  REQUIRE(f);
  CHECK(std::string(f->what()) == "feed: size of output 0 is 2, needs 1, the size of the state");
}
