// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/concept/backend.hpp"
#include "diffode/detail/overlap.hpp"
#include "diffode/detail/shared.hpp"
#include "diffode/run/compile.hpp"
#include "diffode/tape/plan.hpp"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>
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

/// A run in the middle: how far it is and what its arrays hold, byte by byte.
template <class T>
struct saved_run {
  std::size_t at = 0;      ///< instruction of the plan
  std::uint64_t plan = 0;  ///< fingerprint of the plan
  std::vector<std::vector<std::byte>> slots;
  std::vector<element> types;  ///< of the slots
};

/// What diffode keeps predictions and intermediate states of a run in: float for states of 16 bits, so that rounding does
/// not add up from step to step; otherwise the state's own type.
template <elemental State>
using default_history = std::conditional_t<sizeof(State) == 2, float, State>;

namespace detail {

template <class T, class... More>
struct mix_of {
  static constexpr bool in_double = ((element_type<T> == element::f64) || ... || (element_type<More> == element::f64));
  using type = std::conditional_t<(std::same_as<T, More> && ...), T, mixed<std::conditional_t<in_double, double, float>>>;
};

/// An array of a run, with its element type.
struct slot_memory {
  void* data;
  element type;
};

/// The noise of a stream as an input of a combine of T: where it lies, if the kernel can read it there, or as something to
/// be made.
template <class T, class Noise>
source noise_input(const Noise& noise, std::uint32_t stream) {
  if constexpr (requires { noise.array(stream).data(); }) {
    using E = std::remove_cvref_t<decltype(*noise.array(stream).data())>;
    constexpr bool is_mixed = !elemental<T>;
    if constexpr (elemental<E>)
      if constexpr (std::same_as<E, T> || (is_mixed && sizeof(E) <= sizeof(typename arithmetic_in<T>::type))) return {noise.array(stream).data(), element_type<E>, false, 0};
  }
  return {nullptr, element::f32, true, stream};
}

/// Lets `on` do one combine of a plan; outputs are the model's arrays, in and out have room for its arrays.
template <class T, class Slots, class Outputs, class Backend, class Noise>
void combine_slots(const plan& p, const instruction& i, const Slots& slots, const Outputs& outputs, element model, std::size_t size, std::size_t sample_size,
                   std::vector<source>& in, std::vector<sink>& out, Backend& on, const Noise& noise) {
  in.clear();
  out.clear();
  for (const operand& o : p.inputs(i)) {
    const std::size_t n = static_cast<std::size_t>(o.index);
    if (o.what == operand::kind::held) in.push_back({slots[n].data, slots[n].type, false, 0});
    else if (o.what == operand::kind::output) in.push_back({outputs[n], model, false, 0});
    else if (o.what == operand::kind::noise) in.push_back(noise_input<T>(noise, static_cast<std::uint32_t>(o.index)));
    else in.push_back({nullptr, element::f32, false, 0});
  }
  for (const slot s : p.outputs(i)) out.push_back({slots[static_cast<std::size_t>(s)].data, slots[static_cast<std::size_t>(s)].type});
  on.template combine<T>(combination<T>{out, in, p.coefficients(i), p.lanes(), size, sample_size}, noise);
}

/// memcpy, or what the backend has in its place where only it reaches the arrays.
template <class Backend>
void copy_bytes(const Backend& on, void* to, const void* from, std::size_t bytes) {
  if constexpr (requires { on.copy(to, from, bytes); }) on.copy(to, from, bytes);
  else std::memcpy(to, from, bytes);
}

}  // namespace detail

/// The arrays of one run: slot 0 is the caller's, the others are its own. What the caller hands over is of type State, the
/// model's input, where it has a slot to itself, of type Model, everything else of type History.
///
/// Shapes  plan.slots() arrays of `size` elements; size = batch * sample_size
template <class State, class History = State, class Model = State>
class workspace {
 public:
  /// What a combine of these arrays computes with (see concept/backend.hpp).
  using elements = typename detail::mix_of<State, History, Model>::type;

