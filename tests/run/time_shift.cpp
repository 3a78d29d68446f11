// SPDX-License-Identifier: MIT
#include "diffode/run/time_shift.hpp"

#include "catch.hpp"
#include "conformance/mixture.hpp"
#include "diffode/grid/table.hpp"
#include "diffode/method.hpp"
#include "diffode/model/bound.hpp"
#include "diffode/noise/brownian.hpp"
#include "diffode/noise/recorded_noise.hpp"
#include "diffode/run/start.hpp"
#include "diffode/schedule/discrete.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace dd = diffode;
using namespace diffode_test;
using dd::level, dd::shifted_end, dd::time_shift, dd::time_shift_options;

namespace {

constexpr std::size_t size = 40, samples = 3;
using array = std::vector<double>;

const dd::noise_path& path() {
  static const dd::noise_path steps = dd::discrete_from({});
  return steps;
}
dd::grid points() { return dd::from_times(path(), array{901, 751, 601, 451, 301, 151, 1}); }

/// The model: numbers are independent of each other, so that a sample's variance is hardly that of another.
void noise_of(std::span<const double> x, const level<>& at, std::span<double> out) {
  for (std::size_t i = 0; i < x.size(); ++i) out[i] = mixture{}.at(x[i], at).eps;
}
void noise_of_each(std::span<const double> x, std::span<const level<>> at, std::span<double> out) {
  const std::size_t n = x.size() / at.size();
  for (std::size_t k = 0; k < at.size(); ++k) noise_of(x.subspan(k * n, n), at[k], out.subspan(k * n, n));
}
const auto net = dd::eps([](std::span<const double> x, std::span<const level<>> at, std::span<double> out) { noise_of_each(x, at, out); });
const auto net_of_one = dd::eps([](std::span<const double> x, const level<>& at, std::span<double> out) { noise_of(x, at, out); });

/// Samples that hold too little noise, the right amount, and too much.
array start() {
  array x(samples * size);
  dd::fill_with_noise(x, points().front(), dd::philox{.seed = 3}, samples);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] *= 0.99 + 0.02 * static_cast<double>(i / size);
  return x;
}

double variance(std::span<const double> x) {
  double mean = 0, squares = 0;
  for (const double v : x) mean += v / static_cast<double>(x.size());
  for (const double v : x) squares += (v - mean) * (v - mean);
  return squares / static_cast<double>(x.size() - 1);
}

/// The published algorithms as loops, for one sample: `from` and `to` are where each step really goes.
array published(const time_shift_options& o, array x, const std::function<void(array&, const level<>& from, const level<>& to, int)>& step) {
  const dd::grid g = points();
  const auto nearest = [&](int point, double v) {
    level<> best = g[static_cast<std::size_t>(point)];
    double least = 1e300;
    const double t = best.t, half = o.window / 2;
    for (double tau = std::fmax(0, t - half); tau <= std::fmin(999, t + half); ++tau) {
      const level<> at = path().at(tau);
      const double off = std::abs(v - (at.alpha * at.alpha * o.data_variance + 1 - at.alpha * at.alpha));
      if (off < least) best = at, least = off;
    }
    return best;
  };
  const int n = static_cast<int>(g.steps());
  level<> believed = g.front();
  for (int i = 0; i < n; ++i) {
    const level<>&here = g[static_cast<std::size_t>(i)], &next = g[static_cast<std::size_t>(i + 1)];
    if (o.end == shifted_end::model_time) {
      step(x, believed, next, i);
      believed = here.t > o.cutoff ? nearest(i + 1, variance(x)) : next;
    } else step(x, here, i > 0 && i + 1 < n && next.t > o.cutoff ? nearest(i + 1, variance(x)) : next, i);
  }
  return x;
}

/// One sample after another through such a loop.
array each_published(const time_shift_options& o, const std::function<void(array&, const level<>&, const level<>&, int, std::uint32_t)>& step) {
  array all = start();
  for (std::size_t k = 0; k < samples; ++k) {
    const auto first = all.begin() + static_cast<std::ptrdiff_t>(k * size), last = first + static_cast<std::ptrdiff_t>(size);
    const array one = published(o, array(first, last), [&](array& x, const level<>& s, const level<>& t, int i) { step(x, s, t, i, static_cast<std::uint32_t>(k)); });
    std::copy(one.begin(), one.end(), first);
  }
  return all;
}

