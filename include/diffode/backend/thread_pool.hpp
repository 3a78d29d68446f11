// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/concept/executor.hpp"
#include "diffode/core/error.hpp"
#include "diffode/detail/float_mode.hpp"
#include "diffode/detail/thrown_by.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <mutex>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace diffode {

/// Threads of one's own for the processor backend: `diffode::thread_pool pool(4); diffode::basic_cpu on(pool);`
///
/// The calling thread takes part. The others sleep from 20 us after a run on, since the model's own threads need the processor
/// meanwhile. One pool may serve many samplers; runs from several threads take turns.
/// A run from inside a part of the same pool, as of a sampler on the pool that serves several samplers side by side, is done
/// by the thread that calls it: the others have parts of their own.
/// Bits     parts are done in the floating-point mode of the calling thread (rounding, small numbers as zero)
/// Two pools  whose parts run each other must not be called from two threads at once: each would wait for the other's turn
/// Errors   refuses zero threads; where a thread cannot be started, throws std::system_error once those started have ended.
///          What a part throws comes out of `run` once all parts are done (of several one, the first to arrive), and the pool
///          can be used as before; out of a run from inside a part it comes at once, and parts after it are not done
class thread_pool {
 public:
  explicit thread_pool(std::size_t threads = default_threads()) {
    if (threads == 0) raise(detail::refuse(errc::bad_call, "thread_pool: threads is 0, needs at least 1"));
    workers_.reserve(threads - 1);
    const std::exception_ptr failed = detail::thrown_by([&] {
      for (std::size_t k = 1; k < threads; ++k) workers_.emplace_back([this] { work(); });
    });
    if (!failed) return;
    end_workers();
    std::rethrow_exception(failed);
  }
  thread_pool(const thread_pool&) = delete;
  thread_pool& operator=(const thread_pool&) = delete;
  ~thread_pool() { end_workers(); }

  std::size_t threads() const { return workers_.size() + 1; }

  template <class F>
  void run(std::size_t parts, F&& f) {
    if (is_inside() || parts >= most_parts) {  // its turn would never come; or nobody counts that far
      for (std::size_t k = 0; k < parts; ++k) f(k);
      return;
    }
    const std::lock_guard turn(turns_);
    {
      const std::lock_guard lock(mutex_);
      job_ = {[](void* what, std::size_t part) { (*static_cast<std::remove_reference_t<F>*>(what))(part); }, const_cast<void*>(static_cast<const void*>(&f)), {this, inside_}, detail::float_mode::of_this_thread(), nullptr};
      unfinished_.store(parts, std::memory_order_relaxed);
      left_.store(parts, std::memory_order_release);
    }
    wake_.notify_all();
    while (take(end::front)) {}
    wait_for_others();
    if (const std::exception_ptr thrown = std::exchange(job_.thrown, nullptr)) std::rethrow_exception(thrown);
  }

 private:
  /// The pools in whose parts a thread is, innermost first.
  struct nesting {
    const thread_pool* pool = nullptr;
    const nesting* outer = nullptr;
  };
  struct job {
    void (*call)(void*, std::size_t) = nullptr;
    void* what = nullptr;
    nesting place;  // where the caller is counts for the workers as well: it waits there until they are done
    detail::float_mode mode{};
    std::exception_ptr thrown;
  };
  enum class end { front, back };
  static constexpr std::uint64_t most_parts = std::uint64_t{1} << 32;

  void end_workers() {
    {
      const std::lock_guard lock(mutex_);
      ends_ = true;
    }
    wake_.notify_all();
    for (std::thread& w : workers_) w.join();
  }

  static constexpr bool is_empty(std::uint64_t left) { return left / most_parts == left % most_parts; }

  static std::size_t default_threads() { return std::thread::hardware_concurrency() == 0 ? 1 : std::thread::hardware_concurrency(); }

  bool is_inside() const {
    for (const nesting* n = inside_; n; n = n->outer)
      if (n->pool == this) return true;
    return false;
  }

  /// Does one part, if there is one left. The caller begins at the front and the others at the back: from run to run most
  /// parts stay in the caches of the same processor. No lock: who waits for one sleeps longer than a part takes.
  bool take(end from) {
    std::uint64_t left = left_.load(std::memory_order_relaxed);
    do
      if (is_empty(left)) return false;
    while (!left_.compare_exchange_weak(left, from == end::front ? left + most_parts : left - 1, std::memory_order_acquire));
    const std::size_t part = static_cast<std::size_t>(from == end::front ? left / most_parts : left % most_parts - 1);
    const nesting* const before = std::exchange(inside_, &job_.place);
    std::exception_ptr thrown = detail::thrown_by([&] {
      if (from == end::front) job_.call(job_.what, part);
      else job_.mode.call([&] { job_.call(job_.what, part); });
    });
    inside_ = before;
    if (thrown) {
      const std::lock_guard lock(mutex_);
      if (!job_.thrown) job_.thrown = std::move(thrown);
    }
    if (unfinished_.fetch_sub(1, std::memory_order_acq_rel) == 1 && from == end::back) {
      { const std::lock_guard lock(mutex_); }  // the caller is either asleep by now or has seen the number
      done_.notify_one();
    }
    return true;
  }
  /// Looks on for a while whether something happens: to be woken takes longer than most of what is waited for.
  template <class Claim>
  static bool happens_within(std::chrono::microseconds patience, Claim has_happened) {
    const auto end = std::chrono::steady_clock::now() + patience;
    while (!has_happened()) {
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::yield();
    }
    return true;
  }
  void wait_for_others() {
    const auto are_done = [this] { return unfinished_.load(std::memory_order_acquire) == 0; };
    if (happens_within(std::chrono::microseconds(100), are_done)) return;
    std::unique_lock lock(mutex_);
    done_.wait(lock, are_done);
  }
  void work() {
    for (;;) {
      while (take(end::back)) {}
      if (happens_within(std::chrono::microseconds(20), [this] { return !is_empty(left_.load(std::memory_order_relaxed)); })) continue;
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return ends_ || !is_empty(left_.load(std::memory_order_relaxed)); });
      if (ends_) return;
    }
  }

  inline static thread_local const nesting* inside_ = nullptr;

  std::vector<std::thread> workers_;
  std::mutex turns_, mutex_;
  std::condition_variable wake_, done_;
  job job_;
  std::atomic<std::uint64_t> left_ = 0;  ///< parts [first, last) are left to take: first * most_parts + last
  std::atomic<std::size_t> unfinished_ = 0;
  bool ends_ = false;
};

static_assert(executor<thread_pool>);

}  // namespace diffode
