// SPDX-License-Identifier: MIT
#include "noise/brownian.hpp"

#include "catch.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

using namespace diffode;
using namespace diffode_test;

TEST_CASE("any way to cut a fill of increments gives the same numbers") {
  const brownian noise = bound({.seed = 8}, {{-1, 1}, {0.25, 0.5}}, 1000);
  const std::vector<float> whole = draw<float>(noise, 2, 1, 301);
  for (const std::size_t chunk : {1U, 2U, 3U, 4U, 5U, 64U, 127U, 128U, 129U}) {
    std::vector<float> parts(whole.size());
    for (std::size_t at = 0; at < parts.size(); at += chunk)
      noise.fill<float>(2, 1, at, std::span(parts).subspan(at, std::min(chunk, parts.size() - at)));
    CHECK(parts == whole);
  }
  CHECK(draw(noise, 0, 0, 0).empty());
  const std::uint64_t start = (std::uint64_t{1} << 34) - 6;  // across the 32-bit block boundary
  const std::vector<double> far = draw(noise, 0, 0, 12, start);
  for (std::size_t i = 0; i < far.size(); ++i) CHECK(far[i] == draw(noise, 0, 0, 1, start + i)[0]);
  CHECK(far[6] != draw(noise, 0, 0, 1)[0]);
}

TEST_CASE("every instruction set gives the same increments") {
  // Intervals across octaves, within one (from normals alone) and far below it (coins too).
  const brownian noise = bound({.seed = 22}, {{-8, -3}, {0.1, 0.2}, {0.3, 0.3 + 1e-9}, {1, 9}}, 1000);
  for (std::uint32_t stream = 0; stream < 4; ++stream)
    for (const std::size_t size : {1U, 7U, 32U, 33U, 64U, 66U, 301U}) {
      std::vector<double> expected(size), got(size);
      noise.fill<double>(1, stream, 5, expected, instruction_set::portable);
      for (const instruction_set use : {instruction_set::avx2, instruction_set::avx512}) {
        // What the machine has not is done with what it has.
        noise.fill<double>(1, stream, 5, got, use);
        CHECK(got == expected);
      }
    }
}

TEST_CASE("a batch of paths drawn in parts is the whole batch") {
  const std::vector<noise_interval> run = {{-1, 1}, {1, 1.5}};
  const brownian whole = bound({.seed = 9}, run, 50);
  for (std::uint32_t sample = 0; sample < 8; ++sample) {
    const brownian part = bound({.seed = 9, .first_sample = 4 * (sample / 4)}, run, 50);
    CHECK(draw(part, sample % 4, 1, 50) == draw(whole, sample, 1, 50));
  }
}

TEST_CASE("a fill is the increment over the interval that was bound, divided by its standard deviation") {
  const brownian noise = bound({.seed = 10, .first_sample = 2}, {{-1, 1}, {0.25, 0.5}}, 8);
  const auto over = [&](double from, double to, std::uint32_t sample, std::uint64_t element) {
    return noise.increment(sample, element, from, to) / std::sqrt(std::exp(to) - std::exp(from));
  };
  for (std::uint32_t element = 0; element < 8; ++element) {
    CHECK(draw(noise, 3, 0, 1, element)[0] == Approx(over(-1, 1, 3, element)).epsilon(1e-13));
    CHECK(draw(noise, 1, 1, 1, element)[0] == Approx(over(0.25, 0.5, 1, element)).epsilon(1e-13));
  }
}

TEST_CASE("each lane has its own interval, and lanes run on over the samples") {
  const std::vector<noise_interval> run = {{-1, 1}, {0, 1}, {0, 0}, {1, 2}, {1, 3}, {2, 3}};  // 2 streams of 3 lanes
  for (const std::size_t stride : {1U, 2U, 5U, 7U}) {
    constexpr std::size_t sample_size = 10, samples = 3;
    const lane_map lanes{stride, 3};
    const brownian noise = bound({.seed = 11}, run, sample_size, lanes);
    for (std::uint32_t sample = 0; sample < samples; ++sample)
      for (std::uint32_t stream = 0; stream < 2; ++stream) {
        const std::vector<double> got = draw(noise, sample, stream, sample_size);
        for (std::size_t i = 0; i < sample_size; ++i) {
          const noise_interval over = run[3 * stream + lanes(sample * sample_size + i)];
          // A stream's number has no meaning to a path, but for independent noise it has: two streams, the same interval.
          CHECK(got[i] == draw(bound({.seed = 11}, {over, over}, sample_size), sample, stream, 1, i)[0]);
        }
      }
  }
}

TEST_CASE("equal ends and streams that were not bound give the numbers of philox") {
  const philox plain{.seed = 12, .first_sample = 1};
  const auto of_philox = [&](std::uint32_t sample, std::uint32_t stream) {
    std::vector<double> v(20);
    plain.fill<double>(sample, stream, 3, v);
    return v;
  };
  brownian noise{.seed = 12, .first_sample = 1};
  CHECK(draw(noise, 2, 0, 20, 3) == of_philox(2, 0));
  noise = bound(noise, {{1, 2}, {}, {-infinity, -infinity}}, 30);
  CHECK(draw(noise, 2, 0, 20, 3) != of_philox(2, 0));
  for (const std::uint32_t stream : {1U, 2U, 3U, ~0U}) CHECK(draw(noise, 2, stream, 20, 3) == of_philox(2, stream));
  raise(noise.bind({}));  // what was bound last counts
  CHECK(draw(noise, 2, 0, 20, 3) == of_philox(2, 0));
}

TEST_CASE("a source keeps its own copy of the intervals, and the old ones when new ones are refused") {
  std::vector<noise_interval> run = {{1, 2}};
  brownian noise{.seed = 13};
  raise(noise.bind({run, {}, 4}));
  const std::vector<double> before = draw(noise, 0, 0, 4);
  run[0] = {5, 3};
  CHECK(draw(noise, 0, 0, 4) == before);
  CHECK(noise.bind({run, {}, 4}));
  CHECK(draw(noise, 0, 0, 4) == before);
}

TEST_CASE("intervals that are none are refused, by stream and lane") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK(refusal({{1, 2}, {2, 1}}) == "brownian: stream 1, lane 0 is from 2 to 1, needs from <= to");
  CHECK(refusal({{1, 2}, {1, 2}, {1, 2}, {0, nan}}, {1, 2}) ==
        "brownian: stream 1, lane 1 is from 0 to nan, needs from <= to");
  CHECK(refusal({{nan, 1}}) == "brownian: stream 0, lane 0 is from nan to 1, needs from <= to");
  CHECK(refusal({{infinity, -infinity}}) == "brownian: stream 0, lane 0 is from inf to -inf, needs from <= to");
  CHECK(refusal({{1, 2}, {1, 2}, {1, 2}}, {1, 2}) ==
        "brownian: number of intervals is 3, needs a multiple of the number of lanes, 2");
  CHECK(refusal({}, {1, 0}) == "brownian: there are 0 lanes of stride 1 and samples of 4, needs at least 1 each");
  CHECK(refusal({}, {0, 2}) == "brownian: there are 2 lanes of stride 0 and samples of 4, needs at least 1 each");
  CHECK(refusal({}, {}, 0) == "brownian: there are 1 lanes of stride 1 and samples of 0, needs at least 1 each");
  CHECK(refusal({{-infinity, infinity}, {0, 1e-17}, {}}).empty());
}
