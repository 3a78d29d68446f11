// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/detail/overlap.hpp"
#include "diffode/run/sampler.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace diffode::detail {

/// What combines are handed that draw no noise.
struct no_noise {
  template <class F>
  void fill(std::uint32_t, std::uint32_t, std::uint64_t, std::span<F>) const {}
};

/// The arrays of a run that is planned step by step, array 0 the caller's. Slots of each step's plan stand for them by a
/// table, so that a result becomes an input without being copied.
///
/// Memory  all arrays are taken by provide; nothing is allocated after that
template <class T, class Backend>
class step_arrays {
 public:
  step_arrays(std::span<T> state, std::size_t batch, Backend on) : backend_(std::move(on)), size_(state.size()), sample_size_(state.size() / batch) {
    arrays_.push_back(state.data());
  }

  /// Nothing, or why an array of this size can not be the state.
  static fault check(std::string_view who, std::size_t size, std::size_t batch) {
    if (size == 0) return refuse(errc::bad_shape, who, ": size of x is 0, needs at least 1");
    if (batch == 0 || size % batch != 0) return refuse(errc::bad_shape, who, ": batch is ", batch, ", needs a divisor of the size of x, ", size);
    return {};
  }

  /// Takes all arrays, `most` with the state, from the caller's memory, the backend's where only that reaches them, or its own.
  fault provide(std::string_view who, std::size_t most, std::span<std::byte> memory) {
    const std::size_t bytes = (most - 1) * size_ * sizeof(T);
    if constexpr (requires { backend_.try_reserve(std::size_t{}); })
      if (memory.empty() && bytes > 0) {
        const result<std::span<std::byte>> taken = backend_.try_reserve(bytes);
        if (!taken) return taken.reason();
        memory = taken.value();
      }
    const auto at = [](const void* place) { return reinterpret_cast<std::uintptr_t>(place); };
    if (!memory.empty() && memory.size() < bytes) return refuse(errc::bad_shape, who, ": size of memory is ", memory.size(), " bytes, needs ", bytes);
    if (!memory.empty() && overlaps(memory.data(), bytes, arrays_[0], size_ * sizeof(T)))
      return refuse(errc::bad_shape, who, ": memory overlaps x, needs memory of its own");
    if (at(memory.data()) % alignof(T) != 0) return refuse(errc::bad_shape, who, ": address of memory is ", at(memory.data()), ", needs a multiple of ", alignof(T));
    T* rest = reinterpret_cast<T*>(memory.data());
    if (memory.empty()) own_.resize((most - 1) * size_), rest = own_.data();
    for (std::size_t k = 1; k < most; ++k) arrays_.push_back(rest + (k - 1) * size_);
    roles_.resize(most);
    slots_.resize(most);
    in_.reserve(most_inputs);
    out_.reserve(most_outputs);
    return {};
  }

  /// From here on slot k stands for array first[k], and the other slots for the other arrays.
  void cast(std::span<const int> first) {
    std::size_t next = 0;
    for (const int array : first) roles_[next++] = array;
    for (int a = 0; a < static_cast<int>(roles_.size()); ++a) {
      bool is_free = true;
      for (const int array : first) is_free = is_free && a != array;
      if (is_free) roles_[next++] = a;
    }
    for (std::size_t k = 0; k < roles_.size(); ++k) slots_[k] = {arrays_[static_cast<std::size_t>(roles_[k])], element_type<T>};
  }
  int array_of(slot s) const { return s < 0 ? -1 : roles_[static_cast<std::size_t>(s)]; }

  std::size_t count() const { return arrays_.size(); }
  std::size_t size() const { return size_; }
  std::size_t sample_size() const { return sample_size_; }
  Backend& backend() { return backend_; }
  std::span<T> slot_data(slot s) { return {static_cast<T*>(slots_[static_cast<std::size_t>(s)].data), size_}; }
  std::span<const T> slot_data(slot s) const { return {static_cast<const T*>(slots_[static_cast<std::size_t>(s)].data), size_}; }
  std::span<T> array(int a) { return {arrays_[static_cast<std::size_t>(a)], size_}; }

  void answer(std::span<const std::span<const T>> outputs) {
    for (std::size_t k = 0; k < outputs.size(); ++k) answer_[k] = outputs[k].data();
  }
  template <class Noise>
  void combine(const plan& p, const instruction& i, const Noise& noise) {
    combine_slots<T>(p, i, slots_, answer_, element_type<T>, size_, sample_size_, in_, out_, backend_, noise);
  }
  template <class Filter>
  void filter(const plan& p, const instruction& i, Filter& limit) {
    limit(std::as_const(*this).slot_data(p.inputs(i)[0].index), slot_data(p.outputs(i)[0]), filter_call{p.levels(i.tag), sample_size_});
  }
  void copy(int from, int to) {
    constexpr double whole = 1;
    const source in{arrays_[static_cast<std::size_t>(from)], element_type<T>, false, 0};
    const sink out{arrays_[static_cast<std::size_t>(to)], element_type<T>};
    backend_.template combine<T>(combination<T>{{&out, 1}, {&in, 1}, {&whole, 1}, {}, size_, sample_size_}, no_noise{});
  }

 private:
  Backend backend_;
  std::size_t size_, sample_size_;
  std::vector<T*> arrays_;
  std::vector<slot_memory> slots_;
  std::vector<int> roles_;
  std::vector<T> own_;
  std::vector<source> in_;
  std::vector<sink> out_;
  std::array<const T*, max_outputs> answer_{};
};

}  // namespace diffode::detail
