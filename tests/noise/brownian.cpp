// SPDX-License-Identifier: MIT
#include "diffode/noise/brownian.hpp"

#include "catch.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <span>
#include <string>
#include <vector>

using namespace diffode;

static_assert(noise_source<brownian, float>);

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

brownian bound(brownian noise, std::vector<noise_interval> over, std::size_t sample_size = 1, lane_map lanes = {}) {
  raise(noise.bind({over, lanes, sample_size}));
  return noise;
}

template <class T = double>
std::vector<T> draw(const brownian& noise, std::uint32_t sample, std::uint32_t stream, std::size_t count,
                    std::uint64_t first = 0) {
  std::vector<T> v(count);
  noise.fill<T>(sample, stream, first, v);
  return v;
}

/// Unit increments of one interval, for elements 0, 1, ... of sample 0.
std::vector<double> unit(std::uint64_t seed, noise_interval over, std::size_t count) {
  return draw(bound({.seed = seed}, {over}, count), 0, 0, count);
}

std::string refusal(std::vector<noise_interval> over, lane_map lanes = {}, std::size_t sample_size = 4) {
  brownian noise;
  const fault f = noise.bind({over, lanes, sample_size});
  return f ? f->what() : "";
}

double mean_of_products(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum / static_cast<double>(a.size());
}

template <class Bits, class T>
std::uint64_t hash(const std::vector<T>& v) {
  std::uint64_t h = 0xcbf29ce484222325;
  for (const T x : v) h = (h ^ std::bit_cast<Bits>(x)) * 0x100000001b3;
  return h;
}

/// Numbers spread over [-1, 1), for intervals that no one has thought of.
double spread(std::uint32_t i) { return philox4x32({i, 0, 0, 0}, {3, 0})[0] * 0x1p-31 - 1; }

}  // namespace

// The path itself.

TEST_CASE("the increments of seed 42 are these, for ever") {
  // Checked with 60-digit arithmetic: midpoints displaced from the octave down, W(to) - W(from) taken at the end. Off by
  // at most four units in the last place.
  const brownian noise{.seed = 42};
  CHECK(noise.increment(0, 0, -1.5, 0.25) == 0x1.1729db54d338fp-1);
  CHECK(noise.increment(0, 1, -infinity, 2) == -0x1.77702abec43b7p-1);
  CHECK(noise.increment(3, 5000000007, 0.125, 0.25) == 0x1.434ff56f2d642p-1);
  const brownian far{.seed = 0x123456789ABCDEF0, .first_sample = 7};
  CHECK(far.increment(1, 2, 100, 100 + 0x1p-40) == 0x1.0fe680999f282p+47);
  const brownian run = bound(noise, {{-8, -3}, {-3, -2.75}, {-2.75, -2.75 + 0x1p-30}, {1, 9}}, 1000);
  const std::uint64_t doubles[] = {0x948a8731c1c31d69, 0xbeb9579b67462732, 0x96ff5c9cd4145b2a, 0xcd4e072d8c3e9dd8},
                      floats[] = {0xd0ec42fd38653389, 0xd15f576e64e7f259, 0xc735a9eb0b89011f, 0xe45d7e925d9ea9b6};
  for (std::uint32_t stream = 0; stream < 4; ++stream) {
    CHECK(hash<std::uint64_t>(draw<double>(run, 0, stream, 1000)) == doubles[stream]);
    CHECK(hash<std::uint32_t>(draw<float>(run, 0, stream, 1000)) == floats[stream]);
  }
}

TEST_CASE("an interval and its parts have the same increment, however many parts there are") {
  // A few units in the last place of a number of the size of the standard deviation, for each of 64 parts.
  const brownian noise{.seed = 3};
  const std::vector<noise_interval> intervals = {{-1.3, 2.1}, {0.1, 0.2},           {0, 1e-9},
                                                 {-20, 20},   {-0.5, -0.5 + 1e-12}, {300, 301}};
  for (const noise_interval& over : intervals)
    for (std::uint64_t element = 0; element < 6; ++element) {
      const double whole = noise.increment(0, element, over.from, over.to);
      for (int parts = 1; parts <= 64; parts *= 2) {
        const auto at = [&](int i) { return i == parts ? over.to : over.from + (over.to - over.from) * i / parts; };
        double sum = 0;
        for (int i = 0; i < parts; ++i) sum += noise.increment(0, element, at(i), at(i + 1));
        INFO(over.from << " to " << over.to << " in " << parts << " parts");
        CHECK(std::abs(sum - whole) <= 1e-13 * std::sqrt(std::exp(over.to) - std::exp(over.from)));
      }
    }
}

