// SPDX-License-Identifier: MIT
#pragma once

#include "catch.hpp"
#include "conformance/families.hpp"
#include "conformance/runs.hpp"
#include "conformance/subject.hpp"
#include "diffode/backend/thread_pool.hpp"
#include "diffode/run/sample.hpp"
#include "diffode/run/start.hpp"
#include "effort.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <thread>
#include <utility>
#include <vector>

namespace diffode_test {

inline constexpr std::size_t dimension = 5, batch = 3;

/// Equal bit for bit, and not merely equal: -0 is not 0, and no NaN gets by.
template <class T>
bool same_bits(const std::vector<T>& a, const std::vector<T>& b) {
  if (a.size() != b.size()) return false;
  using word = std::conditional_t<sizeof(T) == 8, std::uint64_t, std::uint32_t>;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (!(a[i] == a[i]) || std::bit_cast<word>(a[i]) != std::bit_cast<word>(b[i])) return false;
  return true;
}

/// A start of `batch` samples; the same sample k in every batch.
template <class T>
std::vector<T> start(const diffode::grid& g, std::size_t samples = batch) {
  std::vector<T> x(samples * dimension);
  diffode::fill_with_noise(x, g.front(), diffode::philox{.seed = 7}, samples);
  return x;
}

template <class T>
void check_pull_is_push(const subject& s, const family& f, told what) {
  const diffode::grid g = f.uniform(6);
  const diffode::shared_plan made = s.on(g, what);
  const diffode::philox noise{.seed = 11};
  const std::vector<T> pulled = run<T>(made, start<T>(g), sample_truth<T>(what, dimension), batch, noise);
  const answer_to<T> net = sample_truth<T>(what, dimension);
  const auto model = diffode::model_of(told_model{what}, [&](const diffode::request<T>& call, std::span<const std::span<T>> outs) { net(call, outs[0]); });
  std::vector<T> pushed = start<T>(g);
  const diffode::run_report report = diffode::sample(made, model, pushed, {.batch = batch}, noise);
  CHECK(same_bits(pulled, pushed));
  CHECK(report.outcome == diffode::status::finished);
  CHECK(report.steps == 6);
  CHECK(report.calls == made->calls());
}

/// A batch is its samples run one by one, noise included; and noise depends on its seed.
template <class T>
void check_batch(const subject& s, const family& f, told what) {
  const diffode::grid g = f.uniform(6);
  const diffode::shared_plan made = s.on(g, what);
  const answer_to<T> net = sample_truth<T>(what, dimension);
  const std::vector<T> x = start<T>(g), all = run<T>(made, x, net, batch, {.seed = 11});
  for (std::size_t k = batch; k-- > 0;) {
    const auto first = static_cast<std::ptrdiff_t>(k * dimension), last = first + static_cast<std::ptrdiff_t>(dimension);
    const std::vector<T> one = run<T>(made, {x.begin() + first, x.begin() + last}, net, 1, {.seed = 11, .first_sample = static_cast<std::uint32_t>(k)});
    CHECK(same_bits(one, std::vector<T>(all.begin() + first, all.begin() + last)));
  }
  CHECK(same_bits(all, run<T>(made, x, net, batch, {.seed = 11})));
  CHECK(same_bits(all, run<T>(made, x, net, batch, {.seed = 12})) == !made->uses_noise());
}

/// Samples on grids of their own in one state: lane l of a run is a run on grid l.
template <class T>
void check_lanes(const subject& s, const family& f, told what) {
  std::vector<diffode::grid> grids;
  for (const double shift : {0.0, 0.07, 0.2}) {
    const diffode::level<> a = f.path.at(f.from), b = f.path.at(f.to);
    const double la = a.lambda + shift, lb = b.lambda - 2 * shift;
    grids.push_back(diffode::uniform_lambda(f.path, {.from = f.path.at_lambda(la).t, .to = f.path.at_lambda(lb).t, .count = 5}));
  }
  const std::vector<T> x = start<T>(grids[0]);
  const auto planned = s.plan_lanes(diffode::fixed<diffode::lanes>(grids, {.stride = dimension, .count = grids.size()}), {{what}});
  const answer_to<T> net = sample_truth<T>(what, dimension);
  const std::vector<T> all = run<T>(planned.value(), x, net, batch, {.seed = 11});
  for (std::size_t k = 0; k < batch; ++k) {
    const auto first = static_cast<std::ptrdiff_t>(k * dimension), last = first + static_cast<std::ptrdiff_t>(dimension);
    const std::vector<T> one = run<T>(s.on(grids[k], what), {x.begin() + first, x.begin() + last}, net, 1, {.seed = 11, .first_sample = static_cast<std::uint32_t>(k)});
    CHECK(same_bits(one, std::vector<T>(all.begin() + first, all.begin() + last)));
  }
}

/// What is saved before any evaluation goes on in a fresh sampler as if nothing had happened.
template <class T>
void check_save_and_restore(const subject& s, const family& f, told what) {
  const diffode::grid g = f.uniform(6);
  const diffode::shared_plan made = s.on(g, what);
  const answer_to<T> net = sample_truth<T>(what, dimension);
  const std::vector<T> whole = run<T>(made, start<T>(g), net, batch, {.seed = 11});
  std::vector<T> x = start<T>(g), out(x.size());
  diffode::sampler<T> going(made, x, {.batch = batch}, diffode::philox{.seed = 11});
  for (bool on = true; on;) {
    const diffode::saved_run<T> saved = going.save();
    std::vector<T> other(x.size(), T(1e6));
    diffode::sampler<T> resumed(made, other, {.batch = batch}, diffode::philox{.seed = 11});
    resumed.restore(saved);
    finish<decltype(resumed), T>(resumed, net, other.size());
    CHECK(same_bits(other, whole));
    const auto call = going.next();
    on = call.has_value();
    if (!on) break;
    net(*call, out);
    going.feed(out);
  }
}

/// A second run in the same sampler, from another start, is what it would be in a fresh one; also when the first was
/// given up in the middle.
template <class T>
void check_restart(const subject& s, const family& f, told what) {
  const diffode::grid g = f.uniform(6);
  const diffode::shared_plan made = s.on(g, what);
  const answer_to<T> net = sample_truth<T>(what, dimension);
  std::vector<T> second = start<T>(g);
  for (T& v : second) v = v * T(0.5) + T(0.25);
  const std::vector<T> fresh = run<T>(made, second, net, batch, {.seed = 11});
  for (const int given_up_after : {1, 4, made->calls()}) {
    std::vector<T> x = start<T>(g), out(x.size());
    diffode::sampler<T> again(made, x, {.batch = batch}, diffode::philox{.seed = 11});
    for (int k = 0; k < given_up_after; ++k) {
      net(*again.next(), out);
      again.feed(out);
    }
    x = second;
    again.restart();
    CHECK_FALSE(again.finished());
    finish<decltype(again), T>(again, net, x.size());
    CHECK(same_bits(x, fresh));
  }
}

/// Asking again gives the same answer, and changes nothing.
template <class T>
void check_next_is_idempotent(const subject& s, const family& f, told what) {
  const diffode::grid g = f.uniform(6);
  const diffode::shared_plan made = s.on(g, what);
  const answer_to<T> net = sample_truth<T>(what, dimension);
  const std::vector<T> once = run<T>(made, start<T>(g), net, batch);
  std::vector<T> x = start<T>(g), out(x.size());
  diffode::sampler<T> asked(made, x, {.batch = batch});
  int calls = 0;
  while (const auto a = asked.next()) {
    const std::vector<T> shown(a->x.begin(), a->x.end());
    asked.next();
    const auto b = asked.next();
    REQUIRE(b.has_value());
    CHECK(b->x.data() == a->x.data());
    CHECK(same_bits(shown, std::vector<T>(b->x.begin(), b->x.end())));
    CHECK((b->label == a->label && b->index == a->index && b->index == calls++ && b->step == a->step && b->stage == a->stage));
    net(*b, out);
    asked.feed(out);
  }
  CHECK_FALSE(asked.next().has_value());
  CHECK(same_bits(x, once));
}

/// One plan, two threads, each with a sampler of its own: both get what one thread alone gets.
template <class T>
void check_shared_plan(const subject& s, const family& f, told what) {
  const diffode::grid g = f.uniform(6);
  const diffode::shared_plan made = s.on(g, what);
  const std::vector<T> alone = run<T>(made, start<T>(g), sample_truth<T>(what, dimension), batch);
  std::vector<T> got[2];
  const auto work = [&](std::size_t k) { got[k] = run<T>(made, start<T>(g), sample_truth<T>(what, dimension), batch); };
  std::thread first(work, 0), second(work, 1);
  first.join();
  second.join();
  CHECK(same_bits(got[0], alone));
  CHECK(same_bits(got[1], alone));
}

/// A pool that notes the most parts it was asked for.
struct noted_pool {
  diffode::thread_pool& pool;
  std::size_t* most;
  std::size_t threads() const { return pool.threads(); }
  template <class F>
  void run(std::size_t parts, F&& f) const {
    *most = std::max(*most, parts);
    pool.run(parts, f);
  }
};

/// A state of several pages, whose combines 1, 2, 3 and 7 threads do in parts: the bits of a run on the calling thread. Any model
/// does for that; this one answers with a part of what it reads.
template <class T>
void check_threads(const subject& s, const family& f, told what) {
  static diffode::thread_pool pools[] = {diffode::thread_pool(1), diffode::thread_pool(2), diffode::thread_pool(3), diffode::thread_pool(7)};
  constexpr std::size_t samples = 3, size = samples * 2731;
  const diffode::grid g = f.uniform(6);
  const diffode::shared_plan made = s.on(g, what);
  const auto sampled = [&](const auto& on) {
    std::vector<T> x(size), out(size);
    diffode::fill_with_noise(x, g.front(), diffode::philox{.seed = 7}, samples);
    diffode::sampler going(made, x, {.batch = samples}, diffode::philox{.seed = 11}, diffode::no_filter{}, on);
    while (const auto call = going.next()) {
      for (std::size_t i = 0; i < size; ++i) out[i] = call->x[i] * T(0.125);
      going.feed(out);
    }
    return x;
  };
  const std::vector<T> alone = sampled(diffode::cpu{});
  for (diffode::thread_pool& pool : pools) {
    std::size_t most = 0;
    noted_pool noted{pool, &most};
    INFO(pool.threads() << " threads");
    CHECK(same_bits(sampled(diffode::basic_cpu(noted, {.grain = 4096})), alone));
    CHECK((most > 1) == (pool.threads() > 1));
  }
}

/// All of it, for one subject; in a short run on one path, which is another one for the next subject.
template <class T>
void check_bitwise(const subject& s) {
  const std::vector<family> all = families();
  static std::size_t subjects = 0;
  const std::size_t only = subjects++ % all.size();
  for (std::size_t k = 0; k < all.size(); ++k) {
    if (is_short() && k != only) continue;
    const told what = every_told[(k + 2) % 5];  // v on VP, flow on VE, score on flow: conversions with every kind of term
    INFO(s.name() << " on " << all[k].name << " with " << name(what));
    check_pull_is_push<T>(s, all[k], what);
    check_batch<T>(s, all[k], what);
    check_lanes<T>(s, all[k], what);
    check_save_and_restore<T>(s, all[k], what);
    check_restart<T>(s, all[k], what);
    check_next_is_idempotent<T>(s, all[k], what);
    check_shared_plan<T>(s, all[k], what);
    check_threads<T>(s, all[k], what);
  }
}

}  // namespace diffode_test
