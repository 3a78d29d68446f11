// SPDX-License-Identifier: MIT
#include "backend/kernel_on_host.hpp"
#include "backend/same_bits.hpp"
#include "catch.hpp"
#include "diffode/backend/thread_pool.hpp"

#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

namespace dd = diffode;
using diffode_test::combine_case;

namespace {

constexpr dd::element f64 = dd::element::f64, f32 = dd::element::f32, f16 = dd::element::f16, bf16 = dd::element::bf16;
constexpr dd::instruction_set sets[] = {dd::instruction_set::portable, dd::instruction_set::avx2, dd::instruction_set::avx512};

/// The same combine with any instruction set, and where nothing is left out of it.
template <class T>
void check(const combine_case& c) {
  const auto want = c.on<T>(diffode_test::kernel_on_host{3});
  for (const dd::instruction_set set : sets) {
    INFO(c.terms << " terms, the second is " << c.brief << ", size " << c.size << ", lanes " << c.lanes.count << " x " << c.lanes.stride << ", shift " << c.shift
                 << ", made " << c.made << ", set " << static_cast<int>(set));
    CHECK((c.on<T>(dd::cpu({.most = set, .narrow_below = 0})) == want));
    CHECK((c.on<T>(dd::cpu({.most = set, .at_once_below = 0, .narrow_below = 0})) == want));
  }
}

template <class T>
void check_all(dd::element type) {
  for (std::size_t terms = 2; terms <= 10; ++terms)
    for (std::size_t second = 1; second < terms; ++second) {
      for (const std::size_t size : {1u, 67u, 1500u}) check<T>({2, terms, size, 1, {type}, {}, 0, size % 5, second % 2 == 0, second});
      check<T>({2, terms, 300, 1, {type}, {100, 3}, 0, 0, true, second});
      check<T>({2, terms, 300, 1, {type}, {1, 100}, 0, 0, true, second});
      check<T>({2, terms, 300, 2, {type}, {}, 1, 1, true, second});
    }
}

/// Row 0 takes the first and the third of four inputs, row 1 all; the second input is not finite anywhere.
template <class Backend>
std::vector<std::vector<float>> with_infinite_input(const Backend& on, std::size_t size, std::size_t shift) {
  std::vector<std::vector<float>> a;
  for (std::size_t k = 0; k < 6; ++k) a.emplace_back(size + shift, k == 1 ? std::numeric_limits<float>::infinity() : 0.5F + static_cast<float>(k));
  std::vector<dd::source> in;
  for (std::size_t k = 0; k < 4; ++k) in.push_back({a[k].data() + shift, f32, false, 0});
  const dd::sink out[] = {{a[4].data() + shift, f32}, {a[5].data() + shift, f32}};
  const double c[] = {2, 0, 3, 0, 1, 1, 1, 1};
  on.combine(dd::combination<float>{out, in, c, {}, size, size}, dd::philox{});
  return {{a[4].begin() + static_cast<std::ptrdiff_t>(shift), a[4].end()}, {a[5].begin() + static_cast<std::ptrdiff_t>(shift), a[5].end()}};
}

}  // namespace

TEST_CASE("a row of two terms has the bits of one with zeros", "[memcheck]") {
  check_all<float>(f32);
  check_all<double>(f64);
  check_all<dd::float16>(f16);
  check_all<dd::bfloat16>(bf16);
}

TEST_CASE("what is infinite in a term that a brief row has not shows in none of its elements, wherever combines are cut", "[memcheck]") {
  for (const std::size_t size : {1u, 15u, 64u, 67u, 1100u, 9001u})
    for (const std::size_t shift : {0u, 1u, 7u})
      for (const dd::instruction_set set : sets) {
        dd::thread_pool pool(3);
        for (const auto& rows : {with_infinite_input(dd::cpu({.most = set, .narrow_below = 0}), size, shift),
                                 with_infinite_input(dd::cpu({.most = set, .at_once_below = 0, .narrow_below = 0}), size, shift),
                                 with_infinite_input(dd::basic_cpu(pool, {.most = set, .grain = 1024, .narrow_below = 0}), size, shift)}) {
          INFO("size " << size << ", shift " << shift << ", set " << static_cast<int>(set));
          CHECK((rows[0] == std::vector<float>(size, 2 * 0.5F + 3 * 2.5F)));
          CHECK((rows[1] == std::vector<float>(size, std::numeric_limits<float>::infinity())));
        }
      }
}
