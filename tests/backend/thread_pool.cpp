// SPDX-License-Identifier: MIT
#include "diffode/backend/thread_pool.hpp"

#include "catch.hpp"

#include <atomic>
#include <cstddef>
#include <string_view>
#include <system_error>
#include <thread>
#include <vector>

// The sanitizers map more memory for themselves than a process may have here.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define DIFFODE_TEST_SANITIZED
#endif
#endif
#if defined(__linux__) && !defined(DIFFODE_TEST_SANITIZED) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define DIFFODE_TEST_LIMITS
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#endif

namespace dd = diffode;

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

TEST_CASE("a run from inside a part of the same pool is done by the thread that calls it") {
  for (const std::size_t threads : {1u, 2u, 3u}) {
    dd::thread_pool pool(threads);
    std::vector<std::atomic<int>> seen(3 * 5);
    std::atomic<int> elsewhere = 0;
    pool.run(3, [&](std::size_t k) {
      const std::thread::id here = std::this_thread::get_id();
      pool.run(5, [&](std::size_t j) {
        ++seen[k * 5 + j];
        elsewhere += std::this_thread::get_id() != here;
        pool.run(0, [](std::size_t) {});
      });
    });
    for (const auto& s : seen) CHECK(s == 1);
    CHECK(elsewhere == 0);
    std::atomic<int> after = 0;
    pool.run(4, [&](std::size_t) { ++after; });
    CHECK(after == 4);
  }
}

TEST_CASE("a run of one pool inside another one's inside its own ends as well") {
  dd::thread_pool outer(2), inner(3);
  std::atomic<int> done = 0;
  outer.run(4, [&](std::size_t) { inner.run(3, [&](std::size_t) { outer.run(2, [&](std::size_t) { ++done; }); }); });
  CHECK(done == 4 * 3 * 2);
}

TEST_CASE("a pool of no threads is refused") {
  try {
    dd::thread_pool pool(0);
    FAIL("was not refused");
  } catch (const dd::error& e) {
    CHECK(std::string_view(e.what()) == "thread_pool: threads is 0, needs at least 1");
  }
}

#if defined(DIFFODE_TEST_LIMITS)
TEST_CASE("a pool whose threads can not all be started says so, and those that were are gone") {
  // In a process of its own, which the system gives no more memory for stacks.
  const pid_t child = ::fork();
  if (child == 0) {
    const rlimit little{std::size_t{1} << 30, std::size_t{1} << 30};
    if (::setrlimit(RLIMIT_AS, &little) != 0) ::_exit(3);
    try {
      dd::thread_pool pool(4000);
      ::_exit(1);
    } catch (const std::system_error&) {
      ::_exit(0);
    }
  }
  int status = -1;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}
#endif
