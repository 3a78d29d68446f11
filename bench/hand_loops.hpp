// SPDX-License-Identifier: MIT
#pragma once

#include <diffode/core/element.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>

/// What a good engineer writes by hand for one method: one loop for each evaluation, every array read once and written
/// once, in place, the model's output converted on the way. Nothing here is diffode's but the names of the elements.
namespace diffode_bench::hand {

inline float load(float v) { return v; }
inline double load(double v) { return v; }
inline float load(diffode::bfloat16 v) { return std::bit_cast<float>(std::uint32_t{v.bits} << 16); }

inline void store(float& to, float v) { to = v; }
inline void store(double& to, double v) { to = v; }
/// To nearest, ties to even. The values are known to be finite, so nothing is done for NaN.
inline void store(diffode::bfloat16& to, float v) {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(v);
  to.bits = static_cast<std::uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

template <class E>
void copy(E& to, const E& from) { to = from; }
/// By its member, for a struct of it keeps GCC 12 from vectorising the loop.
inline void copy(diffode::bfloat16& to, const diffode::bfloat16& from) { to.bits = from.bits; }

template <class E>
using number = decltype(load(E{}));

/// x = a x + b F.                                                                        reads 2, writes 1
template <class E>
void ddim(std::size_t n, E* __restrict x, const E* __restrict F, number<E> a, number<E> b) {
  for (std::size_t i = 0; i < n; ++i) store(x[i], a * load(x[i]) + b * load(F[i]));
}

/// m = x0 of F; x = a x + w0 m + w1 m1; m1 = m.                                          reads 3, writes 2
template <class E>
void two_step(std::size_t n, E* __restrict x, const E* __restrict F, E* __restrict m1, number<E> cx, number<E> cf, number<E> a,
              number<E> w0, number<E> w1) {
  for (std::size_t i = 0; i < n; ++i) {
    const number<E> was = load(x[i]), m = cx * was + cf * load(F[i]);
    store(x[i], a * was + w0 * m + w1 * load(m1[i]));
    store(m1[i], m);
  }
}

/// The same with noise: x gets c z on top.                                               reads 4, writes 2
template <class E>
void two_step_with_noise(std::size_t n, E* __restrict x, const E* __restrict F, E* __restrict m1, const E* __restrict z, number<E> cx,
                         number<E> cf, number<E> a, number<E> w0, number<E> w1, number<E> c) {
  for (std::size_t i = 0; i < n; ++i) {
    const number<E> was = load(x[i]), m = cx * was + cf * load(F[i]);
    store(x[i], a * was + w0 * m + w1 * load(m1[i]) + c * load(z[i]));
    store(m1[i], m);
  }
}

/// m = x0 of F; x = a x + w0 m + w1 m1 + w2 m2; m takes the place of m2.                 reads 4, writes 2
template <class E>
void three_step(std::size_t n, E* __restrict x, const E* __restrict F, const E* __restrict m1, E* __restrict m2, number<E> cx,
                number<E> cf, number<E> a, number<E> w0, number<E> w1, number<E> w2) {
  for (std::size_t i = 0; i < n; ++i) {
    const number<E> was = load(x[i]), m = cx * was + cf * load(F[i]);
    store(x[i], a * was + w0 * m + w1 * load(m1[i]) + w2 * load(m2[i]));
    store(m2[i], m);
  }
}

/// UniPC of order 2. x is the predicted state, s the corrected one of the step before:
/// m = x0 of F; s = a s + c0 m + c1 m1 + c2 m2; x = b s + w0 m + w1 m1; m takes the place of m2.      reads 5, writes 3
template <class E>
void unipc_2(std::size_t n, E* __restrict x, E* __restrict s, const E* __restrict F, const E* __restrict m1, E* __restrict m2,
             number<E> cx, number<E> cf, number<E> a, number<E> c0, number<E> c1, number<E> c2, number<E> b, number<E> w0, number<E> w1) {
  for (std::size_t i = 0; i < n; ++i) {
    const number<E> m = cx * load(x[i]) + cf * load(F[i]), one = load(m1[i]);
    const number<E> corrected = a * load(s[i]) + c0 * m + c1 * one + c2 * load(m2[i]);
    store(s[i], corrected);
    store(x[i], b * corrected + w0 * m + w1 * one);
    store(m2[i], m);
  }
}

/// UniPC of order 3, the same way.                                                       reads 6, writes 3
template <class E>
void unipc_3(std::size_t n, E* __restrict x, E* __restrict s, const E* __restrict F, const E* __restrict m1, const E* __restrict m2,
             E* __restrict m3, number<E> cx, number<E> cf, number<E> a, number<E> c0, number<E> c1, number<E> c2, number<E> c3,
             number<E> b, number<E> w0, number<E> w1, number<E> w2) {
  for (std::size_t i = 0; i < n; ++i) {
    const number<E> m = cx * load(x[i]) + cf * load(F[i]), one = load(m1[i]), two = load(m2[i]);
    const number<E> corrected = a * load(s[i]) + c0 * m + c1 * one + c2 * two + c3 * load(m3[i]);
    store(s[i], corrected);
    store(x[i], b * corrected + w0 * m + w1 * one + w2 * two);
    store(m3[i], m);
  }
}

/// DEIS with four noise predictions: x = a x + w0 F + w1 e1 + w2 e2 + w3 e3; F takes the place of e3.     reads 5, writes 2
template <class E>
void deis_3(std::size_t n, E* __restrict x, const E* __restrict F, const E* __restrict e1, const E* __restrict e2, E* __restrict e3,
            number<E> a, number<E> w0, number<E> w1, number<E> w2, number<E> w3) {
  for (std::size_t i = 0; i < n; ++i) {
    store(x[i], a * load(x[i]) + w0 * load(F[i]) + w1 * load(e1[i]) + w2 * load(e2[i]) + w3 * load(e3[i]));
    copy(e3[i], F[i]);
  }
}

/// Heun, first stage: m = x0 of F; y = a x + w m; x and m stay.                          reads 2, writes 2
template <class E>
void heun_first(std::size_t n, const E* __restrict x, const E* __restrict F, E* __restrict m, E* __restrict y, number<E> cx,
                number<E> cf, number<E> a, number<E> w) {
  for (std::size_t i = 0; i < n; ++i) {
    const number<E> was = load(x[i]), now = cx * was + cf * load(F[i]);
    store(m[i], now);
    store(y[i], a * was + w * now);
  }
}

/// Heun, second stage: x = a x + w0 m + w1 (x0 of y and F).                              reads 4, writes 1
template <class E>
void heun_second(std::size_t n, E* __restrict x, const E* __restrict y, const E* __restrict F, const E* __restrict m, number<E> cx,
                 number<E> cf, number<E> a, number<E> w0, number<E> w1) {
  for (std::size_t i = 0; i < n; ++i)
    store(x[i], a * load(x[i]) + w0 * load(m[i]) + w1 * (cx * load(y[i]) + cf * load(F[i])));
}

}  // namespace diffode_bench::hand
