// SPDX-License-Identifier: MIT
#pragma once

#include <diffode/backend/cpu.hpp>
#include <diffode/backend/thread_pool.hpp>

#include <cstddef>
#include <memory>

namespace diffode_bench {

/// Who does the work of a contender: this thread, or a pool of several that diffode and hand-written loops have in common.
class crew {
 public:
  explicit crew(std::size_t threads = 1, diffode::instruction_set most = diffode::instruction_set::avx512) : most_(most), pool_(threads > 1 ? std::make_shared<diffode::thread_pool>(threads) : nullptr) {}

  /// body(first, count) for equal parts of n elements, one for each thread.
  template <class F>
  void operator()(std::size_t n, F body) const {
    if (!pool_) return body(std::size_t{0}, n);
    const std::size_t parts = pool_->threads();
    pool_->run(parts, [&](std::size_t k) { body(n * k / parts, n * (k + 1) / parts - n * k / parts); });
  }

  /// What `use` makes of diffode's backend on these threads.
  template <class F>
  auto with_backend(F use) const {
    return pool_ ? use(diffode::basic_cpu(*pool_, {.most = most_})) : use(diffode::cpu({.most = most_}));
  }

 private:
  diffode::instruction_set most_;  ///< for diffode; loops by hand have what they were compiled for
  std::shared_ptr<diffode::thread_pool> pool_;
};

}  // namespace diffode_bench
