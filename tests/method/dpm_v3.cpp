// SPDX-License-Identifier: MIT
#include "diffode/method/dpm_v3.hpp"

#include "catch.hpp"
#include "conformance/families.hpp"
#include "conformance/orders.hpp"
#include "conformance/plans.hpp"
#include "diffode/method/ddim.hpp"
#include "diffode/method/unipc.hpp"
#include "method/exact_statistics.hpp"
#include "method/probe.hpp"
#include "reference/dpm_v3.hpp"

#include <string>

using namespace diffode_test;

namespace {

/// Largest difference of two probes' states, over what they were made of.
double apart(const probe& a, const probe& b) {
  double worst = 0, size = 1;
  for (std::size_t i = 0; i < a.state.size(); ++i)
    for (std::size_t k = 0; k < a.state[i].size(); ++k) {
      worst = std::fmax(worst, std::abs(a.state[i][k] - b.state[i][k]));
      size = std::fmax(size, std::abs(b.state[i][k]));
    }
  return worst / size;
}

/// A table of `columns` smooth statistics with what real ones have: l in [0, 1], s in [-2, 2], and some b.
struct smooth_table {
  std::vector<double> lambda, l, s, b;
  std::size_t columns;

  smooth_table(std::size_t columns_, double from, double to, int steps) : columns(columns_) {
    for (int i = 0; i <= steps; ++i) {
      const double x = from + (to - from) / steps * i;
      lambda.push_back(x);
      for (std::size_t c = 0; c < columns; ++c) {
        const double shift = static_cast<double>(c);
        l.push_back(1 / (1 + (0.1 + shift) * std::exp(2 * x)));
        s.push_back(-2 * std::tanh(x + shift) + 0.3 * shift);
        b.push_back(0.2 * std::cos(x * (1 + shift)));
      }
    }
  }
  model_statistics table() const { return model_statistics::make({.lambda = lambda, .l = l, .s = s, .b = b}); }
  diffode_reference::v3_sums column(std::size_t c) const {
    std::vector<double> one[3];
    for (std::size_t i = c; i < l.size(); i += columns) one[0].push_back(l[i]), one[1].push_back(s[i]), one[2].push_back(b[i]);
    return {lambda, one[0], one[1], one[2]};
  }
};

/// What a run of an eps model with given answers makes of x.
row frozen(plan made, row x, const std::vector<row>& answers) {
  return run(std::move(made), x, answer_to<double>([&](const request<double>& call, std::span<double> out) {
               const row& a = answers[static_cast<std::size_t>(call.index)];
               std::copy(a.begin(), a.end(), out.begin());
             }));
}

}  // namespace

TEST_CASE("with the statistics of data or noise prediction it is UniP, and UniPC with the full corrector") {
  std::mt19937 draw(3);
  for (int k = 0; k < 50; ++k) {
    const grid levels = random_grid(draw, 6);
    for (const bool data : {true, false})
      for (int p = 1; p <= 3; ++p)
        for (const bool corrects : {true, false}) {
          dpm_v3 how{.p = p, .corrector = corrects ? v3_corrector::full : v3_corrector::none};
          unipc same{.p = p, .form = unified::exact, .corrector = corrects};
          if (!data) how.statistics = model_statistics::noise_prediction(), how.target = same.target = prediction::eps;
          // A few roundings per step; f of noise prediction is larger than the noise by alpha/sigma.
          if (data) CHECK(apart(probe(how, levels, x0_model{}), probe(same, levels, x0_model{})) < 1e-13);
          else CHECK(apart(probe(how, levels, eps_model{}), probe(same, levels, eps_model{})) < 1e-13);
        }
  }
}

TEST_CASE("whether f is made from x0 or from the noise makes no difference") {
  std::mt19937 draw(4);
  const smooth_table t(1, -4, 4, 80);
  for (const bool vp : {true, false}) {
    const by_lambda path{vp};
    const grid g = on_nodes(at_lambdas({-3.5, -2, -1.2, 0, 1, 2, 3}, path), t.table());
    const dpm_v3 how{.statistics = t.table()}, other{.statistics = t.table(), .target = prediction::eps};
    CHECK(apart(probe(how, g, v_model{}), probe(other, g, v_model{})) < 1e-13);
  }
}

