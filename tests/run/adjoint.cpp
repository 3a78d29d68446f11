// SPDX-License-Identifier: MIT
#include "diffode/run/adjoint.hpp"

#include "catch.hpp"
#include "diffode/grid/table.hpp"
#include "diffode/method/ddim.hpp"
#include "diffode/method/dpmpp_2m.hpp"
#include "diffode/method/heun.hpp"
#include "diffode/method/sde_dpmpp.hpp"
#include "diffode/model.hpp"
#include "diffode/noise/brownian.hpp"
#include "diffode/noise/recorded_noise.hpp"
#include "diffode/run/adaptive.hpp"
#include "run/small_run.hpp"

#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

using namespace diffode_test;
namespace dd = diffode;

namespace {

template <class Model, class Product, class Noise = dd::philox>
std::vector<double> gradient_of_run(const dd::shared_plan& made, Model m, Product product, const dd::adjoint_options& o = {}, Noise noise = {}) {
  std::vector<double> x = start, dx(x.size());
  dd::adjoint(made, m, product, x, dx, loss, o, noise);
  return dx;
}

/// A gradient, element by element, against differences of a run.
template <class Run>
void check_against(const std::vector<double>& gradient, Run end_of) {
  double size = 0;
  for (const double g : gradient) size = std::fmax(size, std::abs(g));
  for (std::size_t i = 0; i < gradient.size(); ++i) {
    const double differences = slope_at_zero(
        [&](double h) {
          std::vector<double> x = start;
          x[i] += h;
          end_of(x);
          return linear_loss(x);
        },
        1e-3);
    INFO("element " << i << ": " << gradient[i] << ", by differences " << differences);
    CHECK(std::abs(gradient[i] - differences) <= 1e-8 * size);
  }
}

/// Two outputs, the second of which sees half the state.
constexpr auto two = [](std::span<const double> x, const dd::level<>& at, std::span<double> out, int which) {
  std::vector<double> in(x.begin(), x.end());
  for (double& v : in) v *= which == 0 ? 1 : 0.5;
  net(in, at, out);
};
constexpr auto two_products = [](std::span<const double> x, const dd::level<>& at, std::span<const double> v, std::span<double> out, int which) {
  std::vector<double> in(x.begin(), x.end());
  for (double& u : in) u *= which == 0 ? 1 : 0.5;
  vjp(in, at, v, out);
  for (double& u : out) u *= which == 0 ? 1 : 0.5;
};

}  // namespace

TEST_CASE("push style gives the sample of the plain run, its gradient, and a report") {
  const dd::shared_plan made = dd::compile(dd::dpmpp_2m{}, steps(6), dd::eps_model{});
  std::vector<double> x = start, dx(3), plain = start;
  const dd::adjoint_report report = dd::adjoint(made, dd::eps(net), vjp, x, dx, loss, {.checkpoints = 1});
  dd::sample(made, dd::eps(net), plain);
  CHECK(x == plain);
  CHECK(report.products == 6);
  CHECK(report.calls > 6);
  CHECK(report.bytes == dd::adjoint_sampler<double>::bytes(*made, 3, {.checkpoints = 1}));
  CHECK(report.plan.coefficients.empty());
  check_against(dx, [&](std::vector<double>& y) { dd::sample(made, dd::eps(net), y); });
}

TEST_CASE("guidance goes back through all outputs, and through none that is not wanted") {
  dd::guidance mix = dd::classifier_free(2.5);
  mix.to_lambda = 0;
  const auto model = dd::guided(dd::eps(two), mix);
  const dd::shared_plan made = dd::compile(dd::dpmpp_2m{}, steps(6), model.form);
  int second = 0;
  const auto counted = [&](std::span<const double> x, const dd::level<>& at, std::span<const double> v, std::span<double> out, int which) {
    second += which;
    two_products(x, at, v, out, which);
  };
  check_against(gradient_of_run(made, model, counted), [&](std::vector<double>& y) { dd::sample(made, model, y); });
  CHECK(second > 0);
  CHECK(second < 6);
}

