// SPDX-License-Identifier: MIT
#pragma once

#include "backend/kernels.cuh"
#include "diffode/backend/cuda.cuh"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <span>
#include <vector>

namespace diffode_test {

/// Whether tests can run on a device. If not, says so, once for each test that asks.
inline bool has_device() {
  int devices = 0;
  const cudaError_t code = cudaGetDeviceCount(&devices);
  if (code == cudaSuccess && devices > 0) return true;
  WARN("skipped: no CUDA device (" << cudaGetErrorString(code) << ")");
  return false;
}

/// Arrays on the device in the place of arrays on the host, as far from the start of a cache line as those.
class mirror {
 public:
  void* of(const void* host, std::size_t bytes) {
    const auto found = there_.find(host);
    if (found != there_.end()) return found->second.at;
    const std::size_t off = reinterpret_cast<std::uintptr_t>(host) % 64;
    copy c{diffode::detail::device_array::try_make(bytes + off, {}, nullptr).value(), nullptr, bytes};
    c.at = c.memory.as<std::byte>() + off;
    REQUIRE(cudaMemcpy(c.at, host, bytes, cudaMemcpyHostToDevice) == cudaSuccess);
    return there_.emplace(host, std::move(c)).first->second.at;
  }
  void back(void* host) const {
    const copy& c = there_.at(host);
    REQUIRE(cudaMemcpy(host, c.at, c.bytes, cudaMemcpyDeviceToHost) == cudaSuccess);
  }

 private:
  struct copy {
    diffode::detail::device_array memory;
    void* at;
    std::size_t bytes;
  };
  std::map<const void*, copy> there_;
};

/// The CUDA backend for arrays on the host: what tests of the processor backend hand over.
struct mirrored {
  diffode::cuda* device;

  template <class T, class Noise>
  void combine(const diffode::combination<T>& c, const Noise& noise) const {
    mirror there;
    std::vector<diffode::source> in(c.in.begin(), c.in.end());
    std::vector<diffode::sink> out(c.out.begin(), c.out.end());
    for (diffode::source& s : in)
      if (s.data) s.data = there.of(s.data, c.size * diffode::bytes_of(s.type));
    for (diffode::sink& s : out) s.data = there.of(s.data, c.size * diffode::bytes_of(s.type));
    device->combine<T>(diffode::combination<T>{out, in, c.coefficients, c.lanes, c.size, c.sample_size}, noise);
    device->wait();
    for (const diffode::sink& s : c.out) there.back(s.data);
  }
  template <class T>
  double measure(diffode::error_measure<T> m) const {
    mirror there;
    for (const T** x : {&m.a, &m.b, &m.scale}) *x = static_cast<const T*>(there.of(*x, m.size * sizeof(T)));
    return device->measure(m);
  }
  template <class T>
  void measure(diffode::moment_measure<T> m, std::span<diffode::lane_moments> out) const {
    mirror there;
    m.x = static_cast<const T*>(there.of(m.x, m.size * sizeof(T)));
    device->measure(m, out);
  }
  template <class A, class B>
  void measure(diffode::dot_measure<A, B> m, std::span<double> out) const {
    mirror there;
    m.a = static_cast<const A*>(there.of(m.a, m.size * sizeof(A)));
    m.b = static_cast<const B*>(there.of(m.b, m.size * sizeof(B)));
    device->measure(m, out);
  }
};

}  // namespace diffode_test
