// SPDX-License-Identifier: MIT
#include "backend/same_bits.hpp"
#include "catch.hpp"
#include "diffode/backend/openmp.hpp"
#include "diffode/backend/thread_pool.hpp"

#include <atomic>
#include <cstddef>
#include <string_view>
#include <thread>
#include <vector>

namespace dd = diffode;
using diffode_test::combine_case;

namespace {

/// An executor of a user's own that starts with the last part.
struct backwards {
  std::size_t count;
  std::size_t threads() const { return count; }
  template <class F>
  void run(std::size_t parts, F&& f) const {
    for (std::size_t k = parts; k-- > 0;) f(k);
  }
};
static_assert(dd::executor<backwards>);

}  // namespace

TEST_CASE("one, two, three and seven threads give the same bits") {
  const dd::element f32 = dd::element::f32, bf16 = dd::element::bf16;
  for (const std::size_t size : {1000u, 7168u, 9001u, 23456u})
    for (const combine_case& c : {combine_case{2, 3, size, 1, {f32}}, combine_case{3, 5, size, 1, {f32}, {1, size}}, combine_case{2, 4, size, 1, {f32}, {}, 2, 3}}) {
      const auto want = c.on<float>(dd::cpu());
      for (const std::size_t threads : {1u, 2u, 3u, 7u}) {
        dd::thread_pool pool(threads);
        CHECK(c.on<float>(dd::basic_cpu(pool, {.grain = 1024})) == want);
        backwards mine{threads};
        CHECK(c.on<float>(dd::basic_cpu(mine, {.grain = 1024})) == want);
      }
      const combine_case half{2, 3, size, 1, {bf16, f32}};
      dd::thread_pool pool(3);
      CHECK(half.on<dd::mixed<float>>(dd::basic_cpu(pool, {.grain = 1024})) == half.on<dd::mixed<float>>(dd::cpu()));
    }
}

TEST_CASE("a pool does each part once, with parts of any number, for several callers in turn") {
  dd::thread_pool pool(4);
  CHECK(pool.threads() == 4);
  std::atomic<int> wrong = 0;
  std::vector<std::thread> callers;
  for (int c = 0; c < 3; ++c)
    callers.emplace_back([&] {
      for (std::size_t parts = 0; parts < 40; ++parts) {
        std::vector<std::atomic<int>> seen(parts);
        pool.run(parts, [&](std::size_t k) { ++seen[k]; });
        for (const auto& s : seen) wrong += s != 1;
      }
    });
  for (std::thread& t : callers) t.join();
  CHECK(wrong == 0);
}

TEST_CASE("a pool of no threads is refused") {
  try {
    dd::thread_pool pool(0);
    FAIL("was not refused");
  } catch (const dd::error& e) {
    CHECK(std::string_view(e.what()) == "thread_pool: threads is 0, needs at least 1");
  }
}

TEST_CASE("small arrays are not cut") {
  CHECK(dd::detail::parts_of(1000, 65536, 8) == 0);
  CHECK(dd::detail::parts_of(131072, 65536, 8) == 2);
  CHECK(dd::detail::parts_of(1 << 20, 65536, 8) == 8);
  CHECK(dd::detail::parts_of(100, 0, 8) == 8);
}
