// SPDX-License-Identifier: MIT
//
// Measures and filters against the machine's read bandwidth (a sum of all its words), which is timed in turn with them.
//
//   build/release/bench/bench_measure --benchmark_min_time=0.02
//
// WHAT/TYPE/ELEMENTS/THREADS. GB_s counts each array once, however often it is read; read_GB_s is the machine's own at that
// number of bytes; of_read is their ratio. All from the fastest of many repetitions. Filters run on the calling thread.
#include "buffer.hpp"

#include <diffode/backend/thread_pool.hpp>
#include <diffode/diffode.hpp>

#include <benchmark/benchmark.h>

#include <chrono>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>
#include <string>
#include <vector>

namespace dd = diffode;
using diffode_bench::buffer;

namespace {

std::uint64_t sum_of_words(const void* from, std::size_t bytes) {
  using words = std::uint64_t __attribute__((vector_size(16)));  // two such loads a cycle are more than memory gives
  words sum[8]{};
  for (std::size_t i = 0; i + 128 <= bytes; i += 128)
#pragma GCC unroll 8
    for (std::size_t k = 0; k < 8; ++k) {
      words some;
      std::memcpy(&some, static_cast<const char*>(from) + i + 16 * k, 16);
      sum[k] += some;
    }
  words all{};
  for (const words& s : sum) all += s;
  return all[0] + all[1];
}

double seconds(auto&& what) {
  const auto start = std::chrono::steady_clock::now();
  what();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Three arrays of normal numbers, one after another.
template <class T>
struct material {
  std::size_t size;
  buffer<T> all{3 * size};

  material(std::size_t n) : size(n) {
    std::vector<float> z(3 * n);
    dd::philox{}.fill(0, 0, 0, std::span<float>(z));
    for (std::size_t i = 0; i < z.size(); ++i) all[i] = static_cast<T>(z[i]);
  }
  T* operator[](std::size_t k) const { return all.data() + k * size; }
};

/// `what(backend, arrays)` reads the first `arrays` of them, or reads and writes.
template <class T, class What>
void run(benchmark::State& state, std::size_t arrays, const What& what) {
  const std::size_t size = static_cast<std::size_t>(state.range(0)), threads = static_cast<std::size_t>(state.range(1));
  const material<T> x(size);
  dd::thread_pool pool(threads);
  const dd::basic_cpu on(pool);
  const std::size_t bytes = arrays * size * sizeof(T);
  std::vector<std::uint64_t> sums(threads);
  const auto read = [&] {
    const auto part = [&](std::size_t k) { sums[k] = sum_of_words(reinterpret_cast<const char*>(x[0]) + bytes / threads * k, bytes / threads); };
    if (threads == 1) part(0);
    else pool.run(threads, part);
    benchmark::DoNotOptimize(sums.data());
    benchmark::ClobberMemory();
  };
  double best = std::numeric_limits<double>::infinity(), reading = best;
  for (auto _ : state) {
    reading = std::min(reading, seconds(read));
    const double taken = seconds([&] { what(on, x); });
    best = std::min(best, taken);
    state.SetIterationTime(taken);
  }
  const double size_in_GB = static_cast<double>(bytes) * 1e-9;
  state.counters["GB_s"] = size_in_GB / best;
  state.counters["read_GB_s"] = size_in_GB / reading;
  state.counters["of_read"] = reading / best;
}

template <class T>
void all_of(const std::string& type, std::size_t size, int threads) {
  const auto add = [&](const char* name, std::size_t arrays, auto what) {
    benchmark::RegisterBenchmark((std::string(name) + "/" + type).c_str(), [=](benchmark::State& state) { run<T>(state, arrays, what); })
        ->Args({static_cast<long>(size), threads})
        ->UseManualTime();
  };
  add("error", 3, [size](const auto& on, const auto& x) {
    benchmark::DoNotOptimize(on.measure(dd::error_measure<T>{x[0], x[1], x[2], size, size, 1e-3, 1e-2, true}));
  });
  add("moments", 1, [size](const auto& on, const auto& x) {
    dd::lane_moments all;
    on.measure(dd::moment_measure<T>{x[0], size, {}}, std::span(&all, 1));
    benchmark::DoNotOptimize(all);
  });
  add("dot", 2, [size](const auto& on, const auto& x) {
    double all;
    on.measure(dd::dot_measure<T>{x[0], x[1], size, size}, std::span(&all, 1));
    benchmark::DoNotOptimize(all);
  });
  if (threads > 1) return;
  const auto filtered = [size](const auto& limit, const auto& x) {
    limit(std::span<const T>(x[0], size), std::span<T>(x[1], size), dd::filter_call{{}, size});
    benchmark::ClobberMemory();
  };
  add("clip", 2, [filtered](const auto&, const auto& x) { filtered(dd::clip{}, x); });
  add("dynamic_threshold", 2, [filtered](const auto&, const auto& x) { filtered(dd::dynamic_threshold{}, x); });
}

[[maybe_unused]] const bool registered = [] {
  for (const std::size_t size : {std::size_t{1} << 14, std::size_t{1} << 18, std::size_t{1} << 22, std::size_t{1} << 25})
    for (const int threads : {1, 2}) {
      if (threads > 1 && size < 1 << 18) continue;
      all_of<float>("float", size, threads);
      all_of<dd::bfloat16>("bfloat16", size, threads);
    }
  all_of<double>("double", 1 << 18, 1);
  all_of<dd::float16>("float16", 1 << 18, 1);
  return true;
}();

}  // namespace
