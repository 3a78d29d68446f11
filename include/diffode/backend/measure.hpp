// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/backend/tree.hpp"
#include "diffode/concept/executor.hpp"

#include <cmath>
#include <cstddef>
#include <span>

// What measures do with their leaves (see backend/tree.hpp), whoever computes these: the same bits for any executor.

namespace diffode::detail {

/// An executor, and the number of elements that one of its threads is woken for, at least.
template <class Executor>
struct workers {
  Executor* threads;
  std::size_t grain;

  std::size_t parts(std::size_t size) const {
    const std::size_t most = threads ? parts_of(size, grain, threads->threads()) : 1;
    return most < 1 ? 1 : most < most_branches ? most : most_branches;
  }
  /// work(first, last, part) for ranges that make up [0, count), one for each part.
  template <class Work>
  void split(std::size_t count, std::size_t parts, const Work& work) const {
    if (parts <= 1) return work(std::size_t{0}, count, std::size_t{0});
    threads->run(parts, [&](std::size_t k) { work(count * k / parts, count * (k + 1) / parts, k); });
  }
};

/// The tree over elements [first, last), of which leaf(i, n) gives the leaf of the n from i on.
template <class V, class Leaf>
V branch(const Leaf& leaf, std::size_t first, std::size_t last) {
  tree<V> all;
  for (; last - first > leaf_size; first += leaf_size) all.add(leaf(first, leaf_size));
  all.add(leaf(first, last - first));
  return all.total();
}

template <class V, class Leaf, class Executor>
V branches(const Leaf& leaf, std::size_t first, std::size_t count, const workers<Executor>& by) {
  const std::size_t parts = by.parts(count);
  if (parts <= 1) return branch<V>(leaf, first, first + count);
  const std::size_t each = leaf_size * leaves_in_branch((count + leaf_size - 1) / leaf_size), number = (count + each - 1) / each;
  V done[most_branches];
  by.split(number, parts, [&](std::size_t from, std::size_t to, std::size_t) {
    for (std::size_t k = from; k < to; ++k) done[k] = branch<V>(leaf, first + k * each, first + (k + 1 == number ? count : (k + 1) * each));
  });
  tree<V> all;
  for (std::size_t k = 0; k < number; ++k) all.add(done[k]);
  return all.total();
}

/// one(k, who, part) for each k < number, each of `size` elements: one after another, each by all threads, where a `run` of
/// them that lie together is long enough; otherwise side by side.
template <class One, class Executor>
void each_of(std::size_t number, std::size_t size, std::size_t run, const workers<Executor>& by, const One& one) {
  const bool alone = by.parts(run) > 1;
  by.split(number, alone ? 1 : by.parts(number * size), [&](std::size_t from, std::size_t to, std::size_t part) {
    for (std::size_t k = from; k < to; ++k) one(k, alone ? by : workers<Executor>{nullptr, 0}, part);
  });
}

template <class T, class Executor>
double measured(const error_measure<T>& m, double (*leaf)(const error_measure<T>&, std::size_t, std::size_t), const workers<Executor>& by) {
  const std::size_t size = m.whole ? m.size : m.sample_size;
  const auto at = [&](std::size_t first, std::size_t count) { return leaf(m, first, count); };
  const auto worse = [](double a, double b) { return a >= b || a != a ? a : b; };  // what is no number is the worst
  double worst[most_branches]{};
  each_of(m.size / size, size, size, by, [&](std::size_t k, const workers<Executor>& who, std::size_t part) {
    worst[part] = worse(branches<double>(at, k * size, size, who) / static_cast<double>(size), worst[part]);
  });
  for (std::size_t part = 1; part < most_branches; ++part) worst[0] = worse(worst[part], worst[0]);
  return std::sqrt(worst[0]);
}

template <class A, class B, class Executor>
void measured(const dot_measure<A, B>& m, std::span<double> out, double (*leaf)(const A*, const B*, std::size_t), const workers<Executor>& by) {
  const auto at = [&](std::size_t first, std::size_t count) { return leaf(m.a + first, m.b + first, count); };
  each_of(m.size / m.sample_size, m.sample_size, m.sample_size, by, [&](std::size_t k, const workers<Executor>& who, std::size_t) {
    out[k] = branches<double>(at, k * m.sample_size, m.sample_size, who);
  });
}

/// A lane consists of runs of `stride` neighbours. Each run is a tree, and they are the leaves of the lane's own tree.
template <class T, class Executor>
void measured(const moment_measure<T>& m, std::span<lane_moments> out, lane_moments (*leaf)(const T*, std::size_t), const workers<Executor>& by) {
  const std::size_t lanes = m.lanes.count, stride = lanes == 1 ? m.size : m.lanes.stride;
  const auto at = [&](std::size_t first, std::size_t count) { return leaf(m.x + first, count); };
  each_of(lanes, m.size / lanes, stride, by, [&](std::size_t lane, const workers<Executor>& who, std::size_t) {
    tree<lane_moments> all;
    for (std::size_t first = lane * stride; first < m.size; first += lanes * stride) all.add(branches<lane_moments>(at, first, stride, who));
    out[lane] = all.total();
  });
}

}  // namespace diffode::detail
