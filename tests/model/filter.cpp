// SPDX-License-Identifier: MIT
#include "diffode/model/filter.hpp"

#include "catch.hpp"
#include "diffode/noise/philox.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <functional>
#include <limits>
#include <random>
#include <vector>

namespace dd = diffode;

namespace {

constexpr double inf = std::numeric_limits<double>::infinity(), undefined = std::numeric_limits<double>::quiet_NaN();
constexpr dd::instruction_set all_sets[] = {dd::instruction_set::portable, dd::instruction_set::avx2, dd::instruction_set::avx512};

/// Samples that selections go wrong on. Each takes a random number generator and the place of an element.
struct kind {
  const char* name;
  double (*at)(std::mt19937&, std::size_t);
};
double normal(std::mt19937& random) { return std::normal_distribution<double>()(random); }
const kind kinds[] = {
    {"normal numbers", [](std::mt19937& r, std::size_t) { return normal(r); }},
    {"all equal", [](std::mt19937&, std::size_t) { return -0.75; }},
    {"all zero, of both signs", [](std::mt19937&, std::size_t i) { return i % 2 == 0 ? 0.0 : -0.0; }},
    {"two values", [](std::mt19937& r, std::size_t) { return r() % 2 == 0 ? 1.5 : -2.5; }},
    {"many ties", [](std::mt19937& r, std::size_t) { return std::round(4 * normal(r)) / 4; }},
    {"one large one", [](std::mt19937&, std::size_t i) { return i == 3 ? 1e4 : 0.125; }},
    {"rising", [](std::mt19937&, std::size_t i) { return static_cast<double>(i) / 64; }},
    {"falling", [](std::mt19937&, std::size_t i) { return 60000 / static_cast<double>(i + 1); }},
    {"neighbours in the last bits", [](std::mt19937& r, std::size_t) { return 1 + static_cast<double>(r() % 64) * 0x1p-23; }},
    {"subnormals of float and half", [](std::mt19937& r, std::size_t) { return static_cast<double>(r() % 100) * (r() % 2 == 0 ? 0x1p-149 : 0x1p-24); }},
    {"subnormals of double", [](std::mt19937& r, std::size_t) { return static_cast<double>(r() % 100) * 0x1p-1074; }},
    {"infinities", [](std::mt19937& r, std::size_t) { return r() % 3 == 0 ? (r() % 2 == 0 ? inf : -inf) : normal(r); }},
    {"NaN of both signs", [](std::mt19937& r, std::size_t) { return r() % 5 == 0 ? (r() % 2 == 0 ? undefined : -undefined) : normal(r); }},
};

template <class T>
std::vector<T> sample(const kind& k, std::size_t size) {
  std::mt19937 random(static_cast<unsigned>(size));
  std::vector<T> x(size);
  for (std::size_t i = 0; i < size; ++i) x[i] = T(k.at(random, i));
  return x;
}

/// What dynamic_threshold says it does, by sorting. NaN goes last.
template <class T>
std::vector<T> by_sorting(const std::vector<T>& x, double ratio, double least, double most) {
  using F = dd::arithmetic<T>;
  std::vector<double> sorted;
  for (const T v : x) sorted.push_back(std::abs(static_cast<double>(v)));
  std::sort(sorted.begin(), sorted.end(), [](double a, double b) { return a < b || (std::isnan(b) && !std::isnan(a)); });
  const double place = ratio * static_cast<double>(x.size() - 1);
  const std::size_t below = static_cast<std::size_t>(place), above = std::min(below + 1, x.size() - 1);
  const double share = place - static_cast<double>(below);
  double s = sorted[below];
  if (share > 0 && sorted[above] != s) s = std::fma(share, sorted[above] - s, s);
  const F limit = static_cast<F>(s < least ? least : s > most ? most : s);
  std::vector<T> y;
  for (const T v : x) {
    const F f = static_cast<F>(v);
    y.push_back(T((f < -limit ? -limit : f > limit ? limit : f) / limit));
  }
  return y;
}

/// The same bits, all NaNs being one.
template <class T>
bool same(const std::vector<T>& a, const std::vector<T>& b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double x = static_cast<double>(a[i]), y = static_cast<double>(b[i]);
    if (std::memcmp(&a[i], &b[i], sizeof(T)) != 0 && !(std::isnan(x) && std::isnan(y))) return false;
  }
  return a.size() == b.size();
}

}  // namespace

