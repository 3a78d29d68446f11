// SPDX-License-Identifier: MIT
#pragma once

#include "catch.hpp"
#include "diffode/backend/cpu.hpp"

#include <cstddef>
#include <cstring>
#include <functional>
#include <span>

#include <sys/mman.h>

namespace diffode_test {

/// Memory that nobody can read or write but who opens it first, as that of a device: touching it ends the program.
class far_memory {
 public:
  static constexpr std::size_t page = 4096;

  explicit far_memory(std::size_t bytes) : bytes_(bytes), at_(mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)) { REQUIRE(at_ != MAP_FAILED); }
  far_memory(const far_memory&) = delete;
  far_memory& operator=(const far_memory&) = delete;
  ~far_memory() { munmap(at_, bytes_); }
  void* at() const { return at_; }
  bool holds(const void* first, std::size_t bytes) const {
    const std::byte* const begin = static_cast<const std::byte*>(at_);
    const std::byte* const data = static_cast<const std::byte*>(first);
    return std::less_equal<>()(begin, data) && std::less_equal<>()(data + bytes, begin + bytes_);
  }

  template <class Work>
  auto opened(const Work& work) const {
    mprotect(at_, bytes_, PROT_READ | PROT_WRITE);
    struct closing {
      const far_memory& memory;
      ~closing() { mprotect(memory.at_, memory.bytes_, PROT_NONE); }
    } close{*this};
    return work();
  }

 private:
  std::size_t bytes_;
  void* at_;
};

/// The processor backend on such memory: its first page is the state's, the second the model's answers, the rest is for runs.
/// Whatever it is handed has to lie there.
struct far {
  const far_memory* memory;
  int* prepared;

  template <class T, class Noise>
  void combine(const diffode::combination<T>& c, const Noise& noise) const {
    for (const diffode::source& s : c.in)
      if (s.data) REQUIRE(memory->holds(s.data, c.size * diffode::bytes_of(s.type)));
    for (const diffode::sink& s : c.out) REQUIRE(memory->holds(s.data, c.size * diffode::bytes_of(s.type)));
    memory->opened([&] { diffode::cpu{}.combine<T>(c, noise); });
  }
  template <class T>
  double measure(const diffode::error_measure<T>& m) const {
    for (const T* const x : {m.a, m.b, m.scale}) REQUIRE(memory->holds(x, m.size * sizeof(T)));
    return memory->opened([&] { return diffode::cpu{}.measure(m); });
  }
  template <class T>
  void measure(const diffode::moment_measure<T>& m, std::span<diffode::lane_moments> out) const {
    REQUIRE(memory->holds(m.x, m.size * sizeof(T)));
    memory->opened([&] { diffode::cpu{}.measure(m, out); });
  }
  diffode::result<std::span<std::byte>> try_reserve(std::size_t bytes) {
    if (bytes > 6 * far_memory::page) return diffode::error(diffode::errc::bad_shape, "far: not so much");
    return std::span<std::byte>(static_cast<std::byte*>(memory->at()) + 2 * far_memory::page, bytes);
  }
  template <class T>
  diffode::fault prepare(const diffode::plan&) {
    ++*prepared;
    return {};
  }
  void copy(void* to, const void* from, std::size_t bytes) const {
    memory->opened([&] { std::memcpy(to, from, bytes); });
  }
};

}  // namespace diffode_test