TEST_CASE("runs are those of the paper's recursion, in every option, for every element its own statistics") {
  using diffode_reference::v3_options;
  std::mt19937 draw(5);
  std::normal_distribution<double> normal;
  constexpr std::size_t columns = 3;
  const smooth_table t(columns, -4, 3, 70);
  const std::vector<std::vector<std::size_t>> runs{{0, 70}, {5, 12, 70}, {0, 10, 15, 30, 70}, {0, 7, 20, 31, 40, 52, 61, 66, 70}};
  for (const bool vp : {true, false})
    for (const auto& indexes : runs) {
      const by_lambda path{vp};
      std::vector<double> lambdas;
      for (const std::size_t i : indexes) lambdas.push_back(t.lambda[i]);
      const grid g = at_lambdas(lambdas, path);
      const fixed<lanes> all(g, {.stride = 1, .count = columns});
      for (int p = 1; p <= 3; ++p)
        for (const bool pseudo : {false, true})
          for (const auto c : {v3_corrector::none, v3_corrector::same_order, v3_corrector::pseudo, v3_corrector::full})
            for (const bool lowered : {true, false})
              for (const double above : {-HUGE_VAL, 0.5}) {
                const dpm_v3 how{.statistics = t.table(), .p = p, .pseudo = pseudo, .corrector = c, .corrected_above = above,
                                 .ends = lowered ? ramp::lowered() : ramp::full()};
                v3_options o{.order = p, .p_pseudo = pseudo, .corrected_above = above, .lower_order_final = lowered};
                o.corrector = c == v3_corrector::none ? v3_options::none : c == v3_corrector::same_order ? v3_options::same
                              : c == v3_corrector::pseudo ? v3_options::pseudo : v3_options::full;
                row x(columns);
                std::vector<row> answers(g.steps(), row(columns));
                for (double& v : x) v = normal(draw) * g.front().sigma;
                for (row& a : answers)
                  for (double& v : a) v = normal(draw);
                const row y = frozen(compile(how, all, eps_model{}), x, answers);
                for (std::size_t k = 0; k < columns; ++k) {
                  std::size_t call = 0;
                  const auto eps = [&](double, const level<>&) { return answers[call++][k]; };
                  const std::vector<level<>> levels(g.begin(), g.end());
                  const double wanted = diffode_reference::dpm_v3(t.column(k), indexes, o, levels, x[k], eps);
                  // The recursion's differences of sums lose three digits in places, and third derivatives two more.
                  CHECK(std::abs(y[k] - wanted) <= 1e-10 * (1 + std::abs(wanted)));
                }
              }
    }
}

TEST_CASE("a table of constant statistics is data or noise prediction up to the trapezoidal rule's error") {
  const std::vector<double> lambdas{-2, -1, 0, 1, 2};
  const grid g = at_lambdas(lambdas, by_lambda{true});
  for (const bool data : {true, false}) {
    double off[2];
    for (const int fine : {0, 1}) {
      const std::size_t rows = fine ? 81 : 41;
      std::vector<double> lambda, l(rows, data ? 1 : 0), s(rows, data ? 0 : -1), b(rows);
      for (std::size_t i = 0; i < rows; ++i) lambda.push_back(-2 + 4. * static_cast<double>(i) / static_cast<double>(rows - 1));
      const dpm_v3 how{.statistics = model_statistics::make({.lambda = lambda, .l = l, .s = s, .b = b})};
      off[fine] = apart(probe(how, g, eps_model{}), probe(unipc{.p = 3, .form = unified::exact}, g, eps_model{}));
      if (data) continue;
      off[fine] = apart(probe(how, g, eps_model{}), probe(unipc{.p = 3, .form = unified::exact, .target = prediction::eps}, g, eps_model{}));
    }
    CHECK(off[0] < 0.1 * 0.1);                     // d^2, d = 0.1
    CHECK(off[0] / off[1] == Approx(4).margin(0.1));  // and of second order
  }
}

TEST_CASE("one step takes Gaussian data to where they belong, to the error of the trapezoidal rule") {
  constexpr double mean = 0.3, c = 0.5, from = 80, to = 0.002;
  const mixture data = two_normals({1, mean, c});
  const struct {
    int rows;
    double error;
  } known[] = {{120, 1.027e-4}, {1200, 1.027e-6}, {4800, 6.42e-8}};
  for (const auto& k : known) {
    const exact_statistics e(data, {.vp = false}, -std::log(from), -std::log(to), k.rows);
    const grid g = at_lambdas({e.lambda.front(), e.lambda.back()}, by_lambda{false});
    const double y = run(compile(dpm_v3{.statistics = e.table()}, g, eps_model{}), {40},
                         answer_to<double>([&](const request<double>& call, std::span<double> out) { out[0] = data.at(call.x[0], call.at).eps; }))[0];
    CHECK(std::abs(y - 0.54812214) == Approx(k.error).epsilon(0.1 * k.rows / 4800 + 0.01));
    CHECK(data.flow(40, g.front(), g.back()) == Approx(0.54812214).epsilon(1e-8));
  }
}

