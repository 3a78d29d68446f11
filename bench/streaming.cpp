// SPDX-License-Identifier: MIT
//
// When stores past the caches pay, for docs/adr/0007-streaming-stores.md: one row of two terms, written over an input or
// to an array of its own, with ordinary stores and with stores past the caches, by size.
#include "diffode/backend/cpu.hpp"

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace {

struct no_noise {
  template <class T>
  void fill(std::uint32_t, std::uint32_t, std::uint64_t, std::span<T>) const {}
};

enum class how { in_place, ordinary, past_caches };

template <how How>
void ddim(benchmark::State& state) {
  constexpr diffode::element f32 = diffode::element::f32;
  const std::size_t n = static_cast<std::size_t>(state.range(0));
  std::vector<float> x(n, 0.5F), F(n, 0.25F), y(n);
  const double c[] = {0.9, 0.3};
  const diffode::sink out[] = {{How == how::in_place ? x.data() : y.data(), f32}};
  const diffode::source in[] = {{x.data(), f32, false, 0}, {F.data(), f32, false, 0}};
  const diffode::cpu on({.streams_from = How == how::past_caches ? 0 : std::numeric_limits<std::size_t>::max()});
  for (auto _ : state) {
    on.combine(diffode::combination<float>{out, in, c, {}, n, n}, no_noise{});
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(3 * n * sizeof(float)));
}

void sizes(benchmark::internal::Benchmark* b) {
  for (int power = 16; power <= 26; power += 2) b->Arg(std::int64_t{1} << power);
}

}  // namespace

BENCHMARK(ddim<how::in_place>)->Name("in place")->Apply(sizes);
BENCHMARK(ddim<how::ordinary>)->Name("to another array")->Apply(sizes);
BENCHMARK(ddim<how::past_caches>)->Name("to another array, past the caches")->Apply(sizes);
