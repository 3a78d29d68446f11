// SPDX-License-Identifier: MIT
#include "diffode/backend/select_thread.hpp"

#include "catch.hpp"
#include "diffode/model/filter.hpp"
#include "diffode/noise/philox.hpp"

#include <cmath>
#include <cstddef>
#include <cstring>
#include <limits>
#include <span>
#include <string>
#include <vector>

namespace dd = diffode;
using namespace dd::detail;

namespace {

/// What the kernels of backend/cuda_filter.cuh do with one sample.
template <class T>
void threshold(const dd::dynamic_threshold& rule, std::span<const T> in, std::span<T> out) {
  const double place = rule.ratio * static_cast<double>(in.size() - 1);
  const std::uint32_t below = static_cast<std::uint32_t>(place);
  const std::uint64_t most_key = (std::uint64_t{1} << key_bits<T>) - 1;
  selection s{0, most_key, below, 0};
  for (unsigned digit = 0; digit < key_digits<T>; ++digit) {
    std::vector<std::uint32_t> counts(digit_values);
    for (const T x : in)
      if (const std::uint64_t key = key_of_element(x); is_candidate<T>(key, s.decided, digit)) ++counts[key >> shift_of<T>(digit) & (digit_values - 1)];
    decide(s, counts.data(), shift_of<T>(digit));
  }
  for (const T x : in)
    if (const std::uint64_t key = key_of_element(x); key > s.decided && key < s.above) s.above = key;
  const double q = quantile_of<T>(s, place - static_cast<double>(below)), limit = q < rule.least ? rule.least : q > rule.most ? rule.most : q;
  for (std::size_t i = 0; i < in.size(); ++i)
    out[i] = static_cast<T>(bounded_element<true>(static_cast<dd::arithmetic<T>>(in[i]), static_cast<dd::arithmetic<T>>(limit)));
}

template <class T>
void check(const dd::dynamic_threshold& rule, const std::vector<T>& x) {
  std::vector<T> got(x.size()), expected(x.size());
  threshold<T>(rule, x, got);
  rule(std::span<const T>(x), std::span<T>(expected), dd::filter_call{{}, x.size()});
  INFO("ratio " << rule.ratio << " of " << x.size());
  CHECK(std::memcmp(got.data(), expected.data(), x.size() * sizeof(T)) == 0);
}

}  // namespace

TEMPLATE_TEST_CASE("dynamic thresholding by CUDA threads gives the bits of the filter", "", double, float, dd::float16, dd::bfloat16) {
  for (const std::size_t size : {1u, 2u, 3u, 67u, 1000u, 5000u})
    for (const double ratio : {0.01, 0.5, 0.9, 0.995, 1.0}) {
      std::vector<double> z(size);
      dd::philox{.seed = size}.fill(0, 0, 0, std::span<double>(z));
      std::vector<TestType> x;
      for (const double v : z) x.push_back(static_cast<TestType>(v));
      check<TestType>({.ratio = ratio, .least = 0.01}, x);
      check<TestType>({.ratio = ratio, .least = 1, .most = 1}, x);
      for (std::size_t i = 0; i < size; i += 2) x[i] = static_cast<TestType>(0.5);  // many that are equal
      check<TestType>({.ratio = ratio, .least = 0.01}, x);
      for (std::size_t i = 0; i < size; i += 3) x[i] = static_cast<TestType>(i % 2 == 0 ? std::numeric_limits<double>::infinity() : -0.0);
      check<TestType>({.ratio = ratio, .least = 0.01, .most = 100}, x);
      x[size / 2] = static_cast<TestType>(std::numeric_limits<double>::quiet_NaN());  // larger than infinity
      check<TestType>({.ratio = ratio, .least = 0.01, .most = 100}, x);
    }
}

TEMPLATE_TEST_CASE("clipping by CUDA threads gives the bits of the filter", "", double, float, dd::float16, dd::bfloat16) {
  const std::vector<TestType> x{TestType(-2.0), TestType(-1.0), TestType(-0.0), TestType(0.3), TestType(1.0), TestType(std::numeric_limits<double>::infinity())};
  std::vector<TestType> expected(x.size());
  const dd::clip rule{.range = 0.7};
  rule(std::span<const TestType>(x), std::span<TestType>(expected), dd::filter_call{{}, x.size()});
  using F = dd::arithmetic<TestType>;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const TestType got = static_cast<TestType>(bounded_element<false>(static_cast<F>(x[i]), static_cast<F>(static_cast<TestType>(rule.range))));
    CHECK(static_cast<double>(got) == static_cast<double>(expected[i]));
  }
}

TEST_CASE("any number of samples goes in parts that a grid has rows for, each sample once") {
  for (const std::size_t samples : {1u, 4096u, 4097u, 65535u, 65536u, 200000u}) {
    std::size_t next = 0, most = 0;
    const dd::fault f = in_parts(samples, [&](std::size_t first, std::size_t count) {
      CHECK(first == next);
      next += count;
      most = most < count ? count : most;
      return dd::fault();
    });
    CHECK_FALSE(f);
    CHECK(next == samples);
    CHECK(most <= 65535);
  }
  std::size_t parts = 0;
  const dd::fault f = in_parts(200000, [&](std::size_t, std::size_t) { return ++parts, dd::fault(refuse(dd::errc::bad_device, "no")); });
  REQUIRE(f);
  CHECK(parts == 1);
}

TEST_CASE("samples whose ranks do not fit in 32 bits are refused") {
  CHECK_FALSE(check_selection("cuda_dynamic_threshold", 4294967295));
  const dd::fault f = check_selection("cuda_dynamic_threshold", 4294967296);
  REQUIRE(f);
  CHECK(f->what() == std::string("cuda_dynamic_threshold: size of a sample is 4294967296, needs at most 4294967295"));
}