void check_close(const array& a, const array& b) {
  REQUIRE(a.size() == b.size());
  // Roundings of a few steps whose coefficients are of size 10.
  for (std::size_t i = 0; i < a.size(); ++i) CHECK(std::abs(a[i] - b[i]) <= 2.2e-16 * 1000 * (1 + std::abs(b[i])));
}

array noise_at(const level<>& s, const array& x) {
  array eps(x.size());
  noise_of(x, s, eps);
  return eps;
}

const time_shift_options policies[] = {{.window = 60},
                                       {.window = 60, .cutoff = 301},
                                       {.window = 60, .data_variance = 0.8},
                                       {.window = 60, .end = shifted_end::target_time},
                                       {.window = 60, .cutoff = 301, .end = shifted_end::target_time, .data_variance = 0.8}};

template <class M>
std::string why_not(const M& how, const time_shift& where, array x, const dd::run_options& o = {}) {
  const auto done = dd::try_sample(how, where, net, x, o);
  return done ? "accepted" : done.reason()->what();
}

}  // namespace

TEST_CASE("with DDIM a run is the published algorithm, for the paper and for its code") {
  for (const time_shift_options& o : policies) {
    array x = start();
    const dd::run_report done = dd::sample(dd::ddim{}, time_shift(points(), o), net, x, {.batch = samples});
    CHECK(done.outcome == dd::status::finished);
    CHECK((done.steps == 6 && done.calls == 6));
    check_close(x, each_published(o, [](array& y, const level<>& s, const level<>& t, int, std::uint32_t) {
                  const array eps = noise_at(s, y);
                  for (std::size_t i = 0; i < y.size(); ++i) y[i] = t.alpha * (y[i] - s.sigma * eps[i]) / s.alpha + t.sigma * eps[i];
                }));
  }
}

TEST_CASE("with DDPM too, each sample with noise of its own") {
  const dd::philox noise{.seed = 5};
  for (const time_shift_options& o : policies) {
    array x = start();
    dd::sample(dd::ddpm{}, time_shift(points(), o), net, x, {.batch = samples}, noise);
    check_close(x, each_published(o, [&](array& y, const level<>& s, const level<>& t, int i, std::uint32_t sample) {
                  array eps = noise_at(s, y), z(size);
                  noise.fill(sample, static_cast<std::uint32_t>(i), 0, std::span(z));
                  // c1 and c2 of the authors' code with eta = 1.
                  const double a = s.alpha * s.alpha, b = t.alpha * t.alpha, c1 = std::sqrt((1 - a / b) * (1 - b) / (1 - a)), c2 = std::sqrt(1 - b - c1 * c1);
                  for (std::size_t k = 0; k < size; ++k) y[k] = t.alpha * (y[k] - s.sigma * eps[k]) / s.alpha + c2 * eps[k] + c1 * z[k];
                }));
  }
}

TEST_CASE("a multistep method goes from where its evaluations were made") {
  for (const time_shift_options& o : policies) {
    array x = start(), before;
    level<> at_before;
    dd::sample(dd::dpmpp_2m{}, time_shift(points(), o), net, x, {.batch = samples});
    check_close(x, each_published(o, [&](array& y, const level<>& s, const level<>& t, int i, std::uint32_t) {
                  array x0 = noise_at(s, y);
                  for (std::size_t k = 0; k < size; ++k) x0[k] = (y[k] - s.sigma * x0[k]) / s.alpha;
                  const double h = t.lambda - s.lambda, tilt = i == 0 ? 0 : -std::expm1(-h) / 2 * h / (s.lambda - at_before.lambda);
                  for (std::size_t k = 0; k < size; ++k)
                    y[k] = t.sigma / s.sigma * y[k] - t.alpha * std::expm1(-h) * x0[k] + (i == 0 ? 0 : t.alpha * tilt * (x0[k] - before[k]));
                  before = x0, at_before = s;
                }));
  }
}

