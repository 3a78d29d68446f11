// SPDX-License-Identifier: MIT
#pragma once

#include "hand_loops.hpp"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>
#include <utility>

/// Arrays with operators, the way samplers are written over a tensor class: each operator is one pass, and its result a new
/// array. Memory comes from the heap as it is; what frees and takes it again finds it warm.
namespace diffode_bench::textbook {

template <class E>
class tensor {
 public:
  using N = hand::number<E>;

  tensor() = default;
  explicit tensor(std::size_t size) : values_(std::make_unique_for_overwrite<E[]>(size)), size_(size) {}
  explicit tensor(std::span<const E> from) : tensor(from.size()) { std::copy(from.begin(), from.end(), values_.get()); }
  tensor(const tensor& o) : tensor(std::span<const E>(o.values_.get(), o.size_)) {}
  tensor(tensor&&) noexcept = default;
  tensor& operator=(tensor&&) noexcept = default;
  tensor& operator=(const tensor& o) { return *this = tensor(o); }
  ~tensor() = default;

  std::size_t size() const { return size_; }
  explicit operator bool() const { return size_ > 0; }
  N operator[](std::size_t i) const { return hand::load(values_[i]); }

  friend tensor operator+(const tensor& a, const tensor& b) { return of(a, b, [](N u, N v) { return u + v; }); }
  friend tensor operator-(const tensor& a, const tensor& b) { return of(a, b, [](N u, N v) { return u - v; }); }
  friend tensor operator*(double c, const tensor& a) { return of(a, [k = static_cast<N>(c)](N u) { return k * u; }); }
  friend tensor operator/(const tensor& a, double c) { return of(a, [k = static_cast<N>(c)](N u) { return u / k; }); }

 private:
  template <class F>
  static tensor of(const tensor& a, F f) {
    tensor out(a.size_);
    const E* __restrict u = a.values_.get();
    E* __restrict to = out.values_.get();
    for (std::size_t i = 0; i < a.size_; ++i) hand::store(to[i], f(hand::load(u[i])));
    return out;
  }
  template <class F>
  static tensor of(const tensor& a, const tensor& b, F f) {
    tensor out(a.size_);
    const E *__restrict u = a.values_.get(), *__restrict v = b.values_.get();
    E* __restrict to = out.values_.get();
    for (std::size_t i = 0; i < a.size_; ++i) hand::store(to[i], f(hand::load(u[i]), hand::load(v[i])));
    return out;
  }

  std::unique_ptr<E[]> values_;
  std::size_t size_ = 0;
};

}  // namespace diffode_bench::textbook
