// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/run/step_arrays.hpp"

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>

namespace diffode::detail {

/// What samplers that plan step by step have in common: they ask, are fed, and end in the same way.
///
/// Sampler  derives from this, and has run(watch): everything up to the next call, or to the end
/// Writer   has the plan of the present step
template <class Sampler, class T, class Form, class Writer, class Backend>
class step_sampler {
 public:
  /// The evaluation wanted now, or nothing when the run has ended: see report(). Asking again gives the same answer.
  std::optional<request<T>> next() const {
    if (outcome_ != status::waiting) return std::nullopt;
    const diffode::plan& p = writer_.plan();
    const instruction& i = p.instructions()[at_];
    const evaluation<>& e = p.call(i.tag);
    return request<T>{arrays_.slot_data(p.outputs(i)[0]), e.at.label, e.at, p.levels(i.tag), e.outputs, calls_, e.step, e.stage, e.last_of_step};
  }

  /// The model's answer to next(); consumed before this returns. `watch` sees the state after every step that counts.
  /// Errors  refuses an answer nobody asked for, and one of the wrong size; the run is then as it was. Says why the next
  ///         step can not be planned; the run has then ended, `stuck`
  template <class Watch = unwatched>
  void feed(std::type_identity_t<std::span<const T>> output, Watch&& watch = {}) {
    raise(try_feed(output, watch));
  }
  template <class Watch = unwatched>
  void feed(std::initializer_list<std::span<const T>> outputs, Watch&& watch = {}) {
    raise(try_feed(std::span<const std::span<const T>>(outputs.begin(), outputs.size()), watch));
  }
  template <class Watch = unwatched>
  fault try_feed(std::type_identity_t<std::span<const T>> output, Watch&& watch = {}) {
    return try_feed(std::span<const std::span<const T>>(&output, 1), watch);
  }
  template <class Watch = unwatched>
  fault try_feed(std::span<const std::span<const T>> outputs, Watch&& watch = {}) {
    const auto wanted = next();
    if (!wanted) return refuse(errc::bad_call, "feed: the run has ended after ", calls_, " evaluations, needs a next() that asks for one");
    if (const fault f = check_outputs<T>(outputs, wanted->outputs, form_.mix.outputs, arrays_.size())) return f;
    arrays_.answer(outputs);
    ++calls_, ++at_;
    return static_cast<Sampler&>(*this).run(watch);
  }

  bool finished() const { return outcome_ == status::finished; }
  /// Ends the run where it is: the caller's array is the state after the last step that counts.
  status stop() {
    if (outcome_ == status::waiting) end(status::stopped);
    return outcome_;
  }
  /// The caller's array: the sample, once the run has ended.
  std::span<T> state() { return arrays_.array(0); }

 protected:
  step_sampler(Form form, std::span<T> state, std::size_t batch, Backend on, Writer writer)
      : form_(std::move(form)), arrays_(state, batch, std::move(on)), writer_(std::move(writer)) {}

  void end(status how) {
    if (x_ != 0) arrays_.copy(x_, 0);
    x_ = 0;
    outcome_ = how;
  }

  Form form_;
  step_arrays<T, Backend> arrays_;
  Writer writer_;
  std::size_t at_ = 0;                ///< the instruction that is next
  int x_ = 0, step_ = 0, calls_ = 0;  ///< which array the state is in; what is done
  status outcome_ = status::waiting;
};

}  // namespace diffode::detail