TEST_CASE("samples are shifted by themselves: a batch is its samples run one by one, bit by bit") {
  const auto check = [](const auto& how) {
    for (const time_shift_options& o : policies) {
      const time_shift where(points(), o);
      array all = start();
      dd::sample(how, where, net, all, {.batch = samples}, dd::philox{.seed = 11});
      array one_by_one = start();
      for (std::size_t k = 0; k < samples; ++k)
        dd::sample(how, where, net_of_one, std::span(one_by_one).subspan(k * size, size), {}, dd::philox{.seed = 11, .first_sample = static_cast<std::uint32_t>(k)});
      INFO(how.name);
      CHECK(all == one_by_one);
      array unshifted = start();
      dd::sample(how, time_shift(points(), {}), net, unshifted, {.batch = samples}, dd::philox{.seed = 11});
      CHECK(all != unshifted);
    }
  };
  check(dd::ddim{});
  check(dd::ddpm{});
  check(dd::singlestep{});
  check(dd::dpmpp_2m{.target = dd::prediction::eps});
  check(dd::pndm{});
  check(dd::pndm{.start = dd::pndm_start::runge_kutta});
  check(dd::unipc{});
  check(dd::dual_fast<dd::dpmpp_2m>{});
}

TEST_CASE("the model is told where each sample is taken to be, and the sampler says where that is") {
  const dd::grid g = points();
  for (const shifted_end end : {shifted_end::model_time, shifted_end::target_time}) {
    const time_shift where(g, {.window = 60, .cutoff = 301, .end = end});
    array x = start(), out(x.size()), reached = x;
    dd::time_shift_sampler s(dd::ddim{}, where, dd::eps_model{}, x, {.batch = samples});
    const bool moves_model = end == shifted_end::model_time;
    int moved = 0;
    while (const auto call = s.next()) {
      REQUIRE(call->levels.size() == samples);
      REQUIRE(s.shifted().size() == samples);
      const int i = call->step;
      const level<>&start_of = g[static_cast<std::size_t>(i)], &end_of = g[static_cast<std::size_t>(i + 1)];
      for (std::size_t k = 0; k < samples; ++k) {
        const double v = variance(std::span(reached).subspan(k * size, size));
        const level<> wanted = where.shifts(i) ? where.nearest(where.shifted(i), v) : moves_model ? start_of : end_of;
        CHECK(s.shifted()[k].t == wanted.t);
        CHECK(call->levels[k].label == (moves_model ? wanted.t : start_of.t));
        moved += wanted.t != (moves_model ? start_of.t : end_of.t);
      }
      noise_of_each(call->x, call->levels, out);
      s.feed(out, [&](const dd::sight<double>& now) {
        CHECK(now.point == i + 1);
        reached.assign(now.x.begin(), now.x.end());
      });
    }
    CHECK(moved > 3);
    CHECK(s.finished());
    CHECK(x == reached);
    array pushed = start();
    dd::sample(dd::ddim{}, where, net, pushed, {.batch = samples});
    CHECK(x == pushed);
  }
}

TEST_CASE("noise that knows paths is told of each step, and noise that was recorded is counted before the run") {
  array whole = start(), stepwise = start();
  dd::sample(dd::ddpm{}, points(), net_of_one, whole, {.batch = samples}, dd::brownian{.seed = 4});
  dd::sample(dd::ddpm{}, time_shift(points(), {}), net, stepwise, {.batch = samples}, dd::brownian{.seed = 4});
  CHECK(whole == stepwise);
  const array five(5 * samples * size, 0.5);
  const auto refused = dd::try_sample(dd::ddpm{}, time_shift(points(), {.window = 60}), net, stepwise, {.batch = samples}, dd::recorded_noise<double>{five, size, samples});
  REQUIRE_FALSE(refused);
  CHECK(std::string(refused.reason()->what()) == "recorded_noise: number of values is 600, needs 720 (6 arrays)");
  CHECK(whole == stepwise);
}

