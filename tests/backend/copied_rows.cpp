// SPDX-License-Identifier: MIT
#include "backend/kernel_on_host.hpp"
#include "catch.hpp"
#include "diffode/backend/cpu.hpp"
#include "diffode/backend/reference.hpp"
#include "diffode/backend/thread_pool.hpp"
#include "diffode/noise/philox.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <limits>
#include <span>
#include <vector>

namespace dd = diffode;

namespace {

constexpr std::size_t size = 9001;

template <class T>
std::vector<T> numbers(std::uint64_t seed) {
  std::vector<float> x(size);
  dd::philox{.seed = seed}.fill(0, 0, 0, std::span<float>(x));
  std::vector<T> rounded;
  for (const float v : x) rounded.push_back(static_cast<T>(v));
  return rounded;
}

template <class T>
bool same_bits(const std::vector<std::vector<T>>& a, const std::vector<std::vector<T>>& b) {
  for (std::size_t k = 0; k < a.size(); ++k)
    if (std::memcmp(a[k].data(), b[k].data(), size * sizeof(T)) != 0) return false;
  return true;
}

/// Three arrays, combined with these coefficients; which array each row goes to is said by `to`.
template <class T, class Backend>
std::vector<std::vector<T>> after(const Backend& on, const std::vector<double>& c, const std::vector<std::size_t>& to) {
  std::vector<std::vector<T>> a{numbers<T>(1), numbers<T>(2), numbers<T>(3), std::vector<T>(size)};
  std::vector<dd::source> in;
  for (std::size_t k = 0; k < 3; ++k) in.push_back({a[k].data(), dd::element_type<T>, false, 0});
  std::vector<dd::sink> out;
  for (const std::size_t k : to) out.push_back({a[k].data(), dd::element_type<T>});
  on.combine(dd::combination<T>{out, in, c, {}, size, size}, dd::philox{});
  return a;
}

/// Whatever is asked of the processor backend, the bits are the same.
template <class T>
void check_options(const std::vector<std::vector<T>>& want, const std::vector<double>& c, const std::vector<std::size_t>& to) {
  for (const dd::instruction_set set : {dd::instruction_set::portable, dd::instruction_set::avx2, dd::instruction_set::avx512})
    for (const dd::cpu_options& o : {dd::cpu_options{.most = set, .narrow_below = 0}, {.most = set, .at_once_below = 0, .narrow_below = 0},
                                     {.most = set, .streams_from = 1, .narrow_below = 0}})
      CHECK(same_bits(after<T>(dd::cpu(o), c, to), want));
}

template <class T>
void check_in(double allowed, const std::vector<double>& c, const std::vector<std::size_t>& to) {
  const auto want = after<T>(dd::reference{}, c, to);
  const auto got = after<T>(dd::cpu(), c, to);
  for (std::size_t k = 0; k < want.size(); ++k) {
    double worst = 0;
    for (std::size_t i = 0; i < size; ++i) worst = std::fmax(worst, std::fabs(static_cast<double>(want[k][i]) - static_cast<double>(got[k][i])));
    INFO("array " << k);
    CHECK(worst < allowed);
  }
  dd::thread_pool pool(3);
  CHECK(same_bits(after<T>(dd::basic_cpu(pool, {.grain = 1024}), c, to), got));
  check_options(got, c, to);
}

/// Sums are below 4; each of three products and the store are rounded.
void check(const std::vector<double>& c, const std::vector<std::size_t>& to) {
  check_in<dd::bfloat16>(0.02, c, to);
  check_in<dd::float16>(0.004, c, to);
  check_in<float>(2e-6, c, to);
  check_in<double>(4e-15, c, to);
}

using number = dd::bfloat16;

}  // namespace

TEST_CASE("a row that is an input is copied before or after nothing that it depends on") {
  check({0.5, 0.3, -0.2, 0, 1, 0}, {0, 2});           // the model's output over the oldest prediction, which row 0 reads
  check({0.5, 0.3, -0.2, 1, 0, 0}, {0, 2});           // the state from before it is overwritten: no copy, a row like others
  check({0, 1, 0, 0, 0, 1}, {3, 0});                  // copies alone
  check({0, 1, 0, 0.2, 0, 0.1}, {1, 3});              // an array onto itself
  check({0.5, 0.3, -0.2, 0, 0, 1}, {0, 3});           // the last input, in the same loop
  check({0, 0, 1, 0.5, 0.3, -0.2}, {1, 0});           // the same, over an input
  check({0, 1, 0, 1, 0, 0}, {0, 1});                  // two arrays change places
  check({0, 1, 0, 0, 1, 0, 0.1, 0.2, 0.3}, {3, 2, 0});  // one input twice
  check({0.5, 0, -0.2, 0.1, 0.2, 0.3, 0, 0, 1}, {0, 1, 3});  // beside a row of two terms
  check({0, 0, 1, 0.5, 0, -0.2, 0.1, 0.2, 0.3}, {3, 0, 1});  // before one
}

