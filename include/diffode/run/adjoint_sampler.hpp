// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/adapter/span.hpp"
#include "diffode/backend/cpu.hpp"
#include "diffode/detail/overlap.hpp"
#include "diffode/model/filter.hpp"
#include "diffode/noise/philox.hpp"
#include "diffode/run/adjoint_request.hpp"
#include "diffode/run/rewinder.hpp"
#include "diffode/tape/adjoint.hpp"

#include <array>
#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <limits>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace diffode {

/// Pull style, for gradients: asks for the evaluations of a run; then, given dL/dx of the sample, for one vector-Jacobian
/// product for each evaluation (and each output of it that counts), from the last to the first.
///
/// Gradient   the exact one of the run as it was computed, with the noise it had. With respect to the start: in `dx`. With
///            respect to parameters of the model, conditions, ...: the sum over all products of v^T dF/dtheta, which whoever
///            answers adds up. With respect to the plan's own numbers: gradient()
/// Memory     bytes(); all of it is taken when the sampler is made. Sample and gradient are in the caller's arrays
/// Bits       the gradient's are the same for any number of checkpoints, if the model answers the same each time
/// Elements   float or double, one type for all arrays
/// Filters    need a `vjp` of their own, see concept/filter.hpp
template <std::floating_point T, class Noise = philox, class Filter = no_filter, class Backend = cpu>
class adjoint_sampler {
 public:
  /// `x`: the state at levels.front() going in, the sample coming out. `dx`: see start_backward.
  /// Errors  refuses arrays of different sizes, checkpoints below -1, filters without `vjp`; and as `sampler`
  template <array A, array G>
  adjoint_sampler(shared_plan made, A&& x, G&& dx, const adjoint_options& o = {}, Noise noise = {}, Filter limit = {}, Backend on = {})
      : adjoint_sampler(try_make(std::move(made), x, dx, o, std::move(noise), std::move(limit), std::move(on)).value()) {
    static_assert(detail::outlives_call<A> && detail::outlives_call<G>, "diffode: this array would be gone before the run: give the sampler a named one");
  }

  template <array A, array G>
  static result<adjoint_sampler> try_make(shared_plan made, A&& x, G&& dx, const adjoint_options& o = {}, Noise noise = {}, Filter limit = {}, Backend on = {}) {
    using detail::refuse;
    using traits = array_traits<std::remove_cvref_t<A>>;
    using gradient_traits = array_traits<std::remove_cvref_t<G>>;
    if constexpr (requires { traits::check(x); })
      if (const fault f = traits::check(x)) return *f;
    if constexpr (requires { gradient_traits::check(dx); })
      if (const fault f = gradient_traits::check(dx)) return *f;
    const std::span<T> state(traits::data(x), traits::size(x)), gradient(gradient_traits::data(dx), gradient_traits::size(dx));
    if (const fault f = workspace<T>::check(*made, state.data(), state.size(), o.batch, {})) return *f;
    const bool shares = detail::overlaps(gradient.data(), gradient.size_bytes(), state.data(), state.size_bytes());
    if (gradient.size() != state.size() || shares)
      return refuse(errc::bad_shape, "adjoint: size of dx is ", gradient.size(), gradient.data() == state.data() ? ", the array of x itself" : shares ? ", in part the array of x" : "",
                    ", needs an array of its own of ", state.size(), " elements, the size of x");
    if (const fault f = check(*made, o)) return *f;
    if (std::same_as<Filter, no_filter> != (made->filters() == 0))
      return refuse(errc::bad_call, "adjoint: limit is ", std::same_as<Filter, no_filter> ? "no_filter" : "a filter", ", needs ",
                    made->filters() == 0 ? "none: the plan was made without" : "the filter that the plan was made with");
    if constexpr (requires { noise.check(made->noises(), state.size(), o.batch); })
      if (const fault f = noise.check(made->noises(), state.size(), o.batch)) return *f;
    if constexpr (requires { noise.bind(noise_needs{}); })
      if (const fault f = noise.bind({made->noise_intervals(), made->lanes(), state.size() / o.batch})) return *f;
    adjoint_plan reversed = transposed(*made, o.coefficients);
    if (const fault f = detail::check_size(reversed.backward)) return *f;
    return adjoint_sampler(std::move(made), std::move(reversed), state, gradient, o, std::move(noise), std::move(limit), std::move(on));
  }

