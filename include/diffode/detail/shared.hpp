// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <utility>

namespace diffode::detail {

/// A counted reference to an object that never changes. Safe to copy and drop from any thread.
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
    counted_->users.fetch_add(1, std::memory_order_relaxed);
  }
  shared& operator=(shared other) noexcept {
    std::swap(counted_, other.counted_);
    std::swap(object_, other.object_);
    return *this;
  }
  ~shared() {
    if (counted_->users.fetch_sub(1, std::memory_order_acq_rel) == 1) delete counted_;
  }
  const T& operator*() const { return *object_; }
  const T* operator->() const { return object_; }

 private:
  struct counted {
    std::atomic<long> users{1};
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
