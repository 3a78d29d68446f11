// SPDX-License-Identifier: MIT
#include "diffode/run/plan_gradient.hpp"

#include "catch.hpp"
#include "diffode/method/ddim.hpp"
#include "diffode/model.hpp"
#include "diffode/run/adjoint.hpp"
#include "run/small_run.hpp"

#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

using namespace diffode_test;
namespace dd = diffode;

TEST_CASE("a coefficient's derivative is the product of the cotangent with what it multiplies") {
  // One step of ddim: y = a x + b F; dL/da = w . x, dL/db = w . F, dL/dlabel = b w . dF/dlabel.
  const dd::shared_plan made = dd::compile(dd::ddim{}, steps(1), dd::eps_model{});
  std::vector<double> x = start, dx(3), F(3);
  net(start, made->call(0).at, F);
  const auto product = [&](const dd::adjoint_request<double>& wanted, std::span<double> out, std::span<double> label) {
    vjp(wanted.call.x, wanted.call.at, wanted.cotangent, out);
    label[0] = 0.5 * wanted.cotangent[0];
  };
  const dd::adjoint_report report = dd::adjoint(made, dd::eps(net), product, x, dx, loss, {.coefficients = true, .labels = true});
  REQUIRE(report.plan.coefficients.size() == 2);
  double by_x = 0, by_F = 0;
  for (std::size_t i = 0; i < 3; ++i) by_x += loss_weight(i) * start[i], by_F += loss_weight(i) * F[i];
  CHECK(report.plan.coefficients[0] == Approx(by_x).epsilon(1e-14));
  CHECK(report.plan.coefficients[1] == Approx(by_F).epsilon(1e-14));
  REQUIRE(report.plan.labels.size() == 1);
  const dd::instruction& step = made->instructions()[1];
  CHECK(report.plan.labels[0] == Approx(0.5 * loss_weight(0) * made->coefficients(step)[1]).epsilon(1e-14));
}

TEST_CASE("the derivative of a coefficient of noise is taken on the noise that was drawn") {
  const dd::shared_plan made = dd::compile(dd::ddim{.eta = 1}, steps(1), dd::eps_model{});
  const dd::philox noise{.seed = 3};
  std::vector<double> x = start, dx(3), z(3);
  noise.fill(0, 0, 0, std::span<double>(z));
  const dd::adjoint_report report = dd::adjoint(made, dd::eps(net), vjp, x, dx, loss, {.coefficients = true}, noise);
  REQUIRE(report.plan.coefficients.size() == 3);
  double by_z = 0;
  for (std::size_t i = 0; i < 3; ++i) by_z += loss_weight(i) * z[i];
  CHECK(report.plan.coefficients[2] == Approx(by_z).epsilon(1e-14));
}

namespace {

/// Two-step formulas with free numbers: x_t = a_i x + b_i m_0 + c_i m_1.
struct free_numbers {
  std::vector<double> all;

  static constexpr const char* name = "free_numbers";
  static constexpr dd::prediction target = dd::prediction::x0;
  static constexpr int keep() { return 1; }
  static constexpr int order() { return 1; }
  template <dd::coefficient R>
  dd::value step(dd::recorder<R>& r, const dd::level<R>& s, const dd::level<R>&) const {
    const std::size_t i = 3 * static_cast<std::size_t>(r.position().index);
    const dd::value x = r.state(), m = r.predict(x, s);
    const dd::value y = r.depth() == 0 ? r.sum({{x, all[i]}, {m, all[i + 1]}}) : r.sum({{x, all[i]}, {m, all[i + 1]}, {r.past(0).m, all[i + 2]}});
    r.remember(m, s);
    return y;
  }
  static dd::fault check() { return {}; }
};

}  // namespace

