// SPDX-License-Identifier: MIT
//
// Thousands of random programs, each run twice: by its plan, in as few arrays as the lowering thinks enough, and value
// by value, with every array kept. A slot that is overwritten too early shows as a difference of the size of the data.
#include "diffode/tape/lower.hpp"

#include "catch.hpp"
#include "diffode/backend/reference.hpp"
#include "diffode/diffode.hpp"
#include "tape/record.hpp"

#include <cmath>
#include <cstddef>
#include <random>
#include <span>
#include <vector>

using namespace diffode;

namespace {

constexpr std::size_t size = 12;
using array_of = std::vector<double>;

/// The model: any function that tells its inputs apart. Slopes of at most 1, so that errors do not grow.
double model_output(double x, double label, int which) { return std::sin(x + 0.3 * which) + 0.1 * label; }
double filtered_value(double x, double label) { return std::cos(x - label); }

struct test_filter {
  void operator()(std::span<const double> in, std::span<double> out, const filter_call& where) const {
    for (std::size_t i = 0; i < in.size(); ++i) out[i] = filtered_value(in[i], where.levels[0].label);
  }
};

struct seen_array {
  int what, point;
  array_of x;
};

template <coefficient R>
R random_coefficient(std::mt19937& draw, std::size_t lane_total) {
  std::uniform_real_distribution<double> number(-1, 1);
  if (draw() % 5 == 0) return R(0);
  if constexpr (std::same_as<R, double>) return number(draw);
  else {
    std::vector<double> each;
    for (std::size_t l = 0; l < lane_total; ++l) each.push_back(number(draw));
    return lanes(each);
  }
}

template <coefficient R>
struct program {
  tape<R> code;
  value result{}, partner{};
  bool paired = false;
  lane_map map{};
  int outputs = 1, noises = 0;
};

/// A program as a method might write it: sums of anything written before, evaluations, filters, watches and noise in
/// any order. The model's outputs are read before the next evaluation, where the engine still holds them.
template <coefficient R>
program<R> random_program(unsigned seed, bool own_input = false) {
  std::mt19937 draw(seed);
  program<R> p{.code = tape<R>(own_input)};
  if constexpr (std::same_as<R, lanes>) p.map = {1 + draw() % 2, 1 + draw() % 3};
  p.outputs = 1 + static_cast<int>(draw() % 2);
  std::vector<value> arrays{p.code.input()}, fresh;  // to use at any time; to use until the next call
  p.paired = draw() % 3 == 0;
  if (p.paired) arrays.push_back(p.code.input());
  const auto pick = [&](const std::vector<value>& from) { return from[draw() % from.size()]; };
  const auto pick_any = [&] { return !fresh.empty() && draw() % 4 == 0 ? pick(fresh) : pick(arrays); };
  const auto sum = [&] {
    std::vector<term<R>> terms;
    for (std::size_t k = 0, n = 1 + draw() % 4; k < n; ++k)
      terms.push_back({pick_any(), random_coefficient<R>(draw, p.map.count)});
    arrays.push_back(p.code.sum(terms));
  };
  for (std::size_t k = 0, n = 3 + draw() % 40; k < n; ++k) switch (draw() % 10) {
      case 0: case 1: {
        evaluation<R> e;
        e.at.label = R(static_cast<double>(draw() % 8));
        e.outputs = (1u << p.outputs) - 1;
        const value called = p.code.call(pick_any(), e);
        fresh.clear();
        for (int o = 0; o < p.outputs; ++o) fresh.push_back(p.code.output(called, o));
        break;
      }
      case 2:
        if (!p.code.evaluations().empty()) arrays.push_back(p.code.filter(pick_any(), static_cast<int>(p.code.evaluations().size()) - 1));
        break;
      case 3: p.code.watch(static_cast<seen>(draw() % 3), pick_any(), static_cast<int>(k)); break;
      case 4:
        if (p.noises < 3) fresh.push_back(p.code.noise(p.noises++));
        else fresh.push_back(p.code.one());
        break;
      default: sum();
    }
  sum();
  p.result = arrays.back();
  if (p.paired && draw() % 2 == 0) sum();
  p.partner = arrays.back();
  if (draw() % 2 == 0) p.code.watch(seen::state, p.result, 99);
  return p;
}

template <coefficient R>
plan lowered(const program<R>& p) {
  const value ends[] = {p.result, p.partner};
  return lowering<R>::run(p.code, std::span(ends, p.paired ? 2 : 1),
                          {"random", p.map, 1, p.outputs, diffode_test::noise_intervals_of(p.noises, p.map), p.paired});
}

/// Every value kept. `bound` is the size of the numbers that were added up on the way to each value.
template <coefficient R>
struct naive {
  std::vector<array_of> values, bound;
  std::vector<seen_array> watched;

