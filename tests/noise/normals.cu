// SPDX-License-Identifier: MIT
//
// The normals of a device are those of the processor. Without a device this compiles the code for one, and runs what nvcc
// makes of it for the processor.
#include "diffode/noise/normal_scalar.hpp"
#include "diffode/noise/philox.hpp"

#include "catch.hpp"

#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

using namespace diffode;

namespace {

constexpr std::uint32_t seed = 42, sample = 3, stream = 7, blocks = 4096;

template <class T>
DIFFODE_HD void make(std::uint32_t block, T* to) {
  const auto four = detail::scalar::normals_of<T>({{block, 0, sample, stream}}, seed, 0);
  for (int k = 0; k < 4; ++k) to[4 * block + k] = four.z[k];
}

template <class T>
__global__ void make_all(T* to) {
  make(blockIdx.x * blockDim.x + threadIdx.x, to);
}

/// Empty where there is no device.
template <class T>
std::vector<T> made_on_device() {
  std::vector<T> z;
  int devices = 0;
  if (cudaGetDeviceCount(&devices) != cudaSuccess || devices == 0) return z;
  T* there = nullptr;
  REQUIRE(cudaMalloc(&there, 4 * blocks * sizeof(T)) == cudaSuccess);
  make_all<<<blocks / 128, 128>>>(there);
  z.resize(4 * blocks);
  const cudaError_t copied = cudaMemcpy(z.data(), there, z.size() * sizeof(T), cudaMemcpyDeviceToHost);
  cudaFree(there);
  REQUIRE(copied == cudaSuccess);
  return z;
}

template <class T>
void check() {
  std::vector<T> expected(4 * blocks), got(4 * blocks);
  philox{.seed = seed}.fill<T>(sample, stream, 0, std::span(expected));
  for (std::uint32_t b = 0; b < blocks; ++b) make(b, got.data());
  CHECK(std::memcmp(got.data(), expected.data(), expected.size() * sizeof(T)) == 0);
  const std::vector<T> there = made_on_device<T>();
  if (there.empty()) WARN("left out: the same on a device, for there is none");
  else CHECK(std::memcmp(there.data(), expected.data(), expected.size() * sizeof(T)) == 0);
}

}  // namespace

TEST_CASE("float normals made by CUDA code have the bits of the processor's") { check<float>(); }
TEST_CASE("double normals made by CUDA code have the bits of the processor's") { check<double>(); }
