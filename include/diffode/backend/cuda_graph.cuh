// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/backend/cuda.cuh"
#include "diffode/backend/cuda_decide.cuh"
#include "diffode/backend/step_table.hpp"
#include "diffode/backend/table_frame.hpp"

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace diffode {

/// A run that a device goes through on its own: coefficients, arrays and labels lie in a table there, and a counter that the
/// combines themselves move on says which come next. So what an evaluation takes - the model, then `enqueue()` - is the
/// same work every time, and can be captured once as a CUDA graph that serves all evaluations of all runs.
///
///   run.begin(noise);                                                     the state holds pure noise by then
///   for each of run.calls(): my_model(run.input(), run.label(), out), run.enqueue();       or the graph of these
///
/// Launches  per_call() for each evaluation: 1 for every method whose steps are one combine
/// Waits     not in begin, enqueue and decide; change copies a table from the host, for which CUDA may wait. enqueue() takes no
///           memory and asks the device nothing
/// Device    the one that was the thread's when it was made, also in every later call and when it goes
/// T, History, Model  as a sampler's
/// Errors    refuses what step_table refuses, and names the call where CUDA does
template <elemental T, elemental History = default_history<T>, elemental Model = T>
class graph_run {
  using arrays = workspace<T, History, Model>;
  using F = typename detail::arithmetic_in<typename arrays::elements>::type;
  using table = step_table<F>;
  using job = detail::combine_counted<F>;

 public:
  /// What plans are to be compiled with.
  static compile_options planned(compile_options o = {}) {
    o.own_input = true;
    return arrays::planned(o);
  }

  /// state: the caller's array on the device, noise in, sample out. outputs: where the model writes, x-sized each.
  static result<graph_run> try_make(const shared_plan& made, std::span<T> state, std::span<const Model* const> outputs, std::size_t batch = 1, const cuda_options& o = {}) {
    result<cuda> on = cuda::try_make(o);
    if (!on) return *on.reason();
    graph_run run(std::move(on).value(), made, state, {outputs.begin(), outputs.end()}, batch);
    if (const fault f = run.prepare()) return *f;
    return result<graph_run>(std::move(run));
  }
  graph_run(const shared_plan& made, std::span<T> state, std::span<const Model* const> outputs, std::size_t batch = 1, const cuda_options& o = {})
      : graph_run(try_make(made, state, outputs, batch, o).value()) {}

  /// Enqueues the start of a run: the counter goes back, and what comes before the first evaluation is computed. Not to be
  /// captured: a graph would keep the noise.
  void begin(const philox& noise = {}) { raise(try_begin(noise)); }
  fault try_begin(const philox& noise = {}) {
    if (const fault f = put(table_.steps().size(), noise)) return f;
    if (plan_->paired())  // the second state starts as a copy of the first, in slot 1, the first of this run's arrays
      if (const fault f = detail::cuda_fault(cudaMemcpyAsync(arrays_memory_.data(), state_.data(), state_.size_bytes(), cudaMemcpyDeviceToDevice, on_.options().stream), "cudaMemcpyAsync"))
        return f;
    return try_enqueue();
  }

  /// Enqueues what follows an evaluation. Where a run has no evaluation left it does nothing.
  void enqueue() const { raise(try_enqueue()); }
  fault try_enqueue() const {
    for (std::size_t k = 0; k < table_.per_call(); ++k)
      if (const fault f = detail::launch(kernel_, on_.blocks(table_.shape().size, table_.group()), job_, on_.options().stream)) return f;
    return {};
  }

  /// Enqueues a decision that the device takes by what it measured itself, for the step that comes next:
  /// formula(step, moments of the lane, lane_coefficients<F>) sets that step's coefficients in each lane; `step` counts combines,
  /// those before the first evaluation among them. The first call takes memory and is not to be captured; later ones may be. Before
  /// begin it measures and no more. Time shift is such a formula: cuda_time_shift.cuh.
  /// Errors  refuses moments of another number of lanes than the plan has
  template <class Formula>
  void decide(const moment_measure<T>& m, const Formula& formula) {
    raise(try_decide(m, formula));
  }
  template <class Formula>
  fault try_decide(const moment_measure<T>& m, const Formula& formula) {
    if (const fault f = frame_.check_measured(m.lanes)) return f;
    const result<const lane_moments*> measured = on_.try_moments(m);
    if (!measured) return measured.reason();
    return detail::launch("decide_kernel", &detail::decide_kernel<F, Formula>, on_.blocks(m.lanes.count, 1), on_.options().stream, job_, at<F>(frame_.coefficients()), measured.value(), formula);
  }

  /// Enqueues another schedule, of no more evaluations and coefficients, for the same method and arrays. Graphs that were captured go
  /// on to serve. begin() next.
  /// Errors  refuses a plan that needs more memory than the first one in any part of the table, or other kernels; the run is
  ///         then as it was
  void change(const shared_plan& made) { raise(try_change(made)); }
  fault try_change(const shared_plan& made) {
    using detail::refuse;
    if (arrays::bytes(*made, state_.size()) > arrays_memory_.bytes())
      return refuse(errc::bad_call, "graph_run: the arrays of the other plan take ", arrays::bytes(*made, state_.size()), " bytes, needs at most ", arrays_memory_.bytes(), ", those of the first");
    const void* input = nullptr;
    result<table> other = table_of(made, input);
    if (!other) return other.reason();
    if (const fault f = frame_.check(other.value())) return f;
    if (input != input_) return refuse(errc::bad_call, "graph_run: evaluations of the other plan read another array than those of the first, needs the same");
    // Half of a table is none: where CUDA fails, what was there comes back, as far as CUDA lets it.
    if (const fault f = upload(other.value())) return static_cast<void>(upload(table_)), f;
    table_ = std::move(other).value();
    plan_ = made;
    return {};
  }

  /// What the model reads: always the same arrays. The label is of type float, or double where an array holds doubles.
  std::span<const Model> input() const { return {static_cast<const Model*>(input_), state_.size()}; }
  const F* label() const { return job_.label; }
  /// How many labels there are: one for each lane, or one.
  std::size_t labels() const { return table_.labels_each(); }
  std::size_t calls() const { return table_.calls(); }
  std::size_t per_call() const { return table_.per_call(); }
  const diffode::plan& plan() const { return *plan_; }
  void wait() const { on_.wait(); }

 private:
  graph_run(cuda on, const shared_plan& made, std::span<T> state, std::vector<const Model*> outputs, std::size_t batch)
      : on_(std::move(on)), plan_(made), state_(state), outputs_(std::move(outputs)), batch_(batch) {}

  static unsigned number(std::size_t n) { return static_cast<unsigned>(n); }

  fault prepare() {
    if (const fault f = arrays::check_types(*plan_)) return f;
    if (const fault f = arrays::check(*plan_, state_.data(), state_.size(), batch_, {})) return f;
    const cuda_options& o = on_.options();
    if (const fault f = detail::grow(arrays_memory_, arrays::bytes(*plan_, state_.size()), o.memory, o.stream)) return f;
    result<table> first = table_of(plan_, input_);
    if (!first) return first.reason();
    table_ = std::move(first).value();
    frame_ = table_frame<F>(table_, sizeof(detail::run_progress));
    kernel_ = detail::combine_kernel_for<F, job>(frame_.group(), frame_.rows(), frame_.is_various());
    if (const fault f = detail::grow(device_memory_, frame_.bytes(), o.memory, o.stream)) return f;
    job_ = {at<detail::combine_step>(frame_.steps()), at<F>(frame_.coefficients()), at<F>(frame_.labels()), at<F>(frame_.label()), device_memory_.as<detail::run_progress>(), table_.shape()};
    if (const fault f = put(0, {})) return f;  // until begin there is nothing to do
    return upload(table_);
  }

  /// The counter at its start, for a run of so many combines.
  fault put(std::size_t steps, const philox& noise) const {
    const detail::run_progress start{0, 0, number(steps), number(table_.calls()), number(table_.per_call()), number(table_.labels_each()), detail::philox_groups(noise)};
    return detail::launch("begin_kernel", &detail::begin_kernel<F>, 1, on_.options().stream, job_, start);
  }

  result<table> table_of(const shared_plan& made, const void*& input) {
    arrays a(made, state_, batch_, std::span(arrays_memory_.as<std::byte>(), arrays_memory_.bytes()));
    if (made->input_slot() >= 0) input = a.template slot<Model>(made->input_slot()).data();
    return table::try_make(a, std::span<const Model* const>(outputs_));
  }

  fault upload(const table& t) const {
    if (const fault f = device_memory_.upload(t.steps().data(), t.steps().size_bytes(), frame_.steps().at)) return f;
    if (const fault f = device_memory_.upload(t.coefficients().data(), t.coefficients().size_bytes(), frame_.coefficients().at)) return f;
    return device_memory_.upload(t.labels().data(), t.labels().size_bytes(), frame_.labels().at);
  }

  template <class V>
  V* at(const typename table_frame<F>::part& p) const {
    return reinterpret_cast<V*>(device_memory_.as<std::byte>() + p.at);
  }

  cuda on_;
  shared_plan plan_;
  std::span<T> state_;
  std::vector<const Model*> outputs_;
  std::size_t batch_;
  detail::device_array arrays_memory_, device_memory_;
  table table_;
  job job_{};
  table_frame<F> frame_;
  const void* input_ = nullptr;
  const void* kernel_ = nullptr;
};

}  // namespace diffode
