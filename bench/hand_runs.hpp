// SPDX-License-Identifier: MIT
#pragma once

#include "buffer.hpp"
#include "contender.hpp"
#include "crew.hpp"
#include "formulas.hpp"
#include "hand_loops.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace diffode_bench::hand {

inline constexpr std::size_t most_numbers = 12;
using numbers = std::array<double, most_numbers>;

/// A run by one of the loops: the state, `count` further arrays, and the numbers of all evaluations, made in advance.
///
/// Loop  loop(run, k, first, n): evaluation k on n elements from the first one on
template <class E, class Loop>
class run final : public contender {
 public:
  using N = number<E>;

  run(const material<E>& with, const crew& by, std::size_t count, const std::vector<numbers>& made, Loop loop)
      : with_(with), by_(by), loop_(std::move(loop)), x(with.start.size(), with.shared) {
    for (std::size_t k = 0; k < count; ++k) arrays.emplace_back(x.size(), with.shared);
    for (const numbers& at : made) {
      table_.emplace_back();
      for (std::size_t i = 0; i < most_numbers; ++i) table_.back()[i] = static_cast<N>(at[i]);
    }
    restart();
  }

  void restart() override {
    k_ = 0;
    x = with_.start;
    for (const buffer<E>& a : arrays) std::fill(a.data(), a.data() + a.size(), E{});
    if constexpr (requires { Loop::begin(*this); }) Loop::begin(*this);
  }
  void evaluate() override {
    by_(x.size(), [&](std::size_t first, std::size_t n) { loop_(*this, k_, first, n); });
    ++k_;
  }
  double shown(std::size_t i) const override {
    if constexpr (requires { Loop::shown(*this, k_, i); }) return Loop::shown(*this, k_, i);
    else return static_cast<double>(load(x[i]));
  }

  const std::array<N, most_numbers>& at(std::size_t k) const { return table_[k]; }
  const E* answer(std::size_t first) const { return with_.answer.data() + first; }
  const E* noise(std::size_t first) const { return with_.noise.data() + first; }
  /// The array that was written `ago` evaluations ago, in a ring of `size` from array number `base` on.
  E* ring(std::size_t k, std::size_t ago, std::size_t size, std::size_t first, std::size_t base = 0) {
    return arrays[base + (k + size * ago - ago) % size].data() + first;
  }

 private:
  material<E> with_;
  crew by_;
  Loop loop_;
  std::vector<std::array<N, most_numbers>> table_;
  std::size_t k_ = 0;

 public:
  buffer<E> x;
  std::vector<buffer<E>> arrays;
};

struct ddim_loop {
  void operator()(auto& r, std::size_t k, std::size_t first, std::size_t n) const {
    const auto& c = r.at(k);
    ddim(n, r.x.data() + first, r.answer(first), c[0], c[1]);
  }
};
struct two_step_loop {
  void operator()(auto& r, std::size_t k, std::size_t first, std::size_t n) const {
    const auto& c = r.at(k);
    two_step(n, r.x.data() + first, r.answer(first), r.arrays[0].data() + first, c[0], c[1], c[2], c[3], c[4]);
  }
};
struct noisy_loop {
  void operator()(auto& r, std::size_t k, std::size_t first, std::size_t n) const {
    const auto& c = r.at(k);
    two_step_with_noise(n, r.x.data() + first, r.answer(first), r.arrays[0].data() + first, r.noise(first), c[0], c[1], c[2], c[3], c[4], c[5]);
  }
};
struct three_step_loop {
  void operator()(auto& r, std::size_t k, std::size_t first, std::size_t n) const {
    const auto& c = r.at(k);
    three_step(n, r.x.data() + first, r.answer(first), r.ring(k, 1, 2, first), r.ring(k, 2, 2, first), c[0], c[1], c[2], c[3], c[4], c[5]);
  }
};
struct unipc_loop {
  std::size_t p;
  /// Array 0 is the corrected state.
  static void begin(auto& r) { r.arrays[0] = std::span(r.x.data(), r.x.size()); }
  void operator()(auto& r, std::size_t k, std::size_t first, std::size_t n) const {
    const auto& c = r.at(k);
    auto *const x = r.x.data() + first, *const s = r.arrays[0].data() + first;
    const auto m = [&](std::size_t ago) { return r.ring(k, ago, p, first, 1); };
    if (p == 2) unipc_2(n, x, s, r.answer(first), m(1), m(2), c[0], c[1], c[2], c[3], c[4], c[5], c[7], c[8], c[9]);
    else unipc_3(n, x, s, r.answer(first), m(1), m(2), m(3), c[0], c[1], c[2], c[3], c[4], c[5], c[6], c[7], c[8], c[9], c[10]);
  }
};
struct deis_loop {
  void operator()(auto& r, std::size_t k, std::size_t first, std::size_t n) const {
    const auto& c = r.at(k);
    deis_3(n, r.x.data() + first, r.answer(first), r.ring(k, 1, 3, first), r.ring(k, 2, 3, first), r.ring(k, 3, 3, first), c[0], c[1], c[2],
           c[3], c[4]);
  }
};
struct heun_loop {
  /// Array 0 is the first prediction, array 1 the state between the stages.
  static double shown(const auto& r, std::size_t k, std::size_t i) { return static_cast<double>(load(k % 2 == 0 ? r.x[i] : r.arrays[1][i])); }
  void operator()(auto& r, std::size_t k, std::size_t first, std::size_t n) const {
    const auto& c = r.at(k);
    auto *const x = r.x.data() + first, *const m = r.arrays[0].data() + first, *const y = r.arrays[1].data() + first;
    if (k % 2 == 0) heun_first(n, x, r.answer(first), m, y, c[0], c[1], c[2], c[3]);
    else heun_second(n, x, y, r.answer(first), m, c[0], c[1], c[2], c[3], c[4]);
  }
};

}  // namespace diffode_bench::hand
