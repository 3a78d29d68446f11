// SPDX-License-Identifier: MIT
#include "catch.hpp"
#include "conformance/families.hpp"
#include "conformance/mixture.hpp"
#include "diffode/method/ddim.hpp"
#include "diffode/method/heun.hpp"
#include "diffode/method/unipc.hpp"
#include "diffode/model.hpp"
#include "diffode/run/sample.hpp"

#include <cmath>
#include <vector>

namespace dd = diffode;
using diffode_test::families;

namespace {

const dd::grid levels = families()[2].uniform(6);
const std::vector<double> start{-0.8, 0.1, 1.2};

void denoise(std::span<const double> x, const dd::level<>& at, std::span<double> x0) {
  const diffode_test::mixture data;
  for (std::size_t i = 0; i < x.size(); ++i) x0[i] = data.at(x[i], at).x0;
}

struct view {
  dd::seen what;
  int point;
  std::vector<double> x;
};

/// Everything that a watcher is shown, and where the run ends.
struct record {
  std::vector<view> seen;
  std::vector<double> end = start;
  dd::run_report report;
};

template <class M>
record watched(const M& how, const dd::compile_options& what, int stop_at = 1000) {
  record r{};
  r.end = start;
  r.report = dd::sample(how, levels, dd::x0(denoise), r.end, {.plan = what}, dd::philox{}, [&](const dd::sight<double>& s) {
    CHECK(s.points == 6);
    r.seen.push_back({s.what, s.point, {s.x.begin(), s.x.end()}});
    return s.point < stop_at;
  });
  return r;
}

template <class M>
std::vector<double> prefix(const M& how, std::size_t steps) {
  std::vector<double> x = start;
  dd::sample(how, dd::from_levels(levels.path(), std::vector<dd::level<>>(levels.begin(), levels.begin() + static_cast<std::ptrdiff_t>(steps) + 1)), dd::x0(denoise), x);
  return x;
}

/// Looking at a run changes which sums are folded into one: a few roundings of numbers of size 1 per step.
bool close(const std::vector<double>& a, const std::vector<double>& b) {
  for (std::size_t i = 0; i < a.size(); ++i)
    if (!(std::abs(a[i] - b[i]) < 1e-13)) return false;
  return a.size() == b.size();
}

}  // namespace

TEST_CASE("a watcher sees the state at every point of the grid") {
  const record r = watched(dd::ddim{}, {});
  REQUIRE(r.seen.size() == 6);
  for (std::size_t k = 1; k <= 6; ++k) {
    CHECK(r.seen[k - 1].what == dd::seen::state);
    CHECK(r.seen[k - 1].point == static_cast<int>(k));
    CHECK(close(r.seen[k - 1].x, prefix(dd::ddim{}, k)));
  }
  CHECK(r.seen.back().x == r.end);
  CHECK(r.report.outcome == dd::status::finished);
}

TEST_CASE("a watcher sees the state as predicted and as corrected") {
  const dd::unipc how{.p = 1, .ends = dd::ramp::full()};
  const record r = watched(how, {.watch_state = true, .watch_predicted = true});
  REQUIRE(r.seen.size() == 12);
  std::vector<std::vector<double>> predicted(7), corrected(7);
  for (const view& v : r.seen) (v.what == dd::seen::predicted ? predicted : corrected)[static_cast<std::size_t>(v.point)] = v.x;
  for (std::size_t k = 1; k <= 6; ++k) CHECK(close(predicted[k], prefix(how, k)));
  CHECK(close(corrected[6], r.end));
  CHECK(close(predicted[6], r.end));
  // UniC-1 by hand: the predicted state, moved by half of alpha_t (1 - e^(-h)) times the change of the prediction.
  std::vector<double> m0(3), m1(3), x = predicted[1];
  denoise(start, levels[0], m0);
  denoise(x, levels[1], m1);
  const double gain = -0.5 * levels[1].alpha * std::expm1(levels[0].lambda - levels[1].lambda);
  for (std::size_t i = 0; i < 3; ++i) x[i] += gain * (m1[i] - m0[i]);
  CHECK(close(corrected[1], x));
  CHECK_FALSE(close(corrected[1], predicted[1]));
}

TEST_CASE("a watcher sees the predicted x0 of every evaluation") {
  const record r = watched(dd::heun{}, {.watch_state = true, .watch_denoised = true});
  std::vector<view> denoised;
  std::vector<std::vector<double>> states{start};
  for (const view& v : r.seen) {
    if (v.what == dd::seen::denoised) denoised.push_back(v);
    else states.push_back(v.x);
  }
  REQUIRE(denoised.size() == 12);
  for (std::size_t k = 0; k < 12; k += 2) {
    CHECK(denoised[k].point == static_cast<int>(k / 2));
    std::vector<double> x0(3);
    denoise(states[k / 2], levels[k / 2], x0);
    CHECK(close(denoised[k].x, x0));
  }
}

TEST_CASE("watching changes nothing but roundings, and prediction is stored only when asked for") {
  for (const dd::compile_options& o : {dd::compile_options{.watch_state = true}, {.watch_predicted = true}, {.watch_denoised = true}}) {
    CHECK(close(watched(dd::ddim{}, o).end, prefix(dd::ddim{}, 6)));
    CHECK(close(watched(dd::unipc{.p = 3}, o).end, prefix(dd::unipc{.p = 3}, 6)));
  }
  CHECK(dd::compile(dd::ddim{}, levels, dd::eps_model{}).slots() == 1);
  CHECK(dd::compile(dd::ddim{}, levels, dd::eps_model{}, {.watch_denoised = true}).slots() == 2);
}

TEST_CASE("a watcher that returns false ends the run") {
  const record r = watched(dd::ddim{}, {.watch_predicted = true}, 2);
  CHECK(r.report.outcome == dd::status::stopped);
  CHECK(r.report.calls == 2);
  CHECK(r.report.steps == 2);
  REQUIRE(r.seen.size() == 2);
  CHECK(r.seen[1].point == 2);
  // At the last point there is nothing left to stop.
  CHECK(watched(dd::ddim{}, {.watch_predicted = true}, 6).report.outcome == dd::status::finished);
}

TEST_CASE("a watcher that returns nothing sees the whole run") {
  int seen = 0;
  std::vector<double> x = start;
  dd::sample(dd::ddim{}, levels, dd::x0(denoise), x, {}, dd::philox{}, [&](const dd::sight<double>&) { ++seen; });
  CHECK(seen == 6);
}

TEST_CASE("pull style shows the same to a watcher") {
  std::vector<double> x = start, out(3);
  std::vector<std::vector<double>> seen;
  dd::sampler s(dd::ddim{}, levels, dd::x0_model{}, x, {.plan = {.watch_state = true}});
  while (const auto call = s.next()) {
    denoise(call->x, call->at, out);
    s.feed(out, [&](const dd::sight<double>& now) { seen.emplace_back(now.x.begin(), now.x.end()); });
  }
  const record r = watched(dd::ddim{}, {.watch_state = true});
  REQUIRE(seen.size() == r.seen.size());
  for (std::size_t k = 0; k < seen.size(); ++k) CHECK(seen[k] == r.seen[k].x);
}
