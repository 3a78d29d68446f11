// SPDX-License-Identifier: MIT
//
// Nanoseconds per normal number, by instruction set, against the same transform one number at a time.
//
//   ns          per number, the least over all iterations; arrays of 16384 numbers, in the first-level cache or the second
//   over_plain  how many times as long the same transform takes one number at a time, with the processor's fused multiply-add
//   over_libm   how many times as long Philox takes with std::log, sqrt, cos and sin, as programs write it
//
// All three take turns, so that they see the same clock and the same neighbours.
#include "diffode/noise/brownian.hpp"
#include "diffode/noise/philox.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <numbers>
#include <span>
#include <vector>

#if defined(__x86_64__)
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,fma")
#endif
#endif
namespace plain {

using floats = float;
using ints = std::int32_t;
using words = std::uint32_t;
using doubles = double;
using longs = std::uint64_t;

inline float fused(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
inline double fused(double a, double b, double c) { return __builtin_fma(a, b, c); }
inline float square_root(float v) { return __builtin_sqrtf(v); }
inline double square_root(double v) { return __builtin_sqrt(v); }
template <class T>
T product(T a, T b) {
  return a * b;
}
inline longs product_of_words(longs a, std::uint32_t b) { return static_cast<longs>(static_cast<std::uint32_t>(a)) * b; }
template <class To, class From>
To as(From v) {
  return __builtin_bit_cast(To, v);
}
template <class To, class From>
To converted(From v) {
  return static_cast<To>(v);
}

#include "diffode/noise/normals.inl"

template <class T>
void fill(std::uint64_t seed, std::span<T> out) {
  const round_keys keys = keys_from(static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32));
  for (std::size_t i = 0; i + 4 <= out.size(); i += 4) {
    four_words c{{i / 4, i / 4 >> 32, 0, 0}};
    for (int k = 0; k < 20; k += 2) c = one_round(c, keys.of[k], keys.of[k + 1]);
    for (std::size_t k = 0; k < 4; k += 2) {
      pair_of<T> z;
      if constexpr (std::same_as<T, float>) z = two_normals(static_cast<words>(c.w[k]), static_cast<words>(c.w[k + 1]));
      else z = two_normals(c.w[k], c.w[k + 1]);
      out[i + k] = z.first, out[i + k + 1] = z.second;
    }
  }
}
template void fill<float>(std::uint64_t, std::span<float>);
template void fill<double>(std::uint64_t, std::span<double>);

}  // namespace plain
#if defined(__x86_64__)
#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#endif

namespace {

using namespace diffode;

/// Philox and the transform of Box and Muller, line by line.
template <class T>
void fill_by_libm(std::uint32_t seed, std::span<T> out) {
  const auto uniform = [](std::uint32_t w) { return (static_cast<T>(w) + T(0.5)) * T(0x1p-32); };
  for (std::size_t i = 0; i + 4 <= out.size(); i += 4) {
    const auto words = philox4x32({static_cast<std::uint32_t>(i / 4), 0, 0, 0}, {seed, 0});
    for (std::size_t k = 0; k < 4; k += 2) {
      const T radius = std::sqrt(T(-2) * std::log(uniform(words[k]))), angle = T(2) * std::numbers::pi_v<T> * uniform(words[k + 1]);
      out[i + k] = radius * std::cos(angle), out[i + k + 1] = radius * std::sin(angle);
    }
  }
}

/// The largest difference of two arrays.
template <class T>
double apart(const std::vector<T>& a, const std::vector<T>& b) {
  double most = 0;
  for (std::size_t i = 0; i < a.size(); ++i) most = std::max(most, std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
  return most;
}

template <class F>
double seconds(F run) {
  const auto begin = std::chrono::steady_clock::now();
  run();
  benchmark::ClobberMemory();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

bool lacks(benchmark::State& state, instruction_set use) {
  if (use > best_instruction_set()) state.SkipWithError("this machine has no such instructions");
  return use > best_instruction_set();
}

template <class T, instruction_set Use>
void normals(benchmark::State& state) {
  if (lacks(state, Use)) return;
  std::vector<T> made(16384), by_hand(made.size()), by_libm(made.size());
  const philox noise{.seed = 42};
  double best = 1, best_plain = 1, best_libm = 1;
  for (auto _ : state) {
    const double mine = seconds([&] { noise.fill<T>(0, 0, 0, made, Use); });
    best = std::min(best, mine);
    best_plain = std::min(best_plain, seconds([&] { plain::fill<T>(42, by_hand); }));
    best_libm = std::min(best_libm, seconds([&] { fill_by_libm<T>(42, by_libm); }));
    state.SetIterationTime(mine);
  }
  if (made != by_hand) state.SkipWithError("the plain version has other bits");
  if (!(apart(made, by_libm) < (sizeof(T) == 4 ? 1e-4 : 1e-12))) state.SkipWithError("the standard library's functions make other numbers");
  state.counters["ns"] = best * 1e9 / static_cast<double>(made.size());
  state.counters["over_plain"] = best_plain / best;
  state.counters["over_libm"] = best_libm / best;
}

/// Increments of a path over a step within an octave, a thousand elements of a lane at once, or one.
template <instruction_set Use>
void increments(benchmark::State& state) {
  if (lacks(state, Use)) return;
  std::vector<double> made(static_cast<std::size_t>(state.range(0)));
  const noise_interval over{0.31, 0.43};
  brownian noise{.seed = 42};
  raise(noise.bind({std::span(&over, 1), {}, made.size()}));
  double best = 1;
  for (auto _ : state) {
    const double mine = seconds([&] { noise.fill<double>(0, 0, 0, made, Use); });
    best = std::min(best, mine);
    state.SetIterationTime(mine);
  }
  state.counters["ns"] = best * 1e9 / static_cast<double>(made.size());
}

BENCHMARK(normals<float, instruction_set::portable>)->UseManualTime();
BENCHMARK(normals<float, instruction_set::avx2>)->UseManualTime();
BENCHMARK(normals<float, instruction_set::avx512>)->UseManualTime();
BENCHMARK(normals<double, instruction_set::portable>)->UseManualTime();
BENCHMARK(normals<double, instruction_set::avx2>)->UseManualTime();
BENCHMARK(normals<double, instruction_set::avx512>)->UseManualTime();
BENCHMARK(increments<instruction_set::portable>)->Arg(1024)->Arg(1)->UseManualTime();
BENCHMARK(increments<instruction_set::avx2>)->Arg(1024)->Arg(1)->UseManualTime();
BENCHMARK(increments<instruction_set::avx512>)->Arg(1024)->Arg(1)->UseManualTime();

}  // namespace