TEST_CASE("any two neighbouring intervals add up, from minus infinity too") {
  const brownian noise{.seed = 4};
  for (std::uint32_t i = 0; i < 300; ++i) {
    double p[3] = {spread(3 * i), spread(3 * i + 1), spread(3 * i + 2)};
    const double scale = std::pow(10., i % 16) * 1e-14, centre = 10 * spread(i + 1000);
    for (double& x : p) x = centre + scale * x;
    std::sort(p, p + 3);
    if (i % 7 == 0) p[0] = -infinity;
    const double ab = noise.increment(0, i, p[0], p[1]), bc = noise.increment(0, i, p[1], p[2]),
                 ac = noise.increment(0, i, p[0], p[2]);
    INFO(p[0] << ", " << p[1] << ", " << p[2]);
    // Of the standard deviation, since the largest may be small by chance; some 50 roundings, which shrink with depth.
    CHECK(std::abs(ab + bc - ac) <= 1e-14 * std::sqrt(std::exp(p[2]) - std::exp(p[0])));
  }
}

TEST_CASE("what was asked before changes nothing") {
  const brownian noise{.seed = 5};
  const double before = noise.increment(0, 1, 0.5, 1.5);
  for (int i = 0; i < 50; ++i) noise.increment(0, 1, 0.5 + 0.01 * i, 0.6 + 0.01 * i);
  CHECK(noise.increment(0, 1, 0.5, 1.5) == before);
  CHECK(brownian{.seed = 5}.increment(0, 1, 0.5, 1.5) == before);
}

TEST_CASE("an interval of no length has no increment, and one beyond the range of the clock still a finite normal") {
  const brownian noise{.seed = 6};
  CHECK(noise.increment(0, 0, 0.5, 0.5) == 0);
  CHECK(noise.increment(0, 0, -infinity, -infinity) == 0);
  CHECK(noise.increment(0, 0, -3000, -2000) == 0);  // e^-2000 is 0 in double
  for (const noise_interval over : {noise_interval{-3000, -2000}, {5000, 6000}, {-infinity, 1e5}, {0, infinity}})
    for (const double z : unit(6, over, 8)) CHECK(std::abs(z) < 10);
}

TEST_CASE("a linear equation solved exactly ends at the same place in 1 step and in 64") {
  // dx = -x dlambda + sqrt(2) dB: a step over h multiplies by e^-h and adds sqrt(1 - e^-2h) times the unit increment on the
  // clock e^(2 lambda). Errors are of some 64 roundings of numbers of size 1, and of 2^-48 in each end of a step.
  const double from = -2, to = 3;
  std::vector<double> ends;
  for (int steps = 1; steps <= 64; steps *= 2) {
    const auto lambda = [&](int i) { return from + (to - from) * i / steps; };
    std::vector<noise_interval> run;
    for (int i = 0; i < steps; ++i) run.push_back({2 * lambda(i), 2 * lambda(i + 1)});
    const brownian noise = bound({.seed = 7}, run, 4);
    double x = 0.5;
    for (int i = 0; i < steps; ++i) {
      const double h = lambda(i + 1) - lambda(i);
      x = std::exp(-h) * x + std::sqrt(-std::expm1(-2 * h)) * draw(noise, 0, static_cast<std::uint32_t>(i), 4)[1];
    }
    ends.push_back(x);
  }
  for (const double x : ends) CHECK(std::abs(x - ends[0]) < 1e-12);
}

// The clock.

