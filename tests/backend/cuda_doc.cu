// SPDX-License-Identifier: MIT
//
// The snippets of docs/cuda.md, run where there is a device.
#include "catch.hpp"

#include "backend/mirrored.cuh"
#include "diffode/backend/cuda_filter.cuh"
#include "diffode/backend/cuda_graph.cuh"
#include "diffode/backend/cuda_time_shift.cuh"
#include "diffode/method/ddim.hpp"
#include "diffode/method/dpmpp_2m.hpp"
#include "diffode/method/unipc.hpp"
#include "diffode/model.hpp"
#include "diffode/grid/uniform_lambda.hpp"
#include "diffode/grid/uniform_time.hpp"
#include "diffode/run/sampler.hpp"
#include "diffode/schedule/discrete.hpp"
#include "diffode/schedule/vp_linear.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace dd = diffode;

namespace {

constexpr std::size_t size = 4 * 64 * 64;

/// Stands for a network.
__global__ void network(const float* x, const float* label, float* out) {
  const std::size_t i = std::size_t{blockIdx.x} * blockDim.x + threadIdx.x;
  if (i < size) out[i] = 0.5F * x[i] + *label;
}
void forward(const float* x, const float* label, float* out, cudaStream_t stream) { network<<<size / 256, 256, 0, stream>>>(x, label, out); }

void step_by_step(std::span<float> x, std::span<float> out, float* label, cudaStream_t stream) {
  const dd::shared_plan plan = dd::compile(dd::dpmpp_2m{}, dd::uniform_lambda(dd::vp_linear{}, {.from = 1.0, .to = 1e-3, .count = 20}), dd::eps_model{});
  // x, out and label are on the device.
  auto run = dd::sampler(plan, x, {.batch = 1}, dd::philox{.seed = 7}, dd::no_filter{}, dd::cuda({.stream = stream}));
  while (const auto call = run.next()) {
    const float told = static_cast<float>(call->label);
    dd::raise(dd::detail::cuda_fault(cudaMemcpyAsync(label, &told, sizeof told, cudaMemcpyHostToDevice, stream), "cudaMemcpyAsync"));
    forward(call->x.data(), label, out.data(), stream);
    run.feed(out);
  }
}

void one_graph(std::span<float> x, std::span<float> out, std::span<const float> noise, cudaStream_t stream) {
  using run_type = dd::graph_run<float>;
  const auto levels = [](int count) { return dd::uniform_lambda(dd::vp_linear{}, {.from = 1.0, .to = 1e-3, .count = count}); };
  const dd::shared_plan plan = dd::compile(dd::unipc{}, levels(20), dd::eps_model{}, run_type::planned());
  const float* const outputs[] = {out.data()};
  run_type run(plan, x, outputs, 1, {.stream = stream});

  // Once: what an evaluation takes.
  cudaGraph_t graph;
  cudaGraphExec_t ready;
  cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal);
  forward(run.input().data(), run.label(), out.data(), stream);
  run.enqueue();
  cudaStreamEndCapture(stream, &graph);
  cudaGraphInstantiate(&ready, graph, 0);

  // For each sample: x holds noise.
  run.begin(dd::philox{.seed = 7});
  for (std::size_t k = 0; k < run.calls(); ++k) cudaGraphLaunch(ready, stream);

  // The same graph on another schedule, with no more steps.
  run.change(dd::compile(dd::unipc{}, levels(12), dd::eps_model{}, run_type::planned()));
  cudaMemcpyAsync(x.data(), noise.data(), noise.size_bytes(), cudaMemcpyDeviceToDevice, stream);
  run.begin(dd::philox{.seed = 8});
  for (std::size_t k = 0; k < run.calls(); ++k) cudaGraphLaunch(ready, stream);
  run.wait();
  cudaGraphExecDestroy(ready);
  cudaGraphDestroy(graph);
}

/// Coefficients from what was measured: the state of each lane is scaled to unit variance, if the next combine has one input.
struct to_unit_variance {
  __device__ void operator()(unsigned, const dd::lane_moments& m, dd::lane_coefficients<float> c) const {
    if (c.outs == 1 && c.ins == 1) c(0, 0) = static_cast<float>(rsqrt(m.variance()));
  }
};

void decided_on_the_device(dd::graph_run<float>& run) {
  run.decide(dd::moment_measure<float>{run.input().data(), run.input().size(), {}}, to_unit_variance{});
}

void shifted_on_the_device(std::span<float> x, std::span<float> out, std::size_t samples, cudaStream_t stream) {
  using run_type = dd::graph_run<float>;
  const float* const outputs[] = {out.data()};
  const dd::time_shift where(dd::uniform_time(dd::discrete_from({}), {.from = 999, .to = 0, .count = 10}),
                             {.window = 40, .cutoff = 300, .end = dd::shifted_end::target_time});
  const dd::lane_map lanes{x.size() / samples, samples};
  const dd::shift_table<float> table = dd::shift_table<float>::try_make(dd::ddim{}, where, dd::eps_model{}, lanes, run_type::planned()).value();
  const dd::cuda_time_shift<float> shifts(table, {.stream = stream});
  run_type run(table.plan(), x, outputs, samples, {.stream = stream});
  run.begin();
  for (std::size_t k = 0; k < run.calls(); ++k) {  // or a graph of these three, once decide was called
    forward(run.input().data(), run.label(), out.data(), stream);
    run.decide(dd::moment_measure<float>{x.data(), x.size(), lanes}, shifts.formula());
    run.enqueue();
  }
  run.wait();
}

}  // namespace

TEST_CASE("the snippets of docs/cuda.md run to their end") {
  if (!diffode_test::has_device()) return;
  std::vector<float> host(size, 0.5F);
  diffode_test::mirror there;
  float label = 0;
  const std::vector<float> answer(size), noise(size, 0.25F);
  const std::span<float> x(static_cast<float*>(there.of(host.data(), size * sizeof(float))), size), out(static_cast<float*>(there.of(answer.data(), size * sizeof(float))), size);
  const std::span<const float> fresh(static_cast<const float*>(there.of(noise.data(), size * sizeof(float))), size);
  cudaStream_t stream = nullptr;
  REQUIRE(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking) == cudaSuccess);
  step_by_step(x, out, static_cast<float*>(there.of(&label, sizeof label)), stream);
  one_graph(x, out, fresh, stream);
  const float* const outputs[] = {out.data()};
  dd::graph_run<float> run(dd::compile(dd::dpmpp_2m{}, dd::uniform_lambda(dd::vp_linear{}, {.from = 1.0, .to = 1e-3, .count = 4}), dd::eps_model{}, dd::graph_run<float>::planned()), x,
                           outputs, 1, {.stream = stream});
  run.begin();
  decided_on_the_device(run);
  run.wait();
  shifted_on_the_device(x, out, 4, stream);
  REQUIRE(cudaStreamDestroy(stream) == cudaSuccess);
}
