// SPDX-License-Identifier: MIT
#include "diffode/run/sampler.hpp"

#include "catch.hpp"
#include "conformance/families.hpp"
#include "conformance/runs.hpp"
#include "diffode/method/dpmpp_2m.hpp"
#include "diffode/method/euler.hpp"
#include "diffode/method/heun.hpp"
#include "diffode/method/unipc.hpp"
#include "diffode/model.hpp"

#include <array>

namespace dd = diffode;
using diffode_test::families;

TEST_CASE("a sampler asks for what the grid and the method say") {
  const dd::grid g = families()[2].uniform(3);
  std::vector<float> x{1, 2}, out{0, 0};
  dd::sampler s(dd::heun{}, g, dd::v_model{}, x);
  for (int k = 0; k < 6; ++k) {
    const auto call = s.next();
    REQUIRE(call.has_value());
    CHECK(call->index == k);
    CHECK(call->step == k / 2);
    CHECK(call->stage == k % 2);
    CHECK(call->last_of_step == (k % 2 == 1));
    CHECK(call->outputs == 1u);
    CHECK((call->wants(0) && !call->wants(1)));
    const dd::level<>& there = g[static_cast<std::size_t>((k + 1) / 2)];
    CHECK(call->label == there.label);
    CHECK(call->at.lambda == there.lambda);
    CHECK(call->levels.size() == 1);
    CHECK(call->levels[0].t == there.t);
    CHECK(call->x.size() == 2);
    CHECK(s.report().calls == k);
    CHECK(s.report().steps == k / 2);
    CHECK(s.report().outcome == dd::status::waiting);
    CHECK_FALSE(s.finished());
    s.feed(out);
  }
  CHECK(s.finished());
  CHECK(s.report().outcome == dd::status::finished);
  CHECK(s.report().calls == 6);
  CHECK(s.report().steps == 3);
  CHECK_FALSE(s.next().has_value());
}

TEST_CASE("the sample ends in the caller's array, and the first request shows that array without a copy") {
  std::vector<double> x{1, 2}, out{0, 0};
  dd::sampler s(dd::unipc{}, families()[0].uniform(5), dd::v_model{}, x);
  CHECK(s.next()->x.data() == x.data());
  while (s.next()) s.feed(out);
  CHECK(s.state().data() == x.data());
  CHECK(s.state().size() == 2);
  CHECK(x[1] != 2);
}

TEST_CASE("an answer is consumed before feed returns") {
  const dd::grid g = families()[0].uniform(5);
  const auto run = [&](bool spoil) {
    std::vector<double> x{0.3, -0.2}, out(2);
    dd::sampler s(dd::unipc{}, g, dd::eps_model{}, x);
    while (const auto call = s.next()) {
      for (std::size_t i = 0; i < 2; ++i) out[i] = 0.7 * call->x[i] + 0.1;
      s.feed(out);
      if (spoil) out = {1e9, -1e9};
    }
    return x;
  };
  CHECK(run(false) == run(true));
}

TEST_CASE("a sampler can be moved in the middle of a run") {
  const dd::shared_plan p = dd::compile(dd::dpmpp_2m{}, families()[0].uniform(6), dd::v_model{});
  std::vector<double> x{0.3, -0.2}, y = x, out(2);
  dd::sampler<double> a(p, x), b(p, y);
  const auto feed = [&](auto& s) {
    const auto call = s.next();
    for (std::size_t i = 0; i < 2; ++i) out[i] = 0.7 * call->x[i];
    s.feed(out);
  };
  for (int k = 0; k < 6; ++k) feed(a);
  for (int k = 0; k < 3; ++k) feed(b);
  dd::sampler<double> moved(std::move(b));
  while (moved.next()) feed(moved);
  CHECK(x == y);
}