TEST_CASE("with a column for each element every element of Gaussian data arrives in one step") {
  const std::vector<double> deviation{0.5, 1, 2};
  std::vector<double> lambda, l, zero;
  for (int i = 0; i <= 1000; ++i) {
    lambda.push_back(-3 + 0.006 * i);
    for (const double c : deviation) l.push_back(1 / (1 + c * c * std::exp(2 * lambda.back()))), zero.push_back(0);
  }
  const model_statistics statistics = model_statistics::make({.lambda = lambda, .l = l, .s = zero, .b = zero});
  for (const bool vp : {true, false}) {
    const grid g = at_lambdas({-3, 3}, by_lambda{vp});
    const level<>&s = g.front(), &t = g.back();
    const row x{1.5, -0.7, 0.4, -2, 0.1, 3};  // two samples of three elements
    const row y = run(compile(dpm_v3{.statistics = statistics}, fixed<lanes>(g, {.stride = 1, .count = 3}), eps_model{}), x,
                      answer_to<double>([&](const request<double>& call, std::span<double> out) {
                        for (std::size_t i = 0; i < out.size(); ++i) {
                          const double c = deviation[i % 3], v = std::pow(call.at.alpha * c, 2) + std::pow(call.at.sigma, 2);
                          out[i] = call.at.sigma * call.x[i] / v;
                        }
                      }), 2);
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double c = deviation[i % 3];
      const double exact = x[i] * std::hypot(t.alpha * c, t.sigma) / std::hypot(s.alpha * c, s.sigma);
      CHECK(y[i] == Approx(exact).epsilon(1e-4));  // the rule's d^2 = 4e-5 and more
      CHECK(std::abs(y[i] - exact) < std::abs(exact) * 0.006 * 0.006);
    }
  }
}

TEST_CASE("plans on a table have one combine for each evaluation, also where a correction and a constant are in it") {
  const smooth_table t(3, -4, 3, 70);
  const grid g = at_lambdas({t.lambda[0], t.lambda[10], t.lambda[25], t.lambda[40], t.lambda[60], t.lambda[70]}, by_lambda{true});
  for (const auto c : {v3_corrector::none, v3_corrector::same_order, v3_corrector::pseudo, v3_corrector::full}) {
    const plan p = compile(dpm_v3{.statistics = t.table(), .corrector = c}, fixed<lanes>(g, {.stride = 1, .count = 3}), eps_model{});
    CHECK(p.kernels() == p.calls());
    CHECK(p.calls() == 5);
    CHECK(p.slots() <= (c == v3_corrector::none ? 3 : 4));  // the state and f of p or p - 1 evaluations
    check_traffic(p);
  }
}

TEST_CASE("a run on a table can be saved and restored at every evaluation") {
  const smooth_table t(3, -4, 3, 70);
  const grid g = at_lambdas({t.lambda[0], t.lambda[10], t.lambda[25], t.lambda[40], t.lambda[60], t.lambda[70]}, by_lambda{true});
  const shared_plan made(compile(dpm_v3{.statistics = t.table()}, fixed<lanes>(g, {.stride = 1, .count = 3}), eps_model{}));
  const row start{0.4, -1.2, 2, 0.3, 1, -0.6};
  const answer_to<double> net = [](const request<double>& call, std::span<double> out) {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = std::sin(3 * call.x[i] + call.at.lambda);
  };
  const row whole = run(made, start, net, 2);
  row x = start, out(x.size());
  sampler<double> going(made, x, {.batch = 2});
  for (int k = 0; k < made->calls(); ++k) {
    const auto saved = going.save();
    row other(x.size(), 1e6);
    sampler<double> resumed(made, other, {.batch = 2});
    resumed.restore(saved);
    finish<decltype(resumed), double>(resumed, net, other.size());
    CHECK(other == whole);
    net(*going.next(), out);
    going.feed(out);
  }
  CHECK(x == whole);
}

