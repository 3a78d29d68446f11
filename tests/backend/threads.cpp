// SPDX-License-Identifier: MIT
#include "backend/same_bits.hpp"
#include "catch.hpp"
#include "diffode/backend/openmp.hpp"
#include "diffode/backend/thread_pool.hpp"
#include "diffode/detail/float_mode.hpp"
#include "diffode/diffode.hpp"

#include <atomic>
#include <cfenv>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace dd = diffode;
using diffode_test::combine_case;

namespace {

/// An executor that notes how many parts it was asked for last.
struct counting {
  std::size_t* parts;
  static constexpr std::size_t threads() { return 3; }
  template <class F>
  void run(std::size_t count, F&& f) const {
    *parts = count;
    for (std::size_t k = 0; k < count; ++k) f(k);
  }
};

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

/// Noise of philox, until the element comes that can not be made.
struct unlucky_noise {
  std::uint64_t never = UINT64_MAX;
  dd::philox source{};
  void fill(std::uint32_t sample, std::uint32_t stream, std::uint64_t first, std::span<float> out) const {
    if (first <= never && never - first < out.size()) throw std::runtime_error("no noise for element " + std::to_string(never));
    source.fill(sample, stream, first, out);
  }
};

constexpr std::size_t elements = 8192;
constexpr dd::cpu_options in_parts{.grain = 1024};

template <class Run>
void go_on(Run& run) {
  while (const auto call = run.next()) run.feed(std::vector<float>(call->x.begin(), call->x.end()));
}

template <class Backend>
auto random_run(std::vector<float>& x, const unlucky_noise& noise, const Backend& on) {
  static const dd::grid levels = dd::uniform_lambda(dd::vp_linear{}, {.from = 1, .to = 1e-3, .count = 3});
  return dd::sampler(dd::compile(dd::ddim{.eta = 1}, levels, dd::x0_model{}), x, {}, noise, dd::no_filter{}, on);
}

template <class Backend>
std::vector<float> sampled_on(const Backend& on) {
  std::vector<float> x(elements, 0.5F);
  auto run = random_run(x, {}, on);
  go_on(run);
  return x;
}

/// Has each of two threads do one part, lets the chosen ones throw, and says what came out of run and what was done by then.
template <class Pool>
std::string outcome(Pool& pool, bool caller_throws, bool worker_throws) {
  const std::thread::id caller = std::this_thread::get_id();
  std::atomic<int> begun = 0, over = 0;
  std::string thrown = "nothing";
  try {
    pool.run(2, [&](std::size_t) {
      ++begun;
      while (begun != 2) std::this_thread::yield();
      const bool calls = std::this_thread::get_id() == caller;
      if (calls ? caller_throws : worker_throws) {
        ++over;
        throw std::runtime_error(calls ? "caller" : "worker");
      }
      for (int k = 0; k < 1000; ++k) std::this_thread::yield();  // for the other one to have thrown long since
      ++over;
    });
  } catch (const std::runtime_error& e) {
    thrown = e.what();
  }
  return thrown + ", " + std::to_string(over) + " over";
}

template <class Pool>
void check_throws(Pool& pool) {
  for (int again = 0; again < 3; ++again) {
    CHECK(outcome(pool, true, false) == "caller, 2 over");
    CHECK(outcome(pool, false, true) == "worker, 2 over");
    const std::string both = outcome(pool, true, true);
    CHECK((both == "caller, 2 over" || both == "worker, 2 over"));
    CHECK(outcome(pool, false, false) == "nothing, 2 over");
  }
}

}  // namespace