TEST_CASE("a copied row has the bits of its input") {
  const auto bits = [](std::initializer_list<std::uint16_t> all) {
    std::vector<number> x;
    for (const std::uint16_t b : all) x.push_back(number::from_bits(b));
    return x;
  };
  std::vector<number> F = bits({0x8000, 0x3f80, 0x7f81}), x = bits({0x3f80, 0x4000, 0x4040}), e = bits({0, 0, 0});  // -0, 1, a signalling NaN
  const dd::source in[] = {{x.data(), dd::element::bf16, false, 0}, {F.data(), dd::element::bf16, false, 0}};
  const dd::sink out[] = {{x.data(), dd::element::bf16}, {e.data(), dd::element::bf16}};
  const double c[] = {0.5, 0.5, 0, 1};
  dd::cpu().combine(dd::combination<number>{out, in, c, {}, 3, 3}, dd::philox{});
  CHECK(std::memcmp(e.data(), F.data(), 3 * sizeof(number)) == 0);
  CHECK(static_cast<float>(x[0]) == 0.5F);
  CHECK(static_cast<float>(x[1]) == 1.5F);
}

TEST_CASE("a copied row of floats keeps the sign of a zero, and shows nothing of other inputs, in fast loops and in what is left over") {
  for (const dd::instruction_set set : {dd::instruction_set::portable, dd::instruction_set::avx2, dd::instruction_set::avx512}) {
    std::vector<float> F(1003, -0.0F), x(1003, std::numeric_limits<float>::infinity()), e(1003, 1.0F);
    const dd::source in[] = {{x.data(), dd::element::f32, false, 0}, {F.data(), dd::element::f32, false, 0}};
    const dd::sink out[] = {{e.data(), dd::element::f32}, {x.data(), dd::element::f32}};
    const double c[] = {0, 1, 0.5, 0.5};
    dd::cpu({.most = set, .narrow_below = 0}).combine(dd::combination<float>{out, in, c, {}, 1003, 1003}, dd::philox{});
    CHECK(std::memcmp(e.data(), F.data(), 1003 * sizeof(float)) == 0);
    CHECK((x == std::vector<float>(1003, std::numeric_limits<float>::infinity())));
  }
}

TEST_CASE("the code of a device computes a row that the processor copies, and so do lanes: zeros lose their sign, and no number is catching") {
  const std::uint16_t minus_zero = 0x8000, one = 0x3f80, infinite = 0x7f80;
  std::vector<number> kept, other;
  for (const std::uint16_t b : {minus_zero, one, one}) kept.push_back(number::from_bits(b));
  for (const std::uint16_t b : {one, infinite, one}) other.push_back(number::from_bits(b));
  const auto row = [&](const auto& on, std::size_t lanes) {
    std::vector<number> out(3);
    std::vector<double> c(2 * lanes, 0);
    for (std::size_t l = 0; l < lanes; ++l) c[lanes + l] = 1;
    const dd::source in[] = {{other.data(), dd::element::bf16, false, 0}, {kept.data(), dd::element::bf16, false, 0}};
    const dd::sink to{out.data(), dd::element::bf16};
    on.combine(dd::combination<number>{{&to, 1}, in, c, {1, lanes}, 3, 3}, dd::philox{});
    return out;
  };
  const auto copied = row(dd::cpu(), 1);
  CHECK(std::memcmp(copied.data(), kept.data(), 3 * sizeof(number)) == 0);
  for (const auto& computed : {row(diffode_test::kernel_on_host{2}, 1), row(dd::cpu(), 3), row(dd::reference{}, 1)}) {
    CHECK(computed[0].bits == 0);
    CHECK(std::isnan(static_cast<float>(computed[1])));
    CHECK(computed[2].bits == one);
  }
}