TEST_CASE("the model is shown the scaled state and told its label") {
  const dd::grid g = families()[1].uniform(2);
  const dd::edm_model meaning{.sigma_data = 0.5};
  std::vector<double> x{3, -4};
  dd::sampler s(dd::euler{}, g, meaning, x);
  const double scale = 1 / std::hypot(g[0].sigma, 0.5);
  CHECK(std::abs(s.next()->x[0] - 3 * scale) < 1e-15);
  CHECK(std::abs(s.next()->x[1] + 4 * scale) < 1e-15);
  CHECK(std::abs(s.next()->label - std::log(g[0].sigma) / 4) < 1e-15);
  CHECK(s.plan().calls() == 2);
}

TEST_CASE("many samplers run one plan, and it outlives the name it was made under") {
  std::vector<double> x{1}, y{1}, out{0.5};
  std::vector<dd::sampler<double>> both;
  {
    const dd::shared_plan p = dd::compile(dd::dpmpp_2m{}, families()[0].uniform(3), dd::v_model{});
    both.push_back(dd::sampler<double>(p, x));
    both.push_back(dd::sampler<double>(p, y));
  }
  CHECK(&both[0].plan() == &both[1].plan());
  for (int k = 0; k < 3; ++k)
    for (auto& s : both) s.feed(out);
  CHECK(both[0].finished());
  CHECK(x == y);
}

TEST_CASE("a finished run can be saved and restored, and be started again") {
  std::vector<double> x{1, 2}, out{0.5, -0.5};
  dd::sampler s(dd::dpmpp_2m{}, families()[0].uniform(3), dd::v_model{}, x);
  while (s.next()) s.feed(out);
  const std::vector<double> end = x;
  const auto saved = s.save();
  x = {1, 2};
  s.restart();
  CHECK(s.report().calls == 0);
  s.restore(saved);
  CHECK(s.finished());
  CHECK(x == end);
}

TEST_CASE("after the last step an evaluation at the end gives its x0, when asked for") {
  const dd::grid g = families()[0].uniform(4);
  std::vector<double> x{0.4, -1}, out(2), plain = x;
  dd::sampler s(dd::dpmpp_2m{}, g, dd::x0_model{}, x, {.plan = {.denoise_at_end = true}});
  CHECK(s.plan().calls() == 5);
  CHECK(s.plan().kernels() == 5);
  while (const auto call = s.next()) {
    if (call->index == 4) {
      CHECK(call->at.t == g.back().t);
      CHECK(call->step == 4);
    }
    for (std::size_t i = 0; i < 2; ++i) out[i] = 0.25 * call->x[i] + call->index;
    s.feed(out);
  }
  CHECK(x == out);  // a model of x0 has the last word
}

TEST_CASE("a start from clean data runs backwards to noise and home again") {
  const auto path = families()[0];
  const diffode_test::mixture data;
  const dd::level<> clean = path.path.at(path.to), noisy = path.path.at(path.from);
  const dd::grid up = dd::uniform_lambda(path.path, {.from = path.to, .to = path.from, .count = 200});
  CHECK_FALSE(up.denoises());
  const std::vector<double> x{-1.1, 0.2, 1.4};
  const std::vector<double> y = diffode_test::run(dd::compile(dd::dpmpp_2m{}, up, dd::eps_model{}), x, diffode_test::scalar_truth(diffode_test::told::eps));
  // A method of order 2 at h = 0.03: 1e-3, times what the flow upwards spreads (1/0.15 for the narrowest part).
  for (std::size_t i = 0; i < x.size(); ++i) CHECK(std::abs(y[i] - data.flow(x[i], clean, noisy)) < 1e-2);
}

TEST_CASE("arrays of fixed size and spans are states too") {
  const dd::grid g = families()[0].uniform(2);
  std::array<float, 2> fixed{1, 2};
  std::vector<float> other{1, 2}, out{0.5f, 0};
  dd::sampler a(dd::euler{}, g, dd::v_model{}, fixed);
  dd::sampler b(dd::euler{}, g, dd::v_model{}, std::span<float>(other));
  while (a.next()) a.feed(out), b.feed(out);
  CHECK(fixed[0] == other[0]);
  CHECK(fixed[1] == other[1]);
}
