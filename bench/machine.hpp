// SPDX-License-Identifier: MIT
#pragma once

#include "buffer.hpp"
#include "contender.hpp"
#include "crew.hpp"

#include <cstddef>
#include <cstring>
#include <fstream>
#include <string>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

namespace diffode_bench {

/// The machine's own speed: memcpy from one array to another.                            reads 1, writes 1
class copy_of_memory final : public contender {
 public:
  copy_of_memory(std::size_t bytes, const crew& by) : by_(by), from_(bytes / sizeof(float)), to_(from_.size()) {}
  void restart() override {}
  void evaluate() override {
    by_(from_.size(), [&](std::size_t first, std::size_t n) { std::memcpy(to_.data() + first, from_.data() + first, n * sizeof(float)); });
  }
  double shown(std::size_t i) const override { return static_cast<double>(to_[i]); }

 private:
  crew by_;
  buffer<float> from_, to_;
};

/// STREAM's triad, a = b + s c.                                                          reads 2, writes 1
class triad final : public contender {
 public:
  triad(std::size_t bytes, const crew& by) : by_(by), a_(bytes / sizeof(float)), b_(a_.size()), c_(a_.size()) {}
  void restart() override {}
  void evaluate() override {
    by_(a_.size(), [&](std::size_t first, std::size_t n) { part(n, a_.data() + first, b_.data() + first, c_.data() + first); });
  }
  double shown(std::size_t i) const override { return static_cast<double>(a_[i]); }

 private:
  static void part(std::size_t n, float* __restrict a, const float* __restrict b, const float* __restrict c) {
    for (std::size_t i = 0; i < n; ++i) a[i] = b[i] + 3.0f * c[i];
  }
  crew by_;
  buffer<float> a_, b_, c_;
};

/// Lets the heap keep what is given back to it, so that nobody pays for page faults while being measured.
inline void keep_heap_warm() {
#if defined(__GLIBC__)
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, -1);
#endif
}

/// Bytes of memory that are to be had without swapping; 0 where the system does not say.
inline std::size_t available_memory() {
  std::ifstream file("/proc/meminfo");
  std::string word;
  while (file >> word)
    if (word == "MemAvailable:") {
      std::size_t kib = 0;
      file >> kib;
      return kib * 1024;
    }
  return 0;
}

}  // namespace diffode_bench