  /// Memory that a run on an array of `size` elements takes, in bytes, besides x and dx; lists of numbers not counted.
  static result<std::size_t> try_bytes(const diffode::plan& made, std::size_t size, const adjoint_options& o = {}) {
    if (const fault f = check(made, o)) return *f;
    const diffode::plan backward = transposed(made, o.coefficients).backward;
    const std::size_t arrays = detail::rewinder<T, Noise, Filter, Backend>::arrays(made, o.checkpoints, needs_answers(made, o)) -
                               static_cast<std::size_t>(made.slots() - 1) + (needs_scratch(made, o) ? 1 : 0);
    // Far above any memory there is; beyond it sums of bytes would begin again at 0.
    const std::size_t most = std::numeric_limits<std::size_t>::max() / sizeof(double) / (4 * (arrays + static_cast<std::size_t>(made.slots() + backward.slots())));
    if (size > most) return detail::refuse(errc::bad_shape, "adjoint: size of x is ", size, ", needs at most ", most);
    return arrays * size * sizeof(T) + workspace<T>::bytes(made, size) + workspace<T>::bytes(backward, size);
  }
  static std::size_t bytes(const diffode::plan& made, std::size_t size, const adjoint_options& o = {}) { return try_bytes(made, size, o).value(); }

  /// What is wanted now, or nothing: then the sample is there, or the gradient. Asking again gives the same answer.
  std::optional<adjoint_request<T>> next() const {
    if (broken_) return std::nullopt;
    if (forward_.waiting()) return adjoint_request<T>{.call = request_at(forward_.at())};
    if (!backward_ || at_ == code().size()) return std::nullopt;
    const product_call& p = asked_[static_cast<std::size_t>(code()[at_].tag)];
    adjoint_request<T> wanted{.call = request_at(static_cast<std::size_t>(p.instruction)), .cotangent = arrays_.slot(arrays_.plan().outputs(code()[at_])[0]),
                              .output = p.output, .wants_label = options_.labels};
    wanted.call.outputs = 1u << p.output;
    return wanted;
  }

  /// The answer to next(): the model's output, x-sized, or the product, with the derivatives for the label where wanted.
  /// Consumed before this returns.
  /// Errors  refuses an answer nobody asked for, and one of the wrong size; the run is then as it was
  void feed(std::type_identity_t<std::span<const T>> answer, std::span<const double> label = {}) { raise(try_feed(answer, label)); }
  /// The same for the evaluation of a model with several outputs, in the order of the guidance; those not wanted may be empty.
  void feed(std::initializer_list<std::span<const T>> outputs) { raise(try_feed(std::span<const std::span<const T>>(outputs.begin(), outputs.size()))); }
  fault try_feed(std::type_identity_t<std::span<const T>> answer, std::span<const double> label = {}) {
    return try_feed(std::span<const std::span<const T>>(&answer, 1), label);
  }
  fault try_feed(std::span<const std::span<const T>> answers, std::span<const double> label = {}) {
    using detail::refuse;
    const auto wanted = next();
    if (!wanted)
      return refuse(errc::bad_call, "feed: nothing is asked for, needs a next() that asks", broken_ ? ": the run broke off in a filter, noise source or backend that threw" : "");
    if (wanted->is_product()) {
      if (const fault f = detail::check_outputs<T>(answers, 1, 1, forward_.size())) return f;
      if (const fault f = add_label(*wanted, label)) return f;
      answer_[0] = answers[0].data();
      ++at_;
      ++products_;
    } else {
      if (const fault f = detail::check_outputs<T>(answers, wanted->call.outputs, forward_.plan().model_outputs(), forward_.size())) return f;
      forward_.feed(answers);
    }
    run();
    return {};
  }

  /// Whether the sample is in the caller's array, and the gradient not yet asked for or done.
  bool is_sampled() const { return sampled_ && !broken_ && (!backward_ || is_finished()); }
  /// Turns round. `dx` must hold dL/dx of the sample now; when next() asks for nothing more, it holds dL/dx of the start.
  /// May be called again after that, with another loss.
  /// Errors  refuses to turn before the sample is there, and in the middle of the way back
  void start_backward() { raise(try_start_backward()); }
  fault try_start_backward() {
    if (!is_sampled()) return detail::refuse(errc::bad_call, "start_backward: the run is not at its end, needs a next() that asks for nothing");
    backward_ = true;
    at_ = 0;
    forward_.turn();
    for (std::vector<double>* all : {&gradient_.coefficients, &gradient_.labels})
      for (double& g : *all) g = 0;
    run();
    return {};
  }
  bool is_finished() const { return backward_ && !broken_ && !forward_.waiting() && at_ == code().size(); }

