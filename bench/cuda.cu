// SPDX-License-Identifier: MIT
//
// What the CUDA backend's combines take beside a copy from device to device of as many bytes, by size, and what a step takes
// that is replayed from a graph. Prints JSON. Run it by scripts/bench_cuda. Without a device it says so and ends.
#include "diffode/backend/cuda_graph.cuh"
#include "diffode/core/version.hpp"
#include "diffode/grid/uniform_lambda.hpp"
#include "diffode/method/dpmpp_2m.hpp"
#include "diffode/method/dpmpp_sde.hpp"
#include "diffode/method/unipc.hpp"
#include "diffode/model.hpp"
#include "diffode/schedule/vp_linear.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <span>
#include <utility>
#include <vector>

namespace dd = diffode;

namespace {

cudaStream_t stream = nullptr;

void must(cudaError_t code, const char* call) { dd::raise(dd::detail::cuda_fault(code, call)); }

/// Least seconds of one of `inner` pieces of work in a row, over `repeats`; a row is timed by events on the stream.
template <class Work>
double least_seconds(int repeats, int inner, const Work& work) {
  cudaEvent_t from, to;
  must(cudaEventCreate(&from), "cudaEventCreate"), must(cudaEventCreate(&to), "cudaEventCreate");
  work();
  double least = 1e9;
  for (int r = 0; r < repeats; ++r) {
    must(cudaEventRecord(from, stream), "cudaEventRecord");
    for (int k = 0; k < inner; ++k) work();
    must(cudaEventRecord(to, stream), "cudaEventRecord");
    must(cudaEventSynchronize(to), "cudaEventSynchronize");
    float milliseconds = 0;
    must(cudaEventElapsedTime(&milliseconds, from, to), "cudaEventElapsedTime");
    least = std::min(least, milliseconds / 1e3 / inner);
  }
  must(cudaEventDestroy(from), "cudaEventDestroy"), must(cudaEventDestroy(to), "cudaEventDestroy");
  return least;
}

/// Bytes that the combines of a plan move for one evaluation in the middle of a run.
template <class T>
double bytes_for_evaluation(const dd::plan& p, std::size_t size) {
  double arrays = 0;
  int calls = 0;
  const int middle = p.calls() / 2;
  for (const dd::instruction& i : p.instructions()) {
    calls += i.what == dd::operation::call;
    if (i.what != dd::operation::combine || calls != middle) continue;
    arrays += i.outs;
    for (const dd::operand& o : p.inputs(i)) arrays += o.what == dd::operand::kind::held || o.what == dd::operand::kind::output;
  }
  return arrays * static_cast<double>(size * sizeof(T));
}

template <class T>
double copy_rate(std::size_t bytes, int repeats) {
  const auto from = dd::detail::device_array::try_make(bytes, {}, stream).value(), to = dd::detail::device_array::try_make(bytes, {}, stream).value();
  return 2 * static_cast<double>(bytes) / least_seconds(repeats, 10, [&] { must(cudaMemcpyAsync(to.data(), from.data(), bytes, cudaMemcpyDeviceToDevice, stream), "cudaMemcpyAsync"); });
}

bool is_first = true;

/// A whole run's combines replayed as one graph, the model left out.
template <class T>
void replay(const char* method, const char* type, const dd::shared_plan& p, std::size_t size, int repeats) {
  const auto memory = dd::detail::device_array::try_make(2 * size * sizeof(T), {}, stream).value();
  must(cudaMemsetAsync(memory.data(), 0, memory.bytes(), stream), "cudaMemsetAsync");
  const std::span<T> state(memory.as<T>(), size);
  const T* const outputs[] = {memory.as<T>() + size};
  dd::graph_run<T, T> run(p, state, outputs, 1, {.stream = stream});
  cudaGraph_t graph;
  cudaGraphExec_t ready;
  must(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal), "cudaStreamBeginCapture");
  run.enqueue();
  must(cudaStreamEndCapture(stream, &graph), "cudaStreamEndCapture");
  std::size_t launches = 0;
  must(cudaGraphGetNodes(graph, nullptr, &launches), "cudaGraphGetNodes");
  must(cudaGraphInstantiate(&ready, graph, 0), "cudaGraphInstantiate");
  const std::size_t calls = run.calls();
  const double all = least_seconds(repeats, 1, [&] {
    run.begin();
    for (std::size_t k = 0; k < calls; ++k) must(cudaGraphLaunch(ready, stream), "cudaGraphLaunch");
  });
  const double step = all / static_cast<double>(calls + 1), bytes = bytes_for_evaluation<T>(*p, size), copy = copy_rate<T>(size * sizeof(T), repeats);
  std::printf("%s\n    {\"method\": \"%s\", \"type\": \"%s\", \"elements\": %zu, \"launches_per_evaluation\": %zu, \"seconds_per_evaluation\": %.4g, \"bytes\": %.0f, "
              "\"bytes_per_second\": %.4g, \"copy_bytes_per_second\": %.4g, \"of_copy\": %.3f}",
              is_first ? "" : ",", method, type, size, launches, step, bytes, bytes / step, copy, bytes / step / copy);
  is_first = false;
  must(cudaGraphExecDestroy(ready), "cudaGraphExecDestroy"), must(cudaGraphDestroy(graph), "cudaGraphDestroy");
}

template <class T>
void all_of(const char* type, std::size_t size, int repeats) {
  const dd::grid levels = dd::uniform_lambda(dd::vp_linear{}, {.from = 1.0, .to = 1e-3, .count = 50});
  const dd::compile_options own = dd::graph_run<T, T>::planned();
  replay<T>("dpmpp_2m", type, dd::compile(dd::dpmpp_2m{}, levels, dd::eps_model{}, own), size, repeats);
  replay<T>("unipc", type, dd::compile(dd::unipc{}, levels, dd::eps_model{}, own), size, repeats);
  replay<T>("dpmpp_sde", type, dd::compile(dd::dpmpp_sde{}, levels, dd::eps_model{}, own), size, repeats);
}

}  // namespace

int main(int count, char** arguments) {
  int devices = 0;
  if (const cudaError_t code = cudaGetDeviceCount(&devices); code != cudaSuccess || devices == 0) {
    std::printf("skipped: no CUDA device (%s)\n", cudaGetErrorString(code));
    return 0;
  }
  const bool quick = count > 1 && std::strcmp(arguments[1], "--quick") == 0;
  cudaDeviceProp device{};
  int driver = 0, runtime = 0;
  must(cudaGetDeviceProperties(&device, 0), "cudaGetDeviceProperties");
  must(cudaDriverGetVersion(&driver), "cudaDriverGetVersion"), must(cudaRuntimeGetVersion(&runtime), "cudaRuntimeGetVersion");
  must(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), "cudaStreamCreateWithFlags");
  std::printf("{\n  \"card\": \"%s\", \"driver\": %d, \"runtime\": %d, \"library\": \"diffode %d.%d.%d\",\n  \"runs\": [", device.name, driver, runtime, DIFFODE_VERSION_MAJOR,
              DIFFODE_VERSION_MINOR, DIFFODE_VERSION_PATCH);
  std::vector<std::size_t> sizes{16384, 1048576, 16777216, 67108864};
  if (quick) sizes = {1048576};
  for (const std::size_t size : sizes) {
    all_of<float>("float32", size, quick ? 3 : 20);
    all_of<dd::bfloat16>("bfloat16", size, quick ? 3 : 20);
  }
  std::printf("\n  ]\n}\n");
  must(cudaStreamDestroy(stream), "cudaStreamDestroy");
}
