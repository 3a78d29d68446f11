// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/concept/noise_source.hpp"
#include "diffode/core/error.hpp"
#include "diffode/noise/brownian_tree.hpp"
#include "diffode/noise/philox.hpp"

#include <cassert>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace diffode {

namespace detail {

/// The intervals of a run. Equal points of the clock: independent of the path, as a stream without interval.
struct bound_intervals {
  std::vector<noise_interval> all;  // streams x lanes.count
  lane_map lanes;
  std::size_t sample_size = 1;
};

}  // namespace detail

/// Unit normal noise whose numbers are increments of one Brownian path per element, on the clock of the method: a run
/// in 10 steps and one in 1000 see the same path. A function of (seed, sample, element, interval) and of nothing else.
///
/// Source   Levy's construction: midpoints of dyadic intervals, each displaced by a normal of its own; as a function of
///          a seed and not of what was drawn before in Li, Wong, Chen and Duvenaud 2020, Scalable gradients for
///          stochastic differential equations, arXiv:2001.01328 (virtual Brownian tree)
/// Noise    (W(u_to) - W(u_from))/sqrt(u_to - u_from) over the interval that `bind` was told for stream and lane. An
///          interval with equal ends, and a stream that was never bound, such as the start's, get philox's number of
///          the same seed
/// Range    from may be -inf; e^from and e^to are rounded down to 2^-48 of their octave 2^k <= u < 2^(k+1): ends that
///          are closer than 4e-15, or both beyond 1e6 in size, may count as equal
/// Law      all means, variances and correlations are those of W, and the numbers normal, but for this: midpoints of
///          less than 2^-16 of an octave are displaced by counts of coins. Increments over more than 2^-10 of an octave
///          have an excess kurtosis of less than 2e-6 in size, all others of at most 1/16
/// Error    parts add up to the whole to about 3e-15 of its standard deviation. The same bits everywhere for the same
///          `from` and `to`, in which a C library's logarithm may leave a difference in the last place
/// Cost     for each element at most 98 words of philox, 34 of which become normals, and one more normal for each octave
///          in between, at most 107; in vectors of neighbouring elements that share a lane, where a single element costs
///          as much as 32. No memory but the intervals
/// Batches  samples 8 to 15 drawn elsewhere are those of the whole: set first_sample = 8 there
struct brownian {
  std::uint64_t seed = 0;
  std::uint32_t first_sample = 0;
  detail::bound_intervals bound{};  // made by bind

  /// Takes a copy of the intervals of a run, in place of those bound before, or says what is wrong with them.
  fault bind(const noise_needs& needs) {
    using detail::refuse;
    const std::size_t count = needs.lanes.count;
    if (count == 0 || needs.lanes.stride == 0 || needs.sample_size == 0)
      return refuse(errc::bad_noise, "brownian: there are ", count, " lanes of stride ", needs.lanes.stride,
                    " and samples of ", needs.sample_size, ", needs at least 1 each");
    if (needs.intervals.size() % count != 0)
      return refuse(errc::bad_noise, "brownian: number of intervals is ", needs.intervals.size(),
                    ", needs a multiple of the number of lanes, ", count);
    detail::bound_intervals made{{}, needs.lanes, needs.sample_size};
    made.all.reserve(needs.intervals.size());
    for (const noise_interval& over : needs.intervals) {
      const std::size_t i = made.all.size();
      if (!(over.from <= over.to))
        return refuse(errc::bad_noise, "brownian: stream ", i / count, ", lane ", i % count, " is from ", over.from,
                      " to ", over.to, ", needs from <= to");
      made.all.push_back(over);
    }
    bound = std::move(made);
    return {};
  }

  /// Writes elements first_element, first_element + 1, ... to `out`. Any way to cut a fill gives the same numbers.
  template <std::floating_point T>
  void fill(std::uint32_t sample, std::uint32_t stream, std::uint64_t first_element, std::span<T> out,
            instruction_set use = best_instruction_set()) const {
    const auto& [all, lanes, sample_size] = bound;
    while (!out.empty()) {
      const std::size_t at = sample * sample_size + static_cast<std::size_t>(first_element);
      const std::size_t in_lane = lanes.stride - at % lanes.stride;
      const std::size_t run = lanes.count > 1 && in_lane < out.size() ? in_lane : out.size();
      const std::size_t i = stream * lanes.count + lanes(at);
      const bool known = stream < all.size() / lanes.count;
      const detail::clock_point from = detail::clock_at(known ? all[i].from : 0), to = detail::clock_at(known ? all[i].to : 0);
      if (from != to) increments(sample, first_element, from, to, std::sqrt(detail::clock_between(from, to)), out.first(run), detail::lesser(use, best_instruction_set()));
      else philox{seed, first_sample}.fill(sample, stream, first_element, out.first(run), use);
      out = out.subspan(run), first_element += run;
    }
  }

  /// W(e^log_to) - W(e^log_from) of one element, with no need of bind; 0 where both ends are one point of the clock.
  /// Needs log_from <= log_to.
  double increment(std::uint32_t sample, std::uint64_t element, double log_from, double log_to) const {
    assert(log_from <= log_to);
    const detail::clock_point from = detail::clock_at(log_from), to = detail::clock_at(log_to);
    double one = 0;
    if (from < to) increments(sample, element, from, to, 1, std::span<double>(&one, 1), best_instruction_set());
    return std::ldexp(to.octave % 2 != 0 ? one * detail::root_two_to(1) : one, to.octave >> 1);
  }

 private:
  /// Increments in units of `length`, itself in units of the square root of the octave of `to`.
  template <class T>
  void increments(std::uint32_t sample, std::uint64_t first, const detail::clock_point& from,
                  const detail::clock_point& to, double length, std::span<T> out, instruction_set use) const {
    using detail::brownian_tree;
    for (std::size_t i = 0; i < out.size();) {
      const std::size_t skipped = (first + i) % 4, blocks = (out.size() - i + skipped + 3) / 4;
      brownian_tree tree(seed, first_sample + sample, (first + i) / 4,
                         blocks < brownian_tree::most_blocks ? blocks : brownian_tree::most_blocks, use);
      for (const double w : tree.between(from, to).subspan(skipped)) {
        if (i == out.size()) break;
        out[i++] = static_cast<T>(w / length);
      }
    }
  }
};

}  // namespace diffode
