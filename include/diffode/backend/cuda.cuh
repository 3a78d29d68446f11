// SPDX-License-Identifier: MIT
#pragma once

#include "diffode/backend/combine_kernel.cuh"
#include "diffode/backend/cuda_measure.cuh"
#include "diffode/backend/device_array.cuh"
#include "diffode/tape/plan.hpp"

#include <cmath>
#include <concepts>
#include <cstddef>
#include <functional>
#include <span>
#include <utility>
#include <vector>

namespace diffode {

struct cuda_options {
  cudaStream_t stream = nullptr;  ///< where everything is enqueued; null is the default stream
  device_memory memory = {};      ///< where working memory comes from
};

/// A CUDA device, as a backend. Arrays are in its memory.
///
/// Memory movement  reads `terms` arrays, writes `rows` arrays, each element once, in accesses of 16 bytes; noise is made in
///                  the kernel. One launch for each combine, on the caller's stream
/// Arithmetic       the code of backend/combine_element.hpp: the bits of the processor backend, noise included. But which bits
///                  a NaN has may differ; and all terms of all rows are computed, where `cpu` leaves out some of coefficient 0
///                  and copies rows that are one input as it is: here -0 becomes +0, and 0 times what is infinite or no number
///                  is no number
/// Waits            not in a combine; where one has more coefficients than a launch carries, and there was no prepare, CUDA may
///                  wait while it copies them. save, restore and `measure` wait for the stream
/// Device           the one that was the thread's when it was made, also in every later call and when it goes
/// Noise            philox
/// Errors           raises what CUDA says, naming the call
class cuda {
 public:
  cuda(const cuda_options& o = {}) : cuda(try_make(o).value()) {}
  static result<cuda> try_make(const cuda_options& o = {}) {
    using detail::cuda_fault;
    int device = 0, processors = 0;
    if (const fault f = cuda_fault(cudaGetDevice(&device), "cudaGetDevice")) return *f;
    if (const fault f = cuda_fault(cudaDeviceGetAttribute(&processors, cudaDevAttrMultiProcessorCount, device), "cudaDeviceGetAttribute")) return *f;
    return cuda(o, static_cast<unsigned>(processors) * 8);
  }

  /// A sampler's own arrays. Valid while this backend is, or what it is moved to.
  result<std::span<std::byte>> try_reserve(std::size_t bytes) {
    if (const fault f = detail::grow(arrays_, bytes, options_.memory, options_.stream)) return *f;
    return std::span(arrays_.as<std::byte>(), bytes);
  }

  /// Coefficients that differ from lane to lane are many: they go to the device before the run.
  template <class T>
  fault prepare(const plan& p) {
    using F = typename detail::arithmetic_in<T>::type;
    prepared_ = {};
    if (p.lanes().count == 1) return {};
    for (const instruction& i : p.instructions())
      if (i.what == operation::combine) {
        const std::span<const double> own = p.coefficients(i);
        const double* const first = own.data() - i.coefficients;
        if (const std::size_t count = static_cast<std::size_t>(i.coefficients) + own.size(); count > prepared_.size()) prepared_ = {first, count};
      }
    const std::vector<F> rounded(prepared_.begin(), prepared_.end());
    if (const fault f = detail::grow(coefficients_, rounded.size() * sizeof(F), options_.memory, options_.stream)) return f;
    return coefficients_.upload(rounded.data(), rounded.size() * sizeof(F));
  }

  template <class T, class Noise>
  void combine(const combination<T>& c, const Noise& noise) {
    using F = typename detail::arithmetic_in<T>::type;
    bool makes = false, draws = false;
    for (const source& s : c.in) makes = makes || !s.data, draws = draws || (!s.data && s.is_noise);
    detail::combine_given<F> job{detail::step_of(c), {c.size, c.sample_size, c.lanes}, on_device(noise, draws), nullptr, {}};
    const unsigned rows = job.step.outs, group = detail::group_of(job.step, sizeof(F) == 8);
    if (rows == 0) return;
    detail::align(job.step, group);
    place_coefficients(c.coefficients, job);
    raise(detail::launch(detail::combine_kernel_for<F, detail::combine_given<F>>(group, rows, makes || c.lanes.count > 1),
                         blocks(c.size, group), job, options_.stream));
  }

