// SPDX-License-Identifier: MIT
#include "noise/philox.hpp"
#include "diffode/noise/normal_scalar.hpp"

#include "catch.hpp"

#include <algorithm>
#include <bit>
#include <span>
#include <vector>

using namespace diffode;
using namespace diffode_test;

namespace {

// "philox4x32 10" of tests/kat_vectors in the Random123 distribution, release 1.14.0.
static_assert(philox4x32({0, 0, 0, 0}, {0, 0}) == words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
static_assert(philox4x32({~0U, ~0U, ~0U, ~0U}, {~0U, ~0U}) ==
              words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
static_assert(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
              words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});

/// FNV-1a over the bits, so that millions of numbers can be pinned by one.
template <class Bits, class T>
std::uint64_t hash(const std::vector<T>& v) {
  std::uint64_t h = 0xcbf29ce484222325;
  for (const T x : v) h = (h ^ std::bit_cast<Bits>(x)) * 0x100000001b3;
  return h;
}

}  // namespace

TEST_CASE("Philox4x32-10 gives the published answers at run time too") {
  const volatile std::uint32_t hidden = 0;
  const std::uint32_t zero = hidden;  // not a constant expression
  CHECK(philox4x32({zero, 0, 0, 0}, {0, 0}) == words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  CHECK(philox4x32({~zero, ~0U, ~0U, ~0U}, {~0U, ~0U}) ==
        words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
}

TEST_CASE("the normals of seed 42 are these, for ever") {
  // Checked with 50-digit arithmetic: doubles are off by at most 2 units in the last place, floats by at most 1.1.
  const double expected[] = {-0x1.f0bcb75618958p-1, 0x1.8d59cf6099693p-3,  -0x1.3c51a41acf63cp+0,
                             0x1.ec8676a61759fp+0,  -0x1.2bc05f972144ap-4, 0x1.1cf41ea22a41dp-3,
                             -0x1.1b4e66440e067p+0, 0x1.4e85fa52d9414p-2};
  const float expected_floats[] = {-0x1.f0bcb8p-1F, 0x1.8d59dp-3F,   -0x1.3c51a4p+0F, 0x1.ec8678p+0F,
                                   -0x1.2bc06p-4F,  0x1.1cf41ep-3F, -0x1.1b4e66p+0F, 0x1.4e85fap-2F};
  const philox noise{.seed = 42};
  for (std::uint64_t e = 0; e < 8; ++e) CHECK(noise.normal(0, 0, e) == expected[e]);
  for (std::uint64_t e = 0; e < 8; ++e) CHECK(draw<float>(noise, 0, 0, 1, e)[0] == expected_floats[e]);
  // High words of element and seed, and the places of sample and stream in the counter.
  CHECK(noise.normal(3, 7, 0x400000005) == -0x1.882e11d4dafc0p+0);
  CHECK(philox{.seed = 0x123456789ABCDEF0}.normal(0xFFFFFFFF, 5, 0x10000000002) == 0x1.9a2647eb21c71p-1);
  CHECK(hash<std::uint64_t>(draw<double>(noise, 1, 2, 100000)) == 0x8b3024f2e6c6acc8);
  CHECK(hash<std::uint32_t>(draw<float>(noise, 1, 2, 100000)) == 0xa86d8cbccf462ab2);
}

TEST_CASE("any way to cut a fill gives the same numbers") {
  const philox noise{.seed = 7};
  const std::vector<float> whole = draw<float>(noise, 2, 3, 257);
  for (std::size_t chunk = 1; chunk <= 67; ++chunk) {
    std::vector<float> parts(whole.size());
    for (std::size_t at = 0; at < parts.size(); at += chunk)
      noise.fill<float>(2, 3, at, std::span(parts).subspan(at, std::min(chunk, parts.size() - at)));
    CHECK(parts == whole);
  }
  const std::vector<double> doubles = draw(noise, 2, 3, whole.size());
  for (std::size_t i = 0; i < whole.size(); ++i) {
    CHECK(whole[i] == draw<float>(noise, 2, 3, 1, i)[0]);
    CHECK(doubles[i] == noise.normal(2, 3, i));
  }
  CHECK(draw(noise, 0, 0, 0).empty());
}

TEST_CASE("a fill far out crosses the 32-bit block boundary without a seam") {
  const philox noise{.seed = 7};
  const std::uint64_t start = (std::uint64_t{1} << 34) - 6;
  const std::vector<double> far = draw(noise, 0, 0, 12, start);
  for (std::size_t i = 0; i < far.size(); ++i) CHECK(far[i] == noise.normal(0, 0, start + i));
  CHECK(far[6] != noise.normal(0, 0, 0));  // block 2^32 is not block 0
}

TEST_CASE("a batch drawn in parts is the whole batch") {
  const philox whole{.seed = 9};
  for (std::uint32_t sample = 0; sample < 16; ++sample) {
    const std::uint32_t rank = sample / 4;
    const philox part{.seed = 9, .first_sample = 4 * rank};
    CHECK(draw(part, sample % 4, 1, 100) == draw(whole, sample, 1, 100));
  }
}

TEST_CASE("a float is within two units of the last place of the double") {
  const philox noise{.seed = 1};
  const std::vector<double> d = draw<double>(noise, 0, 0, 100000);
  const std::vector<float> f = draw<float>(noise, 0, 0, 100000);
  double worst = 0;
  for (std::size_t i = 0; i < d.size(); ++i) worst = std::max(worst, std::abs(static_cast<double>(f[i]) / d[i] - 1));
  CHECK(worst < 2.4e-7);
  CHECK(draw<long double>(noise, 0, 0, 7, 2) == std::vector<long double>(d.begin() + 2, d.begin() + 9));
}

TEST_CASE("every instruction set gives the same bits, however the fill is cut") {
  const philox noise{.seed = 3, .first_sample = 5};
  const auto check = [&]<class T>(T) {
    std::vector<T> expected;
    for (std::uint64_t block = 0; block < 300; ++block) {
      const std::uint64_t n = block + 0xffffff80;  // its upper word changes on the way
      const auto four = detail::scalar::normals_of<T>({{n, n >> 32, 6, 2}}, 3, 0);
      expected.insert(expected.end(), four.z, four.z + 4);
    }
    for (const instruction_set use : instruction_sets())
      for (std::size_t skip = 0; skip < 9; ++skip)
        for (const std::size_t size : {1U, 3U, 31U, 32U, 63U, 64U, 65U, 130U, 1001U}) {
          std::vector<T> got(size + 1, 77);
          noise.fill<T>(1, 2, 4 * std::uint64_t{0xffffff80} + skip, std::span(got).first(size), use);
          INFO("set " << static_cast<int>(use) << ", " << size << " from " << skip);
          CHECK(std::equal(got.begin(), got.end() - 1, expected.begin() + static_cast<std::ptrdiff_t>(skip)));
          CHECK(got.back() == 77);  // and not one more
        }
  };
  check(0.F), check(0.);
}

TEST_CASE("asked for more than the machine has, a fill uses what it has") {
  std::vector<float> expected(100), got(100);
  philox{.seed = 3}.fill<float>(0, 0, 0, expected);
  philox{.seed = 3}.fill<float>(0, 0, 0, got, instruction_set::avx512);
  CHECK(got == expected);
}

TEST_CASE("another seed, sample or stream gives other numbers") {
  const auto same = [](const philox& a, std::uint32_t sample, std::uint32_t stream) {
    const std::vector<double> x = draw(philox{.seed = 1}, 0, 0, 1000), y = draw(a, sample, stream, 1000);
    int equal = 0;
    for (std::size_t i = 0; i < x.size(); ++i) equal += x[i] == y[i];
    return equal;
  };
  CHECK(same(philox{.seed = 1}, 0, 0) == 1000);
  CHECK(same(philox{.seed = 2}, 0, 0) == 0);
  CHECK(same(philox{.seed = 1 + (std::uint64_t{1} << 32)}, 0, 0) == 0);
  CHECK(same(philox{.seed = 1}, 1, 0) == 0);
  CHECK(same(philox{.seed = 1}, 0, 1) == 0);
  CHECK(same(philox{.seed = 1, .first_sample = 1}, 0, 0) == 0);
}
