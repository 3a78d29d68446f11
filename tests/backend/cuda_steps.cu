// SPDX-License-Identifier: MIT
//
// Samplers that plan step by step, with arrays and model on a device, against the processor. Skipped without a device, but
// compiled and linked.
#include "catch.hpp"

#include "backend/mirrored.cuh"
#include "diffode/backend/cuda_graph.cuh"
#include "diffode/backend/cuda_time_shift.cuh"
#include "diffode/control/adaptive.hpp"
#include "diffode/control/time_shift.hpp"
#include "diffode/grid/uniform_time.hpp"
#include "diffode/method/dpmpp_2m.hpp"
#include "diffode/method/heun.hpp"
#include "diffode/model.hpp"
#include "diffode/run/adaptive_sampler.hpp"
#include "diffode/run/time_shift_sampler.hpp"
#include "diffode/schedule/discrete.hpp"
#include "diffode/schedule/vp_linear.hpp"

#include <cstddef>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace dd = diffode;
using namespace diffode_test;

namespace {

constexpr std::size_t size = 768, batch = 3;
using form = decltype(dd::as_form(dd::eps_model{}));
template <class Backend>
using adaptive_on = dd::adaptive_sampler<float, dd::heun, form, Backend>;
template <class Backend>
using shifted_on = dd::time_shift_sampler<float, dd::dpmpp_2m, form, dd::philox, Backend>;
static_assert(std::is_nothrow_move_constructible_v<adaptive_on<dd::cuda>> && std::is_nothrow_move_constructible_v<shifted_on<dd::cuda>>);

/// A model of any kind: it is one product, so that no compiler has anything to fuse.
DIFFODE_HD float answer(float x) { return 0.25F * x; }
__global__ void model_kernel(const float* x, float* out) {
  const std::size_t i = std::size_t{blockIdx.x} * blockDim.x + threadIdx.x;
  if (i < size) out[i] = answer(x[i]);
}

std::vector<float> start() {
  std::vector<float> x(size);
  dd::philox{.seed = 4}.fill(0, 0, 0, std::span(x));
  return x;
}

template <class Make>
std::vector<float> on_processor(const Make& make) {
  std::vector<float> x = start(), out(size);
  auto run = make(std::span(x), dd::cpu{});
  while (const auto call = run.next()) {
    for (std::size_t i = 0; i < size; ++i) out[i] = answer(call->x[i]);
    run.feed(std::span<const float>(out));
  }
  return x;
}
template <class Make>
std::vector<float> on_device(const Make& make) {
  std::vector<float> x = start(), nothing(size);
  mirror there;
  float* const state = static_cast<float*>(there.of(x.data(), size * sizeof(float)));
  float* const out = static_cast<float*>(there.of(nothing.data(), size * sizeof(float)));
  auto run = make(std::span(state, size), dd::cuda());
  while (const auto call = run.next()) {
    model_kernel<<<(size + 255) / 256, 256>>>(call->x.data(), out);
    run.feed(std::span<const float>(out, size));
  }
  REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
  there.back(x.data());
  return x;
}

}  // namespace

TEST_CASE("adaptive control gives the same bits on a device") {
  if (!has_device()) return;
  const dd::adaptive where(dd::vp_linear{}, {.from = 1.0, .to = 1e-3, .rtol = 1e-2});
  const auto make = [&]<class Backend>(std::span<float> x, Backend on) { return adaptive_on<Backend>(dd::heun{}, where, dd::eps_model{}, x, {.batch = batch}, std::move(on)); };
  CHECK(on_device(make) == on_processor(make));
}

TEST_CASE("time shift gives the same bits on a device") {
  if (!has_device()) return;
  const dd::time_shift where(dd::uniform_time(dd::discrete_from({}), {.from = 999, .to = 0, .count = 10}), {.window = 40, .cutoff = 100});
  const auto make = [&]<class Backend>(std::span<float> x, Backend on) {
    return shifted_on<Backend>(dd::dpmpp_2m{}, where, dd::eps_model{}, x, {.batch = batch}, dd::philox{}, std::move(on));
  };
  CHECK(on_device(make) == on_processor(make));
}

/// One graph of what an evaluation takes: the model, where the sample goes from here, and the combine.
std::vector<float> decided_on_device(const dd::time_shift& where) {
  std::vector<float> x = start(), nothing(size);
  mirror there;
  const std::span<float> state(static_cast<float*>(there.of(x.data(), size * sizeof(float))), size);
  float* const out = static_cast<float*>(there.of(nothing.data(), size * sizeof(float)));
  const float* const outputs[] = {out};
  cudaStream_t stream = nullptr;
  REQUIRE(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking) == cudaSuccess);
  {
    const dd::lane_map samples{size / batch, batch};
    const auto table = dd::shift_table<float>::try_make(dd::dpmpp_2m{}, where, dd::eps_model{}, samples, dd::graph_run<float>::planned()).value();
    const dd::cuda_time_shift<float> shifts(table, {.stream = stream});
    dd::graph_run<float> run(table.plan(), state, outputs, batch, {.stream = stream});
    const dd::moment_measure<float> variance{state.data(), size, samples};
    run.decide(variance, shifts.formula());  // takes memory; there is no run yet
    cudaGraph_t graph = nullptr;
    cudaGraphExec_t ready = nullptr;
    REQUIRE(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal) == cudaSuccess);
    model_kernel<<<(size + 255) / 256, 256, 0, stream>>>(run.input().data(), out);
    run.decide(variance, shifts.formula());
    run.enqueue();
    REQUIRE(cudaStreamEndCapture(stream, &graph) == cudaSuccess);
    REQUIRE(cudaGraphInstantiate(&ready, graph, 0) == cudaSuccess);
    run.begin(dd::philox{});
    for (std::size_t k = 0; k < run.calls(); ++k) REQUIRE(cudaGraphLaunch(ready, stream) == cudaSuccess);
    run.wait();
    REQUIRE(cudaGraphExecDestroy(ready) == cudaSuccess);
    REQUIRE(cudaGraphDestroy(graph) == cudaSuccess);
  }
  REQUIRE(cudaStreamDestroy(stream) == cudaSuccess);
  there.back(x.data());
  return x;
}

TEST_CASE("time shift that the device decides gives the same bits as one graph") {
  if (!has_device()) return;
  const dd::time_shift where(dd::uniform_time(dd::discrete_from({}), {.from = 999, .to = 0, .count = 10}), {.window = 40, .cutoff = 100, .end = dd::shifted_end::target_time});
  const auto make = [&]<class Backend>(std::span<float> x, Backend on) {
    return shifted_on<Backend>(dd::dpmpp_2m{}, where, dd::eps_model{}, x, {.batch = batch}, dd::philox{}, std::move(on));
  };
  CHECK(decided_on_device(where) == on_processor(make));
}
