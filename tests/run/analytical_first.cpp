// SPDX-License-Identifier: MIT
#include "diffode/run/compile.hpp"

#include "catch.hpp"
#include "conformance/families.hpp"
#include "conformance/runs.hpp"
#include "diffode/method/ddim.hpp"
#include "diffode/method/dpmpp_2m.hpp"
#include "diffode/method/dpmpp_3m.hpp"
#include "diffode/method/euler.hpp"
#include "diffode/method/heun.hpp"
#include "diffode/method/singlestep.hpp"
#include "diffode/method/unipc.hpp"
#include "diffode/model.hpp"
#include "diffode/run/sample.hpp"

#include <cmath>
#include <cstddef>
#include <vector>

namespace dd = diffode;
using namespace diffode_test;

namespace {

const std::vector<double> start{-0.8, 0.1, 1.2};

/// The truth at every evaluation but the first, which says what the option puts in its place: eps = x/sqrt(alpha^2 + sigma^2).
answer_to<double> with_analytical_first(told what) {
  return [what, truth_of = scalar_truth(what)](const dd::request<double>& call, std::span<double> out) {
    if (call.index > 0) return truth_of(call, out);
    const double n = std::hypot(call.at.alpha, call.at.sigma);
    for (std::size_t i = 0; i < out.size(); ++i) {
      const double eps = call.x[i] / n;
      out[i] = returned(what, {(call.x[i] - call.at.sigma * eps) / call.at.alpha, eps}, call.at);
    }
  };
}

/// One evaluation less, and the same end as with the formula said by the model.
template <class M>
void check_saved(const M& how, const dd::grid& levels, told what) {
  const dd::plan with = dd::compile(how, levels, told_form{{what}}, {.analytical_first = true}), without = dd::compile(how, levels, told_form{{what}});
  INFO(M::name << " on " << levels.path().name << " with " << name(what) << ", " << levels.steps() << " steps");
  CHECK(with.calls() == without.calls() - 1);
  CHECK(with.kernels() <= with.calls() + 1);
  const std::vector<double> a = run(with, start, scalar_truth(what)), b = run(without, start, with_analytical_first(what));
  // Some ten roundings a step, of numbers up to the largest coefficient times the state.
  const double size = (1 + without.largest_coefficient()) * (1 + levels.front().sigma);
  for (std::size_t i = 0; i < a.size(); ++i) CHECK(std::abs(a[i] - b[i]) <= 2.2e-16 * 50 * static_cast<double>(levels.steps() + 1) * size);
}

/// Limits x0, and can be told to let the first pass go by.
struct counted_clip {
  int* passes;
  bool skip_first;

  void operator()(std::span<const double> in, std::span<double> out, const dd::filter_call&) const {
    const double range = skip_first && *passes == 0 ? HUGE_VAL : 0.3;
    ++*passes;
    for (std::size_t i = 0; i < in.size(); ++i) out[i] = std::fmin(std::fmax(in[i], -range), range);
  }
  dd::fault check() const { return {}; }
};

}  // namespace

TEST_CASE("one evaluation is saved, and the run is that of a model that gives the formula's answer first") {
  for (const family& f : families())
    for (const told what : every_told)
      for (const int n : {1, 2, 5}) {
        const dd::grid levels = f.uniform(n);
        check_saved(dd::euler{}, levels, what);
        check_saved(dd::ddim{}, levels, what);
        check_saved(dd::heun{}, levels, what);
        check_saved(dd::singlestep{.p = 3}, levels, what);
        check_saved(dd::dpmpp_2m{}, levels, what);
        check_saved(dd::dpmpp_2m{.target = dd::prediction::eps}, levels, what);
        check_saved(dd::dpmpp_3m{}, levels, what);
        check_saved(dd::unipc{.p = 3}, levels, what);
      }
}