TEST_CASE("a point is corrected where its time is above what the options say, lane by lane") {
  const grid levels = at_lambdas({-3, -2, -1, 0, 1, 2}, by_lambda{true});  // the time of this path is lambda
  const probe all(dpm_v3{}, levels, x0_model{}), some(dpm_v3{.corrected_above = -1.5}, levels, x0_model{});
  CHECK(some.state[1] == some.predicted[1]);
  for (const std::size_t i : {1U, 2U, 3U, 4U}) CHECK(all.state[i] != all.predicted[i]);
  for (const std::size_t i : {2U, 3U, 4U}) CHECK(some.state[i] != some.predicted[i]);
  CHECK(all.state[5] == all.predicted[5]);  // nothing evaluates at the end

  const grid later = at_lambdas({-2, -1, 0, 1, 2, 3}, by_lambda{true});
  const dpm_v3 how{.corrected_above = -1.5};
  const answer_to<double> net = [](const request<double>& call, std::span<double> out) {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = std::sin(3 * call.x[i] + call.levels[i % call.levels.size()].lambda);
  };
  const row both = run(compile(how, fixed<lanes>({levels, later}, {.stride = 1, .count = 2}), x0_model{}), {0.4, -1.2}, net);
  CHECK(both[0] == run(compile(how, levels, x0_model{}), {0.4}, net)[0]);
  CHECK(both[1] == run(compile(how, later, x0_model{}), {-1.2}, net)[0]);
}

TEST_CASE("the corrector of the same order has it, at more steps than the conformance suite takes") {
  for (const int p : {2, 3})
    for (const family& f : families()) {
      const subject s = subject_of(dpm_v3{.p = p, .corrector = v3_corrector::same_order});
      const auto error = [&](int steps) { return error_of(s.plan_full(f.graded(steps), {{told::x0}}), f.graded(steps), told::x0); };
      const double order = std::log2(error(1280) / error(2560));
      INFO("p = " << p << " on " << f.name << ": order " << order);
      CHECK(std::abs(order - p) < 0.05);
    }
}

TEST_CASE("its order is what its options say; options and runs that do not fit are refused") {
  CHECK(dpm_v3{}.order() == 4);
  CHECK(dpm_v3{.corrector = v3_corrector::none}.order() == 3);
  CHECK(dpm_v3{.pseudo = true, .corrector = v3_corrector::none}.order() == 2);
  CHECK(dpm_v3{.pseudo = true, .corrector = v3_corrector::same_order}.order() == 3);
  CHECK(dpm_v3{.pseudo = true, .corrector = v3_corrector::same_order, .corrected_above = 0.5}.order() == 2);
  CHECK_FALSE(dpm_v3{}.check());
  CHECK(dpm_v3{.p = 4}.check()->what() == std::string("dpm_v3: order p is 4, needs 1 to 3"));
  CHECK(dpm_v3{.p = 0}.check()->what() == std::string("dpm_v3: order p is 0, needs 1 to 3"));
  CHECK(dpm_v3{.corrected_above = std::nan("")}.check()->what() == std::string("dpm_v3: corrected_above is nan, needs a time"));
  CHECK(dpm_v3{.p = 2, .ends = ramp::given({3})}.check()->what() == std::string("dpm_v3: ramp.orders[0] is 3, needs 1 to 2"));

  const smooth_table three(3, -4, 4, 80), one(1, -4, 4, 80);
  const grid on = at_lambdas({-4, 0, 4}), beside = at_lambdas({-4, 0.04, 4}), beyond = at_lambdas({-4, 0, 5});
  const auto why = [](const model_statistics& s, const auto& levels) {
    const auto made = try_compile(dpm_v3{.statistics = s}, levels, x0_model{});
    return made ? std::string("nothing") : std::string(made.reason()->what());
  };
  CHECK(why(three.table(), on) == "dpm_v3: statistics have 3 columns, needs 1, or as many as the run has lanes, 1: run it on "
                                  "fixed<lanes>(grid, {.stride = 1, .count = 3}) for one for each element");
  CHECK_THAT(why(three.table(), fixed<lanes>(on, {.stride = 1, .count = 2})), starts_with("dpm_v3: statistics have 3 columns, needs 1, or as many as the run has lanes, 2"));
  CHECK(why(three.table(), fixed<lanes>(on, {.stride = 5, .count = 3})) == "nothing");
  CHECK(why(one.table(), on) == "nothing");
  CHECK(why(one.table(), fixed<lanes>({on, on}, {.stride = 5, .count = 2})) == "nothing");
  CHECK(why(one.table(), beside) == "dpm_v3: lambda 0.04 is not where the statistics were taken (0 is the nearest such lambda), needs a grid "
                                    "from on_nodes(grid, statistics)");
  CHECK_THAT(why(one.table(), beyond), starts_with("dpm_v3: lambda 5 is not where the statistics were taken (4 is"));
}
