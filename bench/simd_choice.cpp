// SPDX-License-Identifier: MIT
//
// What docs/adr/0004-simd.md rests on: one step of DPM-Solver++(2M), two rows of three terms in place, in the ways that a
// header-only library could write it. Compile once without -march and once with -march=native and compare:
//
//   cmake --preset release && cmake --build --preset release --target bench_simd_choice && build/release/bench/bench_simd_choice
#include "diffode/backend/cpu.hpp"

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdlib>
#include <experimental/simd>
#include <new>

#if __has_include(<xsimd/xsimd.hpp>)
#include <xsimd/xsimd.hpp>
#define HAS_XSIMD 1
#endif
#if __has_include(<hwy/highway.h>) && !defined(__AVX512F__)  // 1.0.3 does not compile with -march of newer processors
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wold-style-cast"
#include <hwy/highway.h>
#pragma GCC diagnostic pop
#define HAS_HIGHWAY 1
#endif

namespace {

/// out0 = a x + b F + c m, out1 = d x + e F, written over x and m.
struct weights {
  float a = 0.5F, b = 0.1F, c = 0.3F, d = 0.2F, e = 0.4F;
};

void plain_loop(float* __restrict x, const float* __restrict F, float* __restrict m, std::size_t n, const weights& w) {
  for (std::size_t i = 0; i < n; ++i) {
    const float X = x[i], f = F[i];
    x[i] = w.a * X + w.b * f + w.c * m[i];
    m[i] = w.d * X + w.e * f;
  }
}

// The compiler's vectoriser, told of instructions that the program's flags may not have. Needs -O3 (GCC), or it makes no vectors.
#if defined(__x86_64__)
__attribute__((target("avx512f,avx512vl,avx512bw,avx512dq,fma"))) void told_of_avx512(float* __restrict x, const float* __restrict F, float* __restrict m, std::size_t n,
                                                                                    const weights& w) {
  for (std::size_t i = 0; i < n; ++i) {
    const float X = x[i], f = F[i];
    x[i] = w.a * X + w.b * f + w.c * m[i];
    m[i] = w.d * X + w.e * f;
  }
}
#endif

void standard_simd(float* x, const float* F, float* m, std::size_t n, const weights& w) {
  namespace stdx = std::experimental;
  using V = stdx::native_simd<float>;
  for (std::size_t i = 0; i + V::size() <= n; i += V::size()) {
    const V X(x + i, stdx::element_aligned), f(F + i, stdx::element_aligned), M(m + i, stdx::element_aligned);
    const V next = stdx::fma(V(w.a), X, stdx::fma(V(w.b), f, V(w.c) * M)), data = stdx::fma(V(w.d), X, V(w.e) * f);
    next.copy_to(x + i, stdx::element_aligned);
    data.copy_to(m + i, stdx::element_aligned);
  }
}

#if defined(HAS_XSIMD)
void with_xsimd(float* x, const float* F, float* m, std::size_t n, const weights& w) {
  using V = xsimd::batch<float>;
  for (std::size_t i = 0; i + V::size <= n; i += V::size) {
    const V X = V::load_unaligned(x + i), f = V::load_unaligned(F + i), M = V::load_unaligned(m + i);
    xsimd::fma(V(w.a), X, xsimd::fma(V(w.b), f, V(w.c) * M)).store_unaligned(x + i);
    xsimd::fma(V(w.d), X, V(w.e) * f).store_unaligned(m + i);
  }
}
#endif

#if defined(HAS_HIGHWAY)
void with_highway(float* x, const float* F, float* m, std::size_t n, const weights& w) {
  namespace hn = hwy::HWY_NAMESPACE;
  const hn::ScalableTag<float> d;
  const auto a = hn::Set(d, w.a), b = hn::Set(d, w.b), c = hn::Set(d, w.c), p = hn::Set(d, w.d), q = hn::Set(d, w.e);
  for (std::size_t i = 0; i + hn::Lanes(d) <= n; i += hn::Lanes(d)) {
    const auto X = hn::LoadU(d, x + i), f = hn::LoadU(d, F + i), M = hn::LoadU(d, m + i);
    hn::StoreU(hn::MulAdd(a, X, hn::MulAdd(b, f, hn::Mul(c, M))), d, x + i);
    hn::StoreU(hn::MulAdd(p, X, hn::Mul(q, f)), d, m + i);
  }
}
#endif

struct no_noise {
  template <class T>
  void fill(std::uint32_t, std::uint32_t, std::uint64_t, std::span<T>) const {}
};

template <diffode::instruction_set Most>
void with_diffode(float* x, const float* F, float* m, std::size_t n, const weights& w) {
  constexpr diffode::element f32 = diffode::element::f32;
  const diffode::sink out[] = {{x, f32}, {m, f32}};
  const diffode::source in[] = {{x, f32, false, 0}, {F, f32, false, 0}, {m, f32, false, 0}};
  const double c[] = {static_cast<double>(w.a), static_cast<double>(w.b), static_cast<double>(w.c), static_cast<double>(w.d), static_cast<double>(w.e), 0};
  diffode::cpu({.most = Most, .narrow_below = 0}).combine(diffode::combination<float>{out, in, c, {}, n, n}, no_noise{});
}

template <auto* Step>
void step(benchmark::State& state) {
  const std::size_t n = static_cast<std::size_t>(state.range(0));
  float* const memory = static_cast<float*>(::operator new(3 * (n + 64) * sizeof(float), std::align_val_t{64}));
  for (std::size_t i = 0; i < 3 * (n + 64); ++i) memory[i] = 0.25F;
  float *const x = memory, *const F = memory + n + 64, *const m = memory + 2 * (n + 64);
  for (auto _ : state) {
    Step(x, F, m, n, weights{});
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(5 * n * sizeof(float)));
  ::operator delete(memory, std::align_val_t{64});
}

}  // namespace

#define SIZES ->Arg(1 << 14)->Arg(1 << 16)->Arg(1 << 20)
BENCHMARK(step<&plain_loop>)->Name("the compiler's vectoriser") SIZES;
#if defined(__x86_64__)
BENCHMARK(step<&told_of_avx512>)->Name("the same, function compiled for AVX-512") SIZES;
#endif
BENCHMARK(step<&standard_simd>)->Name("std::experimental::simd") SIZES;
#if defined(HAS_XSIMD)
BENCHMARK(step<&with_xsimd>)->Name("xsimd") SIZES;
#endif
#if defined(HAS_HIGHWAY)
BENCHMARK(step<&with_highway>)->Name("highway, static dispatch") SIZES;
#endif
BENCHMARK(step<&with_diffode<diffode::instruction_set::avx2>>)->Name("diffode, AVX2 at most") SIZES;
BENCHMARK(step<&with_diffode<diffode::instruction_set::avx512>>)->Name("diffode") SIZES;