TEST_CASE("clipping goes back through what was left alone") {
  const auto model = dd::filtered(dd::eps(net), dd::clip{0.6});
  const dd::shared_plan made = dd::compile(dd::dpmpp_2m{}, steps(5), model.form);
  const auto run = [&](std::vector<double>& y) { dd::sample(made, model, y); };
  const std::vector<double> all = gradient_of_run(made, model, vjp);
  check_against(all, run);
  for (const int kept : {0, 1, 3}) CHECK(gradient_of_run(made, model, vjp, {.checkpoints = kept}) == all);
  std::vector<double> in{-0.7, -0.6, 0.2, 0.9}, out(4);
  const std::vector<double> v{1, 2, 3, 4};
  dd::clip{0.6}.vjp(std::span<const double>(in), std::span<const double>(v), std::span<double>(out), {});
  CHECK(out == std::vector<double>{0, 2, 3, 0});
}

TEST_CASE("dynamic thresholds go back through what they keep, and through the quantile") {
  // Of 3 numbers: the quantile is between two of them, at one of them, and out of reach, above and below.
  for (const dd::dynamic_threshold& limit : {dd::dynamic_threshold{.ratio = 0.7, .least = 1e-3}, dd::dynamic_threshold{.ratio = 0.5, .least = 1e-3}, dd::dynamic_threshold{.ratio = 1, .least = 1e-3},
                                             dd::dynamic_threshold{.ratio = 0.7, .least = 0.4, .most = 0.45}, dd::dynamic_threshold{.ratio = 0.7, .least = 100}}) {
    const auto model = dd::filtered(dd::eps(net), limit);
    const dd::shared_plan made = dd::compile(dd::dpmpp_2m{}, steps(4), model.form);
    const std::vector<double> all = gradient_of_run(made, model, vjp);
    check_against(all, [&](std::vector<double>& y) { dd::sample(made, model, y); });
  }
  // Two samples of one array have a quantile each; the cotangent's array may be the result's.
  std::vector<double> in{-0.5, 0.2, 0.9, 3, -2, 1}, v{1, 2, 3, 4, 5, 6}, both(6), in_place = v;
  const dd::dynamic_threshold limit{.ratio = 0.75, .least = 0.1};
  limit.vjp(std::span<const double>(in), std::span<const double>(v), std::span<double>(both), dd::filter_call{{}, 3});
  limit.vjp(std::span<const double>(in), std::span<const double>(in_place), std::span<double>(in_place), dd::filter_call{{}, 3});
  CHECK(in_place == both);
  for (const std::size_t first : {std::size_t{0}, std::size_t{3}}) {
    std::vector<double> one(3);
    limit.vjp(std::span<const double>(in).subspan(first, 3), std::span<const double>(v).subspan(first, 3), std::span<double>(one), dd::filter_call{{}, 3});
    CHECK(one == std::vector<double>(both.begin() + static_cast<std::ptrdiff_t>(first), both.begin() + static_cast<std::ptrdiff_t>(first) + 3));
  }
}

TEST_CASE("edm networks, an analytical first step, a last evaluation, an input and a state of their own have gradients too") {
  const dd::edm_model meaning{};
  const auto scaled = [](std::span<const double> x, const dd::level<>&, std::span<double> out) {
    for (std::size_t i = 0; i < x.size(); ++i) out[i] = std::tanh(1.3 * x[i] + 0.2);
  };
  const auto scaled_product = [](std::span<const double> x, const dd::level<>&, std::span<const double> v, std::span<double> out) {
    for (std::size_t i = 0; i < x.size(); ++i) out[i] = v[i] * 1.3 / std::pow(std::cosh(1.3 * x[i] + 0.2), 2);
  };
  const auto model = dd::edm_network(scaled, meaning);
  for (const dd::compile_options& o : {dd::compile_options{}, dd::compile_options{.denoise_at_end = true}, dd::compile_options{.analytical_first = true},
                                       dd::compile_options{.own_input = true}, dd::compile_options{.own_state = true}, dd::compile_options{.watch_state = true, .watch_denoised = true}}) {
    const dd::shared_plan made = dd::compile(dd::heun{}, steps(4), model.form, o);
    const std::vector<double> all = gradient_of_run(made, model, scaled_product);
    check_against(all, [&](std::vector<double>& y) { dd::sample(made, model, y); });
    CHECK(gradient_of_run(made, model, scaled_product, {.checkpoints = 1}) == all);
  }
}