TEST_CASE("the clock is 2 to the octaves, to 2^-48, and never runs backwards") {
  const auto value = [](const detail::clock_point& p) {
    return std::ldexp(1 + static_cast<long double>(p.part) * 0x1p-48L, p.octave);
  };
  for (std::uint32_t i = 0; i < 5000; ++i) {
    const double log = 60 * spread(i), near = std::nextafter(log, infinity);
    const long double exact = std::exp(static_cast<long double>(log));
    // Rounded down by up to 2^-48 of the octave; log/ln2 is off by up to 1.5 units in its last place, below 2^-46.
    CHECK(std::abs(static_cast<double>(value(detail::clock_at(log)) / exact - 1)) < 0x1p-48 + 0x1p-46);
    CHECK(detail::clock_at(log) <= detail::clock_at(near));
  }
  CHECK(detail::clock_at(0) == detail::clock_point{0, 0});
  CHECK(detail::clock_at(-1e-30) == detail::clock_point{0, 0});
  CHECK(detail::clock_at(-1e-10).octave == -1);
  CHECK(detail::clock_at(-infinity) == detail::clock_at(-2e6));
  CHECK(detail::clock_at(infinity) == detail::clock_at(2e6));
  CHECK(detail::clock_at(std::numeric_limits<double>::quiet_NaN()) == detail::clock_at(-infinity));
  for (int k = -200; k <= 200; ++k) {  // around the seam between two octaves
    const double seam = k * 0.693147180559945309417;
    double below = seam;
    for (int i = 0; i < 4; ++i) below = std::nextafter(below, -infinity);
    for (int i = 0; i < 8; ++i) {
      const double above = std::nextafter(below, infinity);
      CHECK(detail::clock_at(below) <= detail::clock_at(above));
      below = above;
    }
  }
}

// A run's fills.

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

TEST_CASE("ends that are one point of the clock count as equal, those 4e-15 apart never do") {
  std::vector<double> plain(4);
  philox{.seed = 21}.fill<double>(0, 1, 0, plain);
  for (const noise_interval over : {noise_interval{0, 1e-17}, {-infinity, -1e7}, {1e7, infinity}})
    CHECK(draw(bound({.seed = 21}, {{}, over}, 4), 0, 1, 4) == plain);
  for (std::uint32_t i = 0; i < 1000; ++i) {
    const double at = 3 * spread(i);
    CHECK(detail::clock_at(at) < detail::clock_at(at + 4e-15));
  }
}

// The tests below would fail for perfect paths with a probability below 1e-6 in all: bounds are at 6 standard deviations
// (2e-9 each, fewer than 200 of them) unless they say otherwise. The seeds are fixed, so a pass stays a pass.

TEST_CASE("the variance of an increment is the length of its interval, at every scale") {
  constexpr std::size_t n = 4096;
  const double bound = 6 / std::sqrt(static_cast<double>(n));
  const auto check = [&](double from, double to) {
    const std::vector<double> z = unit(14, {from, to}, n);
    INFO(from << " to " << to << ", " << to - from);
    CHECK(std::abs(mean_of_products(z, std::vector<double>(n, 1))) < bound);
    CHECK(std::abs(mean_of_products(z, z) - 1) < bound * std::sqrt(2.));
  };
  for (double length = 1e-14; length < 200; length *= 10) check(-0.3, -0.3 + length), check(0.6931, 0.6931 + length);
  check(-infinity, 1.7), check(-infinity, -40), check(-700, 700);
  check(0.6931471805599453 - 1e-7, 0.6931471805599453 + 1e-7);    // across the seam between two octaves
  check(0.4054651081081644 - 1e-10, 0.4054651081081644 + 1e-13);  // across the middle of one
}

TEST_CASE("W(a) and W(b) have the covariance min(a, b)") {
  // Increments of the path from the clock's start to six points.
  constexpr std::size_t n = 4096;
  const std::vector<double> ends = {-4, 0.1, 0.1 + 1e-8, 0.1001, 0.7, 3};
  std::vector<noise_interval> run;
  for (const double end : ends) run.push_back({-infinity, end});
  const brownian noise = bound({.seed = 15}, run, n);
  std::vector<std::vector<double>> w;
  for (std::uint32_t i = 0; i < ends.size(); ++i) w.push_back(draw(noise, 0, i, n));
  for (std::size_t i = 0; i < ends.size(); ++i)
    for (std::size_t k = 0; k < i; ++k) {
      const double expected = std::exp((ends[k] - ends[i]) / 2);  // the correlation of W(e^a) and W(e^b)
      // The variance of a product of two unit normals is 1 + correlation^2.
      const double bound = 6 * std::sqrt((1 + expected * expected) / static_cast<double>(n));
      INFO(ends[k] << ", " << ends[i]);
      CHECK(std::abs(mean_of_products(w[i], w[k]) - expected) < bound);
    }
}

