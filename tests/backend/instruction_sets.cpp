// SPDX-License-Identifier: MIT
#include "backend/same_bits.hpp"
#include "catch.hpp"
#include "effort.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <limits>
#include <vector>

namespace dd = diffode;
using diffode_test::combine_case;

namespace {

constexpr dd::element f64 = dd::element::f64, f32 = dd::element::f32, f16 = dd::element::f16, bf16 = dd::element::bf16;

dd::cpu cpu_with(dd::instruction_set most) { return dd::cpu({.most = most, .narrow_below = 0}); }

/// All that the machine has; portable is always among them.
std::vector<dd::instruction_set> sets() {
  std::vector<dd::instruction_set> all{dd::instruction_set::portable};
  for (const auto set : {dd::instruction_set::avx2, dd::instruction_set::avx512})
    if (cpu_with(set).uses() == set) all.push_back(set);
  return all;
}

template <class T>
void check(const combine_case& c) {
  const auto want = c.on<T>(cpu_with(dd::instruction_set::portable));
  for (const dd::instruction_set set : sets()) {
    INFO(c.rows << " x " << c.terms << ", size " << c.size << ", lanes " << c.lanes.count << " x " << c.lanes.stride << ", shift " << c.shift << ", made " << c.made
                << ", set " << static_cast<int>(set));
    CHECK((c.on<T>(cpu_with(set)) == want));
    CHECK((c.on<T>(dd::cpu({.most = set, .at_once_below = 0, .narrow_below = 0})) == want));
  }
  CHECK((c.on<T>(dd::cpu()) == want));  // which may take narrower vectors
}

template <class T>
void check_shapes(const std::vector<dd::element>& types) {
  for (std::size_t rows = 1; rows <= 6; ++rows)
    for (std::size_t terms = 1; terms <= 12; ++terms)
      for (const std::size_t size : {1u, 31u, 67u, 197u}) check<T>({rows, terms, size, 1, types});
  // Sizes around everything that kernels count in, at all alignments.
  for (std::size_t size = 1; size <= 67; ++size) check<T>({2, 3, size, 1, types, {}, 0, size % 17});
  for (std::size_t shift = 0; shift < 64; ++shift) check<T>({2, 4, 1500 + shift, 1, types, {}, 0, shift, shift % 2 == 0});
}

template <class T>
void check_lanes(const std::vector<dd::element>& types) {
  for (const dd::lane_map lanes : {dd::lane_map{1, 12}, {1, 600}, {1, 200}, {5, 4}, {63, 2}, {64, 3}, {100, 6}, {300, 2}})
    for (std::size_t rows = 1; rows <= 5; rows += diffode_test::times(1u, 2u)) check<T>({rows, 4, 600, 1, types, lanes});
}

template <class T>
void check_made(const std::vector<dd::element>& types) {
  for (const std::size_t samples : {1u, 2u, 7u, 700u})
    for (const std::size_t made : {1u, 2u, 4u}) {
      check<T>({2, 5, 1400, samples, types, {}, made});
      check<T>({2, 5, 1400, samples, types, {7, 2}, made, 3});
    }
}

}  // namespace

TEST_CASE("the machine's best instruction set is what its processor says") {
  CHECK(sets().back() == dd::best_instruction_set());
  CHECK(dd::cpu().uses() == dd::best_instruction_set());
  CHECK(cpu_with(dd::instruction_set::portable).uses() == dd::instruction_set::portable);
}

TEST_CASE("every instruction set gives the same bits for every shape, size and alignment, and writes nothing else", "[memcheck]") {
  check_shapes<float>({f32});
  check_shapes<double>({f64});
  check_shapes<dd::float16>({f16});
  check_shapes<dd::bfloat16>({bf16});
  check_shapes<dd::mixed<float>>({bf16, f32, f16});
  check_shapes<dd::mixed<double>>({f32, f64, bf16, f16});
}

TEST_CASE("every instruction set gives the same bits where coefficients change along the array", "[memcheck]") {
  check_lanes<float>({f32});
  check_lanes<double>({f64});
  check_lanes<dd::bfloat16>({bf16});
  check_lanes<dd::mixed<float>>({f16, f32});
  check_lanes<dd::mixed<double>>({bf16, f64});
}

TEST_CASE("every instruction set gives the same bits with noise and the constant one", "[memcheck]") {
  check_made<float>({f32});
  check_made<double>({f64});
  check_made<dd::bfloat16>({bf16});
  check_made<dd::mixed<float>>({bf16, f32});
}

TEST_CASE("where an array is cut into samples, and how far one combine is from the next, changes no bit", "[memcheck]") {
  // The same numbers in one array of 3000 and as three of 1000: the fast loops begin and end elsewhere.
  std::vector<float> x(3000), y, F(3000);
  dd::philox{.seed = 1}.fill(0, 0, 0, std::span<float>(x));
  dd::philox{.seed = 2}.fill(0, 0, 0, std::span<float>(F));
  y = x;
  const std::vector<double> c{0.9, -0.3};
  const auto step = [&](std::vector<float>& a, std::size_t first, std::size_t size) {
    const dd::sink out[] = {{a.data() + first, f32}};
    const dd::source in[] = {{a.data() + first, f32, false, 0}, {F.data() + first, f32, false, 0}};
    dd::cpu().combine(dd::combination<float>{out, in, c, {}, size, size}, dd::philox{});
  };
  step(x, 0, 3000);
  for (std::size_t first = 0; first < 3000; first += 1000) step(y, first, 1000);
  CHECK(std::memcmp(x.data(), y.data(), 3000 * sizeof(float)) == 0);
}

TEST_CASE("a product too small for its type keeps its sign, in fast loops and in what is left over", "[memcheck]") {
  const auto check_in = []<class T>(T small, dd::element type) {
    for (const dd::instruction_set set : sets())
      for (const std::size_t size : {3u, 20u, 67u, 1003u}) {
        std::vector<T> x(size, small), y(size, static_cast<T>(5));
        const dd::source in[] = {{x.data(), type, false, 0}};
        const dd::sink out[] = {{y.data(), type}};
        const double c[] = {0.25};
        dd::cpu({.most = set, .narrow_below = 0}).combine(dd::combination<T>{out, in, c, {}, size, size}, dd::philox{});
        const T minus_zero = static_cast<T>(-0.0F);
        INFO("size " << size << ", set " << static_cast<int>(set));
        CHECK(std::all_of(y.begin(), y.end(), [&](const T& v) { return std::memcmp(&v, &minus_zero, sizeof v) == 0; }));
      }
  };
  check_in(-std::numeric_limits<float>::denorm_min(), f32);
  check_in(-std::numeric_limits<double>::denorm_min(), f64);
  check_in(dd::float16::from_bits(0x8001), f16);
  check_in(dd::bfloat16::from_bits(0x8001), bf16);
}

TEST_CASE("stores past the caches change no bit", "[memcheck]") {
  for (const std::size_t shift : {0u, 1u, 7u}) {
    const combine_case c{2, 3, 5000, 1, {f32}, {}, 0, shift, false};
    CHECK(c.on<float>(dd::cpu({.streams_from = 1})) == c.on<float>(dd::cpu()));
    const combine_case over{2, 3, 5000, 1, {f32}, {}, 0, shift, true};
    CHECK(over.on<float>(dd::cpu({.streams_from = 1})) == over.on<float>(dd::cpu()));
  }
}