TEST_CASE("the noise of a run is a constant, whatever its source") {
  const dd::shared_plan made = dd::compile(dd::ddim{.eta = 1}, steps(5), dd::eps_model{});
  const dd::philox seeded{.seed = 5};
  check_against(gradient_of_run(made, dd::eps(net), vjp, {.checkpoints = 0}, seeded), [&](std::vector<double>& y) { dd::sample(made, dd::eps(net), y, {}, seeded); });
  std::vector<double> drawn(static_cast<std::size_t>(made->noises()) * start.size());
  for (std::size_t i = 0; i < drawn.size(); ++i) drawn[i] = std::sin(3.1 * static_cast<double>(i));
  const dd::recorded_noise<double> given{drawn, start.size()};
  check_against(gradient_of_run(made, dd::eps(net), vjp, {.checkpoints = 2}, given), [&](std::vector<double>& y) { dd::sample(made, dd::eps(net), y, {}, given); });
}

TEST_CASE("noise of one path, drawn again on the way back, is the noise of the run") {
  const dd::shared_plan made = dd::compile(dd::sde_dpmpp{}, steps(5), dd::eps_model{});
  const dd::brownian path{.seed = 9};
  check_against(gradient_of_run(made, dd::eps(net), vjp, {.checkpoints = 1}, path), [&](std::vector<double>& y) { dd::sample(made, dd::eps(net), y, {}, path); });
}

TEST_CASE("an adaptive run has the gradient of a planned one over the levels that it accepted") {
  const dd::noise_path path = dd::vp_linear{};
  std::vector<double> x = start, out(3);
  dd::adaptive_sampler s(dd::heun{}, dd::adaptive(path, {.from = 0.9, .to = 0.05, .rtol = 1e-2, .atol = 1e-2}), dd::eps_model{}, x);
  std::vector<dd::level<>> levels{s.at()};
  while (const auto call = s.next()) {
    net(call->x, call->at, out);
    s.feed(out);
    if (s.at().lambda != levels.back().lambda) levels.push_back(s.at());
  }
  REQUIRE(s.finished());
  const dd::shared_plan made = dd::compile(dd::heun{}, dd::from_levels(path, levels), dd::eps_model{});
  std::vector<double> y = start;
  dd::sample(made, dd::eps(net), y);
  // Each step folds into other combines there: rounding, in a hundred steps at most.
  for (std::size_t i = 0; i < 3; ++i) CHECK(y[i] == Approx(x[i]).epsilon(1e-12));
  check_against(gradient_of_run(made, dd::eps(net), vjp), [&](std::vector<double>& z) { dd::sample(made, dd::eps(net), z); });
}

TEST_CASE("the second loss on the same run needs no second run there") {
  const dd::shared_plan made = dd::compile(dd::dpmpp_2m{}, steps(6), dd::eps_model{});
  for (const int kept : {dd::every_evaluation, 2}) {
    std::vector<double> x = start, dx(3), out(3);
    dd::adjoint_sampler<double> s(made, x, dx, {.checkpoints = kept});
    const auto answer = [&] {
      while (const auto wanted = s.next()) {
        if (wanted->is_product()) vjp(wanted->call.x, wanted->call.at, wanted->cotangent, out);
        else net(wanted->call.x, wanted->call.at, out);
        s.feed(out);
      }
    };
    const auto gradient = [&](double of_first) {
      dx = {of_first, 1, 0};
      s.start_backward();
      answer();
      return dx;
    };
    answer();
    const std::vector<double> sample = x, first = gradient(1), second = gradient(0), again = gradient(1);
    CHECK(x == sample);
    CHECK(first == again);
    CHECK(first != second);
  }
}

