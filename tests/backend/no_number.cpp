// SPDX-License-Identifier: MIT
#include "catch.hpp"
#include "diffode/backend/cpu.hpp"
#include "diffode/core/element.hpp"
#include "diffode/noise/philox.hpp"

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace dd = diffode;
using number = dd::bfloat16;

namespace {

constexpr std::size_t size = 131;

/// Two rows of x, m and F, and a copy of F; element `at` of x has these bits.
std::vector<std::vector<number>> rows_with(dd::instruction_set most, std::uint16_t bits, std::size_t at, double first = 1) {
  std::vector<number> x(size), F(size), m(size);
  for (std::size_t i = 0; i < size; ++i) {
    x[i] = static_cast<number>(0.01F * static_cast<float>(i));
    F[i] = static_cast<number>(1 - 0.02F * static_cast<float>(i)), m[i] = static_cast<number>(0.3F);
  }
  x[at] = number::from_bits(bits);
  std::vector<std::vector<number>> rows(3, std::vector<number>(size));
  const dd::source in[] = {{x.data(), dd::element::bf16, false, 0}, {m.data(), dd::element::bf16, false, 0}, {F.data(), dd::element::bf16, false, 0}};
  const dd::sink out[] = {{rows[0].data(), dd::element::bf16}, {rows[1].data(), dd::element::bf16}, {rows[2].data(), dd::element::bf16}};
  const double c[] = {first, 0, 0.7, 1, 0.1, 0.2, 0, 0, 1};
  dd::cpu({.most = most, .narrow_below = 0}).combine(dd::combination<number>{out, in, c, {}, size, size}, dd::philox{});
  return rows;
}

}  // namespace

// Rounding adds to a number's bits, which would make a zero of some that are none.
TEST_CASE("rounded to bfloat16, what is no number stays none, in every place of a vector, and nothing beside it changes") {
  for (const dd::instruction_set most : {dd::instruction_set::portable, dd::instruction_set::avx2, dd::instruction_set::avx512}) {
    const auto usual = rows_with(most, static_cast<number>(1.0F).bits, 0);
    for (const int bits : {0x7fff, 0xffff, 0x7fc0, 0x7f81, 0x7f80, 0xff80})
      for (std::size_t at = 1; at < size; ++at) {
        INFO("bits " << bits << " at " << at << ", set " << static_cast<int>(most));
        auto rows = rows_with(most, static_cast<std::uint16_t>(bits), at);
        for (std::size_t r = 0; r < 2; ++r) {
          const float v = static_cast<float>(rows[r][at]);
          if ((bits & 0x7fff) == 0x7f80) CHECK((std::isinf(v) && std::signbit(v) == (bits > 0x7fff)));
          else CHECK(std::isnan(v));
        }
        std::size_t changed = 0;
        for (std::size_t r = 0; r < 3; ++r)
          for (std::size_t i = 1; i < size; ++i) changed += (r == 2 || i != at) && rows[r][i].bits != usual[r][i].bits ? 1U : 0U;
        CHECK(changed == 0);
      }
  }
}

// Bits are those of the element beside it, which may be rounded one by one.
TEST_CASE("numbers that a sum makes of what is infinite are none, and too large ones infinite, with the same bits in vectors and after them") {
  const std::uint16_t inf = 0x7f80, minus_inf = 0xff80, one = static_cast<number>(1.0F).bits, nan = 0x7fff, signalling = 0xff81;
  struct sum {
    std::uint16_t x, m;
    double c, d;
    bool infinite;
  };
  for (const sum& s : {sum{inf, minus_inf, 1, 1, false}, {inf, one, 0, 0.5, false}, {inf, inf, 1, -1, false}, {one, one, 1e300, 1, true}, {one, one, 1e39, -1e39, false},
                       {nan, one, 0.3, 1, false}, {one, signalling, 0.3, 1e39, false}, {signalling, inf, 0, 0.5, false}, {one, one, 3e38, 3e38, true}})
    for (const dd::instruction_set most : {dd::instruction_set::portable, dd::instruction_set::avx2, dd::instruction_set::avx512})
      for (const std::size_t at_once_below : {std::size_t{0}, std::size_t{512} << 10}) {
        // No row is a copy, so that all may be done at once.
        std::vector<number> x(size, number::from_bits(s.x)), m(size, number::from_bits(s.m)), y(size);
        const dd::source in[] = {{x.data(), dd::element::bf16, false, 0}, {m.data(), dd::element::bf16, false, 0}};
        const dd::sink out[] = {{y.data(), dd::element::bf16}};
        const double c[] = {s.c, s.d};
        dd::cpu({.most = most, .at_once_below = at_once_below, .narrow_below = 0}).combine(dd::combination<number>{out, in, c, {}, size, size}, dd::philox{});
        INFO("x " << s.x << ", m " << s.m << ", c " << s.c << ", " << s.d << ", set " << static_cast<int>(most) << ", at once below " << at_once_below);
        CHECK((s.infinite ? std::isinf(static_cast<float>(y[0])) : std::isnan(static_cast<float>(y[0]))));
        std::size_t other = 0;
        for (const number& v : y) other += v.bits != y[0].bits ? 1U : 0U;
        CHECK(other == 0);
      }
}

TEST_CASE("a coefficient that is no number makes none, whatever its bits are") {
  const auto one = static_cast<number>(1.0F).bits;
  for (const dd::instruction_set most : {dd::instruction_set::portable, dd::instruction_set::avx2, dd::instruction_set::avx512})
    for (const std::uint64_t bits : {0x7fffffffffffffffU, 0xffffffffffffffffU, 0x7ff8000000000000U, 0x7ff0000000000001U}) {
      const auto rows = rows_with(most, one, 0, std::bit_cast<double>(bits)), usual = rows_with(most, one, 0);
      std::size_t numbers = 0, changed = 0;
      for (std::size_t i = 0; i < size; ++i) numbers += std::isnan(static_cast<float>(rows[0][i])) ? 0U : 1U, changed += rows[1][i].bits != usual[1][i].bits ? 1U : 0U;
      CHECK(numbers == 0);
      CHECK(changed == 0);
    }
}
