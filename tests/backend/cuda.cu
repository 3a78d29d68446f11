// SPDX-License-Identifier: MIT
//
// The CUDA backend against that of the processor, bit by bit. Without a device this compiles all kernels for one, and looks
// at how a missing device is reported.
#include "catch.hpp"

#include "backend/measured.hpp"
#include "backend/mirrored.cuh"
#include "backend/same_bits.hpp"
#include "diffode/backend/cuda_elements.cuh"
#include "diffode/backend/cuda_filter.cuh"

#include <cstddef>
#include <cstring>
#include <string_view>
#include <vector>

namespace dd = diffode;
using dd::element;
using namespace diffode_test;

namespace {

template <class T>
void check_combines(dd::cuda& device, const std::vector<element>& types) {
  std::vector<combine_case> cases;
  for (std::size_t size = 1; size <= 67; size += 3)
    for (const std::size_t shift : {0u, 1u, 3u}) cases.push_back({.rows = 2, .terms = 3, .size = size, .types = types, .shift = shift, .in_place = size % 2 == 0});
  for (const std::size_t rows : {1u, 2u, 4u, 5u, 16u})
    for (const std::size_t terms : {1u, 9u, 64u}) cases.push_back({.rows = rows, .terms = terms, .size = 70001, .types = types, .in_place = rows <= terms});
  for (const dd::lane_map lanes : {dd::lane_map{}, {1, 66}, {3, 2}, {33, 2}})
    for (const std::size_t made : {0u, 1u, 3u}) cases.push_back({.rows = 2, .terms = 5, .size = 66, .samples = 3, .types = types, .lanes = lanes, .made = made, .shift = 1});
  for (const combine_case& c : cases) {
    INFO(c.rows << " rows, " << c.terms << " terms, " << c.size << " elements off by " << c.shift << ", lanes " << c.lanes.stride << " x " << c.lanes.count << ", " << c.made << " made");
    CHECK((c.on<T>(mirrored{&device}) == c.on<T>(dd::cpu{})));
  }
}

template <class T>
void check_measures(dd::cuda& device) {
  for (const std::size_t size : {2u, 66u, 5000u, 600000u}) {
    measured_arrays<T> arrays(size, 1, 2);
    CHECK((arrays.on(mirrored{&device}, 2) == arrays.on(dd::cpu{}, 2)));
  }
}

template <class T, class On, class Off>
void check_filter(On on, Off off) {
  constexpr std::size_t size = 4001, samples = 3;
  std::vector<double> z(size * samples);
  dd::philox{.seed = 2}.fill(0, 0, 0, std::span(z));
  std::vector<T> x, expected(z.size()), got(z.size());
  for (const double v : z) x.push_back(T(v));
  const dd::filter_call where{{}, size};
  off(std::span<const T>(x), std::span<T>(expected), where);
  mirror there;
  T* const at = static_cast<T*>(there.of(x.data(), x.size() * sizeof(T)));
  on(std::span<const T>(at, x.size()), std::span<T>(at, x.size()), where);
  there.back(x.data());
  CHECK(std::memcmp(x.data(), expected.data(), x.size() * sizeof(T)) == 0);
}

template <class T>
void check_filters() {
  check_filter<T>(dd::cuda_clip{}, dd::clip{});
  check_filter<T>(dd::cuda_dynamic_threshold(dd::dynamic_threshold{.ratio = 0.9}), dd::dynamic_threshold{.ratio = 0.9});
}

static_assert(dd::element_type<__half> == element::f16 && dd::element_type<__nv_bfloat16> == element::bf16);

}  // namespace

TEST_CASE("combines on a device are those of the processor, bit by bit") {
  if (!has_device()) return;
  dd::cuda device;
  check_combines<float>(device, {element::f32});
  check_combines<double>(device, {element::f64});
  check_combines<dd::float16>(device, {element::f16});
  check_combines<dd::bfloat16>(device, {element::bf16});
  check_combines<dd::mixed<float>>(device, {element::f32, element::bf16, element::f16});
  check_combines<dd::mixed<double>>(device, {element::f64, element::f16, element::f32, element::bf16});
}

TEST_CASE("measures on a device are those of the processor, bit by bit") {
  if (!has_device()) return;
  dd::cuda device;
  check_measures<float>(device);
  check_measures<double>(device);
  check_measures<dd::bfloat16>(device);
}

TEST_CASE("filters on a device are those of the processor, bit by bit") {
  if (!has_device()) return;
  check_filters<float>();
  check_filters<double>();
  check_filters<dd::bfloat16>();
}

TEST_CASE("what CUDA says becomes an error that names the call") {
  const dd::fault f = dd::detail::cuda_fault(cudaErrorInvalidValue, "cudaMemcpyAsync");
  REQUIRE(f);
  CHECK(f->code() == dd::errc::bad_device);
  CHECK(std::string_view(f->what()) == "cudaMemcpyAsync: invalid argument (cudaErrorInvalidValue)");
  CHECK_FALSE(dd::detail::cuda_fault(cudaSuccess, "cudaMalloc"));
  int devices = 0;
  if (cudaGetDeviceCount(&devices) == cudaSuccess && devices > 0) return;
  const auto made = dd::cuda::try_make();
  REQUIRE_FALSE(made);
  CHECK(std::string_view(made.reason()->what()).starts_with("cudaGetDevice"));
}

__global__ void nothing_kernel() {}

TEST_CASE("a launch is checked by what it says itself, and named") {
  int devices = 0;
  if (cudaGetDeviceCount(&devices) == cudaSuccess && devices > 0) {
    REQUIRE(cudaFree(&devices) != cudaSuccess);  // an error from before, that nobody looked at
    CHECK_FALSE(dd::detail::launch("nothing_kernel", &nothing_kernel, 1, nullptr));
    REQUIRE(cudaGetLastError() != cudaSuccess);
    REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
    return;
  }
  const dd::fault f = dd::detail::launch("nothing_kernel", &nothing_kernel, 1, nullptr);
  REQUIRE(f);
  CHECK(f->code() == dd::errc::bad_device);
  CHECK(std::string_view(f->what()).starts_with("cudaLaunchKernel of nothing_kernel: "));
}

TEST_CASE("memory of the caller's own pool is taken, kept and given back, and a refusal is passed on") {
  struct pool {
    std::vector<std::byte> bytes = std::vector<std::byte>(4096);
    int taken = 0, given = 0;
  } own;
  const dd::device_memory from{&own,
                               [](void* p, void** where, std::size_t bytes, cudaStream_t) {
                                 pool& it = *static_cast<pool*>(p);
                                 if (bytes > it.bytes.size()) return cudaErrorMemoryAllocation;
                                 ++it.taken;
                                 *where = it.bytes.data();
                                 return cudaSuccess;
                               },
                               [](void* p, void*, cudaStream_t) {
                                 ++static_cast<pool*>(p)->given;
                                 return cudaSuccess;
                               }};
  {
    dd::detail::device_array a;
    REQUIRE_FALSE(dd::detail::grow(a, 100, from, nullptr));
    CHECK(a.data() == own.bytes.data());
    REQUIRE_FALSE(dd::detail::grow(a, 50, from, nullptr));
    CHECK(own.taken == 1);
    const dd::detail::device_array moved = std::move(a);
    CHECK(moved.bytes() == 100);
    CHECK(own.given == 0);
    const dd::fault f = dd::detail::grow(a, 5000, from, nullptr);
    REQUIRE(f);
    CHECK(std::string_view(f->what()) == "device_memory::take: out of memory (cudaErrorMemoryAllocation)");
  }
  CHECK(own.given == 1);
}