TEST_CASE("a multistep method interpolates through the formula's prediction as through any other") {
  const dd::grid levels = families()[1].uniform(2);
  const dd::plan p = dd::compile(dd::dpmpp_2m{}, levels, dd::x0_model{}, {.analytical_first = true, .watch_state = true});
  REQUIRE(p.calls() == 1);
  CHECK(p.call(0).step == 1);
  CHECK(p.call(0).at.sigma == levels[1].sigma);
  CHECK(p.call(0).last_of_step);
  // x0 = x/(n (n + sigma)) with alpha = 1 and n = sqrt(1 + sigma^2).
  const double s0 = levels[0].sigma, s1 = levels[1].sigma, s2 = levels[2].sigma, n = std::hypot(1, s0), m0 = start[2] / (n * (n + s0)), m1 = 0.7;
  const double x1 = s1 / s0 * start[2] + (1 - s1 / s0) * m0, x2 = s2 / s1 * x1 + (1 - s2 / s1) * (1.5 * m1 - 0.5 * m0);
  const std::vector<double> x = run(p, {start[2]}, [&](const dd::request<double>& call, std::span<double> out) {
    CHECK(call.x[0] == Approx(x1).epsilon(1e-13));
    out[0] = m1;
  });
  CHECK(x[0] == Approx(x2).epsilon(1e-13));
}

TEST_CASE("a run of one step needs no model at all") {
  const dd::grid levels = families()[1].uniform(1);
  const dd::plan p = dd::compile(dd::dpmpp_3m{}, levels, dd::eps_model{}, {.analytical_first = true});
  CHECK(p.calls() == 0);
  CHECK(p.kernels() == 1);
  std::vector<double> x = start;
  dd::sampler<double> s(dd::shared_plan(p), x);
  CHECK(s.finished());
  CHECK_FALSE(s.next().has_value());
  CHECK(s.report().steps == 1);
  CHECK(s.report().calls == 0);
  const double from = levels[0].sigma, to = levels[1].sigma;
  for (std::size_t i = 0; i < x.size(); ++i) CHECK(x[i] == Approx(start[i] + (to - from) * start[i] / std::hypot(1, from)).epsilon(1e-13));
}

TEST_CASE("to sigma = 0 in one step, and from alpha = 0") {
  const dd::plan p = dd::compile(dd::euler{}, dd::from_times(dd::flow{}, std::vector<double>{1, 0}), dd::v_model{}, {.analytical_first = true});
  CHECK(p.calls() == 0);
  // At alpha = 0 the formula knows nothing but x0 = 0.
  CHECK(run(p, start, scalar_truth(told::v)) == std::vector<double>{0, 0, 0});
}

TEST_CASE("a filter has nothing to say about the formula's prediction, and limits all others") {
  const dd::grid levels = families()[0].uniform(5);
  const told_model net{told::eps};
  for (const dd::prediction target : {dd::prediction::x0, dd::prediction::eps}) {
    const dd::dpmpp_2m how{.target = target};
    const auto pushed = [&](bool analytical, const answer_to<double>& truth_of, bool skip_first) {
      int passes = 0;
      std::vector<double> x = start;
      const auto model = dd::filtered(dd::model_of(net, [&](const dd::request<double>& call, std::span<const std::span<double>> outs) { truth_of(call, outs[0]); }),
                                      counted_clip{&passes, skip_first});
      const dd::run_report report = dd::sample(how, levels, model, x, {.plan = {.analytical_first = analytical}});
      CHECK(report.calls == passes);
      return x;
    };
    const std::vector<double> a = pushed(true, scalar_truth(told::eps), false), b = pushed(false, with_analytical_first(told::eps), true);
    for (std::size_t i = 0; i < a.size(); ++i) CHECK(a[i] == Approx(b[i]).margin(1e-13));
    CHECK(dd::compile(how, levels, dd::filtered(dd::as_form(net), counted_clip{}), {.analytical_first = true}).filters() == 4);
  }
}

TEST_CASE("the answer is nearly right far out in the noise: a saved evaluation costs little there, and much lower down") {
  const mixture data;
  const auto error = [&](double from, bool analytical) {
    const dd::grid levels = dd::uniform_lambda(dd::edm{}, {.from = from, .to = 0.05, .count = 60});
    const std::vector<double> x = run(dd::compile(dd::heun{}, levels, dd::x0_model{}, {.analytical_first = analytical}), {from * 0.7}, scalar_truth(told::x0));
    return std::abs(x[0] - data.flow(from * 0.7, levels.front(), levels.back()));
  };
  // The formula's x0 is x/(2 sigma^2) or so beside the mean of the data: off by less than 1, in a step whose own weight for x0
  // is h = 0.15.
  CHECK(error(80, true) - error(80, false) < 2e-2);
  CHECK(error(0.5, true) > 10 * error(0.5, false));
}