TEST_CASE("memory may be the caller's, and is as much as is said") {
  using sampler = dd::time_shift_sampler<double, dd::dpmpp_2m, dd::model_form<dd::eps_model>>;
  const time_shift where(points(), {.window = 60});
  const std::size_t needed = sampler::bytes(dd::dpmpp_2m{}, where, dd::eps_model{}, samples * size);
  CHECK(needed == samples * size * sizeof(double));  // one remembered prediction besides the state, as in a plan of the whole run
  array own = start(), given = start(), room(samples * size);
  const std::span<std::byte> memory = std::as_writable_bytes(std::span(room));
  dd::sample(dd::dpmpp_2m{}, where, net, own, {.batch = samples});
  dd::sample(dd::dpmpp_2m{}, where, net, given, {.batch = samples, .memory = memory});
  CHECK(own == given);
  CHECK(why_not(dd::dpmpp_2m{}, where, start(), {.batch = samples, .memory = memory.first(needed - 8)}) ==
        "time_shift: size of memory is " + std::to_string(needed - 8) + " bytes, needs " + std::to_string(needed));
}

TEST_CASE("a watcher may stop the run where it is") {
  array x = start(), seen;
  const dd::run_report done = dd::sample(dd::dpmpp_2m{}, time_shift(points(), {.window = 60}), net, x, {.batch = samples}, dd::philox{}, [&](const dd::sight<double>& now) {
    seen.assign(now.x.begin(), now.x.end());
    return now.point < 3;
  });
  CHECK(done.outcome == dd::status::stopped);
  CHECK(done.steps == 3);
  CHECK(x == seen);
}

TEST_CASE("what time shift can not do is refused, with the reason, and the state is left alone") {
  const time_shift where(points(), {.window = 60});
  CHECK(why_not(dd::ddim{}, where, start(), {.batch = samples}) == "accepted");
  CHECK(why_not(dd::reversible<dd::heun>{}, where, start()) == "reversible: a second state travels with it, needs a method without one for time shift");
  CHECK(why_not(dd::ddim{.eta = 2}, where, start()) == "ddim: eta is 2, needs a number from 0 to 1");
  CHECK(why_not(dd::ddim{}, where, start(), {.batch = 7}) == "time_shift: batch is 7, needs a divisor of the size of x, 120");
  CHECK(why_not(dd::ddim{}, where, start(), {.batch = 120}) == "time_shift: size of a sample is 1, needs at least 2, of which there is a variance");
  CHECK(why_not(dd::ddim{}, where, {}) == "time_shift: size of x is 0, needs at least 1");
  CHECK(why_not(dd::ddim{}, where, start(), {.plan = {.denoise_at_end = true}}) == "time_shift: options have a plan part, needs none: a run is planned step by step");
  CHECK(why_not(dd::ddim{}, where, start(), {.partner_in_memory = true}) == "time_shift: partner_in_memory is true, needs false: no method of time shift has a second state");
  const time_shift wide(points(), {.window = 200});
  CHECK(why_not(dd::ddim{}, wide, start()) == "accepted");
  CHECK(why_not(dd::dpmpp_2m{}, wide, start()).find("time_shift: window is 200, needs to be below 150: point 1 at time 751 and its neighbours") == 0);
  array x = start();
  const auto one_level = dd::try_sample(dd::ddim{}, where, net_of_one, x, {.batch = samples});
  REQUIRE_FALSE(one_level);
  CHECK(std::string(one_level.reason()->what()).find("sample: number of lanes is 3, needs a denoiser net(x, levels, out)") == 0);
  CHECK(x == start());
  CHECK_THROWS_AS(dd::time_shift_sampler(dd::ddim{.eta = 2}, where, dd::eps_model{}, x), dd::error);

  dd::time_shift_sampler s(dd::ddim{}, where, dd::eps_model{}, x, {.batch = samples});
  array out(x.size());
  CHECK(std::string(s.try_feed(std::span<const double>(out).first(3))->what()) == "feed: size of output 0 is 3, needs 120, the size of the state");
  while (const auto call = s.next()) {
    noise_of_each(call->x, call->levels, out);
    s.feed(out);
  }
  CHECK(std::string(s.try_feed(out)->what()) == "feed: the run has ended after 6 evaluations, needs a next() that asks for one");
}
