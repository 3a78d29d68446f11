// SPDX-License-Identifier: MIT
//
// Every method on a device against the processor, which passes the whole conformance suite: bit by bit, with a sampler that is
// fed by the host, and as one captured graph. Skipped without a device, but compiled and linked.
#include "catch.hpp"

#include "backend/mirrored.cuh"
#include "conformance/families.hpp"
#include "conformance/subject.hpp"
#include "diffode/backend/cuda_graph.cuh"
#include "diffode/run/sampler.hpp"

#include <cstddef>
#include <cstring>
#include <span>
#include <vector>

namespace dd = diffode;
using namespace diffode_test;

namespace {

constexpr std::size_t size = 1026, batch = 3;

/// A model of any kind: no product meets a sum, so that no compiler has anything to fuse.
template <class T, class F>
DIFFODE_HD T answer(T x, F label) {
  return static_cast<T>((static_cast<F>(x) + label) * F(0.25));
}
template <class T, class F>
__global__ void model_kernel(const T* x, const F* label, T* out) {
  const std::size_t i = std::size_t{blockIdx.x} * blockDim.x + threadIdx.x;
  if (i < size) out[i] = answer(x[i], *label);
}

template <class T>
std::vector<T> start() {
  std::vector<T> x(size);
  std::vector<float> z(size);
  dd::philox{.seed = 4}.fill(0, 0, 0, std::span(z));
  for (std::size_t i = 0; i < size; ++i) x[i] = static_cast<T>(z[i]);
  return x;
}

template <class T>
std::vector<T> on_processor(const dd::shared_plan& p, const dd::philox& noise) {
  using F = dd::arithmetic<T>;
  std::vector<T> x = start<T>(), out(size);
  dd::sampler<T, dd::philox, dd::no_filter, dd::cpu, T> run(p, x, {.batch = batch}, noise);
  while (const auto call = run.next()) {
    for (std::size_t i = 0; i < size; ++i) out[i] = answer(call->x[i], static_cast<F>(call->label));
    run.feed(out);
  }
  return x;
}

template <class T>
bool same(const std::vector<T>& a, const std::vector<T>& b) {
  return std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0;
}

/// Fed from the host: arrays are on the device and so is the model.
template <class T>
std::vector<T> on_device(const dd::shared_plan& p, const dd::philox& noise) {
  using F = dd::arithmetic<T>;
  std::vector<T> x = start<T>();
  mirror there;
  const std::span<T> state(static_cast<T*>(there.of(x.data(), size * sizeof(T))), size);
  std::vector<T> nothing(size);
  T* const out = static_cast<T*>(there.of(nothing.data(), size * sizeof(T)));
  F label = 0;
  F* const label_there = static_cast<F*>(there.of(&label, sizeof label));
  dd::sampler<T, dd::philox, dd::no_filter, dd::cuda, T> run(p, state, {.batch = batch}, noise, {}, dd::cuda());
  while (const auto call = run.next()) {
    label = static_cast<F>(call->label);
    REQUIRE(cudaMemcpy(label_there, &label, sizeof label, cudaMemcpyHostToDevice) == cudaSuccess);
    model_kernel<<<(size + 255) / 256, 256>>>(call->x.data(), label_there, out);
    run.feed(std::span<const T>(out, size));
  }
  REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
  there.back(x.data());
  return x;
}

/// A stream with a graph that is captured once and replayed for each evaluation of each run.
template <class T>
class replayed {
 public:
  replayed(const dd::shared_plan& p) {
    REQUIRE(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking) == cudaSuccess);
    state_ = static_cast<T*>(there_.of(x_.data(), size * sizeof(T)));
    out_ = static_cast<T*>(there_.of(answer_.data(), size * sizeof(T)));
    const T* const outputs[] = {out_};
    run_.emplace_back(dd::graph_run<T, T>::try_make(p, std::span<T>(state_, size), outputs, batch, {.stream = stream_}).value());
    REQUIRE(cudaStreamBeginCapture(stream_, cudaStreamCaptureModeThreadLocal) == cudaSuccess);
    model_kernel<<<(size + 255) / 256, 256, 0, stream_>>>(run().input().data(), run().label(), out_);
    run().enqueue();
    cudaGraph_t graph = nullptr;
    REQUIRE(cudaStreamEndCapture(stream_, &graph) == cudaSuccess);
    REQUIRE(cudaGraphInstantiate(&ready_, graph, 0) == cudaSuccess);
    REQUIRE(cudaGraphDestroy(graph) == cudaSuccess);
  }
  replayed(const replayed&) = delete;
  replayed& operator=(const replayed&) = delete;
  ~replayed() {
    cudaGraphExecDestroy(ready_);
    run_.clear();
    cudaStreamDestroy(stream_);
  }
  dd::graph_run<T, T>& run() { return run_.front(); }

  std::vector<T> sample(const dd::philox& noise) {
    x_ = start<T>();
    REQUIRE(cudaMemcpyAsync(state_, x_.data(), size * sizeof(T), cudaMemcpyHostToDevice, stream_) == cudaSuccess);
    run().begin(noise);
    for (std::size_t k = 0; k < run().calls() + 1; ++k) REQUIRE(cudaGraphLaunch(ready_, stream_) == cudaSuccess);  // one too many does nothing
    run().wait();
    std::vector<T> x(size);
    REQUIRE(cudaMemcpy(x.data(), state_, size * sizeof(T), cudaMemcpyDeviceToHost) == cudaSuccess);
    return x;
  }

 private:
  mirror there_;
  std::vector<T> x_ = start<T>(), answer_ = std::vector<T>(size);
  T *state_ = nullptr, *out_ = nullptr;
  cudaStream_t stream_ = nullptr;
  cudaGraphExec_t ready_ = nullptr;
  std::vector<dd::graph_run<T, T>> run_;
};

template <class T>
void check(const subject& s, const family& f) {
  INFO(s.name() << ", " << f.name);
  const dd::compile_options own{.own_input = true};
  const dd::shared_plan p = s.on(f.uniform(6), told::v, own), other = s.on(f.uniform(5), told::v, own);
  CHECK(same(on_device<T>(p, {.seed = 1}), on_processor<T>(p, {.seed = 1})));
  replayed<T> graph(p);
  CHECK(same(graph.sample({.seed = 1}), on_processor<T>(p, {.seed = 1})));
  CHECK(same(graph.sample({.seed = 2}), on_processor<T>(p, {.seed = 2})));
  if (graph.run().try_change(other)) return;  // methods whose shorter runs have another shape say so
  CHECK(same(graph.sample({.seed = 3}), on_processor<T>(other, {.seed = 3})));
}

}  // namespace

TEMPLATE_TEST_CASE("every method gives the same bits on a device, step by step and as one graph for all steps", "", float, dd::bfloat16) {
  if (!has_device()) return;
  const auto all = families();
  std::size_t n = 0;
  for (const subject& s : all_subjects()) check<TestType>(s, all[n++ % 3]);
}

TEST_CASE("a run on a device that is not there is refused by what CUDA says") {
  int devices = 0;
  if (cudaGetDeviceCount(&devices) == cudaSuccess && devices > 0) return;
  std::vector<float> x(size);
  const float* const outputs[] = {x.data()};
  const dd::shared_plan p = all_subjects().front().on(families()[0].uniform(3), told::v, {.own_input = true});
  const auto made = dd::graph_run<float>::try_make(p, std::span(x), outputs);
  REQUIRE_FALSE(made);
  CHECK(made.reason()->code() == dd::errc::bad_device);
}