TEST_CASE("increments over disjoint intervals are independent") {
  constexpr std::size_t n = 4096;
  const std::vector<noise_interval> run = {
      {-infinity, -2},     {-2, 0},      {0, 0.3}, {0.3, 0.3 + 1e-10}, {0.3 + 1e-10, 0.3 + 2e-10},
      {0.3 + 2e-10, 0.31}, {0.31, 0.69}, {0.7, 5}};
  const brownian noise = bound({.seed = 16}, run, n);
  std::vector<std::vector<double>> z, squares;
  for (std::uint32_t i = 0; i < run.size(); ++i) {
    z.push_back(draw(noise, 0, i, n));
    squares.push_back(z.back());
    for (double& v : squares.back()) v = (v * v - 1) / std::sqrt(2.);
  }
  const double bound = 6 / std::sqrt(static_cast<double>(n));
  for (std::size_t i = 0; i < run.size(); ++i)
    for (std::size_t k = 0; k < i; ++k) {
      INFO("intervals " << k << ", " << i);
      CHECK(std::abs(mean_of_products(z[i], z[k])) < bound);
      // A squared normal has tails, and the product of two more: 8 standard deviations.
      CHECK(std::abs(mean_of_products(squares[i], squares[k])) < bound * 8 / 6);
    }
}

TEST_CASE("the increments of a step are normal: Kolmogorov-Smirnov, fourth moment and tails") {
  constexpr std::size_t n = 100000;
  std::vector<double> z = unit(17, {0.31, 0.43}, n);
  double fourth = 0;
  int beyond[5] = {};
  for (const double v : z) {
    fourth += v * v * v * v;
    for (int sigma = 3; sigma <= 4; ++sigma) beyond[sigma] += std::abs(v) > sigma;
  }
  CHECK(std::abs(fourth / n - 3) < 6 * std::sqrt(96. / n));
  const double three = n * std::erfc(3 / std::sqrt(2.));
  CHECK(std::abs(beyond[3] - three) < 6 * std::sqrt(three));  // 270 expected
  CHECK(beyond[4] <= 30);  // 6.3 expected: a Poisson count above 30 has probability 2e-12
  std::sort(z.begin(), z.end());
  double distance = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double below = 0.5 * std::erfc(-z[i] / std::sqrt(2.)), rank = static_cast<double>(i);
    distance = std::fmax(distance, std::fmax(below - rank / n, (rank + 1) / n - below));
  }
  CHECK(std::sqrt(static_cast<double>(n)) * distance < 3.3);  // P = 2 exp(-2 * 3.3^2) = 7e-10
}

TEST_CASE("where coins stand in for normals the excess kurtosis is between -1/16 and 0") {
  constexpr std::size_t n = 32768;
  for (const double length : {1e-6, 1e-9, 1e-12}) {
    const std::vector<double> z = unit(18, {0.31, 0.31 + length}, n);
    std::vector<double> squares = z;
    for (double& v : squares) v *= v;
    const double excess = mean_of_products(squares, squares) - 3, bound = 6 * std::sqrt(96. / n);
    INFO(length << ": " << excess);
    CHECK(excess > -1. / 16 - bound);
    CHECK(excess < bound);
  }
}

TEST_CASE("elements, samples and seeds have paths of their own, and none is philox's stream of the same seed") {
  constexpr std::size_t n = 16384;
  const noise_interval over{0.31, 0.43};
  const std::vector<double> z = unit(19, over, n);
  const double limit = 6 / std::sqrt(static_cast<double>(n));
  for (const std::size_t lag : {1U, 2U, 3U, 4U, 128U}) {
    const std::vector<double> shifted = draw(bound({.seed = 19}, {over}), 0, 0, n, lag);
    CHECK(std::abs(mean_of_products(z, shifted)) < limit);
  }
  CHECK(std::abs(mean_of_products(z, draw(bound({.seed = 19}, {over}, n), 1, 0, n))) < limit);
  CHECK(std::abs(mean_of_products(z, unit(20, over, n))) < limit);
  CHECK(std::abs(mean_of_products(z, unit(19 + (std::uint64_t{1} << 32), over, n))) < limit);
  for (const std::uint32_t stream : {0U, 1U, ~0U}) {
    std::vector<double> plain(n);
    philox{.seed = 19}.fill<double>(0, stream, 0, plain);
    CHECK(std::abs(mean_of_products(z, plain)) < limit);
  }
}