TEMPLATE_TEST_CASE("dynamic_threshold is what sorting gives, for every kind of sample and instruction set", "", float, double, dd::float16, dd::bfloat16) {
  std::vector<std::size_t> sizes{100, 1000, 2047, 2048, 2049, 5000, 20011};
  for (std::size_t n = 1; n <= 67; ++n) sizes.push_back(n);
  for (const kind& k : kinds)
    for (const std::size_t size : sizes) {
      const std::vector<TestType> x = sample<TestType>(k, size);
      for (const double ratio : {0.01, 0.5, 0.9, 0.995, 1.0}) {
        const std::vector<TestType> want = by_sorting(x, ratio, 1e-3, size % 3 == 0 ? 1.5 : inf);
        for (const dd::instruction_set set : all_sets) {
          std::vector<TestType> y(size);
          const dd::dynamic_threshold limit{.ratio = ratio, .least = 1e-3, .most = size % 3 == 0 ? 1.5 : inf, .most_used = set};
          limit(std::span<const TestType>(x), std::span<TestType>(y), dd::filter_call{{}, size});
          if (same(y, want)) continue;
          FAIL_CHECK(k.name << ", " << size << " elements, ratio " << ratio << ", instruction set " << static_cast<int>(set));
        }
      }
    }
}

TEST_CASE("the quantile reaches down to the smallest numbers there are, the limit to the smallest normal one") {
  // 1, 2, 3, ... times the smallest double: the median of 2n + 1 is n + 1 times it.
  for (const std::size_t n : {5u, 50u, 5000u}) {
    std::vector<double> x(2 * n + 1);
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<double>(2 * n + 1 - i) * 0x1p-1074;
    for (const dd::instruction_set set : all_sets) {
      const dd::instruction_set use = dd::detail::lesser(set, dd::best_instruction_set());
      CHECK(dd::detail::magnitude_quantile<double>(use)(x.data(), x.size(), 0.5) == static_cast<double>(n + 1) * 0x1p-1074);
    }
    std::vector<double> y = x;
    dd::dynamic_threshold{.ratio = 0.5, .least = 0x1p-1074}(std::span<const double>(x), std::span<double>(y), dd::filter_call{{}, x.size()});
    CHECK(y[0] == static_cast<double>(2 * n + 1) * 0x1p-52);
    CHECK(y.back() == 0x1p-52);
  }
}

TEMPLATE_TEST_CASE("a least limit that the arithmetic cannot hold divides nothing by 0", "", float, double, dd::float16, dd::bfloat16) {
  using F = dd::arithmetic<TestType>;
  const double smallest = static_cast<double>(std::numeric_limits<F>::min());
  for (const double least : {0x1p-1074, 1e-320, 1e-50, 1e-40, smallest / 2})
    for (const dd::instruction_set set : all_sets) {
      INFO("least " << least << ", instruction set " << static_cast<int>(set));
      const dd::dynamic_threshold limit{.ratio = 0.5, .least = least, .most = least, .most_used = set};
      // Seven zeros and more, so that whole vectors and the rest have them; the numbers at the end are beyond any limit.
      std::vector<TestType> x(37, TestType(0.0)), y(37);
      x[34] = TestType(-0.0), x[35] = TestType(2.0), x[36] = TestType(-2.0);
      limit(std::span<const TestType>(x), std::span<TestType>(y), dd::filter_call{{}, x.size()});
      std::vector<TestType> want = x;
      want[35] = TestType(1.0), want[36] = TestType(-1.0);
      CHECK(same(y, want));
    }
}

TEMPLATE_TEST_CASE("an infinite limit makes finite elements 0 and infinite ones NaN", "", float, double, dd::float16, dd::bfloat16) {
  for (const dd::instruction_set set : all_sets) {
    const std::vector<TestType> x{TestType(inf), TestType(3.0), TestType(-3.0), TestType(-inf), TestType(0.0)};
    const std::vector<TestType> want{TestType(undefined), TestType(0.0), TestType(-0.0), TestType(undefined), TestType(0.0)};
    std::vector<TestType> y(x.size());
    dd::dynamic_threshold{.ratio = 1, .most_used = set}(std::span<const TestType>(x), std::span<TestType>(y), dd::filter_call{{}, x.size()});
    CHECK(same(y, want));
    dd::dynamic_threshold{.ratio = 1, .most = 2, .most_used = set}(std::span<const TestType>(x), std::span<TestType>(y), dd::filter_call{{}, x.size()});
    CHECK(same(y, {TestType(1.0), TestType(1.0), TestType(-1.0), TestType(-1.0), TestType(0.0)}));
  }
}