  /// dL/dc and dL/dlabel as far as they were asked for, once finished.
  const plan_gradient& gradient() const { return gradient_; }
  int calls() const { return forward_.calls(); }   ///< evaluations answered, repeated ones counted each time
  int products() const { return products_; }       ///< vector-Jacobian products answered
  const diffode::plan& plan() const { return forward_.plan(); }

 private:
  using rewinder = detail::rewinder<T, Noise, Filter, Backend>;

  adjoint_sampler(shared_plan made, adjoint_plan reversed, std::span<T> x, std::span<T> dx, const adjoint_options& o, Noise noise, Filter limit, Backend on)
      : options_(o), x_(x), forward_(made, std::span<const T>(x), o.batch, o.checkpoints, needs_answers(*made, o), std::move(noise), std::move(limit), std::move(on)),
        asked_(std::move(reversed.products)), arrays_(shared_plan(std::move(reversed.backward)), dx, o.batch, {}) {
    if (needs_scratch(*made, o)) scratch_.resize(x.size());
    if (o.coefficients) {
      std::size_t most = 0;
      for (const instruction& i : made->instructions())
        if (i.what == operation::combine) most = static_cast<std::size_t>(i.coefficients) + made->coefficients(i).size();
      gradient_.coefficients.resize(most);
      dots_.resize(made->lanes().count == 1 ? 1 : x.size() / made->lanes().stride);
    }
    if (o.labels) gradient_.labels.resize(static_cast<std::size_t>(made->calls()) * made->lanes().count);
    run();
  }

  static fault check(const diffode::plan& made, const adjoint_options& o) {
    using detail::refuse;
    if (o.checkpoints < every_evaluation || o.checkpoints > made.calls())
      return refuse(errc::bad_call, "adjoint: checkpoints is ", o.checkpoints, ", needs 0 to ", made.calls(), ", the evaluations of the run, or every_evaluation");
    if constexpr (!has_vjp && !std::same_as<Filter, no_filter>)
      if (made.filters() > 0)
        return refuse(errc::bad_model, "adjoint: the model's filter has no vjp, needs vjp(in, cotangent, out, where): it is not linear, and has ", made.filters(), " passes in this run");
    return {};
  }
  static constexpr bool has_vjp = requires(Filter& f, std::span<const T> in, std::span<T> out, const filter_call& where) { f.vjp(in, in, out, where); };
  static bool needs_answers(const diffode::plan& made, const adjoint_options& o) { return o.coefficients || made.filters() > 0; }
  static bool needs_scratch(const diffode::plan& made, const adjoint_options& o) {
    if (!o.coefficients) return false;
    for (const instruction& i : made.instructions())
      for (const operand& in : made.inputs(i))
        if (in.what == operand::kind::noise || in.what == operand::kind::one) return true;
    return false;
  }

  std::span<const instruction> code() const { return arrays_.plan().instructions(); }
  request<T> request_at(std::size_t p) const {
    const diffode::plan& made = forward_.plan();
    const int k = made.instructions()[p].tag;
    const evaluation<>& e = made.call(k);
    return {forward_.shown(p), e.at.label, e.at, made.levels(k), e.outputs, k, e.step, e.stage, e.last_of_step};
  }

  fault add_label(const adjoint_request<T>& wanted, std::span<const double> label) {
    const std::size_t lanes = plan().lanes().count;
    if (label.size() != (options_.labels ? lanes : 0))
      return detail::refuse(errc::bad_shape, "feed: number of derivatives for the label is ", label.size(), ", needs ", options_.labels ? lanes : 0, ", one for each lane if they are asked for");
    for (std::size_t l = 0; l < label.size(); ++l) gradient_.labels[static_cast<std::size_t>(wanted.call.index) * lanes + l] += label[l];
    return {};
  }