TEST_CASE("one, two, three and seven threads give the same bits") {
  const dd::element f32 = dd::element::f32, bf16 = dd::element::bf16;
  for (const std::size_t size : {1000u, 7168u, 9001u, 23456u})
    for (const combine_case& c : {combine_case{2, 3, size, 1, {f32}}, combine_case{3, 5, size, 1, {f32}, {1, size}}, combine_case{2, 3, size, 1, {f32}, {1, 1000}},
                                  combine_case{2, 4, size, 1, {f32}, {}, 2, 3}}) {
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

TEST_CASE("parts are done in the floating-point mode of the thread that calls, whoever does them") {
  dd::thread_pool pool(3);
  // With numbers below the smallest normal one as zero, as engines set it after their pool was made, and rounding upwards.
  const auto same = [&](const char* mode) {
    INFO(mode);
    const combine_case c{2, 3, 20000, 1, {dd::element::f32}};
    const auto want = c.on<float>(dd::cpu());
    for (int again = 0; again < 20; ++again) CHECK((c.on<float>(dd::basic_cpu(pool, in_parts)) == want));
    float tiny[64], sums[64];
    for (float& v : tiny) v = 1e-40F;
    pool.run(64, [&](std::size_t k) {
      const volatile float v = tiny[k];
      sums[k] = v * 0.3F;
      std::this_thread::yield();
    });
    for (const float v : sums) CHECK(v == sums[0]);
  };
  const dd::detail::float_mode before = dd::detail::float_mode::of_this_thread();
  before.call([&] { std::fesetround(FE_UPWARD), same("rounding upwards"); });
#if defined(__x86_64__)
  before.call([&] { __builtin_ia32_ldmxcsr(__builtin_ia32_stmxcsr() | 0x8040U), same("small numbers as zero"); });
#endif
  CHECK(std::fegetround() == FE_TONEAREST);
}

TEST_CASE("samplers on the pool in whose parts they run give the same bits") {
  const std::vector<float> want = sampled_on(dd::cpu());
  dd::thread_pool pool(3);
  std::vector<std::vector<float>> got(4);
  pool.run(got.size(), [&](std::size_t k) { got[k] = sampled_on(dd::basic_cpu(pool, in_parts)); });
  for (const std::vector<float>& x : got) CHECK(x == want);
}

TEST_CASE("what a part throws comes out of the pool's run once all parts are over, and the pool stays usable") {
  dd::thread_pool pool(2);
  check_throws(pool);
  const auto nested = [&] { pool.run(3, [&](std::size_t) { pool.run(2, [](std::size_t k) { if (k == 1) throw std::runtime_error("inside"); }); }); };
  CHECK_THROWS_AS(nested(), std::runtime_error);
  std::atomic<int> done = 0;
  pool.run(9, [&](std::size_t) { ++done; });
  CHECK(done == 9);
}

TEST_CASE("a noise source that throws on a pool's thread breaks the run and no other") {
  const std::vector<float> want = sampled_on(dd::cpu());
  dd::thread_pool pool(3);
  const dd::basic_cpu on(pool, in_parts);
  for (const std::uint64_t never : {std::uint64_t{0}, std::uint64_t{elements / 2}, std::uint64_t{elements - 1}}) {
    std::vector<float> x(elements, 0.5F);
    auto run = random_run(x, {never}, on);
    std::string thrown;
    try {
      go_on(run);
    } catch (const std::runtime_error& e) {
      thrown = e.what();
    }
    CHECK(thrown == "no noise for element " + std::to_string(never));
    CHECK(run.report().outcome == dd::status::broken);
    CHECK(sampled_on(on) == want);
  }
}

#if defined(_OPENMP)
TEST_CASE("what a part throws comes out of OpenMP's run once all parts are over") {
  omp_set_dynamic(0);
  omp_set_num_threads(2);
  dd::openmp team;
  check_throws(team);
  CHECK(sampled_on(dd::basic_cpu(team, in_parts)) == sampled_on(dd::cpu()));
}
#endif

TEST_CASE("a combine is cut by the bytes it moves, into as many parts for each thread") {
  constexpr std::size_t size = 8192;
  std::vector<double> x(size, 1), z(size, 2);
  const double coefficients[] = {1, 1};
  const auto parts = [&](bool made, std::size_t grain) {
    std::size_t count = 0;
    counting threads{&count};
    const dd::sink out{x.data(), dd::element::f64};
    const dd::source in[] = {{x.data(), dd::element::f64, false, 0}, {made ? nullptr : z.data(), dd::element::f64, made, 0}};
    const dd::combination<double> c{{&out, 1}, in, coefficients, {}, size, size};
    dd::basic_cpu(threads, {.grain = grain}).combine<double>(c, dd::philox{.seed = 1});
    return count;
  };
  CHECK(parts(false, 24 * size) == 0);          // three arrays of 8 bytes are one part: nobody is asked
  CHECK(parts(false, 12 * size) == 2);
  CHECK(parts(false, 24 * size / 5) == 3);      // not 5
  CHECK(parts(false, 24 * size / 8) == 6);      // not 8
  CHECK(parts(false, 1) == 3 * 16);
  CHECK(parts(true, 16 * size) == 2);           // a number of noise counts as 16 bytes, two arrays as 16
}

TEST_CASE("small arrays are not cut") {
  CHECK(dd::detail::parts_of(1000, 65536, 8) == 0);
  CHECK(dd::detail::parts_of(131072, 65536, 8) == 2);
  CHECK(dd::detail::parts_of(1 << 20, 65536, 8) == 8);
  CHECK(dd::detail::parts_of(100, 0, 8) == 8);
}
