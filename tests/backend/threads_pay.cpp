// SPDX-License-Identifier: MIT
#include "diffode/backend/threads_pay.hpp"

#include "backend/same_bits.hpp"
#include "catch.hpp"
#include "diffode/backend/cpu.hpp"
#include "diffode/backend/thread_pool.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <stdexcept>
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
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    for (std::size_t k = 0; k < parts; ++k) f(k);
  }
};

}  // namespace

TEST_CASE("the way that takes less time is taken from the first trial on, but for trials that become rare") {
  // Trials of 8 works, with 64, 128, 256, 512, 1024 and 1024 between them where none changes the way; 32 after one that does.
  constexpr std::size_t works = 8 + 64 + 8 + 128 + 8 + 256 + 8 + 512 + 8 + 1024 + 8 + 1024 + 8;
  const threads_pay slow, fast;
  CHECK(done_by_several(slow, works, 3 * mebibyte, 1e-5, 2e-5) == 7 * 4);
  CHECK(!slow.pays(3 * mebibyte));
  CHECK(done_by_several(fast, 8, 3 * mebibyte, 2e-5, 1e-5) == 4);
  CHECK(done_by_several(fast, 32, 3 * mebibyte, 2e-5, 1e-5) == 32);
  CHECK(done_by_several(fast, works, 3 * mebibyte, 2e-5, 1e-5) == works - 7 * 4);
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
  done_by_several(of, 3000, mebibyte, 1e-5, 2e-5);
  done_by_several(of, 1032, mebibyte, 2e-5, 1e-5);
  CHECK(of.pays(mebibyte));
  for (const std::size_t at : {1u, 2u, 3u, 5u, 6u, 7u}) {  // 0 and 4 do not count
    const threads_pay interrupted;
    done_by_several(interrupted, at, mebibyte, 1e-5, 2e-5);
    done_by_several(interrupted, 1, mebibyte, 1e-2, 1e-2);
    done_by_several(interrupted, 7 - at, mebibyte, 1e-5, 2e-5);
    CHECK(!interrupted.pays(mebibyte));
  }
}

TEST_CASE("a clock that stands still decides nothing, and a trial that does not come to its end is made again") {
  const threads_pay of;
  done_by_several(of, 500, mebibyte, 0, 0);
  CHECK(!of.pays(mebibyte));
  done_by_several(of, 1032, mebibyte, 2e-5, 1e-5);
  CHECK(of.pays(mebibyte));
  done_by_several(of, 3000, mebibyte, 0, 0);
  CHECK(of.pays(mebibyte));
  const threads_pay broken;
  done_by_several(broken, 7, mebibyte, 2e-5, 1e-5);
  CHECK_THROWS_AS(broken.run(mebibyte, [](bool) { throw std::runtime_error("broken"); }), std::runtime_error);
  done_by_several(broken, 1024 + 16, mebibyte, 2e-5, 1e-5);
  CHECK(broken.pays(mebibyte));
}

TEST_CASE("trials go on when the number of works has no digits left") {
  const threads_pay of(0xfffffff0U);
  CHECK(done_by_several(of, 8 + 64 + 8, mebibyte, 1e-5, 2e-5) == 2 * 4);
  done_by_several(of, 128 + 8, mebibyte, 2e-5, 1e-5);
  CHECK(of.pays(mebibyte));
}

TEST_CASE("what others have not come to the end of decides nothing") {
  const threads_pay of;
  done_by_several(of, 4, mebibyte, 2e-5, 1e-5);
  // The works 4, 5 and 6 begin, and within the last of them the whole of 7.
  of.run(mebibyte, [&](bool) {
    of.run(mebibyte, [&](bool) { of.run(mebibyte, [&](bool) { done_by_several(of, 1, mebibyte, 2e-5, 1e-5); }); });
  });
  CHECK(!of.pays(mebibyte));
  CHECK(done_by_several(of, 64, mebibyte, 2e-5, 1e-5) == 0);
  done_by_several(of, 8, mebibyte, 2e-5, 1e-5);
  CHECK(of.pays(mebibyte));
}

TEST_CASE("several samplers may share one backend and one pool") {
  const diffode_test::combine_case c{2, 3, 150000, 1, {dd::element::f32}};
  const auto want = c.on<float>(dd::cpu());
  dd::thread_pool pool(2);
  const dd::basic_cpu shared(pool);
  std::atomic<int> wrong = 0;
  std::vector<std::thread> users;
  for (int k = 0; k < 3; ++k)
    users.emplace_back([&, mine = dd::basic_cpu(shared)] {
      for (int n = 0; n < 30; ++n) wrong += c.on<float>(mine) == want ? 0 : 1;
    });
  for (std::thread& t : users) t.join();
  CHECK(wrong == 0);
}

TEST_CASE("combines of less than two parts go to other threads only where that is faster, or for a trial, with the same bits") {
  const diffode_test::combine_case c{2, 3, 150000, 1, {dd::element::f32}};  // 3 MB
  const auto want = c.on<float>(dd::cpu());
  std::size_t runs = 0;
  late threads{&runs};
  const dd::basic_cpu on(threads);
  for (int k = 0; k < 80; ++k) CHECK((c.on<float>(k % 2 == 0 ? on : dd::basic_cpu(on)) == want));  // a copy knows the same
  CHECK(runs == 8);  // two trials

  dd::thread_pool pool(2);
  const dd::basic_cpu pooled(pool);
  for (int k = 0; k < 48; ++k) CHECK((c.on<float>(pooled) == want));

  runs = 0;
  const dd::basic_cpu never(threads, {.tries_from = std::size_t{8} << 20});
  for (int k = 0; k < 16; ++k) CHECK((c.on<float>(never) == want));
  CHECK(runs == 0);
}
