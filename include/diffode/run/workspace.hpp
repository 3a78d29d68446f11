// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/concept/backend.hpp"
#include "diffode/detail/shared.hpp"
#include "diffode/tape/plan.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace diffode {

/// A plan that many samplers run, from any thread.
class shared_plan {
 public:
  shared_plan(plan made) : held_(detail::shared<plan>::make<plan>(std::move(made))) {}
  const plan& operator*() const { return *held_; }
  const plan* operator->() const { return &*held_; }

 private:
  detail::shared<plan> held_;
};

/// A run in the middle: how far it is and what its arrays hold.
template <class T>
struct saved_run {
  std::size_t at = 0;               ///< instruction of the plan
  std::uint64_t plan = 0;           ///< fingerprint of the plan
  std::vector<std::vector<T>> slots;
};

namespace detail {

/// Lets `on` do one combine of a plan; slots and outputs are arrays, in and out have room for its pointers.
template <class T, class Slots, class Outputs, class Backend, class Noise>
void combine_slots(const plan& p, const instruction& i, const Slots& slots, const Outputs& outputs, std::size_t size, std::size_t sample_size,
                   std::vector<source<T>>& in, std::vector<T*>& out, Backend& on, const Noise& noise) {
  in.clear();
  out.clear();
  for (const operand& o : p.inputs(i)) {
    const std::size_t n = static_cast<std::size_t>(o.index);
    const T* data = o.what == operand::kind::held ? slots[n] : o.what == operand::kind::output ? outputs[n] : nullptr;
    in.push_back({data, o.what == operand::kind::noise, static_cast<std::uint32_t>(o.index)});
  }
  for (const slot s : p.outputs(i)) out.push_back(slots[static_cast<std::size_t>(s)]);
  on.template combine<T>(combination<T>{out, in, p.coefficients(i), p.lanes(), size, sample_size}, noise);
}

}  // namespace detail

/// The arrays of one run: slot 0 is the caller's, the others are its own.
///
/// Shapes  plan.slots() arrays of `size` elements; size = batch * sample_size
template <class T>
class workspace {
 public:
  /// `memory`: bytes(plan, size) of the caller's, aligned for T, or nothing.
  workspace(shared_plan made, std::span<T> state, std::size_t batch, std::span<std::byte> memory)
      : plan_(std::move(made)), size_(state.size()), sample_size_(state.size() / batch) {
    T* rest = reinterpret_cast<T*>(memory.data());
    if (memory.empty()) {
      own_.resize(bytes(*plan_, size_) / sizeof(T));
      rest = own_.data();
    }
    slots_.push_back(state.data());
    for (int s = 1; s < plan_->slots(); ++s) slots_.push_back(rest + static_cast<std::size_t>(s - 1) * size_);
    std::size_t ins = 0, outs = 0;
    for (const instruction& i : plan_->instructions()) {
      ins = ins < static_cast<std::size_t>(i.ins) ? static_cast<std::size_t>(i.ins) : ins;
      outs = outs < static_cast<std::size_t>(i.outs) ? static_cast<std::size_t>(i.outs) : outs;
    }
    in_.reserve(ins);
    out_.reserve(outs);
  }

  workspace(workspace&&) noexcept = default;  // a copy would share arrays
  workspace& operator=(workspace&&) noexcept = default;

  /// Memory that a run needs besides the state.
  static std::size_t bytes(const diffode::plan& p, std::size_t size) {
    return static_cast<std::size_t>(p.slots() - 1) * size * sizeof(T);
  }

  /// Nothing, or why an array of this size can not be the state, or this memory not the rest.
  static fault check(const diffode::plan& p, const T* state, std::size_t size, std::size_t batch, std::span<const std::byte> memory) {
    using detail::refuse;
    if (size == 0) return refuse(errc::bad_shape, "sampler: size of x is 0, needs at least 1");
    if (batch == 0 || size % batch != 0)
      return refuse(errc::bad_shape, "sampler: batch is ", batch, ", needs a divisor of the size of x, ", size);
    const lane_map& l = p.lanes();
    if (l.count > 1 && (l.stride > size / l.count || size % (l.stride * l.count) != 0))
      return refuse(errc::bad_shape, "sampler: size of x is ", size, ", needs a multiple of ", l.count, " lanes x stride ", l.stride);
    if (!memory.empty() && memory.size() < bytes(p, size))
      return refuse(errc::bad_shape, "sampler: size of memory is ", memory.size(), " bytes, needs ", bytes(p, size));
    const auto at = [](const void* place) { return reinterpret_cast<std::uintptr_t>(place); };
    if (!memory.empty() && at(memory.data()) < at(state) + size * sizeof(T) && at(state) < at(memory.data()) + bytes(p, size))
      return refuse(errc::bad_shape, "sampler: memory overlaps x, needs memory of its own");
    if (reinterpret_cast<std::uintptr_t>(memory.data()) % alignof(T) != 0)
      return refuse(errc::bad_shape, "sampler: address of memory is ", reinterpret_cast<std::uintptr_t>(memory.data()), ", needs a multiple of ", alignof(T));
    return {};
  }

  const diffode::plan& plan() const { return *plan_; }
  std::size_t size() const { return size_; }
  std::size_t sample_size() const { return sample_size_; }
  std::span<T> slot(diffode::slot s) { return {slots_[static_cast<std::size_t>(s)], size_}; }
  std::span<const T> slot(diffode::slot s) const { return {slots_[static_cast<std::size_t>(s)], size_}; }

  /// One combine of the plan; `outputs` are the model's.
  template <class Outputs, class Backend, class Noise>
  void combine(const instruction& i, const Outputs& outputs, Backend& on, const Noise& noise) {
    detail::combine_slots<T>(*plan_, i, slots_, outputs, size_, sample_size_, in_, out_, on, noise);
  }

  saved_run<T> save(std::size_t at) const {
    saved_run<T> run{at, plan_->fingerprint(), {}};
    for (const T* s : slots_) run.slots.emplace_back(s, s + size_);
    return run;
  }
  /// Where a run can be between two feeds: at a call, or at the end.
  bool is_resting_place(std::size_t at) const {
    const auto code = plan_->instructions();
    return at == code.size() || (at < code.size() && code[at].what == operation::call);
  }
  fault check(const saved_run<T>& run) const {
    using detail::refuse;
    if (run.plan != plan_->fingerprint())
      return refuse(errc::bad_call, "restore: the saved run is of plan ", run.plan, ", needs one of this plan, ", plan_->fingerprint());
    if (!is_resting_place(run.at))
      return refuse(errc::bad_call, "restore: the saved run is at instruction ", run.at, ", needs one that waits for the model, or the end, ", plan_->instructions().size());
    if (run.slots.size() != slots_.size())
      return refuse(errc::bad_shape, "restore: number of saved arrays is ", run.slots.size(), ", needs ", slots_.size(), ", the slots of the plan");
    for (const std::vector<T>& s : run.slots)
      if (s.size() != size_) return refuse(errc::bad_shape, "restore: size of a saved array is ", s.size(), ", needs ", size_, ", the size of the state");
    return {};
  }
  void load(const saved_run<T>& run) {
    for (std::size_t s = 0; s < slots_.size(); ++s)
      for (std::size_t i = 0; i < size_; ++i) slots_[s][i] = run.slots[s][i];
  }

 private:
  shared_plan plan_;
  std::size_t size_, sample_size_;
  std::vector<T> own_;
  std::vector<T*> slots_;
  std::vector<source<T>> in_;
  std::vector<T*> out_;
};

}  // namespace diffode
