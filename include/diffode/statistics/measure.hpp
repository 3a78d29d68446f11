// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/noise/philox.hpp"
#include "diffode/statistics/model.hpp"
#include "diffode/statistics/sums.hpp"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace diffode {

/// How far a measurement is: before the given row of a block; `row` is 0 when a block has just been added.
struct statistics_progress {
  const statistics_sums& sums;
  std::uint32_t blocks_done, blocks;  ///< of this shard
  std::size_t row, rows;              ///< of the block under way

  double share() const {
    const double all = static_cast<double>(blocks);
    return all > 0 ? (static_cast<double>(blocks_done) + static_cast<double>(row) / static_cast<double>(rows)) / all : 1;
  }
};

/// A watcher that only lets a measurement go on.
struct keep_measuring {
  bool operator()(const statistics_progress&) const { return true; }
};

namespace detail {

/// The arrays of one block, and the sums that they become.
template <class Data, class Model>
class statistics_block {
 public:
  statistics_block(const statistics_options& o, Data& data, Model& model) : o_(o), data_(data), model_(model) {}

  fault begin(std::uint32_t block) {
    n_ = {.first = block, .blocks = 1, .cells = std::vector<statistics_cell>(o_.cells())};
    first_ = block * o_.block;
    count_ = o_.samples_of(block, 1);
    for (std::vector<double>* a : {&x0_, &x_, &v_, &d_, &eps_, &slope_}) a->resize(count_ * o_.elements);
    for (std::uint32_t k = 0; k < count_; ++k) {
      const std::span<double> one = std::span(x0_).subspan(k * o_.elements, o_.elements);
      data_(first_ + k, one);
      for (std::size_t i = 0; i < one.size(); ++i)
        if (!std::isfinite(one[i]))
          return refuse(errc::bad_model, "measure: element ", i, " of sample ", first_ + k, " of the data is ", one[i], ", needs a finite number");
    }
    return {};
  }

  void measure(std::size_t row) {
    const level<> at = model_.path().at_lambda(o_.lambda(row));
    const statistics_call call{.at = at, .first = first_, .count = count_};
    draw(static_cast<std::uint32_t>(row), at);
    for (std::size_t i = 0; i < d_.size(); ++i) d_[i] = at.sigma * v_[i];
    model_.slope(x_, call, d_, 0, slope_);
    for (std::size_t i = 0; i < v_.size(); ++i) v_[i] *= slope_[i];

    model_.eps(x_, call, eps_);
    const double fall = slope_over_lambda([&](double l) { return std::log(model_.path().at_lambda(l).alpha); }, at.lambda);
    for (std::size_t i = 0; i < d_.size(); ++i) d_[i] = fall * x_[i] - at.sigma * eps_[i];
    model_.slope(x_, call, d_, 1, slope_);
    add(row, at);
  }

  statistics_sums::node taken() { return std::move(n_); }

 private:
  /// The states, and a sign for every element.
  void draw(std::uint32_t row, const level<>& at) {
    const philox noise{.seed = o_.seed};
    const std::uint32_t stream = first_stream + 2 * (o_.one_noise ? 0 : row);
    for (std::uint32_t k = 0; k < count_; ++k) {
      const std::size_t from = k * o_.elements;
      noise.fill(first_ + k, stream, 0, std::span(x_).subspan(from, o_.elements));
      noise.fill(first_ + k, stream + 1, 0, std::span(v_).subspan(from, o_.elements));
    }
    for (std::size_t i = 0; i < x_.size(); ++i) {
      x_[i] = at.alpha * x0_[i] + at.sigma * x_[i];
      v_[i] = v_[i] < 0 ? -1 : 1;
    }
  }

  void add(std::size_t row, const level<>& at) {
    const std::size_t each = o_.elements / o_.columns;
    for (std::size_t c = 0; c < o_.columns; ++c) {
      statistics_cell& cell = n_.cells[row * o_.columns + c];
      double n = 0;
      for (std::uint32_t k = 0; k < count_; ++k)
        for (std::size_t i = k * o_.elements + c * each; i < k * o_.elements + (c + 1) * each; ++i)
          cell.add(++n, v_[i], (at.sigma * eps_[i] - x_[i]) / at.alpha, x_[i] / at.alpha, at.sigma / at.alpha * slope_[i]);
    }
  }

  /// Far from where users begin to count: data that were drawn with the same seed are other numbers.
  static constexpr std::uint32_t first_stream = 0x80000000;

  const statistics_options& o_;
  Data& data_;
  Model& model_;
  statistics_sums::node n_;
  std::uint32_t first_ = 0, count_ = 0;
  std::vector<double> x0_, x_, v_, d_, eps_, slope_;
};

}  // namespace detail

/// Measures the blocks of a shard that `into` lacks: one pass over the data, all lambdas of a block of samples before the next.
///
/// data         data(k, x0): writes sample k, `elements` numbers; the same ones whenever it is asked
/// m            the model, see statistics/model.hpp
/// watch        watch(progress): whether to go on; asked before every row. The block under way is lost when it says no
/// Returns      whether the shard is complete
/// Evaluations  for each sample and lambda: 1 of eps and 2 slopes (so 5 of a network by differences, 3 with a Jacobian-vector
///              product)
/// Source       Zheng et al. 2023, arXiv:2310.13268, section 3.2. There l is measured first, and s and b in a second pass that
///              needs l. They are linear in l and its slope, so here sums are kept from which both follow, in one pass
/// Errors       refuses a shard that is none, data that are not finite, and sums that are not, with the lambda; whatever `data`
///              or `m` throw passes through. `into` has all blocks that were finished, in each case
template <class Data, statistics_model M, class Watch = keep_measuring>
  requires std::invocable<Data&, std::uint32_t, std::span<double>> && std::predicate<Watch&, const statistics_progress&>
result<bool> try_measure(statistics_sums& into, Data&& data, M&& m, const statistics_shard& share = {}, Watch&& watch = {}) {
  if (const fault f = share.check()) return *f;
  const statistics_options o = into.options();
  const std::uint32_t first = share.first(o.blocks()), last = share.last(o.blocks());
  std::uint32_t done = 0;
  for (std::uint32_t b = first; b < last; ++b) done += into.has(b);
  detail::statistics_block block(o, data, m);
  for (std::uint32_t b = first; b < last; ++b) {
    if (into.has(b)) continue;
    if (const fault f = block.begin(b)) return *f;
    for (std::size_t row = 0; row < o.rows(); ++row) {
      if (!watch(statistics_progress{into, done, last - first, row, o.rows()})) return false;
      block.measure(row);
    }
    if (const fault f = into.try_add(block.taken())) return *f;
    ++done;
  }
  watch(statistics_progress{into, done, last - first, 0, o.rows()});
  return true;
}
template <class Data, class M, class Watch = keep_measuring>
bool measure(statistics_sums& into, Data&& data, M&& m, const statistics_shard& share = {}, Watch&& watch = {}) {
  return try_measure(into, data, m, share, watch).value();
}

}  // namespace diffode
