// SPDX-License-Identifier: MIT
#pragma once

#include <utility>
#if !defined(__GNUC__)
#include <atomic>
#endif

namespace diffode::detail {

/// How many references there are. What std::atomic<long> does; but in C++20 <atomic> brings in <string> and more, a
/// tenth of a second in every file that includes a grid.
class user_count {
 public:
#if defined(__GNUC__)
  void add() { __atomic_fetch_add(&users_, 1, __ATOMIC_RELAXED); }
  /// Whether that was the last one.
  bool drop() { return __atomic_fetch_sub(&users_, 1, __ATOMIC_ACQ_REL) == 1; }

 private:
  long users_ = 1;
#else
  void add() { users_.fetch_add(1, std::memory_order_relaxed); }
  bool drop() { return users_.fetch_sub(1, std::memory_order_acq_rel) == 1; }

 private:
  std::atomic<long> users_{1};
#endif
};

/// A counted reference to an object that never changes, or sees to it itself that threads may use it. Safe to copy and drop from any thread.
///
/// std::shared_ptr would do; <memory> alone costs half of what the umbrella header may cost to include.
template <class T>
class shared {
 public:
  template <class U, class... Args>
  static shared make(Args&&... args) {
    auto* held = new holder<U>(std::forward<Args>(args)...);
    return shared(held, &held->object);
  }
  shared(const shared& other) noexcept : counted_(other.counted_), object_(other.object_) {
    counted_->users.add();
  }
  shared& operator=(shared other) noexcept {
    std::swap(counted_, other.counted_);
    std::swap(object_, other.object_);
    return *this;
  }
  ~shared() {
    if (counted_->users.drop()) delete counted_;
  }
  const T& operator*() const { return *object_; }
  const T* operator->() const { return object_; }

 private:
  struct counted {
    user_count users;
    virtual ~counted() = default;
  };
  template <class U>
  struct holder final : counted {
    template <class... Args>
    explicit holder(Args&&... args) : object(std::forward<Args>(args)...) {}
    U object;
  };
  shared(counted* c, const T* object) : counted_(c), object_(object) {}
  counted* counted_;
  const T* object_;
};

}  // namespace diffode::detail