  naive(const program<R>& p, const array_of& start, const philox& noise) {
    double label = 0;
    for (const node<R>& n : p.code.nodes()) {
      array_of v(size), b(size);
      for (std::size_t i = 0; i < size; ++i) {
        const auto operand = [&] { return values[static_cast<std::size_t>(p.code.terms(n)[0].v)][i]; };
        const auto operand_bound = [&] { return bound[static_cast<std::size_t>(p.code.terms(n)[0].v)][i]; };
        switch (n.kind) {
          case node_kind::input: v[i] = start[i] - (values.empty() ? 0 : 0.3); break;
          case node_kind::call: label = lane(p.code.evaluations()[static_cast<std::size_t>(n.tag)].at.label, 0); v[i] = operand(); break;
          case node_kind::output: v[i] = model_output(operand(), label, n.tag); break;
          case node_kind::noise: noise.fill(0, static_cast<std::uint32_t>(n.tag), i, std::span<double>(&v[i], 1)); break;
          case node_kind::one: v[i] = 1; break;
          case node_kind::filter: v[i] = filtered_value(operand(), lane(p.code.evaluations()[static_cast<std::size_t>(n.tag)].at.label, 0)); break;
          case node_kind::watch: case node_kind::measure: v[i] = operand(); break;
          case node_kind::sum:
            for (const term<R>& t : p.code.terms(n)) {
              const double c = lane(t.c, p.map(i));
              v[i] += c * values[static_cast<std::size_t>(t.v)][i];
              b[i] += std::abs(c) * bound[static_cast<std::size_t>(t.v)][i];
            }
        }
        if (n.kind == node_kind::call || n.kind == node_kind::output || n.kind == node_kind::filter || n.kind == node_kind::watch) b[i] = operand_bound();
        if (n.kind != node_kind::sum) b[i] += std::abs(v[i]) + 1;
      }
      values.push_back(v);
      bound.push_back(b);
      if (n.kind == node_kind::watch) watched.push_back({n.tag, n.point, v});
    }
  }
};

/// Runs a program both ways and says how far apart they are, in roundings; at most a few per node may be lost.
template <class Backend, coefficient R>
double distance(unsigned seed, bool own_input) {
  const program<R> p = random_program<R>(seed, own_input);
  const plan made = lowered(p);
  array_of state(size);
  for (std::size_t i = 0; i < size; ++i) state[i] = 1 + 0.7 * static_cast<double>(i);
  const philox noise{.seed = seed};
  const naive<R> truth(p, state, noise);
  std::vector<seen_array> watched;
  const auto watch = [&](const sight<double>& now) { watched.push_back({static_cast<int>(now.what), now.point, {now.x.begin(), now.x.end()}}); };
  // What the program does before its first evaluation is done where the sampler is made, before anybody can watch.
  std::size_t unseen = 0;
  for (const instruction& i : made.instructions()) {
    if (i.what == operation::call) break;
    unseen += i.what == operation::watch;
  }
  std::vector<array_of> outs(static_cast<std::size_t>(p.outputs), array_of(size));
  const auto drive = [&](auto s) {
    while (const auto call = s.next()) {
      for (std::size_t o = 0; o < outs.size(); ++o)
        for (std::size_t i = 0; i < size; ++i) outs[o][i] = model_output(call->x[i], call->label, static_cast<int>(o));
      std::vector<std::span<const double>> given(outs.begin(), outs.end());
      if (const fault f = s.try_feed(given, watch)) raise(*f);
    }
  };
  // A partner begins in the first array of the memory, and ends there.
  std::vector<double> memory(workspace<double>::bytes(made, size) / sizeof(double) + size);
  for (std::size_t i = 0; i < size; ++i) memory[i] = state[i] - 0.3;
  const run_options o{.memory = std::as_writable_bytes(std::span(memory)), .partner_in_memory = p.paired};
  if (made.filters() > 0) drive(sampler<double, philox, test_filter, Backend>(shared_plan(made), state, o, noise));
  else drive(sampler<double, philox, no_filter, Backend>(shared_plan(made), state, o, noise));
  double worst = 0;
  const double allowed = 4 * 2.3e-16 * static_cast<double>(p.code.nodes().size());
  const auto compare = [&](const array_of& got, std::size_t node) {
    for (std::size_t i = 0; i < size; ++i)
      worst = std::fmax(worst, std::abs(got[i] - truth.values[node][i]) / (allowed * (truth.bound[node][i] + 1)));
  };
  compare(state, static_cast<std::size_t>(p.result));
  if (p.paired) compare({memory.begin(), memory.begin() + size}, static_cast<std::size_t>(p.partner));
  REQUIRE(watched.size() + unseen == truth.watched.size());
  std::size_t node = 0;
  for (std::size_t k = 0; k < truth.watched.size(); ++k, ++node) {
    while (p.code.nodes()[node].kind != node_kind::watch) ++node;
    if (k < unseen) continue;
    REQUIRE(watched[k - unseen].what == truth.watched[k].what);
    REQUIRE(watched[k - unseen].point == truth.watched[k].point);
    compare(watched[k - unseen].x, node);
  }
  return worst;
}

template <class Backend, coefficient R>
void check(unsigned first, unsigned count) {
  for (unsigned seed = first; seed < first + count; ++seed) {
    INFO("seed " << seed);
    REQUIRE(distance<Backend, R>(seed, false) <= 1);
    REQUIRE(distance<Backend, R>(seed, true) <= 1);
  }
}

}  // namespace

TEST_CASE("a lowered program computes what its tape says, on the reference backend") { check<reference, double>(1, 6000); }

TEST_CASE("a lowered program with lanes computes what its tape says") { check<reference, lanes>(20001, 4000); }

TEST_CASE("a lowered program computes what its tape says, on the processor's backend") {
  check<cpu, double>(40001, 2000);
  check<cpu, lanes>(60001, 2000);
}

TEST_CASE("random programs are worth running: they call, filter, watch, draw noise and fill several slots") {
  int calls = 0, filters = 0, noises = 0, slots = 0, several_rows = 0;
  for (unsigned seed = 1; seed <= 500; ++seed) {
    const program<double> p = random_program<double>(seed);
    const plan made = lowered(p);
    calls += made.calls();
    filters += made.filters();
    noises += made.uses_noise();
    slots = std::max(slots, made.slots());
    for (const instruction& i : made.instructions()) several_rows += i.what == operation::combine && i.outs > 1;
  }
  CHECK(calls > 1000);
  CHECK(filters > 500);
  CHECK(noises > 200);
  CHECK(slots >= 5);
  CHECK(several_rows > 300);
}
