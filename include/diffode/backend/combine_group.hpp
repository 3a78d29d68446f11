// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/backend/combine_step.hpp"
#include "diffode/detail/hd.hpp"

#include <cstddef>
#include <cstdint>

// Neighbouring elements of one array: read in one access, opened into numbers, rounded, written in one access.

namespace diffode::detail {

/// Up to 16 bytes of an array.
struct packed {
  std::uint32_t word[4];
};

/// As many bytes as an access of a device takes at once.
template <unsigned Bytes>
struct alignas(Bytes) access {
  std::uint32_t word[Bytes / 4];
};

/// The same bits as another type. By way of memory, since nvcc 13 gives up on __builtin_bit_cast of an array's element.
template <class To, class From>
DIFFODE_HD To same_bits(const From& v) {
  static_assert(sizeof(To) == sizeof(From));
  To same;
  __builtin_memcpy(&same, &v, sizeof same);
  return same;
}

template <unsigned Bytes>
DIFFODE_HD void read_words(const void* from, packed& v) {
  if constexpr (Bytes >= 4) {
#if defined(__CUDA_ARCH__)
    const access<Bytes> all = *static_cast<const access<Bytes>*>(from);
#else
    access<Bytes> all;
    __builtin_memcpy(&all, from, Bytes);
#endif
    for (unsigned k = 0; k < Bytes / 4; ++k) v.word[k] = all.word[k];
  }
}
template <unsigned Bytes>
DIFFODE_HD void write_words(void* to, const packed& v) {
  if constexpr (Bytes >= 4) {
    access<Bytes> all;
    for (unsigned k = 0; k < Bytes / 4; ++k) all.word[k] = v.word[k];
#if defined(__CUDA_ARCH__)
    *static_cast<access<Bytes>*>(to) = all;
#else
    __builtin_memcpy(to, &all, Bytes);
#endif
  }
}

/// N elements from `from` on. `grouped`: they begin at a multiple of their size.
template <unsigned N>
DIFFODE_HD void read_group(element type, const void* from, bool grouped, packed& v) {
  const char* const at = static_cast<const char*>(from);
  if (bytes_of(type) == 2) {
    if (N > 1 && grouped) return read_words<2 * N>(at, v);
    const std::uint16_t* const half = static_cast<const std::uint16_t*>(from);
    for (unsigned k = 0; k < (N + 1) / 2; ++k) v.word[k] = half[2 * k] | (2 * k + 1 < N ? static_cast<std::uint32_t>(half[2 * k + 1]) << 16 : 0);
  } else if (bytes_of(type) == 4) {
    if constexpr (N <= 4) {
      if (grouped) return read_words<4 * N>(at, v);
      for (unsigned k = 0; k < N; ++k) v.word[k] = static_cast<const std::uint32_t*>(from)[k];
    }
  } else if constexpr (N <= 2) {
    if (grouped) return read_words<8 * N>(at, v);
    for (unsigned k = 0; k < N; ++k) {
      const std::uint64_t bits = static_cast<const std::uint64_t*>(from)[k];
      v.word[2 * k] = static_cast<std::uint32_t>(bits);
      v.word[2 * k + 1] = static_cast<std::uint32_t>(bits >> 32);
    }
  }
}

template <unsigned N>
DIFFODE_HD void write_group(element type, void* to, bool grouped, const packed& v) {
  if (bytes_of(type) == 2) {
    if (N > 1 && grouped) return write_words<2 * N>(to, v);
    for (unsigned k = 0; k < N; ++k) static_cast<std::uint16_t*>(to)[k] = static_cast<std::uint16_t>(v.word[k / 2] >> (k % 2 * 16));
  } else if (bytes_of(type) == 4) {
    if constexpr (N <= 4) {
      if (grouped) return write_words<4 * N>(to, v);
      for (unsigned k = 0; k < N; ++k) static_cast<std::uint32_t*>(to)[k] = v.word[k];
    }
  } else if constexpr (N <= 2) {
    if (grouped) return write_words<8 * N>(to, v);
    for (unsigned k = 0; k < N; ++k) static_cast<std::uint64_t*>(to)[k] = v.word[2 * k] | static_cast<std::uint64_t>(v.word[2 * k + 1]) << 32;
  }
}

/// The same numbers as half_to_float and float_to_half; a device has instructions for both, which differ in the bits of NaN alone.
DIFFODE_HD inline float opened_half(std::uint16_t bits) {
#if defined(__CUDA_ARCH__)
  float v;
  asm("cvt.f32.f16 %0, %1;" : "=f"(v) : "h"(bits));
  return v;
#else
  return half_to_float(bits);
#endif
}
DIFFODE_HD inline std::uint16_t rounded_half(float v) {
#if defined(__CUDA_ARCH__)
  std::uint16_t bits;
  asm("cvt.rn.f16.f32 %0, %1;" : "=h"(bits) : "f"(v));
  return bits;
#else
  return float_to_half(v);
#endif
}

template <class F, unsigned N>
DIFFODE_HD void open_group(element type, const packed& v, F (&x)[N]) {
  if (bytes_of(type) == 2) {
    for (unsigned k = 0; k < N; ++k) {
      const std::uint16_t bits = static_cast<std::uint16_t>(v.word[k / 2] >> (k % 2 * 16));
      x[k] = static_cast<F>(type == element::f16 ? opened_half(bits) : bfloat_to_float(bits));
    }
  } else if (type == element::f32) {
    if constexpr (N <= 4)
      for (unsigned k = 0; k < N; ++k) x[k] = static_cast<F>(same_bits<float>(v.word[k]));
  } else if constexpr (sizeof(F) == 8) {
    for (unsigned k = 0; k < N; ++k) x[k] = same_bits<F>(v.word[2 * k] | static_cast<std::uint64_t>(v.word[2 * k + 1]) << 32);
  }
}

/// Each number is rounded once: from double to 16 bits by way of a float that is rounded to odd.
template <class F, unsigned N>
DIFFODE_HD void round_group(element type, const F (&x)[N], packed& v) {
  if (bytes_of(type) == 2) {
    for (unsigned k = 0; k < (N + 1) / 2; ++k) v.word[k] = 0;
    for (unsigned k = 0; k < N; ++k) {
      float f;
      if constexpr (sizeof(F) == 8) f = float_to_odd(x[k]);
      else f = x[k];
      v.word[k / 2] |= static_cast<std::uint32_t>(type == element::f16 ? rounded_half(f) : float_to_bfloat(f)) << (k % 2 * 16);
    }
  } else if (type == element::f32) {
    if constexpr (N <= 4)
      for (unsigned k = 0; k < N; ++k) v.word[k] = same_bits<std::uint32_t>(static_cast<float>(x[k]));
  } else if constexpr (sizeof(F) == 8) {
    for (unsigned k = 0; k < N; ++k) {
      const std::uint64_t bits = same_bits<std::uint64_t>(x[k]);
      v.word[2 * k] = static_cast<std::uint32_t>(bits);
      v.word[2 * k + 1] = static_cast<std::uint32_t>(bits >> 32);
    }
  }
}

}  // namespace diffode::detail
