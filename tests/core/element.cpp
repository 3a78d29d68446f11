// SPDX-License-Identifier: MIT
#include "catch.hpp"
#include "diffode/core/element.hpp"

#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string_view>
#include <type_traits>

namespace dd = diffode;

namespace {

/// The value of a 16-bit float with so many bits of exponent, by its definition.
double by_definition(std::uint32_t bits, int exponent_bits) {
  const int fraction_bits = 15 - exponent_bits, bias = (1 << (exponent_bits - 1)) - 1;
  const int exponent = static_cast<int>(bits >> fraction_bits) & ((1 << exponent_bits) - 1);
  const double fraction = static_cast<double>(bits & ((1U << fraction_bits) - 1)), one = std::ldexp(1, fraction_bits);
  const double size = exponent == 2 * bias + 1 ? (fraction == 0 ? std::numeric_limits<double>::infinity() : std::nan(""))
                      : exponent == 0          ? std::ldexp(fraction / one, 1 - bias)
                                               : std::ldexp(1 + fraction / one, exponent - bias);
  return bits & 0x8000 ? -size : size;
}

template <class H>
constexpr int exponent_bits = 8;
template <>
constexpr int exponent_bits<dd::float16> = 5;

/// What is nearest to v of all finite values and the infinities, ties to even, found by looking around.
template <class H>
std::uint16_t nearest(double v) {
  const int e = exponent_bits<H>;
  std::uint32_t low = 0, high = ((1U << e) - 1) << (15 - e);  // zero and infinity
  const double size = std::fabs(v);
  const double step = std::ldexp(1, (1 << (e - 1)) - 1 - (15 - e));  // of the largest finite value; infinity rounds as if it were next
  const auto value = [&](std::uint32_t b) { return b == ((1U << e) - 1) << (15 - e) ? by_definition(b - 1, e) + step : by_definition(b, e); };
  while (high - low > 1) (value((low + high) / 2) <= size ? low : high) = (low + high) / 2;
  const double below = size - value(low), above = value(high) - size;
  const std::uint32_t bits = below < above || (below == above && low % 2 == 0) ? low : high;
  return static_cast<std::uint16_t>(bits | (std::signbit(v) ? 0x8000U : 0U));
}

std::uint32_t word(float v) { return __builtin_bit_cast(std::uint32_t, v); }

}  // namespace

TEMPLATE_TEST_CASE("all 65536 values of 16 bits mean what they are defined to, and come back", "", dd::float16, dd::bfloat16) {
  int wrong = 0;
  for (std::uint32_t b = 0; b < 65536; ++b) {
    const TestType h = TestType::from_bits(static_cast<std::uint16_t>(b));
    const double want = by_definition(b, exponent_bits<TestType>);
    const float f = static_cast<float>(h);
    if (std::isnan(want)) {
      wrong += !std::isnan(f) || std::signbit(f) != ((b & 0x8000) != 0) || !std::isnan(static_cast<float>(TestType(f)));
      continue;
    }
    wrong += static_cast<double>(f) != want || std::signbit(f) != ((b & 0x8000) != 0) || static_cast<double>(h) != want;
    wrong += TestType(f).bits != b || TestType(want).bits != b;
  }
  CHECK(wrong == 0);
}

TEMPLATE_TEST_CASE("a float or double is rounded once, to nearest even", "", dd::float16, dd::bfloat16) {
  std::mt19937_64 random(7);
  int wrong = 0;
  for (int k = 0; k < 200000; ++k) {
    // Sizes all over the range of the 16 bits and somewhat beyond; every second one close to the middle of two values.
    const double exponent = std::uniform_real_distribution<double>(exponent_bits<TestType> == 5 ? -27 : -136, exponent_bits<TestType> == 5 ? 18 : 127.9)(random);
    double v = std::exp2(exponent) * (random() % 2 == 0 ? 1 : -1);
    if (k % 2 == 0) {
      const TestType h(v);
      const double a = static_cast<double>(h), b = static_cast<double>(TestType::from_bits(static_cast<std::uint16_t>(h.bits + 1)));
      if (std::isfinite(a) && std::isfinite(b)) v = a / 2 + b / 2;
      if (k % 4 == 0) v = std::nextafter(v, k % 8 == 0 ? 1e300 : -1e300);  // a float would round this to the middle first
    }
    wrong += TestType(v).bits != nearest<TestType>(v);
    const float f = static_cast<float>(v);
    wrong += TestType(f).bits != nearest<TestType>(static_cast<double>(f));
  }
  CHECK(wrong == 0);
  const double infinity = std::numeric_limits<double>::infinity();
  CHECK(static_cast<double>(TestType(infinity)) == infinity);
  CHECK(static_cast<double>(TestType(-1e300)) == -infinity);
  CHECK(static_cast<double>(TestType(dd::largest(dd::element_type<TestType>))) == dd::largest(dd::element_type<TestType>));
  CHECK(TestType(1e-300).bits == 0);
  CHECK(TestType(-0.0).bits == 0x8000);
  CHECK(TestType(3).bits == TestType(3.0F).bits);
  CHECK(std::isnan(static_cast<float>(TestType(std::nan("")))));
}

TEST_CASE("the multiply-add is fused on every machine") {
  std::mt19937_64 random(11);
  // Any float at all, or one of moderate size.
  const auto any = [&] {
    const std::uint64_t bits = random();
    const std::uint32_t moderate = static_cast<std::uint32_t>(bits) & 0x807fffff, exponent = static_cast<std::uint32_t>(111 + (bits >> 40 & 31));
    return __builtin_bit_cast(float, bits >> 32 & 3 ? moderate | exponent << 23 : static_cast<std::uint32_t>(bits));
  };
  int wrong = 0;
  for (int k = 0; k < 2000000; ++k) {
    const float a = any(), b = any();
    // Sums that cancel, sums that end in the middle of two floats, and any others.
    const float c = k % 3 == 0 ? any() : k % 3 == 1 ? -a * b : std::nextafter(a * b, any()) * 0x1p-24F;
    const float want = std::fma(a, b, c), got = dd::detail::fused(a, b, c);
    wrong += word(want) != word(got) && !(std::isnan(want) && std::isnan(got));
  }
  CHECK(wrong == 0);
  CHECK(dd::detail::fused(0x1.fffffep127F, 2.0F, -0x1.fffffep127F) == 0x1.fffffep127F);
  CHECK(std::signbit(dd::detail::fused(-0.0F, 1.0F, -0.0F)));
}

TEST_CASE("element types know their size, range and name") {
  STATIC_REQUIRE(dd::bytes_of(dd::element_type<dd::bfloat16>) == 2);
  STATIC_REQUIRE(std::is_same_v<dd::arithmetic<dd::float16>, float>);
  STATIC_REQUIRE(std::is_same_v<dd::arithmetic<double>, double>);
  STATIC_REQUIRE(std::is_trivially_copyable_v<dd::float16> && sizeof(dd::float16) == 2);
  STATIC_REQUIRE_FALSE(dd::elemental<int>);
  CHECK(dd::largest(dd::element::f64) == std::numeric_limits<double>::max());
  CHECK(dd::largest(dd::element::f32) == static_cast<double>(std::numeric_limits<float>::max()));
  CHECK(std::string_view(dd::name_of(dd::element::bf16)) == "bfloat16");
}
