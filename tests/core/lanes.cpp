// SPDX-License-Identifier: MIT
#include "diffode/core/lanes.hpp"

#include "catch.hpp"
#include "diffode/concept/coefficient.hpp"

#include <cmath>
#include <concepts>
#include <vector>

using namespace diffode;

namespace {

using numbers = std::vector<double>;

const numbers x{-2, -0.5, 0, 1e-300, 0.7, 40}, y{3, -1, 1, 2, 1e-9, 0.25};

bool same(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

/// Whether `joint` is `f` of each lane, bit for bit.
template <class F>
bool lane_by_lane(const lanes& joint, F f) {
  if (joint.size() != x.size()) return false;
  for (std::size_t i = 0; i < x.size(); ++i)
    if (!same(joint[i], f(x[i], y[i]))) return false;
  return true;
}

}  // namespace

// A formula that branches on a coefficient does not compile, so it can not work for one lane and fail for two.
static_assert(!std::totally_ordered<lanes> && !std::equality_comparable<lanes>);
static_assert(coefficient<double> && coefficient<lanes> && !coefficient<float> && !coefficient<int>);

TEST_CASE("lanes compute like as many doubles") {
  const lanes a(x), b(y);
  CHECK(lane_by_lane(a + b, [](double u, double v) { return u + v; }));
  CHECK(lane_by_lane(a - b, [](double u, double v) { return u - v; }));
  CHECK(lane_by_lane(a * b, [](double u, double v) { return u * v; }));
  CHECK(lane_by_lane(a / b, [](double u, double v) { return u / v; }));
  CHECK(lane_by_lane(-a, [](double u, double) { return -u; }));
  CHECK(lane_by_lane(exp(a), [](double u, double) { return std::exp(u); }));
  CHECK(lane_by_lane(expm1(a), [](double u, double) { return std::expm1(u); }));
  CHECK(lane_by_lane(log(a), [](double u, double) { return std::log(u); }));
  CHECK(lane_by_lane(log1p(a), [](double u, double) { return std::log1p(u); }));
  CHECK(lane_by_lane(sqrt(a), [](double u, double) { return std::sqrt(u); }));
  CHECK(lane_by_lane(hypot(a, b), [](double u, double v) { return std::hypot(u, v); }));
}

TEST_CASE("a function of lanes is called once for each of them, and for no other number") {
  numbers seen;
  const auto note = [&](double v) { return seen.push_back(v), v; };
  each(note, lanes(x));
  CHECK(seen == x);
  seen.clear();
  each(note, lanes(2));
  each(note, lanes(numbers{3}));
  CHECK(seen == numbers{2, 3});
  seen.clear();
  const auto note_both = [&](double u, double v) { return seen.insert(seen.end(), {u, v}), u; };
  each(note_both, lanes(2), lanes(numbers{3, 4}));
  each(note_both, lanes(numbers{3, 4}), lanes(2));
  each(note_both, lanes(5), lanes(numbers{6}));
  CHECK(seen == numbers{2, 3, 2, 4, 3, 2, 4, 2, 5, 6});
}

TEST_CASE("a single value stands for all lanes, on either side") {
  const lanes a(x);
  CHECK(lane_by_lane(a - 2, [](double u, double) { return u - 2; }));
  CHECK(lane_by_lane(2 - a, [](double u, double) { return 2 - u; }));
  CHECK(lane_by_lane(lanes(2) / a, [](double u, double) { return 2 / u; }));
  CHECK(lane_by_lane(hypot(3, a), [](double u, double) { return std::hypot(3, u); }));
  CHECK((lanes(2) + lanes(3)).size() == 1);
  CHECK((lanes(2) + lanes(3))[17] == 5);
}

TEST_CASE("lanes are zero unless told otherwise") {
  CHECK(lanes{}.size() == 1);
  CHECK(lanes{}[0] == 0);
}

TEST_CASE("the same words ask for the lanes of a double and of lanes") {
  const lanes a(x);
  CHECK(lane_count(1.5) == 1);
  CHECK(lane(1.5, 4) == 1.5);
  CHECK(lane_count(a) == x.size());
  CHECK(lane(a, 4) == x[4]);
  const auto positive = [](double v) { return v > 0; };
  CHECK(every(positive, 1.5));
  CHECK_FALSE(every(positive, 0.0));
  CHECK_FALSE(every(positive, a));
  CHECK(every([](double v) { return v < 41; }, a));
}

TEST_CASE("a function of two lanes gets them in order") {
  const lanes d = lanes::map([](double u, double v) { return u - 10 * v; }, lanes(x), lanes(y));
  CHECK(lane_by_lane(d, [](double u, double v) { return u - 10 * v; }));
}

TEST_CASE("a lane map finds the lane of an element") {
  const lane_map sample{.stride = 12, .count = 3};  // 3 samples of 12 elements
  CHECK(sample(0) == 0);
  CHECK(sample(11) == 0);
  CHECK(sample(12) == 1);
  CHECK(sample(35) == 2);
  const lane_map channel{.stride = 4, .count = 3};  // 3 channels of 4 elements, in each sample anew
  CHECK(channel(11) == 2);
  CHECK(channel(12) == 0);
  CHECK(lane_map{}(1000) == 0);
  CHECK(lane_map{.stride = 5, .count = 1}(1000) == 0);
  CHECK(sample == lane_map{12, 3});
  CHECK_FALSE(sample == channel);
}
