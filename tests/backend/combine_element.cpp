// SPDX-License-Identifier: MIT
#include "backend/kernel_on_host.hpp"
#include "backend/same_bits.hpp"
#include "catch.hpp"
#include "diffode/backend/cpu.hpp"

#include <cstddef>
#include <vector>

namespace dd = diffode;
using dd::element;
using diffode_test::combine_case, diffode_test::kernel_on_host;

namespace {

template <class T>
void check_same(const combine_case& c) {
  INFO(c.rows << " rows, " << c.terms << " terms, " << c.size << " elements off by " << c.shift << ", " << c.samples << " samples, lanes " << c.lanes.stride << " x "
              << c.lanes.count << ", " << c.made << " made");
  const std::vector<std::byte> expected = c.on<T>(dd::cpu{});
  for (const std::size_t threads : {1u, 3u}) CHECK(c.on<T>(kernel_on_host{threads}) == expected);
}

template <class T>
void check_sizes(const std::vector<element>& types) {
  for (std::size_t size = 1; size <= 67; ++size)
    for (const std::size_t shift : {0u, 1u, 3u}) {
      check_same<T>({.rows = 1, .terms = 3, .size = size, .types = types, .shift = shift});
      check_same<T>({.rows = 3, .terms = 5, .size = size, .types = types, .shift = shift, .in_place = size % 2 == 0});
    }
}

template <class T>
void check_shapes(const std::vector<element>& types) {
  for (const std::size_t rows : {1u, 2u, 4u, 5u, 16u})
    for (const std::size_t terms : {1u, 4u, 9u, 64u}) check_same<T>({.rows = rows, .terms = terms, .size = 83, .types = types, .in_place = rows <= terms});
}

template <class T>
void check_lanes_and_noise(const std::vector<element>& types) {
  for (const std::size_t size : {12u, 60u, 66u})
    for (const std::size_t samples : {std::size_t{1}, std::size_t{2}, size / 3})
      for (const dd::lane_map lanes : {dd::lane_map{}, {1, size}, {3, 2}, {1, 3}, {size / 2, 2}, {2, 3}})
        for (const std::size_t made : {0u, 1u, 3u})
          check_same<T>({.rows = 2, .terms = 5, .size = size, .samples = samples, .types = types, .lanes = lanes, .made = made, .shift = size % 4});
}

template <class T>
void check_all(const std::vector<element>& types) {
  check_sizes<T>(types);
  check_shapes<T>(types);
  check_lanes_and_noise<T>(types);
}

}  // namespace

TEST_CASE("the code of a CUDA thread gives the bits of the processor backend, whatever the elements are") {
  SECTION("float64") { check_all<double>({element::f64}); }
  SECTION("float32") { check_all<float>({element::f32}); }
  SECTION("float16") { check_all<dd::float16>({element::f16}); }
  SECTION("bfloat16") { check_all<dd::bfloat16>({element::bf16}); }
  SECTION("in float, all that there is") { check_all<dd::mixed<float>>({element::f32, element::bf16, element::f16, element::f32}); }
  SECTION("in float, nothing but 16 bits") { check_all<dd::mixed<float>>({element::bf16, element::f16}); }
  SECTION("in double, all that there is") { check_all<dd::mixed<double>>({element::f64, element::f16, element::f32, element::bf16}); }
}

TEST_CASE("a thread takes groups that suit the first output, and the rest one by one") {
  alignas(64) float x[64], y[64];
  const auto step = [&](std::size_t off_in, std::size_t off_out) {
    dd::detail::combine_step s{};
    s.ins = s.outs = 1;
    s.in[0] = {x + off_in, element::f32, false, 0};
    s.out[0] = {y + off_out, element::f32};
    dd::detail::align(s, dd::detail::group_of(s, false));
    return s;
  };
  CHECK(step(0, 0).head == 0);
  CHECK(step(1, 1).head == 3);
  CHECK(step(1, 1).grouped_in == 1);
  CHECK(step(1, 1).grouped_out == 1);
  CHECK(step(2, 1).grouped_in == 0);
  CHECK(step(2, 1).grouped_out == 1);
}

TEST_CASE("a lane walk is where division says, at every element") {
  for (const dd::lane_map m : {dd::lane_map{}, {1, 1}, {1, 5}, {3, 2}, {7, 4}, {64, 3}})
    for (const std::size_t from : {std::size_t{0}, std::size_t{1}, std::size_t{11}, std::size_t{200}, (std::size_t{1} << 32) - 3, std::size_t{0x123456789ab}})
      for (const std::size_t step : {std::size_t{1}, std::size_t{24}, std::size_t{1000}, std::size_t{1} << 33}) {
        dd::detail::lane_walk walk(m, from, step);
        for (std::size_t i = from; i < from + 20 * step; i += step, walk.step()) {
          INFO("element " << i << " of stride " << m.stride << ", count " << m.count);
          CHECK(walk.lane() == (i / m.stride) % m.count);
          CHECK(walk.in_run() == i % m.stride);
          CHECK(walk.holds(2) == (m.count == 1 || i / m.stride == (i + 1) / m.stride));
        }
      }
}