TEMPLATE_TEST_CASE("filters write nothing around the output, at any alignment, in place and not", "", float, double, dd::float16, dd::bfloat16) {
  const auto run = [](const auto& limit, std::size_t size, std::size_t shift, const dd::filter_call& where) {
    const std::vector<TestType> x = sample<TestType>(kinds[0], size + 2 * shift + 2);
    std::vector<TestType> y(x.size(), TestType(7)), z = x;
    limit(std::span<const TestType>(x.data() + shift, size), std::span<TestType>(y.data() + 1 + shift, size), where);
    limit(std::span<const TestType>(z.data() + shift, size), std::span<TestType>(z.data() + shift, size), where);
    std::vector<TestType> want(x.size(), TestType(7)), want_in_place = x;
    std::copy(z.begin() + static_cast<std::ptrdiff_t>(shift), z.begin() + static_cast<std::ptrdiff_t>(shift + size), want.begin() + static_cast<std::ptrdiff_t>(shift + 1));
    std::copy(z.begin() + static_cast<std::ptrdiff_t>(shift), z.begin() + static_cast<std::ptrdiff_t>(shift + size), want_in_place.begin() + static_cast<std::ptrdiff_t>(shift));
    return same(y, want) && same(z, want_in_place);
  };
  for (std::size_t size = 1; size <= 67; ++size)
    for (const std::size_t shift : {0u, 1u, 2u, 7u})
      for (const dd::instruction_set set : all_sets) {
        INFO(size << " elements, " << shift << " off, instruction set " << static_cast<int>(set));
        CHECK(run(dd::clip{.range = 0.7, .most_used = set}, size, shift, {{}, size}));
        CHECK(run(dd::dynamic_threshold{.ratio = 0.6, .least = 0.1, .most_used = set}, size, shift, {{}, size}));
      }
}

TEMPLATE_TEST_CASE("clip keeps what is inside, and NaN; its range is a number of the array's type", "", float, double, dd::float16, dd::bfloat16) {
  const TestType range = static_cast<TestType>(0.7);
  const double r = static_cast<double>(range);
  std::vector<TestType> x, want;
  for (const double v : {-inf, -3.0, -r, -0.5, -0.0, 0.0, 0.25, r, 0.75, 1e4, inf, undefined}) {
    x.push_back(TestType(v));
    const double held = static_cast<double>(x.back());
    want.push_back(held > r ? range : held < -r ? TestType(-r) : x.back());
  }
  for (const dd::instruction_set set : all_sets) {
    std::vector<TestType> y = x;
    dd::clip{.range = 0.7, .most_used = set}(std::span<const TestType>(y), std::span<TestType>(y), dd::filter_call{{}, y.size()});
    CHECK(same(y, want));
  }
}

TEST_CASE("a range that the array's type rounds to 0 makes every number 0; one beyond its largest keeps all") {
  for (const dd::instruction_set set : all_sets) {
    std::vector<dd::float16> x{dd::float16(2), dd::float16(-2), dd::float16(0x1p-24), dd::float16(undefined), dd::float16(inf)}, y(x.size());
    const auto clipped = [&](double range) {
      dd::clip{.range = range, .most_used = set}(std::span<const dd::float16>(x), std::span<dd::float16>(y), dd::filter_call{{}, x.size()});
      return y;
    };
    const dd::float16 none(0.0), least(0x1p-24);
    CHECK(same(clipped(1e-9), {none, dd::float16(-0.0), none, x[3], none}));
    CHECK(same(clipped(0x1p-25), {none, dd::float16(-0.0), none, x[3], none}));
    CHECK(same(clipped(3e-8), {least, dd::float16(-0x1p-24), least, x[3], least}));
    CHECK(same(clipped(65519), {x[0], x[1], x[2], x[3], dd::float16(65504)}));
    CHECK(same(clipped(65520), x));
  }
}

TEST_CASE("a NaN stays one and counts as the largest: alone it changes nothing else, where the quantile is it spoils its sample only") {
  const float bad = std::numeric_limits<float>::quiet_NaN();
  std::vector<float> x{bad, 1, -4, 2, 3, /* */ bad, bad, bad, 2, 3}, y(10);
  dd::dynamic_threshold{.ratio = 0.5, .least = 0.1}(std::span<const float>(x), std::span<float>(y), dd::filter_call{{}, 5});
  CHECK(std::isnan(y[0]));
  CHECK(std::vector<float>(y.begin() + 1, y.begin() + 5) == std::vector<float>{1.0F / 3, -1, 2.0F / 3, 1});
  for (std::size_t i = 5; i < 10; ++i) CHECK(std::isnan(y[i]));
}