  /// Everything up to the next request, or to the end of the way there or back.
  void run() {
    broken_ = true;  // until a request is reached: what throws on the way leaves arrays half-written
    if (backward_) run_back();
    else if (forward_.reach(plan().instructions().size())) {
      detail::copy_bytes(forward_.backend(), x_.data(), forward_.slot(0).data(), x_.size() * sizeof(T));
      sampled_ = true;
    }
    broken_ = false;
  }
  void run_back() {
    for (; at_ < code().size(); ++at_) {
      const instruction& i = code()[at_];
      if (i.what == operation::combine) {
        arrays_.combine(i, answer_, forward_.backend(), forward_.noise());
        continue;
      }
      const int there = i.what == operation::call ? asked_[static_cast<std::size_t>(i.tag)].instruction : i.what == operation::filter ? i.tag : i.point;
      if (!forward_.reach(static_cast<std::size_t>(there)) || i.what == operation::call) return;
      if (i.what == operation::filter) unfilter(i, plan().instructions()[static_cast<std::size_t>(there)]);
      else add_dots(i, plan().instructions()[static_cast<std::size_t>(there)]);
    }
  }

  void unfilter(const instruction& i, const instruction& filter) {
    if constexpr (has_vjp)
      forward_.filter().vjp(forward_.slot(plan().inputs(filter)[0].index), std::span<const T>(arrays_.slot(arrays_.plan().inputs(i)[0].index)),
                            arrays_.slot(arrays_.plan().outputs(i)[0]), filter_call{plan().levels(filter.tag), forward_.sample_size()});
  }

  /// dL/dc[r][k] += (cotangent of row r) . (input k), lane by lane.
  void add_dots(const instruction& shown, const instruction& combine) {
    const T* row = arrays_.slot(arrays_.plan().outputs(shown)[0]).data();
    const std::size_t lanes = plan().lanes().count, ins = static_cast<std::size_t>(combine.ins);
    double* to = gradient_.coefficients.data() + static_cast<std::size_t>(combine.coefficients) + static_cast<std::size_t>(shown.tag) * ins * lanes;
    for (std::size_t k = 0; k < ins; ++k, to += lanes) {
      const dot_measure<T> dots{row, array_of(plan().inputs(combine)[k]), forward_.size(), forward_.size() / dots_.size()};
      forward_.backend().measure(dots, std::span<double>(dots_));
      for (std::size_t n = 0; n < dots_.size(); ++n) to[n % lanes] += dots_[n];
    }
  }
  const T* array_of(const operand& o) {
    if (o.what == operand::kind::held) return forward_.slot(o.index).data();
    if (o.what == operand::kind::output) return forward_.answer(o.index);
    const bool noise = o.what == operand::kind::noise;
    const source in[] = {noise ? detail::noise_input<T>(forward_.noise(), static_cast<std::uint32_t>(o.index)) : source{nullptr, element::f32, false, 0}};
    const sink out[] = {{scratch_.data(), element_type<T>}};
    static constexpr double one[] = {1};
    forward_.backend().template combine<T>(combination<T>{out, in, one, lane_map(), forward_.size(), forward_.sample_size()}, forward_.noise());
    return scratch_.data();
  }

  adjoint_options options_;
  std::span<T> x_;
  rewinder forward_;
  std::vector<product_call> asked_;
  workspace<T> arrays_;
  std::array<const T*, max_outputs> answer_{};
  std::vector<T> scratch_;
  std::vector<double> dots_;
  plan_gradient gradient_;
  std::size_t at_ = 0;
  int products_ = 0;
  bool backward_ = false, sampled_ = false, broken_ = false;
};

template <array A, array G>
adjoint_sampler(shared_plan, A&&, G&&, const adjoint_options& = {}) -> adjoint_sampler<element_of<A>>;
template <array A, array G, class Noise>
adjoint_sampler(shared_plan, A&&, G&&, const adjoint_options&, Noise) -> adjoint_sampler<element_of<A>, Noise>;
template <array A, array G, class Noise, class Filter>
adjoint_sampler(shared_plan, A&&, G&&, const adjoint_options&, Noise, Filter) -> adjoint_sampler<element_of<A>, Noise, Filter>;
template <array A, array G, class Noise, class Filter, class Backend>
adjoint_sampler(shared_plan, A&&, G&&, const adjoint_options&, Noise, Filter, Backend) -> adjoint_sampler<element_of<A>, Noise, Filter, Backend>;

}  // namespace diffode
