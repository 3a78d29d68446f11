// SPDX-License-Identifier: MIT
#pragma once

#include "buffer.hpp"
#include "cases.hpp"
#include "contest.hpp"
#include "crew.hpp"
#include "floor.hpp"
#include "formats.hpp"
#include "hand.hpp"
#include "machine.hpp"
#include "options.hpp"
#include "other_build.hpp"
#include "ours.hpp"
#include "reporter.hpp"
#include "textbook_runs.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <exception>
#include <iostream>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <type_traits>
#include <vector>

/// What bench/combine and bench/sampler have in common: cases, contenders, counters. They differ in who stands for diffode.
namespace diffode_bench {

/// Numbers for every contender to read. Not far from 1, and none of them special.
template <class E>
buffer<E> normals(std::size_t size, unsigned seed) {
  buffer<E> all(size);
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  // Drawing takes longer than everything else, so a few are drawn and repeated; the period is no power of 2.
  const std::size_t period = 10007;
  for (std::size_t i = 0; i < size; ++i) all[i] = i < period ? static_cast<E>(normal(random)) : all[i - period];
  return all;
}

/// The largest difference between contenders that rounding can make, as a share of the largest number: that of the formats
/// stored at 64 evaluations, with room.
template <class E>
inline constexpr double rounding = std::is_same_v<E, double> ? 1e-12 : std::is_same_v<E, float> ? 1e-4 : 0.2;

/// Runs of this many elements are compared before they are timed.
inline constexpr std::size_t largest_compared = std::size_t{1} << 18;

/// One case of a program: the benchmark's name is program/method/element/size/threads.
struct single_case {
  std::string program, method, element;
  std::size_t size, threads;

  std::string name() const { return program + "/" + method + "/" + element + "/" + std::to_string(size) + "/" + std::to_string(threads); }
};

template <template <class, class> class Ours, class Format>
void measure(benchmark::State& state, Format f, const single_case& one, const options& o, const other_build* other) {
  using E = typename Format::element;
  using H = typename Format::history;
  const method_case& what = case_named(one.method);
  const std::size_t size = one.size, threads = one.threads, array = size * sizeof(E), needed = 32 * array, have = available_memory();
  if (have > 0 && have < needed) {
    state.SkipWithError(("needs " + std::to_string(needed >> 20) + " MiB of memory, has " + std::to_string(have >> 20)).c_str());
    return;
  }
  const dd::grid levels = levels_for(what);
  const course on = course_of(levels);
  const buffer<E> start = normals<E>(size, 1), answer = normals<E>(size, 2), noise = normals<E>(size, 3);
  const crew alone, all(threads, o.most);
  const auto diffode = [&](const material<E>& with) { return ours<Ours>(f, one.method, with, all); };
  const auto of_other = [&](const material<E>& with) { return other ? other->make(one.program, one.method, one.element, with, all) : nullptr; };
  const std::unique_ptr<contender> book = textbook::make<E>(what.name, on, {start, answer, noise});
  if (size <= largest_compared) {
    const std::unique_ptr<contender> us = diffode({start, answer, noise}), hand = hand::make<E>(what.name, on, {start, answer, noise}, alone),
                                     them = of_other({start, answer, noise});
    std::vector<contender*> alike{us.get(), hand.get(), book.get()};
    if (them) alike.push_back(them.get());
    if (const std::string wrong = disagreement(alike, std::min<std::size_t>(size, 1024), rounding<E>); !wrong.empty()) {
      state.SkipWithError(wrong.c_str());
      return;
    }
  }
  room shared(10 * (size * std::max(sizeof(E), sizeof(H)) + 2 * room::page));
  const auto placed = [&](auto make) {
    shared.begin_again();
    return make(material<E>{start, answer, noise, &shared});
  };
  const std::unique_ptr<contender> us = placed(diffode), hand = placed([&](const material<E>& with) { return hand::make<E>(what.name, on, with, alone); });
  copy_of_memory copy(array, all);
  triad third(array, all);
  std::vector<contender*> who{us.get(), hand.get(), &copy, &third};
  // Small arrays are worked on faster by one thread, so with more the better of the two hand-written runs counts.
  const std::unique_ptr<contender> together = threads > 1 ? placed([&](const material<E>& with) { return hand::make<E>(what.name, on, with, all); }) : nullptr;
  if (together) who.push_back(together.get());
  const std::unique_ptr<contender> them = other ? placed(of_other) : nullptr;
  if (them) who.push_back(them.get());
  effort work = o.work;
  // Between two evaluations is a model, and threads that nobody needs meanwhile sleep.
  if (threads > 1) work.pause = 100e-6;
  // What takes many times as long is measured for itself, and less often.
  effort little = work;
  little.seconds /= 4;
  little.least = (work.least + 1) / 2;
  std::vector<timing> t, t_book;
  for (auto _ : state) {
    t = compete(who, work);
    t_book = compete({us.get(), book.get()}, little);
    state.SetIterationTime(t[0].best());
  }
  double to_hand = ratio(t[0], t[1]), to_best_hand = t[0].best() / t[1].best();
  if (together) {
    to_hand = std::fmax(to_hand, ratio(t[0], t[4]));
    to_best_hand = std::fmax(to_best_hand, t[0].best() / t[4].best());
  }
  const double bytes = floor_in_bytes(Format::plan(what, levels), {sizeof(E), sizeof(E), sizeof(H)});
  const double moved = bytes * static_cast<double>(size), triad_speed = 3 * static_cast<double>(array) / t[3].best();
  auto& c = state.counters;
  c["bytes"] = bytes;
  c["ns"] = t[0].best() * 1e9;
  c["speed"] = moved / t[0].best();
  c["copy"] = 2 * static_cast<double>(array) / t[2].best();
  c["triad"] = triad_speed;
  c["of_triad"] = moved / t[0].best() / triad_speed;
  c["hand"] = to_hand;
  c["hand_of_best"] = to_best_hand;
  c["textbook"] = ratio(t_book[1], t_book[0]);
  if (them) c["other"] = ratio(t.back(), t[0]);
  c["rounds"] = static_cast<double>(t[0].rounds.size());
}

/// The program. Ours<Format, Backend> is the contender that stands for diffode.
template <template <class, class> class Ours>
int run_program(const std::string& name, const std::string& about, int argc, char** argv) {
  try {
    options o;
    if (const int status = o.parse(name, about, argc, argv); status >= 0) return status;
    keep_heap_warm();
    const std::optional<other_build> other = o.against ? std::optional<other_build>(*o.against) : std::nullopt;
    for (const std::string& element : o.elements)
      for (const std::string& method : o.methods)
        for (const std::size_t size : o.sizes)
          for (const std::size_t threads : o.threads) {
            const single_case one{name, method, element, size, threads};
            const auto run = [one, &o, &other](benchmark::State& s) {
              with_format(one.element, [&](auto f) { measure<Ours>(s, f, one, o, other ? &*other : nullptr); });
            };
            benchmark::RegisterBenchmark(one.name().c_str(), run)->UseManualTime()->Iterations(1)->Unit(benchmark::kMicrosecond);
          }
    describe_build();
    if (other) benchmark::AddCustomContext("other_flags", other->flags());
    table_reporter table;
    benchmark::RunSpecifiedBenchmarks(&table);
    benchmark::Shutdown();
    return table.failures() == 0 ? 0 : 1;
  } catch (const std::exception& e) {
    std::cerr << "bench_" << name << ": " << e.what() << "\n";
    return 2;
  }
}

}  // namespace diffode_bench
