// SPDX-License-Identifier: MIT
#include "diffode/backend/threads_pay.hpp"

#include "backend/same_bits.hpp"
#include "catch.hpp"
#include "diffode/backend/cpu.hpp"
#include "diffode/backend/thread_pool.hpp"

#include <chrono>
#include <cstddef>
#include <thread>
#include <vector>

namespace dd = diffode;

namespace {

/// Seconds that pass when a test says so.
struct told_clock {
  static inline double time = 0;
  static double now() { return time; }
};
using threads_pay = dd::detail::threads_pay<told_clock>;

constexpr std::size_t mebibyte = std::size_t{1} << 20;

/// Works of one size, one after another; how many of them several threads did.
std::size_t done_by_several(const threads_pay& of, std::size_t works, std::size_t bytes, double alone, double several) {
  std::size_t count = 0;
  for (std::size_t k = 0; k < works; ++k)
    of.run(bytes, [&](bool shared) { told_clock::time += shared ? several : alone, count += shared ? 1 : 0; });
  return count;
}

/// An executor that takes its time before it begins, and counts how often.
struct late {
  std::size_t* runs;
  static constexpr std::size_t threads() { return 2; }
  template <class F>
  void run(std::size_t parts, F&& f) const {
    ++*runs;
    std::this_thread::sleep_for(std::chrono::milliseconds(40));
    for (std::size_t k = 0; k < parts; ++k) f(k);
  }
};

}  // namespace

TEST_CASE("the way that takes less time is taken from the first trial on, but for later trials") {
  constexpr std::size_t trials = 7;  // at 0, 32, 64, 128, 256, 512 and 1024
  const threads_pay slow, fast;
  CHECK(done_by_several(slow, 1032, 3 * mebibyte, 1e-5, 2e-5) == 4 * trials);
  CHECK(!slow.pays(3 * mebibyte));
  CHECK(done_by_several(fast, 1032, 3 * mebibyte, 2e-5, 1e-5) == 1032 - 4 * trials);
  CHECK(fast.pays(3 * mebibyte));
}

TEST_CASE("what was found of one size is not taken for another one") {
  const threads_pay of;
  done_by_several(of, 100, 5 * mebibyte, 2e-5, 1e-5);
  CHECK(of.pays(5 * mebibyte));
  CHECK(of.pays(4 * mebibyte));  // up to twice as much is one kind
  CHECK(!of.pays(3 * mebibyte));
  done_by_several(of, 100, 3 * mebibyte, 1e-5, 2e-5);
  CHECK(!of.pays(3 * mebibyte));
  CHECK(of.pays(5 * mebibyte));
}

TEST_CASE("a machine that changes is found out, and one work that is interrupted is not taken for a change") {
  const threads_pay of;
  done_by_several(of, 1024, mebibyte, 1e-5, 2e-5);
  done_by_several(of, 1024, mebibyte, 2e-5, 1e-5);
  CHECK(of.pays(mebibyte));
  for (const std::size_t at : {1u, 2u, 3u, 5u, 6u, 7u}) {  // 0 and 4 do not count
    const threads_pay interrupted;
    done_by_several(interrupted, at, mebibyte, 1e-5, 2e-5);
    done_by_several(interrupted, 1, mebibyte, 1e-2, 1e-2);
    done_by_several(interrupted, 7 - at, mebibyte, 1e-5, 2e-5);
    CHECK(!interrupted.pays(mebibyte));
  }
}

TEST_CASE("a clock that stands still or is set back decides nothing") {
  const threads_pay of;
  done_by_several(of, 40, mebibyte, 0, 0);
  done_by_several(of, 40, mebibyte, -1e-5, -2e-5);
  CHECK(!of.pays(mebibyte));
}

TEST_CASE("combines of less than two parts go to other threads only where that is faster, or for a trial, with the same bits") {
  const diffode_test::combine_case c{2, 3, 150000, 1, {dd::element::f32}};  // 3 MB
  const auto want = c.on<float>(dd::cpu());
  std::size_t runs = 0;
  late threads{&runs};
  const dd::basic_cpu on(threads);
  for (int k = 0; k < 48; ++k) CHECK((c.on<float>(k % 2 == 0 ? on : dd::basic_cpu(on)) == want));  // a copy knows the same
  CHECK(runs == 8);  // two trials

  dd::thread_pool pool(2);
  const dd::basic_cpu pooled(pool);
  for (int k = 0; k < 48; ++k) CHECK((c.on<float>(pooled) == want));

  runs = 0;
  const dd::basic_cpu never(threads, {.tries_from = std::size_t{8} << 20});
  for (int k = 0; k < 16; ++k) CHECK((c.on<float>(never) == want));
  CHECK(runs == 0);
}