TEST_CASE("free coefficients of a method have gradients through the plans that they make") {
  const dd::grid g = steps(4);
  // One of them happens to be 0, and counts all the same.
  const std::vector<double> numbers{0.9, 0.1, 0, 0.8, 0.3, -0.1, 0.7, 0.4, 0, 0.5, 0.6, -0.2};
  const auto plan_of = [&](std::span<const double> n) { return dd::compile(free_numbers{{n.begin(), n.end()}}, g, dd::eps_model{}, {.every_term = true}); };
  const dd::shared_plan made = plan_of(numbers);
  std::vector<double> x = start, dx(3);
  const dd::adjoint_report report = dd::adjoint(made, dd::eps(net), vjp, x, dx, loss, {.checkpoints = 1, .coefficients = true});
  const std::vector<double> gradient = dd::gradient_of(numbers, report.plan, plan_of);
  double size = 0;
  for (const double one : gradient) size = std::fmax(size, std::abs(one));
  for (std::size_t n = 0; n < numbers.size(); ++n) {
    const double differences = slope_at_zero(
        [&](double h) {
          std::vector<double> moved = numbers, y = start;
          moved[n] += h;
          dd::sample(dd::shared_plan(plan_of(moved)), dd::eps(net), y);
          return linear_loss(y);
        },
        1e-3);
    INFO("number " << n << ": " << gradient[n] << ", by differences " << differences);
    CHECK(std::abs(gradient[n] - differences) <= 1e-8 * size);
  }
  CHECK(gradient[2] == 0);  // the first step has no history
  CHECK(gradient[8] != 0);
}

TEST_CASE("gradients of several runs add up to that of one run with all their samples") {
  const dd::shared_plan made = dd::compile(dd::ddim{}, steps(3), dd::eps_model{});
  const auto each = [](std::span<const double> x, const dd::level<>& at, std::span<double> out) {
    for (std::size_t i = 0; i < x.size(); i += 3) net(x.subspan(i, 3), at, out.subspan(i, 3));
  };
  const auto product = [](const dd::adjoint_request<double>& wanted, std::span<double> out, std::span<double> label) {
    for (std::size_t i = 0; i < out.size(); i += 3) vjp(wanted.call.x.subspan(i, 3), wanted.call.at, wanted.cotangent.subspan(i, 3), out.subspan(i, 3));
    label[0] = 0;
    for (const double v : wanted.cotangent) label[0] += v;
  };
  const auto ones = [](std::span<const double>, std::span<double> dx) {
    for (double& g : dx) g = 1;
  };
  const auto gradient_from = [&](std::vector<double> x, std::size_t batch) {
    std::vector<double> dx(x.size());
    return dd::adjoint(made, dd::eps(each), product, x, dx, ones, {.batch = batch, .coefficients = true, .labels = true}).plan;
  };
  dd::plan_gradient sum;
  sum += gradient_from({0.3, -0.9, 1.4}, 1);
  sum += gradient_from({1.1, 0.2, -0.6}, 1);
  const dd::plan_gradient both = gradient_from({0.3, -0.9, 1.4, 1.1, 0.2, -0.6}, 2);
  REQUIRE(sum.coefficients.size() == both.coefficients.size());
  REQUIRE(sum.labels.size() == 3);
  for (std::size_t i = 0; i < both.coefficients.size(); ++i) CHECK(sum.coefficients[i] == Approx(both.coefficients[i]).epsilon(1e-13).margin(1e-13));
  for (std::size_t i = 0; i < 3; ++i) CHECK(sum.labels[i] == Approx(both.labels[i]).epsilon(1e-13));
}

TEST_CASE("derivatives of plans that change, or of other plans, are refused") {
  const auto plan_of = [](std::span<const double> n) { return dd::try_compile(dd::ddim{}, steps(n[0] > 1 ? 3 : 2), dd::eps_model{}); };
  const std::vector<double> numbers{1};
  const auto why_not = [&](const dd::plan_gradient& g, const dd::difference_options& o = {}) { return why(dd::try_gradient_of(numbers, g, plan_of, o).reason()); };
  CHECK(why_not({std::vector<double>(4), {}}) == "gradient_of: number 0 is 1, and the number of instructions of the plan changes at 1.0001, needs plans compiled with every_term, a smaller step, or another number");
  CHECK(why_not({std::vector<double>(3), {}}) == "gradient_of: numbers of derivatives are 3 for coefficients and 0 for labels, needs 4 and 2 (or 0), the numbers of the plan");
  CHECK(why_not({}, {.step = 0}) == "gradient_of: step is 0, needs a finite number above 0");
  const auto refused = [](std::span<const double> n) { return dd::try_compile(dd::ddim{.eta = -n[0]}, steps(2), dd::eps_model{}); };
  CHECK(why(dd::try_gradient_of(numbers, {}, refused).reason()).find("eta is -1") != std::string::npos);
}
