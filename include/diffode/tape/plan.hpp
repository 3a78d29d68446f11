// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/concept/noise_source.hpp"
#include "diffode/tape/tape.hpp"

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace diffode {

/// A place for one array of the state's size. Slot 0 is the caller's own memory.
using slot = int;

/// What a slot holds, which decides on its element type: the state, and the second state of methods that have one, as the
/// caller keeps them; what the model reads; everything else.
enum class slot_role : std::uint8_t { state, partner, input, history };

/// One input of a combine.
struct operand {
  enum class kind : std::uint8_t { held, output, noise, one };
  kind what;
  int index;  ///< slot, model output or noise stream
  friend bool operator==(const operand&, const operand&) = default;
};

/// call     the model is wanted, on slot `out`
/// combine  out_r[i] = sum_k c[r][k][lane(i)] * in_k[i]; every input is read before any output is written, element by
///          element, so that outputs may overwrite inputs that die here
/// filter   a user function on one prediction, from slot `in` to slot `out`
/// watch    somebody wants to see slot `out`; no work
/// measure  how far apart two results are: slots `out` hold them and what scales the error (see concept/backend.hpp)
enum class operation : std::uint8_t { call, combine, filter, watch, measure };

struct instruction {
  operation what;
  int first_in = 0, ins = 0;    ///< operands of a combine or filter
  int first_out = 0, outs = 0;  ///< slots
  int coefficients = 0;         ///< where the coefficients of a combine start
  int tag = 0;                  ///< evaluation of a call or filter; what is watched
  int point = 0;                ///< watch: point of the grid
};

/// A run with all its coefficients, ready for any array: immutable, made once, shared by as many samplers as you like.
///
/// Shapes  levels and labels: one per lane for each evaluation. Coefficients: outs x ins x lanes for each combine.
class plan {
 public:
  std::span<const instruction> instructions() const { return {instructions_.data(), instructions_.size()}; }
  std::span<const operand> inputs(const instruction& i) const { return part(operands_, i.first_in, i.ins); }
  std::span<const slot> outputs(const instruction& i) const { return part(slots_, i.first_out, i.outs); }
  /// Coefficients of a combine, in the order row, term, lane: neighbouring lanes lie side by side, as neighbouring elements do.
  std::span<const double> coefficients(const instruction& i) const {
    return {coefficients_.data() + i.coefficients, lanes_.count * static_cast<std::size_t>(i.outs) * static_cast<std::size_t>(i.ins)};
  }
  /// Evaluation number k; its level is that of lane 0.
  const evaluation<>& call(int k) const { return calls_[static_cast<std::size_t>(k)]; }
  /// The level of evaluation k in every lane.
  std::span<const level<>> levels(int k) const {
    return {levels_.data() + static_cast<std::size_t>(k) * lanes_.count, lanes_.count};
  }

  std::string_view method() const { return method_; }
  int steps() const { return steps_; }
  int calls() const { return static_cast<int>(calls_.size()); }          ///< model evaluations
  int kernels() const { return count(operation::combine); }              ///< passes over the state
  int filters() const { return count(operation::filter); }
  int watches() const { return count(operation::watch); }                ///< how often a watcher is shown something
  int slots() const { return slot_count_; }                              ///< arrays alive at once, the caller's own among them
  /// The slot that every evaluation reads and nothing else does; -1 in plans without (see compile_options::own_input).
  slot input_slot() const { return input_slot_; }
  /// Whether slot 0 holds nothing but the state (see compile_options::own_state).
  bool own_state() const { return own_state_; }
  slot_role role(slot s) const {
    if (s == 0) return slot_role::state;
    if (s == input_slot_) return slot_role::input;
    return s == 1 && paired_ ? slot_role::partner : slot_role::history;
  }
  int noises() const { return static_cast<int>(noises_.size() / lanes_.count); }  ///< noise arrays that the run may draw
  bool uses_noise() const { return !noises_.empty(); }
  /// Whether any of these arrays counts: a method may ask for noise and then give it no weight.
  bool draws_noise() const {
    for (const operand& o : operands_)
      if (o.what == operand::kind::noise) return true;
    return false;
  }
  /// Whether a second state travels in slot 1.
  bool paired() const { return paired_; }
  /// What the noise arrays are increments of, streams x lanes.
  std::span<const noise_interval> noise_intervals() const { return {noises_.data(), noises_.size()}; }
  int model_outputs() const { return model_outputs_; }
  const lane_map& lanes() const { return lanes_; }
  /// The coefficient of largest size: how much the rounding of a stored array can be amplified.
  double largest_coefficient() const {
    double most = 0;
    for (const double c : coefficients_) most = std::fmax(most, std::abs(c));
    return most;
  }
  /// Which model the plan was made for, as a number (see run/compile.hpp), and the same plan with that number.
  std::uint64_t model() const { return model_; }
  plan made_for(std::uint64_t model) && {
    model_ = model;
    return std::move(*this);
  }

  /// A number that two plans share only if they do the same and tell the model the same (FNV-1a over instructions,
  /// coefficients, lanes and labels).
  std::uint64_t fingerprint() const {
    std::uint64_t hash = 0xcbf29ce484222325u;
    const auto mix = [&](std::uint64_t word) { hash = (hash ^ word) * 0x100000001b3u; };
    for (const instruction& i : instructions_) mix(static_cast<std::uint64_t>(i.what) << 32 | static_cast<std::uint32_t>(i.tag));
    for (const operand& o : operands_) mix(static_cast<std::uint64_t>(o.what) << 32 | static_cast<std::uint32_t>(o.index));
    for (const slot s : slots_) mix(static_cast<std::uint32_t>(s));
    for (const double c : coefficients_) mix(std::bit_cast<std::uint64_t>(c));
    for (const noise_interval& n : noises_) mix(std::bit_cast<std::uint64_t>(n.from)), mix(std::bit_cast<std::uint64_t>(n.to));
    for (const evaluation<>& e : calls_) mix(e.outputs);
    for (const level<>& l : levels_) mix(std::bit_cast<std::uint64_t>(l.label));
    for (int s = 0; s < slot_count_; ++s) mix(static_cast<std::uint64_t>(role(s)));
    mix(lanes_.count);
    if (lanes_.count > 1) mix(lanes_.stride);
    return hash;
  }

 private:
  template <coefficient R>
  friend class lowering;

  /// Empty, with the memory kept.
  void clear() {
    instructions_.clear(), operands_.clear(), slots_.clear(), coefficients_.clear();
    calls_.clear(), levels_.clear(), noises_.clear();
    input_slot_ = -1;
  }

  template <class T>
  static std::span<const T> part(const std::vector<T>& all, int first, int count) {
    return {all.data() + first, static_cast<std::size_t>(count)};
  }
  int count(operation what) const {
    int n = 0;
    for (const instruction& i : instructions_) n += i.what == what;
    return n;
  }

  std::vector<instruction> instructions_;
  std::vector<operand> operands_;
  std::vector<slot> slots_;
  std::vector<double> coefficients_;
  std::vector<evaluation<>> calls_;
  std::vector<level<>> levels_;
  std::string_view method_;
  lane_map lanes_;
  std::uint64_t model_ = 0;
  bool paired_ = false, own_state_ = false;
  std::vector<noise_interval> noises_;
  int steps_ = 0, slot_count_ = 1, model_outputs_ = 1;
  slot input_slot_ = -1;
};

}  // namespace diffode