  /// `memory`: bytes(plan, size) of the caller's, aligned for the largest element, or nothing.
  workspace(shared_plan made, std::span<State> state, std::size_t batch, std::span<std::byte> memory)
      : plan_(std::move(made)), size_(state.size()), sample_size_(state.size() / batch) {
    std::byte* rest = memory.data();
    if (memory.empty() && plan_->slots() > 1) {
      // As far from the start of a cache line as the state is, where all types can be: one kernel goes through all of them.
      own_.resize(bytes(*plan_, size_) + line);
      const auto at = [](const void* place) { return reinterpret_cast<std::uintptr_t>(place) % line; };
      rest = own_.data() + (at(state.data()) / alignment * alignment + line - at(own_.data())) % line;
    }
    slots_.push_back({state.data(), element_type<State>});
    for (int s = 1; s < plan_->slots(); ++s) {
      slots_.push_back({rest, type_of(*plan_, s)});
      rest += bytes_of_slot(*plan_, s, size_);
    }
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

  /// Memory that a run needs besides the state: whole cache lines for each array.
  static std::size_t bytes(const diffode::plan& p, std::size_t size) {
    std::size_t all = 0;
    for (int s = 1; s < p.slots(); ++s) all += bytes_of_slot(p, s, size);
    return all;
  }

  /// Nothing, or why an array of this size can not be the state, or this memory not the rest.
  static fault check(const diffode::plan& p, const State* state, std::size_t size, std::size_t batch, std::span<const std::byte> memory) {
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
    if (!memory.empty() && detail::overlaps(memory.data(), bytes(p, size), state, size * sizeof(State)))
      return refuse(errc::bad_shape, "sampler: memory overlaps x, needs memory of its own");
    if (at(memory.data()) % alignment != 0)
      return refuse(errc::bad_shape, "sampler: address of memory is ", at(memory.data()), ", needs a multiple of ", alignment);
    return {};
  }

  /// What a plan needs for arrays of these types, besides what `o` asks for, and nothing or why a plan has it not.
  static compile_options planned(compile_options o) {
    o.own_input = o.own_input || !std::same_as<State, Model>;
    o.own_state = o.own_state || !std::same_as<State, History>;
    return o;
  }
  static fault check_types(const diffode::plan& p) {
    using detail::refuse;
    if (const double most = largest(element_type<typename detail::arithmetic_in<elements>::type>); p.largest_coefficient() > most)
      return refuse(errc::bad_shape, "sampler: the largest coefficient of the plan is ", p.largest_coefficient(), ", needs one that is finite in the arithmetic for x, at most ", most);
    if (!std::same_as<State, Model> && p.input_slot() < 0)
      return refuse(errc::bad_shape, "sampler: the model's element type is ", name_of(element_type<Model>), " and that of x ", name_of(element_type<State>),
                    ", needs a plan that was compiled with own_input = true, see sampler<...>::planned");
    if (!std::same_as<State, History> && !p.own_state())
      return refuse(errc::bad_shape, "sampler: the element type of the history is ", name_of(element_type<History>), " and that of x ", name_of(element_type<State>),
                    ", needs a plan that was compiled with own_state = true, see sampler<...>::planned");
    return {};
  }

  const diffode::plan& plan() const { return *plan_; }
  std::size_t size() const { return size_; }
  std::size_t sample_size() const { return sample_size_; }
  /// The array in a slot; T must be the type that its role gives it.
  template <class T = State>
  std::span<T> slot(diffode::slot s) {
    return {static_cast<T*>(slots_[static_cast<std::size_t>(s)].data), size_};
  }
  template <class T = State>
  std::span<const T> slot(diffode::slot s) const {
    return {static_cast<const T*>(slots_[static_cast<std::size_t>(s)].data), size_};
  }

  /// One combine of the plan; `outputs` are the model's.
  template <class Outputs, class Backend, class Noise>
  void combine(const instruction& i, const Outputs& outputs, Backend& on, const Noise& noise) {
    detail::combine_slots<elements>(*plan_, i, slots_, outputs, element_type<Model>, size_, sample_size_, in_, out_, on, noise);
  }

  template <class Backend>
  saved_run<State> save(std::size_t at, const Backend& on) const {
    saved_run<State> run{at, plan_->fingerprint(), {}, {}};
    for (const detail::slot_memory& s : slots_) {
      run.slots.emplace_back(size_ * bytes_of(s.type));
      run.types.push_back(s.type);
      detail::copy_bytes(on, run.slots.back().data(), s.data, run.slots.back().size());
    }
    return run;
  }
  /// Where a run can be between two feeds: at a call, or at the end.
  bool is_resting_place(std::size_t at) const {
    const auto code = plan_->instructions();
    return at == code.size() || (at < code.size() && code[at].what == operation::call);
  }
  fault check(const saved_run<State>& run) const {
    using detail::refuse;
    if (run.plan != plan_->fingerprint())
      return refuse(errc::bad_call, "restore: the saved run is of plan ", run.plan, ", needs one of this plan, ", plan_->fingerprint());
    if (!is_resting_place(run.at))
      return refuse(errc::bad_call, "restore: the saved run is at instruction ", run.at, ", needs one that waits for the model, or the end, ", plan_->instructions().size());
    if (run.slots.size() != slots_.size() || run.types.size() != slots_.size())
      return refuse(errc::bad_shape, "restore: number of saved arrays is ", run.slots.size(), ", needs ", slots_.size(), ", the slots of the plan");
    for (std::size_t s = 0; s < slots_.size(); ++s)
      if (run.types[s] != slots_[s].type)
        return refuse(errc::bad_shape, "restore: saved array ", s, " is of ", name_of(run.types[s]), ", needs ", name_of(slots_[s].type), ", as in the sampler that saved it");
    for (std::size_t s = 0; s < slots_.size(); ++s)
      if (run.slots[s].size() != size_ * bytes_of(slots_[s].type))
        return refuse(errc::bad_shape, "restore: size of saved array ", s, " is ", run.slots[s].size(), " bytes, needs ", size_ * bytes_of(slots_[s].type), ", ",
                      size_, " elements of ", name_of(slots_[s].type));
    return {};
  }
  template <class Backend>
  void load(const saved_run<State>& run, const Backend& on) {
    for (std::size_t s = 0; s < slots_.size(); ++s) detail::copy_bytes(on, slots_[s].data, run.slots[s].data(), run.slots[s].size());
  }
  /// The second state as a copy of the first.
  template <class Backend>
  void copy_to_partner(const Backend& on) {
    detail::copy_bytes(on, slots_[1].data, slots_[0].data, size_ * bytes_of(slots_[0].type));
  }

 private:
  static constexpr std::size_t line = 64;
  static constexpr std::size_t alignment = [] {
    std::size_t most = alignof(State);
    for (const std::size_t a : {alignof(History), alignof(Model)}) most = a > most ? a : most;
    return most;
  }();

  static element type_of(const diffode::plan& p, diffode::slot s) {
    const slot_role role = p.role(s);
    return role == slot_role::input ? element_type<Model> : role == slot_role::history ? element_type<History> : element_type<State>;
  }
  static std::size_t bytes_of_slot(const diffode::plan& p, diffode::slot s, std::size_t size) {
    return (size * bytes_of(type_of(p, s)) + line - 1) / line * line;
  }

  shared_plan plan_;
  std::size_t size_, sample_size_;
  std::vector<std::byte> own_;
  std::vector<detail::slot_memory> slots_;
  std::vector<source> in_;
  std::vector<sink> out_;
};

}  // namespace diffode
