// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/concept/executor.hpp"
#include "diffode/core/error.hpp"
#include "diffode/detail/thrown_by.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <mutex>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace diffode {

/// Threads of one's own for the processor backend: `diffode::thread_pool pool(4); diffode::basic_cpu on(pool);`
///
/// The calling thread takes part. The others sleep between two runs, since the model's own threads need the processor
/// meanwhile. One pool may serve many samplers; runs from several threads take turns.
/// A run from inside a part of the same pool, as of a sampler on the pool that serves several samplers side by side, is done
/// by the thread that calls it: the others have parts of their own.
/// Errors   refuses zero threads; starting threads may throw std::system_error. What a part throws comes out of `run` once
///          all parts are done (of several one, the first to arrive), and the pool can be used as before
class thread_pool {
 public:
  explicit thread_pool(std::size_t threads = default_threads()) {
    if (threads == 0) raise(detail::refuse(errc::bad_call, "thread_pool: threads is 0, needs at least 1"));
    workers_.reserve(threads - 1);
    for (std::size_t k = 1; k < threads; ++k) workers_.emplace_back([this] { work(); });
  }
  thread_pool(const thread_pool&) = delete;
  thread_pool& operator=(const thread_pool&) = delete;
  ~thread_pool() {
    {
      const std::lock_guard lock(mutex_);
      ends_ = true;
    }
    wake_.notify_all();
    for (std::thread& w : workers_) w.join();
  }

  std::size_t threads() const { return workers_.size() + 1; }

  template <class F>
  void run(std::size_t parts, F&& f) {
    if (is_inside()) {  // its turn would never come
      for (std::size_t k = 0; k < parts; ++k) f(k);
      return;
    }
    const std::lock_guard turn(turns_);
    std::unique_lock lock(mutex_);
    job_ = {[](void* what, std::size_t part) { (*static_cast<std::remove_reference_t<F>*>(what))(part); }, const_cast<void*>(static_cast<const void*>(&f)), 0, parts, parts,
            {this, inside_}, nullptr};
    wake_.notify_all();
    while (take(lock, true)) {}
    wait_for_others(lock);
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
    std::size_t first = 0, last = 0, unfinished = 0;  ///< parts [first, last) are left to take
    nesting place;  // where the caller is counts for the workers as well: it waits there until they are done
    std::exception_ptr thrown;
  };

  static std::size_t default_threads() { return std::thread::hardware_concurrency() == 0 ? 1 : std::thread::hardware_concurrency(); }

  bool is_inside() const {
    for (const nesting* n = inside_; n; n = n->outer)
      if (n->pool == this) return true;
    return false;
  }

  /// Does one part, if there is one left. Parts are few and large, so a lock for each costs nothing. The caller begins at the
  /// front and the others at the back: from run to run most parts stay in the caches of the same processor.
  bool take(std::unique_lock<std::mutex>& lock, bool from_front) {
    if (job_.first == job_.last) return false;
    const std::size_t part = from_front ? job_.first++ : --job_.last;
    lock.unlock();
    const nesting* const before = std::exchange(inside_, &job_.place);
    std::exception_ptr thrown = detail::thrown_by([&] { job_.call(job_.what, part); });
    inside_ = before;
    lock.lock();
    if (!job_.thrown) job_.thrown = std::move(thrown);
    if (--job_.unfinished == 0) done_.notify_one();
    return true;
  }
  /// Others are at work on their last parts, which mostly end sooner than this thread would be woken: it looks on for a while
  /// before it sleeps.
  void wait_for_others(std::unique_lock<std::mutex>& lock) {
    const auto patience = std::chrono::steady_clock::now() + std::chrono::microseconds(100);
    while (job_.unfinished != 0 && std::chrono::steady_clock::now() < patience) {
      lock.unlock();
      std::this_thread::yield();
      lock.lock();
    }
    done_.wait(lock, [this] { return job_.unfinished == 0; });
  }
  void work() {
    std::unique_lock lock(mutex_);
    while (!ends_)
      if (!take(lock, false)) wake_.wait(lock, [this] { return ends_ || job_.first != job_.last; });
  }

  inline static thread_local const nesting* inside_ = nullptr;

  std::vector<std::thread> workers_;
  std::mutex turns_, mutex_;
  std::condition_variable wake_, done_;
  job job_;
  bool ends_ = false;
};

static_assert(executor<thread_pool>);

}  // namespace diffode