TEST_CASE("what a gradient can not be taken of is refused, before anything changes") {
  const dd::shared_plan made = dd::compile(dd::dpmpp_2m{}, steps(3), dd::eps_model{});
  std::vector<double> x = start, dx(3), two_elements(2);
  using sampler = dd::adjoint_sampler<double>;
  CHECK(why(sampler::try_make(made, x, two_elements).reason()) == "adjoint: size of dx is 2, needs an array of its own of 3 elements, the size of x");
  CHECK(why(sampler::try_make(made, x, x).reason()) == "adjoint: size of dx is 3, the array of x itself, needs an array of its own of 3 elements, the size of x");
  std::vector<double> both(5);
  std::span<double> of_x = std::span(both).first(3), of_dx = std::span(both).last(3);
  CHECK(why(sampler::try_make(made, of_x, of_dx).reason()) == "adjoint: size of dx is 3, in part the array of x, needs an array of its own of 3 elements, the size of x");
  CHECK(why(sampler::try_bytes(*made, std::numeric_limits<std::size_t>::max() / 4).reason()).starts_with("adjoint: size of x is 4611686018427387903, needs at most "));
  CHECK(why(sampler::try_make(made, x, dx, {.checkpoints = 4}).reason()) == "adjoint: checkpoints is 4, needs 0 to 3, the evaluations of the run, or every_evaluation");
  CHECK(why(sampler::try_make(made, x, dx, {.checkpoints = -2}).reason()) == "adjoint: checkpoints is -2, needs 0 to 3, the evaluations of the run, or every_evaluation");
  CHECK(why(sampler::try_make(made, x, dx, {.batch = 2}).reason()) == "sampler: batch is 2, needs a divisor of the size of x, 3");

  const auto bend = [](std::span<const double> in, std::span<double> out, const dd::filter_call&) {
    for (std::size_t i = 0; i < in.size(); ++i) out[i] = std::tanh(in[i]);
  };
  const auto threshold = dd::filtered(dd::eps(net), bend);
  const dd::shared_plan filtered = dd::compile(dd::dpmpp_2m{}, steps(3), threshold.form);
  CHECK(why(sampler::try_make(filtered, x, dx).reason()) == "adjoint: limit is no_filter, needs the filter that the plan was made with");
  CHECK(why(dd::try_adjoint(filtered, threshold, vjp, x, dx, loss).reason()) ==
        "adjoint: the model's filter has no vjp, needs vjp(in, cotangent, out, where): it is not linear, and has 3 passes in this run");
  CHECK(why(dd::adjoint_sampler<double, dd::philox, dd::clip>::try_make(made, x, dx, {}, {}, dd::clip{1}).reason()) == "adjoint: limit is a filter, needs none: the plan was made without");
  CHECK(why(dd::try_adjoint(made, dd::x0(net), vjp, x, dx, loss).reason()) ==
        "adjoint: model means something else (parameterisation, guidance or filter), needs the one that the plan of dpmpp_2m was made for");
  CHECK(why(dd::try_adjoint(made, dd::eps(net), vjp, x, dx, loss, {.labels = true}).reason()) == "adjoint: labels is true, needs a product vjp(call, out, label)");
  const auto guided = dd::guided(dd::eps(two), dd::classifier_free(3));
  CHECK(why(dd::try_adjoint(dd::shared_plan(dd::compile(dd::ddim{}, steps(3), guided.form)), guided, vjp, x, dx, loss).reason()) ==
        "adjoint: guidance has 2 outputs, needs a product vjp(x, at, v, out, which) or vjp(call, out)");
  CHECK(x == start);

  sampler s(made, x, dx, {.labels = true});
  CHECK(why(s.try_start_backward()) == "start_backward: the run is not at its end, needs a next() that asks for nothing");
  CHECK(why(s.try_feed(std::span<const double>(two_elements))) == "feed: size of output 0 is 2, needs 3, the size of the state");
  std::vector<double> out(3);
  while (s.next()) s.feed(out);
  CHECK(why(s.try_feed(std::span<const double>(out))) == "feed: nothing is asked for, needs a next() that asks");
  s.start_backward();
  CHECK(why(s.try_start_backward()) == "start_backward: the run is not at its end, needs a next() that asks for nothing");
  CHECK(why(s.try_feed(std::span<const double>(out))) == "feed: number of derivatives for the label is 0, needs 1, one for each lane if they are asked for");
  s.feed(out, std::vector<double>{0});
  CHECK(s.products() == 1);
}

TEST_CASE("a filter that throws breaks the run off, and nothing goes on") {
  struct breaking {
    void operator()(std::span<const double> in, std::span<double> out, const dd::filter_call&) const {
      for (std::size_t i = 0; i < in.size(); ++i) out[i] = in[i];
    }
    void vjp(std::span<const double>, std::span<const double>, std::span<double>, const dd::filter_call&) const { throw std::runtime_error("gone"); }
  };
  const dd::shared_plan made = dd::compile(dd::ddim{}, steps(2), dd::filtered(dd::eps_model{}, breaking{}));
  std::vector<double> x = start, dx(3), out(3);
  dd::adjoint_sampler<double, dd::philox, breaking> s(made, x, dx, {}, {}, breaking{});
  while (s.next()) s.feed(out);
  CHECK_THROWS_AS(s.start_backward(), std::runtime_error);
  CHECK_FALSE(s.next().has_value());
  CHECK_FALSE(s.is_finished());
  CHECK(why(s.try_feed(std::span<const double>(out))) == "feed: nothing is asked for, needs a next() that asks: the run broke off in a filter, noise source or backend that threw");
}