  /// Measures are enqueued, then waited for: what they say is wanted on the host, for adaptive control.
  template <class T>
  double measure(const error_measure<T>& m) {
    const std::size_t size = m.whole ? m.size : m.sample_size, parts = m.size / size;
    std::vector<double> total;
    read_back(total, totals(detail::error_leaves<T>{m}, {parts, size}), parts);
    double worst = 0;
    for (const double t : total) {
      const double mean = t / static_cast<double>(size);
      worst = worst >= mean || worst != worst ? worst : mean;  // what is no number is the worst
    }
    return std::sqrt(worst);
  }
  template <class A, class B>
  void measure(const dot_measure<A, B>& m, std::span<double> out) {
    const std::size_t parts = m.size / m.sample_size;
    std::vector<double> total;
    read_back(total, totals(detail::dot_leaves<A, B>{m.a, m.b}, {parts, m.sample_size}), parts);
    for (std::size_t k = 0; k < parts; ++k) out[k] = total[k];
  }
  template <class T>
  void measure(const moment_measure<T>& m, std::span<lane_moments> out) {
    std::vector<lane_moments> total;
    read_back(total, moments(m), m.lanes.count);
    for (std::size_t k = 0; k < total.size(); ++k) out[k] = total[k];
  }
  /// Mean and variance of each lane, left on the device: enqueued, not waited for, and valid until the next measure. What
  /// follows on the stream can decide by them, see cuda_decide.cuh.
  template <class T>
  const lane_moments* moments(const moment_measure<T>& m) {
    return try_moments(m).value();
  }
  template <class T>
  result<const lane_moments*> try_moments(const moment_measure<T>& m) {
    const std::size_t lanes = m.lanes.count, stride = lanes == 1 ? m.size : m.lanes.stride, runs = m.size / stride;
    return try_totals(detail::moment_leaves<T>{m.x}, {runs, stride}, runs > lanes ? lanes : 0);
  }

  /// Between any two arrays, on the device or not; done when it returns.
  void copy(void* to, const void* from, std::size_t bytes) const {
    raise(detail::cuda_fault(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDefault, options_.stream), "cudaMemcpyAsync"));
    wait();
  }
  /// Until all that is enqueued is done.
  void wait() const { raise(detail::cuda_fault(cudaStreamSynchronize(options_.stream), "cudaStreamSynchronize")); }

  const cuda_options& options() const { return options_; }
  /// Blocks of a launch over so many elements, of which each thread takes `group` at once.
  unsigned blocks(std::size_t size, unsigned group) const { return detail::blocks_for(size, group, most_blocks_); }

 private:
  cuda(const cuda_options& o, unsigned most_blocks) : options_(o), most_blocks_(most_blocks) {}

  template <class Noise>
  static detail::philox_groups on_device(const Noise& noise, bool draws) {
    if constexpr (std::same_as<Noise, philox>) return detail::philox_groups(noise);
    else if (draws) raise(detail::refuse(errc::bad_noise, "cuda: the run draws noise of a source that makes it on the processor, needs philox"));
    return detail::philox_groups(philox{});
  }

  template <class Leaves>
  result<const typename Leaves::value*> try_totals(const Leaves& leaves, const detail::measure_parts& parts, std::size_t merged_with) {
    return measures_.try_totals(leaves, parts, merged_with, most_blocks_, options_.memory, options_.stream);
  }
  template <class Leaves>
  const typename Leaves::value* totals(const Leaves& leaves, const detail::measure_parts& parts) {
    return try_totals(leaves, parts, 0).value();
  }
  template <class V>
  void read_back(std::vector<V>& to, const V* from, std::size_t count) const {
    raise(detail::read_back(to, from, count, options_.stream));
  }

  template <class F>
  void place_coefficients(std::span<const double> c, detail::combine_given<F>& job) {
    const auto rounded = [&](F* to) {
      for (std::size_t k = 0; k < c.size(); ++k) to[k] = static_cast<F>(c[k]);
    };
    const std::less_equal<> before;
    if (!prepared_.empty() && before(prepared_.data(), c.data()) && before(c.data() + c.size(), prepared_.data() + prepared_.size())) {
      job.coefficients = coefficients_.as<F>() + (c.data() - prepared_.data());
    } else if (c.size() <= detail::few_coefficients) {
      rounded(job.few);
    } else {
      std::vector<F> many(c.size());
      rounded(many.data());
      raise(detail::grow(more_coefficients_, many.size() * sizeof(F), options_.memory, options_.stream));
      raise(more_coefficients_.upload(many.data(), many.size() * sizeof(F)));
      job.coefficients = more_coefficients_.as<F>();
    }
  }

  cuda_options options_;
  unsigned most_blocks_;
  detail::device_array arrays_, coefficients_, more_coefficients_;
  detail::cuda_measures measures_;
  std::span<const double> prepared_;
};

}  // namespace diffode
